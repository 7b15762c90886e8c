package resample

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/job/frame"
	"adili/estimate/quantile"
	"adili/estimate/replicate"
)

// question is ESTIMATE of the job grammar with its columns read.
type question struct {
	frame.Estimate
	num, den []float64
	labels   []string // of the groups; nil without by
	groups   []estimate.Domain
}

// read evaluates the columns and the groups.
func (q *question) read(v *frame.View, set *replicate.Set, domain estimate.Domain) error {
	if q.Key == "" {
		return errors.New("an estimate has no key")
	}
	var err error
	if q.Stat == "ratio" {
		q.Var = q.Num
		if q.den, err = v.Number(q.Den); err != nil {
			return err
		}
	}
	if q.num, err = v.Number(q.Var); err != nil {
		return err
	}
	q.groups = []estimate.Domain{domain}
	if len(q.By) == 0 {
		return nil
	}
	code, labels, err := v.Labels(q.By...)
	if err != nil {
		return err
	}
	inside := domain.Has()
	for i := range code {
		if !inside[i] {
			code[i] = -1
		}
	}
	q.labels = labels
	q.groups, err = set.Design().Groups(code, len(labels))
	return err
}

// ask estimates.
func (q *question) ask(set *replicate.Set) (*replicate.Result, error) {
	switch q.Stat {
	case "mean":
		return set.Mean(q.num, q.groups...)
	case "total":
		return set.Total(q.num, q.groups...)
	case "ratio":
		return set.Ratio(q.num, q.den, q.groups...)
	case "quantile":
		return q.quantiles(set)
	}
	return nil, fmt.Errorf("stat %q is not known; there are: mean, total, ratio, quantile", q.Stat)
}

// quantiles reads the quantile of each group off the weights of each replicate. Ties are decided as R decides them: a
// jackknife has many, and half of the spread can hang on the last bit of a sum.
func (q *question) quantiles(set *replicate.Set) (*replicate.Result, error) {
	rule := quantile.Rule(q.Rule)
	if q.Rule == "" {
		rule = quantile.Math
	}
	return set.Estimate(func(w []float64) ([]float64, error) {
		values := make([]float64, len(q.groups))
		inside := make([]float64, len(w))
		for g, domain := range q.groups {
			for i := range inside {
				inside[i] = math.NaN()
			}
			for _, r := range domain.Rows() {
				inside[r] = q.num[r]
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

// put writes KEY, KEY_se and KEY_vcov.
func (q *question) put(answer map[string]any, r *replicate.Result) {
	if q.labels == nil {
		answer[q.Key], answer[q.Key+"_se"] = r.Value(0), r.SE(0)
		return
	}
	value, se := make([]float64, r.Len()), make([]float64, r.Len())
	for i := range value {
		value[i], se[i] = r.Value(i), r.SE(i)
	}
	answer[q.Key], answer[q.Key+"_se"] = frame.Keyed(q.labels, value), frame.Keyed(q.labels, se)
	if q.VCov {
		answer[q.Key+"_vcov"] = frame.NewMatrix(q.labels, r.Matrix())
	}
}
