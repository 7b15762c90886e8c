package ui

import (
	"net/http"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

type signInView struct {
	Error, Email, Next string
	Action             string // address the form goes to, which keeps a language chosen on the page
	Question           people.Question
	Provider           string // label of the provider; empty when there is none
}

func (m *Room) signInForm(r *web.Request) (web.Reply, error) {
	next := after(r.URL.Query())
	if r.Person.ID != "" {
		return web.Redirect(next), nil
	}
	if token := r.SessionToken(); token != "" {
		v, err := m.people.Visit(r.Context(), token)
		if err == nil && v.Stage != people.Full {
			return web.Redirect(m.onward(r, people.Entry{Person: v.Person, Stage: v.Stage}, next)), nil
		}
		if err != nil && errs.KindOf(err) != errs.SignInNeeded {
			return nil, err
		}
	}
	return m.showSignIn(r, http.StatusOK, signInView{Next: next})
}

func (m *Room) showSignIn(r *web.Request, status int, v signInView) (web.Reply, error) {
	v.Action = here(r)
	if site, ok := m.site(r); ok {
		var err error
		if v.Question, err = m.people.AskPasskey(r.Context(), site); err != nil {
			return nil, err
		}
	}
	if m.options.Provider != nil {
		v.Provider = m.options.Provider.Label()
	}
	return m.pages.signIn.ReplyStatus(r, status, "people.sign_in.title", v), nil
}

// answer gives what the browser sent of a passkey, if it did.
func answer(form map[string][]string) (a people.Answer, ok bool) {
	if len(form["state"]) != 1 || len(form["response"]) != 1 || form["response"][0] == "" {
		return people.Answer{}, false
	}
	return people.Answer{State: form["state"][0], Response: form["response"][0]}, true
}

func (m *Room) signIn(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	v := signInView{Email: form.Get("email"), Next: after(form)}
	var e people.Entry
	site, possible := m.site(r)
	if a, ok := answer(form); ok && possible {
		e, err = m.people.SignInPasskey(r.Context(), site, a, client(r))
	} else {
		e, err = m.people.SignIn(r.Context(), v.Email, form.Get("password"), client(r))
	}
	if err == nil {
		return m.entered(r, e, v.Next, ""), nil
	}
	if !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.showSignIn(r, web.Status(err), v)
}

// secondView is the second step of signing in.
type secondView struct {
	Error, Name, Next, Action string
	Question                  people.Question // empty when no passkey is of use here
	App, Codes                bool            // what a code can be of
	Elsewhere                 string          // domain that the person's passkeys belong to, when it is another
}

func (m *Room) secondForm(r *web.Request) (web.Reply, error) {
	return m.showSecond(r, http.StatusOK, secondView{Next: after(r.URL.Query())})
}

func (m *Room) showSecond(r *web.Request, status int, v secondView) (web.Reply, error) {
	visit, err := m.people.Visit(r.Context(), r.SessionToken())
	if signInNeeded(err) {
		return web.Redirect(at(web.SignInPath, v.Next, chosen(r))), nil
	}
	if err != nil {
		return nil, err
	}
	if visit.Stage != people.Second {
		return web.Redirect(m.onward(r, people.Entry{Person: visit.Person, Stage: visit.Stage}, v.Next)), nil
	}
	f, err := m.people.Factors(r.Context(), visit.ID)
	if err != nil {
		return nil, err
	}
	v.Name, v.Action, v.App, v.Codes = visit.Name, here(r), f.App, f.Codes > 0
	if site, ok := m.site(r); ok {
		if v.Question, err = m.people.AskSecond(r.Context(), r.SessionToken(), site); err != nil {
			return nil, err
		}
	}
	if v.Question.State == "" && len(f.Passkeys) > 0 {
		v.Elsewhere = f.Passkeys[0].Host
	}
	return m.pages.second.ReplyStatus(r, status, "people.second.title", v), nil
}

func (m *Room) second(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	next := after(form)
	var e people.Entry
	site, possible := m.site(r)
	if a, ok := answer(form); ok && possible {
		e, err = m.people.SecondPasskey(r.Context(), r.SessionToken(), site, a, client(r))
	} else {
		e, err = m.people.SecondCode(r.Context(), r.SessionToken(), form.Get("code"), client(r))
	}
	switch {
	case err == nil:
		return m.entered(r, e, next, ""), nil
	case signInNeeded(err): // it took too long
		return web.Redirect(at(web.SignInPath, next, chosen(r))), nil
	case !mendable(err) && errs.KindOf(err) != errs.Unavailable:
		return nil, err
	}
	return m.showSecond(r, web.Status(err), secondView{Error: r.Printer.Error(err), Next: next})
}

// signInAgain lets somebody prove again who they are, before they change how they do that.
func (m *Room) signInAgain(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	if err := m.people.SignOut(r.Context(), r.SessionToken()); err != nil {
		return nil, err
	}
	return web.EndSession(web.Redirect(at(web.SignInPath, after(form), r.Person.Lang))), nil
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
	var e people.Entry
	if err = twice(password, form.Get("again")); err == nil {
		e, err = m.people.Setup(r.Context(), r.PathValue("token"), v.Name, v.Email, password, client(r))
	}
	if err == nil {
		return m.welcome(r, e)
	}
	if !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.pages.setup.ReplyStatus(r, web.Status(err), "people.setup.title", v), nil
}

// welcome lets somebody in who has just set a password, and keeps the language they did it in.
func (m *Room) welcome(r *web.Request, e people.Entry) (web.Reply, error) {
	e.Lang = r.Printer.Lang()
	if err := m.people.SetLanguage(r.Context(), e.ID, e.Lang); err != nil {
		return nil, err
	}
	return m.entered(r, e, web.StartPath, "people.flash.password_set"), nil
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
	var e people.Entry
	if err = twice(password, form.Get("again")); err == nil {
		e, err = m.people.SetPassword(r.Context(), token, password, client(r))
	}
	if err == nil {
		return m.welcome(r, e)
	}
	if !mendable(err) {
		return nil, err
	}
	v := passwordView{Error: r.Printer.Error(err), Name: p.Name, Email: p.Email, Action: here(r), Least: people.MinPassword}
	return m.pages.password.ReplyStatus(r, http.StatusBadRequest, "people.password.title", v), nil
}
