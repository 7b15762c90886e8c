package interval

import "math"

// Share is an estimated proportion and what its interval needs. Its intervals
// are KornGraubard (for reports), Wilson, Logit, Arcsine, Likelihood and Wald.
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

// ShareInterval is the interval of a share, within 0..1 but for Wald's.
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
