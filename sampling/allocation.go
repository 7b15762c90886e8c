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
	// CostOptimal is Neyman where a person costs c_h: N_h S_h/√c_h, the
	// smallest variance for a budget and the smallest cost for a variance
	// (Cochran, 1977). A stratum without a cost counts as cost 1.
	CostOptimal
	// SquareRoot gives √N_h: a compromise between the overall result and small
	// strata that want a result of their own (power allocation with exponent
	// 1/2; Bankier, The American Statistician 42, 1988).
	SquareRoot
)

// share is what the allocation of a stratum is proportional to.
func (a Allocation) share(s Stratum) float64 {
	size := float64(max(0, s.Population))
	switch a {
	case Neyman:
		return size * math.Sqrt(s.Spread)
	case CostOptimal:
		return size * math.Sqrt(s.Spread/s.cost())
	case SquareRoot:
		return math.Sqrt(size)
	}
	return size
}

// cost is the cost of one person, 1 where none was given.
func (s Stratum) cost() float64 {
	if s.Cost == 0 {
		return 1
	}
	return s.Cost
}

// Ideal is the allocation before rounding, without minimum or maximum: n times
// the stratum's share of the sum of what the rule is proportional to. Only
// Population, Spread and Cost of the strata are read.
func Ideal(n float64, strata []Stratum, a Allocation) []float64 {
	ideal := make([]float64, len(strata))
	sum := 0.0
	for i, s := range strata {
		ideal[i] = a.share(s)
		sum += ideal[i]
	}
	for i := range ideal {
		if sum > 0 {
			ideal[i] *= n / sum
		}
	}
	return ideal
}

// IdealForBudget is the cost-optimal allocation that a budget for interviews
// pays for, before rounding,
//
//	n_h = C (N_h S_h/√c_h) / Σ N_h S_h √c_h
//
// (Cochran, 1977). ErrInput for a negative budget, spread or cost.
func IdealForBudget(budget float64, strata []Stratum) ([]float64, error) {
	if err := costs(strata); err != nil || !(budget >= 0) || math.IsInf(budget, 1) {
		return nil, wrong("allocate a budget", "budget", err)
	}
	pays := 0.0
	for _, s := range strata {
		pays += CostOptimal.share(s) * s.cost()
	}
	ideal := make([]float64, len(strata))
	for i, s := range strata {
		if pays > 0 {
			ideal[i] = budget * CostOptimal.share(s) / pays
		}
	}
	return ideal, nil
}

// IdealForVariance is the cheapest allocation whose mean has the variance V,
// before rounding,
//
//	n   = (Σ W_h S_h √c_h) (Σ W_h S_h/√c_h) / (V + Σ W_h S_h²/N)
//	n_h = n (N_h S_h/√c_h) / Σ N_h S_h/√c_h          W_h = N_h/N
//
// (Cochran, 1977). Design effects are not read: give S_h² times
// d_h as spread. ErrInput for a variance that is not positive, or a negative
// spread or cost.
func IdealForVariance(variance float64, strata []Stratum) ([]float64, error) {
	if err := costs(strata); err != nil || !(variance > 0) || math.IsInf(variance, 1) {
		return nil, wrong("allocate for a variance", "variance", err)
	}
	total := 0.0
	for _, s := range strata {
		total += float64(max(0, s.Population))
	}
	if total == 0 {
		return make([]float64, len(strata)), nil
	}
	costly, cheap, spread := 0.0, 0.0, 0.0
	for _, s := range strata {
		costly += CostOptimal.share(s) * s.cost() / total
		cheap += CostOptimal.share(s) / total
		spread += float64(max(0, s.Population)) / total * s.Spread
	}
	return Ideal(costly*cheap/(variance+spread/total), strata, CostOptimal), nil
}

// costs refuses strata whose spread or cost is negative or not finite.
func costs(strata []Stratum) error {
	for i, s := range strata {
		if !(s.Spread >= 0) || !(s.Cost >= 0) || math.IsInf(s.Spread+s.Cost, 1) {
			return fmt.Errorf("stratum %d: spread %v, cost %v: %w", i, s.Spread, s.Cost, ErrInput)
		}
	}
	return nil
}

// wrong is the error of doing something with an argument out of range, or for
// the reason err where there is one.
func wrong(doing, argument string, err error) error {
	if err != nil {
		return fmt.Errorf("sampling: %s: %w", doing, err)
	}
	return fmt.Errorf("sampling: %s: %s: %w", doing, argument, ErrInput)
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
