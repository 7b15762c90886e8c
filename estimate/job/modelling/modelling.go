// Package modelling answers the cases of a job file that fit models and test
// hypotheses: regressions and their terms, the ordinal logit, t tests, rank
// tests, Rao-Scott tests of tables and tests of given shares. It reads
// arguments and calls packages regression and crosstab; the methods are documented
// there.
package modelling

import (
	"fmt"
	"slices"
	"strings"

	"adili/estimate/distribution"
	"adili/estimate/job/frame"
	"adili/estimate/regression"
)

// Estimators are the kinds of case this package answers.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"glm":                  frame.Decoded(generalised),
		"regression_term_test": frame.Decoded(termTest),
		"ordinal_logit":        frame.Decoded(ordinal),
		"ttest2":               frame.Decoded(twoSample),
		"ttest_paired":         frame.Decoded(oneSample),
		"rank_test":            frame.Decoded(rankTest),
		"rao_scott_chisq":      frame.Decoded(raoScott),
		"goodness_of_fit":      frame.Decoded(goodness),
	}
}

var families = map[string]regression.Family{
	"": regression.Gaussian, "gaussian": regression.Gaussian, "quasibinomial": regression.Binomial, "binomial": regression.Binomial,
	"quasipoisson": regression.Poisson, "poisson": regression.Poisson,
}

var links = map[string]regression.Link{
	"": regression.Canonical, "identity": regression.Identity, "logit": regression.Logit, "log": regression.LogLink, "probit": regression.Probit,
	"cloglog": regression.Cloglog, "cauchit": regression.Cauchit, "inverse": regression.Inverse, "sqrt": regression.Root,
}

// named finds an entry of a table of names; an unknown name is an error that lists those there are.
func named[T any](what, name string, all map[string]T) (T, error) {
	v, ok := all[name]
	if ok {
		return v, nil
	}
	var names []string
	for n := range all {
		if n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return v, fmt.Errorf("%s %q is not known; there are: %s", what, name, strings.Join(names, ", "))
}

// fitted is a regression with the names of the coefficients of each term.
type fitted struct {
	*regression.Fit
	terms map[string][]string
	den   float64 // residual degrees of freedom
}

// terms gives the variables of a model and which belong to each term.
func terms(c *frame.Case, of []frame.Term) (names []string, columns [][]float64, byTerm map[string][]string, err error) {
	byTerm = map[string][]string{}
	for _, t := range of {
		n, x, err := c.View.Matrix([]frame.Term{t})
		if err != nil {
			return nil, nil, nil, err
		}
		names, columns = append(names, n...), append(columns, x...)
		for _, key := range []string{t.Term, t.Factor, t.Label} {
			if key != "" {
				byTerm[key] = n
			}
		}
	}
	return names, columns, byTerm, nil
}

func fit(c *frame.Case, m frame.Model, rule string) (*fitted, error) {
	r := regression.Regression{Stop: 1e-8} // R's: a job is there to be held against R
	var err error
	if r.Family, err = named("family", m.Family, families); err != nil {
		return nil, err
	}
	if r.Link, err = named("link", m.Link, links); err != nil {
		return nil, err
	}
	g := c.Ground(m.Domain)
	if r.Y = g.Number(m.Y, "y"); g.Err != nil {
		return nil, g.Err
	}
	f := &fitted{}
	if r.Names, r.X, f.terms, err = terms(c, m.X); err != nil {
		return nil, err
	}
	if f.Fit, err = regression.Regress(g.Design, r, g.Domain); err != nil {
		return nil, err
	}
	df, err := frame.Degrees(rule, f.Coef)
	f.den = f.Residual(df)
	return f, err
}

// test is Wald's test of some terms.
func (f *fitted) test(names []string) (map[string]any, error) {
	var index []int
	for _, name := range names {
		coefficients, ok := f.terms[name]
		if !ok {
			return nil, fmt.Errorf("the model has no term %q", name)
		}
		for _, n := range coefficients {
			if at := slices.Index(f.Names, n); at >= 0 {
				index = append(index, at)
			}
		}
	}
	w, err := regression.Wald(f.Coef, f.den, index...)
	if err != nil {
		return nil, fmt.Errorf("test of %s: %w", strings.Join(names, ", "), err)
	}
	return map[string]any{"F": w.F, "df": w.Num, "ddf": w.Den, "p": w.P, "chisq": w.ChiSquare}, nil
}

// generalised is a generalised linear model.
func generalised(c *frame.Case, args struct {
	Model     frame.Model         `json:"model"`
	DF        string              `json:"df"`
	TermTests map[string][]string `json:"term_tests"`
}) (map[string]any, error) {
	f, err := fit(c, args.Model, args.DF)
	if err != nil {
		return nil, err
	}
	coef, se, t, p := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]float64{}
	for i, name := range f.Names {
		coef[name], se[name] = f.Coef.At(i).Value, f.Coef.SE(i)
		t[name] = coef[name] / se[name]
		p[name] = distribution.Student{DF: f.den}.TwoSided(t[name])
	}
	result := map[string]any{
		"coef": coef, "se": se, "t": t, "p": p, "df_resid": f.den, "dispersion": f.Dispersion,
		"vcov": frame.NewMatrix(f.Names, f.Coef.Matrix()),
	}
	for key, names := range args.TermTests {
		if result[key], err = f.test(names); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// termTest is Wald's test of terms of a model.
func termTest(c *frame.Case, args struct {
	Model frame.Model `json:"model"`
	Test  []string    `json:"test"`
	DF    string      `json:"df"`
}) (map[string]any, error) {
	f, err := fit(c, args.Model, args.DF)
	if err != nil {
		return nil, err
	}
	return f.test(args.Test)
}

// ordinal is a cumulative model.
func ordinal(c *frame.Case, args struct {
	Model frame.Model `json:"model"`
}) (map[string]any, error) {
	if f := args.Model.Family; f != "cumulative" && f != "" {
		return nil, fmt.Errorf("family %q: an ordinal model is cumulative", f)
	}
	m := regression.Ordinal{Step: 1e-3} // R's
	var err error
	if m.Link, err = named("link", args.Model.Link, links); err != nil {
		return nil, err
	}
	g := c.Ground(args.Model.Domain)
	y, labels := g.Labels(args.Model.Y, "y")
	if g.Err != nil {
		return nil, g.Err
	}
	m.Y = y
	if m.Names, m.X, _, err = terms(c, args.Model.X); err != nil {
		return nil, err
	}
	f, err := regression.FitOrdinal(g.Design, m, g.Domain)
	if err != nil {
		return nil, err
	}
	coef, zeta, se := map[string]float64{}, map[string]float64{}, map[string]float64{}
	names := slices.Clone(f.Names)
	for i, name := range f.Names {
		coef[name], se[name] = f.Coef.At(i).Value, f.Coef.SE(i)
	}
	for j := range len(f.Levels) - 1 {
		name := labels[f.Levels[j]] + "|" + labels[f.Levels[j+1]]
		at := len(f.Names) + j
		zeta[name], se[name] = f.Coef.At(at).Value, f.Coef.SE(at)
		names = append(names, name)
	}
	df := f.Coef.DF(0) - float64(len(f.Names))
	return map[string]any{"coef": coef, "zeta": zeta, "se": se, "df_resid": df, "vcov": frame.NewMatrix(names, f.Coef.Matrix())}, nil
}
