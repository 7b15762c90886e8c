package ui

import (
	"net/url"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

// pilotCard is what the page of a round says about its trial, and the page of
// a trial about itself.
type pilotCard struct {
	Text  string
	Link  Link
	End   string // address that deletes it; empty where there is nothing to delete
	State string
}

type pilotView struct {
	Header  Header
	Action  string
	Fields  []fields.Field
	Heading string
}

// pilotCard finds the trial of a draft; nil where there can be none.
func (m *Room) pilotCard(r *web.Request, p place) (*pilotCard, error) {
	t := r.Printer
	if !r.Person.May(people.RoundOpen) {
		return nil, nil
	}
	if p.Pilot() {
		of := place{Round: survey.Round{ID: p.PilotOf}}
		return &pilotCard{Text: t.T("rounds.pilot_text"), Link: Link{Text: t.T("rounds.pilot_back"), URL: of.url("")}, End: of.url("pilot/end")}, nil
	}
	if p.State != survey.DraftState {
		return nil, nil
	}
	pilot, there, err := m.service.Pilot(r.Context(), r.Person, p.ID)
	if err != nil {
		return nil, err
	}
	if !there {
		return &pilotCard{Text: t.T("rounds.pilot_lead"), Link: Link{Text: t.T("rounds.pilot_start"), URL: p.url("pilot")}}, nil
	}
	own := place{Round: pilot}
	return &pilotCard{
		Text: t.T("rounds.pilot_text"), Link: Link{Text: t.T("rounds.pilot_go"), URL: own.url("")},
		End: p.url("pilot/end"), State: m.stateText(t, pilot),
	}, nil
}

func (m *Room) piloting(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	if p.State != survey.DraftState {
		return nil, errs.New(errs.Conflict, "survey.round.not_draft")
	}
	return m.showPiloting(r, p, nil), nil
}

func (m *Room) startPilot(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	var pilot survey.Round
	if values.Get("passphrase") != values.Get("again") {
		e := errs.New(errs.Invalid, "rounds.pilot_invalid")
		e.Details = []errs.Detail{{Field: "again", Key: "rounds.passphrase_differs"}}
		err = e
	} else {
		pilot, err = m.service.StartPilot(r.Context(), r.Person, p.ID, values.Get("passphrase"))
	}
	switch {
	case err == nil:
		return web.RedirectFlash(place{Round: pilot}.url("fieldwork"), "rounds.flash.pilot_started"), nil
	case !fields.Mendable(err) || p.State != survey.DraftState:
		return nil, err
	}
	if e, ok := errs.Find(err); ok && e.Key == "survey.open.passphrase" {
		e.Details = []errs.Detail{{Field: "passphrase", Key: e.Key, Args: e.Args}}
	}
	return m.showPiloting(r, p, err), nil
}

func (m *Room) showPiloting(r *web.Request, p place, err error) web.Reply {
	f := fields.New(r, url.Values{}, err) // a passphrase is never sent back
	v := pilotView{Header: p.header(r, "rounds.pilot_lead", err, func(name string) bool { return name == "passphrase" || name == "again" }), Action: p.url("pilot")}
	first, again := f.Field("password", "passphrase", "rounds.passphrase"), f.Field("password", "again", "rounds.passphrase_again")
	first.Required, again.Required, first.Auto, again.Auto = true, true, "new-password", "new-password"
	v.Fields = []fields.Field{first, again}
	return m.page.pilot.ReplyStatus(r, status(err), "rounds.step.pilot", v)
}

func (m *Room) endPilot(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	if !confirmed(values) {
		return web.Redirect(p.url("")), nil
	}
	if err := m.service.EndPilot(r.Context(), r.Person, p.ID); err != nil {
		return nil, err
	}
	return web.RedirectFlash(p.url(""), "rounds.flash.pilot_ended"), nil
}
