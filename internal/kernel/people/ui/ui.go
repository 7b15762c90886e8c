// Package ui has the pages of accounts: set-up, sign-in, passwords, the list of accounts, one's own account, and the start
// page of staff.
package ui

import (
	"embed"
	"io/fs"
	"net/http"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

//go:embed page/*.html
var files embed.FS

// Room serves the pages of accounts.
type Room struct {
	people *people.Service
	pages  pages
}

// pages are the parsed pages.
type pages struct {
	start    *web.Page[startView]
	signIn   *web.Page[signInView]
	setup    *web.Page[setupView]
	password *web.Page[passwordView]
	accounts *web.Page[accountsView]
	link     *web.Page[linkView]
	account  *web.Page[accountView]
}

// New gives the room over the service.
func New(service *people.Service) *Room { return &Room{people: service, pages: newPages(files)} }

func newPages(fsys fs.FS) pages {
	return pages{
		start:    web.NewPage[startView](web.Staff, fsys, "page/start.html"),
		signIn:   web.NewPage[signInView](web.Staff, fsys, "page/sign_in.html", "page/part.html"),
		setup:    web.NewPage[setupView](web.Staff, fsys, "page/setup.html", "page/part.html"),
		password: web.NewPage[passwordView](web.Staff, fsys, "page/password.html", "page/part.html"),
		accounts: web.NewPage[accountsView](web.Staff, fsys, "page/accounts.html", "page/part.html"),
		link:     web.NewPage[linkView](web.Staff, fsys, "page/link.html"),
		account:  web.NewPage[accountView](web.Staff, fsys, "page/account.html", "page/part.html"),
	}
}

const accountsPath = "/staff/people"

// Routes implements web.Room.
func (m *Room) Routes() []web.Route {
	const get, post = http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Pattern: "/staff/{$}", Permission: web.SignedIn, Handle: m.start},
		{Method: get, Pattern: web.SignInPath, Permission: web.Public, Handle: m.signInForm},
		{Method: post, Pattern: web.SignInPath, Permission: web.Public, Handle: m.signIn},
		{Method: post, Pattern: web.SignOutPath, Permission: web.Public, Handle: m.signOut},
		{Method: get, Pattern: "/staff/setup/{token}", Permission: web.Public, Handle: m.setupForm},
		{Method: post, Pattern: "/staff/setup/{token}", Permission: web.Public, Handle: m.setup},
		{Method: get, Pattern: "/staff/password/{token}", Permission: web.Public, Handle: m.passwordForm},
		{Method: post, Pattern: "/staff/password/{token}", Permission: web.Public, Handle: m.setPassword},
		{Method: get, Pattern: web.AccountPath, Permission: web.SignedIn, Handle: m.account},
		{Method: post, Pattern: web.AccountPath, Permission: web.SignedIn, Handle: m.changePassword},
		{Method: post, Pattern: web.LanguagePath, Permission: web.SignedIn, Handle: m.setLanguage},
		{Method: get, Pattern: accountsPath, Permission: people.AccountManage, Handle: m.accounts},
		{Method: post, Pattern: accountsPath, Permission: people.AccountManage, Handle: m.create},
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

// startView is the start page's, which shows the shell's navigation.
type startView struct{ Role string }

func (m *Room) start(r *web.Request) (web.Reply, error) {
	return m.pages.start.Reply(r, "people.start.title", startView{Role: string(r.Person.Role)}), nil
}
