package indirect

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate/job/frame"
	"adili/estimate/sensitive"
)

// parameters are those of all techniques; each kind of case takes its own.
type parameters struct {
	P       *float64 `json:"p"`
	Yes     *float64 `json:"p_forced_yes"`
	Truth   *float64 `json:"p_truth"`
	Other   *float64 `json:"pi_u"`
	Theta1  *float64 `json:"theta1"`
	Theta2  *float64 `json:"theta2"`
	Control *float64 `json:"control_variance"`
	Share   *float64 `json:"share_treatment"`
}

// two gives a technique its two chances, or says which is missing.
func two(first string, a *float64, second string, b *float64, make func(a, b float64) (sensitive.Technique, error)) (sensitive.Technique, error) {
	x, err := given(first, a)
	if err != nil {
		return sensitive.Technique{}, err
	}
	y, err := given(second, b)
	if err != nil {
		return sensitive.Technique{}, err
	}
	return make(x, y)
}

// technique is the one that a kind of case names.
func (p parameters) technique(kind string) (sensitive.Technique, error) {
	switch kind {
	case "direct":
		return sensitive.Direct(), nil
	case "rr_forced":
		return two("p_forced_yes", p.Yes, "p_truth", p.Truth, sensitive.Forced)
	case "rr_unrelated_known":
		return two("p", p.P, "pi_u", p.Other, sensitive.Unrelated)
	case "rr_kuk":
		return two("theta1", p.Theta1, "theta2", p.Theta2, sensitive.Kuk)
	}
	chance, err := given("p", p.P)
	if err != nil {
		return sensitive.Technique{}, err
	}
	switch kind {
	case "rr_warner":
		return sensitive.Warner(chance)
	case "crosswise":
		return sensitive.Same(chance)
	case "triangular":
		return sensitive.Triangular(chance)
	}
	return sensitive.Technique{}, fmt.Errorf(
		"kind %q is not known; there are: direct, rr_warner, rr_forced, rr_unrelated_known, rr_kuk, crosswise, triangular, list_experiment", kind)
}

// counted answers a case that gives counts of people.
func counted(t sensitive.Technique, err error, name string, yes, n *int) (map[string]any, error) {
	if err != nil {
		return nil, err
	}
	hits, err := given(name, yes)
	if err != nil {
		return nil, err
	}
	people, err := given("n", n)
	if err != nil {
		return nil, err
	}
	e, err := t.Count(hits, people)
	if err != nil {
		return nil, err
	}
	lo, hi := e.Interval(frame.Level(0))
	return map[string]any{
		"n": e.N, "lambda": e.Lambda, "est": e.Value, "est_truncated": e.Truncated, "var_n1": e.Variance, "var_n": e.VarianceN,
		"se_n1": e.SE, "lo_wald": lo, "hi_wald": hi,
	}, nil
}

// surveyed answers a case about a technique on data; y is 1 for the recorded
// answer.
func surveyed(g *frame.Ground, t sensitive.Technique, y []float64) (map[string]any, error) {
	if g.Err != nil {
		return nil, g.Err
	}
	e, err := t.Estimate(g.Design, y, g.Domain)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{
		"n": e.Result.At(0).N, "lambda": e.Lambda.At(0).Value, "lambda_se": e.Lambda.SE(0),
		"est": e.Result.At(0).Value, "se": e.Result.SE(0), "est_truncated": e.Truncated(),
	}
	interval(answer, e.Result)
	return answer, nil
}

func direct(c *frame.Case, args struct {
	Y      string       `json:"y"`
	Domain frame.Domain `json:"domain"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	return surveyed(g, sensitive.Direct(), g.Number(args.Y))
}

func warner(_ *frame.Case, args struct {
	Yes *int     `json:"yes"`
	N   *int     `json:"n"`
	P   *float64 `json:"p"`
}) (map[string]any, error) {
	t, err := parameters{P: args.P}.technique("rr_warner")
	return counted(t, err, "yes", args.Yes, args.N)
}

func unrelated(_ *frame.Case, args struct {
	Yes   *int     `json:"yes"`
	N     *int     `json:"n"`
	P     *float64 `json:"p"`
	Other *float64 `json:"pi_u"`
}) (map[string]any, error) {
	t, err := parameters{P: args.P, Other: args.Other}.technique("rr_unrelated_known")
	return counted(t, err, "yes", args.Yes, args.N)
}

func kuk(_ *frame.Case, args struct {
	Red    *int     `json:"red"`
	N      *int     `json:"n"`
	Theta1 *float64 `json:"theta1"`
	Theta2 *float64 `json:"theta2"`
}) (map[string]any, error) {
	t, err := parameters{Theta1: args.Theta1, Theta2: args.Theta2}.technique("rr_kuk")
	return counted(t, err, "red", args.Red, args.N)
}

func triangular(_ *frame.Case, args struct {
	Circle *int     `json:"circle"`
	N      *int     `json:"n"`
	P      *float64 `json:"p"`
}) (map[string]any, error) {
	t, err := parameters{P: args.P}.technique("triangular")
	return counted(t, err, "circle", args.Circle, args.N)
}

// forced is a forced answer, from counts or on data.
func forced(c *frame.Case, args struct {
	Yes    *int         `json:"yes"`
	N      *int         `json:"n"`
	Forced *float64     `json:"p_forced_yes"`
	Truth  *float64     `json:"p_truth"`
	Y      string       `json:"y"`
	Domain frame.Domain `json:"domain"`
}) (map[string]any, error) {
	t, err := parameters{Yes: args.Forced, Truth: args.Truth}.technique("rr_forced")
	if err != nil || args.Y == "" {
		return counted(t, err, "yes", args.Yes, args.N)
	}
	g := c.Ground(args.Domain)
	return surveyed(g, t, g.Number(args.Y))
}

// crosswise is the crosswise question: from counts, where same is how many gave
// the same answer to both, or on data, where it is the code of that answer.
func crosswise(c *frame.Case, args struct {
	Same   *float64     `json:"same"`
	N      *int         `json:"n"`
	P      *float64     `json:"p"`
	Y      string       `json:"y"`
	Anchor string       `json:"anchor"`
	Domain frame.Domain `json:"domain"`
}) (map[string]any, error) {
	t, err := parameters{P: args.P}.technique("crosswise")
	if err != nil {
		return nil, err
	}
	code, err := given("same", args.Same)
	if err != nil {
		return nil, err
	}
	if args.Y == "" {
		if code != math.Trunc(code) {
			return nil, errors.New("args: same is a number of people")
		}
		same := int(code)
		return counted(t, nil, "same", &same, args.N)
	}
	g := c.Ground(args.Domain)
	y := is(g.Number(args.Y), code)
	answer, err := surveyed(g, t, y)
	if err != nil || args.Anchor == "" {
		return answer, err
	}
	anchor := is(g.Number(args.Anchor), code)
	if g.Err != nil {
		return nil, g.Err
	}
	e, err := sensitive.Crosswise(g.Design, y, anchor, *args.P, g.Domain)
	if err != nil {
		return nil, err
	}
	answer["anchor_lambda"] = e.Anchor.At(0).Value
	answer["attentive_share"] = e.Attentive.At(0).Value
	answer["est_bias_corrected"] = e.Corrected.At(0).Value
	answer["se_bias_corrected_delta"] = e.Corrected.SE(0)
	return answer, nil
}

// is gives 1 where an answer is code, 0 where it is another one.
func is(x []float64, code float64) []float64 {
	y := make([]float64, len(x))
	for i, a := range x {
		switch {
		case math.IsNaN(a):
			y[i] = a
		case a == code:
			y[i] = 1
		}
	}
	return y
}

// efficiency compares techniques before the survey.
func efficiency(_ *frame.Case, args struct {
	Pi      *float64 `json:"pi"`
	Designs map[string]struct {
		Kind string `json:"kind"`
		parameters
	} `json:"designs"`
}) (map[string]any, error) {
	pi, err := given("pi", args.Pi)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	for key, d := range args.Designs {
		if d.Kind == "list_experiment" {
			control, err := given("control_variance", d.Control)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			share := 0.5
			if d.Share != nil {
				share = *d.Share
			}
			answer[key] = sensitive.ListUnitVariance(pi, control, share)
			continue
		}
		t, err := d.technique(d.Kind)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		answer[key] = t.UnitVariance(pi)
	}
	return answer, nil
}
