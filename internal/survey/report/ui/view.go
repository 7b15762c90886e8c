package ui

import (
	"adili/factor"
	"adili/internal/survey"
	"adili/internal/survey/report"
)

// reportView is the report in the words of one language.
type reportView struct {
	Base     string // address of the report
	Heading  string
	Period   string
	Invented bool
	Borrowed string
	Groups   []groupView
	Response []table
	Reading  []string // notes on them
	Factors  []figure
	NoGap    string
	Gap      []figure // one, or none where NoGap says why
	Items    []factorView
	Choices  []figure
	Parts    []partView
	Opinions table
	Texts    bool // there are open answers to download
	Tables   []tableLink
}

type groupView struct {
	Who, Class string
	N          string // answers; empty where too few to be shown
	Lines      []string
}

type factorView struct {
	Number      int
	Name        string
	Description string
	Figures     []figure
}

type partView struct {
	Who     string
	NoItem  bool // there is nothing to divide the group by, and nothing else here
	By      string
	Lang    string // of By
	Figures []figure
	Table   table
	Notes   []string
}

type tableLink struct{ Name, Caption string }

func (b *builder) reportView() (reportView, error) {
	round := b.r.Round
	v := reportView{
		Base: "/staff/rounds/" + round.ID + "/report", Invented: round.Invented,
		Heading: b.T("report.round", "Name", round.Name, "Iteration", b.Int(round.Iteration)),
		Period:  b.T("report.period", "From", b.Date(round.Time(round.Opens)), "To", b.Date(round.Time(round.Closes))),
		Reading: b.responseTable(b.r.Groups).Notes, Opinions: b.opinionTable(),
	}
	for _, g := range b.r.Groups {
		v.Groups = append(v.Groups, b.groupView(g))
		t := b.responseTable([]report.Group{g})
		t.Caption = b.who(g)
		v.Response = append(v.Response, t)
	}
	for _, name := range tableNames {
		v.Tables = append(v.Tables, tableLink{name, b.T("report.table." + name)})
	}
	steps := []func(*reportView) error{b.addFactors, b.addGap, b.addItems, b.addChoices, b.addParts}
	for _, add := range steps {
		if err := add(&v); err != nil {
			return v, err
		}
	}
	v.Texts = b.readable()
	v.Borrowed = b.notice()
	return v, nil
}

func (b *builder) groupView(g report.Group) groupView {
	v := groupView{Who: b.who(g), Class: "tag-" + string(g.Kind), Lines: []string{b.chosen(g)}}
	if !g.Enough() {
		v.Lines = append(v.Lines, b.T("report.too_few"))
		return v
	}
	v.N = b.people(g.Total.Answers)
	if g.Selection.Interval() {
		v.Lines = append(v.Lines, b.T("report.nonresponse"))
	}
	if g.Few {
		v.Lines = append(v.Lines, b.T("report.few"))
	}
	return v
}

func (b *builder) addFactors(v *reportView) error {
	for i, groups := range b.panels() {
		if len(enough(groups)) == 0 {
			continue
		}
		f, err := b.factorFigure(i, groups)
		if err != nil {
			return err
		}
		v.Factors = append(v.Factors, f)
	}
	return nil
}

func (b *builder) addGap(v *reportView) error {
	if b.r.Gaps.Why != report.Compared {
		v.NoGap = b.noGap()
		return nil
	}
	f, err := b.gapFigure()
	v.Gap = []figure{f}
	return err
}

func (b *builder) addItems(v *reportView) error {
	for _, k := range factor.All() {
		each := factorView{Number: k.Number, Name: b.factor(k.Number)}
		each.Description, _ = k.Description(b.Lang())
		for i, groups := range b.panels() {
			if len(itemOrder(enough(groups), k.Number)) == 0 {
				continue
			}
			f, err := b.itemFigure(i, k.Number, groups)
			if err != nil {
				return err
			}
			each.Figures = append(each.Figures, f)
		}
		v.Items = append(v.Items, each)
	}
	return nil
}

func (b *builder) addChoices(v *reportView) error {
	for i, groups := range b.panels() {
		for _, id := range choiceOrder(enough(groups)) {
			f, err := b.choiceFigure(i, id, groups)
			if err != nil {
				return err
			}
			v.Choices = append(v.Choices, f)
		}
	}
	return nil
}

func (b *builder) addParts(v *reportView) error {
	for i, g := range b.r.Groups {
		if g.NoItem {
			v.Parts = append(v.Parts, partView{Who: b.who(g), NoItem: true})
		}
		if g.Breakdown == nil {
			continue
		}
		p := partView{Who: b.who(g), By: b.T("report.col.stratum"), Table: b.breakdownTable([]report.Group{g}), Notes: []string{b.rest(g)}}
		if it := g.Breakdown.Item; it != nil {
			p.By, p.Lang = b.text(it.Text)
		}
		figures, err := b.partFigures(i, g)
		if err != nil {
			return err
		}
		p.Figures = figures
		v.Parts = append(v.Parts, p)
	}
	return nil
}

// methodView is the page on how the report was made. Of the methods it shows those that were used.
type methodView struct {
	Base      string
	Heading   string
	Invented  bool
	Groups    []groupView
	Estimated bool // there are scores and shares
	Weighted  bool // answers count as the people of their stratum
	Stated    bool // what the design costs is stated of a group
	Raked     bool
	Thinned   bool // categories were joined or left out for raking
	Gaps      bool
}

func (b *builder) methodView() methodView {
	v := methodView{
		Base: "/staff/rounds/" + b.r.Round.ID + "/report", Invented: b.r.Round.Invented,
		Heading: b.T("report.round", "Name", b.r.Round.Name, "Iteration", b.Int(b.r.Round.Iteration)),
		Gaps:    b.r.Gaps.Why == report.Compared,
	}
	for _, g := range b.r.Groups {
		each := groupView{Who: b.who(g), Class: "tag-" + string(g.Kind), Lines: []string{b.chosen(g)}}
		d := g.Design
		switch {
		case d.Offices:
			each.Lines = append(each.Lines, b.T("report.design.offices"))
		case d.Finite:
			each.Lines = append(each.Lines, b.T("report.design.persons"))
		case g.Enough():
			each.Lines = append(each.Lines, b.T("report.design.none"))
		}
		if g.Enough() {
			each.Lines = append(each.Lines, b.rest(g))
			v.Estimated = true
			v.Weighted = v.Weighted || d.Weighted
		}
		if d.Stated && g.Selection != survey.Quota && !g.Open && g.Selection != survey.OpenLink {
			each.Lines = append(each.Lines, b.T("report.design.numbers", "DF", b.Int(d.DF), "Effect", b.Decimal(d.Effect, 1)))
			each.Lines = append(each.Lines, b.weighing(d)...)
			v.Stated = true
			v.Raked = v.Raked || raked(d)
			v.Thinned = v.Thinned || thinned(d)
		}
		v.Groups = append(v.Groups, each)
	}
	return v
}
