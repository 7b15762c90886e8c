package ui

import (
	"context"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/oidc"
	"adili/internal/testkit/dbtest"
)

// letterbox keeps what is sent, or refuses it.
type letterbox struct {
	got   []mail.Message
	fault error
}

// Send implements Mailer.
func (l *letterbox) Send(_ context.Context, m mail.Message) error {
	if l.fault == nil {
		l.got = append(l.got, m)
	}
	return l.fault
}

// newOffice gives the browser of an operator who has signed in.
func newOffice(t *testing.T, o Options) (*browser, *people.Service, func() []audit.Entry) {
	t.Helper()
	db := dbtest.SQLite(t, migrate)
	service := people.New(db, clock.Fixed(start))
	in := people.NewPerson{Email: "ada@example.org", Name: "Ada", Role: people.Operator, Password: goodPassword}
	if _, _, err := service.Create(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, handler: newHandler(t, service, o), cookies: make(map[string]string), lang: "en"}
	b.want("/staff/sign-in", credentials("ada@example.org"), 303, "/staff/account")
	return b, service, func() []audit.Entry {
		list, err := audit.Entries(t.Context(), db.Read(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
}

func TestInvitationByMail(t *testing.T) {
	box := &letterbox{}
	b, _, entries := newOffice(t, Options{Site: "https://adili.example", Mail: box})
	b.want("/staff/people", nil, 200, "", "gets a mail", `<option value="ru"`)
	form := url.Values{"name": {"Мария"}, "email": {"maria@example.org"}, "role": {"manager"}, "lang": {"ru"}}
	page := b.want("/staff/people", form, 200, "", "Mail sent", "maria@example.org")
	if strings.Contains(page, "/staff/password/") {
		t.Error("the page shows the link that went by mail")
	}
	if len(box.got) != 1 {
		t.Fatalf("%d mails", len(box.got))
	}
	m := box.got[0]
	link := regexp.MustCompile(`https://adili\.example(/staff/password/\w+)\?lang=ru\n`).FindStringSubmatch(m.Text)
	if m.To != "maria@example.org" || m.Name != "Мария" || !strings.Contains(m.Text, "Здравствуйте, Мария!") || !strings.Contains(m.Subject, "учётная запись") || link == nil {
		t.Fatalf("mail %+v", m)
	}
	list := entries()
	if last := list[len(list)-1]; last.Action != "invitation.sent" || last.Actor.Name != "Ada" || strings.Contains(last.Object, "maria@") {
		t.Errorf("audit %+v", last)
	}
	account := one(t, page, `href="(/staff/people/person_\w+)"`)
	b.want(account, nil, 200, "", "No password has been set yet", "Send again", "by mail")
	b.want(account+"/reset", url.Values{}, 200, "", "Mail sent")
	reader := &browser{t: t, handler: b.handler, cookies: make(map[string]string), lang: "ru"}
	reader.want(link[1], nil, 410, "") // the earlier one
	second := regexp.MustCompile(`/staff/password/\w+`).FindString(box.got[1].Text)
	reader.want(second, nil, 200, "", "Мария")

	box.fault = errs.New(errs.Unavailable, "mail.error.unreachable", "Server", "mail.example:587")
	form = url.Values{"name": {"Max"}, "email": {"max@example.org"}, "role": {"analyst"}, "lang": {"en"}}
	b.want("/staff/people", form, 200, "", "The mail was not sent", "mail.example:587 cannot be reached", "https://adili.example/staff/password/")
	if list := entries(); list[len(list)-1].Action != "account.create" {
		t.Errorf("a mail that was not sent is in the audit: %+v", list[len(list)-1])
	}
}

// Nothing that is typed as a name or an address can become a header of a mail, or a second one.
func TestInvitationHeaders(t *testing.T) {
	box := &letterbox{}
	b, service, _ := newOffice(t, Options{Mail: box})
	for _, typed := range []url.Values{
		{"name": {"Max\r\nBcc: eve@example.org"}, "email": {"max@example.org"}},
		{"name": {"Max\nSubject: x"}, "email": {"max@example.org"}},
		{"name": {"Max\rX"}, "email": {"max@example.org"}},
		{"name": {"Max\x00"}, "email": {"max@example.org"}},
		{"name": {"Max\u0085X"}, "email": {"max@example.org"}},
		{"name": {"Max"}, "email": {"max@example.org\r\nBcc: eve@example.org"}},
		{"name": {"Max"}, "email": {"max@example.org,eve@example.org"}},
		{"name": {"Max"}, "email": {"Max <max@example.org>"}},
		{"name": {"Max"}, "email": {"\"a\r\nb\"@example.org"}},
	} {
		typed.Set("role", "analyst")
		b.want("/staff/people", typed, 400, "")
	}
	if list, err := service.List(t.Context()); err != nil || len(list) != 1 || len(box.got) != 0 {
		t.Errorf("%d accounts, %d mails, %v", len(list), len(box.got), err)
	}
	b.want("/staff/people", url.Values{"name": {"Max: <b>\"x\"</b>"}, "email": {"max@example.org"}, "role": {"analyst"}}, 200, "")
	if m := box.got[0]; strings.ContainsAny(m.To+m.Name+m.Subject, "\r\n") || !strings.Contains(m.Text, "http") {
		t.Errorf("mail %+v", m)
	}
}

func TestAccountPage(t *testing.T) {
	b, _, entries := newOffice(t, Options{})
	page := b.want("/staff/people", url.Values{"name": {"Max"}, "email": {"max@example.org"}, "role": {"manager"}}, 200, "", "Hand this link to Max")
	link := regexp.MustCompile(`/staff/password/\w+`).FindString(page)
	account := one(t, page, `href="(/staff/people/person_\w+)"`)
	max := &browser{t: t, handler: b.handler, cookies: make(map[string]string), lang: "en"}
	max.want(link, url.Values{"password": {goodPassword}, "again": {goodPassword}}, 303, "/staff/")
	b.want(account, nil, 200, "", "Survey manager", "ends the present password", "You get the link")
	b.want(account+"/role", url.Values{"role": {"analyst"}}, 303, account)
	b.want(account, nil, 200, "", "signed out everywhere", `value="analyst" checked`)
	max.want("/staff/account", nil, 303, "/staff/sign-in?next=%2Fstaff%2Faccount")
	b.want(account+"/role", url.Values{"role": {"chief"}}, 400, "", "choose a role")
	b.want(account+"/disable", url.Values{}, 303, account)
	b.want(account, nil, 200, "", "The account is disabled", "Enable the account")
	b.want(account+"/enable", url.Values{}, 303, account)
	b.want(account+"/reset", url.Values{"factors": {"on"}}, 200, "", "Hand this link to Max")
	for _, e := range entries() {
		if e.Action == "password.reset" && e.Actor.Name != "Ada" {
			t.Errorf("audit %+v", e)
		}
	}
}

// fakeProvider says what it is told to.
type fakeProvider struct {
	who   oidc.Identity
	fault error
	begun oidc.State
	query url.Values
}

// Label implements Provider.
func (p *fakeProvider) Label() string { return "Customs login" }

// Begin implements Provider.
func (p *fakeProvider) Begin(context.Context) (string, oidc.State, error) {
	p.begun = oidc.State{State: "s1", Nonce: "n1", Verifier: "the verifier 1"}
	return "https://login.example/authorize?client_id=a&state=s1", p.begun, nil
}

// Finish implements Provider.
func (p *fakeProvider) Finish(_ context.Context, s oidc.State, query url.Values) (oidc.Identity, error) {
	if s != p.begun {
		return oidc.Identity{}, errs.New(errs.Invalid, "oidc.error.forged")
	}
	p.query = query
	return p.who, p.fault
}

func TestProvider(t *testing.T) {
	p := &fakeProvider{who: oidc.Identity{Issuer: "https://login.example", Subject: "7", Email: "ana@example.org", EmailVerified: true}}
	b, _, _ := newDesk(t, Options{Site: site, Provider: p})
	b.want("/staff/sign-in?next=%2Fstaff%2Faccount", nil, 200, "", "Sign in with Customs login", `action="/staff/oidc/begin"`)
	b.want("/staff/oidc/return?code=c", nil, 400, "", "open for too long")
	begin := func() string {
		return b.want("/staff/oidc/begin", url.Values{"next": {"/staff/account"}}, 200, "", "taken to Customs login")
	}
	if page := begin(); !strings.Contains(page, `content="0;url=https://login.example/authorize?client_id=a&amp;state=s1"`) {
		t.Errorf("the page does not lead to the provider:\n%s", page)
	}
	if cookie := b.cookies["__Host-adili-oidc"]; cookie == "" || strings.Contains(cookie, "the verifier 1") {
		t.Errorf("cookie %q", cookie)
	}
	b.want("/staff/oidc/return?code=c&state=s1", nil, 303, "/staff/account")
	if p.query.Get("code") != "c" || b.cookies["__Host-adili-oidc"] != "" || b.cookies["__Host-adili"] == "" {
		t.Errorf("query %v, cookies %v", p.query, b.cookies)
	}
	b.want("/staff/account", nil, 200, "", "Ana")
	b.want("/staff/sign-out", url.Values{}, 303, "/staff/sign-in")

	p.who = oidc.Identity{Issuer: "https://login.example", Subject: "8", Email: "nobody@example.org", EmailVerified: true}
	begin()
	b.want("/staff/oidc/return?code=c&state=s1", nil, 403, "", "There is no account here")
	p.fault = errs.New(errs.Forbidden, "oidc.error.denied", "Service", "Customs login")
	begin()
	b.want("/staff/oidc/return?error=x&state=s1", nil, 403, "", "Customs login did not sign you in")
	p.fault = nil

	p.who = oidc.Identity{Issuer: "https://login.example", Subject: "9", Email: "ada@example.org", EmailVerified: true}
	begin()
	b.want("/staff/oidc/return?code=c&state=s1", nil, 303, "/staff/enrol?next=%2Fstaff%2Faccount")
	b.want("/staff/account", nil, 303, "/staff/sign-in?next=%2Fstaff%2Faccount")
	p.who.MFA = true
	begin()
	b.want("/staff/oidc/return?code=c&state=s1", nil, 303, "/staff/account")
	b.want("/staff/account", nil, 200, "", "Ada")
	delete(b.cookies, "__Host-adili-oidc") // another browser
	b.want("/staff/oidc/return?code=c&state=s1", nil, 400, "", "open for too long")

	none, _, _ := newDesk(t, Options{})
	none.want("/staff/oidc/begin", url.Values{}, 404, "")
	none.want("/staff/oidc/return", nil, 404, "")
}
