package ui

import (
	"slices"

	"adili/internal/survey/report"
)

// responseTable has the strata of the groups; a single group needs no column
// that names it.
func (b *builder) responseTable(groups []report.Group) table {
	t := b.start("response", "group", "stratum")
	if len(groups) == 1 {
		t = b.start("response", "stratum")
	}
	t.numbers(b, "people", "invited", "answers", "response", "coverage")
	for _, g := range groups {
		var rows [][]cell
		for _, s := range g.Strata {
			rows = append(rows, b.responseRow(g, s, s.Label))
		}
		if len(g.Strata) != 1 {
			rows = append(rows, b.responseRow(g, g.Total, b.T("report.total")))
		}
		for _, row := range rows {
			if len(groups) > 1 {
				row = append([]cell{word(b.who(g))}, row...)
			}
			t.Rows = append(t.Rows, row)
		}
	}
	t.Notes = []string{b.T("report.note.rounded"), b.T("report.note.hidden")}
	if slices.ContainsFunc(groups, func(g report.Group) bool { return g.Few }) {
		t.Notes = append(t.Notes, b.T("report.few"))
	}
	if n := b.r.Round.LostNodes; n > 0 {
		t.Notes = append(t.Notes, b.T("report.lost", "Codes", b.Int(b.r.Round.Lost)))
	}
	for _, g := range groups {
		if g.Partly() {
			t.Notes = append(t.Notes, b.T("report.titled", "Title", b.who(g), "Who", b.chosen(g)))
		}
	}
	return t
}

func (b *builder) responseRow(g report.Group, s report.Stratum, label string) []cell {
	if label == "" {
		label = b.T("report.total")
	}
	none := number(b.T("report.unknown"), "")
	row := []cell{word(label), none, none, b.count(s.Answers), none, none}
	if g.Open {
		return row
	}
	row[1], row[2] = b.whole(s.People), b.whole(s.Invited)
	if s.Answers.Shown() {
		row[4], row[5] = b.percent(s.Response, 0), b.percent(s.Coverage, 0)
	} else {
		row[4], row[5] = b.count(s.Answers), b.count(s.Answers)
	}
	return row
}

func (b *builder) factorTable(groups []report.Group) table {
	t := b.start("factors", "factor", "group")
	t.numbers(b, "score", "from", "to", "plain", "answers", "items")
	for f := range report.Factors {
		for _, g := range groups {
			if !g.Enough() {
				continue
			}
			s := g.Factors[f]
			row := append([]cell{word(b.factor(f + 1)), word(b.who(g))}, b.scoreCells(s)...)
			t.Rows = append(t.Rows, append(row, b.plainCell(g, f), b.count(s.N), b.whole(s.Items)))
		}
	}
	t.Notes = append(b.rests(groups), b.T("report.note.score"), b.T("report.note.plain"), b.T("report.note.hidden"))
	return t
}

func (b *builder) gapTable() table {
	t := b.start("gaps", "factor")
	t.numbers(b, "items", "official", "private", "gap", "from", "to")
	t.Head = append(t.Head, column{Text: b.T("report.col.verdict")})
	for _, gap := range b.r.Gaps.Rows {
		row := []cell{word(b.factor(gap.Factor)), b.whole(gap.Items), b.scoreCells(gap.Official)[0], b.scoreCells(gap.Private)[0]}
		if gap.Absent != report.Present {
			row = append(row, word(b.gapAbsence(gap)), number("", ""), number("", ""), word(""))
		} else {
			row = append(row, b.decimal(gap.Value))
			row = append(row, b.limits(gap.Interval, b.decimal(gap.Lower), b.decimal(gap.Upper))...)
			row = append(row, word(b.verdict(gap)))
		}
		t.Rows = append(t.Rows, row)
	}
	t.Notes = b.gapNotes()
	return t
}

func (b *builder) gapAbsence(gap report.Gap) string {
	if gap.Absent == report.NotAsked {
		return b.T("report.not_shared")
	}
	return b.T("report.hidden")
}

func (b *builder) verdict(gap report.Gap) string {
	if gap.Distinguishable {
		return b.T("report.distinguishable")
	}
	return b.T("report.not_distinguishable")
}

func (b *builder) gapNotes() []string {
	g := b.r.Gaps
	if g.Why != report.Compared {
		return []string{b.noGap()}
	}
	both := []report.Group{b.r.Groups[g.Official], b.r.Groups[g.Private]}
	return append([]string{b.T("report.note.gap"), b.N("report.note.family", g.Family)}, b.rests(both)...)
}

func (b *builder) noGap() string {
	switch b.r.Gaps.Why {
	case report.OnePopulation:
		return b.T("report.no_gap.one_population")
	case report.NotByChance:
		return b.T("report.no_gap.not_by_chance")
	}
	return b.T("report.no_gap.too_small")
}

// itemTable has the questions of one factor, or of all where factor is 0.
func (b *builder) itemTable(factor int, groups []report.Group) table {
	var t table
	if factor == 0 {
		t = b.start("items", "factor", "item", "group")
	} else {
		t = b.start("items", "item", "group")
		t.Caption = b.factor(factor)
	}
	for _, point := range b.points() {
		t.Head = append(t.Head, column{Text: point, Num: true})
	}
	t.numbers(b, "answers")
	t.missingColumns(b)
	for _, id := range itemOrder(groups, factor) {
		for _, g := range groups {
			it, ok := findItem(g, id)
			if !ok {
				continue
			}
			text := b.label(it.Text)
			if it.Reverse {
				text.Tag = b.T("report.reversed")
			}
			row := []cell{text, word(b.who(g))}
			if factor == 0 {
				row = append([]cell{word(b.factor(it.Factor))}, row...)
			}
			row = append(row, b.pointCells(it)...)
			row = append(row, b.count(it.N))
			t.Rows = append(t.Rows, append(row, b.missingCells(it.Item, it.Missing)...))
		}
	}
	if factor > 0 {
		t.trim(b)
	}
	t.Notes = []string{b.T("report.note.share"), b.T("report.note.three"), b.T("report.note.reversed"), b.T("report.note.hidden")}
	return t
}

// points are the names of the five answers, from the first questionnaire.
func (b *builder) points() []string {
	for _, g := range b.r.Groups {
		if len(g.Items) == 0 {
			continue
		}
		var names []string
		for _, t := range g.Questionnaire.Scales[g.Items[0].Scale].Points {
			s, _ := b.text(t)
			names = append(names, s)
		}
		return names
	}
	return make([]string, 5)
}

// pointCells are always five columns wide: of three categories the outer ones
// take two.
func (b *builder) pointCells(it report.Item) []cell {
	if it.Absent != report.Present {
		return []cell{{Text: b.T("report.hidden"), Plain: b.T("report.hidden"), Span: 5}}
	}
	var cells []cell
	for k, s := range it.Shares {
		c := b.shareCell(s)
		if len(it.Shares) == 3 && k != 1 {
			c.Span = 2
		}
		cells = append(cells, c)
	}
	return cells
}

// itemOrder lists the questions of a factor (0: all, by factor) in the order
// asked, those of the first group before what only others were asked.
func itemOrder(groups []report.Group, factor int) []string {
	var ids []string
	seen := map[string]bool{}
	for f := 1; f <= report.Factors; f++ {
		for _, g := range groups {
			for _, it := range g.Items {
				if it.Factor == f && (factor == 0 || factor == f) && !seen[it.ID] {
					seen[it.ID] = true
					ids = append(ids, it.ID)
				}
			}
		}
	}
	return ids
}

func findItem(g report.Group, id string) (report.Item, bool) {
	for _, it := range g.Items {
		if it.ID == id {
			return it, true
		}
	}
	return report.Item{}, false
}

func findChoice(g report.Group, id string) (report.Choice, bool) {
	for _, c := range g.Choices {
		if c.ID == id {
			return c, true
		}
	}
	return report.Choice{}, false
}

// choiceOrder lists the questions with choices in the order asked.
func choiceOrder(groups []report.Group) []string {
	var ids []string
	seen := map[string]bool{}
	for _, g := range groups {
		for _, c := range g.Choices {
			if !seen[c.ID] {
				seen[c.ID] = true
				ids = append(ids, c.ID)
			}
		}
	}
	return ids
}

// choiceTable has one question, or all where id is "".
func (b *builder) choiceTable(id string, groups []report.Group) table {
	t := b.start("choices", "choice", "group")
	if id == "" {
		t = b.start("choices", "item", "choice", "group")
	}
	t.numbers(b, "share", "from", "to", "answers")
	t.missingColumns(b)
	for _, each := range choiceOrder(groups) {
		if id != "" && each != id {
			continue
		}
		t.Rows = append(t.Rows, b.choiceRows(each, id == "", groups)...)
	}
	if id != "" {
		t.trim(b)
	}
	t.Notes = append(b.rests(groups), b.T("report.note.base"), b.T("report.note.hidden"))
	return t
}

func (b *builder) choiceRows(id string, named bool, groups []report.Group) (rows [][]cell) {
	first, groups := holders(groups, id)
	for k, option := range first.Choices {
		for _, g := range groups {
			c, _ := findChoice(g, id)
			row := []cell{b.label(option.Label), word(b.who(g))}
			if named {
				row = append([]cell{b.label(c.Text)}, row...)
			}
			if c.Absent != report.Present {
				row = append(row, word(b.absence(c.Absent)), number("", ""), number("", ""))
			} else if k < len(c.Shares) {
				row = append(row, b.shareCells(c.Shares[k])...)
			}
			row = append(row, b.count(c.N))
			rows = append(rows, append(row, b.missingCells(c.Item, c.Missing)...))
		}
	}
	return rows
}

// holders are the groups that were asked a question, with the same choices as
// the first of them.
func holders(groups []report.Group, id string) (first report.Choice, same []report.Group) {
	for _, g := range groups {
		c, ok := findChoice(g, id)
		if !ok || len(same) > 0 && len(c.Choices) != len(first.Choices) {
			continue
		}
		if len(same) == 0 {
			first = c
		}
		same = append(same, g)
	}
	return first, same
}

func (b *builder) partName(d *report.Breakdown, p report.Part) cell {
	switch {
	case d.Item == nil && p.Label == "":
		return word(b.T("report.total"))
	case d.Item == nil:
		return word(p.Label)
	case p.Choice < 0:
		return word(b.T("report.not_stated"))
	}
	return b.label(d.Item.Choices[p.Choice].Label)
}

func (b *builder) breakdownTable(groups []report.Group) table {
	t := b.start("breakdown", "group", "part", "factor")
	t.numbers(b, "score", "from", "to", "answers")
	var lost []string
	for _, g := range groups {
		if g.NoItem {
			lost = append(lost, b.T("report.titled", "Title", b.who(g), "Who", b.T("report.no_item")))
		}
		if g.Breakdown == nil {
			continue
		}
		for _, p := range g.Breakdown.Rows {
			name := b.partName(g.Breakdown, p)
			if p.Scores == nil {
				t.Rows = append(t.Rows, []cell{word(b.who(g)), name, word(""), word(b.T("report.hidden")), number("", ""), number("", ""), b.count(p.N)})
			}
			for f, s := range p.Scores {
				row := append([]cell{word(b.who(g)), name, word(b.factor(f + 1))}, b.scoreCells(s)...)
				t.Rows = append(t.Rows, append(row, b.count(p.N)))
			}
		}
	}
	t.Notes = append(append(lost, b.rests(groups)...), b.T("report.note.order"), b.T("report.note.hidden"))
	return t
}

func (b *builder) opinionTable() table {
	t := b.start("opinions", "item", "group")
	t.numbers(b, "answers")
	for _, g := range b.r.Groups {
		for _, o := range g.Opinions {
			t.Rows = append(t.Rows, []cell{b.label(o.Item.Text), word(b.whose(g, o)), b.count(o.N)})
		}
	}
	t.Notes = []string{b.T("report.note.opinions")}
	return t
}
