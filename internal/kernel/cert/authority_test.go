package cert

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/testkit/acmetest"
)

// impatient makes failed attempts follow each other quickly for this test, and a clock that is moved be noticed.
func impatient(t *testing.T) {
	formerWaits, formerLongest := waits, longest
	waits, longest = []time.Duration{100 * time.Millisecond}, 50*time.Millisecond
	t.Cleanup(func() { waits, longest = formerWaits, formerLongest })
}

func port(t *testing.T, address string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ahead is a clock that runs, and can be put forward.
type ahead struct{ by atomic.Int64 }

func (a *ahead) Now() time.Time { return time.Now().Add(time.Duration(a.by.Load())) }

// Obtained over TLS, served, renewed before its end without a refused handshake, and served again after a restart without
// asking the authority.
func TestObtainRenewRestart(t *testing.T) {
	impatient(t)
	https, clk := acmetest.FreeAddress(t), new(ahead)
	ca := acmetest.Start(t, acmetest.Options{TLSPort: port(t, https), HTTPPort: 1, Validity: time.Hour})
	config := Config{Domains: []string{"survey.test", "xn--n1aaceg.test"}, Directory: ca.Directory, Roots: ca.Roots, Email: "it@survey.test", Folder: filepath.Join(t.TempDir(), "certs"), Clock: clk}
	s, roots := open(t, config, https, "no"), ca.Pool(t)
	until(t, "the first certificates", func() bool { return len(s.Status().Missing) == 0 })
	first, err := s.visit("survey.test", roots)
	if err != nil || first.NegotiatedProtocol != "h2" {
		t.Fatalf("%v, protocol %q", err, first.NegotiatedProtocol)
	}
	if _, err := s.visit("xn--n1aaceg.test", roots); err != nil {
		t.Error(err)
	}
	obtained := ca.Orders() // two, or more where the authority was slow and was asked again
	clk.by.Store(int64(39 * time.Minute))
	time.Sleep(4 * longest)
	if got := ca.Orders(); got != obtained {
		t.Errorf("%d orders before a third of the time is left, after %d", got, obtained)
	}
	clk.by.Store(int64(41 * time.Minute))
	until(t, "both to be renewed", func() bool { return ca.Orders() >= obtained+2 })
	until(t, "renewal", func() bool {
		now, err := s.visit("survey.test", roots)
		if err != nil {
			t.Fatalf("while it is renewed: %v", err)
		}
		return !now.PeerCertificates[0].Equal(first.PeerCertificates[0])
	})
	clk.by.Store(0)
	if status := s.Status(); status.LastError != "" || status.NotAfter.Before(first.PeerCertificates[0].NotAfter) || !strings.Contains(status.Issuer, "Pebble") {
		t.Errorf("%+v", status)
	}
	if text := s.log.String() + s.serverLog.String(); strings.Contains(text, "WARN") || strings.Contains(text, "127.0.0.1") || !strings.Contains(text, "certificate obtained") {
		t.Errorf("log:\n%s", text)
	}
	private(t, config.Folder)

	again := open(t, config, "", "no")
	before := ca.Orders()
	if _, err := again.visit("survey.test", roots); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	time.Sleep(4 * longest)
	if now := ca.Orders(); now != before {
		t.Errorf("%d orders before the restart, %d after", before, now)
	}
}

// private checks that nobody else may read what is kept.
func private(t *testing.T, folder string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		files++
		if info.Mode().Perm()&0o077 != 0 || strings.HasPrefix(d.Name(), ".next-") {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}

// Where port 443 does not lead here, the certificate is obtained by way of port 80, and by the same way from then on.
func TestObtainOverHTTP(t *testing.T) {
	impatient(t)
	plainHTTP := acmetest.FreeAddress(t)
	ca := acmetest.Start(t, acmetest.Options{TLSPort: 1, HTTPPort: port(t, plainHTTP)})
	s := open(t, Config{Domains: []string{"survey.test"}, Directory: ca.Directory, Roots: ca.Roots, Folder: t.TempDir()}, "", plainHTTP)
	until(t, "the certificate", func() bool { return len(s.Status().Missing) == 0 })
	if _, err := s.visit("survey.test", ca.Pool(t)); err != nil {
		t.Error(err)
	}
	h := s.authority.held["survey.test"]
	if h.state.Method != http01 || len(h.state.Trouble) != 0 {
		t.Errorf("%+v", h.state)
	}
	if s.authority.method(h.state) != http01 || s.authority.method(state{Method: http01, Refused: 1}) != tlsALPN01 {
		t.Error("the way that worked is not the first to be tried next time")
	}
	if len(s.authority.tokens) != 0 || len(s.authority.challenges) != 0 {
		t.Error("answers to challenges are left behind")
	}
}

// An authority that is down at the start, comes, and goes again: said once each time, the present certificate is served.
func TestAuthorityDown(t *testing.T) {
	impatient(t)
	https, directory := acmetest.FreeAddress(t), acmetest.FreeAddress(t)
	acmetest.Need(t)
	folder := t.TempDir()
	cert, _, err := acmetest.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, "root.pem"), cert)
	config := Config{Domains: []string{"survey.test"}, Directory: "https://" + directory + "/dir", Roots: filepath.Join(folder, "root.pem"), Folder: folder}
	down := open(t, config, "", "no")
	until(t, "several attempts", func() bool {
		down.authority.mu.RLock()
		defer down.authority.mu.RUnlock()
		return down.authority.held["survey.test"].state.Failed > 3
	})
	if s := down.Status(); len(s.Missing) != 1 || !s.NotAfter.IsZero() || !strings.Contains(s.LastError, "refused") || s.NextTry.IsZero() {
		t.Errorf("%+v", s)
	}
	if _, err := down.visit("survey.test", nil); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("without a certificate: %v", err)
	}
	if n := strings.Count(down.log.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, down.log)
	}

	down.stop()
	ca := acmetest.Start(t, acmetest.Options{TLSPort: port(t, https), HTTPPort: 1, Validity: time.Hour, Address: directory})
	clk := new(ahead)
	config.Roots, config.Clock = ca.Roots, clk
	s, roots := open(t, config, https, "no"), ca.Pool(t)
	until(t, "the certificate", func() bool { return len(s.Status().Missing) == 0 })
	first := s.Status()
	ca.Stop()
	clk.by.Store(int64(41 * time.Minute))
	until(t, "a renewal that fails", func() bool { return strings.Contains(s.log.String(), "level=WARN") })
	clk.by.Store(int64(51 * time.Minute))
	until(t, "its end coming near", func() bool { return strings.Contains(s.log.String(), "level=ERROR") })
	state, err := s.visit("survey.test", roots)
	if err != nil || !state.PeerCertificates[0].NotAfter.Equal(first.NotAfter) {
		t.Errorf("the present certificate is not served: %v", err)
	}
	if text := s.log.String(); strings.Count(text, "WARN") != 1 || strings.Count(text, "ERROR") != 1 {
		t.Errorf("log:\n%s", text)
	}
}

// A clock that goes ahead makes every certificate look old. That must not use up the authority's limits.
func TestClockAhead(t *testing.T) {
	impatient(t)
	https, clk := acmetest.FreeAddress(t), new(ahead)
	clk.by.Store(int64(50 * time.Minute))
	ca := acmetest.Start(t, acmetest.Options{TLSPort: port(t, https), HTTPPort: 1, Validity: time.Hour})
	s := open(t, Config{Domains: []string{"survey.test"}, Directory: ca.Directory, Roots: ca.Roots, Folder: t.TempDir(), Clock: clk}, https, "no")
	until(t, "the certificate", func() bool { return len(s.Status().Missing) == 0 })
	time.Sleep(10 * longest)
	if n := ca.Orders(); n != 1 {
		t.Errorf("%d orders", n)
	}
}

// A name the authority refuses, one it cannot find, and a good one: the good one is served, the others say why not.
func TestRefusedNames(t *testing.T) {
	impatient(t)
	https, plainHTTP := acmetest.FreeAddress(t), acmetest.FreeAddress(t)
	ca := acmetest.Start(t, acmetest.Options{TLSPort: port(t, https), HTTPPort: port(t, plainHTTP), Blocked: []string{"blocked.test"}})
	s := open(t, Config{Domains: []string{"blocked.test", "x.nowhere.test", "survey.test"}, Directory: ca.Directory, Roots: ca.Roots, Folder: t.TempDir()}, https, plainHTTP)
	until(t, "the good name", func() bool { return !slices.Contains(s.Status().Missing, "survey.test") })
	until(t, "both ways for the name not found", func() bool {
		text := s.Status().LastError
		s.authority.mu.RLock()
		defer s.authority.mu.RUnlock()
		return strings.Contains(text, "http-01: ") && strings.Contains(text, "tls-alpn-01: ") && s.authority.held["x.nowhere.test"].state.Failed > 4
	})
	if _, err := s.visit("survey.test", ca.Pool(t)); err != nil {
		t.Error(err)
	}
	status := s.Status()
	if !slices.Equal(status.Missing, []string{"blocked.test", "x.nowhere.test"}) || !strings.Contains(status.LastError, "blocked.test: order: ") || !strings.Contains(status.LastError, "rejectedIdentifier") {
		t.Errorf("%+v", status)
	}
	for _, name := range []string{"blocked.test", "else.test", "", "127.0.0.1"} {
		if _, err := s.visit(name, ca.Pool(t)); err == nil {
			t.Errorf("a handshake for %q", name)
		}
	}
	if text := s.log.String(); strings.Contains(text, "else.test") || strings.Count(text, "name=blocked.test") != 1 || strings.Count(text, "name=x.nowhere.test") > 2 {
		t.Errorf("log:\n%s", text)
	}
}

// An authority that says "too many" is left alone for as long as it says, also after a restart; other trouble is tried again
// soon after one.
func TestRateLimited(t *testing.T) {
	var asked int
	problem := "urn:ietf:params:acme:error:rateLimited"
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Replay-Nonce", fmt.Sprint("nonce", asked))
		switch r.URL.Path {
		case "/dir":
			_ = json.NewEncoder(w).Encode(map[string]string{"newNonce": server.URL + "/nonce", "newAccount": server.URL + "/account", "newOrder": server.URL + "/order"})
		case "/account":
			w.Header().Set("Location", server.URL+"/account/1")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte("{}"))
		case "/order":
			asked++
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
			_ = json.NewEncoder(w).Encode(map[string]string{"type": problem, "detail": "too many certificates, retry after 2026-12-01 12:00:00 UTC"})
		}
	}))
	defer server.Close()
	folder, clk := t.TempDir(), clock.Fixed(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC))
	config := Config{Domains: []string{"survey.test"}, Directory: server.URL + "/dir", Roots: pemFile(t, server.Certificate()), Folder: folder, Clock: clk}
	look := func(want int) {
		t.Helper()
		k, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		k.source.look(t.Context())
		if asked != want || !strings.Contains(k.Status().LastError, "rateLimited") {
			t.Errorf("asked %d times, want %d: %+v", asked, want, k.Status())
		}
	}
	look(1)
	clk.Advance(119 * time.Minute)
	look(1)
	clk.Advance(2 * time.Minute)
	problem = "urn:ietf:params:acme:error:serverInternal, not rateLimited"
	look(2)
	look(2) // within a minute
	clk.Advance(time.Minute)
	look(3) // a second failure would have waited five without the restart
	clk.Advance(-1000 * time.Hour)
	look(4) // the clock was wrong before
}

func pemFile(t *testing.T, cert *x509.Certificate) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "root.pem")
	write(t, path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
	return path
}

func TestRenewAt(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ life, left time.Duration }{
		{90 * 24 * time.Hour, 30 * 24 * time.Hour}, {45 * 24 * time.Hour, 15 * 24 * time.Hour}, {6 * 24 * time.Hour, 2 * 24 * time.Hour}, {365 * 24 * time.Hour, 30 * 24 * time.Hour},
	} {
		leaf := &x509.Certificate{NotBefore: start, NotAfter: start.Add(test.life)}
		if got := leaf.NotAfter.Sub(renewAt(leaf)); got != test.left {
			t.Errorf("a life of %v is renewed with %v left, want %v", test.life, got, test.left)
		}
		h := &holding{cert: &tls.Certificate{Leaf: leaf}, state: state{Next: start.AddDate(2, 0, 0)}}
		if !h.due().Equal(h.state.Next) {
			t.Error("a failed attempt does not put the next one off")
		}
	}
}

// What another authority signed, and what cannot be read, is not served.
func TestFolder(t *testing.T) {
	parent := t.TempDir()
	production, test := newFolder(parent, LetsEncrypt), newFolder(parent, "https://acme-v02.api.letsencrypt.org/other")
	if production == test || !strings.HasPrefix(filepath.Base(string(production)), "acme-v02.api.letsencrypt.org-") || filepath.Dir(string(production)) != parent {
		t.Fatalf("%s, %s", production, test)
	}
	if strings.ContainsAny(filepath.Base(string(newFolder(parent, "https://[::1]:14000/dir"))), ":[]%") {
		t.Error("a name that is none on every system")
	}
	cert, key, err := acmetest.SelfSigned("survey.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := test.write("survey.test.pem", append(key, cert...)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "half a key", string(cert), strings.Replace(string(key), "M", "N", 1) + string(cert)} {
		if err := production.write("survey.test.pem", []byte(text)); err != nil {
			t.Fatal(err)
		}
		said := new(book)
		k, err := New(Config{Domains: []string{"survey.test"}, Folder: parent, Log: said.logger()})
		if err != nil || len(k.Status().Missing) != 1 || strings.Count(said.String(), "\n") != 1 {
			t.Errorf("%q: %v, %s", text, err, said)
		}
	}
	if held, _, err := test.load("survey.test"); err != nil || held == nil {
		t.Error(err)
	}
	if _, _, err := test.load("none.test"); err != nil {
		t.Error(err)
	}
	if err := test.write("other.test.pem", append(key, cert...)); err != nil {
		t.Fatal(err)
	}
	if held, _, err := test.load("other.test"); err == nil || held != nil {
		t.Error("a certificate for another name")
	}
	one, err := test.accountKey()
	if err != nil {
		t.Fatal(err)
	}
	if two, err := test.accountKey(); err != nil || fmt.Sprint(one.Public()) != fmt.Sprint(two.Public()) {
		t.Error("another account key", err)
	}
}
