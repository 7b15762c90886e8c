package ui

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/people/oidc"
	"adili/internal/kernel/web"
)

// Provider signs people in at another service. oidc.Provider does.
type Provider interface {
	Label() string
	Begin(ctx context.Context) (address string, state oidc.State, err error)
	Finish(ctx context.Context, state oidc.State, query url.Values) (oidc.Identity, error)
}

// What is remembered while somebody is at the provider: sealed in a cookie of this browser, so that nobody can be sent
// back here with somebody else's sign-in.
const (
	stateCookie  = "oidc"
	statePurpose = "oidc"
	stateLife    = 10 * time.Minute
)

// journey is what comes back from the provider with the browser.
type journey struct {
	State oidc.State
	Next  string
	Lang  string
}

// leaveView leads to the provider. A redirect will not do: a form of ours may lead nowhere else (Content-Security-Policy
// form-action), which Chromium holds against redirects too.
type leaveView struct{ Label, Address string }

// begin sends somebody to the provider.
func (m *Room) begin(r *web.Request) (web.Reply, error) {
	if m.options.Provider == nil {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	address, state, err := m.options.Provider.Begin(r.Context())
	if err != nil {
		return m.providerFault(r, err, after(form))
	}
	body, err := json.Marshal(journey{State: state, Next: after(form), Lang: chosen(r)})
	if err != nil {
		return nil, err
	}
	token, err := m.people.Keep(r.Context(), statePurpose, body, stateLife)
	if err != nil {
		return nil, err
	}
	page := m.pages.leave.Reply(r, "people.leave.title", leaveView{Label: m.options.Provider.Label(), Address: address})
	return web.StaffCookie(page, stateCookie, token, stateLife), nil
}

// comeBack lets somebody in whom the provider has sent back.
func (m *Room) comeBack(r *web.Request) (web.Reply, error) {
	if m.options.Provider == nil {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	var j journey
	body, err := m.people.Kept(r.Context(), statePurpose, r.StaffCookie(stateCookie))
	if err == nil {
		err = json.Unmarshal(body, &j)
	}
	if err != nil {
		return m.providerFault(r, errs.New(errs.Invalid, "people.error.stale").Because(err), web.StartPath)
	}
	who, err := m.options.Provider.Finish(r.Context(), j.State, r.URL.Query())
	if err != nil {
		return m.providerFault(r, err, j.Next)
	}
	e, err := m.people.SignInBy(r.Context(), people.Identity{
		Issuer: who.Issuer, Subject: who.Subject, Email: who.Email, EmailVerified: who.EmailVerified, MFA: who.MFA,
	}, client(r))
	if err != nil {
		return m.providerFault(r, err, j.Next)
	}
	if e.Lang == "" {
		e.Lang = j.Lang
	}
	return web.StaffCookie(m.entered(r, e, j.Next, ""), stateCookie, "", 0), nil
}

// providerFault shows the sign-in page with what went wrong. Faults of the program itself are none of it.
func (m *Room) providerFault(r *web.Request, err error, next string) (web.Reply, error) {
	if errs.KindOf(err) == errs.Internal {
		return nil, err
	}
	page, showErr := m.showSignIn(r, web.Status(err), signInView{Error: r.Printer.Error(err), Next: next})
	if showErr != nil {
		return nil, showErr
	}
	return web.StaffCookie(page, stateCookie, "", 0), nil
}
