package scaling

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"adili/estimate/job/frame"
	"adili/estimate/scale"
	"adili/estimate/scale/factormodel"
)

type modelArgs struct {
	itemArgs
	Model structure `json:"model"`
}

// single reads the answers of a one-factor model.
func (a modelArgs) single(c *frame.Case, estimator string) (*scale.Answers, error) {
	if err := only(a.Missing); err != nil {
		return nil, err
	}
	if _, err := a.Model.read(estimator); err != nil {
		return nil, err
	}
	if a.Factor == "" {
		var err error
		if a.Items, err = a.Model.one(a.Items); err != nil {
			return nil, err
		}
	}
	_, s, err := a.answers(c, "listwise")
	return s, err
}

func omegaOneFactor(c *frame.Case, args modelArgs) (map[string]any, error) {
	s, err := args.single(c, "ML")
	if err != nil {
		return nil, err
	}
	o, err := factormodel.OneFactor(s)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"n": o.N[0], "loadings": byName(o.Items, func(i int) float64 { return o.Loadings[i] }),
		"residual_variances": byName(o.Items, func(i int) float64 { return o.Residuals[i] }),
		"omega":              o.Omega, "semtools_omega": o.Omega, "semtools_alpha": o.Alpha, "ave": o.Extracted, "fit": fit(o.Fit),
	}, nil
}

func ordinalOneFactor(c *frame.Case, args modelArgs) (map[string]any, error) {
	s, err := args.single(c, "DWLS")
	if err != nil {
		return nil, err
	}
	o, err := factormodel.OrdinalOneFactor(s)
	if err != nil {
		return nil, err
	}
	p := o.Polychorics
	names := s.Names()
	r := make([][]float64, len(names))
	for i := range r {
		for j := range names {
			r[i] = append(r[i], p.R.At(i, j))
		}
	}
	return map[string]any{
		"n": p.N, "polychoric": frame.NewMatrix(names, r),
		"loadings":           byName(names, func(i int) float64 { return o.Loadings[i] }),
		"loadings_se":        byName(names, func(i int) float64 { return o.SE[i] }),
		"thresholds":         byName(names, func(i int) []float64 { return p.Items[i].Threshold }),
		"grm_a_normal_ogive": byName(names, func(i int) float64 { return o.Discrimination[i] }),
		"grm_b":              byName(names, func(i int) []float64 { return o.Difficulty[i] }),
		"ordinal_alpha":      o.Alpha, "categorical_omega": o.Omega,
	}, nil
}

// fit answers in the words of lavaan.
func fit(f factormodel.Fit) map[string]any {
	return map[string]any{
		"chisq": f.ChiSquare, "df": f.DF, "pvalue": f.P, "baseline.chisq": f.BaselineChi, "baseline.df": f.BaseDF,
		"cfi": f.CFI, "tli": f.TLI, "rmsea": f.RMSEA, "rmsea.ci.lower": f.RMSEALo, "rmsea.ci.upper": f.RMSEAHi,
		"srmr": f.SRMR, "logl": f.LogLikelihood, "npar": f.Parameters, "aic": f.AIC, "bic": f.BIC,
	}
}

// several reads the arguments of a model of several factors.
func (a modelArgs) several(c *frame.Case) (factormodel.Structure, answers, error) {
	s, err := a.Model.read("ML")
	if err != nil {
		return s, answers{}, err
	}
	if err := only(a.Missing); err != nil {
		return s, answers{}, err
	}
	if a.Factor != "" {
		return s, answers{}, errors.New("factor: the model says which items are used")
	}
	names := a.Model.items()
	for _, item := range a.Items {
		if !slices.Contains(names, item) {
			return s, answers{}, fmt.Errorf("item %s is not in the model", item)
		}
	}
	a.Items = names
	x, err := a.read(c)
	return s, x, err
}

func cfa(c *frame.Case, args modelArgs) (map[string]any, error) {
	s, a, err := args.several(c)
	if err != nil {
		return nil, err
	}
	x, err := a.scale("listwise", "")
	if err != nil {
		return nil, err
	}
	r, err := factormodel.Confirm(s, factormodel.Equal{}, factormodel.Group{Answers: x})
	if err != nil {
		return nil, err
	}
	var params []any
	for _, p := range r.Parameters {
		params = append(params, map[string]any{"lhs": p.Left, "op": p.Op, "rhs": p.Right, "est": p.Estimate, "se": p.SE})
	}
	return map[string]any{"n": r.N[0], "fit": fit(r.Fit), "params": params}, nil
}

// equalities are what groups may have in common, in the words of lavaan.
var equalities = []struct {
	name string
	set  func(*factormodel.Equal)
}{
	{"loadings", func(e *factormodel.Equal) { e.Loadings = true }},
	{"intercepts", func(e *factormodel.Equal) { e.Intercepts = true }},
	{"residuals", func(e *factormodel.Equal) { e.Residuals = true }},
	{"means", func(e *factormodel.Equal) { e.Means = true }},
	{"lv.variances", func(e *factormodel.Equal) { e.Variances = true }},
	{"lv.covariances", func(e *factormodel.Equal) { e.Covariances = true }},
}

func equal(names []string) (factormodel.Equal, error) {
	var e factormodel.Equal
	for _, name := range names {
		known := false
		var all []string
		for _, x := range equalities {
			all = append(all, x.name)
			if x.name == name {
				x.set(&e)
				known = true
			}
		}
		if !known {
			return e, fmt.Errorf("%q cannot be equal between groups; these can: %s", name, strings.Join(all, ", "))
		}
	}
	return e, nil
}

func invariance(c *frame.Case, args struct {
	modelArgs
	Group string              `json:"group"`
	Steps map[string][]string `json:"steps"`
}) (map[string]any, error) {
	s, a, err := args.several(c)
	if err != nil {
		return nil, err
	}
	groups, err := split(c, args.Group, a)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, step := range slices.Sorted(maps.Keys(args.Steps)) {
		e, err := equal(args.Steps[step])
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", step, err)
		}
		r, err := factormodel.Confirm(s, e, groups...)
		if err != nil {
			return nil, fmt.Errorf("step %s: %w", step, err)
		}
		out[step] = fit(r.Fit)
	}
	return out, nil
}

// split makes a group of each value of a column, in the order in which the data have them.
func split(c *frame.Case, column string, a answers) ([]factormodel.Group, error) {
	code, labels, err := c.View.Labels(column)
	if err != nil {
		return nil, fmt.Errorf("group: %w", err)
	}
	var order []int
	for i, g := range code {
		if g >= 0 && a.in[i] && !slices.Contains(order, g) {
			order = append(order, g)
		}
	}
	if len(order) < 2 {
		return nil, fmt.Errorf("group: %s has fewer than two groups", column)
	}
	var groups []factormodel.Group
	for _, g := range order {
		part := answers{names: a.names, columns: a.columns, in: make([]bool, len(code))}
		for i := range code {
			part.in[i] = a.in[i] && code[i] == g
		}
		x, err := part.scale("listwise", "")
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", labels[g], err)
		}
		groups = append(groups, factormodel.Group{Name: labels[g], Answers: x})
	}
	return groups, nil
}

// complete marks the rows that answer all of some columns.
func complete(c *frame.Case, columns []string) ([]bool, error) {
	in := make([]bool, c.View.Rows())
	for i := range in {
		in[i] = true
	}
	for _, name := range columns {
		x, err := c.View.Eval(name)
		if err != nil {
			return nil, fmt.Errorf("complete_on: %w", err)
		}
		for i := range in {
			if x.Text != nil {
				in[i] = in[i] && x.Text[i] != ""
			} else {
				in[i] = in[i] && !math.IsNaN(x.Number[i])
			}
		}
	}
	return in, nil
}
