package frame

import (
	"errors"
	"fmt"

	"adili/estimate"
	"adili/estimate/quantile"
)

// Estimate is one of the estimates that a case about weights or replicates asks for.
type Estimate struct {
	Quotient
	Key  string   `json:"key"`
	Stat string   `json:"stat"`
	Var  string   `json:"var"`
	By   []string `json:"by"`
	P    float64  `json:"p"`
	Rule string   `json:"rule"`
	VCov bool     `json:"vcov"`
}

// Question is an estimate with its columns and groups.
type Question struct {
	Estimate
	Top, Bottom []float64         // the second of a ratio only
	Groups      []estimate.Domain // the whole domain without by
	Labels      []string          // of the groups; nil without by
}

// Question reads the columns and groups of an estimate.
func (g *Ground) Question(e Estimate) (Question, error) {
	q := Question{Estimate: e, Groups: []estimate.Domain{g.Domain}}
	if e.Key == "" {
		return q, errors.New("an estimate has no key")
	}
	top := e.Var
	if e.Stat == "ratio" {
		top = e.Num
		q.Bottom = g.Number(e.Den)
	}
	q.Top = g.Number(top)
	if len(e.By) > 0 {
		q.Groups, q.Labels = g.Groups(e.By)
	}
	if g.Err != nil {
		return q, fmt.Errorf("estimate %s: %w", e.Key, g.Err)
	}
	return q, nil
}

// Unknown is the error about an estimate of another kind.
func (q Question) Unknown() error {
	return fmt.Errorf("stat %q is not known; there are: mean, total, ratio, quantile", q.Stat)
}

// Put answers KEY and KEY_se, and KEY_vcov of groups where it is asked for and there is one.
func (q Question) Put(answer map[string]any, est, se []float64, vcov func() [][]float64) {
	if q.Labels == nil {
		answer[q.Key], answer[q.Key+"_se"] = est[0], se[0]
		return
	}
	answer[q.Key], answer[q.Key+"_se"] = Keyed(q.Labels, est), Keyed(q.Labels, se)
	if q.VCov && vcov != nil {
		answer[q.Key+"_vcov"] = NewMatrix(q.Labels, vcov())
	}
}

// Estimates answers a list of estimates.
func (g *Ground) Estimates(list []Estimate, answer map[string]any) error {
	for _, e := range list {
		q, err := g.Question(e)
		if err != nil {
			return err
		}
		if err := q.estimate(g.Design, answer); err != nil {
			return fmt.Errorf("estimate %s: %w", e.Key, err)
		}
	}
	return nil
}

func (q Question) estimate(d *estimate.Design, answer map[string]any) error {
	if q.Stat == "quantile" {
		return q.quantiles(d, answer)
	}
	var r *estimate.Result
	var err error
	switch q.Stat {
	case "mean":
		r, err = d.Mean(q.Top, q.Groups...)
	case "total":
		r, err = d.Total(q.Top, q.Groups...)
	case "ratio":
		r, err = d.Ratio(q.Top, q.Bottom, q.Groups...)
	default:
		err = q.Unknown()
	}
	if err != nil {
		return err
	}
	est, se := Values(r)
	q.Put(answer, est, se, r.Matrix)
	return nil
}

// quantiles answers the quantiles of the groups, with Woodruff's standard errors at the degrees of freedom of the design.
func (q Question) quantiles(d *estimate.Design, answer map[string]any) error {
	o := quantile.Options{Rule: quantile.Rule(q.Rule), DF: d.DF(), AsR: true}
	var est, se []float64
	for _, g := range q.Groups {
		found, err := quantile.Estimates(d, q.Top, g, o, q.P)
		if err != nil {
			return err
		}
		est, se = append(est, found[0].Value), append(se, found[0].SE)
	}
	q.Put(answer, est, se, nil)
	return nil
}
