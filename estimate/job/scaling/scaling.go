// Package scaling answers the cases of a job that judge scales: their
// reliability, factors, invariance and item response models.
package scaling

import (
	"errors"
	"fmt"

	"adili/estimate/job/frame"
	"adili/estimate/scale"
	"adili/estimate/scale/graded"

	"gonum.org/v1/gonum/mat"
)

// Estimators are the kinds of case answered here.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"alpha":              frame.Decoded(alpha),
		"alpha_listwise":     frame.Decoded(alphaListwise),
		"weighted_alpha":     frame.Decoded(weightedAlpha),
		"omega_one_factor":   frame.Decoded(omegaOneFactor),
		"ordinal_one_factor": frame.Decoded(ordinalOneFactor),
		"cfa":                frame.Decoded(cfa),
		"invariance":         frame.Decoded(invariance),
		"polychoric":         frame.Decoded(polychoric),
		"eigenvalues":        frame.Decoded(eigenvalues),
		"kmo_bartlett":       frame.Decoded(kmoBartlett),
		"graded_response":    frame.Decoded(gradedResponse),
	}
}

func polychoric(c *frame.Case, args struct {
	Vars       []string `json:"vars"`
	CompleteOn []string `json:"complete_on"`
	Missing    string   `json:"missing"`
	Method     string   `json:"method"`
}) (map[string]any, error) {
	if args.Method != "" && args.Method != "two_step" {
		return nil, fmt.Errorf("method %q is not known; there is: two_step", args.Method)
	}
	if len(args.Vars) != 2 {
		return nil, fmt.Errorf("vars: two are expected, not %d", len(args.Vars))
	}
	if _, err := listwise(args.Missing, "listwise"); err != nil { // for two items both are the same
		return nil, err
	}
	in, err := complete(c, args.CompleteOn)
	if err != nil {
		return nil, err
	}
	a, err := itemArgs{Items: args.Vars}.read(c)
	if err != nil {
		return nil, err
	}
	for _, col := range a.columns {
		restrict(col, in)
	}
	p, err := scale.Polychoric(a.columns[0], a.columns[1])
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", args.Vars[0], args.Vars[1], err)
	}
	return map[string]any{
		"rho": p.Rho, "se": p.DifferencedSE(), "se_exact": p.SE, "se_robust": p.RobustSE, "n": p.N,
		"thresholds": map[string]any{args.Vars[0]: p.X.Threshold, args.Vars[1]: p.Y.Threshold},
	}, nil
}

// correlations reads items and correlates them.
func (a itemArgs) correlations(c *frame.Case) (*scale.Answers, *mat.SymDense, error) {
	_, s, err := a.answers(c, "listwise")
	if err != nil {
		return nil, nil, err
	}
	r, err := s.Correlation()
	return s, r, err
}

func eigenvalues(c *frame.Case, args itemArgs) (map[string]any, error) {
	s, r, err := args.correlations(c)
	if err != nil {
		return nil, err
	}
	values, err := scale.Eigenvalues(r)
	return map[string]any{"values": values, "n": s.Rows()}, err
}

func kmoBartlett(c *frame.Case, args itemArgs) (map[string]any, error) {
	s, r, err := args.correlations(c)
	if err != nil {
		return nil, err
	}
	a, err := scale.Suitable(r, s.Rows())
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"kmo": a.KMO, "msa": byName(s.Names(), func(i int) float64 { return a.Items[i] }), "n": s.Rows(),
		"bartlett_chisq": a.ChiSquare, "bartlett_df": a.DF, "bartlett_p": a.P,
	}, nil
}

// earlyStop is where the reference values of graded response models stop: the posterior mean of a person near 0 is then some
// 1e-3 of its size away from that at the maximum. graded.Fit goes on to the maximum by itself.
const earlyStop = 1e-9

func gradedResponse(c *frame.Case, args struct {
	itemArgs
	Rows struct {
		CompleteOn []string `json:"complete_on"`
		First      int      `json:"first"`
	} `json:"rows"`
	Link       string   `json:"link"`
	Scale      *float64 `json:"scale"`
	Quadrature *struct {
		Points  int     `json:"points"`
		Lo      float64 `json:"lo"`
		Hi      float64 `json:"hi"`
		Density string  `json:"density"`
	} `json:"quadrature"`
}) (map[string]any, error) {
	if args.Link != "" && args.Link != "logistic" {
		return nil, fmt.Errorf("link %q is not known; there is: logistic", args.Link)
	}
	o := graded.Options{Stop: earlyStop}
	if args.Quadrature != nil {
		if d := args.Quadrature.Density; d != "" && d != "normal" {
			return nil, fmt.Errorf("density %q is not known; there is: normal", d)
		}
		o.Quadrature = graded.Quadrature{Points: args.Quadrature.Points, Lo: args.Quadrature.Lo, Hi: args.Quadrature.Hi}
	}
	if args.Scale != nil {
		if o.Scale = *args.Scale; o.Scale == 0 {
			return nil, fmt.Errorf("scale 0: %w", graded.ErrScale)
		}
	}
	a, err := args.read(c)
	if err != nil {
		return nil, err
	}
	columns, err := a.first(c, args.Rows.CompleteOn, args.Rows.First)
	if err != nil {
		return nil, err
	}
	r, err := graded.Fit(a.names, columns, o)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"a":      byName(a.names, func(i int) float64 { return r.Items[i].Discrimination }),
		"b":      byName(a.names, func(i int) []float64 { return r.Items[i].Difficulty }),
		"d":      byName(a.names, func(i int) []float64 { return r.Items[i].Intercept }),
		"loglik": r.LogLikelihood, "iterations": r.Iterations, "n": r.N, "eap_first10": r.Trait[:min(10, len(r.Trait))],
	}, nil
}

// first keeps the first rows that answer all of some columns; 0 keeps all.
func (a answers) first(c *frame.Case, completeOn []string, n int) ([][]float64, error) {
	if n < 0 {
		return nil, errors.New("rows: first is a number of rows")
	}
	in, err := complete(c, completeOn)
	if err != nil {
		return nil, err
	}
	columns := make([][]float64, len(a.columns))
	kept := 0
	for i := range in {
		if !in[i] || !a.in[i] || n > 0 && kept == n {
			continue
		}
		kept++
		for j, col := range a.columns {
			columns[j] = append(columns[j], col[i])
		}
	}
	return columns, nil
}
