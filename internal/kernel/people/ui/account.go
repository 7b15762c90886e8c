package ui

import (
	"context"
	"net/http"
	"slices"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/mail"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

// accountsView is the list of accounts with the form for one more.
type accountsView struct {
	Accounts []people.Account
	Roles    []people.Role
	Error    string
	New      people.NewPerson // as typed, when there is an Error
	Mail     bool             // invitations go out by mail
}

func (m *Room) accounts(r *web.Request) (web.Reply, error) {
	return m.showAccounts(r, http.StatusOK, accountsView{New: people.NewPerson{Role: people.Manager, Lang: r.Printer.Lang()}})
}

func (m *Room) showAccounts(r *web.Request, status int, v accountsView) (web.Reply, error) {
	list, err := m.people.List(r.Context())
	if err != nil {
		return nil, err
	}
	v.Accounts, v.Roles, v.Mail = list, people.Roles, m.options.Mail != nil
	return m.pages.accounts.ReplyStatus(r, status, "people.accounts.title", v), nil
}

func (m *Room) create(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	in := people.NewPerson{Email: form.Get("email"), Name: form.Get("name"), Role: people.Role(form.Get("role")), Lang: form.Get("lang"), By: r.Person.Actor()}
	p, token, err := m.people.Create(r.Context(), in)
	if err == nil {
		return m.handOver(r, p, token)
	}
	if !mendable(err) {
		return nil, err
	}
	return m.showAccounts(r, web.Status(err), accountsView{Error: r.Printer.Error(err), New: in})
}

// linkView shows a one-time link, once, or says that it went out by mail.
type linkView struct {
	ID, Name, Email string
	URL             string // empty when it was sent
	Fault           string // why it was not
}

// mailWait is how long a mail server may take while somebody waits for the page.
const mailWait = 25 * time.Second

// handOver sends a one-time link to the person it is for, or else shows it to whoever made it.
func (m *Room) handOver(r *web.Request, p people.Person, token string) (web.Reply, error) {
	v := linkView{ID: p.ID, Name: p.Name, Email: p.Email, URL: m.address(r) + "/staff/password/" + token}
	if m.options.Mail == nil {
		return m.pages.link.Reply(r, "people.link.title", v), nil
	}
	lang := p.Lang
	if lang == "" {
		lang = r.Printer.Lang()
	}
	ctx, cancel := context.WithTimeout(r.Context(), mailWait)
	defer cancel()
	if err := m.options.Mail.Send(ctx, invitation(r.In(lang), p, m.address(r), v.URL+"?lang="+lang)); err != nil {
		v.Fault = r.Printer.Error(err)
		return m.pages.link.Reply(r, "people.link.title", v), nil
	}
	v.URL = ""
	if err := m.people.InvitationSent(r.Context(), r.Person.Actor(), p.ID); err != nil {
		return nil, err
	}
	return m.pages.link.Reply(r, "people.link.title_sent", v), nil
}

// invitation is the mail with a one-time link, in the language of the person it goes to.
func invitation(p *i18n.Printer, to people.Person, site, link string) mail.Message {
	return mail.Message{
		To: to.Email, Name: to.Name, Subject: p.T("people.mail.subject"),
		Text: p.T("people.mail.text", "Name", to.Name, "Site", site, "URL", link),
	}
}

// personView is one account, for those who manage accounts.
type personView struct {
	Error   string
	Account people.Account
	Roles   []people.Role
	Mail    bool
	Self    bool
	Created string
}

func (m *Room) person(r *web.Request) (web.Reply, error) { return m.showPerson(r, nil) }

func (m *Room) showPerson(r *web.Request, fault error) (web.Reply, error) {
	v, status := personView{Mail: m.options.Mail != nil, Roles: people.Roles}, http.StatusOK
	if fault != nil {
		if !mendable(fault) {
			return nil, fault
		}
		v.Error, status = r.Printer.Error(fault), web.Status(fault)
	}
	a, err := m.people.Account(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	v.Account, v.Self, v.Created = a, a.ID == r.Person.ID, r.Printer.Date(a.Created)
	return m.pages.person.ReplyStatus(r, status, "people.person.title", v), nil
}

// done goes back to the account after a change, or shows it with the fault.
func (m *Room) done(r *web.Request, err error, flash string) (web.Reply, error) {
	if err != nil {
		return m.showPerson(r, err)
	}
	return web.RedirectFlash(accountsPath+"/"+r.PathValue("id"), flash), nil
}

func (m *Room) disable(r *web.Request) (web.Reply, error) {
	return m.done(r, m.people.Disable(r.Context(), r.Person.Actor(), r.PathValue("id")), "people.flash.disabled")
}

func (m *Room) enable(r *web.Request) (web.Reply, error) {
	return m.done(r, m.people.Enable(r.Context(), r.Person.Actor(), r.PathValue("id")), "people.flash.enabled")
}

func (m *Room) setRole(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	return m.done(r, m.people.SetRole(r.Context(), r.Person.Actor(), r.PathValue("id"), people.Role(form.Get("role"))), "people.flash.role")
}

// reset gives a person a new one-time link, and takes their second factors away when the form asks for that.
func (m *Room) reset(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	p, err := m.people.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if p.ID == r.Person.ID { // it would end this very session, and perhaps the only one there is
		return m.showPerson(r, errs.New(errs.Conflict, "people.error.self"))
	}
	token, err := m.people.Reset(r.Context(), r.Person.Actor(), p.ID, slices.Contains(form["factors"], "on"))
	if err != nil {
		return nil, err
	}
	return m.handOver(r, p, token)
}
