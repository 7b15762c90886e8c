package report

import (
	"math"

	"adili/disclosure"
	"adili/internal/survey"
)

// response is the response table of a group, in frame order, and its total.
// The counts of strata are suppressed so that the total gives none away.
func response(g *survey.Group) ([]Stratum, Stratum) {
	answers := map[int]int{}
	for _, r := range g.Responses {
		answers[r.Stratum]++
	}
	total := Stratum{Answers: count(len(g.Responses), disclosure.MinGroup)}
	if g.Open {
		return nil, total
	}
	counts := make([]int, len(g.Strata))
	for i, s := range g.Strata {
		counts[i] = answers[s.Number]
	}
	hidden := suppress(counts, nil)
	list := make([]Stratum, len(g.Strata))
	for i, s := range g.Strata {
		c := Count{N: disclosure.Count(counts[i])}
		if hidden[i] {
			c = Count{Absent: Hidden}
		}
		list[i] = Stratum{Label: s.Label, People: s.People, Invited: g.Invited[s.Number], Answers: c}
		list[i].rates()
		total.People += s.People
		total.Invited += list[i].Invited
	}
	total.rates()
	return list, total
}

// rates are worked out from the published count, so they tell no more than it.
func (s *Stratum) rates() {
	if !s.Answers.Shown() {
		return
	}
	n := float64(s.Answers.N)
	if s.Invited > 0 {
		s.Response = whole(min(1, n/float64(s.Invited)))
	}
	if s.People > 0 {
		s.Coverage = whole(min(1, n/float64(s.People)))
	}
}

func whole(share float64) float64 { return math.Round(share*100) / 100 }
