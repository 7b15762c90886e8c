package ui

import (
	"fmt"
	"html/template"

	"adili/chart"
	"adili/internal/survey/report"
)

// figure is a chart with its table.
type figure struct {
	Caption string
	Lang    string
	Charts  []template.HTML
	Notes   []string
	Table   table
}

func (b *builder) frame(id, title, description string, format func(float64) string) chart.Frame {
	return chart.Frame{
		ID: id, Title: title, Description: description, Lang: b.Lang(), RTL: b.Dir() == "rtl", Number: format,
		Words: chart.Words{
			Row: b.T("report.col.item"), Series: b.T("report.col.group"), Value: b.T("report.col.share"),
			Low: b.T("report.col.from"), High: b.T("report.col.to"), N: b.T("report.col.answers"),
		},
	}
}

// svg draws a chart. The drawing escapes every text in it.
func svg(c chart.Chart) (template.HTML, error) {
	s, err := chart.Responsive(c)
	return template.HTML(s), err
}

func (b *builder) series(groups []report.Group) []chart.Series {
	var list []chart.Series
	for _, g := range groups {
		list = append(list, chart.Series{Name: b.who(g), Hue: hue(g)})
	}
	return list
}

// enough are the groups of which anything may be shown.
func enough(groups []report.Group) []report.Group {
	var list []report.Group
	for _, g := range groups {
		if g.Enough() {
			list = append(list, g)
		}
	}
	return list
}

func (b *builder) point(s report.Score) chart.Point {
	if s.Absent != report.Present {
		return chart.Point{Absent: b.absence(s.Absent)}
	}
	return chart.Point{
		Value: s.Value, Text: b.edge(s.Edge), Interval: s.Interval, Low: s.Lower, High: s.Upper, N: b.people(s.N),
	}
}

// titled adds to a title who answered, where one group alone is drawn and its
// marks bear no name.
func (b *builder) titled(title string, groups []report.Group) string {
	if len(groups) != 1 {
		return title
	}
	return b.T("report.titled", "Title", title, "Who", b.who(groups[0]))
}

func tick(b *builder) func(float64) string {
	return func(x float64) string { return b.Decimal(x, 0) }
}

// factorFigure shows the ten scores of the groups of a panel.
func (b *builder) factorFigure(panel int, groups []report.Group) (figure, error) {
	groups = enough(groups)
	f := figure{Caption: b.titled(b.T("report.table.factors"), groups), Table: b.factorTable(groups), Notes: b.rests(groups)}
	c := chart.DotInterval{
		Frame:  b.frame(fmt.Sprintf("factors-%d", panel), f.Caption, b.T("report.chart.factors"), b.score),
		Series: b.series(groups), Axis: b.T("report.axis.score"), Tick: tick(b),
	}
	for i := range report.Factors {
		row := chart.Row{Label: b.factor(i + 1)}
		for _, g := range groups {
			row.Points = append(row.Points, b.point(g.Factors[i]))
		}
		c.Rows = append(c.Rows, row)
	}
	return b.drawn(f, c)
}

func (b *builder) drawn(f figure, charts ...chart.Chart) (figure, error) {
	for _, c := range charts {
		s, err := svg(c)
		if err != nil {
			return f, err
		}
		f.Charts = append(f.Charts, s)
	}
	return f, nil
}

// gapFigure shows both populations by the shared questions.
func (b *builder) gapFigure() (figure, error) {
	f := figure{Caption: b.T("report.chart.gaps_title"), Table: b.gapTable(), Notes: b.gapNotes()}
	both := []report.Group{b.r.Groups[b.r.Gaps.Official], b.r.Groups[b.r.Gaps.Private]}
	c := chart.DotInterval{
		Frame:  b.frame("gaps", f.Caption, b.T("report.chart.gaps"), b.score),
		Series: b.series(both), Axis: b.T("report.axis.score"), Tick: tick(b),
	}
	for _, gap := range b.r.Gaps.Rows {
		c.Rows = append(c.Rows, chart.Row{
			Label: b.factor(gap.Factor), Points: []chart.Point{b.point(gap.Official), b.point(gap.Private)},
		})
	}
	return b.drawn(f, c)
}

// itemFigure shows the questions of a factor. Bars of five and of three
// categories stand in drawings of their own.
func (b *builder) itemFigure(panel, factor int, groups []report.Group) (figure, error) {
	groups = enough(groups)
	f := figure{Caption: b.T("report.chart.items_title"), Table: b.itemTable(factor, groups)}
	five := b.points()
	three := []string{b.T("report.disagree"), five[2], b.T("report.agree")}
	var charts []chart.Chart
	for _, categories := range [][]string{five, three} {
		c := chart.StackedLikert{Categories: categories}
		c.Frame = b.frame(fmt.Sprintf("items-%d-%d-%d", factor, panel, len(categories)), f.Caption, b.T("report.chart.items"),
			func(x float64) string { return b.Percent(x, 0) })
		for _, id := range itemOrder(groups, factor) {
			if item := b.likertItem(id, groups, len(categories)); len(item.Bars) > 0 {
				c.Items = append(c.Items, item)
			}
		}
		if len(c.Items) > 0 {
			charts = append(charts, c)
		}
	}
	return b.drawn(f, charts...)
}

func (b *builder) likertItem(id string, groups []report.Group, categories int) chart.Item {
	var item chart.Item
	for _, g := range groups {
		it, ok := findItem(g, id)
		shown := max(len(it.Shares), 3)
		if it.Absent != report.Present {
			shown = 5
		}
		if !ok || shown != categories {
			continue
		}
		item.Label, _ = b.text(it.Text)
		if it.Reverse {
			item.Label += " (" + b.T("report.reversed") + ")"
		}
		bar := chart.Bar{Name: b.who(g), Hue: hue(g), N: b.answers(it.N)}
		if it.Absent != report.Present {
			bar.Absent = b.absence(it.Absent)
		}
		bar.Shares, bar.Texts = b.segments(it.Shares)
		item.Bars = append(item.Bars, bar)
	}
	return item
}

// segments are the lengths and words of a bar. Shares shown as bounds are drawn
// at their middle, and the whole scaled to its length.
func (b *builder) segments(shares []report.Share) (lengths []float64, texts []string) {
	sum := 0.0
	for _, s := range shares {
		sum += middle(s)
	}
	for _, s := range shares {
		lengths = append(lengths, middle(s)/max(sum, 1e-9))
		texts = append(texts, b.share(s))
	}
	return lengths, texts
}

// choiceFigure shows one question with choices.
func (b *builder) choiceFigure(panel int, id string, groups []report.Group) (figure, error) {
	first, groups := holders(enough(groups), id)
	title, lang := b.text(first.Text)
	title = b.titled(title, groups)
	f := figure{Caption: title, Lang: lang, Table: b.choiceTable(id, groups), Notes: b.choiceNotes(first, groups)}
	f.Table.Caption = title
	c := chart.Bars{
		Frame:  b.frame(fmt.Sprintf("choice-%s-%d", id, panel), title, b.T("report.chart.choices"), func(x float64) string { return b.Percent(x, 0) }),
		Series: b.series(groups), Axis: b.T("report.axis.share"),
	}
	for k, option := range first.Choices {
		var row chart.Row
		row.Label, _ = b.text(option.Label)
		for _, g := range groups {
			q, _ := findChoice(g, id)
			if q.Absent != report.Present {
				row.Points = append(row.Points, chart.Point{Absent: b.absence(q.Absent)})
				continue
			}
			s := q.Shares[k]
			row.Points = append(row.Points, chart.Point{
				Value: middle(s), Text: b.share(s), Interval: s.Interval, Low: s.From, High: s.To, N: b.people(q.N),
			})
		}
		c.Rows = append(c.Rows, row)
	}
	return b.drawn(f, c)
}

// choiceNotes say whom the shares are of, and how many.
func (b *builder) choiceNotes(first report.Choice, groups []report.Group) []string {
	var notes []string
	for _, g := range groups {
		c, _ := findChoice(g, first.ID)
		if c.Absent == report.Present {
			notes = append(notes, b.T("report.base", "Who", b.who(g), "N", b.people(c.N)))
		} else {
			notes = append(notes, b.N("report.base_hidden", c.Least, "Who", b.who(g)))
		}
	}
	if first.Relevant != nil {
		for _, id := range first.Relevant.Refs() {
			if filter, ok := groups[0].Questionnaire.Item(id); ok && len(filter.Text) > 0 {
				text, _ := b.text(filter.Text)
				notes = append(notes, b.T("report.filtered", "Question", text))
			}
		}
	}
	return append(notes, b.rests(groups)...)
}

// partFigures show one factor each by the parts of a group.
func (b *builder) partFigures(index int, g report.Group) ([]figure, error) {
	var list []figure
	for i := range report.Factors {
		f := figure{Caption: b.factor(i + 1)}
		c := chart.DotInterval{
			Frame:  b.frame(fmt.Sprintf("part-%d-%d", index, i+1), f.Caption, b.T("report.chart.breakdown", "Who", b.who(g)), b.score),
			Series: []chart.Series{{Name: b.who(g), Hue: hue(g)}}, Axis: b.T("report.axis.score"), Tick: tick(b),
		}
		for _, p := range g.Breakdown.Rows {
			point := chart.Point{Absent: b.T("report.hidden")}
			if p.Scores != nil {
				point = b.point(p.Scores[i])
			}
			c.Rows = append(c.Rows, chart.Row{Label: b.partName(g.Breakdown, p).Text, Points: []chart.Point{point}})
		}
		s, err := c.SVG(chart.Phone) // they stand beside each other: no room for wide ones
		if err != nil {
			return nil, err
		}
		f.Charts = []template.HTML{template.HTML(`<div class="chart-pair">` + s + `</div>`)}
		list = append(list, f)
	}
	return list, nil
}
