// Package ui has the pages of accounts: set-up, sign-in with its second step, passwords, passkeys and authenticator apps,
// the list of accounts, one's own account, and the start page of staff.
package ui

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"net/url"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/passkey"
	"adili/internal/kernel/web"
)

//go:embed page/*.html
var files embed.FS

// Mailer sends mail. mail.Sender does.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// Options say what the pages have at hand.
type Options struct {
	Site     string   // address the service is known by, "https://host"; empty when not known
	Mail     Mailer   // sends invitations; nil: the operator hands the links over
	Provider Provider // signs people in; nil: passwords and passkeys only
}

// Room serves the pages of accounts.
type Room struct {
	people  *people.Service
	options Options
	pages   pages
}

// pages are the parsed pages.
type pages struct {
	start    *web.Page[startView]
	signIn   *web.Page[signInView]
	second   *web.Page[secondView]
	enrol    *web.Page[enrolView]
	app      *web.Page[appView]
	codes    *web.Page[codesView]
	setup    *web.Page[setupView]
	password *web.Page[passwordView]
	accounts *web.Page[accountsView]
	person   *web.Page[personView]
	link     *web.Page[linkView]
	account  *web.Page[accountView]
	security *web.Page[securityView]
	leave    *web.Page[leaveView]
}

// New gives the room over the service.
func New(service *people.Service, options Options) *Room {
	return &Room{people: service, options: options, pages: newPages(files)}
}

func newPages(fsys fs.FS) pages {
	const part = "page/part.html"
	return pages{
		start:    web.NewPage[startView](web.Staff, fsys, "page/start.html"),
		signIn:   web.NewPage[signInView](web.Staff, fsys, "page/sign_in.html", part),
		second:   web.NewPage[secondView](web.Staff, fsys, "page/second.html", part),
		enrol:    web.NewPage[enrolView](web.Staff, fsys, "page/enrol.html", part),
		app:      web.NewPage[appView](web.Staff, fsys, "page/app.html", part),
		codes:    web.NewPage[codesView](web.Staff, fsys, "page/codes.html"),
		setup:    web.NewPage[setupView](web.Staff, fsys, "page/setup.html", part),
		password: web.NewPage[passwordView](web.Staff, fsys, "page/password.html", part),
		accounts: web.NewPage[accountsView](web.Staff, fsys, "page/accounts.html", part),
		person:   web.NewPage[personView](web.Staff, fsys, "page/person.html", part),
		link:     web.NewPage[linkView](web.Staff, fsys, "page/link.html"),
		account:  web.NewPage[accountView](web.Staff, fsys, "page/account.html", part),
		security: web.NewPage[securityView](web.Staff, fsys, "page/security.html", part),
		leave:    web.NewPage[leaveView](web.Staff, fsys, "page/leave.html"),
	}
}

// Addresses of the pages.
const (
	accountsPath = "/staff/people"
	secondPath   = web.SignInPath + "/second"
	againPath    = web.SignInPath + "/again"
	enrolPath    = "/staff/enrol"
	appPath      = enrolPath + "/app"
	securityPath = web.AccountPath + "/security"
	beginPath    = "/staff/oidc/begin"
	returnPath   = "/staff/oidc/return"
)

// Routes implements web.Room. The pages of half a session are public ones that ask the service themselves how far the
// visitor has come: nothing else is open to half a session.
func (m *Room) Routes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Pattern: "/staff/{$}", Permission: web.SignedIn, Handle: m.start},
		{Method: get, Pattern: web.SignInPath, Permission: web.Public, Handle: m.signInForm},
		{Method: post, Pattern: web.SignInPath, Permission: web.Public, Handle: m.signIn},
		{Method: get, Pattern: secondPath, Permission: web.Public, Handle: m.secondForm},
		{Method: post, Pattern: secondPath, Permission: web.Public, Handle: m.second},
		{Method: post, Pattern: againPath, Permission: web.SignedIn, Handle: m.signInAgain},
		{Method: post, Pattern: web.SignOutPath, Permission: web.Public, Handle: m.signOut},
		{Method: post, Pattern: beginPath, Permission: web.Public, Handle: m.begin},
		{Method: get, Pattern: returnPath, Permission: web.Public, Handle: m.comeBack},
		{Method: get, Pattern: enrolPath, Permission: web.Public, Handle: m.enrolForm},
		{Method: post, Pattern: enrolPath, Permission: web.Public, Handle: m.enrol},
		{Method: get, Pattern: appPath, Permission: web.Public, Handle: m.appForm},
		{Method: post, Pattern: appPath, Permission: web.Public, Handle: m.app},
		{Method: get, Pattern: "/staff/setup/{token}", Permission: web.Public, Handle: m.setupForm},
		{Method: post, Pattern: "/staff/setup/{token}", Permission: web.Public, Handle: m.setup},
		{Method: get, Pattern: "/staff/password/{token}", Permission: web.Public, Handle: m.passwordForm},
		{Method: post, Pattern: "/staff/password/{token}", Permission: web.Public, Handle: m.setPassword},
		{Method: get, Pattern: web.AccountPath, Permission: web.SignedIn, Handle: m.account},
		{Method: post, Pattern: web.AccountPath, Permission: web.SignedIn, Handle: m.changePassword},
		{Method: post, Pattern: web.LanguagePath, Permission: web.SignedIn, Handle: m.setLanguage},
		{Method: get, Pattern: securityPath, Permission: web.SignedIn, Handle: m.security},
		{Method: post, Pattern: securityPath + "/passkey/{id}/remove", Permission: web.SignedIn, Handle: m.removePasskey},
		{Method: post, Pattern: securityPath + "/app/remove", Permission: web.SignedIn, Handle: m.removeApp},
		{Method: post, Pattern: securityPath + "/codes", Permission: web.SignedIn, Handle: m.newCodes},
		{Method: post, Pattern: securityPath + "/others", Permission: web.SignedIn, Handle: m.signOutOthers},
		{Method: get, Pattern: accountsPath, Permission: people.AccountManage, Handle: m.accounts},
		{Method: post, Pattern: accountsPath, Permission: people.AccountManage, Handle: m.create},
		{Method: get, Pattern: accountsPath + "/{id}", Permission: people.AccountManage, Handle: m.person},
		{Method: post, Pattern: accountsPath + "/{id}/role", Permission: people.AccountManage, Handle: m.setRole},
		{Method: post, Pattern: accountsPath + "/{id}/disable", Permission: people.AccountManage, Handle: m.disable},
		{Method: post, Pattern: accountsPath + "/{id}/enable", Permission: people.AccountManage, Handle: m.enable},
		{Method: post, Pattern: accountsPath + "/{id}/reset", Permission: people.AccountManage, Handle: m.reset},
	}
}

// Nav gives the room's entries of the staff navigation.
func (m *Room) Nav() []web.NavItem {
	return []web.NavItem{{Key: "people.nav.accounts", URL: accountsPath, Permission: people.AccountManage}}
}

// mendable says whether an error is about what was typed, so that the form is shown again with it.
func mendable(err error) bool {
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Conflict, errs.TooMany:
		return true
	}
	return false
}

// twice checks that a new password was typed the same way twice.
func twice(password, again string) error {
	if password != again {
		return errs.New(errs.Invalid, "people.error.password_differs")
	}
	return nil
}

// deviceCookie makes a browser one that its owner has signed in from before.
const deviceCookie = "device"

// client says what is known of the browser.
func client(r *web.Request) people.Client {
	return people.Client{Key: r.ClientKey(), Known: r.StaffCookie(deviceCookie), Device: device(r.Header), Session: r.SessionToken()}
}

// site gives where passkeys are made and asked for, if they can be at the address the reader used.
func (m *Room) site(r *web.Request) (passkey.Site, bool) {
	return passkey.At(m.options.Site, r.BaseURL())
}

// address gives the address of the service for links that leave the page.
func (m *Room) address(r *web.Request) string {
	if m.options.Site != "" {
		return m.options.Site
	}
	return r.BaseURL()
}

// chosen gives the language chosen on the page, if one was.
func chosen(r *web.Request) string {
	if lang := r.URL.Query().Get("lang"); i18n.Known(lang) {
		return lang
	}
	return ""
}

// here gives the request's address with the language chosen on the page, if one was.
func here(r *web.Request) string { return at(r.URL.Path, "", chosen(r)) }

// at gives the address of a page of half a session, which has nobody's language: what is to follow and the language travel
// along.
func at(path, next, lang string) string {
	q := url.Values{}
	if next != "" && next != web.StartPath {
		q.Set("next", next)
	}
	if lang != "" {
		q.Set("lang", lang)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// after gives the page that is to follow, from the form or the address.
func after(values url.Values) string { return web.LocalPath(values.Get("next"), web.StartPath) }

// entered lets a browser in, as far as its new session goes.
func (m *Room) entered(r *web.Request, e people.Entry, next, flash string) web.Reply {
	reply := web.Redirect(m.onward(r, e, next))
	if e.Stage == people.Full && flash != "" {
		reply = web.RedirectFlash(next, flash)
	}
	return m.withSession(reply, e)
}

// withSession gives a browser its new session, and makes it a known one.
func (m *Room) withSession(reply web.Reply, e people.Entry) web.Reply {
	reply = web.StartSession(reply, e.Token)
	if e.Known != "" {
		reply = web.StaffCookie(reply, deviceCookie, e.Known, people.KnownFor)
	}
	return reply
}

// onward gives where an entry leads.
func (m *Room) onward(r *web.Request, e people.Entry, next string) string {
	lang := chosen(r)
	if lang == "" {
		lang = e.Lang
	}
	switch e.Stage {
	case people.Second:
		return at(secondPath, next, lang)
	case people.Enrol:
		return at(enrolPath, next, lang)
	}
	return next
}

// startView is the start page's, which shows the shell's navigation.
type startView struct{ Role string }

func (m *Room) start(r *web.Request) (web.Reply, error) {
	return m.pages.start.Reply(r, "people.start.title", startView{Role: string(r.Person.Role)}), nil
}
