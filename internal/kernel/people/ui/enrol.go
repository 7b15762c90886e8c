package ui

import (
	"html/template"
	"net/http"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/qr"
	"adili/internal/kernel/web"
)

// enrolView is the page where a passkey is made, and from where an authenticator app is set up.
type enrolView struct {
	Error, Next, Action string
	Must                bool            // nothing else can be done before
	Question            people.Question // empty when passkeys are not possible at this address
	Site                string          // where they would be
	Name                string          // of the passkey, to begin with
	AppURL              string
}

// enroller gives the visit of somebody who may enrol, or where to go instead.
func (m *Room) enroller(r *web.Request, next string) (people.Visit, web.Reply, error) {
	v, err := m.people.Visit(r.Context(), r.SessionToken())
	switch {
	case signInNeeded(err):
		return v, web.Redirect(at(web.SignInPath, r.URL.Path, chosen(r))), nil
	case err != nil:
		return v, nil, err
	case v.Stage == people.Second:
		return v, web.Redirect(m.onward(r, people.Entry{Person: v.Person, Stage: v.Stage}, next)), nil
	case v.Stage == people.Full && !v.Fresh:
		return v, web.Redirect(securityPath), nil
	}
	return v, nil, nil
}

func (m *Room) enrolForm(r *web.Request) (web.Reply, error) {
	return m.showEnrol(r, http.StatusOK, enrolView{Next: after(r.URL.Query()), Name: deviceWords(r.Printer, device(r.Header))})
}

func (m *Room) showEnrol(r *web.Request, status int, v enrolView) (web.Reply, error) {
	visit, instead, err := m.enroller(r, v.Next)
	if err != nil || instead != nil {
		return instead, err
	}
	v.Action, v.Site, v.Must = here(r), m.options.Site, visit.Stage == people.Enrol
	v.AppURL = at(appPath, v.Next, chosen(r))
	if site, ok := m.site(r); ok {
		if v.Question, err = m.people.OfferPasskey(r.Context(), r.SessionToken(), site); err != nil {
			return nil, err
		}
	}
	title := "people.enrol.title_add"
	if v.Must {
		title = "people.enrol.title"
	}
	return m.pages.enrol.ReplyStatus(r, status, title, v), nil
}

// enrol stores a passkey.
func (m *Room) enrol(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	v := enrolView{Next: after(form), Name: form.Get("name")}
	site, possible := m.site(r)
	a, ok := answer(form)
	if !ok || !possible {
		err = errs.New(errs.Invalid, "people.error.passkey")
	} else {
		var done people.Enrolled
		if done, err = m.people.AddPasskey(r.Context(), r.SessionToken(), site, v.Name, a, client(r)); err == nil {
			return m.enrolled(r, done, v.Next), nil
		}
	}
	if !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.showEnrol(r, web.Status(err), v)
}

// codesView shows recovery codes, once.
type codesView struct {
	Codes     []string
	Next, For string
}

// enrolled goes on after a factor was added: by way of the recovery codes, if there are new ones.
func (m *Room) enrolled(r *web.Request, done people.Enrolled, next string) web.Reply {
	if len(done.Codes) == 0 {
		return m.entered(r, done.Entry, next, "people.flash.factor_added")
	}
	return m.withSession(m.showCodes(r, done.Codes, done.Email, next), done.Entry)
}

func (m *Room) showCodes(r *web.Request, codes []string, email, next string) web.Reply {
	return m.pages.codes.Reply(r, "people.codes.title", codesView{Codes: codes, Next: next, For: email})
}

// appView is the page where an authenticator app is set up.
type appView struct {
	Error, Next, Action, Back string
	Offer                     people.AppOffer
	Square                    qr.Square
	Secret                    string       // in groups
	Open                      template.URL // opens an app on this device; otpauth: is no address html/template trusts by itself
}

func (m *Room) appForm(r *web.Request) (web.Reply, error) {
	return m.showApp(r, http.StatusOK, "", appView{Next: after(r.URL.Query())})
}

// showApp shows the offer that a state holds, or a new one.
func (m *Room) showApp(r *web.Request, status int, state string, v appView) (web.Reply, error) {
	_, instead, err := m.enroller(r, v.Next)
	if err != nil || instead != nil {
		return instead, err
	}
	host := strings.TrimPrefix(strings.TrimPrefix(m.address(r), "https://"), "http://")
	if state != "" {
		v.Offer, err = m.people.OfferedApp(r.Context(), r.SessionToken(), host, state)
	}
	if state == "" || errs.KindOf(err) == errs.Invalid && err != nil {
		v.Offer, err = m.people.OfferApp(r.Context(), r.SessionToken(), host)
	}
	if err != nil {
		return nil, err
	}
	if v.Square, err = qr.Draw(v.Offer.URL); err != nil {
		return nil, err
	}
	v.Open = template.URL(v.Offer.URL) // put together and escaped by the library
	v.Action, v.Back = here(r), at(enrolPath, v.Next, chosen(r))
	for i, letter := range v.Offer.Secret {
		if i > 0 && i%4 == 0 {
			v.Secret += " "
		}
		v.Secret += string(letter)
	}
	return m.pages.app.ReplyStatus(r, status, "people.app.title", v), nil
}

func (m *Room) app(r *web.Request) (web.Reply, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	v := appView{Next: after(form)}
	done, err := m.people.ConfirmApp(r.Context(), r.SessionToken(), form.Get("state"), form.Get("code"), client(r))
	if err == nil {
		return m.enrolled(r, done, v.Next), nil
	}
	if kind := errs.KindOf(err); kind != errs.SignInNeeded && !mendable(err) {
		return nil, err
	}
	v.Error = r.Printer.Error(err)
	return m.showApp(r, web.Status(err), form.Get("state"), v)
}
