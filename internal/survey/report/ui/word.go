package ui

import (
	"slices"

	"adili/chart"
	"adili/factor"
	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/survey"
	"adili/internal/survey/report"
)

// builder puts a report into the words of one language.
type builder struct {
	*i18n.Printer
	r        *report.Report
	borrowed map[string]bool // languages other than the reader's that texts came in
}

func newBuilder(r *report.Report, p *i18n.Printer) *builder {
	return &builder{Printer: p, r: r, borrowed: map[string]bool{}}
}

// text is t in the reader's language, or in the one it has; lang then tells.
func (b *builder) text(t form.Text) (s, lang string) {
	s, got := t.In(b.Lang())
	if got == b.Lang() {
		return s, ""
	}
	if got != "" {
		b.borrowed[got] = true
	}
	return s, got
}

func (b *builder) factor(n int) string {
	f, _ := factor.ByNumber(n)
	name, _ := f.Name(b.Lang())
	return b.T("report.factor", "Number", b.Int(n), "Name", name)
}

// who names a group.
func (b *builder) who(g report.Group) string {
	key := "report.who.official"
	if g.Kind == form.Private {
		key = "report.who.private"
	}
	if g.Open {
		key += "_link"
	}
	return b.T(key)
}

// whose names those who gave the answers to an open question. They are not told
// apart by link.
func (b *builder) whose(g report.Group, o report.Opinion) string {
	switch {
	case !o.Together:
		return b.who(g)
	case g.Kind == form.Private:
		return b.T("report.who.private_together")
	}
	return b.T("report.who.official_together")
}

func hue(g report.Group) chart.Hue {
	if g.Kind == form.Private {
		return chart.Private
	}
	return chart.Official
}

// chosen says how the people of a group came to be asked.
func (b *builder) chosen(g report.Group) string {
	switch {
	case g.Selection == survey.Sites:
		return b.N("report.chosen.sites", g.Sites)
	case g.Partly():
		return b.T("report.chosen.everyone_partly", "N", b.Int(g.Reached), "People", b.Int(g.Total.People))
	}
	return b.T("report.chosen." + string(g.Selection))
}

// rest says what the intervals of a group rest on.
func (b *builder) rest(g report.Group) string {
	switch {
	case g.Selection == survey.Sites:
		return b.N("report.rest.sites", g.Sites, "Who", b.who(g))
	case g.Partly():
		return b.T("report.rest.everyone_partly", "Who", b.who(g), "N", b.Int(g.Reached), "People", b.Int(g.Total.People))
	case g.Selection.Interval():
		return b.T("report.rest."+string(g.Selection), "Who", b.who(g))
	}
	return b.T("report.rest.sample", "Who", b.who(g))
}

func (b *builder) rests(groups []report.Group) []string {
	var list []string
	for _, g := range groups {
		if g.Enough() {
			list = append(list, b.rest(g))
		}
	}
	return list
}

// people is a number of people who answered.
func (b *builder) people(c report.Count) string {
	if !c.Shown() {
		return b.T("report.hidden")
	}
	return b.Int(c.N)
}

func (b *builder) answers(c report.Count) string {
	if !c.Shown() {
		return ""
	}
	return b.T("report.n", "N", b.Int(c.N))
}

func (b *builder) score(x float64) string { return b.Decimal(x, 1) }

func (b *builder) absence(a report.Absence) string {
	if a == report.NotAsked {
		return b.T("report.not_asked")
	}
	return b.T("report.hidden")
}

// edge is the words for a score at an end of the scale, or "".
func (b *builder) edge(e report.Edge) string {
	switch e {
	case report.Low:
		return b.T("report.under", "Value", b.Decimal(0.5, 1))
	case report.High:
		return b.T("report.over", "Value", b.Decimal(9.5, 1))
	}
	return ""
}

// share is a share in words.
func (b *builder) share(s report.Share) string {
	switch {
	case s.Hidden:
		return b.T("report.hidden")
	case s.Below():
		return b.T("report.under", "Value", b.Percent(s.Upper, 0))
	case s.Above():
		return b.T("report.over", "Value", b.Percent(s.Lower, 0))
	case !s.Exact:
		return b.T("report.between", "From", b.Percent(s.Lower, 0), "To", b.Percent(s.Upper, 0))
	}
	return b.Percent(s.Value, s.Digits)
}

// middle is where a share is drawn.
func middle(s report.Share) float64 { return (s.Lower + s.Upper) / 2 }

// panels are the groups shown in one drawing: those invited, then those who
// followed a link.
func (b *builder) panels() [][]report.Group {
	var list [][]report.Group
	for _, open := range []bool{false, true} {
		var groups []report.Group
		for _, g := range b.r.Groups {
			if g.Open == open {
				groups = append(groups, g)
			}
		}
		if len(groups) > 0 {
			list = append(list, groups)
		}
	}
	return list
}

// notice says in which languages texts came that the reader's language lacks.
func (b *builder) notice() string {
	var names []string
	for _, lang := range i18n.Languages {
		if b.borrowed[lang] {
			names = append(names, i18n.Native(lang))
			delete(b.borrowed, lang)
		}
	}
	rest := make([]string, 0, len(b.borrowed))
	for lang := range b.borrowed {
		rest = append(rest, lang)
	}
	slices.Sort(rest)
	names = append(names, rest...)
	if len(names) == 0 {
		return ""
	}
	list := names[0]
	for _, n := range names[1:] {
		list += ", " + n
	}
	return b.T("report.borrowed", "Languages", list)
}
