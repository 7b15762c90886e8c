package sampling

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Allocation says how a sample is spread over strata.
type Allocation uint8

const (
	// Proportional gives each stratum its share of the population. Every
	// person then has the same weight, and every breakdown its due.
	Proportional Allocation = iota
	// Neyman gives more to strata with more spread, N_h S_h: the smallest
	// variance of the overall result for a number of answers (Neyman, Journal
	// of the Royal Statistical Society 97, 1934).
	Neyman
)

// Ideal is the allocation before rounding, without minimum or maximum: n times
// N_h/N, or N_h S_h over its sum. Only Population and Spread of the strata are
// read.
func Ideal(n float64, strata []Stratum, a Allocation) []float64 {
	ideal := make([]float64, len(strata))
	sum := 0.0
	for i, s := range strata {
		ideal[i] = float64(max(0, s.Population))
		if a == Neyman {
			ideal[i] *= math.Sqrt(s.Spread)
		}
		sum += ideal[i]
	}
	for i := range ideal {
		if sum > 0 {
			ideal[i] *= n / sum
		}
	}
	return ideal
}

// Allocate spreads n people over the strata. Each stratum gets at least the
// minimum, or everybody where it is smaller, and never more people than it has;
// the rest is spread again over the others. Parts of persons go to the largest
// remainders, ties to the first stratum. The answer has the order of the
// strata and adds to n, or to as many people as minimum and population allow.
//
// ErrInput if n or the minimum is negative, or the minima alone exceed n.
func Allocate(n int, strata []Stratum, minimum int, a Allocation) ([]int, error) {
	if n < 0 || minimum < 0 {
		return nil, fmt.Errorf("sampling: allocate %d with minimum %d: %w", n, minimum, ErrInput)
	}
	low, high, floor, all := make([]int, len(strata)), make([]int, len(strata)), 0, 0
	for i, s := range strata {
		high[i] = max(0, s.Population)
		low[i] = min(minimum, high[i])
		floor += low[i]
		all += high[i]
	}
	if floor > n {
		return nil, fmt.Errorf("sampling: allocate: the minima need %d people, there are %d: %w", floor, n, ErrInput)
	}
	n = min(n, all)
	return round(fit(n, strata, a, low, high), n, high), nil
}

// fit scales the ideal allocation until, with every stratum held between low
// and high, it adds to n: the allocation is min(max(c·ideal, low), high) for
// the one factor c that does so, found by bisection.
func fit(n int, strata []Stratum, a Allocation, low, high []int) []float64 {
	ideal := Ideal(float64(n), strata, a)
	for i := range ideal {
		// A stratum without spread still takes what is left over at the end.
		ideal[i] = math.Max(ideal[i], 1e-9*float64(high[i]))
	}
	at := func(c float64) ([]float64, float64) {
		x, sum := make([]float64, len(ideal)), 0.0
		for i := range x {
			x[i] = math.Min(math.Max(c*ideal[i], float64(low[i])), float64(high[i]))
			sum += x[i]
		}
		return x, sum
	}
	x, sum := at(1)
	if math.Abs(sum-float64(n)) < 1e-9*float64(n+1) {
		return x
	}
	from, to := 0.0, 1.0
	for range 100 {
		if _, sum := at(to); sum >= float64(n)-1e-9 {
			break
		}
		to *= 2
	}
	for range 200 {
		c := from + (to-from)/2
		if x, sum = at(c); sum < float64(n) {
			from = c
		} else {
			to = c
		}
	}
	return x
}

// round makes whole people of an allocation by the largest remainders.
func round(x []float64, n int, high []int) []int {
	whole, left := make([]int, len(x)), n
	order := make([]int, len(x))
	for i, v := range x {
		whole[i] = int(math.Floor(v + 1e-6))
		left -= whole[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		// Differences below a millionth of a person are ties.
		return cmp.Compare(math.Round((x[j]-float64(whole[j]))*1e6), math.Round((x[i]-float64(whole[i]))*1e6))
	})
	for left > 0 {
		before := left
		for _, i := range order {
			if left > 0 && whole[i] < high[i] {
				whole[i]++
				left--
			}
		}
		if left == before {
			break
		}
	}
	return whole
}
