package describe

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"adili/estimate"
	"adili/estimate/data"
	"adili/estimate/job/frame"
)

// domainMean is the mean or total of a column in the cells of others.
func domainMean(c *frame.Case, args struct {
	Vars  frame.Names `json:"vars"`
	By    frame.Names `json:"by"`
	Level float64     `json:"level"`
}) (map[string]any, error) {
	g := ground(c, "")
	cells, labels := g.Groups(args.By)
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	of, cost := g.Design.Mean, g.Design.Effect
	if c.Estimator == "domain_total" {
		of, cost = g.Design.Total, g.Design.TotalEffect
	}
	r, err := of(y, cells...)
	if err != nil {
		return nil, err
	}
	deff := map[string]float64{}
	for i, cell := range cells {
		e, err := cost(y, cell)
		if err != nil {
			return nil, err
		}
		deff[labels[i]] = e.Deff
	}
	answer := estimates{labels, r}.divided(args.Level)
	answer["deff"] = deff
	return answer, nil
}

// domainProportion is the share of a value in the cells of columns.
func domainProportion(c *frame.Case, args struct {
	frame.Category
	By    frame.Names `json:"by"`
	Level float64     `json:"level"`
}) (map[string]any, error) {
	g := ground(c, "")
	cells, labels := g.Groups(args.By)
	y := is(g, args.Category)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Proportion(y, cells...)
	if err != nil {
		return nil, err
	}
	return estimates{labels, r}.divided(args.Level), nil
}

// domainRatio is the ratio of two totals in the cells of columns.
func domainRatio(c *frame.Case, args struct {
	frame.Quotient
	By    frame.Names `json:"by"`
	Level float64     `json:"level"`
}) (map[string]any, error) {
	g := ground(c, "")
	cells, labels := g.Groups(args.By)
	num, den := g.Number(args.Num), g.Number(args.Den)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Ratio(num, den, cells...)
	if err != nil {
		return nil, err
	}
	return estimates{labels, r}.divided(args.Level), nil
}

// domainDifference is a linear contrast of the means of domains.
func domainDifference(c *frame.Case, args struct {
	Vars     frame.Names    `json:"vars"`
	Contrast frame.Contrast `json:"contrast"`
	frame.Inference
}) (map[string]any, error) {
	g := ground(c, "")
	y := g.Column(args.Vars)
	parts, coef := g.Parts(args.Contrast)
	if g.Err != nil {
		return nil, g.Err
	}
	if len(parts) == 0 {
		return nil, errors.New("the contrast has no domains")
	}
	r, err := g.Design.Mean(y, parts...)
	if err != nil {
		return nil, err
	}
	x, err := r.Contrast(coef...)
	if err != nil {
		return nil, err
	}
	if x.DF, err = frame.Degrees(args.DF, r); err != nil {
		return nil, err
	}
	return frame.Tested(x, args.Level), nil
}

// domainLonely is the mean in a domain with and without the rule for lonely
// strata where the domain has a single unit.
func domainLonely(c *frame.Case, args struct {
	Vars   frame.Names  `json:"vars"`
	Domain frame.Domain `json:"domain"`
	Lonely string       `json:"lonely_psu"`
}) (map[string]any, error) {
	g := ground(c, args.Lonely)
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	answer := map[string]any{}
	for key, d := range map[string]*estimate.Design{"se_default": g.Design, "se_adjust_domain_lonely": g.Design.LonelyInDomains()} {
		domain, err := c.Domain(d, args.Domain)
		if err != nil {
			return nil, err
		}
		r, err := d.Mean(y, domain)
		if err != nil {
			return nil, err
		}
		answer["mean"], answer[key] = r.At(0).Value, r.SE(0)
	}
	return answer, nil
}

// nonlinearContrast are functions of the means of the categories of columns.
func nonlinearContrast(c *frame.Case, args struct {
	Vars  frame.Names              `json:"vars"`
	By    frame.Names              `json:"by"`
	Exprs map[string]frame.Formula `json:"exprs"`
}) (map[string]any, error) {
	g := ground(c, "")
	cells, labels := g.Groups(args.By)
	y := g.Column(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	means, err := g.Design.Mean(y, cells...)
	if err != nil {
		return nil, err
	}
	est, se := map[string]float64{}, map[string]float64{}
	for key, formula := range args.Exprs {
		if _, err := evaluate(formula.Expr, labels, make([]float64, len(labels))); err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		r, err := means.Function(func(x []float64) float64 {
			value, err := evaluate(formula.Expr, labels, x)
			if err != nil {
				return math.NaN()
			}
			return value
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		est[key], se[key] = r.At(0).Value, r.SE(0)
	}
	return map[string]any{"est": est, "se": se}, nil
}

// evaluate is an expression over names that have a value each.
func evaluate(expr string, names []string, values []float64) (float64, error) {
	cells := make([]string, len(values))
	quoted := make([]string, len(names))
	for i, x := range values {
		cells[i] = strconv.FormatFloat(x, 'g', -1, 64)
		quoted[i] = `"` + strings.ReplaceAll(names[i], `"`, `""`) + `"`
	}
	t, err := data.Read("the categories", strings.NewReader(strings.Join(quoted, ",")+"\n"+strings.Join(cells, ",")+"\n"))
	if err != nil {
		return math.NaN(), err
	}
	x, err := frame.NewView(t).Number(expr)
	if err != nil {
		return math.NaN(), err
	}
	return x[0], nil
}
