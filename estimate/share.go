package estimate

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Share is an estimated proportion and what its interval needs.
type Share struct {
	Value    float64
	Variance float64
	N        int     // people with a valid answer
	DF       float64 // degrees of freedom of the variance
	// Complete says that everyone was observed: there is no sampling error
	// and the interval is the value itself.
	Complete bool
	// Deff is the design effect to assume where the sample cannot show one
	// (see ShareInterval.Assumed): that of the whole population, from its
	// other shares. 0 means 1.
	Deff float64
}

// ShareInterval is the interval of a share, always within 0..1.
type ShareInterval struct {
	Interval
	// Effective is the number of simply drawn people that would have given
	// the same variance.
	Effective float64
	// Assumed says that the sample shows no spread, because everybody gave the
	// same answer or all of the domain sits in one PSU; the interval then
	// rests on N/Deff people and must be marked as such. "0 % ± 0" is never
	// an answer.
	Assumed bool
}

// effective is p(1-p)/v, or N/Deff where v is nothing.
func (s Share) effective() (n float64, assumed bool) {
	deff := s.Deff
	if deff == 0 {
		deff = 1
	}
	pq := s.Value * (1 - s.Value)
	// Rounding leaves residues of 1e-32 where the variance is 0.
	if s.Variance <= 1e-14*pq/float64(s.N) {
		return float64(s.N) / deff, true
	}
	return pq / s.Variance, false
}

// plain answers the cases without arithmetic.
func (s Share) plain() (ShareInterval, bool) {
	switch {
	case math.IsNaN(s.Value) || s.N < 1:
		return ShareInterval{Interval: Interval{math.NaN(), math.NaN()}}, true
	case s.Complete:
		return ShareInterval{Interval: Interval{s.Value, s.Value}, Effective: float64(s.N)}, true
	case !(s.DF > 0):
		return ShareInterval{Interval: Interval{0, 1}, Assumed: true}, true
	}
	return ShareInterval{}, false
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
	t := Quantile(0.5+level/2, s.DF)
	t2 := t * t / n
	mid := s.Value + t2/2
	half := math.Sqrt(t2*s.Value*(1-s.Value) + t2*t2/4)
	return ShareInterval{
		Interval:  Interval{math.Max(0, (mid-half)/(1+t2)), math.Min(1, (mid+half)/(1+t2))},
		Effective: n, Assumed: assumed,
	}
}

// KornGraubard is the interval of Korn & Graubard (Survey Methodology 24,
// 1998): that of Clopper and Pearson with the effective sample size, corrected
// for the degrees of freedom,
//
//	n* = p(1-p)/v (t_{n-1}/t_df)²
//	lower = Beta(α/2; n*p, n*(1-p)+1), upper = Beta(1-α/2; n*p+1, n*(1-p)).
//
// With capped, n* is never above the number of people asked, the rule of the
// United States National Center for Health Statistics (Vital and Health
// Statistics 2(175), 2017); R does not cap. Reports use capped.
func KornGraubard(s Share, level float64, capped bool) ShareInterval {
	if i, done := s.plain(); done {
		return i
	}
	n, assumed := s.effective()
	size := n
	if s.N > 1 {
		ratio := Quantile(0.5+level/2, float64(s.N-1)) / Quantile(0.5+level/2, s.DF)
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

// Reliable reports whether a share is precise enough to print, by the
// standards of the National Center for Health Statistics (2017): at least 30
// people and an effective size of at least 30; a capped Korn-Graubard interval
// narrower than 0.30, and either at most 0.05 wide or at most 130 % of the
// share. It guards precision, not privacy; package disclosure does the latter.
func Reliable(s Share) bool {
	i := KornGraubard(s, 0.95, true)
	width := i.Upper - i.Lower
	switch {
	case s.N < 30 || !(math.Min(i.Effective, float64(s.N)) >= 30):
		return false
	case !(width < 0.30):
		return false
	}
	return width <= 0.05 || width <= 1.3*s.Value
}
