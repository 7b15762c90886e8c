package ui

import (
	"net/url"
	"slices"
	"unicode/utf8"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

type openView struct {
	Header      Header
	Action      string
	Ready       bool
	Obstacles   []fields.FaultLine
	Populations []OpenPopulation
	Fields      []fields.Field
	Confirm     fields.Field
	Opens       string
	Closes      string
	Pilot       bool // there is a trial, which opening deletes
}

// OpenPopulation is what to look at once more before opening.
type OpenPopulation struct {
	Title, Class string
	Languages    []LanguageStatus
	Drafts       bool // a language of the round is not reviewed
	Rare         []RareLine
	RareLeft     int
	PlanURL      string
}

func (m *Room) opening(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	if p.State != survey.DraftState {
		return nil, errs.New(errs.Conflict, "survey.round.not_draft")
	}
	return m.showOpening(r, p, nil, nil)
}

func (m *Room) open(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	if err = checkOpening(values); err == nil {
		err = m.service.OpenRound(r.Context(), r.Person, p.ID, values.Get("passphrase"))
	}
	switch {
	case err == nil:
		return web.RedirectFlash(p.url("fieldwork"), "rounds.flash.opened"), nil
	case !fields.Mendable(err) || p.State != survey.DraftState:
		return nil, err
	}
	return m.showOpening(r, p, values, err)
}

func checkOpening(values url.Values) error {
	e := errs.New(errs.Invalid, "rounds.open_invalid")
	pass := values.Get("passphrase")
	if utf8.RuneCountInString(pass) < survey.MinPassphrase {
		e.Details = append(e.Details, errs.Detail{Field: "passphrase", Key: "survey.open.passphrase", Args: []any{"Min", survey.MinPassphrase}})
	} else if pass != values.Get("again") {
		e.Details = append(e.Details, errs.Detail{Field: "again", Key: "rounds.passphrase_differs"})
	}
	if !confirmed(values) {
		e.Details = append(e.Details, errs.Detail{Field: "confirm", Key: "rounds.confirm_needed"})
	}
	if len(e.Details) > 0 {
		return e
	}
	return nil
}

func (m *Room) showOpening(r *web.Request, p place, values url.Values, err error) (web.Reply, error) {
	t := r.Printer
	v := openView{
		Header: p.header(r, "rounds.open_lead", err, func(field string) bool { return field == "passphrase" || field == "again" || field == "confirm" }),
		Action: p.url("open"), Obstacles: obstacleLines(t, survey.Obstacles(p.Round, p.all)),
		Opens: p.date(t, p.Opens), Closes: p.date(t, p.Closes),
	}
	if e, ok := errs.Find(err); ok && e.Key == "survey.open.obstacles" {
		v.Header.Faults.Lines = nil // they stand below
	}
	v.Ready = len(v.Obstacles) == 0
	f := fields.New(r, url.Values{"confirm": values["confirm"]}, err) // a passphrase is never sent back
	first, again := f.Field("password", "passphrase", "rounds.passphrase"), f.Field("password", "again", "rounds.passphrase_again")
	first.Required, again.Required, first.Auto, again.Auto = true, true, "new-password", "new-password"
	v.Fields = []fields.Field{first, again}
	v.Confirm = f.Choice("checkbox", "confirm", "rounds.open_confirm", []fields.Option{{Value: "yes", Label: t.T("rounds.open_confirm_yes")}})
	for _, pop := range p.all {
		q := p
		q.pop = pop
		one := OpenPopulation{Title: t.T("rounds.kind." + string(pop.Kind)), Class: "tag tag-" + string(pop.Kind), PlanURL: q.popURL("plan")}
		if read, err := form.Read(pop.Instrument); err == nil {
			for _, s := range languageStatus(t, read, p.Languages) {
				if slices.Contains(p.Languages, s.Lang) {
					one.Languages = append(one.Languages, s)
					one.Drafts = one.Drafts || !s.Reviewed
				}
			}
		}
		one.Rare, one.RareLeft, _ = combinations(t, pop.Plan.Frame)
		v.Populations = append(v.Populations, one)
	}
	_, there, perr := m.service.Pilot(r.Context(), r.Person, p.ID)
	if perr != nil {
		return nil, perr
	}
	v.Pilot = there
	return m.page.open.ReplyStatus(r, status(err), "rounds.step.open", v), nil
}
