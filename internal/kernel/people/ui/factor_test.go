package ui

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/testkit/dbtest"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"
)

const (
	site = "https://example.com" // the host of httptest's requests
)

// newDesk gives a browser at a service that wants operators to have a second factor, with an operator and an analyst.
func newDesk(t *testing.T, o Options) (*browser, *people.Service, *clock.Manual) {
	t.Helper()
	clk := clock.Fixed(start)
	service := people.New(dbtest.SQLite(t, migrate), clk)
	service.RequireSecondFactor()
	for email, role := range map[string]people.Role{"ada@example.org": people.Operator, "ana@example.org": people.Analyst} {
		in := people.NewPerson{Email: email, Name: strings.ToUpper(email[:1]) + email[1:3], Role: role, Password: goodPassword}
		if _, _, err := service.Create(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	return &browser{t: t, handler: newHandler(t, service, o), cookies: make(map[string]string), lang: "en"}, service, clk
}

func credentials(email string) url.Values {
	return url.Values{"email": {email}, "password": {goodPassword}, "next": {"/staff/account"}}
}

// hidden gives the value of a hidden field of a page, and attribute that of an attribute.
func hidden(t *testing.T, page, name string) string {
	t.Helper()
	return one(t, page, `name="`+name+`" value="([^"]+)"`)
}

func one(t *testing.T, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no %s in\n%s", pattern, page)
	}
	return html.UnescapeString(m[1])
}

// appCode gives what an app shows that was set up by the page.
func appCode(t *testing.T, page string, clk clock.Clock) (secret, code string) {
	t.Helper()
	secret = strings.ReplaceAll(one(t, page, `<bdi class="code" dir="ltr">([A-Z2-7 ]+)</bdi>`), " ", "")
	code, err := totp.GenerateCode(secret, clk.Now())
	if err != nil {
		t.Fatal(err)
	}
	return secret, code
}

// Half a session opens nothing: every page of staff leads to the page where the operator enrols.
func TestHalfASessionOpensNothing(t *testing.T) {
	b, service, _ := newDesk(t, Options{Site: site})
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/enrol?next=%2Fstaff%2Faccount")
	token := b.cookies["__Host-adili"]
	for _, route := range New(service, Options{}).Routes() {
		if route.Permission == web.Public {
			continue
		}
		address := strings.NewReplacer("{$}", "", "{id}", "person_x").Replace(route.Pattern)
		if route.Method == http.MethodPost {
			b.want(address, url.Values{"role": {"operator"}}, 303, "/staff/sign-in")
			continue
		}
		b.want(address, nil, 303, "/staff/sign-in?next="+url.QueryEscape(address))
		b.want("/staff/sign-in?next="+url.QueryEscape(address), nil, 303, strings.TrimSuffix("/staff/enrol?next="+url.QueryEscape(address), "?next=%2Fstaff%2F"))
	}
	if b.cookies["__Host-adili"] != token {
		t.Error("the session was replaced")
	}
	b.want("/staff/sign-in/second", nil, 303, "/staff/enrol")
	b.want("/staff/enrol", nil, 200, "", "Protect your account", "Make a passkey", "Set up an app")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")
	b.want("/staff/enrol", nil, 303, "/staff/sign-in?next=%2Fstaff%2Fenrol")
}

// The whole way with an authenticator app, without any script.
func TestAuthenticatorApp(t *testing.T) {
	b, _, clk := newDesk(t, Options{Site: site})
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/enrol?next=%2Fstaff%2Faccount")
	b.want("/staff/enrol?next=%2Fstaff%2Faccount&lang=fr", nil, 200, "", `href="/staff/enrol/app?lang=fr&amp;next=%2Fstaff%2Faccount"`)
	page := b.want("/staff/enrol/app?next=%2Fstaff%2Faccount", nil, 200, "", "<svg", `href="otpauth://totp/Adili%20example.com:ada@example.org?`)
	secret, code := appCode(t, page, clk)
	form := url.Values{"state": {hidden(t, page, "state")}, "next": {hidden(t, page, "next")}, "code": {"1"}}
	if again, _ := appCode(t, b.want("/staff/enrol/app", form, 400, "", "This code is not right"), clk); again != secret {
		t.Error("a wrong code changes the secret")
	}
	form.Set("code", code)
	half := b.cookies["__Host-adili"]
	page = b.want("/staff/enrol/app", form, 200, "", "Your recovery codes", `href="/staff/account"`)
	if b.cookies["__Host-adili"] == half || b.cookies["__Host-adili-device"] == "" {
		t.Error("the token stays the same, or the browser is not known")
	}
	spare := one(t, page, `>(\w{4}-\w{4}-\w{4})<`)
	if n := strings.Count(page, "<li><bdi"); n != 10 {
		t.Errorf("%d recovery codes", n)
	}
	b.want("/staff/people", nil, 200, "", "Set up")
	b.want("/staff/account/security", nil, 200, "", "Codes left: 10", "This device", "1 December 2026, 08:00\u00a0UTC", "Remove the app")
	b.want("/staff/account/security/app/remove", url.Values{}, 409, "", "Operators need a passkey")

	clk.Advance(21 * time.Minute)
	if page := b.want("/staff/account/security", nil, 200, "", "sign in once more"); strings.Contains(page, "/remove") {
		t.Error("a session that is not fresh is offered changes")
	}
	b.want("/staff/enrol", nil, 303, "/staff/account/security")
	b.want("/staff/account/security/codes", url.Values{}, 409, "", "Sign in again before")
	b.want("/staff/sign-in/again", url.Values{"next": {"/staff/account/security"}}, 303, "/staff/sign-in?next=%2Fstaff%2Faccount%2Fsecurity")
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/sign-in/second?next=%2Fstaff%2Faccount")
	b.want("/staff/account", nil, 303, "/staff/sign-in?next=%2Fstaff%2Faccount")
	b.want("/staff/enrol", nil, 303, "/staff/sign-in/second")
	b.want("/staff/sign-in/second?next=%2Fstaff%2Faccount", nil, 200, "", "signing in as Ada", `autocomplete="one-time-code"`, "recovery codes")
	_, code = "", must(t)(totp.GenerateCode(secret, clk.Now()))
	b.want("/staff/sign-in/second", url.Values{"code": {"000000"}, "next": {"/staff/account"}}, 400, "", "This code is not right")
	b.want("/staff/sign-in/second", url.Values{"code": {code}, "next": {"/staff/account"}}, 303, "/staff/account")
	page = b.want("/staff/account/security/codes", url.Values{}, 200, "", "Your recovery codes")
	if strings.Contains(page, spare) {
		t.Error("the codes are the old ones")
	}
	other := &browser{t: t, handler: b.handler, cookies: make(map[string]string), lang: "en"}
	other.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/sign-in/second?next=%2Fstaff%2Faccount")
	b.want("/staff/account/security", nil, 200, "", "Waiting for the second step")
	other.want("/staff/sign-in/second", url.Values{"code": {spare}}, 400, "")
	other.want("/staff/sign-in/second", url.Values{"code": {one(t, page, `>(\w{4}-\w{4}-\w{4})<`)}}, 303, "/staff/")
	b.want("/staff/account/security/others", url.Values{}, 303, "/staff/account/security")
	b.want("/staff/account/security", nil, 200, "", "All other devices have been signed out", "Codes left: 9")
	other.want("/staff/account", nil, 303, "/staff/sign-in?next=%2Fstaff%2Faccount")
}

func must(t *testing.T) func(v string, err error) string {
	return func(v string, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// phone answers what the pages ask of passkeys.
type phone struct {
	party      virtualwebauthn.RelyingParty
	holder     virtualwebauthn.Authenticator
	credential virtualwebauthn.Credential
}

func (p *phone) answer(t *testing.T, page string) url.Values {
	t.Helper()
	form := url.Values{"state": {hidden(t, page, "state")}, "next": {hidden(t, page, "next")}, "name": {"Phone"}}
	options := one(t, page, `data-options="([^"]+)"`)
	if strings.Contains(page, `data-passkey="create"`) {
		o, err := virtualwebauthn.ParseAttestationOptions(options)
		if err != nil {
			t.Fatal(err)
		}
		p.holder.Options.UserHandle = []byte(o.UserID)
		form.Set("response", virtualwebauthn.CreateAttestationResponse(p.party, p.holder, p.credential, *o))
		return form
	}
	o, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	form.Set("response", virtualwebauthn.CreateAssertionResponse(p.party, p.holder, p.credential, *o))
	return form
}

func TestPasskeyPages(t *testing.T) {
	b, _, _ := newDesk(t, Options{Site: site})
	p := &phone{
		party:  virtualwebauthn.RelyingParty{ID: "example.com", Origin: site},
		holder: virtualwebauthn.NewAuthenticator(), credential: newCredential(),
	}
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/enrol?next=%2Fstaff%2Faccount")
	page := b.want("/staff/enrol?next=%2Fstaff%2Faccount", nil, 200, "", `src="/assets/passkey.`, "needs JavaScript")
	form := p.answer(t, page)
	form.Set("name", "")
	b.want("/staff/enrol", form, 400, "", "give the passkey a name")
	form.Set("name", "Office phone")
	b.want("/staff/enrol", form, 200, "", "Your recovery codes")
	page = b.want("/staff/account/security", nil, 200, "", "Office phone", "Made on 1 December 2026 for example.com", "Not used yet", "Remove the passkey Office phone")
	remove := one(t, page, `action="(/staff/account/security/passkey/[^"]+/remove)"`)
	b.want(remove, url.Values{}, 409, "", "Operators need a passkey")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")

	page = b.want("/staff/sign-in?next=%2Fstaff%2Fpeople", nil, 200, "", "Sign in with a passkey")
	form = p.answer(t, page)
	b.want("/staff/sign-in", form, 303, "/staff/people")
	b.want("/staff/account/security", nil, 200, "", "Last used on 1 December 2026")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")
	b.want("/staff/sign-in", form, 400, "", "open for too long, or it was used before")

	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/sign-in/second?next=%2Fstaff%2Faccount")
	page = b.want("/staff/sign-in/second?next=%2Fstaff%2Faccount", nil, 200, "", "Use a passkey", "Recovery code")
	form = p.answer(t, page)
	b.want("/staff/sign-in/second", form, 303, "/staff/account")
}

// Where browsers give no passkeys the pages say so, and the app remains.
func TestPasskeysElsewhere(t *testing.T) {
	for configured, words := range map[string]string{"": "Passkeys are not possible at this address", "https://adili.example": "Passkeys work only at the address https://adili.example"} {
		b, _, _ := newDesk(t, Options{Site: configured})
		if page := b.want("/staff/sign-in", nil, 200, ""); strings.Contains(page, "data-passkey") || strings.Contains(page, "passkey.") {
			t.Error("a passkey is asked for where there can be none")
		}
		b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/enrol?next=%2Fstaff%2Faccount")
		if page := b.want("/staff/enrol", nil, 200, "", words, "Set up an app"); strings.Contains(page, "data-passkey") {
			t.Error("a passkey is offered where there can be none")
		}
	}
}

func TestNewPagesInEveryLanguage(t *testing.T) {
	b, service, clk := newDesk(t, Options{Site: site, Provider: &fakeProvider{}})
	list, err := service.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	show := func(address string, status int) {
		t.Helper()
		for _, lang := range i18n.Languages {
			b.want(address+"?lang="+lang, nil, status, "", `<html lang="`+lang+`"`)
		}
	}
	show("/staff/sign-in", 200)
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/enrol?next=%2Fstaff%2Faccount")
	show("/staff/enrol", 200)
	show("/staff/enrol/app", 200)
	page := b.want("/staff/enrol/app", nil, 200, "")
	_, code := appCode(t, page, clk)
	b.want("/staff/enrol/app?lang=zh", url.Values{"state": {hidden(t, page, "state")}, "code": {code}}, 200, "", `<html lang="zh"`)
	show("/staff/enrol", 200)
	show("/staff/account/security", 200)
	for _, a := range list {
		show("/staff/people/"+a.ID, 200)
	}
	b.want("/staff/people/person_none", nil, 404, "")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/sign-in/second?next=%2Fstaff%2Faccount")
	show("/staff/sign-in/second", 200)
}

func TestDevice(t *testing.T) {
	for said, want := range map[string]string{
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36":          "Chromium/Android",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0":          "Edge/Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile Safari/604": "Safari/iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0":                                           "Firefox/macOS",
		"curl/8.0": "/",
		"":         "/",
	} {
		h := http.Header{"User-Agent": {said}}
		if got := device(h); got != want {
			t.Errorf("%s: %s", said, got)
		}
	}
	h := http.Header{"User-Agent": {"Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0 Safari/537.36"}, "Sec-Ch-Ua": {`"Google Chrome";v="141"`}}
	if got := device(h); got != "Chrome/Linux" {
		t.Error(got)
	}
	catalogue, err := i18n.Load(people.Messages())
	if err != nil {
		t.Fatal(err)
	}
	p := catalogue.Printer("en")
	for kept, want := range map[string]string{"Firefox/Linux": "Firefox on Linux", "/Linux": "Linux", "Firefox/": "Firefox", "/": "Unknown device", "": "Unknown device"} {
		if got := deviceWords(p, kept); got != want {
			t.Errorf("%q: %q", kept, got)
		}
	}
}

// newCredential makes a key whose two coordinates are of full length: the library writes short ones without the zeros that
// belong there, once in 128 times, and they are rightly refused.
func newCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}
