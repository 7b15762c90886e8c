package estimate

import "math"

// exact adds floating-point numbers without error and rounds once at the end,
// so that the sum does not depend on the order of its terms. It keeps the sum
// as partial numbers that do not overlap, smallest first (J. R. Shewchuk,
// Adaptive Precision Floating-Point Arithmetic, 1997; the method of Python's
// math.fsum). Forty parts hold every float64, because each part takes at
// least 53 of the 2,098 binary places.
type exact struct {
	odd  float64 // sum of terms that are not finite, or 0
	n    int
	part [40]float64
}

func (s *exact) reset() { s.n, s.odd = 0, 0 }

// add adds x. A sum that meets a term which is not finite, or overflows, is not
// finite either; input within limit keeps far from that.
func (s *exact) add(x float64) {
	kept := 0
	for _, y := range s.part[:s.n] {
		hi := x + y
		yy := hi - x
		if lo := (x - (hi - yy)) + (y - yy); lo != 0 {
			s.part[kept] = lo
			kept++
		}
		x = hi
	}
	if x-x != 0 {
		s.odd += x
		s.n = 0
		return
	}
	s.part[kept] = x
	s.n = kept + 1
}

// value is the sum rounded to nearest, ties to even.
func (s *exact) value() float64 {
	if s.n == 0 || s.odd != 0 {
		return s.odd
	}
	i := s.n - 1
	hi, lo := s.part[i], 0.0
	for i > 0 {
		i--
		x := hi
		y := s.part[i]
		hi = x + y
		lo = y - (hi - x)
		if lo != 0 {
			break
		}
	}
	// hi is half-way between two floats when lo is exactly half a unit: the
	// next part down decides the direction.
	if i > 0 && (lo < 0) == (s.part[i-1] < 0) && lo != 0 {
		y := lo * 2
		x := hi + y
		if y == x-hi {
			hi = x
		}
	}
	return hi
}

// limit bounds the size of answers, weights and coefficients: with all of them
// under it, squares of weighted sums stay far from overflow.
const limit = 1e30

// usable reports whether x is finite and within limit.
func usable(x float64) bool { return math.Abs(x) <= limit }
