// Package weighting answers the cases of a job file that make weights: post-stratification, raking, calibration, weights
// by cell, trimming, and the whole way from the people asked to raked weights. The methods are those of package weight.
package weighting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/estimate/job/frame"
	"adili/estimate/weight"
)

// Estimators are the estimators of this package by their names in a job file.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"poststratify":    frame.Decoded(postStratify),
		"rake":            frame.Decoded(rake),
		"calibrate":       frame.Decoded(calibrate),
		"weights_by_cell": frame.Decoded(byCell),
		"trim_weights":    frame.Decoded(trim),
		"weighting":       frame.Decoded(respondents),
	}
}

func postStratify(c *frame.Case, args struct {
	frame.Margin
	Estimates []frame.Estimate `json:"estimates"`
}) (map[string]any, error) {
	base, err := baseWeights(c)
	if err != nil {
		return nil, err
	}
	by, err := c.Margins(args.Margin)
	if err != nil {
		return nil, err
	}
	cal, err := weight.PostStratify(base, by[0])
	return calibrated(c, base, cal, err, args.Estimates)
}

func rake(c *frame.Case, args struct {
	frame.Raking
	Estimates []frame.Estimate `json:"estimates"`
}) (map[string]any, error) {
	base, err := baseWeights(c)
	if err != nil {
		return nil, err
	}
	cal, err := c.Rake(base, args.Raking)
	return calibrated(c, base, cal, err, args.Estimates)
}

// calibration is the arguments of calibrate.
type calibration struct {
	X         []frame.Term       `json:"x"`
	Totals    map[string]float64 `json:"totals"`
	Distance  string             `json:"distance"`
	Bounds    []float64          `json:"bounds"`
	Estimates []frame.Estimate   `json:"estimates"`
}

func calibrate(c *frame.Case, args calibration) (map[string]any, error) {
	base, err := baseWeights(c)
	if err != nil {
		return nil, err
	}
	cal, err := args.run(c.View, base, len(args.Estimates) == 0)
	return calibrated(c, base, cal, err, args.Estimates)
}

// run calibrates the rows of a view. Negative weights are good for a table of weights and for trimming, not for estimates.
func (a calibration) run(v *frame.View, base []float64, negative bool) (*weight.Calibration, error) {
	method, err := distance(a.Distance, a.Bounds)
	if err != nil {
		return nil, err
	}
	method.AllowNegative = negative
	names, columns, err := v.Matrix(a.X)
	if err != nil {
		return nil, err
	}
	var x []weight.Variable
	known := maps.Clone(a.Totals)
	if total, ok := known["(Intercept)"]; ok {
		x = append(x, weight.Intercept(len(base), total))
		delete(known, "(Intercept)")
	}
	for i, name := range names {
		total, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("totals: there is none for %s", name)
		}
		x = append(x, weight.Variable{Name: name, X: columns[i], Total: total})
		delete(known, name)
	}
	if len(known) > 0 {
		return nil, fmt.Errorf("totals: %s is not a variable; there are: (Intercept), %s",
			slices.Sorted(maps.Keys(known))[0], strings.Join(names, ", "))
	}
	return weight.Calibrate(base, x, method)
}

// distance reads a distance and its bounds.
func distance(name string, bounds []float64) (weight.Method, error) {
	var m weight.Method
	switch name {
	case "", "linear":
		m.Distance = weight.Linear
	case "raking":
		m.Distance = weight.Raking
	case "logit":
		m.Distance = weight.Logit
	case "linear_bounded":
		m.Distance = weight.LinearBounded
	default:
		return m, fmt.Errorf("distance %q is not known; there are: linear, raking, logit, linear_bounded", name)
	}
	switch {
	case len(bounds) == 2 && m.Distance == weight.Linear:
		m.Distance = weight.LinearBounded
		fallthrough
	case len(bounds) == 2:
		m.Lower, m.Upper = bounds[0], bounds[1]
	case bounds != nil:
		return m, fmt.Errorf("bounds: %d numbers, and two are needed", len(bounds))
	}
	return m, nil
}

func trim(c *frame.Case, args struct {
	Calibrate *calibration `json:"calibrate"`
	Lower     *float64     `json:"lower"`
	Upper     *float64     `json:"upper"`
	Strict    bool         `json:"strict"`
}) (map[string]any, error) {
	base, err := baseWeights(c)
	if err != nil {
		return nil, err
	}
	var cal *weight.Calibration
	var estimates []frame.Estimate
	before := base
	if args.Calibrate != nil {
		if cal, err = args.Calibrate.run(c.View, base, true); err != nil {
			return nil, err
		}
		before, estimates = cal.Weights(), args.Calibrate.Estimates
	}
	lower, upper := slices.Min(before), slices.Max(before)
	if args.Lower != nil {
		lower = *args.Lower
	}
	if args.Upper != nil {
		upper = *args.Upper
	}
	trimmed, err := weight.Trim(before, lower, upper, args.Strict)
	if err != nil {
		return nil, err
	}
	return answer(c, cal, base, trimmed, estimates)
}

// baseWeights are the weights of the design.
func baseWeights(c *frame.Case) ([]float64, error) {
	sample, err := c.Sample()
	if err != nil {
		return nil, fmt.Errorf("design: %w", err)
	}
	return sample.Weight, nil
}

// calibrated is the answer about calibrated weights.
func calibrated(c *frame.Case, base []float64, cal *weight.Calibration, err error, estimates []frame.Estimate) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	return answer(c, cal, base, cal.Weights(), estimates)
}

// answer describes weights and estimates with them, with variances from calibration residuals.
func answer(c *frame.Case, cal *weight.Calibration, base, weights []float64, estimates []frame.Estimate) (map[string]any, error) {
	least, greatest := weight.Range(weights, base)
	result := map[string]any{
		"weights": weights, "sum": weight.Sum(weights), "sum_sq": weight.SumSquares(weights),
		"g_min": least, "g_max": greatest, "kish_deff": weight.Kish(weights),
	}
	if len(estimates) == 0 {
		return result, nil
	}
	d, err := c.Compile(c.View, weights, "")
	if err != nil {
		return nil, err
	}
	if cal != nil {
		d = d.Calibrated(cal)
	}
	return result, c.On(d, nil).Estimates(estimates, result)
}
