package replicate

import (
	"math"
	"math/rand/v2"

	"adili/estimate"
)

// tree is one stage of a design with the unit of the stage before that each group lies in.
type tree struct {
	estimate.Draw
	parent []int32   // by group
	share  []float64 // by group: product of the fractions drawn above
}

// trees are the stages of a design.
func trees(d *estimate.Design) []tree {
	stages := make([]tree, d.Stages())
	for i := range stages {
		t := tree{Draw: d.Stage(i)}
		t.parent, t.share = make([]int32, len(t.Units)), make([]float64, len(t.Units))
		for g, row := range firstRow(t.Draw) {
			t.share[g] = 1
			if i > 0 {
				above := stages[i-1]
				up := above.Unit[row]
				t.parent[g] = up
				t.share[g] = above.share[above.Group[up]] * above.Rate[above.Group[up]]
			}
		}
		stages[i] = t
	}
	return stages
}

// preston makes rescaled half-samples: at every stage half of the units of a group are taken without replacement, and
// below them half of theirs.
func preston(d *estimate.Design, m Method) (*Set, error) {
	if err := m.draws(); err != nil {
		return nil, err
	}
	stages := trees(d)
	for _, t := range stages {
		if _, err := m.lonely(t.Draw, estimate.LonelyCertainty); err != nil {
			return nil, err
		}
	}
	s := start(d, m, stages[len(stages)-1].Draw)
	t := &dense{units: s.units, factor: make([][]float64, m.Replicates)}
	s.hold(t, 1)
	for r := range s.each {
		s.each[r] = 1 / float64(m.Replicates-1)
	}
	return s, parallel(m.Replicates, func(r int) error {
		t.factor[r] = halved(stages, m.stream(r))
		return nil
	})
}

// halved draws one replicate and returns the factors of the units of the last stage. With n units of a group, n* = n/2
// rounded down of them kept, and the product of the fractions drawn above share,
//
//	λ = sqrt(share n* (1-f)/(n-n*))
//
// is taken from every unit, and λ n/n* given to those kept, both times sqrt(n/n*) for every stage above; units that lie
// in one not kept are left alone. A group of one unit has no spread at its own stage and is kept for the next.
func halved(stages []tree, rng *rand.Rand) []float64 {
	above, reach := []float64{1}, []float64{1} // factor and product of sqrt(n/n*) of the units above; 0 for not kept
	for _, t := range stages {
		factor, mult := make([]float64, len(t.Group)), make([]float64, len(t.Group))
		lo := 0
		for g, n := range t.Units {
			before, m := above[t.parent[g]], reach[t.parent[g]]
			for u := lo; u < lo+n; u++ {
				factor[u] = before
				if n == 1 {
					mult[u] = m
				}
			}
			if n > 1 && m > 0 {
				half := n / 2
				up := math.Sqrt(float64(n) / float64(half))
				lambda := m * math.Sqrt(t.share[g]*float64(half)*(1-t.Rate[g])/float64(n-half))
				for u := lo; u < lo+n; u++ {
					factor[u] -= lambda
				}
				for _, i := range rng.Perm(n)[:half] {
					factor[lo+i] += lambda * float64(n) / float64(half)
					mult[lo+i] = m * up
				}
			}
			lo += n
		}
		above, reach = factor, mult
	}
	return above
}
