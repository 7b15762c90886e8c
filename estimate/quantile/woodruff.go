package quantile

import (
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/interval"
)

// Method says how the interval of the share at or below a quantile is computed
// that is then mapped back.
type Method string

// The methods of an interval, by the names they have in R.
const (
	Mean   Method = "mean"   // the t interval
	Beta   Method = "beta"   // that of Korn and Graubard, not capped
	XLogit Method = "xlogit" // by the logit
	Asin   Method = "asin"   // by the arcsine of the root
)

// Estimate is a quantile with its interval.
type Estimate struct {
	Value        float64
	Lower, Upper float64 // NaN where the interval of the share leaves 0..1
	SE           float64 // (Upper - Lower) / 2t
	DF           float64
}

// Options say how quantiles are estimated. The zero value is Math, Mean, 95 %
// and the degrees of freedom of the domain.
type Options struct {
	Rule   Rule
	Method Method
	Level  float64 // two-sided
	DF     float64
	AsR    bool // see AsR
}

func (o Options) complete() Options {
	if o.Rule == "" {
		o.Rule = Math
	}
	if o.Method == "" {
		o.Method = Mean
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	return o
}

// Estimates are the p-quantiles of y in a domain with Woodruff's intervals, in
// the order of p. y has one value a row, NaN is missing. Errors are those of
// Design.Mean and of this package.
func Estimates(d *estimate.Design, y []float64, domain estimate.Domain, o Options, p ...float64) ([]Estimate, error) {
	o = o.complete()
	count, err := d.Mean(y, domain) // checks the input, and counts
	if err != nil {
		return nil, fmt.Errorf("quantile: %w", err)
	}
	if !(o.DF > 0) {
		o.DF = count.DF(0)
	}
	x, w := make([]float64, d.Rows()), make([]float64, d.Rows())
	for row := range w {
		x[row] = math.NaN()
	}
	for _, row := range domain.Rows() {
		x[row], w[row] = y[row], d.Weight(int(row))
	}
	build := New
	if o.AsR {
		build = AsR
	}
	curve, err := build(x, w)
	if err != nil {
		return nil, err
	}
	all := make([]Estimate, len(p))
	for i := range p {
		if all[i], err = curve.woodruff(d, x, domain, o, p[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// woodruff is one quantile with its interval.
func (c *Curve) woodruff(d *estimate.Design, x []float64, domain estimate.Domain, o Options, p float64) (Estimate, error) {
	nothing := Estimate{Value: math.NaN(), Lower: math.NaN(), Upper: math.NaN(), SE: math.NaN(), DF: o.DF}
	value, err := c.Quantile(o.Rule, p)
	if err != nil || math.IsNaN(value) {
		return nothing, err
	}
	below := make([]float64, len(x))
	for row, v := range x {
		switch {
		case math.IsNaN(v):
			below[row] = v
		case v <= value:
			below[row] = 1
		}
	}
	r, err := d.Proportion(below, domain)
	if err != nil {
		return nothing, fmt.Errorf("quantile: %w", err)
	}
	share, err := limits(r, o)
	if err != nil {
		return nothing, err
	}
	e := Estimate{Value: value, DF: o.DF}
	if e.Lower, err = c.back(o.Rule, share.Lower); err != nil {
		return nothing, err
	}
	if e.Upper, err = c.back(o.Rule, share.Upper); err != nil {
		return nothing, err
	}
	e.SE = (e.Upper - e.Lower) / (2 * estimate.Quantile(0.5+o.Level/2, o.DF))
	return e, nil
}

// limits is the interval of the share at or below a quantile.
func limits(r *estimate.Result, o Options) (estimate.Interval, error) {
	share := r.Share(0)
	share.DF = o.DF
	switch o.Method {
	case Mean:
		return estimate.StudentInterval(share.Value, math.Sqrt(share.Variance), o.DF, o.Level), nil
	case Beta:
		return estimate.KornGraubard(share, o.Level, false).Interval, nil
	case XLogit:
		return interval.Logit(share, o.Level).Interval, nil
	case Asin:
		return interval.Arcsine(share, o.Level).Interval, nil
	}
	return estimate.Interval{}, fmt.Errorf("quantile: interval %q: %w; there are: mean, beta, xlogit, asin", o.Method, ErrInterval)
}

// back is the quantile at a limit; none outside 0..1.
func (c *Curve) back(rule Rule, p float64) (float64, error) {
	if !(p >= 0 && p <= 1) {
		return math.NaN(), nil
	}
	return c.Quantile(rule, p)
}
