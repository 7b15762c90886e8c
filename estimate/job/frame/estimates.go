package frame

import (
	"errors"
	"fmt"

	"adili/estimate"
	"adili/estimate/quantile"
)

// Estimate is one of the estimates that a case about weights asks for.
type Estimate struct {
	Key  string   `json:"key"`
	Stat string   `json:"stat"`
	Var  string   `json:"var"`
	Num  string   `json:"num"`
	Den  string   `json:"den"`
	By   []string `json:"by"`
	P    float64  `json:"p"`
	Rule string   `json:"rule"`
	VCov bool     `json:"vcov"`
}

// ready is an estimate with its columns evaluated.
type ready struct {
	Estimate
	num, den []float64
	code     []int // of the groups; nil without by
	labels   []string
}

func (v *View) prepare(e Estimate) (r ready, err error) {
	r.Estimate = e
	top := e.Var
	if e.Stat == "ratio" {
		top = e.Num
		if r.den, err = v.Number(e.Den); err != nil {
			return r, fmt.Errorf("%s: %w", e.Key, err)
		}
	}
	if r.num, err = v.Number(top); err != nil {
		return r, fmt.Errorf("%s: %w", e.Key, err)
	}
	if len(e.By) > 0 {
		if r.code, r.labels, err = v.Labels(e.By...); err != nil {
			return r, fmt.Errorf("%s: %w", e.Key, err)
		}
	}
	return r, nil
}

// groups are the domains of an estimate, everyone within the domain if there is no by.
func (r ready) groups(d *estimate.Design, in estimate.Domain) ([]estimate.Domain, error) {
	if r.code == nil {
		return []estimate.Domain{in}, nil
	}
	inside := in.Has()
	code := make([]int, len(r.code))
	for i, c := range r.code {
		code[i] = -1
		if inside[i] {
			code[i] = c
		}
	}
	return d.Groups(code, len(r.labels))
}

// Result estimates on a design that was compiled from the rows of this view, within a domain. The labels are those of the
// groups, nil without by.
func (v *View) Result(d *estimate.Design, e Estimate, in estimate.Domain) (*estimate.Result, []string, error) {
	r, err := v.prepare(e)
	if err != nil {
		return nil, nil, err
	}
	groups, err := r.groups(d, in)
	if err != nil {
		return nil, nil, err
	}
	var result *estimate.Result
	switch e.Stat {
	case "mean":
		result, err = d.Mean(r.num, groups...)
	case "total":
		result, err = d.Total(r.num, groups...)
	case "ratio":
		result, err = d.Ratio(r.num, r.den, groups...)
	default:
		err = fmt.Errorf("stat %q is not known here; there are: mean, total, ratio, quantile", e.Stat)
	}
	return result, r.labels, err
}

// Estimates answers a list of estimates on a design that was compiled from the rows of the case: KEY, KEY_se and KEY_vcov
// are put into the answer.
func (c *Case) Estimates(d *estimate.Design, list []Estimate, in estimate.Domain, answer map[string]any) error {
	for _, e := range list {
		if e.Key == "" {
			return errors.New("an estimate has no key")
		}
		var est, se []float64
		var labels []string
		var err error
		if e.Stat == "quantile" {
			est, se, labels, err = c.View.quantiles(d, e, in)
		} else {
			var r *estimate.Result
			if r, labels, err = c.View.Result(d, e, in); err == nil {
				est, se = Values(r)
				if e.VCov && labels != nil {
					answer[e.Key+"_vcov"] = NewMatrix(labels, r.Matrix())
				}
			}
		}
		if err != nil {
			return fmt.Errorf("estimate %s: %w", e.Key, err)
		}
		if labels == nil {
			answer[e.Key], answer[e.Key+"_se"] = est[0], se[0]
			continue
		}
		answer[e.Key], answer[e.Key+"_se"] = Keyed(labels, est), Keyed(labels, se)
	}
	return nil
}

// quantiles are the quantiles of the groups of an estimate, with Woodruff's standard errors at the degrees of freedom of the
// design.
func (v *View) quantiles(d *estimate.Design, e Estimate, in estimate.Domain) (est, se []float64, labels []string, err error) {
	r, err := v.prepare(e)
	if err != nil {
		return nil, nil, nil, err
	}
	groups, err := r.groups(d, in)
	if err != nil {
		return nil, nil, nil, err
	}
	o := quantile.Options{Rule: quantile.Rule(e.Rule), DF: d.DF(), AsR: true}
	for _, g := range groups {
		q, err := quantile.Estimates(d, r.num, g, o, e.P)
		if err != nil {
			return nil, nil, nil, err
		}
		est, se = append(est, q[0].Value), append(se, q[0].SE)
	}
	return est, se, r.labels, nil
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
