package ui

import (
	"slices"
	"strings"

	"adili/form"
	"adili/internal/survey/report"
)

// raked reports whether the weights were fitted to more than the strata.
func raked(d report.Design) bool {
	return !d.Apart && slices.ContainsFunc(d.Margins, func(m report.Margin) bool { return !m.Dropped })
}

// thinned reports whether categories were too thin to fit weights to.
func thinned(d report.Design) bool {
	return slices.ContainsFunc(d.Margins, func(m report.Margin) bool { return m.Dropped || len(m.Merged) > 0 })
}

// weighing says what the weights were fitted to, and what that costs.
func (b *builder) weighing(d report.Design) []string {
	var used, lines []string
	for _, m := range d.Margins {
		question := b.quoted(m.Item.Text)
		if m.Dropped {
			lines = append(lines, b.T("report.design.dropped", "Question", question, "N", b.Int(report.MinMargin)))
			continue
		}
		used = append(used, question)
		for _, from := range m.Merged {
			var choices []string
			for _, k := range from {
				choices = append(choices, b.quoted(m.Item.Choices[k].Label))
			}
			lines = append(lines, b.T("report.design.merged", "Question", question, "Choices", strings.Join(choices, ", "), "N", b.Int(report.MinMargin)))
		}
	}
	switch {
	case d.Apart:
		lines = append(lines, b.T("report.design.apart"))
	case len(used) > 0:
		lines = append([]string{b.T("report.design.raked", "Questions", strings.Join(used, ", "))}, lines...)
	}
	if d.Weighted {
		lines = append(lines, b.T("report.design.kish", "Effect", b.Decimal(d.Kish, 1)))
	}
	return lines
}

// quoted is a text of the questionnaire in quotation marks, in its own direction.
func (b *builder) quoted(t form.Text) string {
	text, _ := b.text(t)
	return b.T("report.design.quoted", "Text", "\u2068"+text+"\u2069")
}

// plainCell is a score without weights, empty where there is none beside the weighted one.
func (b *builder) plainCell(g report.Group, factor int) cell {
	if len(g.Plain) == 0 {
		return number("", "")
	}
	return b.scoreCells(g.Plain[factor])[0]
}
