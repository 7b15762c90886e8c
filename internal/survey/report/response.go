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

// sites counts the sites of a group, those without answers among them: a number
// without them would tell which strata nobody answered from.
func sites(g *survey.Group) int {
	if g.Selection != survey.Sites {
		return 0
	}
	n := 0
	for _, s := range g.Strata {
		n += max(1, len(s.Values))
	}
	return n
}

// reached is the number of people of the frame for whom there was a code.
// Codes beyond the people of a stratum make up for none elsewhere.
func reached(g *survey.Group) int {
	n := 0
	for _, s := range g.Strata {
		n += min(s.People, g.Invited[s.Number])
	}
	return n
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
