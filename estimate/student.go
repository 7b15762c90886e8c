package estimate

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a confidence interval.
type Interval struct {
	Lower, Upper float64
}

// StudentInterval is value ± t se, t the quantile of Student's distribution at
// df for the two-sided level. With df of 0 or less nothing can be said and
// both limits are NaN.
func StudentInterval(value, se, df, level float64) Interval {
	t := Quantile(0.5+level/2, df)
	return Interval{Lower: value - t*se, Upper: value + t*se}
}

// Quantile is the p-quantile of Student's t with df degrees of freedom; df may
// be fractional, and infinite for the normal distribution. NaN for df <= 0 or
// p outside 0..1.
//
// gonum's own quantile breaks far out with many degrees of freedom (p = 1e-10,
// df = 1e6 gives -258 instead of -6.36), so this one solves for the upper tail
// by Newton's method in the logarithms of both axes, kept inside a bracket.
func Quantile(p, df float64) float64 {
	switch {
	case !(df > 0) || !(p >= 0 && p <= 1):
		return math.NaN()
	case p == 0 || p == 1:
		return math.Inf(int(2*p - 1))
	case p == 0.5:
		return 0
	case df > 1e12:
		return distuv.UnitNormal.Quantile(p)
	case p < 0.5:
		return -upperQuantile(p, df)
	}
	return upperQuantile(1-p, df)
}

// upperQuantile is the x > 0 with upper tail p < 1/2.
func upperQuantile(p, df float64) float64 {
	lo, hi := 0.0, 1.0
	for upperTail(hi, df) > p {
		lo, hi = hi, 2*hi
		if math.IsInf(hi, 1) {
			return hi
		}
	}
	x := hi
	for range 200 {
		tail := upperTail(x, df)
		if tail > p {
			lo = x
		} else {
			hi = x
		}
		next := x * math.Exp((math.Log(tail)-math.Log(p))*tail/(x*density(x, df)))
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-x) <= 1e-15*x {
			return next
		}
		x = next
	}
	return x
}

// upperTail is P(T > x) for x >= 0. The incomplete beta function is asked for
// the small tail itself, never for one minus the rest.
func upperTail(x, df float64) float64 {
	return mathext.RegIncBeta(df/2, 0.5, df/(df+x*x)) / 2
}

// density is the density of Student's t.
func density(x, df float64) float64 {
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	return math.Exp(a-b-(df+1)/2*math.Log1p(x*x/df)) / math.Sqrt(df*math.Pi)
}

// PValue is the two-sided p-value of t with df degrees of freedom: the chance
// of a value at least as far from 0. NaN for df <= 0.
func PValue(t, df float64) float64 {
	t = math.Abs(t)
	switch {
	case math.IsNaN(t) || !(df > 0):
		return math.NaN()
	case math.IsInf(t, 1):
		return 0
	case df > 1e12:
		return math.Erfc(t / math.Sqrt2)
	}
	return 2 * upperTail(t, df)
}
