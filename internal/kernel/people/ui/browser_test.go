package ui

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/testkit/browsertest"
	"adili/internal/testkit/dbtest"

	"github.com/pquerna/otp/totp"
)

// desk is a browser at a running server, as somebody sits before it.
type desk struct {
	*browsertest.Tab
	t          *testing.T
	base, name string
	lang       string
}

// newServer serves the room at a name that browsers trust without HTTPS.
func newServer(t *testing.T, o Options) (base string, service *people.Service) {
	t.Helper()
	service = people.New(dbtest.SQLite(t, migrate), clock.System())
	service.RequireSecondFactor()
	server := httptest.NewServer(newHandler(t, service, o))
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", "localhost", 1), service
}

func (d *desk) open(path string) {
	d.t.Helper()
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	d.Go(d.base + path + mark + "lang=" + d.lang)
}

// look takes a picture of the page and asks axe about it.
func (d *desk) look(page string) {
	d.t.Helper()
	d.Picture(d.name + "-" + page)
	for _, fault := range d.Axe() {
		d.t.Errorf("%s of %s: %s", page, d.name, fault)
	}
	if d.Sideways() {
		d.t.Errorf("%s of %s is wider than the screen", page, d.name)
	}
	if text := d.Text(); strings.Contains(text, "«") && strings.Contains(text, "people.") {
		d.t.Errorf("%s of %s lacks a text:\n%s", page, d.name, text)
	}
}

// at waits for an address.
func (d *desk) at(path string) {
	d.t.Helper()
	if got := strings.TrimPrefix(d.Location(), d.base); got != path && !strings.HasPrefix(got, path+"?") {
		d.t.Fatalf("%s: at %s, want %s:\n%s", d.name, got, path, d.Text())
	}
}

// signIn types address and password.
func (d *desk) signIn(email string) {
	d.t.Helper()
	d.open("/staff/sign-in")
	d.Fill("#email", email)
	d.Fill("#password", goodPassword)
	d.Submit("main form button")
}

func (d *desk) signOut() {
	d.t.Helper()
	d.Eval("document.querySelector('form[action=\"/staff/sign-out\"]').submit()")
}

// Eval runs a script that leads to another page.
func (d *desk) Eval(script string) {
	d.t.Helper()
	browsertest.Eval[bool](d.Tab, "(() => {"+script+"; return true})()")
	time.Sleep(300 * time.Millisecond)
}

// The first day of an operator with a passkey, and everything that follows, on a desk and on a phone.
func TestPasskeyInTheBrowser(t *testing.T) {
	for name, o := range map[string]browsertest.Options{
		"desk": {Width: 1200, Height: 900}, "phone-ar": {Width: 360, Height: 740, Mobile: true}, "phone-dark-fr": {Width: 360, Height: 740, Mobile: true, Dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			base, service := newServer(t, Options{Provider: &fakeProvider{}})
			lang := name[strings.LastIndexByte(name, '-')+1:]
			if lang == "desk" {
				lang = "en"
			}
			d := &desk{Tab: browsertest.New(t, o), t: t, base: base, name: name, lang: lang}
			d.Passkeys()
			link, _, err := service.SetupLink(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d.open("/staff/setup/" + link)
			for selector, text := range map[string]string{"#name": "Ada", "#email": "ada@example.org", "#password": goodPassword, "#again": goodPassword} {
				d.Fill(selector, text)
			}
			d.Submit("main form button")
			d.at("/staff/enrol")
			d.look("enrol")
			d.Fill("#name", "Office laptop")
			d.Submit("form[data-passkey] button")
			d.look("codes")
			if n := browsertest.Eval[int](d.Tab, "document.querySelectorAll('main li bdi').length"); n != 10 {
				t.Fatalf("%d recovery codes:\n%s", n, d.Text())
			}
			d.Submit(".actions a")
			d.at("/staff/")

			d.open("/staff/account/security")
			d.look("security")
			d.signOut()
			d.open("/staff/sign-in?next=/staff/account/security")
			d.look("sign-in")
			d.Eval("const late = Date.now() + 9 * 60000; Date.now = () => late; document.querySelector('form[data-passkey]').elements.state.value = 'stale'")
			d.Submit("form[data-passkey] button") // nothing is typed, and the page is nine minutes old
			d.at("/staff/account/security")
			d.signOut()

			d.signIn("ada@example.org")
			d.at("/staff/sign-in/second")
			d.look("second")
			d.Submit("form[data-passkey] button")
			d.at("/staff/")

			d.open("/staff/enrol/app?next=/staff/account/security")
			d.look("app")
			secret := strings.ReplaceAll(browsertest.Eval[string](d.Tab, "document.querySelector('.notice .code').innerText"), " ", "")
			code, err := totp.GenerateCode(secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			d.Fill("#code", code)
			d.Submit("main form button")
			d.at("/staff/account/security")
			d.look("security-both")

			d.open("/staff/people")
			d.Fill("#name", "Max Müller-Lüdenscheidt")
			d.Fill("#email", "max.mueller-luedenscheidt@customs.example")
			d.Set("[name=role][value=manager]", "on")
			d.look("people")
			d.Submit("form:has([name=role]) button")
			d.look("link")
			d.open("/staff/people")
			d.Submit("tbody tr:last-child th a")
			d.look("person")
		})
	}
}

// Without script there is no passkey, and the page says so; the authenticator app works.
func TestEnrolWithoutScript(t *testing.T) {
	base, service := newServer(t, Options{})
	in := people.NewPerson{Email: "ada@example.org", Name: "Ada", Role: people.Operator, Password: goodPassword}
	if _, _, err := service.Create(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	d := &desk{Tab: browsertest.New(t, browsertest.Options{NoScript: true}), t: t, base: base, name: "no-script", lang: "en"}
	d.open("/staff/sign-in")
	d.Set("#email", "ada@example.org")
	d.Set("#password", goodPassword)
	d.Submit("main form button")
	d.at("/staff/enrol")
	d.Picture("no-script-enrol")
	if text := d.Text(); !strings.Contains(text, "needs JavaScript") || strings.Contains(text, "Name of this passkey") {
		t.Errorf("without script:\n%s", text)
	}
	d.Submit("a[href^='/staff/enrol/app']")
	d.at("/staff/enrol/app")
}

// The way to a provider: Chromium must not stop it on account of our own policy.
func TestProviderInTheBrowser(t *testing.T) {
	base, _ := newServer(t, Options{Provider: &fakeProvider{}})
	d := &desk{Tab: browsertest.New(t, browsertest.Options{}), t: t, base: base, name: "provider", lang: "en"}
	d.open("/staff/sign-in")
	d.Submit("form[action='/staff/oidc/begin'] button")
	for range 50 { // the page goes on by itself; nothing answers there
		if where := d.Location(); strings.HasPrefix(where, "https://login.example/authorize?client_id=a&state=s1") || strings.HasPrefix(where, "chrome-error:") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("still at %s:\n%s", d.Location(), d.Text())
}
