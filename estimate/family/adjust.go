// Package family adjusts the p-values of several tests that are judged together,
// for the more one looks, the more one finds by chance.
//
// Two promises are on offer. Holm keeps the chance of any false claim in the
// family below the level: for claims that are acted on, such as the ten gaps of
// a report. BenjaminiHochberg keeps the expected share of false claims among
// the claims below it: for looking around, such as 45 items. An adjusted
// p-value is compared with the level as a plain one is. The results are those
// of R's p.adjust.
//
// The family has to be fixed before the data are looked at. Missing values
// (NaN) stay missing and are not counted.
package family

import (
	"cmp"
	"math"
	"slices"
)

// Holm adjusts the p-values of a family of tests so that the chance of any
// false claim in the family stays below the level. The family of a report is the
// ten gaps. With p_(1) <= ... <= p_(m),
//
//	p̃_(i) = max over j <= i of min(1, (m - j + 1) p_(j))
//
// An adjusted p-value is compared with the level as a plain one is. A test that
// could not be made is not counted in m.
//
// Sources: S. Holm, A Simple Sequentially Rejective Multiple Test Procedure,
// Scandinavian Journal of Statistics 6, 1979.
func Holm(p []float64) []float64 {
	index := ascending(p)
	adjusted := slices.Clone(p)
	worst := 0.0
	for rank, i := range index {
		worst = math.Max(worst, math.Min(1, float64(len(index)-rank)*p[i]))
		adjusted[i] = worst
	}
	return adjusted
}

// Bonferroni is min(1, m p): simpler than Holm's and never better.
func Bonferroni(p []float64) []float64 {
	m := float64(len(ascending(p)))
	adjusted := slices.Clone(p)
	for i, v := range p {
		if !math.IsNaN(v) {
			adjusted[i] = math.Min(1, m*v)
		}
	}
	return adjusted
}

// BenjaminiHochberg adjusts for the false discovery rate, the expected share
// of false claims among the claims made (Benjamini & Hochberg, Journal of the
// Royal Statistical Society B 57, 1995), for tests that are independent or
// depend on each other positively. It is for exploring, for instance 45 items.
//
//	p̃_(i) = min over j >= i of min(1, m p_(j) / j)
func BenjaminiHochberg(p []float64) []float64 {
	return stepUp(p, func(rank, m float64) float64 { return m / rank })
}

// BenjaminiYekutieli is BenjaminiHochberg under any dependence: m grows by the
// factor 1 + 1/2 + ... + 1/m (Annals of Statistics 29, 2001).
func BenjaminiYekutieli(p []float64) []float64 {
	harmonic := 0.0
	for i := range ascending(p) {
		harmonic += 1 / float64(i+1)
	}
	return stepUp(p, func(rank, m float64) float64 { return harmonic * m / rank })
}

// Hochberg is Holm's bound taken from the largest p-value downwards
// (Biometrika 75, 1988); it needs the assumptions of BenjaminiHochberg.
func Hochberg(p []float64) []float64 {
	return stepUp(p, func(rank, m float64) float64 { return m - rank + 1 })
}

// stepUp is the smallest of factor times p from the largest p-value to each.
func stepUp(p []float64, factor func(rank, m float64) float64) []float64 {
	index := ascending(p)
	adjusted := slices.Clone(p)
	best := 1.0
	for rank, i := range slices.Backward(index) {
		best = math.Min(best, factor(float64(rank+1), float64(len(index)))*p[i])
		adjusted[i] = best
	}
	return adjusted
}

// ascending lists the places of the p-values that are not missing, the
// smallest first.
func ascending(p []float64) []int {
	var index []int
	for i, v := range p {
		if !math.IsNaN(v) {
			index = append(index, i)
		}
	}
	slices.SortStableFunc(index, func(a, b int) int { return cmp.Compare(p[a], p[b]) })
	return index
}
