package estimate

import (
	"fmt"
	"math"
	"slices"
)

// Estimate is one number and what it rests on.
type Estimate struct {
	Value      float64 // NaN when there was no valid answer
	N          int     // people with a valid answer, not weighted
	Hits       int     // of these, people in the category; proportions only
	Population float64 // sum of their weights
	PSUs       int     // first-stage units with a valid answer
	Strata     int     // strata with a valid answer
}

// Result is one or more estimates from one design together with the unit x estimate matrix of influence values, from
// which all variances come.
type Result struct {
	design *Design
	est    []Estimate
	col    []column
	seen   [][]int32 // leaf units with a valid answer, in their order: calibration spreads influence beyond them
}

// Len is the number of estimates.
func (r *Result) Len() int { return len(r.est) }

// At is estimate i.
func (r *Result) At(i int) Estimate { return r.est[i] }

// Design is the design behind the result.
func (r *Result) Design() *Design { return r.design }

// Covariance is the covariance of estimates i and j, NaN if one of them has no valid answer.
func (r *Result) Covariance(i, j int) float64 {
	if math.IsNaN(r.est[i].Value) || math.IsNaN(r.est[j].Value) {
		return math.NaN()
	}
	return r.design.covariance(r.col[i], r.col[j])
}

// Variance is the variance of estimate i.
func (r *Result) Variance(i int) float64 { return r.Covariance(i, i) }

// SE is the standard error of estimate i.
func (r *Result) SE(i int) float64 { return math.Sqrt(r.Variance(i)) }

// Matrix is the covariance matrix of all estimates.
func (r *Result) Matrix() [][]float64 {
	m := make([][]float64, r.Len())
	for i := range m {
		m[i] = make([]float64, r.Len())
		for j := range i + 1 {
			m[i][j] = r.Covariance(i, j)
			m[j][i] = m[i][j]
		}
	}
	return m
}

// DF is the degrees of freedom of estimate i: PSUs less strata, counting those with a valid answer. Over everyone it is
// the DF of the design.
func (r *Result) DF(i int) float64 { return float64(r.est[i].PSUs - r.est[i].Strata) }

// Interval is the t interval of estimate i at a two-sided level such as 0.95. For shares near 0 or 1 use Share and
// Wilson or KornGraubard instead.
func (r *Result) Interval(i int, level float64) Interval {
	return StudentInterval(r.est[i].Value, r.SE(i), r.DF(i), level)
}

// Share prepares estimate i, which must be a proportion, for Wilson and KornGraubard.
func (r *Result) Share(i int) Share {
	return Share{
		Value: r.est[i].Value, Variance: r.Variance(i), N: r.est[i].N,
		DF: r.DF(i), Complete: r.complete(i),
	}
}

// complete reports whether every unit of the strata an estimate touches was observed, so that no sampling error is
// left.
func (r *Result) complete(i int) bool {
	first := r.design.units(0, r.seen[i])
	g := 0
	groups := r.design.levels[0].groups
	for _, u := range first {
		for int(u) >= groups[g].hi {
			g++
		}
		if groups[g].rate < 1 {
			return false
		}
	}
	return len(r.design.levels) == 1 && len(first) > 0
}

// Join puts results of one design side by side, so that contrasts can be taken between them. ErrDesign if the designs
// differ.
func Join(results ...*Result) (*Result, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("estimate: join: %w", ErrEmpty)
	}
	all := &Result{design: results[0].design}
	for _, r := range results {
		if r.design != all.design {
			return nil, fmt.Errorf("estimate: join: %w", ErrDesign)
		}
		all.est = append(all.est, r.est...)
		all.col = append(all.col, r.col...)
		all.seen = append(all.seen, r.seen...)
	}
	return all, nil
}

// Combine is the linear combination Σ coef_i estimate_i as a result of its own, with its influence values: the currency
// is closed under addition. N, PSUs and Strata count the union of what the estimates with a coefficient rest on (N:
// their sum). Nonlinear functions go the same way by the delta method: pass the partial derivatives and replace the
// value.
func (r *Result) Combine(coef ...float64) (*Result, error) {
	if len(coef) != r.Len() {
		return nil, fmt.Errorf("estimate: combine: %d coefficients for %d estimates: %w", len(coef), r.Len(), ErrContrast)
	}
	var value exact
	var e Estimate
	var sum column
	var seen []int32
	for i, c := range coef {
		if !usable(c) {
			return nil, fmt.Errorf("estimate: combine: coefficient %d is %v: %w", i, c, ErrContrast)
		}
		if c == 0 {
			continue
		}
		if math.IsNaN(r.est[i].Value) {
			return &Result{design: r.design, est: []Estimate{{Value: math.NaN()}}, col: []column{{}}, seen: [][]int32{nil}}, nil
		}
		value.add(float64(c * r.est[i].Value))
		e.N += r.est[i].N
		sum = merge(sum, r.col[i], c)
		seen = append(seen, r.seen[i]...)
	}
	e.Value = value.value()
	slices.Sort(seen)
	seen = slices.Compact(seen)
	e.PSUs, e.Strata = r.design.spread(seen)
	return &Result{design: r.design, est: []Estimate{e}, col: []column{sum}, seen: [][]int32{seen}}, nil
}

// merge is a + c b.
func merge(a, b column, c float64) column {
	var m column
	i, j := 0, 0
	for i < len(a.unit) || j < len(b.unit) {
		switch {
		case j == len(b.unit) || i < len(a.unit) && a.unit[i] < b.unit[j]:
			m.put(a.unit[i], a.z[i])
			i++
		case i == len(a.unit) || b.unit[j] < a.unit[i]:
			m.put(b.unit[j], c*b.z[j])
			j++
		default:
			m.put(a.unit[i], a.z[i]+float64(c*b.z[j]))
			i++
			j++
		}
	}
	return m
}
