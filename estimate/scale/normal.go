package scale

import (
	"math"

	"adili/estimate/distribution"
)

var standard distribution.Normal

// Binormal is the probability that two standard normal variables with correlation r are at most h and k:
//
//	Φ₂(h, k, r) = Φ(h)Φ(k) + 1/2π ∫ exp(-(h² + k² - 2hk sin t) / 2cos² t) dt    over t from 0 to arcsin r
//
// with the integral taken adaptively to about 1e-16 (the representation of Plackett, Biometrika 41 (1954), in the
// form of Drezner & Wesolowsky, Journal of Statistical Computation and Simulation 35 (1990)).
func Binormal(h, k, r float64) float64 {
	switch {
	case math.IsNaN(h+k+r) && !math.IsInf(h, 0) && !math.IsInf(k, 0), r < -1, r > 1:
		return math.NaN()
	case math.IsInf(h, -1) || math.IsInf(k, -1):
		return 0
	case math.IsInf(h, 1):
		return standard.Lower(k)
	case math.IsInf(k, 1):
		return standard.Lower(h)
	}
	f := func(t float64) float64 {
		s, c := math.Sincos(t)
		if s < 0 { // as for h, -k and -s; the sum of squares is split so that nothing cancels where c is small
			return math.Exp(-(h+k)*(h+k)/(2*c*c) + h*k/(1-s))
		}
		return math.Exp(-(h-k)*(h-k)/(2*c*c) - h*k/(1+s))
	}
	a, b := 0.0, math.Asin(r)
	p := standard.Lower(h)*standard.Lower(k) + adaptive(f, a, b, gauss(f, a, b), 24)/(2*math.Pi)
	return min(max(p, 0), 1)
}

// adaptive halves an interval until the halves add to the whole.
func adaptive(f func(float64) float64, a, b, whole float64, depth int) float64 {
	mid := a + (b-a)/2
	left, right := gauss(f, a, mid), gauss(f, mid, b)
	if depth == 0 || math.Abs(left+right-whole) < 1e-16 {
		return left + right
	}
	return adaptive(f, a, mid, left, depth-1) + adaptive(f, mid, b, right, depth-1)
}

// Nodes and weights of the Gauss-Legendre rule on (-1, 1).
var node, nodeWeight = legendre(16)

func gauss(f func(float64) float64, a, b float64) float64 {
	half, mid := (b-a)/2, a+(b-a)/2
	var s float64
	for i, x := range node {
		s += nodeWeight[i] * f(mid+half*x)
	}
	return s * half
}

// legendre finds the zeros of the Legendre polynomial of degree n by Newton's method (Abramowitz & Stegun, Handbook of
// Mathematical Functions, 1964).
func legendre(n int) (x, w []float64) {
	for i := range n {
		z := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var slope float64
		for range 20 {
			p, before := 1.0, 0.0
			for j := range n {
				m := float64(j)
				p, before = ((2*m+1)*z*p-m*before)/(m+1), p
			}
			slope = float64(n) * (z*p - before) / (z*z - 1)
			z -= p / slope
		}
		x = append(x, z)
		w = append(w, 2/((1-z*z)*slope*slope))
	}
	return x, w
}
