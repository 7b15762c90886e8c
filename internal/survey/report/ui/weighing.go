package ui

import (
	"strings"

	"adili/internal/survey/report"
)

// weighing says what the weights were fitted to, and what that costs.
func (b *builder) weighing(d report.Design) []string {
	var used, lines []string
	for _, m := range d.Margins {
		question, _ := b.text(m.Item.Text)
		if m.Dropped {
			lines = append(lines, b.T("report.design.dropped", "Question", question, "N", b.Int(report.MinMargin)))
			continue
		}
		used = append(used, question)
		for _, from := range m.Merged {
			var choices []string
			for _, k := range from {
				label, _ := b.text(m.Item.Choices[k].Label)
				choices = append(choices, label)
			}
			lines = append(lines, b.T("report.design.merged", "Question", question, "Choices", strings.Join(choices, " · "), "N", b.Int(report.MinMargin)))
		}
	}
	switch {
	case d.Apart:
		lines = append(lines, b.T("report.design.apart"))
	case len(used) > 0:
		lines = append([]string{b.T("report.design.raked", "Questions", strings.Join(used, " · "))}, lines...)
	}
	if d.Weighted {
		lines = append(lines, b.T("report.design.kish", "Effect", b.Decimal(d.Kish, 1)))
	}
	return lines
}

// plainCell is a score without weights, empty where there is none beside the weighted one.
func (b *builder) plainCell(g report.Group, factor int) cell {
	if len(g.Plain) == 0 {
		return number("", "")
	}
	return b.scoreCells(g.Plain[factor])[0]
}
