package modelling

import (
	"fmt"
	"slices"

	"adili/estimate"
	"adili/estimate/crosstab"
	"adili/estimate/distribution"
	"adili/estimate/job/frame"
	"adili/estimate/regression"
)

// twoSample is the t test of a difference between two groups.
func twoSample(c *frame.Case, args struct {
	Y     string `json:"y"`
	Group string `json:"group"`
	frame.Scope
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	y := g.Number(args.Y, "y")
	code, labels := g.Labels(args.Group, "group")
	if g.Err != nil {
		return nil, g.Err
	}
	groups, err := g.Split(code, len(labels))
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(d estimate.Domain) bool { return len(d.Rows()) == 0 })
	if len(groups) != 2 {
		return nil, fmt.Errorf("group %s has %d levels, and a t test compares two", args.Group, len(groups))
	}
	means, err := g.Design.Mean(y, groups...)
	if err != nil {
		return nil, err
	}
	difference, err := means.Combine(-1, 1)
	if err != nil {
		return nil, err
	}
	return student(difference, means, args.Inference)
}

// oneSample is the t test of the mean of an expression, such as a difference of two answers of the same person.
func oneSample(c *frame.Case, args struct {
	Expr string `json:"expr"`
	frame.Scope
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	y := g.Number(args.Expr, "expr")
	if g.Err != nil {
		return nil, g.Err
	}
	mean, err := g.Design.Mean(y, g.Domain)
	if err != nil {
		return nil, err
	}
	return student(mean, mean, args.Inference)
}

// student is the t test of the only estimate of a result, with the degrees of freedom of the means that it came from.
func student(r, means *estimate.Result, by frame.Inference) (map[string]any, error) {
	df, err := frame.Degrees(by.DF, means)
	if err != nil {
		return nil, err
	}
	est, se := r.At(0).Value, r.SE(0)
	lo, hi := frame.Interval(est, se, df, by.Level)
	t := est / se
	return map[string]any{"est": est, "se": se, "t": t, "df": df, "p": distribution.Student{DF: df}.TwoSided(t), "lo": lo, "hi": hi}, nil
}

var ranks = map[string]regression.Rank{
	"": regression.Wilcoxon, "wilcoxon": regression.Wilcoxon, "KruskalWallis": regression.Wilcoxon, "vanderWaerden": regression.VanDerWaerden, "median": regression.Median,
}

// rankTest compares the ranks of groups.
func rankTest(c *frame.Case, args struct {
	Y      string       `json:"y"`
	Group  string       `json:"group"`
	Test   string       `json:"test"`
	Domain frame.Domain `json:"domain"`
	DF     string       `json:"df"`
}) (map[string]any, error) {
	kind, err := named("test", args.Test, ranks)
	if err != nil {
		return nil, err
	}
	g := c.Ground(args.Domain)
	y := g.Number(args.Y, "y")
	code, _ := g.Labels(args.Group, "group")
	if g.Err != nil {
		return nil, g.Err
	}
	has := g.Domain.Has()
	mean, err := g.Design.Mean(y, g.Design.Domain(func(r int) bool { return has[r] && code[r] >= 0 }))
	if err != nil {
		return nil, err
	}
	df, err := frame.Degrees(args.DF, mean)
	if err != nil {
		return nil, err
	}
	t, err := regression.CompareRanks(g.Design, y, code, g.Domain, kind, df)
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
func raoScott(c *frame.Case, args struct {
	Rows       string       `json:"rows"`
	Cols       string       `json:"cols"`
	Statistics []string     `json:"statistics"`
	Domain     frame.Domain `json:"domain"`
	DF         string       `json:"df"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	row, _ := g.Labels(args.Rows, "rows")
	col, _ := g.Labels(args.Cols, "cols")
	if g.Err != nil {
		return nil, g.Err
	}
	t, err := crosstab.New(g.Design, row, col, g.Domain)
	if err != nil {
		return nil, err
	}
	nu, err := frame.DegreesOf(args.DF, g.Design, func() (float64, error) { return t.DF, nil })
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

// goodness tests given shares.
func goodness(c *frame.Case, args struct {
	Var    string        `json:"var"`
	Levels []frame.Label `json:"levels"`
	P      []float64     `json:"p"`
	Domain frame.Domain  `json:"domain"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	code, labels := g.Labels(args.Var, "var")
	if g.Err != nil {
		return nil, g.Err
	}
	levels := frame.LevelNames(args.Levels, labels)
	if len(levels) != len(args.P) {
		return nil, fmt.Errorf("there are %d levels and %d shares", len(levels), len(args.P))
	}
	x, err := crosstab.GoodnessOfFit(g.Design, frame.Recode(code, labels, levels), args.P, g.Domain)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"stat": x.Value, "scale_df": map[string]float64{"scale": x.Scale, "df": x.DF}, "p": x.P, "lambda": x.Effects,
	}, nil
}
