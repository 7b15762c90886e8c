package frame

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Inference is how an estimate is judged: the rule for degrees of freedom and the level of the interval.
type Inference struct {
	DF    string  `json:"df"`
	Level float64 `json:"level"`
}

// Scope is a domain, and how estimates in it are judged.
type Scope struct {
	Domain Domain `json:"domain"`
	Inference
}

// Degrees counts degrees of freedom by a rule of the job grammar: "design", or "" for the same; "design-1"; "domain",
// counting the PSUs and strata with a valid answer to any of the estimates.
func Degrees(rule string, r *estimate.Result) (float64, error) {
	return DegreesOf(rule, r.Design(), func() (float64, error) {
		coef := make([]float64, r.Len())
		for k := range coef {
			coef[k] = 1
		}
		union, err := r.Combine(coef...)
		if err != nil {
			return math.NaN(), err
		}
		return union.DF(0), nil
	})
}

// DegreesOf is Degrees for what is no Result; domain counts those of the domain.
func DegreesOf(rule string, d *estimate.Design, domain func() (float64, error)) (float64, error) {
	switch rule {
	case "", "design":
		return d.DF(), nil
	case "design-1":
		return d.DF() - 1, nil
	case "domain":
		return domain()
	}
	return math.NaN(), fmt.Errorf("df %q is not known; there are: design, domain, design-1", rule)
}

// Level is the confidence level of an interval; 0.95 where none is given.
func Level(level float64) float64 {
	if level == 0 {
		return 0.95
	}
	return level
}

// Interval is est ± t se at df.
func Interval(est, se, df, level float64) (lo, hi float64) {
	i := estimate.StudentInterval(est, se, df, Level(level))
	return i.Lower, i.Upper
}

// Judge answers the first estimate of a result with its standard error, degrees of freedom and interval.
func (i Inference) Judge(r *estimate.Result) (map[string]any, error) {
	df, err := Degrees(i.DF, r)
	if err != nil {
		return nil, err
	}
	est, se := r.At(0).Value, r.SE(0)
	lo, hi := Interval(est, se, df, i.Level)
	return map[string]any{"est": est, "se": se, "df": df, "lo": lo, "hi": hi}, nil
}

// Tested answers a contrast with the test of whether it is 0, and its interval.
func Tested(x estimate.Contrast, level float64) map[string]any {
	lo, hi := Interval(x.Value, x.SE, x.DF, level)
	return map[string]any{"est": x.Value, "se": x.SE, "t": x.Value / x.SE, "df": x.DF, "p": x.P(), "lo": lo, "hi": hi}
}

// Single answers the only estimate of a result and its standard error.
func Single(r *estimate.Result, err error) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	return map[string]any{"est": r.At(0).Value, "se": r.SE(0)}, nil
}

// Several answers estimates and their standard errors by label.
func Several(labels []string, r *estimate.Result) map[string]any {
	est, se := Values(r)
	return map[string]any{"est": Keyed(labels, est), "se": Keyed(labels, se)}
}

// Keyed is values by their labels.
func Keyed(labels []string, values []float64) map[string]float64 {
	m := make(map[string]float64, len(labels))
	for i, l := range labels {
		m[l] = values[i]
	}
	return m
}

// Values are the estimates of a result and their standard errors.
func Values(r *estimate.Result) (est, se []float64) {
	for i := range r.Len() {
		est, se = append(est, r.At(i).Value), append(se, r.SE(i))
	}
	return est, se
}
