package graded

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"adili/estimate/scale"
)

// pattern is what some people answered: the category of each item, -1 for missing.
type pattern struct {
	code  []int
	count float64
}

// fitting is a model while it is fitted.
type fitting struct {
	theta, weight []float64
	d, stop       float64
	items         []item
	patterns      []pattern
	of            []int // by row: its pattern, -1 for a row without an answer
	n             int
}

// collect counts the patterns of answers, in their own order, so that the order of the rows does not matter.
func (f *fitting) collect(columns [][]float64) {
	rows := len(columns[0])
	codes := make([][]int, rows)
	order := make([]int, 0, rows)
	f.of = make([]int, rows)
	for r := range codes {
		f.of[r] = -1
		codes[r] = make([]int, len(columns))
		answered := false
		for j, col := range columns {
			codes[r][j] = -1
			if !math.IsNaN(col[r]) {
				codes[r][j], _ = slices.BinarySearch(f.items[j].values, col[r])
				answered = true
			}
		}
		if answered {
			order = append(order, r)
		}
	}
	f.n = len(order)
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Or(slices.Compare(codes[a], codes[b]), cmp.Compare(a, b)) })
	for _, r := range order {
		if last := len(f.patterns) - 1; last < 0 || !slices.Equal(f.patterns[last].code, codes[r]) {
			f.patterns = append(f.patterns, pattern{code: codes[r]})
		}
		f.patterns[len(f.patterns)-1].count++
		f.of[r] = len(f.patterns) - 1
	}
}

// run iterates until no parameter moves, or the likelihood hardly does if that is asked for.
func (f *fitting) run() (int, error) {
	const limit, precision = 5000, 1e-12
	before, last := math.Inf(-1), math.Inf(1)
	for iteration := 1; iteration <= limit; iteration++ {
		counts, likelihood := f.expect()
		if likelihood-before < f.stop*math.Abs(likelihood) && f.stop > 0 {
			return iteration, nil
		}
		before = likelihood
		moved := 0.0
		for j, expected := range counts {
			size, ok := f.items[j].maximise(expected, f.theta, f.d)
			if !ok {
				return 0, &scale.ItemError{Items: []string{f.items[j].name}, Err: ErrConverge}
			}
			moved = max(moved, size)
		}
		if moved < precision || moved < 100*precision && moved >= last { // the latter is rounding
			return iteration, nil
		}
		last = moved
	}
	return 0, fmt.Errorf("after %d steps: %w", limit, ErrConverge)
}

// expect is the E-step: expected counts by item, category and point, and the log-likelihood.
func (f *fitting) expect() (counts [][][]float64, likelihood float64) {
	f.probabilities()
	counts = make([][][]float64, len(f.items))
	for j, it := range f.items {
		counts[j] = make([][]float64, len(it.values))
		for c := range counts[j] {
			counts[j][c] = make([]float64, len(f.theta))
		}
	}
	post := make([]float64, len(f.theta))
	for _, p := range f.patterns {
		likelihood += p.count * math.Log(f.posterior(p, post))
		for j, c := range p.code {
			if c < 0 {
				continue
			}
			for q, x := range post {
				counts[j][c][q] += p.count * x
			}
		}
	}
	return counts, likelihood
}

func (f *fitting) probabilities() {
	for j := range f.items {
		f.items[j].probs = f.items[j].probability(f.items[j].param, f.theta, f.d)
	}
}

// posterior fills in the distribution of the trait given a pattern, and returns the probability of the pattern.
func (f *fitting) posterior(p pattern, post []float64) float64 {
	copy(post, f.weight)
	for j, c := range p.code {
		if c < 0 {
			continue
		}
		for q, x := range f.items[j].probs[c] {
			post[q] *= x
		}
	}
	var total float64
	for _, x := range post {
		total += x
	}
	for q := range post {
		post[q] /= total
	}
	return total
}
