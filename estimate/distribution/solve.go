package distribution

import "math"

// solve finds the u at which an increasing function of u reaches the target. at gives the function and its slope; both are
// smooth, and the function runs from below the target to above it. Newton's steps are taken as long as they stay between
// the nearest points known to lie below and above.
func solve(target, start float64, at func(u float64) (value, slope float64)) float64 {
	lo, hi := math.Inf(-1), math.Inf(1)
	u, reach := start, 1.0
	for range 500 {
		v, slope := at(u)
		if v >= target {
			hi = u
		}
		if v <= target {
			lo = u
		}
		next := u - (v-target)/slope
		switch {
		case lo == hi:
			return u
		case next > lo && next < hi && math.Abs(next-u) < 64*reach:
		case math.IsInf(lo, -1):
			next, reach = hi-reach, 2*reach
		case math.IsInf(hi, 1):
			next, reach = lo+reach, 2*reach
		default:
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-u) <= 1e-15*math.Max(1, math.Abs(u)) {
			return next
		}
		u = next
	}
	return u
}

// stirling is what Stirling's formula leaves of log n!:
//
//	log Γ(n+1) - (n + 1/2) log n + n - log(2π)/2.
func stirling(n float64) float64 {
	if n < 16 {
		g, _ := math.Lgamma(n + 1)
		return g - (n+0.5)*math.Log(n) + n - 0.5*math.Log(2*math.Pi)
	}
	r := 1 / (n * n)
	return (1.0/12 - r*(1.0/360-r*(1.0/1260-r*(1.0/1680-r*(1.0/1188-r*691.0/360360))))) / n
}

// deviance is x log(x/m) + m - x, without cancellation where x is near m (Loader 2000).
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= 0.1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	s := (x - m) * v
	term := 2 * x * v
	for j := 3.0; ; j += 2 {
		term *= v * v
		next := s + term/j
		if next == s {
			return s
		}
		s = next
	}
}

// logComplement is log(1 - e^l) for l <= 0.
func logComplement(l float64) float64 {
	if l > -math.Ln2 {
		return math.Log(-math.Expm1(l))
	}
	return math.Log1p(-math.Exp(l))
}
