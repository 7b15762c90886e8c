package interval

import "adili/estimate/distribution"

// Interval is a confidence interval.
type Interval struct {
	Lower, Upper float64
}

// Student is value ± t se, t the quantile of Student's distribution at df for
// the two-sided level; df may be fractional, and infinite for the normal
// distribution. With df of 0 or less nothing can be said and both limits are
// NaN.
func Student(value, se, df, level float64) Interval {
	t := quantile(level, df)
	return Interval{Lower: value - t*se, Upper: value + t*se}
}

// quantile is the t quantile of a two-sided level.
func quantile(level, df float64) float64 {
	return distribution.Student{DF: df}.Quantile(0.5 + level/2)
}
