package app

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/pgtest"
)

// foreign is the address that browsers of these tests seem to have.
const foreign = "203.0.113.77"

// browser is somebody at a browser, who comes by way of a proxy on this
// machine.
type browser struct {
	t      *testing.T
	base   string
	client *http.Client
}

// newBrowser gives a browser that trusts the certificates in roots besides.
func newBrowser(t *testing.T, base string, roots []byte) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(roots)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t, base, &http.Client{
		Jar: jar, Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// shown is an answer to a browser.
type shown struct {
	status   int
	location string
	body     string
	header   http.Header
}

// get opens a page.
func (b *browser) get(path string) shown {
	b.t.Helper()
	return b.ask(http.MethodGet, path, nil)
}

// post sends a form.
func (b *browser) post(path string, values url.Values) shown {
	b.t.Helper()
	return b.ask(http.MethodPost, path, values)
}

func (b *browser) ask(method, path string, values url.Values) shown {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(values.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	request.Header.Set("X-Forwarded-For", foreign)
	request.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
	answer, err := b.client.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	return shown{answer.StatusCode, answer.Header.Get("Location"), string(text), answer.Header}
}

// want fails unless the answer has the status and every part.
func (s shown) want(t *testing.T, status int, parts ...string) shown {
	t.Helper()
	if s.status != status {
		t.Fatalf("status %d, want %d; leads to %q\n%s", s.status, status, s.location, said(s.body))
	}
	text := html.UnescapeString(s.body)
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the page lacks %q:\n%s", part, said(s.body))
		}
	}
	return s
}

// leads fails unless the answer leads to a page.
func (s shown) leads(t *testing.T, path string) shown {
	t.Helper()
	s.want(t, http.StatusSeeOther)
	if s.location != path {
		t.Fatalf("leads to %q, want %q", s.location, path)
	}
	return s
}

var (
	tags   = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)
	spaces = regexp.MustCompile(`\s+`)
)

// said is what stands on a page.
func said(body string) string {
	return strings.TrimSpace(spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(body, " ")), " "))
}

// hidden gives the value of a hidden field.
func (s shown) hidden(t *testing.T, name string) string {
	t.Helper()
	found := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if found == nil {
		t.Fatalf("no field %s:\n%s", name, said(s.body))
	}
	return html.UnescapeString(found[1])
}

// notice is the text that a page shows apart, such as a secret or a link.
var notice = regexp.MustCompile(`<bdi class="code"[^>]*>([^<]*)</bdi>`)

// coded gives what a page shows apart.
func (s shown) coded(t *testing.T) (all []string) {
	t.Helper()
	for _, found := range notice.FindAllStringSubmatch(s.body, -1) {
		all = append(all, html.UnescapeString(found[1]))
	}
	if len(all) == 0 {
		t.Fatalf("nothing is shown apart:\n%s", said(s.body))
	}
	return all
}

// enrolApp sets up an authenticator app, as somebody must who may do nothing
// else yet. It gives the app's secret and the recovery codes.
func (b *browser) enrolApp(next string) (secret string, recovery []string) {
	b.t.Helper()
	offer := b.get("/staff/enrol/app").want(b.t, http.StatusOK)
	secret = strings.ReplaceAll(offer.coded(b.t)[0], " ", "")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		b.t.Fatalf("secret %q: %v", secret, err)
	}
	wrong := fmt.Sprintf("%06d", (atoi(b.t, code)+7)%1000000)
	values := url.Values{"state": {offer.hidden(b.t, "state")}, "code": {wrong}, "next": {next}}
	b.post("/staff/enrol/app", values).want(b.t, http.StatusBadRequest)
	values.Set("code", code)
	done := b.post("/staff/enrol/app", values).want(b.t, http.StatusOK)
	return secret, done.coded(b.t)
}

func atoi(t *testing.T, digits string) (n int) {
	t.Helper()
	if _, err := fmt.Sscanf(strings.TrimLeft(digits, "0")+" ", "%d", &n); err != nil && strings.Trim(digits, "0") != "" {
		t.Fatal(err)
	}
	return n
}

// newDatabase is the address of a fresh PostgreSQL database.
func newDatabase(t *testing.T) string {
	t.Helper()
	return pgtest.Create(t, pgtest.URL(t), "whole"+strings.ToLower(rand.Text()), "", false)
}

// engines runs f with SQLite, where the address is empty, and with PostgreSQL.
func engines(t *testing.T, f func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { f(t, "") })
	t.Run("postgres", func(t *testing.T) { f(t, newDatabase(t)) })
}

// put writes a file that only this user can read.
func put(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// secured is a server's certificate, of an authority of its own.
type secured struct{ cert, key, roots string }

// newCertificate makes a certificate for this machine.
func newCertificate(t *testing.T) (files secured, roots []byte) {
	t.Helper()
	cert, key, err := acmetest.SelfSigned("localhost")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	files.cert, files.key = put(t, filepath.Join(folder, "cert.pem"), string(cert)), put(t, filepath.Join(folder, "key.pem"), string(key))
	files.roots = files.cert
	return files, cert
}

// must runs a command that must succeed, and gives what it prints.
func must(t *testing.T, arguments ...string) (out, errOut string) {
	t.Helper()
	status, out, errOut := command(t, arguments...)
	if status != exitOK {
		t.Fatalf("adili %s: exit code %d\n%s\n%s", strings.Join(arguments, " "), status, out, errOut)
	}
	return out, errOut
}

// fails runs a command that must fail with the text on standard error.
func fails(t *testing.T, text string, arguments ...string) {
	t.Helper()
	status, out, errOut := command(t, arguments...)
	if status != exitError || !strings.Contains(errOut, text) {
		t.Errorf("adili %s: exit code %d, want %d and %q\n%s\n%s", strings.Join(arguments, " "), status, exitError, text, out, errOut)
	}
}
