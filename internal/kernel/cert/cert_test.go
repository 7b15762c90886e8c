package cert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/testkit/acmetest"
)

// book is a log that may be read while it is written.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (b *book) logger() *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

// site is a Keeper whose HTTPS and HTTP are served, as the program does.
type site struct {
	*Keeper
	log         *book
	serverLog   *book // what net/http would say
	https, http string
	stop        func() // ends Run
}

// open makes a Keeper of c and serves it on the two addresses; "" is any, and "no" for HTTP is none.
func open(t *testing.T, c Config, https, plainHTTP string) *site {
	t.Helper()
	s := &site{log: new(book), serverLog: new(book)}
	c.Log = s.log.logger()
	k, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Keeper = k
	said := log.New(s.serverLog, "", 0)
	main := &http.Server{TLSConfig: k.TLSConfig(), ErrorLog: said, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	})}
	s.https = serve(t, https, main, func(l net.Listener) error { return main.ServeTLS(l, "", "") })
	if plainHTTP != "no" {
		side := &http.Server{Handler: k.HTTPHandler(nil), ErrorLog: said}
		s.http = serve(t, plainHTTP, side, side.Serve)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); k.Run(ctx) }()
	s.stop = func() { cancel(); <-done }
	t.Cleanup(s.stop)
	return s
}

func serve(t *testing.T, address string, server *http.Server, run func(net.Listener) error) string {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = run(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

// visit makes a handshake and gives what the server showed.
func (s *site) visit(name string, roots *x509.CertPool) (tls.ConnectionState, error) {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	c, err := tls.DialWithDialer(&dialer, "tcp", s.https, &tls.Config{ServerName: name, RootCAs: roots, NextProtos: []string{"h2"}})
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer c.Close()
	return c.ConnectionState(), nil
}

// until waits for something that takes a moment.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not after 30 seconds", what)
		}
	}
}

// writePair puts a new self-signed pair for the names into files.
func writePair(t *testing.T, folder string, names ...string) (certFile, keyFile string) {
	t.Helper()
	cert, key, err := acmetest.SelfSigned(names...)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	write(t, certFile, cert)
	write(t, keyFile, key)
	return certFile, keyFile
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func pool(t *testing.T, file string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
		t.Fatalf("%s holds no certificate", file)
	}
	return p
}

func TestTLS(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "survey.test")
	s := open(t, Config{CertFile: certFile, KeyFile: keyFile}, "", "no")
	roots := pool(t, certFile)
	for _, test := range []struct {
		name   string
		config *tls.Config
		ok     bool
	}{
		{"TLS 1.3", &tls.Config{MinVersion: tls.VersionTLS13}, true},
		{"TLS 1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, true},
		{"TLS 1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		{"TLS 1.0", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, false},
		{"CBC", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA}}, false},
		{"no forward secrecy", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, false},
	} {
		c := test.config
		c.ServerName, c.RootCAs = "survey.test", roots
		conn, err := tls.Dial("tcp", s.https, c)
		if (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
		if err == nil {
			conn.Close()
		}
	}
}

// A visit must not be known again by a TLS session, and HTTP/2 must be there.
func TestNoResumption(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "survey.test")
	s := open(t, Config{CertFile: certFile, KeyFile: keyFile}, "", "no")
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true, TLSClientConfig: &tls.Config{
			ServerName: "survey.test", RootCAs: pool(t, certFile), MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4)}}}
		for range 3 {
			answer, err := client.Get("https://" + s.https)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || string(body) != "HTTP/2.0" || answer.TLS.DidResume {
				t.Errorf("version %x: %q, resumed %v, %v", version, body, answer.TLS.DidResume, err)
			}
		}
	}
}

func TestHTTPHandler(t *testing.T) {
	certFile, keyFile := writePair(t, t.TempDir(), "survey.test", "www.survey.test")
	files := Config{CertFile: certFile, KeyFile: keyFile}
	byACME := Config{Domains: []string{"survey.test", "www.survey.test"}, Folder: t.TempDir(), Port: "8443"}
	for _, test := range []struct {
		config               Config
		method, host, target string
		status               int
		location             string
	}{
		{files, "GET", "survey.test", "/en/s/r_1?a=b", 301, "https://survey.test/en/s/r_1?a=b"},
		{files, "HEAD", "WWW.survey.test.:80", "/", 301, "https://www.survey.test/"},
		{byACME, "GET", "www.survey.test:8080", "//else.test/%0d%0aX:", 301, "https://www.survey.test:8443//else.test/%0d%0aX:"},
		{byACME, "GET", "survey.test", "http://else.test/x", 301, "https://survey.test:8443/x"},
		{files, "POST", "survey.test", "/en/s/r_1", 403, ""},
		{files, "GET", "else.test", "/", 404, ""},
		{files, "GET", "", "/", 404, ""},
		{files, "GET", "127.0.0.1", "/", 404, ""},
		{byACME, "GET", "else.test", "/.well-known/acme-challenge/x", 404, ""},
	} {
		k, err := New(test.config)
		if err != nil {
			t.Fatal(err)
		}
		r, w := httptest.NewRequest(test.method, test.target, nil), httptest.NewRecorder()
		r.Host = test.host
		k.HTTPHandler(nil).ServeHTTP(w, r)
		if got := w.Header().Get("Location"); w.Code != test.status || got != test.location {
			t.Errorf("%s %s on %s: %d %s, want %d %s", test.method, test.target, test.host, w.Code, got, test.status, test.location)
		}
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	folder := t.TempDir()
	certFile, keyFile := writePair(t, folder, "one.test")
	said := new(book)
	k, err := New(Config{CertFile: certFile, KeyFile: keyFile, Log: said.logger()})
	if err != nil {
		t.Fatal(err)
	}
	serves := func(name string, trouble bool) {
		t.Helper()
		k.source.look(t.Context())
		if s := k.Status(); len(s.Names) != 1 || s.Names[0] != name || (s.LastError != "") != trouble || !k.Known(name+":443") || s.NextTry.IsZero() == trouble {
			t.Errorf("%+v, want %s, trouble %v", s, name, trouble)
		}
	}
	serves("one.test", false)
	writePair(t, folder, "two.test")
	serves("two.test", false)
	// A certificate without its key, as between two writes of the program that renews them.
	cert, key, err := acmetest.SelfSigned("three.test")
	if err != nil {
		t.Fatal(err)
	}
	write(t, certFile, cert)
	serves("two.test", true)
	if strings.Contains(said.String(), "WARN") {
		t.Errorf("said before it could be whole:\n%s", said)
	}
	serves("two.test", true)
	serves("two.test", true)
	if n := strings.Count(said.String(), "WARN"); n != 1 {
		t.Errorf("said %d times:\n%s", n, said)
	}
	write(t, keyFile, key)
	serves("three.test", false)
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		serves("three.test", true)
	}
	write(t, keyFile, key)
	serves("three.test", false)
	if n := strings.Count(said.String(), "WARN"); n != 2 {
		t.Errorf("said %d times:\n%s", n, said)
	}
}

func TestNew(t *testing.T) {
	folder := t.TempDir()
	certFile, keyFile := writePair(t, folder, "survey.test")
	other := filepath.Join(folder, "other.pem")
	_, key, err := acmetest.SelfSigned("survey.test")
	if err != nil {
		t.Fatal(err)
	}
	write(t, other, key)
	for _, test := range []struct {
		config Config
		want   string // in the error; "" for none
	}{
		{Config{CertFile: certFile, KeyFile: keyFile}, ""},
		{Config{Domains: []string{"Опрос.example", "survey.example.org.", "adili"}}, ""},
		{Config{}, "neither"},
		{Config{CertFile: certFile}, "one of them is missing"},
		{Config{CertFile: certFile, KeyFile: other}, "does not match"},
		{Config{CertFile: keyFile, KeyFile: keyFile}, "--cert"},
		{Config{CertFile: certFile, KeyFile: filepath.Join(folder, "none")}, "reading --key"},
		{Config{CertFile: certFile, KeyFile: keyFile, Domains: []string{"survey.test"}}, "not from both"},
		{Config{Domains: []string{"*.example.org"}}, "name each"},
		{Config{Domains: []string{"192.0.2.1"}}, "names in the DNS"},
		{Config{Domains: []string{"localhost"}}, "names in the DNS"},
		{Config{Domains: []string{"a b"}}, "not the name"},
		{Config{Domains: []string{"../x.org"}}, "not the name"},
		{Config{Domains: []string{""}}, "not the name"},
		{Config{Domains: []string{"survey.test"}, Directory: "http://ca.test"}, "https://"},
		{Config{Domains: []string{"survey.test"}, Roots: keyFile}, "holds no certificate"},
		{Config{Domains: []string{"survey.test"}, Roots: folder + "/none"}, "reading --acme-roots"},
	} {
		k, err := New(test.config)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v", test.config, err)
		}
		if err == nil && len(test.config.Domains) > 0 && strings.Join(k.Status().Names, " ") != "xn--n1aaceg.example survey.example.org adili" {
			t.Errorf("names %v", k.Status().Names)
		}
	}
}
