//go:build long

package attack

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"adili/internal/kernel/cert"
	"adili/internal/kernel/web"
	"adili/internal/testkit/acmetest"
)

// testsslNoFault are findings that are none or cannot be otherwise here, with the reason. The guide lists them.
var testsslNoFault = map[string]string{
	"engine_problem":  "about the tool's own OpenSSL",
	"cert_revocation": "the test authority names neither a list of revoked certificates nor OCSP; Let's Encrypt names a list",
	"BREACH":          "pages are compressed; none holds a lasting secret beside what a stranger chose, and their sizes vary by a few bytes with the content",
}

// obtained is a pair of files with a certificate of the test authority for survey.test.
func obtained(t *testing.T) (certFile, keyFile, root string) {
	t.Helper()
	address := acmetest.FreeAddress(t)
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	ca := acmetest.Start(t, acmetest.Options{TLSPort: port, HTTPPort: 1})
	folder := t.TempDir()
	k, err := cert.New(cert.Config{Domains: []string{"survey.test"}, Directory: ca.Directory, Roots: ca.Roots, Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, k, address, http.NotFoundHandler())
	for deadline := time.Now().Add(time.Minute); len(k.Status().Missing) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no certificate: %+v", k.Status())
		}
	}
	found, err := filepath.Glob(filepath.Join(folder, "*", "survey.test.pem"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	root = filepath.Join(folder, "root.pem")
	write(t, root, ca.Root(t))
	return found[0], found[0], root
}

// serve serves HTTPS with the keeper's certificate as the program does, until the test ends.
func serve(t *testing.T, k *cert.Keeper, address string, handler http.Handler) (at string) {
	t.Helper()
	server := web.Quiet(address, handler)
	server.TLSConfig = k.TLSConfig()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.ServeTLS(l, "", "") }()
	ctx, cancel := context.WithCancel(t.Context())
	go k.Run(ctx)
	t.Cleanup(func() {
		cancel()
		server.Close()
	})
	return l.Addr().String()
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTestSSL(t *testing.T) {
	program := tool(t, "testssl")
	certFile, keyFile, root := obtained(t)
	k, err := cert.New(cert.Config{CertFile: certFile, KeyFile: keyFile})
	if err != nil {
		t.Fatal(err)
	}
	_, _, a, round := secured(t)
	address := serve(t, k, "127.0.0.1:0", a.Web.Handler())
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	folder, output := run(t, 15*time.Minute, program, "-p", "-s", "-f", "-P", "-S", "-h", "-U", "--quiet", "--color", "0", "--warnings", "batch", "--nodns", "none", "--ip", "127.0.0.1",
		"--add-ca", root, "--jsonfile", "report.json", "https://survey.test:"+port+"/en/s/"+round)
	text, err := os.ReadFile(filepath.Join(folder, "report.json"))
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	var findings []struct{ ID, Severity, Finding string }
	if err := json.Unmarshal(text, &findings); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	fine := make(map[string]bool)
	for _, f := range findings {
		if f.Severity == "OK" || f.Severity == "INFO" {
			fine[f.ID] = true
		} else if why := testsslNoFault[f.ID]; why != "" {
			t.Logf("testssl: %s: %s: %s: %s", f.ID, f.Severity, f.Finding, why)
		} else {
			t.Errorf("testssl: %s: %s: %s", f.ID, f.Severity, f.Finding)
		}
	}
	for _, id := range []string{"TLS1_2", "TLS1_3", "HSTS_time", "cert_chain_of_trust", "heartbleed", "secure_renego", "ROBOT", "PFS"} {
		if !fine[id] {
			t.Errorf("testssl says nothing good about %s:\n%s", id, output)
		}
	}
	t.Logf("%d findings", len(findings))
}
