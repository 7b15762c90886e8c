package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/mailtest"
)

// looked is what the check command says for programs.
type looked struct {
	State    string
	Findings []saidFinding
}

type saidFinding struct{ Key, State, Title, Text, Remedy string }

// of gives what is said of one thing.
func (l looked) of(key string) saidFinding {
	i := slices.IndexFunc(l.Findings, func(f saidFinding) bool { return f.Key == key })
	if i < 0 {
		return saidFinding{}
	}
	return l.Findings[i]
}

// check runs the check command, whose exit code must fit what it says.
func check(t *testing.T, arguments ...string) (l looked) {
	t.Helper()
	status, out, errOut := command(t, append([]string{"check", "--json"}, arguments...)...)
	if err := json.Unmarshal([]byte(out), &l); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, errOut)
	}
	if bad := l.State == "bad"; bad != (status == exitError) || bad != strings.Contains(errOut, "not ready") {
		t.Errorf("%s, and the exit code is %d: %s", l.State, status, errOut)
	}
	for _, f := range l.Findings {
		if f.Title == "" || f.Text == "" || (f.Remedy == "") != (f.State == "ok") {
			t.Errorf("said badly: %+v", f)
		}
	}
	return l
}

// want fails unless the findings are in the states.
func (l looked) want(t *testing.T, states map[string]string) {
	t.Helper()
	for key, want := range states {
		if f := l.of(key); f.State != want {
			t.Errorf("%s is %q, want %q: %+v", key, f.State, want, f)
		}
	}
}

// shop is a home with everything set up that a server needs.
type shop struct {
	*home
	site    string
	backups string
	options []string
	roots   []byte
}

func newShop(t *testing.T, database string) *shop {
	t.Helper()
	listen := acmetest.FreeAddress(t)
	s := &shop{home: newHome(t, database, 1), site: "https://localhost" + listen[strings.LastIndexByte(listen, ':'):], backups: t.TempDir()}
	server := mailtest.New(t, mailtest.Options{})
	files, roots := newCertificate(t)
	t.Setenv("SSL_CERT_FILE", files.roots)
	s.roots = roots
	s.options = s.arguments("--listen", listen, "--http-listen", "none", "--address", s.site, "--cert", files.cert, "--key", files.key,
		"--smtp", server.Address, "--smtp-from", "adili@customs.example", "--smtp-roots", put(t, filepath.Join(t.TempDir(), "roots"), string(server.Roots)),
		"--backup-to", s.backups, "--backup-recipient", s.recipient)
	return s
}

// Whether the server is ready, with it at work and not, from the first look to
// one at which all is well. The page says the same.
func TestWholeCheck(t *testing.T) {
	engines(t, func(t *testing.T, database string) {
		s := newShop(t, database)
		first := check(t, s.options...)
		first.want(t, map[string]string{
			"certificate": "ok", "reach": "unknown", "database": "ok", "backup": "warn", "mail": "ok", "accounts": "warn", "rounds": "ok", "trail": "ok", "files": "ok",
		})
		s.makeOperator()
		check(t, s.options...).want(t, map[string]string{"accounts": "bad"})
		p := &process{t: t, path: program(t), arguments: append([]string{"serve"}, s.options...)}
		t.Cleanup(p.kill)
		p.start()
		s.protect(p.base)
		must(t, s.arguments("backup", filepath.Join(s.backups, "adili-"+time.Now().UTC().Format("20060102T150405Z")+"-open.adili"))...)
		serving := check(t, s.arguments()...) // the server knows the other options
		serving.want(t, map[string]string{
			"certificate": "ok", "reach": "ok", "database": "ok", "backup": "ok", "mail": "ok", "accounts": "ok", "rounds": "ok", "trail": "ok", "jobs": "ok", "files": "ok",
			"retention": "ok", "languages": "ok", "writing": "ok", "zones": "ok", "version": "ok", "address": "ok",
		})
		if serving.State == "bad" {
			t.Errorf("%+v", serving)
		}
		if _, out, _ := command(t, s.arguments("check", "--lang", "ar")...); !regexp.MustCompile(`\p{Arabic}{4}`).MatchString(out) {
			t.Errorf("the server says in Arabic:\n%s", out)
		}
		s.page(p.base, serving)
		p.stop()
		resting := check(t, s.options...)
		for _, f := range resting.Findings {
			if serving.of(f.Key).Key == "" {
				t.Errorf("%s is not looked at by the server at work", f.Key)
			}
		}
		resting.want(t, map[string]string{"mail": "ok", "reach": "unknown", "accounts": "ok", "backup": "ok"})
	})
}

// protect gives the operator a second factor, and makes another operator.
func (s *shop) protect(base string) {
	s.t.Helper()
	b := newBrowser(s.t, base, s.roots)
	b.post("/staff/sign-in", operatorSignsIn).want(s.t, http.StatusSeeOther)
	b.enrolApp("/staff/")
	page := b.post("/staff/people", map[string][]string{"name": {"Second"}, "email": {"second@customs.example"}, "role": {string(people.Operator)}, "lang": {"en"}})
	link := regexp.MustCompile(`/staff/password/\w+`)
	page.want(s.t, http.StatusOK, "second@customs.example")
	if link.MatchString(page.body) {
		s.t.Error("the page shows the link that went out by mail")
	}
	out, _ := must(s.t, s.arguments("user", "reset", "second@customs.example")...)
	other := newBrowser(s.t, base, s.roots)
	other.post(link.FindString(out), map[string][]string{"password": {deskPassword}, "again": {deskPassword}}).want(s.t, http.StatusSeeOther)
	other.enrolApp("/staff/")
}

// page compares the page with what the command says.
func (s *shop) page(base string, found looked) {
	s.t.Helper()
	b := newBrowser(s.t, base, s.roots)
	b.post("/staff/sign-in", map[string][]string{"email": {deskEmail}, "password": {deskPassword}}).leads(s.t, "/staff/")
	b.get("/staff/ready").want(s.t, http.StatusForbidden)
	operator := newBrowser(s.t, base, s.roots)
	out, _ := must(s.t, s.arguments("user", "reset", "second@customs.example", "--factors")...)
	link := regexp.MustCompile(`/staff/password/\w+`).FindString(out)
	operator.post(link, map[string][]string{"password": {deskPassword}, "again": {deskPassword}}).want(s.t, http.StatusSeeOther)
	operator.enrolApp("/staff/")
	page := operator.get("/staff/ready?lang=en").want(s.t, http.StatusOK)
	moves := regexp.MustCompile(`\d+`)
	text := moves.ReplaceAllString(said(page.body), "0")
	for _, f := range found.Findings {
		for _, part := range []string{f.Title, f.Text, f.Remedy} {
			if part = moves.ReplaceAllString(spaces.ReplaceAllString(part, " "), "0"); !strings.Contains(text, part) && f.Key != "clock" {
				s.t.Errorf("the page lacks %q:\n%s", part, text)
			}
		}
	}
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, lang := range []string{"fr", "ar"} {
		operator.get("/staff/ready?lang="+lang).want(s.t, http.StatusOK, catalogue.Printer(lang).T("readiness.title.backup"))
	}
}

// What is not as it should be is said, with the remedy, and the exit code tells.
func TestWholeCheckFindsFaults(t *testing.T) {
	s := newShop(t, "")
	folder := t.TempDir()
	expired, expiredKey := certificateUntil(t, time.Now().Add(-time.Hour), "localhost")
	soon, soonKey := certificateUntil(t, time.Now().Add(100*time.Hour), "localhost")
	other, otherKey, err := acmetest.SelfSigned("other.example")
	if err != nil {
		t.Fatal(err)
	}
	files := func(name string, cert, key []byte) []string {
		return []string{"--cert", put(t, filepath.Join(folder, name+".pem"), string(cert)), "--key", put(t, filepath.Join(folder, name+".key"), string(key))}
	}
	for name, c := range map[string]struct {
		more             []string
		key, state, text string
	}{
		"no mail server":      {[]string{"--smtp", acmetest.FreeAddress(t)}, "mail", "bad", "firewall"},
		"silent mail server":  {[]string{"--smtp", mailtest.Silent(t)}, "mail", "bad", "firewall"},
		"expired certificate": {files("expired", expired, expiredKey), "certificate", "bad", "ended on"},
		"ends soon":           {files("soon", soon, soonKey), "certificate", "warn", "ends on"},
		"other name":          {files("other", other, otherKey), "certificate", "bad", "not for localhost"},
		"no backups":          {[]string{"--backup-to", filepath.Join(folder, "backups")}, "backup", "warn", "none has been made"},
	} {
		l := check(t, append(slices.Clone(s.options), c.more...)...)
		if f := l.of(c.key); f.State != c.state || !strings.Contains(f.Text+f.Remedy, c.text) || f.Remedy == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	old := filepath.Join(s.backups, "adili-"+time.Now().Add(-9*24*time.Hour).UTC().Format("20060102T150405Z")+".adili")
	put(t, old, "not a backup, but whoever looks at the time cannot know")
	check(t, s.options...).want(t, map[string]string{"backup": "bad"})
	if err := os.Chmod(s.data, 0o755); err != nil {
		t.Fatal(err)
	}
	l := check(t, s.options...)
	l.want(t, map[string]string{"files": "bad"})
	if text := fmt.Sprint(l.Findings); !strings.Contains(text, "chmod 700") {
		t.Errorf("the remedy is not said: %s", text)
	}
}

// certificateUntil makes a certificate that ends at a time.
func certificateUntil(t *testing.T, end time.Time, name string) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, NotBefore: end.AddDate(0, -3, 0), NotAfter: end,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: sealed})
}

// The operator's language is that of the option, else that of the environment.
func TestWholeCheckInEachLanguage(t *testing.T) {
	h := newHome(t, "", 1)
	for lang, script := range map[string]string{
		"en": "No backups are made", "fr": "sauvegarde", "es": `ó`, "pt": `ã`, "ar": `\p{Arabic}{4}`, "ru": `\p{Cyrillic}{4}`, "zh": `\p{Han}{4}`,
	} {
		t.Setenv("LC_ALL", "C")
		_, asked, errOut := command(t, h.arguments("check", "--lang", lang)...)
		if !regexp.MustCompile(script).MatchString(asked) || strings.ContainsAny(asked, "{}") || strings.Contains(asked, "readiness.") || !strings.Contains(asked, "[ BAD ]") || !strings.Contains(asked, "→") {
			t.Errorf("in %s:\n%s\n%s", lang, asked, errOut)
		}
		if lang == "en" {
			continue
		}
		t.Setenv("LC_ALL", lang+"_XX.UTF-8")
		_, environment, _ := command(t, h.arguments("check")...)
		digits := regexp.MustCompile(`\d+`)
		if digits.ReplaceAllString(environment, "0") != digits.ReplaceAllString(asked, "0") {
			t.Errorf("with the language %s in the environment:\n%s\nand asked for:\n%s", lang, environment, asked)
		}
	}
}
