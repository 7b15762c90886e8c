package ui

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/oidc"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/testkit/dbtest"

	"github.com/jba/templatecheck"
)

const goodPassword = "harbour lantern quince"

// browser is a small one: it keeps the cookies and follows no redirect.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]string
	lang    string
	proxied string // address that a proxy on the same machine saw, if there is one
}

// migrate makes the tables that accounts need.
func migrate(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	return people.Migrate(ctx, db)
}

// start is when the tests' clock begins.
var start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

func newBrowser(t *testing.T) (*browser, *people.Service) {
	t.Helper()
	service := people.New(dbtest.SQLite(t, migrate), clock.Fixed(start))
	return &browser{t: t, handler: newHandler(t, service, Options{}), cookies: make(map[string]string), lang: "en"}, service
}

// newHandler gives the room alone, as a server.
func newHandler(t *testing.T, service *people.Service, o Options) http.Handler {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), people.Messages(), mail.Messages(), oidc.Messages())
	if err != nil {
		t.Fatal(err)
	}
	server := web.New(web.Options{Catalogue: catalogue, People: service})
	room := New(service, o)
	server.Mount(room.Routes()...)
	server.AddNav(room.Nav()...)
	return server.Handler()
}

// do sends a request: POST when there is a form.
func (b *browser) do(address string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.Set("Accept-Language", b.lang)
	if b.proxied != "" {
		r.RemoteAddr = "127.0.0.1:1234"
		r.Header.Set("X-Forwarded-For", b.proxied)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	if text := w.Body.String(); strings.Contains(text, "«people") || strings.Contains(text, "«web") || strings.Contains(text, "no value") {
		b.t.Errorf("%s: a text is missing:\n%s", address, text)
	}
	return w
}

// want does a request and checks status, address of a redirect, and words on the page.
func (b *browser) want(address string, form url.Values, status int, location string, words ...string) string {
	b.t.Helper()
	w := b.do(address, form)
	if w.Code != status || w.Header().Get("Location") != location {
		b.t.Fatalf("%s: %d to %q, want %d to %q\n%s", address, w.Code, w.Header().Get("Location"), status, location, w.Body.String())
	}
	for _, word := range words {
		if !strings.Contains(w.Body.String(), word) {
			b.t.Errorf("%s: no %q in\n%s", address, word, w.Body.String())
		}
	}
	return w.Body.String()
}

func TestTemplates(t *testing.T) {
	p := newPages(files)
	for name, check := range map[string]func() error{
		"start":    func() error { return templatecheck.CheckHTMLStrict(p.start.Parts()) },
		"sign_in":  func() error { return templatecheck.CheckHTMLStrict(p.signIn.Parts()) },
		"setup":    func() error { return templatecheck.CheckHTMLStrict(p.setup.Parts()) },
		"password": func() error { return templatecheck.CheckHTMLStrict(p.password.Parts()) },
		"accounts": func() error { return templatecheck.CheckHTMLStrict(p.accounts.Parts()) },
		"link":     func() error { return templatecheck.CheckHTMLStrict(p.link.Parts()) },
		"account":  func() error { return templatecheck.CheckHTMLStrict(p.account.Parts()) },
		"second":   func() error { return templatecheck.CheckHTMLStrict(p.second.Parts()) },
		"enrol":    func() error { return templatecheck.CheckHTMLStrict(p.enrol.Parts()) },
		"app":      func() error { return templatecheck.CheckHTMLStrict(p.app.Parts()) },
		"codes":    func() error { return templatecheck.CheckHTMLStrict(p.codes.Parts()) },
		"person":   func() error { return templatecheck.CheckHTMLStrict(p.person.Parts()) },
		"security": func() error { return templatecheck.CheckHTMLStrict(p.security.Parts()) },
		"leave":    func() error { return templatecheck.CheckHTMLStrict(p.leave.Parts()) },
	} {
		if err := check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoutesGolden(t *testing.T) {
	var b strings.Builder
	for _, r := range New(nil, Options{}).Routes() {
		b.WriteString(r.Method + " " + r.Pattern + " " + string(r.Permission) + "\n")
	}
	want, err := os.ReadFile("testdata/route.golden")
	if err != nil || b.String() != string(want) {
		t.Errorf("routes differ from testdata/route.golden (%v):\n%s", err, b.String())
	}
}

// TestFirstDay goes through everything an operator does on the first day, and a manager after it.
func TestFirstDay(t *testing.T) {
	b, service := newBrowser(t)
	token, _, err := service.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.want("/staff/", nil, 303, "/staff/sign-in?next=%2Fstaff%2F")
	b.want("/staff/setup/wrong", nil, 410, "", "This link has been used")
	b.want("/staff/setup/"+token, nil, 200, "", "Set up Adili", "At least 15 characters")
	form := url.Values{"name": {"Ada"}, "email": {"ada@example.org"}, "password": {"short"}, "again": {"short"}}
	b.want("/staff/setup/"+token, form, 400, "", "at least 15 characters", `value="ada@example.org"`)
	form["password"] = []string{goodPassword}
	b.want("/staff/setup/"+token, form, 400, "", "not the same")
	form["again"] = form["password"]
	b.want("/staff/setup/"+token, form, 303, "/staff/")
	b.want("/staff/", nil, 200, "", "Welcome, Ada", "signed in", `href="/staff/people"`)
	b.want("/staff/setup/"+token, form, 410, "")

	form = url.Values{"name": {"Max"}, "email": {"max@example.org"}, "role": {"manager"}}
	page := b.want("/staff/people", form, 200, "", "Hand this link to Max")
	link := regexp.MustCompile(`/staff/password/\w+`).FindString(page)
	if !strings.Contains(page, "https://example.com"+link) {
		t.Errorf("the link for Max does not begin with https:\n%s", page)
	}
	b.want("/staff/people", form, 409, "", "already")
	b.want("/staff/people", nil, 200, "", "No password yet")
	ada := regexp.MustCompile(`<a href="/staff/people/(person_\w+)">Ada</a>`).FindStringSubmatch(b.want("/staff/people", nil, 200, ""))
	if ada == nil {
		t.Fatal("no link to the account of Ada")
	}
	b.want("/staff/people/"+ada[1], nil, 200, "", "Disable the account")
	b.want("/staff/people/"+ada[1]+"/disable", url.Values{}, 409, "", "last operator")
	b.want("/staff/people/"+ada[1]+"/role", url.Values{"role": {"analyst"}}, 409, "", "last operator")
	b.want("/staff/people/"+ada[1]+"/reset", url.Values{}, 409, "", "your own account")

	other := &browser{t: t, handler: b.handler, cookies: make(map[string]string), lang: "fr"}
	other.want(link, nil, 200, "", "Choisir un mot de passe", "Bienvenue, Max")
	other.want(link, url.Values{"password": {goodPassword}, "again": {goodPassword}}, 303, "/staff/")
	other.lang = "en"
	page = other.want("/staff/", nil, 200, "", `<html lang="fr"`) // the language the password was set in is kept
	if strings.Contains(page, "/staff/people") {
		t.Error("a manager sees the accounts in the navigation")
	}
	other.want("/staff/people", nil, 403, "")
	other.want("/staff/language", url.Values{"lang": {"ar"}, "next": {"//evil.example"}}, 303, "/staff/account")
	other.want("/staff/account", nil, 200, "", `<html lang="ar" dir="rtl">`)
	other.want("/staff/account", url.Values{"present": {"wrong"}, "password": {"maple window ribbon"}, "again": {"maple window ribbon"}}, 400, "")
	other.want("/staff/account", url.Values{"present": {goodPassword}, "password": {"maple window ribbon"}, "again": {"maple window ribbon"}}, 303, "/staff/account")
	other.want("/staff/account", nil, 200, "", `role="status"`)
	other.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")
	other.want("/staff/account", nil, 303, "/staff/sign-in?next=%2Fstaff%2Faccount")
}

func TestSignIn(t *testing.T) {
	b, service := newBrowser(t)
	if _, _, err := service.Create(t.Context(), people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.Analyst, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	b.want("/staff/sign-in?lang=es&next=%2Fstaff%2Faccount", nil, 200, "", `action="/staff/sign-in?lang=es"`, `name="next" value="/staff/account"`)
	form := url.Values{"email": {"ana@example.org"}, "password": {"wrong"}, "next": {"https://evil.example/staff/"}}
	known := b.want("/staff/sign-in", form, 400, "", "do not fit together")
	form.Set("email", "nobody@example.org")
	unknown := b.want("/staff/sign-in", form, 400, "")
	if strings.ReplaceAll(known, "ana@", "nobody@") != unknown {
		t.Error("an unknown account gets another page")
	}
	form.Set("email", "ana@example.org")
	form.Set("password", goodPassword)
	b.want("/staff/sign-in", form, 303, "/staff/")
	b.want("/staff/sign-in?next=%2Fstaff%2Faccount", nil, 303, "/staff/account")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")
	b.want("/staff/sign-in", nil, 200, "", "You have signed out")
	// The browser is a known one now, with ten attempts of its own.
	for range 10 {
		form.Set("password", "wrong")
		b.want("/staff/sign-in", form, 400, "")
	}
	form.Set("password", goodPassword)
	b.want("/staff/sign-in", form, 429, "", "wait a few minutes")
	delete(b.cookies, "__Host-adili-device")
	b.want("/staff/sign-in", form, 303, "/staff/")
}

// Behind a proxy, one client's bad attempts are not everybody's.
func TestSignInBehindProxy(t *testing.T) {
	b, service := newBrowser(t)
	if _, _, err := service.Create(t.Context(), people.NewPerson{Email: "ana@example.org", Name: "Ana", Role: people.Analyst, Password: goodPassword}); err != nil {
		t.Fatal(err)
	}
	wrong := url.Values{"email": {"nobody@example.org"}, "password": {"wrong"}}
	right := url.Values{"email": {"ana@example.org"}, "password": {goodPassword}}
	b.proxied = "198.51.100.7"
	for range 10 {
		b.want("/staff/sign-in", wrong, 400, "")
	}
	b.want("/staff/sign-in", right, 429, "")
	b.proxied = "198.51.100.8"
	b.want("/staff/sign-in", right, 303, "/staff/")
	b.proxied = "unknown"
	for range 10 {
		b.want("/staff/sign-in", wrong, 400, "")
	}
	b.want("/staff/sign-in", right, 303, "/staff/")
}

func TestEveryLanguage(t *testing.T) {
	b, service := newBrowser(t)
	token, _, err := service.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		b.want("/staff/setup/"+token+"?lang="+lang, nil, 200, "", `<html lang="`+lang+`"`)
	}
	b.want("/staff/setup/"+token, url.Values{"name": {"Ada"}, "email": {"a@example.org"}, "password": {goodPassword}, "again": {goodPassword}}, 303, "/staff/")
	for _, lang := range i18n.Languages {
		for _, address := range []string{"/staff/", "/staff/people", "/staff/account"} {
			page := b.want(address+"?lang="+lang, nil, 200, "", `<html lang="`+lang+`"`)
			if strings.Contains(page, "«people") || strings.Contains(page, "«web") {
				t.Errorf("%s in %s: a text is missing", address, lang)
			}
		}
	}
}
