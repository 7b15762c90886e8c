package ui

import (
	"net/url"

	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
)

type listView struct {
	Rounds []RoundLine
	MayNew bool
}

// RoundLine is a round in the list.
type RoundLine struct {
	ID, Name      string
	Iteration     int
	State         survey.State
	StateText     string
	Opens, Closes string
	Report        string // address; empty until closed
	Watch         string // address of fieldwork while open
}

func (m *Room) list(r *web.Request) (web.Reply, error) {
	rounds, err := m.service.Rounds(r.Context(), r.Person)
	if err != nil {
		return nil, err
	}
	v := listView{MayNew: r.Person.May(people.RoundPlan)}
	for _, round := range rounds {
		p := place{Round: round}
		line := RoundLine{
			ID: round.ID, Name: round.Name, Iteration: round.Iteration, State: round.State, StateText: m.stateText(r.Printer, round),
			Opens: r.Printer.Date(round.Time(round.Opens)), Closes: r.Printer.Date(round.Time(round.Closes)),
		}
		if round.State == survey.ClosedState && round.Expired == "" && r.Person.May(people.ReportView) {
			line.Report = p.url("report")
		}
		if round.State == survey.OpenState && r.Person.May(people.FieldworkView) {
			line.Watch = p.url("fieldwork")
		}
		v.Rounds = append(v.Rounds, line)
	}
	return m.page.list.Reply(r, "rounds.nav", v), nil
}

// stateText is the state in words; an open round may not have begun, or may be
// past its last day.
func (m *Room) stateText(t *i18n.Printer, round survey.Round) string {
	if round.Expired != "" {
		return t.T("rounds.state.expired", "Day", t.Date(round.Time(round.Expired)))
	}
	if round.State == survey.OpenState {
		now := m.clock.Now()
		switch {
		case now.Before(round.Time(round.Opens)):
			return t.T("rounds.state.waiting")
		case !round.Accepting(now):
			return t.T("rounds.state.over")
		}
	}
	return t.T("rounds.state." + string(round.State))
}

// date prints a day of the round.
func (p place) date(t *i18n.Printer, d survey.Day) string {
	if when := p.Time(d); !when.IsZero() {
		return t.Date(when)
	}
	return ""
}

func (m *Room) deleteRound(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	if !confirmed(values) {
		return web.Redirect(p.url("")), nil
	}
	if err := m.service.DeleteRound(r.Context(), r.Person, p.ID); err != nil {
		return nil, err
	}
	return web.RedirectFlash(listURL, "rounds.flash.deleted"), nil
}

// confirmed reports whether the box beside a button that cannot be undone was
// ticked.
func confirmed(values url.Values) bool { return values.Get("confirm") == "yes" }
