// Package describe answers the cases of a job file that describe a population:
// means, totals, ratios, shares, domains, contrasts, quantiles. It reads
// arguments and calls package estimate and its neighbours; the methods are
// documented there.
//
// Where R rounds, two kinds follow R so that results can be held against it:
// quantiles decide ties as R does unless "ties" is "near" (see quantile.AsR),
// and two intervals of a share rest on R's iterations (see Limits).
package describe

import (
	"fmt"
	"math"
	"slices"

	"adili/estimate"
	"adili/estimate/job/frame"
)

// Estimators are the kinds of case this package answers.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"design":                 frame.Decoded(design),
		"mean":                   frame.Decoded(plain),
		"total":                  frame.Decoded(plain),
		"mean_total":             frame.Decoded(meanTotal),
		"variance":               frame.Decoded(variance),
		"covariance_matrix":      frame.Decoded(covarianceMatrix),
		"ratio":                  frame.Decoded(ratio),
		"proportions":            frame.Decoded(categories),
		"category_totals":        frame.Decoded(categories),
		"cdf":                    frame.Decoded(cdf),
		"crosstab":               frame.Decoded(crosstab),
		"kappa":                  frame.Decoded(kappa),
		"two_stage":              frame.Decoded(twoStage),
		"domain_mean":            frame.Decoded(domainMean),
		"domain_total":           frame.Decoded(domainMean),
		"domain_proportion":      frame.Decoded(domainProportion),
		"domain_ratio":           frame.Decoded(domainRatio),
		"domain_difference":      frame.Decoded(domainDifference),
		"domain_lonely":          frame.Decoded(domainLonely),
		"nonlinear_contrast":     frame.Decoded(nonlinearContrast),
		"direct_standardisation": frame.Decoded(directStandardisation),
		"proportion_ci":          frame.Decoded(proportionInterval),
		"quantile":               frame.Decoded(quantiles),
		"quantile_ci":            frame.Decoded(quantileIntervals),
		"p_adjust":               frame.Decoded(adjust),
	}
}

// ground is everyone, with another rule for lonely strata if one is given.
func ground(c *frame.Case, lonely string) *frame.Ground {
	if lonely == "" {
		return c.On(c.Design())
	}
	return c.On(c.Compile(c.View, nil, lonely))
}

// design describes the design itself.
func design(c *frame.Case, _ struct{}) (map[string]any, error) {
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"n": d.Rows(), "psus": d.PSUs(), "strata": d.Strata(), "df": d.DF(), "sum_weights": d.Population(),
	}, nil
}

// estimator is a mean, a share or a total.
type estimator func(y []float64, in ...estimate.Domain) (*estimate.Result, error)

// effect is the design effect of an estimator.
type effect func(y []float64, in estimate.Domain) (estimate.Effect, error)

// each estimates for everyone from n columns, with their design effects.
func each(g *frame.Ground, of estimator, cost effect, n int, column func(i int) []float64) (*estimate.Result, []estimate.Effect, error) {
	var parts []*estimate.Result
	var costs []estimate.Effect
	for i := range n {
		y := column(i)
		r, err := of(y)
		if err != nil {
			return nil, nil, err
		}
		e, err := cost(y, g.Domain)
		if err != nil {
			return nil, nil, err
		}
		parts, costs = append(parts, r), append(costs, e)
	}
	all, err := estimate.Join(parts...)
	return all, costs, err
}

// estimates are the results of one estimator by label.
type estimates struct {
	labels []string
	result *estimate.Result
}

// answer is the estimates with their covariances.
func (e estimates) answer() map[string]any {
	answer := frame.Several(e.labels, e.result)
	answer["vcov"] = frame.NewMatrix(e.labels, e.result.Matrix())
	return answer
}

// judged is the answer with df and limits.
func (e estimates) judged(by frame.Inference) (map[string]any, error) {
	df, err := frame.Degrees(by.DF, e.result)
	if err != nil {
		return nil, err
	}
	answer := e.answer()
	answer["df"] = df
	answer["lo"], answer["hi"] = e.limits(df, by.Level)
	return answer, nil
}

// divided is the answer with normal limits.
func (e estimates) divided(level float64) map[string]any {
	answer := e.answer()
	answer["lo_normal"], answer["hi_normal"] = e.limits(math.Inf(1), level)
	return answer
}

// limits are the t intervals of all estimates at df.
func (e estimates) limits(df, level float64) (lo, hi map[string]float64) {
	lo, hi = map[string]float64{}, map[string]float64{}
	for i, label := range e.labels {
		lo[label], hi[label] = frame.Interval(e.result.At(i).Value, e.result.SE(i), df, level)
	}
	return lo, hi
}

// is has 1 where an expression has a value, 0 where it has another, and NaN
// where it is missing.
func is(g *frame.Ground, x frame.Category) []float64 {
	code, labels := g.Labels(x.Var)
	at := slices.Index(labels, string(x.Value))
	if g.Err == nil && at < 0 {
		g.Err = fmt.Errorf("%s has no value %q; it has %v", x.Var, x.Value, labels)
	}
	return frame.Indicator(code, at)
}
