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

// groups are the domains of a crossing of columns.
func groups(c *frame.Case, by []string) (*estimate.Design, []estimate.Domain, []string, error) {
	d, err := c.Design()
	if err != nil {
		return nil, nil, nil, err
	}
	if len(by) == 0 {
		return nil, nil, nil, errors.New("by has no columns")
	}
	code, labels, err := c.View.Labels(by...)
	if err != nil {
		return nil, nil, nil, err
	}
	domains, err := d.Groups(code, len(labels))
	return d, domains, labels, err
}

// divided is estimates by domain with covariances and normal limits.
func (e estimates) divided(level float64) map[string]any {
	answer := e.values()
	answer["vcov"] = frame.NewMatrix(e.labels, e.result.Matrix())
	e.limits(answer, "_normal", math.Inf(1), level)
	return answer
}

// domainMean is the mean or total of a column in the cells of others.
func domainMean(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars  frame.Names `json:"vars"`
		By    frame.Names `json:"by"`
		Level float64     `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domains, labels, err := groups(c, args.By)
	if err != nil {
		return nil, err
	}
	y, err := column(c, args.Vars, "")
	if err != nil {
		return nil, err
	}
	of, effect := d.Mean, d.Effect
	if c.Estimator == "domain_total" {
		of, effect = d.Total, d.TotalEffect
	}
	r, err := of(y, domains...)
	if err != nil {
		return nil, err
	}
	deff := make([]float64, len(domains))
	for i, domain := range domains {
		e, err := effect(y, domain)
		if err != nil {
			return nil, err
		}
		deff[i] = e.Deff
	}
	answer := estimates{labels, r}.divided(args.Level)
	answer["deff"] = frame.Keyed(labels, deff)
	return answer, nil
}

// domainProportion is the share of a value in the cells of columns.
func domainProportion(c *frame.Case) (map[string]any, error) {
	var args struct {
		Var   string      `json:"var"`
		Value frame.Label `json:"value"`
		By    frame.Names `json:"by"`
		Level float64     `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domains, labels, err := groups(c, args.By)
	if err != nil {
		return nil, err
	}
	y, err := is(c.View, args.Var, string(args.Value))
	if err != nil {
		return nil, err
	}
	r, err := d.Proportion(y, domains...)
	if err != nil {
		return nil, err
	}
	return estimates{labels, r}.divided(args.Level), nil
}

// domainRatio is the ratio of two totals in the cells of columns.
func domainRatio(c *frame.Case) (map[string]any, error) {
	var args struct {
		Num   string      `json:"num"`
		Den   string      `json:"den"`
		By    frame.Names `json:"by"`
		Level float64     `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domains, labels, err := groups(c, args.By)
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
	r, err := d.Ratio(num, den, domains...)
	if err != nil {
		return nil, err
	}
	return estimates{labels, r}.divided(args.Level), nil
}

// domainDifference is a linear contrast of the means of domains.
func domainDifference(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars     frame.Names    `json:"vars"`
		Contrast frame.Contrast `json:"contrast"`
		DF       string         `json:"df"`
		Level    float64        `json:"level"`
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
	var domains []estimate.Domain
	var coef []float64
	for _, term := range args.Contrast.Terms {
		domain, err := c.Domain(d, term.Domain)
		if err != nil {
			return nil, err
		}
		domains, coef = append(domains, domain), append(coef, term.Coef)
	}
	if len(domains) == 0 {
		return nil, errors.New("the contrast has no domains")
	}
	r, err := d.Mean(y, domains...)
	if err != nil {
		return nil, err
	}
	x, err := r.Contrast(coef...)
	if err != nil {
		return nil, err
	}
	if x.DF, err = c.DF(args.DF, r); err != nil {
		return nil, err
	}
	in := x.Interval(frame.Level(args.Level))
	return map[string]any{
		"est": x.Value, "se": x.SE, "t": x.Value / x.SE, "df": x.DF, "p": x.P(), "lo": in.Lower, "hi": in.Upper,
	}, nil
}

// domainLonely is the mean in a domain with and without the rule for lonely
// strata where the domain has a single unit.
func domainLonely(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars   frame.Names  `json:"vars"`
		Domain frame.Domain `json:"domain"`
		Lonely string       `json:"lonely_psu"`
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
	answer := map[string]any{}
	for key, d := range map[string]*estimate.Design{"se_default": d, "se_adjust_domain_lonely": d.LonelyInDomains()} {
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
func nonlinearContrast(c *frame.Case) (map[string]any, error) {
	var args struct {
		Vars  frame.Names              `json:"vars"`
		By    frame.Names              `json:"by"`
		Exprs map[string]frame.Formula `json:"exprs"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domains, labels, err := groups(c, args.By)
	if err != nil {
		return nil, err
	}
	y, err := column(c, args.Vars, "")
	if err != nil {
		return nil, err
	}
	means, err := d.Mean(y, domains...)
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
