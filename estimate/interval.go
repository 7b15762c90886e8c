package estimate

import (
	"adili/estimate/distribution"
	"adili/estimate/interval"
)

// The intervals of package interval, by the names they have among estimates.
type (
	// Interval is a confidence interval.
	Interval = interval.Interval
	// Share is an estimated proportion and what its interval needs.
	Share = interval.Share
	// ShareInterval is the interval of a share.
	ShareInterval = interval.ShareInterval
)

// StudentInterval is value ± t se; see interval.Student.
func StudentInterval(value, se, df, level float64) Interval {
	return interval.Student(value, se, df, level)
}

// KornGraubard is the interval of a share for reports; see interval.KornGraubard.
func KornGraubard(s Share, level float64, capped bool) ShareInterval {
	return interval.KornGraubard(s, level, capped)
}

// Wilson is Wilson's interval of a share; see interval.Wilson.
func Wilson(s Share, level float64) ShareInterval { return interval.Wilson(s, level) }

// Reliable reports whether a share is precise enough to print; see interval.Reliable.
func Reliable(s Share) bool { return interval.Reliable(s) }

// Quantile is the p-quantile of Student's t with df degrees of freedom; df may be fractional, and infinite for the
// normal distribution. NaN for df <= 0 or p outside 0..1.
func Quantile(p, df float64) float64 { return distribution.Student{DF: df}.Quantile(p) }

// PValue is the two-sided p-value of t with df degrees of freedom: the chance of a value at least as far from 0. NaN
// for df <= 0.
func PValue(t, df float64) float64 { return distribution.Student{DF: df}.TwoSided(t) }
