package report

import (
	"strconv"

	"adili/disclosure"
	"adili/estimate"
	"adili/form"
	"adili/internal/survey"
)

// sample is a group with its design.
type sample struct {
	of     *survey.Group
	design *estimate.Design // nil when nobody answered
	deff   float64          // mean design effect of the factor scores, at least 1

	weighing Weighing
	answers  map[string][]form.Answer // by question, in the order of the responses
}

// cell is one or more collection strata that are estimated together.
type cell struct {
	strata  []survey.Stratum
	answers int
	units   map[string]bool // office groups with answers
}

// draw makes the design of a group.
func draw(g *survey.Group) (*sample, error) {
	s := &sample{of: g, deff: 1, answers: columns(g)}
	if len(g.Responses) == 0 {
		return s, nil
	}
	var err error
	if !g.Selection.Interval() {
		weight := make([]float64, len(g.Responses))
		for i := range weight {
			weight[i] = 1
		}
		s.design, err = estimate.Compile(estimate.Sample{Weight: weight, Lonely: estimate.LonelyAdjust})
		return s, err
	}
	drawn, stratum := s.stratified()
	raked, err := s.rake(drawn.Weight, stratum)
	if err != nil {
		return s, err
	}
	if raked != nil {
		drawn.Weight = raked.Weights()
	}
	s.weighing.Kish = kish(drawn.Weight)
	if s.design, err = estimate.Compile(drawn); err == nil && raked != nil {
		s.design = s.design.Calibrated(raked)
	}
	return s, err
}

// stratified is the sample by collection strata, joined where one unit alone
// would show no spread, with the stratum of the weight of each person.
func (s *sample) stratified() (estimate.Sample, []int) {
	g := s.of
	office := officeItem(g)
	weighing := s.cells(office)
	varying := weighing
	if g.Selection == survey.Clusters {
		varying = join(weighing, func(c *cell) int { return len(c.units) })
	}
	weight, stratum := locate(weighing), locate(varying)
	n := len(g.Responses)
	sample := estimate.Sample{Weight: make([]float64, n), Lonely: estimate.LonelyAdjust}
	stage := estimate.Stage{Stratum: make([]string, n)}
	if g.Selection == survey.Clusters {
		stage.Unit = make([]string, n)
	} else {
		stage.Population = make([]float64, n)
	}
	of := make([]int, n)
	for i, r := range g.Responses {
		of[i] = weight[r.Stratum]
		from := weighing[of[i]]
		sample.Weight[i] = from.people() / float64(from.answers)
		stage.Stratum[i] = strconv.Itoa(stratum[r.Stratum])
		if g.Selection == survey.Clusters {
			stage.Unit[i] = unit(r, office)
		} else {
			stage.Population[i] = from.people()
		}
	}
	sample.Stages = []estimate.Stage{stage}
	return sample, of
}

// people is the frame of the cell. A frame that is out of date can be smaller
// than the number of answers; then everybody answered.
func (c *cell) people() float64 {
	n := 0
	for _, st := range c.strata {
		n += st.People
	}
	return float64(max(n, c.answers))
}

// officeItem is the id of the question on the respondent's office group.
func officeItem(g *survey.Group) string {
	for _, it := range g.Questionnaire.Items() {
		if it.ChoicesFrom == form.OfficeGroups {
			return it.ID
		}
	}
	return ""
}

// unit is the primary sampling unit of an answer. Those who named no office
// make one unit of their stratum.
func unit(r survey.Response, office string) string {
	code := form.Unanswered
	if a := r.Answers[office].Code; a.Valid() {
		code = a
	}
	return strconv.Itoa(r.Stratum) + "/" + strconv.Itoa(int(code))
}

// cells are the strata with answers, in frame order; those with one answer are
// joined with a neighbour.
func (s *sample) cells(office string) []*cell {
	index := map[int]int{}
	cells := make([]*cell, len(s.of.Strata))
	for i, st := range s.of.Strata {
		cells[i] = &cell{strata: []survey.Stratum{st}, units: map[string]bool{}}
		index[st.Number] = i
	}
	for _, r := range s.of.Responses {
		i, ok := index[r.Stratum]
		if !ok { // a stratum the plan does not know: its own, of those who answered
			i = len(cells)
			index[r.Stratum] = i
			cells = append(cells, &cell{strata: []survey.Stratum{{Number: r.Stratum}}, units: map[string]bool{}})
		}
		cells[i].answers++
		cells[i].units[unit(r, office)] = true
	}
	var filled []*cell
	for _, c := range cells {
		if c.answers > 0 {
			filled = append(filled, c)
		}
	}
	return join(filled, func(c *cell) int { return c.answers })
}

// join merges every cell of a single unit into the one before it, the first
// into the one after.
func join(cells []*cell, size func(*cell) int) []*cell {
	var list []*cell
	for _, c := range cells {
		last := len(list) - 1
		if last >= 0 && (size(c) < 2 || size(list[last]) < 2) {
			list[last] = merge(list[last], c)
			continue
		}
		list = append(list, c)
	}
	return list
}

func merge(a, b *cell) *cell {
	m := &cell{answers: a.answers + b.answers, units: map[string]bool{}}
	m.strata = append(append(m.strata, a.strata...), b.strata...)
	for _, c := range []*cell{a, b} {
		for u := range c.units {
			m.units[u] = true
		}
	}
	return m
}

// locate finds the cell of each stratum number.
func locate(cells []*cell) map[int]int {
	at := map[int]int{}
	for i, c := range cells {
		for _, st := range c.strata {
			at[st.Number] = i
		}
	}
	return at
}

// about describes the design as far as it may be stated. effect is the mean
// design effect of the scores against a simple sample without replacement.
func (s *sample) about(effect float64) Design {
	g := s.of
	d := Design{
		Weighted: g.Selection.Interval(), Offices: g.Selection == survey.Clusters,
		Finite: g.Selection.Interval() && g.Selection != survey.Clusters,
	}
	if len(g.Responses) >= disclosure.FiveCategories {
		d.Weighing = s.weighing
		d.Stated, d.DF, d.Effect = true, int(s.design.DF()), disclosure.Score(effect)
		if !d.Offices {
			d.DF = disclosure.Count(d.DF) // it is the number of answers less the strata
		}
	}
	return d
}
