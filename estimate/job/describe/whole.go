package describe

import (
	"errors"

	"adili/estimate"
	"adili/estimate/association"
	"adili/estimate/job/frame"
	"adili/estimate/quantile"
)

// plain is the mean or total of one or several columns.
func plain(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars   frame.Names `json:"vars"`
		DF     string      `json:"df"`
		Level  float64     `json:"level"`
		Lonely string      `json:"lonely_psu"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := compiled(c, args.Lonely)
	if err != nil {
		return nil, err
	}
	of, effect := d.Mean, d.Effect
	if c.Estimator == "total" {
		of, effect = d.Total, d.TotalEffect
	}
	var parts []*estimate.Result
	var deff, replace, cv []float64
	for _, name := range args.Vars {
		y, err := c.View.Number(name)
		if err != nil {
			return nil, err
		}
		r, err := of(y)
		if err != nil {
			return nil, err
		}
		e, err := effect(y, d.Everyone())
		if err != nil {
			return nil, err
		}
		parts = append(parts, r)
		deff, replace = append(deff, e.Deff), append(replace, e.Replace)
		cv = append(cv, r.SE(0)/r.At(0).Value)
	}
	e, err := joined(args.Vars, parts)
	if err != nil {
		return nil, err
	}
	answer, err := e.judged(c, args.DF, args.Level)
	if err != nil {
		return nil, err
	}
	answer["deff"] = frame.Keyed(args.Vars, deff)
	if len(args.Vars) == 1 {
		answer["deff_replace"], answer["cv"] = replace[0], cv[0]
	} else {
		answer["deff_replace"], answer["cv"] = frame.Keyed(args.Vars, replace), frame.Keyed(args.Vars, cv)
	}
	return answer, nil
}

// judged is estimates with df, limits and covariances.
func (e estimates) judged(c *frame.Case, rule string, level float64) (map[string]any, error) {
	df, err := c.DF(rule, e.result)
	if err != nil {
		return nil, err
	}
	answer := e.values()
	answer["df"] = df
	answer["vcov"] = frame.NewMatrix(e.labels, e.result.Matrix())
	e.limits(answer, "", df, level)
	return answer, nil
}

// meanTotal is the mean and the total under a rule for lonely strata.
func meanTotal(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars   frame.Names `json:"vars"`
		Lonely string      `json:"lonely_psu"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := compiled(c, args.Lonely)
	if err != nil {
		return nil, err
	}
	y, err := column(c, args.Vars, "")
	if err != nil {
		return nil, err
	}
	mean, err := d.Mean(y)
	if err != nil {
		return nil, err
	}
	total, err := d.Total(y)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"mean": mean.At(0).Value, "mean_se": mean.SE(0), "total": total.At(0).Value, "total_se": total.SE(0), "df": d.DF(),
	}, nil
}

// variance is the population variance of a column, or of several.
func variance(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars frame.Names `json:"vars"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	var parts []*estimate.Result
	for _, name := range args.Vars {
		y, err := c.View.Number(name)
		if err != nil {
			return nil, err
		}
		r, err := association.Variance(d, y)
		if err != nil {
			return nil, err
		}
		parts = append(parts, r)
	}
	e, err := joined(args.Vars, parts)
	if err != nil {
		return nil, err
	}
	if len(parts) == 1 {
		return map[string]any{"est": e.result.At(0).Value, "se": e.result.SE(0)}, nil
	}
	return e.values(), nil
}

// covarianceMatrix is the population covariances of columns, over the people
// who have all of them.
func covarianceMatrix(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars frame.Names `json:"vars"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	var columns [][]float64
	for _, name := range args.Vars {
		y, err := c.View.Number(name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, y)
	}
	if len(columns) == 0 {
		return nil, errors.New("vars has no columns")
	}
	r, err := association.Matrix(d, columns, d.Everyone())
	if err != nil {
		return nil, err
	}
	k := len(columns)
	est, se := make([][]float64, k), make([][]float64, k)
	for i := range k {
		for j := range k {
			est[i], se[i] = append(est[i], r.At(i*k+j).Value), append(se[i], r.SE(i*k+j))
		}
	}
	return map[string]any{"est": frame.NewMatrix(args.Vars, est), "se": frame.NewMatrix(args.Vars, se)}, nil
}

// ratio is the ratio of two totals.
func ratio(c *frame.Case) (map[string]any, error) {
	var args struct {
		Num   string  `json:"num"`
		Den   string  `json:"den"`
		DF    string  `json:"df"`
		Level float64 `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	num, err := c.View.Number(args.Num)
	if err != nil {
		return nil, err
	}
	den, err := c.View.Number(args.Den)
	if err != nil {
		return nil, err
	}
	r, err := d.Ratio(num, den)
	if err != nil {
		return nil, err
	}
	df, err := c.DF(args.DF, r)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"est": r.At(0).Value, "se": r.SE(0), "df": df}
	answer["lo"], answer["hi"] = frame.Interval(r.At(0).Value, r.SE(0), df, args.Level)
	return answer, nil
}

// categories are the shares or the sizes of the categories of a column.
func categories(c *frame.Case) (map[string]any, error) {
	var args struct {
		Var   string  `json:"var"`
		DF    string  `json:"df"`
		Level float64 `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	code, labels, err := c.View.Labels(args.Var)
	if err != nil {
		return nil, err
	}
	of, effect := d.Proportion, d.Effect
	if c.Estimator == "category_totals" {
		of, effect = d.Total, d.TotalEffect
	}
	var parts []*estimate.Result
	var names []string
	var deff []float64
	for at, label := range labels {
		y := indicator(code, at)
		r, err := of(y)
		if err != nil {
			return nil, err
		}
		e, err := effect(y, d.Everyone())
		if err != nil {
			return nil, err
		}
		parts, names, deff = append(parts, r), append(names, args.Var+label), append(deff, e.Deff)
	}
	e, err := joined(names, parts)
	if err != nil {
		return nil, err
	}
	answer, err := e.judged(c, args.DF, args.Level)
	if err != nil {
		return nil, err
	}
	answer["deff"] = frame.Keyed(names, deff)
	return answer, nil
}

// cdf is the share of people at or below some values.
func cdf(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars frame.Names `json:"vars"`
		At   []float64   `json:"at"`
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
	curve, err := quantile.New(y, weights(d))
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
