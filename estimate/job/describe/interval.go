package describe

import (
	"fmt"
	"math"

	"adili/estimate/family"
	"adili/estimate/interval"
	"adili/estimate/job/frame"
	"adili/estimate/quantile"
)

// proportionInterval is a share with intervals by several methods.
func proportionInterval(c *frame.Case) (map[string]any, error) {
	var args struct {
		Var     string            `json:"var"`
		Value   frame.Label       `json:"value"`
		Domain  frame.Domain      `json:"domain"`
		Methods []interval.Method `json:"methods"`
		Level   float64           `json:"level"`
		DF      string            `json:"df"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	domain, err := c.Domain(d, args.Domain)
	if err != nil {
		return nil, err
	}
	y, err := is(c.View, args.Var, string(args.Value))
	if err != nil {
		return nil, err
	}
	r, err := d.Proportion(y, domain)
	if err != nil {
		return nil, err
	}
	share := r.Share(0)
	if share.DF, err = c.DF(args.DF, r); err != nil {
		return nil, err
	}
	answer := map[string]any{"est": share.Value, "var": share.Variance, "df": share.DF, "n": share.N}
	for _, method := range args.Methods {
		in, err := Limits(y, share, domain, method, frame.Level(args.Level))
		if err != nil {
			return nil, err
		}
		answer[string(method)] = []float64{in.Lower, in.Upper}
	}
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
func quantiles(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars frame.Names   `json:"vars"`
		P    []float64     `json:"p"`
		Rule quantile.Rule `json:"rule"`
		Ties string        `json:"ties"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	y, err := column(c, args.Vars, "")
	if err != nil {
		return nil, err
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
	curve, err := build(y, weights(d))
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

// quantileIntervals are quantiles with Woodruff's intervals.
func quantileIntervals(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars     frame.Names     `json:"vars"`
		Factor   string          `json:"factor"`
		Domain   frame.Domain    `json:"domain"`
		P        []float64       `json:"p"`
		Rule     quantile.Rule   `json:"rule"`
		Interval quantile.Method `json:"interval"`
		Level    float64         `json:"level"`
		DF       string          `json:"df"`
		Ties     string          `json:"ties"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	domain, err := c.Domain(d, args.Domain)
	if err != nil {
		return nil, err
	}
	y, err := column(c, args.Vars, args.Factor)
	if err != nil {
		return nil, err
	}
	r, err := d.Mean(y, domain)
	if err != nil {
		return nil, err
	}
	o := quantile.Options{Rule: args.Rule, Method: args.Interval, Level: frame.Level(args.Level)}
	if o.DF, err = c.DF(args.DF, r); err != nil {
		return nil, err
	}
	if o.AsR, err = asR(args.Ties); err != nil {
		return nil, err
	}
	found, err := quantile.Estimates(d, y, domain, o, args.P...)
	if err != nil {
		return nil, err
	}
	var est, lo, hi, se []float64
	for _, q := range found {
		est, lo, hi, se = append(est, q.Value), append(lo, q.Lower), append(hi, q.Upper), append(se, q.SE)
	}
	return map[string]any{"est": est, "lo": lo, "hi": hi, "se": se, "df": o.DF}, nil
}

// column is a column, or the scores of a factor.
func column(c *frame.Case, vars frame.Names, factor string) ([]float64, error) {
	if factor != "" && len(vars) == 0 {
		return c.View.Score(factor)
	}
	name, err := one(vars)
	if err != nil {
		return nil, err
	}
	return c.View.Number(name)
}

// adjust adjusts p-values.
func adjust(c *frame.Case) (map[string]any, error) {
	var args struct {
		P       []*float64 `json:"p"`
		Methods []string   `json:"methods"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
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
