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
		"factor_score":              factorScore,
		"factor_score_by":           factorScoreBy,
		"gap":                       gap,
		"gap_family":                contrasts,
		"change_family":             contrasts,
		"difference_in_differences": contrasts,
		"item_agree":                itemAgree,
		"item_distribution":         itemDistribution,
		"factor_agree_ratio":        factorAgreeRatio,
	}
}

// ground is what every kind needs: the design and the case's domain.
func ground(c *frame.Case, in frame.Domain) (*estimate.Design, estimate.Domain, error) {
	d, err := c.Design()
	if err != nil {
		return nil, estimate.Domain{}, err
	}
	domain, err := c.Domain(d, in)
	return d, domain, err
}

// factorScore is the mean score of a factor in a domain.
func factorScore(c *frame.Case) (map[string]any, error) {
	var args struct {
		Factor     string       `json:"factor"`
		Domain     frame.Domain `json:"domain"`
		DF         string       `json:"df"`
		Level      float64      `json:"level"`
		Calibrated bool         `json:"calibrated"`
		Rescale    []float64    `json:"rescale"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domain, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	score, err := c.View.Score(args.Factor)
	if err != nil {
		return nil, err
	}
	r, err := d.Mean(score, domain)
	if err != nil {
		return nil, err
	}
	df, err := c.DF(args.DF, r)
	if err != nil {
		return nil, err
	}
	effect, err := d.Effect(score, domain)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"n": r.At(0).N, "est": r.At(0).Value, "se": r.SE(0), "df": df, "deff": effect.Deff}
	answer["lo"], answer["hi"] = frame.Interval(r.At(0).Value, r.SE(0), df, args.Level)
	if args.Calibrated {
		if answer["se_calibrated"], err = calibrated(c, score, args.Domain); err != nil {
			return nil, err
		}
	}
	if args.Rescale != nil {
		answer["est_0_100"], answer["se_0_100"], err = percent(score, args.Rescale, domain)
	}
	return answer, err
}

// calibrated is the standard error from the residuals of the calibration that made the weights.
func calibrated(c *frame.Case, score []float64, in frame.Domain) (float64, error) {
	d, err := c.Calibrated()
	if err != nil {
		return math.NaN(), err
	}
	domain, err := c.Domain(d, in)
	if err != nil {
		return math.NaN(), err
	}
	r, err := d.Mean(score, domain)
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
func factorScoreBy(c *frame.Case) (map[string]any, error) {
	var args struct {
		Factor string       `json:"factor"`
		Domain frame.Domain `json:"domain"`
		By     []string     `json:"by"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domain, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	score, err := c.View.Score(args.Factor)
	if err != nil {
		return nil, err
	}
	code, labels, err := c.View.Labels(args.By...)
	if err != nil {
		return nil, err
	}
	inside := domain.Has()
	groups := make([]int, len(code))
	for row, g := range code {
		groups[row] = -1
		if inside[row] {
			groups[row] = g
		}
	}
	parts, err := d.Groups(groups, len(labels))
	if err != nil {
		return nil, err
	}
	r, err := d.Mean(score, parts...)
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

// comparison puts a contrast of domains inside a domain.
func comparison(c *frame.Case, domain estimate.Domain, in frame.Contrast) (perception.Comparison, error) {
	var x perception.Comparison
	d, inside := domain.Design(), domain.Has()
	for _, term := range in.Terms {
		part, err := c.View.Match(term.Domain)
		if err != nil {
			return x, fmt.Errorf("contrast: %w", err)
		}
		x.Coef = append(x.Coef, term.Coef)
		x.Domains = append(x.Domains, d.Domain(func(row int) bool { return inside[row] && part[row] }))
	}
	return x, nil
}

// compare makes a family of factors, its degrees of freedom counted by a rule.
func compare(c *frame.Case, factors []string, in frame.Domain, contrast frame.Contrast, rule string) (*perception.Family, error) {
	d, domain, err := ground(c, in)
	if err != nil {
		return nil, err
	}
	x, err := comparison(c, domain, contrast)
	if err != nil {
		return nil, err
	}
	var scores [][]float64
	for _, name := range factors {
		score, err := c.View.Score(name)
		if err != nil {
			return nil, err
		}
		scores = append(scores, score)
	}
	f, err := perception.Compare(d, factors, scores, x)
	if err != nil {
		return nil, err
	}
	for i, parts := range f.Parts {
		if f.Contrasts[i].DF, err = c.DF(rule, parts); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// gap is the contrast of one factor.
func gap(c *frame.Case) (map[string]any, error) {
	var args struct {
		Factor   string         `json:"factor"`
		Domain   frame.Domain   `json:"domain"`
		Contrast frame.Contrast `json:"contrast"`
		DF       string         `json:"df"`
		Level    float64        `json:"level"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	f, err := compare(c, []string{args.Factor}, args.Domain, args.Contrast, args.DF)
	if err != nil {
		return nil, err
	}
	x := f.Contrasts[0]
	answer := map[string]any{"est": x.Value, "se": x.SE, "df": x.DF, "t": x.Value / x.SE, "p": x.P()}
	answer["lo"], answer["hi"] = frame.Interval(x.Value, x.SE, x.DF, args.Level)
	if f.Parts[0].Len() == 2 {
		answer["cov"] = f.Parts[0].Covariance(0, 1)
	}
	return answer, nil
}

// contrasts is the same contrast of several factors: gaps, changes, differences in differences.
func contrasts(c *frame.Case) (map[string]any, error) {
	var args struct {
		Factors  []string       `json:"factors"`
		Domain   frame.Domain   `json:"domain"`
		Contrast frame.Contrast `json:"contrast"`
		DF       string         `json:"df"`
		Level    float64        `json:"level"`
		Adjust   []string       `json:"adjust"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	f, err := compare(c, args.Factors, args.Domain, args.Contrast, args.DF)
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
