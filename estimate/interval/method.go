package interval

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Method names an interval of a share.
type Method string

// The intervals of a share, by the names they have in R's survey package.
const (
	MethodLogit      Method = "logit"
	MethodXLogit     Method = "xlogit" // the same as logit
	MethodLikelihood Method = "likelihood"
	MethodArcsine    Method = "asin"
	MethodBeta       Method = "beta"        // Korn and Graubard, not capped
	MethodCapped     Method = "beta_capped" // Korn and Graubard, never more people than were asked
	MethodWilson     Method = "wilson"
	MethodWald       Method = "mean"
)

// ErrMethod means an interval or another method that does not exist.
var ErrMethod = errors.New("no such method")

// By is the interval by a method given by name; ErrMethod lists those that exist.
func (s Share) By(m Method, level float64) (ShareInterval, error) {
	switch m {
	case MethodLogit, MethodXLogit:
		return Logit(s, level), nil
	case MethodLikelihood:
		return Likelihood(s, level), nil
	case MethodArcsine:
		return Arcsine(s, level), nil
	case MethodBeta, MethodCapped:
		return KornGraubard(s, level, m == MethodCapped), nil
	case MethodWilson:
		return Wilson(s, level), nil
	case MethodWald:
		return Wald(s, level), nil
	}
	return ShareInterval{}, fmt.Errorf("interval: method %q: %w; there are: logit, xlogit, likelihood, asin, beta, beta_capped, wilson, mean", m, ErrMethod)
}

// Wald is the plain t interval p ± t √v, as for a mean. It reaches outside 0..1
// and covers too seldom near the ends (Brown, Cai & DasGupta, Statistical
// Science 16, 2001): it is here for comparison, with N/Deff people where the
// sample shows no spread. A share of 0 or 1 has Korn and Graubard's limits.
func Wald(s Share, level float64) ShareInterval {
	i, t, done := s.start(level)
	if done {
		return i
	}
	half := t * math.Sqrt(s.Value*(1-s.Value)/i.Effective)
	i.Interval = Interval{s.Value - half, s.Value + half}
	return i
}

// Logit is the t interval of log(p/(1-p)) mapped back (Lumley, Complex Surveys,
// 2010; Stata's and SUDAAN's default):
//
//	expit(logit p ± t √v / (p(1-p)))
//
// R has it twice: "xlogit" is this formula, "logit" fits a regression without
// explanatory variables and agrees to nine digits. A share of 0 or 1 has no
// logit and gets Korn and Graubard's limits.
func Logit(s Share, level float64) ShareInterval {
	i, t, done := s.start(level)
	if done {
		return i
	}
	odds := math.Log(s.Value / (1 - s.Value))
	half := t / math.Sqrt(i.Effective*s.Value*(1-s.Value))
	i.Interval = Interval{expit(odds - half), expit(odds + half)}
	return i
}

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Arcsine is the t interval of asin √p mapped back, where the variance hardly
// depends on p:
//
//	sin²(asin √p ± t √v / (2 √(p(1-p))))
//
// The angle is kept between 0 and a right angle. R lets it go past the ends, so
// that its lower limit rises again below 0; it is 0 here.
func Arcsine(s Share, level float64) ShareInterval {
	i, t, done := s.start(level)
	if done {
		return i
	}
	angle := math.Asin(math.Sqrt(s.Value))
	half := t / (2 * math.Sqrt(i.Effective))
	lower, upper := math.Sin(math.Max(0, angle-half)), math.Sin(math.Min(math.Pi/2, angle+half))
	i.Interval = Interval{lower * lower, upper * upper}
	return i
}

// Likelihood is the set of shares π whose likelihood ratio, scaled by the
// design effect, the t quantile does not refuse (Rao & Scott, Annals of
// Statistics 12, 1984):
//
//	2 n* (N-1)/N (p log(p/π) + (1-p) log((1-p)/(1-π))) <= t²,  n* = p(1-p)/v
//
// with N answers; the factor (N-1)/N belongs to the dispersion that R
// estimates. R interpolates between a dozen points of it and is right
// to three to six digits; here the limits are solved for.
func Likelihood(s Share, level float64) ShareInterval {
	i, t, done := s.start(level)
	if done {
		return i
	}
	size := i.Effective
	if s.N > 1 {
		size *= float64(s.N-1) / float64(s.N)
	}
	bound := t * t / (2 * size)
	i.Interval = Interval{expit(-furthest(1-s.Value, bound)), expit(furthest(s.Value, bound))}
	return i
}

// furthest is the logit of the π above p whose divergence from p is the bound,
// found by halving.
func furthest(p, bound float64) float64 {
	lo := math.Log(p / (1 - p))
	hi := lo + 1
	for divergence(p, hi) < bound {
		hi = lo + 2*(hi-lo)
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if divergence(p, mid) < bound {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// divergence is p log(p/π) + (1-p) log((1-p)/(1-π)), from the logit of π.
func divergence(p, logit float64) float64 {
	return p*(math.Log(p)+softplus(-logit)) + (1-p)*(math.Log1p(-p)+softplus(logit))
}

// softplus is log(1 + e^x).
func softplus(x float64) float64 {
	return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))
}

// start answers what all intervals do alike: shares without arithmetic, and
// for those of Wald, Logit, Arcsine and Likelihood shares of 0 and 1.
func (s Share) start(level float64) (i ShareInterval, t float64, done bool) {
	if i, done := s.plain(); done {
		return i, 0, true
	}
	if s.Value <= 0 || s.Value >= 1 {
		return KornGraubard(s, level, true), 0, true
	}
	i.Effective, i.Assumed = s.effective()
	return i, quantile(level, s.DF), false
}

// Wilson is the interval of E. B. Wilson (Journal of the American Statistical
// Association 22, 1927) with the effective sample size and the t quantile in
// place of the normal one, as in Kott & Carr (Journal of Official Statistics
// 13, 1997) and R's survey package from 4.5:
//
//	(p + t²/2n ± t sqrt(p(1-p)/n + t²/4n²)) / (1 + t²/n)
//
// A share without any valid answer has limits NaN; one without degrees of
// freedom has 0 and 1.
func Wilson(s Share, level float64) ShareInterval {
	if i, done := s.plain(); done {
		return i
	}
	n, assumed := s.effective()
	t := quantile(level, s.DF)
	t2 := t * t / n
	mid := s.Value + t2/2
	half := math.Sqrt(t2*s.Value*(1-s.Value) + t2*t2/4)
	return ShareInterval{
		Interval:  Interval{math.Max(0, (mid-half)/(1+t2)), math.Min(1, (mid+half)/(1+t2))},
		Effective: n, Assumed: assumed,
	}
}

// KornGraubard is the interval of a share p by Korn and Graubard: that of Clopper
// and Pearson, which holds its level for few people and for shares near 0 and 1,
// with an effective sample size n* in place of the number of people n. With v the
// variance of p, df its degrees of freedom and t the quantiles of Student's t,
//
//	n* = p(1-p)/v (t_{n-1}/t_df)²
//	lower = Beta(α/2; n*p, n*(1-p)+1)
//	upper = Beta(1-α/2; n*p+1, n*(1-p))
//
// where Beta is the quantile of the beta distribution and 1-α the level. Reports
// never let n* be above n, the rule of the United States National Center for
// Health Statistics; R does not cap it.
//
// Sources: E. L. Korn & B. I. Graubard, Confidence Intervals for Proportions with
// Small Expected Number of Positive Counts Estimated from Survey Data, Survey
// Methodology 24, 1998; National Center for Health Statistics Data Presentation
// Standards for Proportions, Vital and Health Statistics 2(175), 2017.
//
// In Go, capped asks for the rule of reports.
func KornGraubard(s Share, level float64, capped bool) ShareInterval {
	if i, done := s.plain(); done {
		return i
	}
	n, assumed := s.effective()
	size := n
	if s.N > 1 {
		ratio := quantile(level, float64(s.N-1)) / quantile(level, s.DF)
		size *= ratio * ratio
	}
	if capped {
		size = math.Min(size, float64(s.N))
	}
	hit, miss := size*s.Value, size*(1-s.Value)
	alpha := (1 - level) / 2
	i := ShareInterval{Interval: Interval{0, 1}, Effective: n, Assumed: assumed}
	if hit > 0 {
		i.Lower = mathext.InvRegIncBeta(hit, miss+1, alpha)
	}
	if miss > 0 {
		i.Upper = mathext.InvRegIncBeta(hit+1, miss, 1-alpha)
	}
	return i
}
