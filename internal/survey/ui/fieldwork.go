package ui

import (
	"net/url"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

type fieldworkView struct {
	Header    Header
	State     string
	Closes    string
	Groups    []ProgressGroup
	Addresses []AddressLine
	CloseURL  string
}

// ProgressGroup is one population in fieldwork.
type ProgressGroup struct {
	Title, Class string
	AsOf         string
	Rows         []ProgressRow
	Total        []ProgressRow // the row of the population, where it has two strata or more
	Coded        bool
	Linked       bool
}

// ProgressRow is one collection stratum in fieldwork, in coarse numbers.
type ProgressRow struct {
	Label, Invited, Target, Used string
	Value, Max                   int // of the bar; Max 0 shows none
}

func (m *Room) fieldwork(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	progress, err := m.service.Fieldwork(r.Context(), r.Person, p.ID)
	if err != nil {
		return nil, err
	}
	t := r.Printer
	v := fieldworkView{Header: p.header(r, "rounds.fieldwork_lead", nil, nil), State: m.stateText(t, p.Round), Closes: p.date(t, p.Closes), Addresses: p.addresses(r)}
	if r.Person.May(people.RoundClose) {
		v.CloseURL = p.url("close")
	}
	for _, pop := range p.all {
		g := ProgressGroup{Title: t.T("rounds.kind." + string(pop.Kind)), Class: "tag tag-" + string(pop.Kind), Coded: pop.Plan.Coded(), Linked: pop.Plan.Linked()}
		g.AsOf = t.T("rounds.not_counted")
		var sum survey.Progress
		for _, s := range progress {
			if s.Kind != pop.Kind {
				continue
			}
			if s.Day != "" {
				g.AsOf = t.T("rounds.as_of", "Day", p.date(t, s.Day))
				sum.Day = s.Day
			}
			sum.Invited, sum.Target, sum.Used, sum.Hidden = sum.Invited+s.Invited, sum.Target+s.Target, sum.Used+s.Used, sum.Hidden || s.Hidden
			g.Rows = append(g.Rows, progressRow(t, stratumLabel(t, s.Stratum), s, "rounds.fewer"))
		}
		if len(g.Rows) > 1 {
			g.Total = []ProgressRow{progressRow(t, t.T("rounds.total"), sum, "rounds.fewer_in_some")}
		}
		v.Groups = append(v.Groups, g)
	}
	return m.page.fieldwork.Reply(r, "rounds.step.fieldwork", v), nil
}

// progressRow prints how far a stratum or a population is. A population of which
// a stratum is hidden is hidden too: the difference would show the stratum.
func progressRow(t *i18n.Printer, label string, s survey.Progress, hiddenKey string) ProgressRow {
	row := ProgressRow{Label: label, Invited: t.Int(s.Invited), Target: t.Int(s.Target)}
	switch {
	case s.Day == "":
		row.Used = "—"
	case s.Hidden:
		row.Used = t.T(hiddenKey)
	default:
		row.Used, row.Value, row.Max = t.T("rounds.used", "Count", t.Int(s.Used)), min(s.Used, s.Target), s.Target
	}
	return row
}

type closeView struct {
	Header  Header
	Action  string
	Pass    fields.Field
	Confirm fields.Field
	Closes  string
	Early   bool // the last day is not over
	Again   bool // an interrupted closing is to be finished
}

func (m *Room) closing(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	if p.State == survey.ClosedState {
		return web.Redirect(p.url("report")), nil
	}
	if p.State == survey.DraftState {
		return nil, errs.New(errs.Conflict, "survey.round.not_open")
	}
	return m.showClosing(r, p, nil, nil), nil
}

func (m *Room) close(r *web.Request) (web.Reply, error) {
	p, values, err := m.sent(r)
	if err != nil {
		return nil, err
	}
	if !confirmed(values) {
		e := errs.New(errs.Invalid, "rounds.confirm_needed")
		e.Details = []errs.Detail{{Field: "confirm", Key: "rounds.confirm_needed"}}
		err = e
	} else if err = m.service.CloseRound(r.Context(), r.Person, p.ID, values.Get("passphrase")); err == nil {
		return web.RedirectFlash(p.url("report"), "rounds.flash.closed"), nil
	}
	if e, ok := errs.Find(err); ok && e.Key == "survey.close.passphrase" {
		e.Details = []errs.Detail{{Field: "passphrase", Key: e.Key}}
	}
	if !fields.Mendable(err) || p.State == survey.ClosedState || p.State == survey.DraftState {
		return nil, err
	}
	return m.showClosing(r, p, values, err), nil
}

func (m *Room) showClosing(r *web.Request, p place, values url.Values, err error) web.Reply {
	t := r.Printer
	f := fields.New(r, url.Values{"confirm": values["confirm"]}, err) // a passphrase is never sent back
	v := closeView{
		Header: p.header(r, "rounds.close_lead", err, func(string) bool { return true }), Action: p.url("close"),
		Closes: p.date(t, p.Closes), Early: p.State == survey.OpenState && !m.past(p), Again: p.State == survey.ClosingState,
	}
	v.Pass = f.Field("password", "passphrase", "rounds.passphrase_close")
	v.Pass.Required, v.Pass.Auto = true, "off"
	v.Confirm = f.Choice("checkbox", "confirm", "rounds.close_confirm", []fields.Option{{Value: "yes", Label: t.T("rounds.close_confirm_yes")}})
	return m.page.closing.ReplyStatus(r, status(err), "rounds.step.close", v)
}

// past reports whether the last day is over.
func (m *Room) past(p place) bool {
	return !m.clock.Now().Before(p.Time(p.Closes).AddDate(0, 0, 1))
}
