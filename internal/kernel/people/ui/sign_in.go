package ui

import (
	"net/http"
	"net/url"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

type signInView struct {
	Error, Email, Next string
	Action             string // address the form goes to, which keeps a language chosen on the page
}

// here gives the request's address with the language chosen on the page, if one was.
func here(r *web.Request) string {
	if lang := r.URL.Query().Get("lang"); i18n.Known(lang) {
		return r.URL.Path + "?lang=" + url.QueryEscape(lang)
	}
	return r.URL.Path
}

func (m *Room) signInForm(r *web.Request) (web.Reply, error) {
	next := web.LocalPath(r.URL.Query().Get("next"), web.StartPath)
	if r.Person.ID != "" {
		return web.Redirect(next), nil
	}
	return m.pages.signIn.Reply(r, "people.sign_in.title", signInView{Next: next, Action: here(r)}), nil
}

func (m *Room) signIn(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	v := signInView{Email: form.Get("email"), Next: web.LocalPath(form.Get("next"), web.StartPath), Action: here(r)}
	token, err := m.people.SignIn(r.Context(), v.Email, form.Get("password"), r.ClientKey())
	if err == nil {
		return web.StartSession(web.Redirect(v.Next), token), nil
	}
	if !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.pages.signIn.ReplyStatus(r, web.Status(err), "people.sign_in.title", v), nil
}

// signOut ends the session and has the browser forget what it kept of the pages.
func (m *Room) signOut(r *web.Request) (web.Reply, error) {
	if token := r.SessionToken(); token != "" {
		if err := m.people.SignOut(r.Context(), token); err != nil {
			return nil, err
		}
	}
	return web.EndSession(web.RedirectFlash(web.SignInPath, "people.flash.signed_out")), nil
}

type setupView struct {
	Error, Name, Email, Action string
	Least                      int
}

func (m *Room) setupForm(r *web.Request) (web.Reply, error) {
	if err := m.people.CheckSetup(r.Context(), r.PathValue("token")); err != nil {
		return nil, err
	}
	return m.pages.setup.Reply(r, "people.setup.title", setupView{Action: here(r), Least: people.MinPassword}), nil
}

func (m *Room) setup(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	v := setupView{Name: form.Get("name"), Email: form.Get("email"), Action: here(r), Least: people.MinPassword}
	password := form.Get("password")
	var p people.Person
	if err = twice(password, form.Get("again")); err == nil {
		p, err = m.people.Setup(r.Context(), r.PathValue("token"), v.Name, v.Email, password)
	}
	if err == nil {
		return m.welcome(r, p, password)
	}
	if !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.pages.setup.ReplyStatus(r, web.Status(err), "people.setup.title", v), nil
}

// welcome signs somebody in who has just set a password, and keeps the language they did it in.
func (m *Room) welcome(r *web.Request, p people.Person, password string) (web.Reply, error) {
	if err := m.people.SetLanguage(r.Context(), p.ID, r.Printer.Lang()); err != nil {
		return nil, err
	}
	token, err := m.people.SignIn(r.Context(), p.Email, password, r.ClientKey())
	if err != nil {
		return nil, err
	}
	return web.StartSession(web.RedirectFlash(web.StartPath, "people.flash.password_set"), token), nil
}

type passwordView struct {
	Error, Name, Email, Action string
	Least                      int
}

func (m *Room) passwordForm(r *web.Request) (web.Reply, error) {
	p, err := m.people.LinkPerson(r.Context(), r.PathValue("token"))
	if err != nil {
		return nil, err
	}
	v := passwordView{Name: p.Name, Email: p.Email, Action: here(r), Least: people.MinPassword}
	return m.pages.password.Reply(r, "people.password.title", v), nil
}

func (m *Room) setPassword(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	token, password := r.PathValue("token"), form.Get("password")
	p, err := m.people.LinkPerson(r.Context(), token)
	if err != nil {
		return nil, err
	}
	if err = twice(password, form.Get("again")); err == nil {
		_, err = m.people.SetPassword(r.Context(), token, password)
	}
	if err == nil {
		return m.welcome(r, p, password)
	}
	if !mendable(err) {
		return nil, err
	}
	v := passwordView{Error: r.Printer.Error(err), Name: p.Name, Email: p.Email, Action: here(r), Least: people.MinPassword}
	return m.pages.password.ReplyStatus(r, http.StatusBadRequest, "people.password.title", v), nil
}
