package ui

import (
	"slices"
	"strings"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/ui/fields"
)

type overviewView struct {
	Header    Header
	State     string
	Facts     []Fact
	Groups    []StepGroup
	Obstacles []fields.FaultLine
	Draft     bool
	Ready     bool // nothing stands against opening the draft
	Notices   []string
	Nodes     *nodesView
	Pilot     *pilotCard
	MayDelete bool
	Delete    string
}

// Fact is a name and what it is.
type Fact struct{ Name, Text string }

// StepGroup is the steps about the round, or about one population.
type StepGroup struct {
	Title, Class string
	Steps        []Step
}

// Step is one step of a round with how far it is.
type Step struct {
	Title, URL, Text string
	State            string // done, todo, later: class of the line
	StateText        string
}

func (m *Room) overview(r *web.Request) (web.Reply, error) {
	p, err := m.find(r)
	if err != nil {
		return nil, err
	}
	t := r.Printer
	v := overviewView{Header: p.header(r, "", nil, nil), State: m.stateText(t, p.Round), Draft: p.State == survey.DraftState, Delete: p.url("delete")}
	v.Header.Way = v.Header.Way[:len(v.Header.Way)-1] // this page is the round
	v.MayDelete = p.editable(r)
	v.Facts, v.Notices = p.facts(t), m.notices(t, p)
	if v.Nodes, err = m.nodes(r, p); err != nil {
		return nil, err
	}
	if v.Pilot, err = m.pilotCard(r, p); err != nil {
		return nil, err
	}
	switch {
	case p.Expired != "": // there is nothing left to do
	case p.Pilot():
		v.Groups = []StepGroup{{Title: t.T("rounds.group.run"), Steps: p.runSteps(r, 0)[1:]}}
	default:
		obstacles := survey.Obstacles(p.Round, p.all)
		v.Groups = p.stepGroups(r, len(obstacles))
		if v.Draft {
			v.Obstacles, v.Ready = obstacleLines(t, obstacles), len(obstacles) == 0
		}
	}
	return m.page.overview.Titled(200, p.Name, v), nil
}

func (p place) facts(t *i18n.Printer) []Fact {
	var languages []string
	for _, lang := range p.Languages {
		languages = append(languages, "\u2068"+i18n.Native(lang)+"\u2069") // each in its own direction
	}
	facts := []Fact{
		{t.T("rounds.iteration"), t.Int(p.Iteration)},
		{t.T("rounds.opens"), p.date(t, p.Opens)},
		{t.T("rounds.closes"), p.date(t, p.Closes)},
		{t.T("rounds.zone"), p.Zone},
		{t.T("rounds.languages"), strings.Join(languages, " · ")},
	}
	if p.Keep != "" {
		facts = append(facts, Fact{t.T("rounds.keep"), p.date(t, p.Keep)})
	}
	return facts
}

// notices say what else there is to know of the round.
func (m *Room) notices(t *i18n.Printer, p place) []string {
	var all []string
	if p.Expired != "" {
		all = append(all, t.T("rounds.expired", "Day", p.date(t, p.Expired)))
	}
	now := m.clock.Now()
	if day := p.Deletion(now); day != "" {
		all = append(all, t.T("rounds.keep_due", "Day", p.date(t, day), "Today", p.date(t, p.Today(now))))
	} else if p.Warns(now) {
		all = append(all, t.T("rounds.keep_warn", "Day", p.date(t, p.Keep)))
	}
	if p.LostNodes > 0 {
		all = append(all, t.T("rounds.lost", "Codes", t.Int(p.Lost)))
	}
	return all
}

// stepGroups are all the steps of a round, population by population.
func (p place) stepGroups(r *web.Request, obstacles int) []StepGroup {
	t := r.Printer
	groups := []StepGroup{{Title: t.T("rounds.group.start"), Steps: []Step{p.basicsStep(t)}}}
	for _, pop := range p.all {
		q := p
		q.pop = pop
		groups = append(groups, StepGroup{Title: t.T("rounds.kind." + string(pop.Kind)), Class: "tag tag-" + string(pop.Kind), Steps: q.planSteps(r)})
	}
	return append(groups, StepGroup{Title: t.T("rounds.group.run"), Steps: p.runSteps(r, obstacles)})
}

// obstacleLines says what stands against opening.
func obstacleLines(t *i18n.Printer, obstacles []errs.Detail) []fields.FaultLine {
	var lines []fields.FaultLine
	for _, o := range obstacles {
		args := slices.Clone(o.Args)
		for i := 0; i+1 < len(args); i += 2 {
			if lang, ok := args[i+1].(string); ok && args[i] == "Language" {
				args[i+1] = i18n.Native(lang)
			}
		}
		line := fields.FaultLine{Text: t.T(o.Key, args...)}
		if o.Field != "" {
			line.Where = t.T("rounds.kind." + o.Field)
		}
		lines = append(lines, line)
	}
	return lines
}

// step makes a step; whoever may not go there gets no address.
func step(r *web.Request, name, address, text string, done bool, may people.Action) Step {
	s := Step{Title: r.Printer.T("rounds.step." + name), URL: address, Text: text, State: "todo"}
	if done {
		s.State = "done"
	}
	if !r.Person.May(may) {
		s.URL = ""
	}
	s.StateText = r.Printer.T("rounds.mark." + s.State)
	return s
}

func (p place) basicsStep(t *i18n.Printer) Step {
	s := Step{Title: t.T("rounds.step.basics"), URL: p.url("basics"), State: "done", Text: t.N("rounds.channels_n", len(p.Channels))}
	if len(p.Channels) == 0 {
		s.State = "todo"
	}
	s.StateText = t.T("rounds.mark." + s.State)
	return s
}

// planSteps are the steps of one population.
func (p place) planSteps(r *web.Request) []Step {
	t, plan := r.Printer, p.pop.Plan
	var title string
	q, err := form.Read(p.pop.Instrument)
	if err == nil {
		title, _ = q.Title.In(t.Lang())
		title += " " + q.Version
	}
	invited := p.made()
	frame := plan.Frame.People()
	steps := []Step{
		step(r, "questionnaire", p.popURL("questionnaire"), title, err == nil, people.RoundView),
		step(r, "frame", p.popURL("frame"), t.N("rounds.people_n", frame), frame > 0, people.RoundView),
		step(r, "plan", p.popURL("plan"), t.T("rounds.selection."+string(plan.Selection)), p.obstacle(t) == "", people.RoundView),
		step(r, "offices", p.popURL("offices"), t.N("rounds.offices_n", len(plan.Offices)), len(plan.Offices) > 0, people.RoundView),
		step(r, "invitations", p.popURL("invitations"), t.N("rounds.codes_n", invited), invited > 0 || !plan.Coded(), people.InvitationMake),
	}
	if len(plan.Offices) == 0 && plan.Selection != survey.Clusters {
		steps[3].State, steps[3].StateText = "later", t.T("rounds.mark.optional")
	}
	if frame == 0 && !plan.Coded() {
		steps[1].State, steps[1].StateText = "later", t.T("rounds.mark.optional")
	}
	return steps
}

// runSteps are the steps after planning.
func (p place) runSteps(r *web.Request, obstacles int) []Step {
	t := r.Printer
	opening := step(r, "open", p.url("open"), "", p.State != survey.DraftState, people.RoundOpen)
	watch := step(r, "fieldwork", p.url("fieldwork"), "", p.State == survey.ClosingState || p.State == survey.ClosedState, people.FieldworkView)
	closing := step(r, "close", p.url("close"), "", p.State == survey.ClosedState, people.RoundClose)
	report := step(r, "report", p.url("report"), "", p.State == survey.ClosedState, people.ReportView)
	later := func(s *Step) {
		s.State, s.URL, s.StateText = "later", "", t.T("rounds.mark.later")
	}
	switch p.State {
	case survey.DraftState:
		if obstacles > 0 {
			opening.Text = t.N("rounds.obstacles_n", obstacles)
		}
		later(&watch)
		later(&closing)
		later(&report)
	case survey.OpenState:
		opening.URL = ""
		later(&report)
	case survey.ClosingState:
		opening.URL, watch.URL = "", ""
		later(&report)
	case survey.ClosedState:
		opening.URL, watch.URL, closing.URL = "", "", ""
		report.StateText = t.T("rounds.mark.ready")
	}
	return []Step{opening, watch, closing, report}
}
