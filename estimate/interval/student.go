package interval

// Interval is a confidence interval.
type Interval struct {
	Lower, Upper float64
}

// Student is the interval of an estimate m with variance V,
//
//	m ± t √V
//
// with t the quantile of Student's distribution at df degrees of freedom for the
// two-sided level: that at 0.975 for an interval of 95 %. Without a degree of
// freedom nothing can be said.
//
// In Go, se is √V; df may be fractional, and infinite for the normal
// distribution; with df of 0 or less both limits are NaN.
func Student(value, se, df, level float64) Interval {
	t := quantile(level, df)
	return Interval{Lower: value - t*se, Upper: value + t*se}
}
