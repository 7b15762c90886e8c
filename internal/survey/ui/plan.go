package ui

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/planner"
	"adili/internal/survey/ui/fields"
)

type planView struct {
	Header    Header
	Save      string
	Selection fields.Field
	OpenLink  fields.Field
	Stratify  fields.Field
	Merges    []fields.Field
	Small     bool   // some stratum is too small
	Many      string // there are too many strata
	Numbers   []fields.Field
	Breakdown fields.Field
	Forecast  *ForecastTable
	Claim     string
	Rare      []RareLine
	RareLeft  int
	Advice    []string
	HasFrame  bool
	Dims      bool // the frame has two or more dimensions
}

// ForecastTable is what the plan needs, in words and numbers.
type ForecastTable struct {
	Rows                               []ForecastRow
	Frame, Needed, Invite, Expected    string
	Margin, Change, Effect, Conclusion string
	Reached                            bool
	Interval                           bool // a margin may be promised
}

// ForecastRow is one collection stratum.
type ForecastRow struct {
	Label, Frame, Needed, Invite, Expected, Margin string
}

// RareLine is a combination few people share.
type RareLine struct{ Text, People string }

func (m *Room) plan(r *web.Request, p place) (web.Reply, error) {
	return m.showPlan(r, p, planValues(p.pop.Plan), nil), nil
}

func planValues(plan survey.Plan) url.Values {
	v := url.Values{
		"selection": {string(plan.Selection)}, "stratify": {plan.Stratify}, "breakdown": {plan.Breakdown},
		"margin": {points(plan.Margin * 100)}, "response": {points(plan.Response * 100)}, "design_effect": {points(plan.DesignEffect)},
	}
	if plan.OpenLink {
		v.Set("open_link", "yes")
	}
	values, _ := plan.Frame.Values(plan.Stratify)
	for i, value := range values {
		v.Set("merge_"+strconv.Itoa(i), plan.Merge[value])
	}
	return v
}

// points prints a number without needless fields.Digits.
func points(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', 2, 64), "0"), ".")
}

func (m *Room) savePlan(r *web.Request, p place) (web.Reply, error) {
	values, err := r.Form()
	if err != nil {
		return nil, err
	}
	c := readChoices(values, p.pop.Plan)
	err = m.service.SaveChoices(r.Context(), r.Person, p.ID, p.pop.Kind, c)
	return saved(p.popURL("plan")+"#forecast", err, func() web.Reply { return m.showPlan(r, p, values, err) })
}

func readChoices(v url.Values, old survey.Plan) survey.Choices {
	number := func(name string) float64 {
		text := strings.TrimSuffix(strings.TrimSpace(i18n.Digits(v.Get(name))), "%")
		x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", "."), 64)
		if err != nil || x != x {
			return -1 // outside every range
		}
		return x
	}
	c := survey.Choices{
		Selection: survey.Selection(v.Get("selection")), Stratify: v.Get("stratify"), OpenLink: v.Get("open_link") == "yes",
		Margin: number("margin") / 100, Response: number("response") / 100, DesignEffect: number("design_effect"), Breakdown: v.Get("breakdown"),
	}
	if c.Stratify != old.Stratify {
		return c // other strata: the merges of before mean nothing
	}
	values, _ := old.Frame.Values(c.Stratify)
	for i, value := range values {
		into := v.Get("merge_" + strconv.Itoa(i))
		if into == "" || into == value || !slices.Contains(values, into) {
			continue
		}
		if c.Merge == nil {
			c.Merge = map[string]string{}
		}
		c.Merge[value] = into
	}
	return c
}

func (m *Room) showPlan(r *web.Request, p place, values url.Values, err error) web.Reply {
	t, plan := r.Printer, p.pop.Plan
	f := fields.New(r, values, err)
	v := planView{
		Header: p.planned(r, "rounds.plan_lead", err, func(string) bool { return true }), Save: p.popURL("plan"),
		Claim: t.T("rounds.claim." + string(plan.Selection)), HasFrame: plan.Frame.People() > 0, Dims: len(plan.Frame.Dimensions) > 1,
	}
	var ways []fields.Option
	for _, s := range survey.Selections {
		ways = append(ways, fields.Option{Value: string(s), Label: t.T("rounds.selection." + string(s)), Hint: t.T("rounds.claim." + string(s))})
	}
	v.Selection = f.Choice("radio", "selection", "rounds.selection", ways)
	v.OpenLink = f.Choice("checkbox", "open_link", "rounds.open_link", []fields.Option{{Value: "yes", Label: t.T("rounds.open_link_yes")}})
	strata := []fields.Option{{Label: t.T("rounds.one_stratum")}}
	for _, d := range plan.Frame.Dimensions {
		strata = append(strata, fields.Option{Value: d, Label: d})
	}
	v.Stratify = f.Choice("select", "stratify", "rounds.stratify", strata)
	v.Merges, v.Small, v.Many = mergeFields(f, p)
	for _, name := range []string{"margin", "response", "design_effect"} {
		field := f.Field("number", name, "rounds."+name)
		field.Short, field.Required, field.Dir = true, true, "ltr"
		v.Numbers = append(v.Numbers, field)
	}
	v.Breakdown = f.Choice("select", "breakdown", "rounds.breakdown", p.breakdowns(r))
	v.Forecast = forecast(r, p)
	if v.Dims {
		v.Rare, v.RareLeft, v.Advice = combinations(t, plan.Frame)
	}
	return m.page.plan.ReplyStatus(r, status(err), "rounds.step.plan", v)
}

// mergeFields are a select for each value of the stratifying dimension, if any
// value has too few people or was merged, or if there are too many strata.
func mergeFields(f fields.Filler, p place) (list []fields.Field, small bool, many string) {
	plan := p.pop.Plan
	values, people := plan.Frame.Values(plan.Stratify)
	strata, tooSmall := plan.Split(p.pop.Kind)
	if len(strata) > survey.MaxStrata {
		many = f.Printer.T("survey.plan.too_many_strata", "Count", len(strata), "Max", survey.MaxStrata)
	}
	switch small = len(tooSmall) > 0; {
	case plan.Stratify == "" || len(values) < 2:
		return nil, small, many
	case (small || many != "") && len(values) > fields.MostRows: // each would list all the others
		return nil, false, f.Printer.T("rounds.merge_in_file", "Max", fields.MostRows)
	}
	for i, value := range values {
		name := "merge_" + strconv.Itoa(i)
		if many == "" && people[value] >= survey.MinStratum && plan.Merge[value] == "" && f.Values.Get(name) == "" {
			continue
		}
		options := []fields.Option{{Label: f.Printer.T("rounds.merge_none")}}
		for _, other := range values {
			if other != value {
				options = append(options, fields.Option{Value: other, Label: other + " (" + f.Printer.Int(people[other]) + ")"})
			}
		}
		field := f.Choice("select", name, "rounds.merge", options)
		field.Label = f.Printer.N("rounds.merge_n", people[value], "Name", value)
		if slices.Contains(tooSmall, value) {
			field.Error = f.Printer.T("rounds.merge_needed", "Min", survey.MinStratum)
		}
		list = append(list, field)
	}
	return list, small, many
}

// breakdowns are what a report may be broken down by: the collection stratum,
// or a question of the profile.
func (p place) breakdowns(r *web.Request) []fields.Option {
	options := []fields.Option{{Value: survey.BreakdownStratum, Label: r.Printer.T("rounds.breakdown_stratum")}}
	q, err := form.Read(p.pop.Instrument)
	if err != nil {
		return options
	}
	for _, it := range q.Items() {
		if it.Role == form.Profile && it.Kind == form.Single && it.ChoicesFrom == "" {
			text, _ := it.Text.In(r.Printer.Lang())
			options = append(options, fields.Option{Value: it.ID, Label: text})
		}
	}
	return options
}

// forecast is what the stored plan needs; nil where there is nothing to say.
func forecast(r *web.Request, p place) *ForecastTable {
	t, plan := r.Printer, p.pop.Plan
	f, err := planner.Predict(plan, p.pop.Kind)
	if err != nil || !plan.Coded() {
		return nil
	}
	table := &ForecastTable{
		Frame: t.Int(f.Frame), Needed: t.Int(f.Needed), Invite: t.Int(f.Invite), Expected: t.Int(f.Expected),
		Margin: margin(t, f.Margin), Change: inPoints(t, "rounds.change_points", f.Change), Effect: t.Decimal(f.Effect, 2),
		Reached: f.Reached, Interval: plan.Selection.Interval(),
	}
	for _, n := range f.Strata {
		table.Rows = append(table.Rows, ForecastRow{stratumLabel(t, n.Stratum), t.Int(n.Stratum.People), t.Int(n.Needed), t.Int(n.Invite), t.Int(n.Expected), margin(t, n.Margin)})
	}
	key := "rounds.forecast_short"
	if f.Reached {
		key = "rounds.forecast_reached"
	}
	table.Conclusion = t.T(key, "Wanted", margin(t, plan.Margin))
	return table
}

// margin prints a half width in percentage points.
func margin(t *i18n.Printer, x float64) string { return inPoints(t, "rounds.points", x) }

// inPoints prints a difference of shares in percentage points.
func inPoints(t *i18n.Printer, key string, x float64) string {
	if x > 1 {
		return "—"
	}
	return t.T(key, "Points", t.Decimal(x*100, 1))
}

// mostRare is how many combinations the page lists.
const mostRare = 12

func combinations(t *i18n.Printer, f survey.Frame) (lines []RareLine, left int, advice []string) {
	rare, merges := planner.Combinations(f)
	for _, s := range rare[:min(len(rare), mostRare)] {
		var parts []string
		for i, d := range s.Dimensions {
			parts = append(parts, d+": "+s.Values[i])
		}
		lines = append(lines, RareLine{strings.Join(parts, " · "), t.Int(s.People)})
	}
	for _, a := range merges {
		if a.With == "" {
			advice = append(advice, t.T("rounds.advice_drop", "Dimension", a.Dimension))
			continue
		}
		advice = append(advice, t.T("rounds.advice_merge", "Dimension", a.Dimension, "Value", a.Value, "With", a.With))
	}
	return lines, max(0, len(rare)-mostRare), advice
}
