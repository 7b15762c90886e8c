package describe

import (
	"fmt"
	"maps"
	"math"

	"adili/estimate/family"
	"adili/estimate/interval"
	"adili/estimate/job/frame"
	"adili/estimate/quantile"
)

// proportionInterval is a share with intervals by several methods.
func proportionInterval(c *frame.Case, args struct {
	frame.Category
	frame.Scope
	Methods []interval.Method `json:"methods"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	y := is(g, args.Category)
	if g.Err != nil {
		return nil, g.Err
	}
	share, limits, err := Share(g.Domain, y, args.Inference, args.Methods)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"est": share.Value, "var": share.Variance, "df": share.DF, "n": share.N}
	maps.Copy(answer, limits)
	return answer, nil
}

// asR says whether ties are decided as R does it.
func asR(ties string) (bool, error) {
	switch ties {
	case "", "R":
		return true, nil
	case "near":
		return false, nil
	}
	return false, fmt.Errorf("ties %q is not known; there are: R, near", ties)
}

// quantiles are quantiles without intervals.
func quantiles(c *frame.Case, args struct {
	Vars frame.Names   `json:"vars"`
	P    []float64     `json:"p"`
	Rule quantile.Rule `json:"rule"`
	Ties string        `json:"ties"`
}) (map[string]any, error) {
	g := ground(c, "")
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	exact, err := asR(args.Ties)
	if err != nil {
		return nil, err
	}
	if args.Rule == "" {
		args.Rule = quantile.Math
	}
	build := quantile.New
	if exact {
		build = quantile.AsR
	}
	curve, err := build(y, weights(g.Design))
	if err != nil {
		return nil, err
	}
	est := make([]float64, len(args.P))
	for i, p := range args.P {
		if est[i], err = curve.Quantile(args.Rule, p); err != nil {
			return nil, err
		}
	}
	return map[string]any{"est": est}, nil
}

// quantileIntervals are quantiles of a column, or of the scores of a factor,
// with Woodruff's intervals.
func quantileIntervals(c *frame.Case, args struct {
	Vars   frame.Names `json:"vars"`
	Factor string      `json:"factor"`
	frame.Scope
	P        []float64       `json:"p"`
	Rule     quantile.Rule   `json:"rule"`
	Interval quantile.Method `json:"interval"`
	Ties     string          `json:"ties"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	var y []float64
	if args.Factor != "" && len(args.Vars) == 0 {
		y = g.Score(args.Factor)
	} else {
		y = g.Column(args.Vars)
	}
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Mean(y, g.Domain)
	if err != nil {
		return nil, err
	}
	o := quantile.Options{Rule: args.Rule, Method: args.Interval, Level: frame.Level(args.Level)}
	if o.DF, err = frame.Degrees(args.DF, r); err != nil {
		return nil, err
	}
	if o.AsR, err = asR(args.Ties); err != nil {
		return nil, err
	}
	found, err := quantile.Estimates(g.Design, y, g.Domain, o, args.P...)
	if err != nil {
		return nil, err
	}
	var est, lo, hi, se []float64
	for _, q := range found {
		est, lo, hi, se = append(est, q.Value), append(lo, q.Lower), append(hi, q.Upper), append(se, q.SE)
	}
	return map[string]any{"est": est, "lo": lo, "hi": hi, "se": se, "df": o.DF}, nil
}

// adjust adjusts p-values.
func adjust(_ *frame.Case, args struct {
	P       []*float64 `json:"p"`
	Methods []string   `json:"methods"`
}) (map[string]any, error) {
	p := make([]float64, len(args.P))
	for i, x := range args.P {
		p[i] = math.NaN()
		if x != nil {
			p[i] = *x
		}
	}
	by := map[string]func([]float64) []float64{
		"holm": family.Holm, "hochberg": family.Hochberg, "bonferroni": family.Bonferroni,
		"BH": family.BenjaminiHochberg, "fdr": family.BenjaminiHochberg, "BY": family.BenjaminiYekutieli,
	}
	answer := map[string]any{}
	for _, method := range args.Methods {
		f := by[method]
		if f == nil {
			return nil, fmt.Errorf("method %q is not known; there are: holm, hochberg, bonferroni, BH, fdr, BY", method)
		}
		answer[method] = f(p)
	}
	return answer, nil
}
