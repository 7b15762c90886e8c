package pps

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Result is one or more estimates with the sums of their weighted influence values by unit.
type Result struct {
	design *Design
	value  []float64
	column [][]float64 // by estimate, by unit
}

// Total estimates the population total Σ y/π of y in each domain, or of everyone when none is given. Domains are those of
// Design.Design. y has one value a row; NaN is a missing answer.
//
// All estimators return estimate.ErrLength, estimate.ErrValue or estimate.ErrDesign for input that does not fit. A domain
// without a valid answer has the value NaN.
func (d *Design) Total(y []float64, domains ...estimate.Domain) (*Result, error) {
	r, err := d.inner.Total(y, domains...)
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	return d.collect(r, domains, func(_, row int) float64 { return y[row] }), nil
}

// Mean estimates the mean of y, Σwy/Σw over the people with an answer. See Total.
func (d *Design) Mean(y []float64, domains ...estimate.Domain) (*Result, error) {
	r, err := d.inner.Mean(y, domains...)
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	return d.collect(r, domains, func(i, row int) float64 { return (y[row] - r.At(i).Value) / r.At(i).Population }), nil
}

// Ratio estimates total(num)/total(den) over people who have both. See Total.
func (d *Design) Ratio(num, den []float64, domains ...estimate.Domain) (*Result, error) {
	r, err := d.inner.Ratio(num, den, domains...)
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	both := make([]float64, len(den))
	for i := range both {
		both[i] = den[i]
		if math.IsNaN(num[i]) {
			both[i] = math.NaN()
		}
	}
	below, err := d.inner.Total(both, domains...)
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	return d.collect(r, domains, func(i, row int) float64 {
		return (num[row] - r.At(i).Value*den[row]) / below.At(i).Value
	}), nil
}

// Linear makes a Result of estimates that were computed elsewhere: value[i] has the influence values z[i], one a row, not
// yet weighted, and NaN where the person takes no part.
func (d *Design) Linear(value []float64, z [][]float64) (*Result, error) {
	r, err := d.inner.Linear(value, z)
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	everyone := make([]estimate.Domain, r.Len())
	for i := range everyone {
		everyone[i] = d.inner.Everyone()
	}
	return d.collect(r, everyone, func(i, row int) float64 { return z[i][row] }), nil
}

// collect adds weighted influence values inside units.
func (d *Design) collect(r *estimate.Result, domains []estimate.Domain, z func(i, row int) float64) *Result {
	if len(domains) == 0 {
		domains = []estimate.Domain{d.inner.Everyone()}
	}
	c := &Result{design: d}
	for i := range r.Len() {
		terms := make([][]float64, len(d.p))
		for _, row := range domains[i].Rows() {
			x := z(i, int(row))
			if w := d.inner.Weight(int(row)); w > 0 && !math.IsNaN(x) {
				terms[d.unit[row]] = append(terms[d.unit[row]], w*x)
			}
		}
		column := make([]float64, len(d.p))
		for u, t := range terms {
			column[u] = sum(t)
		}
		c.value = append(c.value, r.At(i).Value)
		c.column = append(c.column, column)
	}
	return c
}

// Len is the number of estimates.
func (r *Result) Len() int { return len(r.value) }

// Value is estimate i.
func (r *Result) Value(i int) float64 { return r.value[i] }

// Covariance is the covariance of estimates i and j, NaN if one of them has no valid answer.
func (r *Result) Covariance(i, j int) float64 {
	if math.IsNaN(r.value[i]) || math.IsNaN(r.value[j]) {
		return math.NaN()
	}
	return r.design.covariance(r.column[i], r.column[j])
}

// SE is the standard error of estimate i, NaN also where the form of Horvitz and Thompson gives a negative variance.
func (r *Result) SE(i int) float64 { return math.Sqrt(r.Covariance(i, i)) }

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

// DF is the degrees of freedom, units less strata.
func (r *Result) DF() float64 { return r.design.inner.DF() }

// Interval is the t interval of estimate i at a two-sided level such as 0.95.
func (r *Result) Interval(i int, level float64) estimate.Interval {
	return estimate.StudentInterval(r.value[i], r.SE(i), r.DF(), level)
}

// Contrast is Σ coef_i estimate_i with its standard error. estimate.ErrContrast if the length is not that of the result.
func (r *Result) Contrast(coef ...float64) (estimate.Contrast, error) {
	if len(coef) != r.Len() {
		return estimate.Contrast{}, fmt.Errorf("pps: contrast: %d coefficients for %d estimates: %w", len(coef), r.Len(), estimate.ErrContrast)
	}
	value, column := 0.0, make([]float64, len(r.design.p))
	for i, c := range coef {
		if c == 0 {
			continue
		}
		value += float64(c * r.value[i])
		for u, z := range r.column[i] {
			column[u] += float64(c * z)
		}
	}
	return estimate.Contrast{Value: value, SE: math.Sqrt(r.design.covariance(column, column)), DF: r.DF()}, nil
}

// Join puts results of one design side by side. estimate.ErrDesign if the designs differ.
func Join(results ...*Result) (*Result, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("pps: join: %w", estimate.ErrEmpty)
	}
	all := &Result{design: results[0].design}
	for _, r := range results {
		if r.design != all.design {
			return nil, fmt.Errorf("pps: join: %w", estimate.ErrDesign)
		}
		all.value = append(all.value, r.value...)
		all.column = append(all.column, r.column...)
	}
	return all, nil
}
