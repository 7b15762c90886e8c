package describe

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"adili/estimate"
	"adili/estimate/interval"
)

// profile is the likelihood interval of a share as R's svyciprop gives it. R
// computes the root of the likelihood ratio at steps of a fifth of its largest
// value times the standard error of the logit, at most nine to either side,
// draws a cubic spline through them, reads it off at three times as many places
// and interpolates linearly between these. Its limits are right to three to six
// digits; those of interval.Likelihood are solved for. NaN where nine steps are
// not enough.
func profile(s interval.Share, f fit, level float64) interval.Interval {
	solved := interval.Likelihood(s, level)
	if solved.Assumed || s.N < 2 {
		return solved.Interval
	}
	// The information that R compares the variance with is of the step before the last.
	information := f.before * (1 - f.before) / (s.Value * (1 - s.Value))
	cutoff := estimate.Quantile(0.5+level/2, s.DF) * math.Sqrt(information*float64(s.N)/solved.Effective)
	if !(cutoff > 0 && cutoff < farthest) {
		return solved.Interval
	}
	at, root := steps(s, cutoff, solved.Effective)
	curve, ok := newSpline(at, root)
	if !ok {
		return solved.Interval
	}
	places := floats.Span(make([]float64, 3*len(at)), at[0], at[len(at)-1])
	heights := make([]float64, len(places))
	for k, x := range places {
		heights[k] = curve.value(x)
	}
	return interval.Interval{Lower: expit(between(heights, places, -cutoff)), Upper: expit(between(heights, places, cutoff))}
}

// farthest is where the tail of the normal distribution vanishes from numbers.
const farthest = 37

// steps are logits around that of the share, and the signed roots of the
// likelihood ratio there.
func steps(s interval.Share, cutoff, effective float64) (at, root []float64) {
	n, odds := float64(s.N), math.Log(s.Value/(1-s.Value))
	tail := math.Erfc(cutoff/math.Sqrt2) / 2
	most := -estimate.Quantile(tail/4, n-1)
	step := most / 5 / math.Sqrt(effective*s.Value*(1-s.Value))
	for _, sign := range []float64{-1, 1} {
		z := 0.0
		for k := 1.0; k < 10 && z < most; k++ {
			x := odds + sign*k*step
			divergence := s.Value*math.Log(s.Value/expit(x)) + (1-s.Value)*math.Log((1-s.Value)/expit(-x))
			z = math.Sqrt(math.Max(0, 2*(n-1)*divergence))
			at, root = append(at, x), append(root, sign*z)
		}
		if sign < 0 {
			slices.Reverse(at)
			slices.Reverse(root)
			at, root = append(at, odds), append(root, 0)
		}
	}
	return at, root
}

// between interpolates x at a height y, linearly; NaN outside.
func between(heights, x []float64, y float64) float64 {
	for k := 1; k < len(x); k++ {
		if lo, hi := heights[k-1], heights[k]; lo <= y && y <= hi {
			return x[k-1] + (x[k]-x[k-1])*(y-lo)/(hi-lo)
		}
	}
	return math.NaN()
}

// spline is a cubic spline; its third derivative in the first and in the last
// interval is that of the cubic through the four outermost points (Forsythe,
// Malcolm & Moler, Computer Methods for Mathematical Computations, 1977).
type spline struct {
	x, y, bend []float64 // bend: second derivatives
}

func newSpline(x, y []float64) (spline, bool) {
	n := len(x)
	if n < 4 {
		return spline{}, false
	}
	h := func(i int) float64 { return x[i+1] - x[i] }
	slope := func(i int) float64 { return (y[i+1] - y[i]) / h(i) }
	second := func(i int) float64 { return (slope(i+1) - slope(i)) / (x[i+2] - x[i]) }
	third := func(i int) float64 { return (second(i+1) - second(i)) / (x[i+3] - x[i]) }
	diagonal, right := make([]float64, n), make([]float64, n)
	diagonal[0], right[0] = -1, 6*h(0)*third(0) // bend[1] - bend[0]
	above := func(i int) float64 {
		if i == 0 {
			return 1
		}
		return h(i)
	}
	for i := 1; i < n; i++ { // eliminate below the diagonal
		below := -1.0
		if i < n-1 {
			below, diagonal[i], right[i] = h(i-1), 2*(h(i-1)+h(i)), 6*(slope(i)-slope(i-1))
		} else {
			diagonal[i], right[i] = 1, 6*h(i-1)*third(n-4)
		}
		f := below / diagonal[i-1]
		diagonal[i] -= f * above(i-1)
		right[i] -= f * right[i-1]
	}
	bend := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		bend[i] = right[i]
		if i < n-1 {
			bend[i] -= above(i) * bend[i+1]
		}
		bend[i] /= diagonal[i]
	}
	return spline{x, y, bend}, true
}

func (s spline) value(x float64) float64 {
	i, _ := slices.BinarySearch(s.x, x)
	i = min(max(i-1, 0), len(s.x)-2)
	h := s.x[i+1] - s.x[i]
	a, b := (s.x[i+1]-x)/h, (x-s.x[i])/h
	return a*s.y[i] + b*s.y[i+1] + ((a*a*a-a)*s.bend[i]+(b*b*b-b)*s.bend[i+1])*h*h/6
}
