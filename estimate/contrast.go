package estimate

import (
	"fmt"
	"math"

	"adili/estimate/family"
)

// Contrast is a difference or another linear combination, ready to be judged.
type Contrast struct {
	Value float64
	SE    float64
	DF    float64
}

// Contrast is Σ coef_i estimate_i with its standard error, covariances included: V = c'Σc. Its degrees of freedom count
// the PSUs and strata that any of the estimates rests on. A domain less itself is 0 with standard error 0. ErrContrast
// if the number of coefficients is wrong.
func (r *Result) Contrast(coef ...float64) (Contrast, error) {
	c, err := r.Combine(coef...)
	if err != nil {
		return Contrast{}, err
	}
	return Contrast{Value: c.est[0].Value, SE: c.SE(0), DF: c.DF(0)}, nil
}

// Difference is estimate i less estimate j.
func (r *Result) Difference(i, j int) (Contrast, error) {
	coef := make([]float64, r.Len())
	if i < 0 || j < 0 || i >= len(coef) || j >= len(coef) {
		return Contrast{}, fmt.Errorf("estimate: difference of %d and %d among %d: %w", i, j, len(coef), ErrContrast)
	}
	coef[i]++
	coef[j]--
	return r.Contrast(coef...)
}

// Interval is the t interval of the contrast at a two-sided level.
func (c Contrast) Interval(level float64) Interval {
	return StudentInterval(c.Value, c.SE, c.DF, level)
}

// P is the two-sided p-value of "there is no difference": the chance that Student's t with df degrees of freedom is at
// least as far from 0 as
//
//	t = d / √V
//
// for the difference d with variance V. A difference without any spread has p = 1 if it is 0, and 0 otherwise.
func (c Contrast) P() float64 {
	if c.SE == 0 && c.Value == 0 {
		return 1
	}
	return PValue(c.Value/c.SE, c.DF)
}

// Distinguishable reports whether the interval at the level leaves out zero. A report says "not distinguishable"
// otherwise, also when nothing is known.
func (c Contrast) Distinguishable(level float64) bool {
	i := c.Interval(level)
	return i.Lower > 0 || i.Upper < 0
}

// Term is one estimate of a sum over independent designs.
type Term struct {
	Coef     float64
	Value    float64
	Variance float64
	DF       float64
}

// Term is estimate i times coef, for Independent.
func (r *Result) Term(coef float64, i int) Term {
	return Term{Coef: coef, Value: r.est[i].Value, Variance: r.Variance(i), DF: r.DF(i)}
}

// Independent is a sum of estimates t_i, with coefficients c_i, over samples drawn independently of each other, such as
// officials and private sector, or two rounds that share no office. A difference has the coefficients 1 and -1. The
// variances add, and the degrees of freedom are Satterthwaite's:
//
//	d = Σ c_i t_i      V = Σ c_i² V_i      df = V² / Σ (c_i² V_i)²/df_i
//
// They lie between the smallest and the sum of the df of the terms. A term without variance takes no part in df; if
// none has variance, df is the sum. A term with variance and no degree of freedom leaves df 0, and no interval.
//
// Sources: F. E. Satterthwaite, An Approximate Distribution of Estimates of Variance Components, Biometrics Bulletin 2,
// 1946.
//
// In Go, rounds that share offices are one stacked design: use Result.Contrast there.
func Independent(terms ...Term) Contrast {
	var value, v, weight, df exact
	blind := false
	for _, t := range terms {
		cv := float64(t.Coef * t.Coef * t.Variance)
		if math.IsNaN(t.Value) || math.IsNaN(cv) || !usable(t.Value) || !usable(cv) {
			return Contrast{Value: math.NaN(), SE: math.NaN()}
		}
		value.add(float64(t.Coef * t.Value))
		v.add(cv)
		df.add(math.Max(t.DF, 0))
		if cv > 0 && !(t.DF > 0) {
			blind = true
		} else if cv > 0 {
			weight.add(cv / t.DF * cv)
		}
	}
	c := Contrast{Value: value.value(), SE: math.Sqrt(v.value())}
	switch w := weight.value(); {
	case blind:
	case w > 0:
		c.DF = v.value() / w * v.value()
	default:
		c.DF = df.value()
	}
	return c
}

// Holm adjusts the p-values of a family of tests; see family.Holm.
func Holm(p []float64) []float64 { return family.Holm(p) }

// BenjaminiHochberg adjusts for the false discovery rate; see family.BenjaminiHochberg.
func BenjaminiHochberg(p []float64) []float64 { return family.BenjaminiHochberg(p) }
