package sampling

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// studentCritical is the x that Student's t with df degrees of freedom exceeds
// with chance p, p at most 1/2. The incomplete beta function loses digits with
// very many degrees of freedom; two steps of Newton's method on the integral
// bring them back.
func studentCritical(p, df float64) float64 {
	above := func(x float64) float64 { return mathext.RegIncBeta(df/2, 0.5, df/(df+x*x)) / 2 }
	x := increasing(func(x float64) float64 { return p - above(x) }, 0, 1)
	density := distuv.StudentsT{Sigma: 1, Nu: df}
	for range 2 {
		x += (noncentralAbove(x, df, 0) - p) / density.Prob(x)
	}
	return x
}

// noncentralAbove is the chance that a noncentral t with df degrees of freedom
// and noncentrality shift exceeds q >= 0. The statistic is (Z + shift)/s with
// df s² a chi-square, so the chance is
//
//	E Φ(shift - q s)
//
// over s. In x = log s the density of s is proportional to
// exp(df (x - e^{2x}/2)), smooth and soon nothing on both sides, where the
// trapezoid rule is exact to rounding; the constant cancels by dividing through
// the sum of the density itself.
func noncentralAbove(q, df, shift float64) float64 {
	width := 1 / math.Sqrt(2*df)
	h := math.Min(width/4, 0.025)
	density := func(x float64) float64 { return -df * excess(x) }
	sum, all := 0.0, 0.0
	add := func(x float64) bool {
		logp := density(x)
		if logp < -45 {
			return false
		}
		p := math.Exp(logp)
		all += p
		sum += p * distuv.UnitNormal.CDF(shift-q*math.Exp(x))
		return true
	}
	for i := 0; add(float64(i) * h); i++ {
	}
	for i := -1; add(float64(i) * h); i-- {
	}
	return sum / all
}

// excess is (e^{2x} - 1)/2 - x. Near 0, where many degrees of freedom put all of
// the density, the difference is taken term by term.
func excess(x float64) float64 {
	if math.Abs(x) > 0.01 {
		return math.Expm1(2*x)/2 - x
	}
	sum, term := 0.0, x
	for k := 2; k < 10; k++ {
		term *= 2 * x / float64(k)
		sum += term
	}
	return sum
}
