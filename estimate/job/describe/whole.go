package describe

import (
	"errors"

	"adili/estimate"
	"adili/estimate/association"
	"adili/estimate/job/frame"
	"adili/estimate/quantile"
)

// plain is the mean or total of one or several columns.
func plain(c *frame.Case, args struct {
	Vars frame.Names `json:"vars"`
	frame.Inference
	Lonely string `json:"lonely_psu"`
}) (map[string]any, error) {
	g := ground(c, args.Lonely)
	y := g.Columns(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	of, cost := g.Design.Mean, g.Design.Effect
	if c.Estimator == "total" {
		of, cost = g.Design.Total, g.Design.TotalEffect
	}
	r, costs, err := each(g, of, cost, len(y), func(i int) []float64 { return y[i] })
	if err != nil {
		return nil, err
	}
	answer, err := estimates{args.Vars, r}.judged(args.Inference)
	if err != nil {
		return nil, err
	}
	deff, replace, cv := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for i, name := range args.Vars {
		deff[name], replace[name], cv[name] = costs[i].Deff, costs[i].Replace, r.SE(i)/r.At(i).Value
	}
	answer["deff"], answer["deff_replace"], answer["cv"] = deff, replace, cv
	if len(args.Vars) == 1 {
		answer["deff_replace"], answer["cv"] = replace[args.Vars[0]], cv[args.Vars[0]]
	}
	return answer, nil
}

// meanTotal is the mean and the total under a rule for lonely strata.
func meanTotal(c *frame.Case, args struct {
	Vars   frame.Names `json:"vars"`
	Lonely string      `json:"lonely_psu"`
}) (map[string]any, error) {
	g := ground(c, args.Lonely)
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	mean, err := g.Design.Mean(y)
	if err != nil {
		return nil, err
	}
	total, err := g.Design.Total(y)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"mean": mean.At(0).Value, "mean_se": mean.SE(0), "total": total.At(0).Value, "total_se": total.SE(0), "df": g.Design.DF(),
	}, nil
}

// variance is the population variance of a column, or of several.
func variance(c *frame.Case, args struct {
	Vars frame.Names `json:"vars"`
}) (map[string]any, error) {
	g := ground(c, "")
	columns := g.Columns(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	var parts []*estimate.Result
	for _, y := range columns {
		r, err := association.Variance(g.Design, y)
		if err != nil {
			return nil, err
		}
		parts = append(parts, r)
	}
	if len(parts) == 1 {
		return frame.Single(parts[0], nil)
	}
	r, err := estimate.Join(parts...)
	if err != nil {
		return nil, err
	}
	return frame.Several(args.Vars, r), nil
}

// covarianceMatrix is the population covariances of columns, over the people
// who have all of them.
func covarianceMatrix(c *frame.Case, args struct {
	Vars frame.Names `json:"vars"`
}) (map[string]any, error) {
	g := ground(c, "")
	y := g.Columns(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	if len(y) == 0 {
		return nil, errors.New("vars has no columns")
	}
	r, err := association.Matrix(g.Design, y, g.Domain)
	if err != nil {
		return nil, err
	}
	values, errs := frame.Values(r)
	var est, se [][]float64
	for k := len(y); len(values) > 0; values, errs = values[k:], errs[k:] {
		est, se = append(est, values[:k]), append(se, errs[:k])
	}
	return map[string]any{"est": frame.NewMatrix(args.Vars, est), "se": frame.NewMatrix(args.Vars, se)}, nil
}

// ratio is the ratio of two totals.
func ratio(c *frame.Case, args struct {
	frame.Quotient
	frame.Inference
}) (map[string]any, error) {
	g := ground(c, "")
	num, den := g.Number(args.Num), g.Number(args.Den)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Ratio(num, den)
	if err != nil {
		return nil, err
	}
	return args.Judge(r)
}

// categories are the shares or the sizes of the categories of a column.
func categories(c *frame.Case, args struct {
	Var string `json:"var"`
	frame.Inference
}) (map[string]any, error) {
	g := ground(c, "")
	code, labels := g.Labels(args.Var)
	if g.Err != nil {
		return nil, g.Err
	}
	of, cost := g.Design.Proportion, g.Design.Effect
	if c.Estimator == "category_totals" {
		of, cost = g.Design.Total, g.Design.TotalEffect
	}
	r, costs, err := each(g, of, cost, len(labels), func(at int) []float64 { return frame.Indicator(code, at) })
	if err != nil {
		return nil, err
	}
	names, deff := make([]string, len(labels)), map[string]float64{}
	for i, label := range labels {
		names[i] = args.Var + label
		deff[names[i]] = costs[i].Deff
	}
	answer, err := estimates{names, r}.judged(args.Inference)
	if err != nil {
		return nil, err
	}
	answer["deff"] = deff
	return answer, nil
}

// cdf is the share of people at or below some values.
func cdf(c *frame.Case, args struct {
	Vars frame.Names `json:"vars"`
	At   []float64   `json:"at"`
}) (map[string]any, error) {
	g := ground(c, "")
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	curve, err := quantile.New(y, weights(g.Design))
	if err != nil {
		return nil, err
	}
	est := make([]float64, len(args.At))
	for i, x := range args.At {
		est[i] = curve.At(x)
	}
	return map[string]any{"est": est}, nil
}

// weights are the weights of a design by row.
func weights(d *estimate.Design) []float64 {
	w := make([]float64, d.Rows())
	for row := range w {
		w[row] = d.Weight(row)
	}
	return w
}
