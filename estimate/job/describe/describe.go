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
		"design":                 design,
		"mean":                   plain,
		"total":                  plain,
		"mean_total":             meanTotal,
		"variance":               variance,
		"covariance_matrix":      covarianceMatrix,
		"ratio":                  ratio,
		"proportions":            categories,
		"category_totals":        categories,
		"cdf":                    cdf,
		"crosstab":               crosstab,
		"kappa":                  kappa,
		"two_stage":              twoStage,
		"domain_mean":            domainMean,
		"domain_total":           domainMean,
		"domain_proportion":      domainProportion,
		"domain_ratio":           domainRatio,
		"domain_difference":      domainDifference,
		"domain_lonely":          domainLonely,
		"nonlinear_contrast":     nonlinearContrast,
		"direct_standardisation": directStandardisation,
		"proportion_ci":          proportionInterval,
		"quantile":               quantiles,
		"quantile_ci":            quantileIntervals,
		"p_adjust":               adjust,
	}
}

// compiled is the design of a case, with another rule for lonely strata if one
// is given.
func compiled(c *frame.Case, lonely string) (*estimate.Design, error) {
	if lonely == "" {
		return c.Design()
	}
	return c.Compile(c.View, nil, lonely)
}

// design describes the design itself.
func design(c *frame.Case) (map[string]any, error) {
	if err := c.Decode(&struct{}{}); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"n": d.Rows(), "psus": d.PSUs(), "strata": d.Strata(), "df": d.DF(), "sum_weights": d.Population(),
	}, nil
}

// estimates are the results of one estimator by label.
type estimates struct {
	labels []string
	result *estimate.Result
}

// values are the estimates and their standard errors by label.
func (e estimates) values() map[string]any {
	est, se := frame.Values(e.result)
	return map[string]any{"est": frame.Keyed(e.labels, est), "se": frame.Keyed(e.labels, se)}
}

// limits are the t intervals of all estimates at df, under keys with a suffix.
func (e estimates) limits(answer map[string]any, suffix string, df, level float64) {
	lo, hi := make([]float64, len(e.labels)), make([]float64, len(e.labels))
	for i := range e.labels {
		lo[i], hi[i] = frame.Interval(e.result.At(i).Value, e.result.SE(i), df, level)
	}
	answer["lo"+suffix], answer["hi"+suffix] = frame.Keyed(e.labels, lo), frame.Keyed(e.labels, hi)
}

// joined is a list of results, one for each label.
func joined(labels []string, parts []*estimate.Result) (estimates, error) {
	r, err := estimate.Join(parts...)
	return estimates{labels, r}, err
}

// is has 1 where an expression has a value, 0 where it has another, and NaN
// where it is missing.
func is(v *frame.View, expr, value string) ([]float64, error) {
	code, labels, err := v.Labels(expr)
	if err != nil {
		return nil, err
	}
	at := slices.Index(labels, value)
	if at < 0 {
		return nil, fmt.Errorf("%s has no value %q; it has %v", expr, value, labels)
	}
	return indicator(code, at), nil
}

// indicator has 1 where a code is at, NaN where it is missing.
func indicator(code []int, at int) []float64 {
	y := make([]float64, len(code))
	for row, c := range code {
		switch c {
		case -1:
			y[row] = math.NaN()
		case at:
			y[row] = 1
		}
	}
	return y
}

// one is the only name of a list.
func one(names frame.Names) (string, error) {
	if len(names) != 1 {
		return "", fmt.Errorf("vars has %d columns; one is expected", len(names))
	}
	return names[0], nil
}
