package report

import (
	"math"

	"adili/disclosure"
	"adili/estimate"
	"adili/form"
	"adili/internal/survey"
)

// scoring lists the questions that make the score of a factor: perceptions on
// the five-point scale, of those in only if it is not nil.
func scoring(q *form.Questionnaire, factor int, only map[string]bool) []form.Item {
	var items []form.Item
	for _, it := range q.Items() {
		if fivePoint(q, it) && it.Role == form.Perception && it.Factor == factor && (only == nil || only[it.ID]) {
			items = append(items, it)
		}
	}
	return items
}

func fivePoint(q *form.Questionnaire, it form.Item) bool {
	return it.Kind == form.Agreement && q.Points(it) == 5
}

// persons is the score of each person on the items, NaN for too few answers.
func (s *sample) persons(items []form.Item) []float64 {
	scores := make([]float64, len(s.of.Responses))
	answer, reverse := make([]uint8, len(items)), make([]bool, len(items))
	given := make([][]form.Answer, len(items))
	for k, it := range items {
		reverse[k], given[k] = it.Reverse, s.answers[it.ID]
	}
	for i := range scores {
		for k := range items {
			switch code := given[k][i].Code; {
			case code == form.NotAsked:
				answer[k] = estimate.NotAsked
			case code.Valid():
				answer[k] = uint8(code)
			default:
				answer[k] = estimate.NoAnswer
			}
		}
		scores[i] = estimate.Score(answer, reverse)
	}
	return scores
}

func everybody(int) bool { return true }

// scores fills in the ten factor scores and the design.
func (s *sample) scores(out *Group) error {
	out.Factors = make([]Score, Factors)
	if s.of.Selection.Interval() {
		out.Plain = make([]Score, Factors)
	}
	assumed, stated := make([]float64, Factors), make([]float64, Factors)
	err := each(Factors, func(f int) error {
		items := scoring(s.of.Questionnaire, f+1, nil)
		y := s.persons(items)
		r, err := s.design.Mean(y)
		if err != nil {
			return err
		}
		out.Factors[f] = score(r, 0, len(items), alike(y, everybody))
		if out.Plain != nil {
			out.Plain[f] = plain(y, len(items))
		}
		e, err := s.design.Effect(y, s.design.Everyone())
		assumed[f], stated[f] = e.Replace, e.Deff
		return err
	})
	s.deff = max(1, mean(assumed))
	out.Design = s.about(mean(stated))
	return err
}

// mean is the mean of the finite values, 1 if there are none.
func mean(values []float64) float64 {
	sum, n := 0.0, 0.0
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum += v
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

// NoGap says why there are no gaps.
type NoGap uint8

// The reasons. Compared is none.
const (
	Compared      NoGap = iota
	OnePopulation       // only one population was surveyed by invitation
	NotByChance         // people of one of them were not chosen in a way that carries an interval
	GroupTooSmall       // too few people of one of them answered
)

// Gaps compares officials with private sector by the matched questions.
type Gaps struct {
	Why               NoGap
	Official, Private int // indices of Report.Groups, where Why is Compared
	Rows              []Gap
	Family            int // comparisons the words allow for
}

// Gap is the difference on one factor, officials minus private sector.
type Gap struct {
	Factor            int
	Items             int // matched questions
	Absent            Absence
	Official, Private Score // by matched questions only
	Value             float64
	Interval          bool
	Lower, Upper      float64
	// Distinguishable says that the gap differs from zero at the level of
	// confidence, allowing for all comparisons of the family by Holm's method.
	Distinguishable bool
}

// compare makes the gaps between the invited groups.
func compare(closed *survey.Closed, samples []*sample) (Gaps, error) {
	a, b := -1, -1
	for i, g := range closed.Groups {
		switch {
		case g.Open:
		case g.Kind == form.Official:
			a = i
		default:
			b = i
		}
	}
	switch {
	case a < 0 || b < 0:
		return Gaps{Why: OnePopulation}, nil
	case !closed.Groups[a].Selection.Interval() || !closed.Groups[b].Selection.Interval():
		return Gaps{Why: NotByChance}, nil
	case len(closed.Groups[a].Responses) < disclosure.MinGroup || len(closed.Groups[b].Responses) < disclosure.MinGroup:
		return Gaps{Why: GroupTooSmall}, nil
	}
	gaps := Gaps{Official: a, Private: b}
	shared := matched(closed, form.Official)
	p := make([]float64, Factors)
	gaps.Rows = make([]Gap, Factors)
	err := each(Factors, func(f int) (err error) {
		gaps.Rows[f], p[f], err = compareFactor(samples[a], samples[b], f+1, shared)
		return err
	})
	if err != nil {
		return Gaps{}, err
	}
	for _, tail := range p {
		if !math.IsNaN(tail) {
			gaps.Family++
		}
	}
	for i, tail := range estimate.Holm(p) {
		gaps.Rows[i].Distinguishable = tail < 1-Confidence
	}
	return gaps, nil
}

// compareFactor makes one gap and its p-value, NaN where there is none.
func compareFactor(a, b *sample, f int, shared map[string]bool) (Gap, float64, error) {
	gap := Gap{Factor: f}
	scores := make([]Score, 2)
	results := make([]*estimate.Result, 2)
	for i, s := range []*sample{a, b} {
		items := scoring(s.of.Questionnaire, f, shared)
		gap.Items = len(items)
		y := s.persons(items)
		r, err := s.design.Mean(y)
		if err != nil {
			return gap, 0, err
		}
		results[i], scores[i] = r, score(r, 0, len(items), alike(y, everybody))
		if scores[i].Absent != Present {
			gap.Absent = scores[i].Absent
		}
	}
	gap.Official, gap.Private = scores[0], scores[1]
	if gap.Absent != Present {
		return gap, math.NaN(), nil
	}
	if scores[0].Edge != Within || scores[1].Edge != Within {
		gap.Absent = Hidden // the gap would tell what the edge hides
		return gap, math.NaN(), nil
	}
	c := estimate.Independent(results[0].Term(1, 0), results[1].Term(-1, 0))
	gap.Value = disclosure.Score(c.Value)
	if limits := c.Interval(Confidence); !math.IsNaN(limits.Lower) {
		gap.Interval, gap.Lower, gap.Upper = true, disclosure.Score(limits.Lower), disclosure.Score(limits.Upper)
	}
	return gap, c.P(), nil
}
