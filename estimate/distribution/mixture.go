package distribution

import (
	"math"
	"math/cmplx"
)

// Mixture is the distribution of a weighted sum of independent chi-squares,
//
//	Q = Σ Weight_i χ²_1,
//
// and, with Den degrees of freedom for the variance estimate behind the
// weights, of Q / (χ²_Den / Den). Den 0 or infinite means known weights. At
// least one weight must be positive.
type Mixture struct {
	Weight []float64
	Den    float64
}

func (m Mixture) known() bool { return m.Den == 0 || math.IsInf(m.Den, 1) }

func (m Mixture) valid(x float64) bool {
	top := math.Inf(-1)
	for _, w := range m.Weight {
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return false
		}
		top = math.Max(top, w)
	}
	return top > 0 && m.Den >= 0 && !math.IsNaN(x)
}

// Scale is Satterthwaite's fit: Q has about the first two moments of scale
// times a chi-square with df degrees of freedom,
//
//	scale = Σλ²/Σλ    df = (Σλ)²/Σλ²
//
// (F. E. Satterthwaite, Biometrics Bulletin 2, 1946).
func (m Mixture) Scale() (scale, df float64) {
	var sum, squares float64
	for _, w := range m.Weight {
		sum += w
		squares += w * w
	}
	return squares / sum, sum * sum / squares
}

// Satterthwaite is P(Q > x) by one scaled chi-square, or F if Den is finite.
// Good to two digits in the middle, too small far out.
func (m Mixture) Satterthwaite(x float64) float64 {
	if !m.valid(x) {
		return math.NaN()
	}
	scale, df := m.Scale()
	if m.known() {
		return ChiSquare{df}.Upper(x / scale)
	}
	return F{df, m.Den}.Upper(x / scale / df)
}

// sum is the quadratic form whose chance to exceed x is asked for: with a denominator, Q/(χ²/Den) > x is
// Q - (x/Den) χ²_Den > 0.
type sum struct {
	weight []float64
	x      float64
	minus  float64 // weight of the denominator, as a positive number
	df     float64 // and its degrees of freedom
}

func (m Mixture) sum(x, den float64) sum {
	if m.known() {
		return sum{weight: m.Weight, x: x}
	}
	return sum{weight: m.Weight, minus: x / m.Den, df: den}
}

// bounds are the points between which the cumulant function is finite.
func (q sum) bounds() (lo, hi float64) {
	lo, hi = math.Inf(-1), math.Inf(1)
	for _, w := range q.weight {
		switch {
		case w > 0:
			hi = math.Min(hi, 1/(2*w))
		case w < 0:
			lo = math.Max(lo, 1/(2*w))
		}
	}
	if q.minus > 0 {
		lo = math.Max(lo, -1/(2*q.minus))
	}
	return lo, hi
}

// cumulants are K(s) - s x with its first two derivatives, K(s) = -Σ log(1 - 2 λ s)/2.
func (q sum) cumulants(s float64) (k, first, second float64) {
	for _, w := range q.weight {
		d := 1 - 2*w*s
		k -= math.Log(d) / 2
		first += w / d
		second += 2 * (w / d) * (w / d)
	}
	d := 1 + 2*q.minus*s
	k -= q.df / 2 * math.Log(d)
	first -= q.df * q.minus / d
	second += 2 * q.df * (q.minus / d) * (q.minus / d)
	return k - s*q.x, first - q.x, second
}

// saddle is the s where the derivative of the cumulants is zero. It increases from lo to hi, so halving finds it.
func (q sum) saddle() float64 {
	lo, hi := q.bounds()
	if math.IsInf(lo, -1) {
		for lo = -hi; ; lo *= 2 {
			if _, slope, _ := q.cumulants(lo); slope <= 0 || math.IsInf(lo, -1) {
				break
			}
		}
	}
	for range 200 {
		s := lo + (hi-lo)/2
		if s <= lo || s >= hi {
			break
		}
		if _, slope, _ := q.cumulants(s); slope > 0 {
			hi = s
		} else {
			lo = s
		}
	}
	return lo
}

// Saddlepoint is P(Q > x) by the saddlepoint approximation
//
//	P = 1 - Φ(w + log(v/w)/w)    w = sign(s) sqrt(2(s x - K(s)))
//	                             v = s sqrt(K"(s))
//
// at the s where K'(s) = x, K the cumulant function (D. Kuonen, Biometrika 86,
// 1999). Its relative error stays bounded however far out x is. Next to the
// mean, where the formula is 0/0, Satterthwaite's value takes its place, as in
// R. With a finite Den the reference implementation takes the whole part of Den
// as the multiplicity of the denominator (and Den itself in its weight); so
// does this method, to give the p-values that are in print. [Mixture.Exact]
// uses Den as it is.
func (m Mixture) Saddlepoint(x float64) float64 {
	if !m.valid(x) {
		return math.NaN()
	}
	if x <= 0 {
		return m.Satterthwaite(x)
	}
	q := m.sum(x, math.Floor(m.Den*(1+1e-9))) // a Den of 397.99999999 is a rounded 398
	s := q.saddle()
	_, hi := q.bounds()
	if math.Abs(s) < 1e-4*2*hi {
		return m.Satterthwaite(x)
	}
	k, _, second := q.cumulants(s)
	w := math.Copysign(math.Sqrt(-2*k), s)
	v := s * math.Sqrt(second)
	p := Normal{}.Upper(w + math.Log(v/w)/w)
	if math.IsNaN(p) {
		return m.Satterthwaite(x)
	}
	return p
}

// Exact is P(Q > x) to about 1e-12, also far out. It is the inversion integral
//
//	P = 1/(2πi) ∫ exp(K(s) - s x) / s ds
//
// over a path that crosses the real axis between 0 and the first singularity
// at the saddlepoint and bends away from the singularities (a hyperbola, where
// the integrand falls exponentially), by the trapezoidal rule, halving the step
// until nothing changes (S. O. Rice, SIAM Journal on Scientific and
// Statistical Computing 1, 1980; it asks for nothing of R. Davies's truncation
// bounds, Applied Statistics 29, 1980, which R's lincom uses).
func (m Mixture) Exact(x float64) float64 {
	if !m.valid(x) {
		return math.NaN()
	}
	if x <= 0 && m.positive() {
		return 1
	}
	q := m.sum(x, m.Den)
	_, hi := q.bounds()
	_, _, spread := q.cumulants(0)
	c := math.Max(q.saddle(), math.Min(hi/5, 0.5/math.Sqrt(spread)))
	k, _, second := q.cumulants(c)
	width := 1 / math.Sqrt(second)
	bend := 0.0
	if m.known() && x > 0 {
		bend = width
	}
	at := func(v float64) float64 {
		s := complex(c+bend*(math.Cosh(v)-1), width*math.Sinh(v))
		slope := complex(bend*math.Sinh(v), width*math.Cosh(v))
		return imag(cmplx.Exp(q.complex(s)-complex(k, 0)) / s * slope)
	}
	return math.Exp(k) * trapezoid(at) / math.Pi
}

func (m Mixture) positive() bool {
	for _, w := range m.Weight {
		if w < 0 {
			return false
		}
	}
	return true
}

// complex is K(s) - s x off the real axis.
func (q sum) complex(s complex128) complex128 {
	k := -s * complex(q.x, 0)
	for _, w := range q.weight {
		k -= cmplx.Log(1-complex(2*w, 0)*s) / 2
	}
	if q.df > 0 {
		k -= complex(q.df/2, 0) * cmplx.Log(1+complex(2*q.minus, 0)*s)
	}
	return k
}

// trapezoid integrates a function that falls off exponentially from 0 to infinity, knowing that it is even.
func trapezoid(at func(float64) float64) float64 {
	const end = 300.0
	total := func(first, step float64) float64 {
		sum, small := 0.0, 0
		for v := first; v < end && small < 8; v += step {
			y := at(v)
			if math.IsNaN(y) || math.IsInf(y, 0) {
				break
			}
			sum += y
			small++
			if math.Abs(y) > 1e-17*math.Abs(sum) {
				small = 0
			}
		}
		return sum
	}
	step := 0.25
	sum := at(0)/2 + total(step, step)
	area := step * sum
	for range 9 {
		sum += total(step/2, step)
		step /= 2
		next := step * sum
		if math.Abs(next-area) <= 1e-13*math.Abs(next) {
			return next
		}
		area = next
	}
	return area
}
