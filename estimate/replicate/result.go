package replicate

import (
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/sum"
)

// Result is one or more estimates with their values in every replicate.
type Result struct {
	set   *Set
	value []float64
	rep   [][]float64 // by estimate, by replicate
}

// Len is the number of estimates.
func (r *Result) Len() int { return len(r.value) }

// Value is estimate i from the full sample.
func (r *Result) Value(i int) float64 { return r.value[i] }

// Replicates are the values of estimate i in the replicates. The slice is the result's own.
func (r *Result) Replicates(i int) []float64 { return r.rep[i] }

// Set is the set of replicates behind the result.
func (r *Result) Set() *Set { return r.set }

// Lost is the number of replicates that count and in which estimate i could not be computed.
func (r *Result) Lost(i int) int {
	lost := 0
	for k, v := range r.rep[i] {
		if r.set.each[k] > 0 && math.IsNaN(v) {
			lost++
		}
	}
	return lost
}

// Covariance is the covariance of estimates i and j,
//
//	scale Σ_r each_r (θ_ir - c_i)(θ_jr - c_j)
//
// with c the mean of the replicates, or the full-sample estimate (see Set.About).
//
// A bootstrap leaves out replicates without one of the estimates and divides by the number of the others less one. The
// jackknife and half-samples are sums over all parts of the sample; when one is missing, so is the variance: NaN.
func (r *Result) Covariance(i, j int) float64 {
	if math.IsNaN(r.value[i]) || math.IsNaN(r.value[j]) {
		return math.NaN()
	}
	var a, b, each []float64
	lost := 0
	for k, e := range r.set.each {
		switch x, y := r.rep[i][k], r.rep[j][k]; {
		case e == 0:
		case math.IsNaN(x) || math.IsNaN(y):
			lost++
		default:
			a, b, each = append(a, x), append(b, y), append(each, e)
		}
	}
	scale := r.set.scale
	if lost > 0 {
		if !r.set.method.Kind.random() || len(a) < 2 {
			return math.NaN()
		}
		scale *= float64(len(a)+lost-1) / float64(len(a)-1)
	}
	if len(a) == 0 {
		return 0 // everything was observed, or is taken as certain
	}
	ca, cb := r.value[i], r.value[j]
	if !r.set.full {
		ca, cb = sum.Of(a)/float64(len(a)), sum.Of(b)/float64(len(b))
	}
	for k, e := range each {
		each[k] = e * ((a[k] - ca) * (b[k] - cb))
	}
	return scale * sum.Of(each)
}

// random says whether the replicates are draws, each of which stands for any other.
func (k Kind) random() bool { return k == RaoWu || k == Canty || k == Preston }

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

// Interval is the t interval of estimate i at a two-sided level such as 0.95, with the degrees of freedom of the set.
func (r *Result) Interval(i int, level float64) (estimate.Interval, error) {
	df, err := r.set.DF()
	if err != nil {
		return estimate.Interval{}, err
	}
	return estimate.StudentInterval(r.value[i], r.SE(i), df, level), nil
}

// Map is the result of functions of the estimates, such as a quotient of two: each is computed in every replicate, and no
// derivative is needed. f must return as many numbers each time.
func (r *Result) Map(f func(estimates []float64) []float64) (*Result, error) {
	m := &Result{set: r.set, value: f(append([]float64(nil), r.value...))}
	m.rep = make([][]float64, len(m.value))
	for i := range m.rep {
		m.rep[i] = make([]float64, r.set.Len())
	}
	x := make([]float64, r.Len())
	for k := range r.set.Len() {
		for i := range x {
			x[i] = r.rep[i][k]
		}
		y := f(x)
		if len(y) != len(m.rep) {
			return nil, fmt.Errorf("replicate: map: %d numbers instead of %d: %w", len(y), len(m.rep), estimate.ErrLength)
		}
		for i, v := range y {
			m.rep[i][k] = v
		}
	}
	return m, nil
}

// Contrast is Σ coef_i estimate_i with its standard error, all covariances taken into account. Estimates with a
// coefficient of 0 take no part. estimate.ErrContrast if the length is not that of the result.
func (r *Result) Contrast(coef ...float64) (estimate.Contrast, error) {
	if len(coef) != r.Len() {
		return estimate.Contrast{}, fmt.Errorf("replicate: contrast: %d coefficients for %d estimates: %w", len(coef), r.Len(), estimate.ErrContrast)
	}
	m, err := r.Map(func(x []float64) []float64 {
		total := 0.0
		for i, c := range coef {
			if c != 0 {
				total += float64(c * x[i])
			}
		}
		return []float64{total}
	})
	if err != nil {
		return estimate.Contrast{}, err
	}
	df, err := r.set.DF()
	return estimate.Contrast{Value: m.value[0], SE: m.SE(0), DF: df}, err
}

// Join puts results of one set side by side. estimate.ErrDesign if the sets differ.
func Join(results ...*Result) (*Result, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("replicate: join: %w", estimate.ErrEmpty)
	}
	all := &Result{set: results[0].set}
	for _, r := range results {
		if r.set != all.set {
			return nil, fmt.Errorf("replicate: join: %w", estimate.ErrDesign)
		}
		all.value = append(all.value, r.value...)
		all.rep = append(all.rep, r.rep...)
	}
	return all, nil
}
