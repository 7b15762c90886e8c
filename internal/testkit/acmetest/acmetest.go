// Package acmetest runs a private certificate authority for tests: pebble, the test server of Let's Encrypt, built from the
// module in tools/pebble. It checks challenges for real, on the ports of this machine that the test names, and takes every
// name for a name of this machine, except those below nowhere.test, which it does not find.
package acmetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options say how the authority is to be.
type Options struct {
	HTTPPort, TLSPort int           // where it looks for answers to http-01 and tls-alpn-01
	Validity          time.Duration // of its certificates; 90 days when zero
	Blocked           []string      // names it refuses
	Address           string        // host:port of its directory, from FreeAddress; any when empty
}

// Authority is a running one.
type Authority struct {
	Directory string // address of its directory
	Roots     string // PEM file of the root that its own HTTPS is checked against

	folder, management string
	stdin              io.Closer // it lives as long as this is open
	process            *exec.Cmd
}

// program builds pebble, or finds it in the build cache.
var program = sync.OnceValues(func() (string, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "adili").Output()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "go", "tool", "-n", "pebble")
	command.Dir = filepath.Join(strings.TrimSpace(string(root)), "tools", "pebble")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	out, err := command.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return "", fmt.Errorf("%w: %.200s", err, strings.Join(strings.Fields(string(exit.Stderr)), " "))
	}
	return strings.TrimSpace(string(out)), err
})

// Need skips the test where pebble cannot be built, which takes the network the first time; it fails where CI is set.
func Need(t testing.TB) {
	t.Helper()
	if _, err := program(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("building the test authority: %v", err)
		}
		t.Skipf("the test authority cannot be built: %v", err)
	}
}

// FreeAddress gives an address of this machine that nobody listens on. Its port is below those that systems hand out by
// themselves (32768 and up on Linux, 49152 and up elsewhere, RFC 6335 section 6), because an outgoing connection of another
// test may take one of those before it is listened on.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		n, err := rand.Int(rand.Reader, big.NewInt(22000))
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10000+n.Int64()))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no free port between 10000 and 32000")
	return ""
}

// watch runs a program until standard input ends, which is when the test process closes it or is no more.
const watch = `"$@" </dev/null & pid=$!; cat >/dev/null; kill -KILL $pid; wait $pid`

// Start starts an authority, which ends with the test.
func Start(t testing.TB, o Options) *Authority {
	t.Helper()
	Need(t)
	if o.Address == "" {
		o.Address = FreeAddress(t)
	}
	a := &Authority{Directory: "https://" + o.Address + "/dir", folder: t.TempDir(), management: FreeAddress(t)}
	a.Roots = filepath.Join(a.folder, "root.pem")
	if err := a.configure(o); err != nil {
		t.Fatalf("preparing the test authority: %v", err)
	}
	if err := a.start(resolver(t)); err != nil {
		t.Fatalf("starting the test authority: %v", err)
	}
	t.Cleanup(a.Stop)
	return a
}

func (a *Authority) configure(o Options) error {
	if err := a.makeOwnCertificate(); err != nil {
		return err
	}
	if o.Validity == 0 {
		o.Validity = 90 * 24 * time.Hour
	}
	if o.Blocked == nil {
		o.Blocked = []string{}
	}
	text, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": o.Address, "managementListenAddress": a.management,
		"certificate": filepath.Join(a.folder, "cert.pem"), "privateKey": filepath.Join(a.folder, "key.pem"),
		"httpPort": o.HTTPPort, "tlsPort": o.TLSPort, "domainBlocklist": o.Blocked, "keyAlgorithm": "ecdsa",
		"retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles":   map[string]any{"default": map[string]any{"description": "for tests", "validityPeriod": int(o.Validity / time.Second)}},
	}})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.folder, "config.json"), text, 0o600)
}

// makeOwnCertificate signs the certificate for the authority's own HTTPS with itself.
func (a *Authority) makeOwnCertificate() error {
	cert, key, err := SelfSigned("127.0.0.1")
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"root.pem": cert, "cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(a.folder, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// SelfSigned makes a key and a certificate for names and addresses, signed by itself, as PEM. It ends in a year.
func SelfSigned(names ...string) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	number, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: names[0]}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, err
	}
	inner, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: inner}), nil
}

func (a *Authority) start(resolver string) error {
	path, err := program()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(a.logFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	a.process = exec.Command("/bin/sh", "-c", watch, "sh", path, "-config", filepath.Join(a.folder, "config.json"), "-dnsserver", resolver)
	a.process.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0")
	a.process.Stdout, a.process.Stderr = log, log
	if a.stdin, err = a.process.StdinPipe(); err != nil {
		return err
	}
	if err := a.process.Start(); err != nil {
		return err
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := a.get(a.Directory)
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w\n%s", err, a.Log())
		}
	}
}

// Stop ends the authority. A new one at the same address knows nothing of it.
func (a *Authority) Stop() {
	if a.process == nil {
		return
	}
	_ = a.stdin.Close()
	_ = a.process.Wait() // says that it was killed
	a.process = nil
}

func (a *Authority) logFile() string { return filepath.Join(a.folder, "log") }

// Log gives what the authority wrote.
func (a *Authority) Log() string {
	text, _ := os.ReadFile(a.logFile()) // none is an empty one
	return string(text)
}

// Orders counts the certificates that were asked for so far. A request it refuses for its nonce, which it does to one in
// twenty by chance, is not an order: the client sends it again.
func (a *Authority) Orders() int {
	return strings.Count(a.Log(), "Added order ")
}

// get reads a page of the authority, such as its management pages.
func (a *Authority) get(address string) ([]byte, error) {
	client := http.Client{
		Timeout:   5 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: a.ownRoot()}},
	}
	answer, err := client.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

func (a *Authority) ownRoot() *x509.CertPool {
	pool := x509.NewCertPool()
	text, _ := os.ReadFile(a.Roots) // without it nothing is trusted, and get fails
	pool.AppendCertsFromPEM(text)
	return pool
}

// Root gives the root that the authority's certificates lead to, as PEM.
func (a *Authority) Root(t testing.TB) []byte {
	t.Helper()
	text, err := a.get("https://" + a.management + "/roots/0")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Pool gives a pool of that root.
func (a *Authority) Pool(t testing.TB) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.Root(t))
	return pool
}
