package modelling

import (
	"fmt"
	"slices"

	"adili/estimate"
	"adili/estimate/crosstab"
	"adili/estimate/job/frame"
	"adili/estimate/regression"
)

// twoSample is the t test of a difference between two groups.
func twoSample(c *frame.Case) (map[string]any, error) {
	var args struct {
		Y      string       `json:"y"`
		Group  string       `json:"group"`
		Domain frame.Domain `json:"domain"`
		DF     string       `json:"df"`
		Level  float64      `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, in, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	y, err := c.View.Number(args.Y)
	if err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	code, labels, err := c.View.Labels(args.Group)
	if err != nil {
		return nil, fmt.Errorf("group: %w", err)
	}
	has := in.Has()
	groups := make([]bool, len(labels))
	for r, g := range code {
		if has[r] && g >= 0 {
			groups[g] = true
		}
	}
	var two []estimate.Domain
	for g, seen := range groups {
		if seen {
			two = append(two, d.Domain(func(r int) bool { return has[r] && code[r] == g }))
		}
	}
	if len(two) != 2 {
		return nil, fmt.Errorf("group %s has %d levels, and a t test compares two", args.Group, len(two))
	}
	means, err := d.Mean(y, two...)
	if err != nil {
		return nil, err
	}
	df, err := c.DF(args.DF, means)
	if err != nil {
		return nil, err
	}
	difference, err := means.Combine(-1, 1)
	if err != nil {
		return nil, err
	}
	return student(difference, df, args.Level), nil
}

// oneSample is the t test of the mean of an expression, such as a difference of two answers of the same person.
func oneSample(c *frame.Case) (map[string]any, error) {
	var args struct {
		Expr   string       `json:"expr"`
		Domain frame.Domain `json:"domain"`
		DF     string       `json:"df"`
		Level  float64      `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, in, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	y, err := c.View.Number(args.Expr)
	if err != nil {
		return nil, fmt.Errorf("expr: %w", err)
	}
	mean, err := d.Mean(y, in)
	if err != nil {
		return nil, err
	}
	df, err := c.DF(args.DF, mean)
	if err != nil {
		return nil, err
	}
	return student(mean, df, args.Level), nil
}

func ground(c *frame.Case, in frame.Domain) (*estimate.Design, estimate.Domain, error) {
	d, err := c.Design()
	if err != nil {
		return nil, estimate.Domain{}, err
	}
	domain, err := c.Domain(d, in)
	return d, domain, err
}

var ranks = map[string]regression.Rank{
	"": regression.Wilcoxon, "wilcoxon": regression.Wilcoxon, "KruskalWallis": regression.Wilcoxon, "vanderWaerden": regression.VanDerWaerden, "median": regression.Median,
}

// rankTest compares the ranks of groups.
func rankTest(c *frame.Case) (map[string]any, error) {
	var args struct {
		Y      string       `json:"y"`
		Group  string       `json:"group"`
		Test   string       `json:"test"`
		Domain frame.Domain `json:"domain"`
		DF     string       `json:"df"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	kind, err := named("test", args.Test, ranks)
	if err != nil {
		return nil, err
	}
	d, in, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	y, err := c.View.Number(args.Y)
	if err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	code, _, err := c.View.Labels(args.Group)
	if err != nil {
		return nil, fmt.Errorf("group: %w", err)
	}
	has := in.Has()
	both := d.Domain(func(r int) bool { return has[r] && code[r] >= 0 })
	mean, err := d.Mean(y, both)
	if err != nil {
		return nil, err
	}
	df, err := c.DF(args.DF, mean)
	if err != nil {
		return nil, err
	}
	t, err := regression.CompareRanks(d, y, code, in, kind, df)
	if err != nil {
		return nil, err
	}
	if t.Groups == 2 {
		return map[string]any{"stat": t.Value, "df": t.Den, "p": t.P, "est": t.Shift}, nil
	}
	return map[string]any{"stat": t.Value, "df": []float64{float64(t.Groups - 1)}, "ddf": t.Den, "p": t.P}, nil
}

var statistics = map[string]crosstab.Statistic{
	"F": crosstab.F, "Chisq": crosstab.Chisq, "Wald": crosstab.Wald, "adjWald": crosstab.AdjustedWald, "lincom": crosstab.Lincom,
	"saddlepoint": crosstab.Saddlepoint,
}

// raoScott tests the independence of two questions.
func raoScott(c *frame.Case) (map[string]any, error) {
	var args struct {
		Rows       string       `json:"rows"`
		Cols       string       `json:"cols"`
		Statistics []string     `json:"statistics"`
		Domain     frame.Domain `json:"domain"`
		DF         string       `json:"df"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, in, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	row, _, err := c.View.Labels(args.Rows)
	if err != nil {
		return nil, fmt.Errorf("rows: %w", err)
	}
	col, _, err := c.View.Labels(args.Cols)
	if err != nil {
		return nil, fmt.Errorf("cols: %w", err)
	}
	t, err := crosstab.New(d, row, col, in)
	if err != nil {
		return nil, err
	}
	nu, err := tableDF(args.DF, d, t)
	if err != nil {
		return nil, err
	}
	if args.Statistics == nil {
		args.Statistics = []string{"F"}
	}
	result := map[string]any{}
	for _, name := range args.Statistics {
		s, err := named("statistic", name, statistics)
		if err != nil {
			return nil, err
		}
		test, err := t.Test(s, nu)
		if err != nil {
			return nil, fmt.Errorf("statistic %s: %w", name, err)
		}
		result[name] = map[string]any{"stat": test.Value, "df": slices.Concat([]float64{}, test.DF), "p": test.P}
	}
	return result, nil
}

// tableDF counts degrees of freedom by a rule of the job grammar.
func tableDF(rule string, d *estimate.Design, t *crosstab.Table) (float64, error) {
	switch rule {
	case "domain":
		return t.DF, nil
	case "", "design":
		return d.DF(), nil
	case "design-1":
		return d.DF() - 1, nil
	}
	return 0, fmt.Errorf("df %q is not known; there are: design, domain, design-1", rule)
}

// goodness tests given shares.
func goodness(c *frame.Case) (map[string]any, error) {
	var args struct {
		Var    string        `json:"var"`
		Levels []frame.Label `json:"levels"`
		P      []float64     `json:"p"`
		Domain frame.Domain  `json:"domain"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, in, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	code, labels, err := c.View.Labels(args.Var)
	if err != nil {
		return nil, fmt.Errorf("var: %w", err)
	}
	if args.Levels == nil {
		for _, l := range labels {
			args.Levels = append(args.Levels, frame.Label(l))
		}
	}
	if len(args.Levels) != len(args.P) {
		return nil, fmt.Errorf("there are %d levels and %d shares", len(args.Levels), len(args.P))
	}
	place := make([]int, len(labels))
	for i, l := range labels {
		place[i] = slices.Index(args.Levels, frame.Label(l))
	}
	for r, g := range code {
		if g >= 0 {
			code[r] = place[g]
		}
	}
	g, err := crosstab.GoodnessOfFit(d, code, args.P, in)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"stat": g.Value, "scale_df": map[string]float64{"scale": g.Scale, "df": g.DF}, "p": g.P, "lambda": g.Effects,
	}, nil
}
