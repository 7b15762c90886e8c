package ui

import (
	"net/http"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

// accountsView is the list of accounts with the form for one more.
type accountsView struct {
	Accounts []people.Account
	Roles    []people.Role
	Error    string
	New      people.NewPerson // as typed, when there is an Error
}

func (m *Room) accounts(r *web.Request) (web.Reply, error) {
	return m.showAccounts(r, http.StatusOK, accountsView{New: people.NewPerson{Role: people.Manager}})
}

func (m *Room) showAccounts(r *web.Request, status int, v accountsView) (web.Reply, error) {
	list, err := m.people.List(r.Context())
	if err != nil {
		return nil, err
	}
	v.Accounts, v.Roles = list, people.Roles
	return m.pages.accounts.ReplyStatus(r, status, "people.accounts.title", v), nil
}

// linkView shows a one-time link, once.
type linkView struct{ Name, Email, URL string }

func (m *Room) showLink(r *web.Request, name, email, token string) web.Reply {
	return m.pages.link.Reply(r, "people.link.title", linkView{Name: name, Email: email, URL: r.BaseURL() + "/staff/password/" + token})
}

func (m *Room) create(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	in := people.NewPerson{Email: form.Get("email"), Name: form.Get("name"), Role: people.Role(form.Get("role"))}
	p, token, err := m.people.Create(r.Context(), in)
	if err == nil {
		return m.showLink(r, p.Name, p.Email, token), nil
	}
	if !mendable(err) {
		return nil, err
	}
	return m.showAccounts(r, web.Status(err), accountsView{Error: r.Printer.Error(err), New: in})
}

func (m *Room) disable(r *web.Request) (web.Reply, error) {
	err := m.people.Disable(r.Context(), r.PathValue("id"))
	if errs.KindOf(err) == errs.Conflict {
		return m.showAccounts(r, http.StatusConflict, accountsView{Error: r.Printer.Error(err), New: people.NewPerson{Role: people.Manager}})
	}
	if err != nil {
		return nil, err
	}
	return web.RedirectFlash(accountsPath, "people.flash.disabled"), nil
}

func (m *Room) enable(r *web.Request) (web.Reply, error) {
	if err := m.people.Enable(r.Context(), r.PathValue("id")); err != nil {
		return nil, err
	}
	return web.RedirectFlash(accountsPath, "people.flash.enabled"), nil
}

func (m *Room) reset(r *web.Request) (web.Reply, error) {
	p, err := m.people.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	token, err := m.people.ResetPassword(r.Context(), p.Email)
	if err != nil {
		return nil, err
	}
	return m.showLink(r, p.Name, p.Email, token), nil
}

// accountView is one's own account.
type accountView struct {
	Error string
	Least int
}

func (m *Room) account(r *web.Request) (web.Reply, error) {
	return m.pages.account.Reply(r, "people.account.title", accountView{Least: people.MinPassword}), nil
}

func (m *Room) changePassword(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	var token string
	next := form.Get("password")
	if err = twice(next, form.Get("again")); err == nil {
		token, err = m.people.ChangePassword(r.Context(), r.Person.ID, form.Get("present"), next, r.ClientKey())
	}
	if err == nil {
		return web.StartSession(web.RedirectFlash(web.AccountPath, "people.flash.password_changed"), token), nil
	}
	if !mendable(err) {
		return nil, err
	}
	v := accountView{Error: r.Printer.Error(err), Least: people.MinPassword}
	return m.pages.account.ReplyStatus(r, web.Status(err), "people.account.title", v), nil
}

func (m *Room) setLanguage(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	if err := m.people.SetLanguage(r.Context(), r.Person.ID, form.Get("lang")); err != nil {
		return nil, err
	}
	return web.Redirect(web.LocalPath(form.Get("next"), web.AccountPath)), nil
}
