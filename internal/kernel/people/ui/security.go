package ui

import (
	"net/http"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
)

// securityView is how somebody signs in, and where they are signed in.
type securityView struct {
	Error    string
	Factors  people.Factors
	Fresh    bool // may change them
	Sessions []sessionView
	Others   bool
	Self     string // address of the page
}

// sessionView is a session in words.
type sessionView struct {
	Device, Started, Seen string
	This, Half            bool
}

func (m *Room) security(r *web.Request) (web.Reply, error) { return m.showSecurity(r, nil) }

// showSecurity shows the page, with a fault if there is one that can be shown.
func (m *Room) showSecurity(r *web.Request, fault error) (web.Reply, error) {
	v, status := securityView{Self: securityPath}, http.StatusOK
	if fault != nil {
		if !mendable(fault) {
			return nil, fault
		}
		v.Error, status = r.Printer.Error(fault), web.Status(fault)
	}
	visit, err := m.people.Visit(r.Context(), r.SessionToken())
	if err != nil {
		return nil, err
	}
	v.Fresh = visit.Fresh
	if v.Factors, err = m.people.Factors(r.Context(), r.Person.ID); err != nil {
		return nil, err
	}
	list, err := m.people.Sessions(r.Context(), r.SessionToken())
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		v.Sessions = append(v.Sessions, sessionView{
			Device: deviceWords(r.Printer, s.Device), Started: moment(r.Printer, s.Started), Seen: moment(r.Printer, s.Seen), This: s.This, Half: s.Half,
		})
	}
	v.Others = len(list) > 1
	return m.pages.security.ReplyStatus(r, status, "people.security.title", v), nil
}

// moment writes a day and a time of day. Nobody's time zone is known here, so it is the world's.
func moment(p *i18n.Printer, t time.Time) string {
	return p.T("people.moment", "Date", p.Date(t), "Time", t.Format("15:04"))
}

// changed goes back to the page after a change, or shows it with the fault.
func (m *Room) changed(r *web.Request, err error, flash string) (web.Reply, error) {
	if err != nil {
		return m.showSecurity(r, err)
	}
	return web.RedirectFlash(securityPath, flash), nil
}

func (m *Room) removePasskey(r *web.Request) (web.Reply, error) {
	return m.changed(r, m.people.RemovePasskey(r.Context(), r.SessionToken(), r.PathValue("id")), "people.flash.factor_removed")
}

func (m *Room) removeApp(r *web.Request) (web.Reply, error) {
	return m.changed(r, m.people.RemoveApp(r.Context(), r.SessionToken()), "people.flash.factor_removed")
}

func (m *Room) signOutOthers(r *web.Request) (web.Reply, error) {
	return m.changed(r, m.people.SignOutOthers(r.Context(), r.SessionToken()), "people.flash.signed_out_others")
}

func (m *Room) newCodes(r *web.Request) (web.Reply, error) {
	codes, err := m.people.NewCodes(r.Context(), r.SessionToken())
	if err != nil {
		return m.showSecurity(r, err)
	}
	return m.showCodes(r, codes, r.Person.Email, securityPath), nil
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
	var e people.Entry
	next := form.Get("password")
	if err = twice(next, form.Get("again")); err == nil {
		e, err = m.people.ChangePassword(r.Context(), r.SessionToken(), form.Get("present"), next, client(r))
	}
	if err == nil {
		return m.entered(r, e, web.AccountPath, "people.flash.password_changed"), nil
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

// signInNeeded says whether an error is that nobody is signed in.
func signInNeeded(err error) bool { return err != nil && errs.KindOf(err) == errs.SignInNeeded }
