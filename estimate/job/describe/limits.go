package describe

import (
	"math"

	"adili/estimate"
	"adili/estimate/interval"
	"adili/estimate/job/frame"
)

// Share is the share of ones among zeros and ones in a domain, and its
// intervals by the names of their methods.
func Share(domain estimate.Domain, y []float64, by frame.Inference, methods []interval.Method) (interval.Share, map[string]any, error) {
	r, err := domain.Design().Proportion(y, domain)
	if err != nil {
		return interval.Share{}, nil, err
	}
	share, all := r.Share(0), map[string]any{}
	if share.DF, err = frame.Degrees(by.DF, r); err != nil {
		return share, nil, err
	}
	for _, method := range methods {
		in, err := Limits(y, share, domain, method, frame.Level(by.Level))
		if err != nil {
			return share, nil, err
		}
		all[string(method)] = []float64{in.Lower, in.Upper}
	}
	return share, all, nil
}

// Limits is the interval of a share by a method of the job grammar. y has the
// zeros and ones of the share by row, and domain the people it is among.
//
// Two methods follow R digit by digit, so that results can be held against it:
// "logit" and "likelihood" rest on a regression that R stops short of its end,
// and the latter is interpolated (see profile). "xlogit" and "likelihood_exact"
// are the same intervals without these roundings. Where the sample shows no
// spread all of them are those of package estimate.
func Limits(y []float64, share interval.Share, domain estimate.Domain, method interval.Method, level float64) (interval.Interval, error) {
	switch method {
	case "likelihood_exact":
		return interval.Likelihood(share, level).Interval, nil
	case interval.MethodLogit, interval.MethodLikelihood:
		exact := interval.Logit(share, level)
		if exact.Assumed || share.Complete || !(share.Value > 0 && share.Value < 1) || !(share.DF > 0) {
			break
		}
		f := regression(y, share.Value, domain)
		if method == interval.MethodLikelihood {
			return profile(share, f, level), nil
		}
		se, err := f.se(y, domain)
		in := interval.Student(f.logit, se, share.DF, level)
		return interval.Interval{Lower: expit(in.Lower), Upper: expit(in.Upper)}, err
	}
	in, err := share.By(method, level)
	return in.Interval, err
}

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fit is a logistic regression without explanatory variables as R leaves it.
type fit struct {
	logit  float64
	before float64 // the share before the last step
}

// regression takes R's steps: weighted least squares on the working response,
// from a mean of each answer with one half, until the deviance moves by less
// than 1e-8 of itself. Weights are scaled to a mean of 1 over the domain.
func regression(y []float64, share float64, domain estimate.Domain) fit {
	d := domain.Design()
	people, total := 0.0, 0.0
	for _, row := range domain.Rows() {
		people++
		total += d.Weight(int(row))
	}
	sum, size, answered := 0.0, 0.0, 0.0
	for _, row := range domain.Rows() {
		w := d.Weight(int(row)) * people / total
		if math.IsNaN(y[row]) || !(w > 0) {
			continue
		}
		mu := (w*y[row] + 0.5) / (w + 1)
		spread := mu * (1 - mu)
		sum += w * spread * (math.Log(mu/(1-mu)) + (y[row]-mu)/spread)
		size += w * spread
		answered += w
	}
	f := fit{logit: sum / size}
	for range 25 {
		f.before = expit(f.logit)
		old := deviance(share, f.logit, answered)
		f.logit += (share - f.before) / (f.before * (1 - f.before))
		if now := deviance(share, f.logit, answered); math.Abs(now-old) < 1e-8*(math.Abs(now)+0.1) {
			break
		}
	}
	return f
}

// se is the standard error of the logit, from influence values that do not quite
// add to 0.
func (f fit) se(y []float64, domain estimate.Domain) (float64, error) {
	d, p := domain.Design(), expit(f.logit)
	z := make([]float64, len(y))
	for row := range z {
		z[row] = math.NaN()
	}
	answered := 0.0
	for _, row := range domain.Rows() {
		if w := d.Weight(int(row)); w > 0 && !math.IsNaN(y[row]) {
			answered += w
			z[row] = (y[row] - p) / (p * (1 - p))
		}
	}
	r, err := d.Linear([]float64{f.logit}, [][]float64{z})
	if err != nil {
		return math.NaN(), err
	}
	return r.SE(0) / answered, nil
}

// deviance is that of a share at a logit.
func deviance(share, logit, size float64) float64 {
	return -2 * size * (share*math.Log(expit(logit)) + (1-share)*math.Log(expit(-logit)))
}
