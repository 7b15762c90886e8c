package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate"
	"adili/estimate/weight"
)

// How many are drawn.
const (
	drawnHeadquarters = 600 // of 1500: the finite population correction matters
	drawnPrivate      = 250 // in each stratum
	drawnOffices      = 16  // in each stratum
	drawnInOffice     = 12
	keptOffices       = 8 // of those of the first round, in the second
)

// sample is the people drawn in one or two rounds, one row each.
type sample struct {
	of       *population
	person   []int
	round    []int
	weight   []float64
	first    []float64 // units in the population of the first stage
	second   []float64 // people in the unit
	repeated [][]int   // offices drawn, by stratum
}

func (s *sample) add(i, round int, weight, first, second float64) {
	s.person, s.round = append(s.person, i), append(s.round, round)
	s.weight = append(s.weight, weight)
	s.first, s.second = append(s.first, first), append(s.second, second)
}

// draw adds a round to the sample. The second keeps half the offices of the first and draws the others anew.
func (s *sample) draw(random *rand.Rand, round int) {
	for h := range strata {
		if members := s.of.members[h]; members != nil {
			n := drawnPrivate
			if h == headquarters {
				n = drawnHeadquarters
			}
			size := float64(len(members))
			for _, k := range random.Perm(len(members))[:n] {
				s.add(members[k], round, size/float64(n), size, 1)
			}
			continue
		}
		chosen := random.Perm(officeStratum)[:drawnOffices]
		if round > 0 {
			chosen = s.rotate(random, h)
		} else {
			s.repeated = append(s.repeated, chosen)
		}
		for _, k := range chosen {
			people := s.of.offices[h][k]
			size := float64(len(people))
			for _, j := range random.Perm(len(people))[:drawnInOffice] {
				s.add(people[j], round, officeStratum/float64(drawnOffices)*size/drawnInOffice, officeStratum, size)
			}
		}
	}
}

// rotate keeps some offices of the first round and replaces the others by offices that were not in it.
func (s *sample) rotate(random *rand.Rand, h int) []int {
	before := s.repeated[h-firstOffices]
	was := map[int]bool{}
	for _, k := range before {
		was[k] = true
	}
	var chosen []int
	for _, j := range random.Perm(drawnOffices)[:keptOffices] {
		chosen = append(chosen, before[j])
	}
	for _, k := range random.Perm(officeStratum) {
		if !was[k] && len(chosen) < drawnOffices {
			chosen = append(chosen, k)
		}
	}
	return chosen
}

// column is a variable of the population for the rows of the sample, by round.
func (s *sample) column(y ...[]float64) []float64 {
	x := make([]float64, len(s.person))
	for row, i := range s.person {
		x[row] = y[min(s.round[row], len(y)-1)][i]
	}
	return x
}

// compile makes the design. With fpc both stages and their sizes count, otherwise offices are taken as drawn with replacement.
// With alone every person is a unit, whatever the office: the mistake that this package must notice.
func (s *sample) compile(t *testing.T, w []float64, fpc, alone bool) *estimate.Design {
	t.Helper()
	var unit, stratum, who []string
	for row, i := range s.person {
		name := s.of.unit[i]
		if s.of.office[i] < 0 {
			// People cannot be told again in the second round.
			name = fmt.Sprint(name, " in ", s.round[row])
		}
		if alone {
			name = fmt.Sprint("row ", row)
		}
		unit = append(unit, name)
		stratum = append(stratum, fmt.Sprint(s.of.stratum[i]))
		who = append(who, fmt.Sprint(i))
	}
	stages := []estimate.Stage{{Unit: unit, Stratum: stratum}}
	if fpc {
		stages[0].Population = s.first
		stages = append(stages, estimate.Stage{Unit: who, Population: s.second})
	}
	d, err := estimate.Compile(estimate.Sample{Weight: w, Stages: stages})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// respond keeps the people who answer: fewer women than men.
func (s *sample) respond(random *rand.Rand) *sample {
	r := &sample{of: s.of}
	for row, i := range s.person {
		rate := 0.85
		if s.of.woman[i] {
			rate = 0.6
		}
		if random.Float64() < rate {
			r.add(i, s.round[row], s.weight[row], s.first[row], s.second[row])
		}
	}
	return r
}

// rake rakes the weights of respondents to sex and class within officials and private sector.
func (s *sample) rake(t *testing.T) *weight.Calibration {
	t.Helper()
	sex := s.margin("sex", 2, func(i int) int {
		if s.of.woman[i] {
			return 1
		}
		return 0
	})
	class := s.margin("class", 3, func(i int) int { return s.of.class[i] })
	raked, err := weight.Rake(s.weight, []weight.Margin{sex, class}, weight.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return raked
}

// margin crosses a variable of k levels with the population.
func (s *sample) margin(name string, k int, level func(i int) int) weight.Margin {
	m := weight.Margin{Name: name, Total: make([]float64, 2*k)}
	code := func(i int) int {
		if s.of.official(i) {
			return level(i)
		}
		return k + level(i)
	}
	for c := range m.Total {
		m.Labels = append(m.Labels, fmt.Sprint(name, " ", c))
		m.Total[c] = s.of.count(func(i int) bool { return code(i) == c })
	}
	for _, i := range s.person {
		m.Code = append(m.Code, code(i))
	}
	return m
}

// crosswise is what people answer to the crosswise question and to its anchor, which asks for something nobody does: 1 where
// both answers are the same. Share p was born in the months asked about; one in twelve answers without reading.
func (s *sample) crosswise(random *rand.Rand, p float64) (same, anchor []float64) {
	answer := func(trait float64, attentive bool) float64 {
		born := 0.0
		if random.Float64() < p {
			born = 1
		}
		if !attentive {
			return math.Round(random.Float64())
		}
		if trait == born {
			return 1
		}
		return 0
	}
	for _, i := range s.person {
		attentive := random.Float64() >= 1.0/12
		same = append(same, answer(s.of.bribed[i], attentive))
		anchor = append(anchor, answer(0, attentive))
	}
	return same, anchor
}
