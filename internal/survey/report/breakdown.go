package report

import (
	"adili/disclosure"
	"adili/form"
	"adili/internal/survey"
)

// Breakdown is the factor scores by one dimension declared in the plan.
type Breakdown struct {
	Item *form.Item // the question that divides the group; nil for collection strata
	Rows []Part     // in the order of frame or choices; who did not say last, if any
}

// Part is a part of the group. Where Choice is -1 it is those who gave no
// answer to the question that divides.
type Part struct {
	Label  string // of a collection stratum
	Choice int    // position in Item.Choices
	N      Count
	Scores []Score // factor 1 first; none where N is not shown
}

// breakdown divides the group as its plan declares.
func (s *sample) breakdown(out *Group) error {
	b, part := s.divide()
	if b == nil {
		out.NoItem = s.of.Plan.Breakdown != "" && s.of.Plan.Breakdown != survey.BreakdownStratum
		return nil
	}
	counts := make([]int, len(b.Rows))
	for _, p := range part {
		if p >= 0 {
			counts[p]++
		}
	}
	hidden := suppress(counts, nil)
	for i := range b.Rows {
		b.Rows[i].N = Count{N: disclosure.Count(counts[i])}
		if hidden[i] {
			b.Rows[i].N = Count{Absent: Hidden}
		}
	}
	for i := range b.Rows {
		b.Rows[i].Scores = make([]Score, Factors)
	}
	if err := each(Factors, func(f int) error { return s.breakFactor(b, part, f+1, hidden) }); err != nil {
		return err
	}
	for i := range b.Rows {
		if hidden[i] {
			b.Rows[i].Scores = nil
		}
	}
	out.Breakdown = b
	return nil
}

// divide lists the parts and gives the part of each person, -1 for none.
func (s *sample) divide() (*Breakdown, []int) {
	g := s.of
	part := make([]int, len(g.Responses))
	if g.Plan.Breakdown == survey.BreakdownStratum && !g.Open {
		b, at := &Breakdown{}, map[int]int{}
		for i, st := range g.Strata {
			b.Rows = append(b.Rows, Part{Label: st.Label})
			at[st.Number] = i
		}
		for i, r := range g.Responses {
			p, ok := at[r.Stratum]
			if !ok {
				p = -1
			}
			part[i] = p
		}
		return b, part
	}
	it, ok := g.Questionnaire.Item(g.Plan.Breakdown)
	if !ok || it.Kind != form.Single {
		return nil, nil
	}
	b := &Breakdown{Item: &it}
	for k := range it.Choices {
		b.Rows = append(b.Rows, Part{Choice: k})
	}
	silent := false
	for i, r := range g.Responses {
		part[i] = len(it.Choices)
		if code := r.Answers[it.ID].Code; code.Valid() && int(code) <= len(it.Choices) {
			part[i] = int(code) - 1
			continue
		}
		silent = true
	}
	if silent { // that nobody kept silent tells of nobody
		b.Rows = append(b.Rows, Part{Choice: -1})
	}
	return b, part
}

// breakFactor adds the scores on one factor. A cell that too few people have a
// score in goes beyond the pattern of the table, and takes another with it where
// the group's own score would give it away.
func (s *sample) breakFactor(b *Breakdown, part []int, f int, pattern []bool) error {
	items := scoring(s.of.Questionnaire, f, nil)
	y := s.persons(items)
	domains, err := s.design.Groups(part, len(b.Rows))
	if err != nil {
		return err
	}
	r, err := s.design.Mean(y, domains...)
	if err != nil {
		return err
	}
	counts := make([]int, len(b.Rows))
	for i := range counts {
		counts[i] = r.At(i).N
	}
	hidden := suppress(counts, pattern)
	for i := range b.Rows {
		cell := score(r, i, len(items), alike(y, func(row int) bool { return part[row] == i }))
		if cell.Absent == Present && hidden[i] {
			cell = Score{Absent: Hidden, Items: cell.Items}
		}
		cell.N = Count{Absent: Hidden} // the count of the part stands for all its cells
		b.Rows[i].Scores[f-1] = cell
	}
	return nil
}
