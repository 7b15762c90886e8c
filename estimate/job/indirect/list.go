package indirect

import (
	"errors"

	"adili/estimate"
	"adili/estimate/job/frame"
	"adili/estimate/sensitive"
)

// listArgs are those of a list experiment, from counts or on data.
type listArgs struct {
	J         *int         `json:"J"`
	Values    []int        `json:"values"`
	Control   either       `json:"control"`
	Treatment either       `json:"treatment"`
	Y         string       `json:"y"`
	Arm       string       `json:"arm"`
	Domain    frame.Domain `json:"domain"`
}

// list is a list experiment.
func list(c *frame.Case, args listArgs) (map[string]any, error) {
	items, err := given("J", args.J)
	if err != nil {
		return nil, err
	}
	if args.Y == "" {
		return listCounted(items, args)
	}
	if args.Arm == "" || args.Control.label == "" || args.Treatment.label == "" {
		return nil, errors.New("args: a list experiment on data needs y, arm, control and treatment")
	}
	return listSurveyed(c, items, args)
}

func listCounted(items int, args listArgs) (map[string]any, error) {
	e, err := sensitive.CountList(items, args.Values, args.Control.counts, args.Treatment.counts)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"n_control": e.Control, "n_treat": e.Treatment, "est": e.Value, "se_welch": e.Welch, "se_pooled_ols": e.Pooled,
		"joint_y_sensitive1": e.With, "joint_y_sensitive0": e.Without, "floor": e.Floor, "ceiling": e.Ceiling,
	}, nil
}

func listSurveyed(c *frame.Case, items int, args listArgs) (map[string]any, error) {
	g := c.Ground(args.Domain)
	count, arm := g.Number(args.Y), g.Text(args.Arm)
	if g.Err != nil {
		return nil, g.Err
	}
	in, d := g.Domain.Has(), g.Design
	control := d.Domain(func(row int) bool { return in[row] && arm[row] == args.Control.label })
	treatment := d.Domain(func(row int) bool { return in[row] && arm[row] == args.Treatment.label })
	e, err := sensitive.List(d, count, control, treatment)
	if err != nil {
		return nil, err
	}
	joint, err := sensitive.JointShares(d, count, items, control, treatment)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{
		"n_control": e.Control.At(0).N, "n_treat": e.Treatment.At(0).N,
		"mean_control": e.Control.At(0).Value, "mean_treat": e.Treatment.At(0).Value,
		"est": e.Result.At(0).Value, "se": e.Result.SE(0),
		"joint_y_sensitive1": values(joint.With), "joint_y_sensitive0": values(joint.Without), "p_design_effect": joint.P(),
		"floor": joint.Without.At(0).Value, "ceiling": joint.With.At(items).Value,
	}
	interval(answer, e.Result)
	return answer, nil
}

func values(r *estimate.Result) []float64 {
	est, _ := frame.Values(r)
	return est
}
