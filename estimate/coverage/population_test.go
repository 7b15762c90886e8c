package coverage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate/perception"
)

// The population: officials at headquarters, drawn as persons; officials in offices, drawn office by office; and the private
// sector, drawn as persons.
const (
	headquarters  = 0
	firstOffices  = 1
	firstPrivate  = 6
	strata        = 9
	officeStratum = 200 // offices in a stratum
)

var (
	persons     = map[int]int{headquarters: 1500, 6: 8000, 7: 5000, 8: 3000}
	factorItems = []int{5, 4}
)

// population holds what everybody would answer in either round. It is made once: only who is drawn is left to chance, and, for
// the crosswise question, birthdays and attention.
type population struct {
	stratum []int
	office  []int // number of the office; -1 for people drawn as persons
	unit    []string
	woman   []bool
	class   []int
	members [][]int // of each stratum, of people drawn as persons
	offices [][][]int

	score    [2][2][]float64 // by round and factor
	agreeing []float64       // first factor, first round
	given    []float64
	rare     []float64 // an answer that few give
	common   []float64 // one that nearly all give
	bribed   []float64
}

func (p *population) official(i int) bool { return p.stratum[i] < firstPrivate }

// populate makes the population from a seed.
func populate(t *testing.T, seed uint64) *population {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 0))
	p := &population{members: make([][]int, strata), offices: make([][][]int, strata)}
	var effect [2][]float64 // of the person's office, by round
	add := func(h, office int, e [2]float64) int {
		i := len(p.stratum)
		p.stratum, p.office = append(p.stratum, h), append(p.office, office)
		p.woman, p.class = append(p.woman, random.Float64() < 0.4), append(p.class, random.IntN(3))
		p.unit = append(p.unit, fmt.Sprint("person ", i))
		for r := range e {
			effect[r] = append(effect[r], e[r])
		}
		return i
	}
	number := 0
	for h := range strata {
		if n := persons[h]; n > 0 {
			for range n {
				p.members[h] = append(p.members[h], add(h, -1, [2]float64{}))
			}
			continue
		}
		for range officeStratum {
			first := 0.35 * random.NormFloat64()
			e := [2]float64{first, 0.7*first + 0.25*random.NormFloat64()}
			var people []int
			for range 20 + random.IntN(81) {
				i := add(h, number, e)
				p.unit[i] = fmt.Sprint("office ", number)
				people = append(people, i)
			}
			p.offices[h] = append(p.offices[h], people)
			number++
		}
	}
	for round := range 2 {
		for f := range factorItems {
			p.answer(t, random, round, f, effect[round])
		}
	}
	p.sensitive(random, effect[0])
	return p
}

// answer lets everybody answer the items of a factor, and scores them: five points, the second item worded the other way, one
// answer in twenty "don't know".
func (p *population) answer(t *testing.T, random *rand.Rand, round, factor int, office []float64) {
	t.Helper()
	n := len(p.stratum)
	mood := make([]float64, n)
	for i, h := range p.stratum {
		mood[i] = 3.3 + 0.05*float64(h%5) + 0.1*float64(round) + office[i] + 0.5*random.NormFloat64()
		if p.official(i) {
			mood[i] += 0.2
		}
		if p.woman[i] {
			mood[i] -= 0.15
		}
	}
	var items []*perception.Item
	var points [][]float64
	for q := range factorItems[factor] {
		code := make([]float64, n)
		for i := range code {
			x := math.Max(1, math.Min(5, math.Round(mood[i]+0.8*random.NormFloat64())))
			switch {
			case random.Float64() < 0.05:
				x = 8
			case q == 1:
				x = 6 - x
			}
			code[i] = x
		}
		it, err := perception.FivePoint().Item(fmt.Sprint("q", q), code, nil, q == 1)
		if err != nil {
			t.Fatal(err)
		}
		items, points = append(items, it), append(points, it.Points())
	}
	var err error
	if p.score[round][factor], err = perception.Score(perception.Half, items...); err != nil {
		t.Fatal(err)
	}
	if round == 0 && factor == 0 {
		if p.agreeing, p.given, err = perception.Agreeing(points, 4, 5); err != nil {
			t.Fatal(err)
		}
	}
}

// sensitive lets everybody have or not have the rare, the common and the sensitive trait, in some offices more than in others.
func (p *population) sensitive(random *rand.Rand, office []float64) {
	chance := func(x float64) float64 {
		if random.Float64() < x {
			return 1
		}
		return 0
	}
	for i := range p.stratum {
		p.rare = append(p.rare, chance(0.03*math.Exp(office[i])))
		p.common = append(p.common, 1-chance(0.04*math.Exp(office[i])))
		bribed := 0.25
		if p.official(i) {
			bribed = 0.15 * math.Exp(office[i])
		}
		p.bribed = append(p.bribed, chance(bribed))
	}
}

// mean is the true mean of y over the people in a part, those without a value left out.
func (p *population) mean(y []float64, in func(i int) bool) float64 {
	sum, n := 0.0, 0.0
	for i, v := range y {
		if in(i) && !math.IsNaN(v) {
			sum += v
			n++
		}
	}
	return sum / n
}

// count is how many people are in a part.
func (p *population) count(in func(i int) bool) float64 {
	n := 0.0
	for i := range p.stratum {
		if in(i) {
			n++
		}
	}
	return n
}
