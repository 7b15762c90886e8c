package resample

import (
	"fmt"
	"math"
	"strings"

	"adili/estimate/job/frame"
	"adili/estimate/pps"
)

// unequal is the argument pps of pps_total.
type unequal struct {
	Kind      string `json:"kind"`
	P         string `json:"p"`
	File      string `json:"file"`
	Estimator string `json:"estimator"`
	Sum       string `json:"sum"`
}

// ppsTotal answers totals, and a ratio, of a sample drawn with unequal probabilities.
func ppsTotal(c *frame.Case, args struct {
	Vars   frame.Names     `json:"vars"`
	PPS    unequal         `json:"pps"`
	Domain frame.Domain    `json:"domain"`
	Ratio  *frame.Quotient `json:"ratio"`
}) (map[string]any, error) {
	d, err := args.PPS.compile(c)
	if err != nil {
		return nil, err
	}
	g := c.On(d.Design(), nil).Within(args.Domain)
	columns := g.Columns(args.Vars)
	if g.Err != nil {
		return nil, g.Err
	}
	parts := make([]*pps.Result, len(columns))
	for i, y := range columns {
		if parts[i], err = d.Total(y, g.Domain); err != nil {
			return nil, fmt.Errorf("%s: %w", args.Vars[i], err)
		}
	}
	all, err := pps.Join(parts...)
	if err != nil {
		return nil, err
	}
	est, se := values(all)
	answer := map[string]any{
		"est": frame.Keyed(args.Vars, est), "se": frame.Keyed(args.Vars, se), "vcov": frame.NewMatrix(args.Vars, all.Matrix()),
	}
	if args.Ratio == nil {
		return answer, nil
	}
	return answer, ratio(g, d, *args.Ratio, answer)
}

// ratio answers ratio_NUM_DEN and ratio_se.
func ratio(g *frame.Ground, d *pps.Design, q frame.Quotient, answer map[string]any) error {
	num, den := g.Number(q.Num), g.Number(q.Den)
	if g.Err != nil {
		return g.Err
	}
	r, err := d.Ratio(num, den, g.Domain)
	if err != nil {
		return err
	}
	answer[strings.ToLower("ratio_"+q.Num+"_"+q.Den)], answer["ratio_se"] = r.Value(0), r.SE(0)
	return nil
}

// compile makes the design with the variance that was asked for.
func (u unequal) compile(c *frame.Case) (*pps.Design, error) {
	full, err := c.Sample()
	if err != nil {
		return nil, err
	}
	s := pps.Sample{Weight: full.Weight, Unit: full.Stages[0].Unit, Stratum: full.Stages[0].Stratum}
	if u.P != "" {
		if s.Probability, err = c.View.Number(u.P); err != nil {
			return nil, fmt.Errorf("pps: p: %w", err)
		}
	}
	v, err := u.variance(c, s)
	if err != nil {
		return nil, err
	}
	return pps.Compile(s, v)
}

func (u unequal) variance(c *frame.Case, s pps.Sample) (v pps.Variance, err error) {
	form := pps.HorvitzThompson
	switch u.Estimator {
	case "", "HT":
	case "YG":
		form = pps.YatesGrundy
	default:
		return v, fmt.Errorf("pps: estimator %q is not known; there are: HT, YG", u.Estimator)
	}
	switch u.Kind {
	case "wr":
		return pps.WithReplacement(), nil
	case "brewer":
		return pps.Brewer(), nil
	case "overton":
		return pps.Overton(form), nil
	case "HR":
		switch u.Sum {
		case "":
			return pps.HartleyRao(form, math.NaN()), nil
		case "mean_p2":
			square := 0.0
			for _, p := range s.Probability {
				square += p * p
			}
			return pps.HartleyRao(form, square/float64(len(s.Probability))), nil
		}
		return v, fmt.Errorf("pps: sum %q is not known; there is: mean_p2", u.Sum)
	case "joint":
		p, err := u.joint(c)
		return pps.Joint(form, p), err
	}
	return v, fmt.Errorf("pps: kind %q is not known; there are: brewer, overton, HR, joint, wr", u.Kind)
}

// joint reads joint probabilities, a square of numbers.
func (u unequal) joint(c *frame.Case) ([][]float64, error) {
	columns, err := numbers(c, u.File)
	if err != nil || len(columns) == 0 {
		return nil, err
	}
	p := make([][]float64, len(columns[0]))
	for _, column := range columns {
		for i, x := range column {
			p[i] = append(p[i], x)
		}
	}
	return p, nil
}
