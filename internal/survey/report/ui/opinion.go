package ui

import (
	"slices"

	"adili/internal/survey/report"
)

// textsName is the table of the open answers themselves. It is not among
// tableNames: it holds no numbers, and has a link with a warning of its own.
const textsName = "opinions-text"

// opinion is one open answer. Nothing is known of who gave it but the
// population.
type opinion struct {
	report.Question
	Text string
}

// tally counts the open answers to each question.
func tally(list []opinion) map[report.Question]int {
	count := map[report.Question]int{}
	for _, o := range list {
		count[o.Question]++
	}
	return count
}

// readable reports whether there is any question of which the texts may be read.
func (b *builder) readable() bool {
	return slices.ContainsFunc(b.r.Groups, func(g report.Group) bool {
		return slices.ContainsFunc(g.Opinions, func(o report.Opinion) bool { return o.N.Shown() })
	})
}

// textTable is the open answers to the questions whose number of answers is
// shown, each question sorted by content, so that the order tells nothing.
func (b *builder) textTable(list []opinion) table {
	t := b.start(textsName, "population", "item", "text")
	for _, g := range b.r.Groups {
		for _, o := range g.Opinions {
			if !o.N.Shown() {
				continue
			}
			var texts []string
			for _, each := range list {
				if each.Question == (report.Question{Kind: g.Kind, Item: o.Item.ID}) {
					texts = append(texts, each.Text)
				}
			}
			slices.Sort(texts)
			for _, s := range texts {
				t.Rows = append(t.Rows, []cell{word(b.whose(g, o)), b.label(o.Item.Text), word(s)})
			}
		}
	}
	t.Notes = []string{b.T("report.texts.care")}
	return t
}
