package indirect

import (
	"errors"
	"fmt"

	"adili/estimate"
	"adili/estimate/job/frame"
	"adili/estimate/sensitive"
)

// logisticArgs are those of a logistic model of a sensitive trait.
type logisticArgs struct {
	Filter  frame.Domain  `json:"filter"`
	Y       string        `json:"y"`
	X       []frame.Term  `json:"x"`
	Yes     *float64      `json:"p_forced_yes"`
	Truth   *float64      `json:"p_truth"`
	P       *float64      `json:"p"`
	Same    *float64      `json:"same"`
	Weights frame.Weights `json:"weights"`
	IDs     []frame.Names `json:"ids"`
	Strata  []frame.Names `json:"strata"`
}

// logistic is a logistic model of a forced answer or a crosswise question. With
// weights the standard errors are also those of the design, which is declared on
// the rows that the filter leaves.
func logistic(c *frame.Case, args logisticArgs) (map[string]any, error) {
	if c.View.Rows() == 0 {
		return nil, errors.New("the design has no rows")
	}
	in, err := c.View.Match(args.Filter)
	if err != nil {
		return nil, fmt.Errorf("filter: %w", err)
	}
	v := c.View.Keep(in)
	t, y, err := args.question(v)
	if err != nil {
		return nil, err
	}
	names, columns, err := v.Matrix(args.X)
	if err != nil {
		return nil, err
	}
	var weight []float64
	if args.Weights.Given() {
		if weight, err = c.Weights(v, args.Weights); err != nil {
			return nil, err
		}
	} else if c.Estimator == "rr_logistic_design" {
		return nil, errors.New("args: weights are needed")
	}
	names = append([]string{"(Intercept)"}, names...)
	fit, err := t.Logistic(y, columns, weight)
	if model := (*sensitive.ModelError)(nil); errors.As(err, &model) {
		return nil, fmt.Errorf("%s: %w", names[model.Coef], err)
	}
	if err != nil {
		return nil, err
	}
	hessian := make([]float64, len(names))
	for j := range hessian {
		hessian[j] = fit.SE(j)
	}
	answer := map[string]any{
		"n": fit.N, "coef": frame.Keyed(names, fit.Coef), "se_hessian": frame.Keyed(names, hessian), "loglik": fit.LogLik,
	}
	if weight == nil {
		return answer, nil
	}
	d, err := args.design(v, weight)
	if err != nil {
		return nil, fmt.Errorf("design: %w", err)
	}
	r, err := fit.Survey(d)
	if err != nil {
		return nil, err
	}
	_, se := frame.Values(r)
	answer["se"], answer["vcov"] = frame.Keyed(names, se), frame.NewMatrix(names, r.Matrix())
	return answer, nil
}

// question is the technique with its recorded answers.
func (a logisticArgs) question(v *frame.View) (sensitive.Technique, []float64, error) {
	if a.Yes != nil || a.Truth != nil {
		t, err := parameters{Yes: a.Yes, Truth: a.Truth}.technique("rr_forced")
		if err != nil {
			return t, nil, err
		}
		y, err := v.Number(a.Y)
		return t, y, err
	}
	t, err := parameters{P: a.P}.technique("crosswise")
	if err != nil {
		return t, nil, err
	}
	code, err := given("same", a.Same)
	if err != nil {
		return t, nil, err
	}
	y, err := v.Number(a.Y)
	return t, is(y, code), err
}

// design is the design that the arguments declare.
func (a logisticArgs) design(v *frame.View, weight []float64) (*estimate.Design, error) {
	sample := estimate.Sample{Weight: weight}
	for i := range max(1, len(a.IDs), len(a.Strata)) {
		var st estimate.Stage
		var err error
		if i < len(a.IDs) && len(a.IDs[i]) > 0 {
			if st.Unit, err = v.Keys(a.IDs[i]); err != nil {
				return nil, fmt.Errorf("ids: %w", err)
			}
		}
		if i < len(a.Strata) && len(a.Strata[i]) > 0 {
			if st.Stratum, err = v.Keys(a.Strata[i]); err != nil {
				return nil, fmt.Errorf("strata: %w", err)
			}
		}
		sample.Stages = append(sample.Stages, st)
	}
	return estimate.Compile(sample)
}
