// Package cips answers the cases of a job file about perception surveys: scores
// of factors, gaps and changes in families, shares that agree and how answers
// divide up. It reads arguments and calls package perception; the method is
// documented there.
package cips

import (
	"fmt"
	"math"
	"strings"

	"adili/estimate"
	"adili/estimate/family"
	"adili/estimate/job/frame"
	"adili/estimate/perception"
)

// Estimators are the kinds of case this package answers.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"factor_score":              frame.Decoded(factorScore),
		"factor_score_by":           frame.Decoded(factorScoreBy),
		"gap":                       frame.Decoded(gap),
		"gap_family":                frame.Decoded(contrasts),
		"change_family":             frame.Decoded(contrasts),
		"difference_in_differences": frame.Decoded(contrasts),
		"item_agree":                frame.Decoded(itemAgree),
		"item_distribution":         frame.Decoded(itemDistribution),
		"factor_agree_ratio":        frame.Decoded(factorAgreeRatio),
	}
}

// factorScore is the mean score of a factor in a domain.
func factorScore(c *frame.Case, args struct {
	Factor string `json:"factor"`
	frame.Scope
	Calibrated bool      `json:"calibrated"`
	Rescale    []float64 `json:"rescale"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	score := g.Score(args.Factor)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Mean(score, g.Domain)
	if err != nil {
		return nil, err
	}
	answer, err := args.Judge(r)
	if err != nil {
		return nil, err
	}
	effect, err := g.Design.Effect(score, g.Domain)
	if err != nil {
		return nil, err
	}
	answer["n"], answer["deff"] = r.At(0).N, effect.Deff
	if args.Calibrated {
		if answer["se_calibrated"], err = calibrated(c, score, args.Domain); err != nil {
			return nil, err
		}
	}
	if args.Rescale != nil {
		answer["est_0_100"], answer["se_0_100"], err = percent(score, args.Rescale, g.Domain)
	}
	return answer, err
}

// calibrated is the standard error from the residuals of the calibration that made the weights.
func calibrated(c *frame.Case, score []float64, in frame.Domain) (float64, error) {
	g := c.On(c.Calibrated()).Within(in)
	if g.Err != nil {
		return math.NaN(), g.Err
	}
	r, err := g.Design.Mean(score, g.Domain)
	if err != nil {
		return math.NaN(), err
	}
	return r.SE(0), nil
}

// percent is the mean score on the range from 0 to 100.
func percent(score, from []float64, domain estimate.Domain) (est, se float64, err error) {
	if len(from) != 2 {
		return 0, 0, fmt.Errorf("rescale has %d numbers; the lowest and the highest score are expected", len(from))
	}
	y, err := perception.Rescale(score, perception.Range{Low: from[0], High: from[1]}, perception.Percent())
	if err != nil {
		return 0, 0, err
	}
	r, err := domain.Design().Mean(y, domain)
	if err != nil {
		return 0, 0, err
	}
	return r.At(0).Value, r.SE(0), nil
}

// factorScoreBy is the mean score of a factor in each group that has one.
func factorScoreBy(c *frame.Case, args struct {
	Factor string       `json:"factor"`
	Domain frame.Domain `json:"domain"`
	By     []string     `json:"by"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	score := g.Score(args.Factor)
	groups, labels := g.Groups(args.By)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := g.Design.Mean(score, groups...)
	if err != nil {
		return nil, err
	}
	est, se := map[string]float64{}, map[string]float64{}
	for i, label := range labels {
		if r.At(i).N > 0 {
			est[label], se[label] = r.At(i).Value, r.SE(i)
		}
	}
	return map[string]any{"est": est, "se": se}, nil
}

// comparison is a contrast within a domain, and how it is judged.
type comparison struct {
	frame.Scope
	Contrast frame.Contrast `json:"contrast"`
}

// of makes a family of factors.
func (x comparison) of(c *frame.Case, factors ...string) (*perception.Family, error) {
	g := c.Ground(x.Domain)
	parts, coef := g.Parts(x.Contrast)
	var scores [][]float64
	for _, name := range factors {
		scores = append(scores, g.Score(name))
	}
	if g.Err != nil {
		return nil, g.Err
	}
	f, err := perception.Compare(g.Design, factors, scores, perception.Comparison{Domains: parts, Coef: coef})
	if err != nil {
		return nil, err
	}
	for i, parts := range f.Parts {
		if f.Contrasts[i].DF, err = frame.Degrees(x.DF, parts); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// gap is the contrast of one factor.
func gap(c *frame.Case, args struct {
	Factor string `json:"factor"`
	comparison
}) (map[string]any, error) {
	f, err := args.of(c, args.Factor)
	if err != nil {
		return nil, err
	}
	answer := frame.Tested(f.Contrasts[0], args.Level)
	if f.Parts[0].Len() == 2 {
		answer["cov"] = f.Parts[0].Covariance(0, 1)
	}
	return answer, nil
}

// contrasts is the same contrast of several factors: gaps, changes, differences in differences.
func contrasts(c *frame.Case, args struct {
	Factors []string `json:"factors"`
	comparison
	Adjust []string `json:"adjust"`
}) (map[string]any, error) {
	f, err := args.of(c, args.Factors...)
	if err != nil {
		return nil, err
	}
	n := len(f.Contrasts)
	est, se, df := make([]float64, n), make([]float64, n), make([]float64, n)
	lo, hi, cov := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, x := range f.Contrasts {
		est[i], se[i], df[i] = x.Value, x.SE, x.DF
		lo[i], hi[i] = frame.Interval(x.Value, x.SE, x.DF, args.Level)
		if f.Parts[i].Len() == 2 {
			cov[i] = f.Parts[i].Covariance(0, 1)
		}
	}
	answer := map[string]any{"est": est, "se": se, "df": df, "p": f.P(), "lo": lo, "hi": hi}
	if f.Parts[0].Len() == 2 {
		answer["cov"] = cov
	}
	for _, method := range args.Adjust {
		p, err := adjusted(f, method)
		if err != nil {
			return nil, err
		}
		answer["p_"+strings.ToLower(method)] = p
	}
	return answer, nil
}

// adjusted are the p-values of a family by a method with the name it has in R.
func adjusted(f *perception.Family, method string) ([]float64, error) {
	switch method {
	case "holm":
		return f.Holm(), nil
	case "hochberg":
		return family.Hochberg(f.P()), nil
	case "bonferroni":
		return family.Bonferroni(f.P()), nil
	case "BH":
		return f.BenjaminiHochberg(), nil
	case "BY":
		return family.BenjaminiYekutieli(f.P()), nil
	}
	return nil, fmt.Errorf("adjust %q is not known; there are: holm, hochberg, bonferroni, BH, BY", method)
}
