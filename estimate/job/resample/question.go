package resample

import (
	"math"

	"adili/estimate/job/frame"
	"adili/estimate/quantile"
	"adili/estimate/replicate"
)

// ask estimates, once with each replicate.
func ask(set *replicate.Set, q frame.Question) (*replicate.Result, error) {
	switch q.Stat {
	case "mean":
		return set.Mean(q.Top, q.Groups...)
	case "total":
		return set.Total(q.Top, q.Groups...)
	case "ratio":
		return set.Ratio(q.Top, q.Bottom, q.Groups...)
	case "quantile":
		return quantiles(set, q)
	}
	return nil, q.Unknown()
}

// values are the estimates of a result and their standard errors.
func values(r interface {
	Len() int
	Value(i int) float64
	SE(i int) float64
}) (est, se []float64) {
	for i := range r.Len() {
		est, se = append(est, r.Value(i)), append(se, r.SE(i))
	}
	return est, se
}

// quantiles reads the quantile of each group off the weights of each replicate. Ties are decided as R decides them: a
// jackknife has many, and half of the spread can hang on the last bit of a sum.
func quantiles(set *replicate.Set, q frame.Question) (*replicate.Result, error) {
	rule := quantile.Rule(q.Rule)
	if q.Rule == "" {
		rule = quantile.Math
	}
	return set.Estimate(func(w []float64) ([]float64, error) {
		values := make([]float64, len(q.Groups))
		inside := make([]float64, len(w))
		for g, domain := range q.Groups {
			for i := range inside {
				inside[i] = math.NaN()
			}
			for _, r := range domain.Rows() {
				inside[r] = q.Top[r]
			}
			curve, err := quantile.AsR(inside, w)
			if err != nil {
				return nil, err
			}
			if values[g], err = curve.Quantile(rule, q.P); err != nil {
				return nil, err
			}
		}
		return values, nil
	})
}
