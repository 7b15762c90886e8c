package estimate

import (
	"math"
	"math/bits"
)

// exact adds floating-point numbers without error and rounds once at the end, so that the sum does not depend on the
// order of its terms. It is one long whole number in units of the smallest float64, 2^-1074, kept in pieces of 32 bits
// whose carries wait in the upper halves (R. M. Neal, Fast exact summation using small and large superaccumulators,
// 2015). The zero value is 0.
type exact struct {
	odd    float64 // sum of terms that are not finite, or 0
	lo, hi int     // pieces in use
	used   int     // additions since carries were moved, 0 for an empty sum
	piece  [pieces]int64
}

const (
	pieces    = 70
	pieceBits = 32
	pieceMask = 1<<pieceBits - 1
	patience  = 1 << 10 // additions that a piece has room for
	smallest  = 1074    // the unit is 2^-smallest
)

func (s *exact) reset() {
	clear(s.piece[s.lo:s.hi])
	s.odd, s.lo, s.hi, s.used = 0, 0, 0, 0
}

// add adds x. A sum that meets a term which is not finite, or overflows, is not finite either; input within limit keeps
// far from that.
func (s *exact) add(x float64) {
	b := math.Float64bits(x)
	place := int(b>>52) & 0x7ff
	digits := int64(b & (1<<52 - 1))
	if place == 0x7ff {
		s.odd += x
		return
	}
	if place > 0 {
		digits |= 1 << 52
		place--
	}
	if digits == 0 {
		return
	}
	if b>>63 != 0 {
		digits = -digits
	}
	i, shift := place/pieceBits, uint(place%pieceBits)
	s.piece[i] += digits << shift & pieceMask
	s.piece[i+1] += digits >> (pieceBits - shift)
	if s.used == 0 {
		s.lo, s.hi = i, i+2
	} else {
		s.lo, s.hi = min(s.lo, i), max(s.hi, i+2)
	}
	if s.used++; s.used == patience {
		s.carry()
	}
}

// product adds x y, which is not rounded either: a product of two numbers is the sum of two (T. J. Dekker, A
// floating-point technique for extending the available precision, 1971).
func (s *exact) product(x, y float64) {
	p := x * y
	s.add(p)
	s.add(math.FMA(x, y, -p))
}

// less takes c times another sum away.
func (s *exact) less(c float64, t *exact) {
	s.odd -= c * t.odd
	t.carry()
	for i := t.lo; i < t.hi; i++ {
		if t.piece[i] != 0 {
			s.product(-c, math.Ldexp(float64(t.piece[i]), i*pieceBits-smallest))
		}
	}
}

// carry leaves pieces from 0 to 2^32-1, but for the sign in the last one.
func (s *exact) carry() {
	if s.used == 0 {
		return
	}
	s.used = 1
	for i := s.lo; i < s.hi; i++ {
		up := s.piece[i] >> pieceBits
		if i == s.hi-1 {
			if up == 0 || up == -1 || s.hi == pieces {
				break
			}
			s.hi++
		}
		s.piece[i] &= pieceMask
		s.piece[i+1] += up
	}
}

// value is the sum rounded to nearest, ties to even.
func (s *exact) value() float64 {
	if s.used == 0 || s.odd != 0 {
		return s.odd
	}
	s.carry()
	top := s.top()
	if s.piece[top] < 0 {
		s.negate()
		v := s.rounded(s.top())
		s.negate()
		return -v
	}
	return s.rounded(top)
}

// top is the highest piece that is not 0, or the lowest one.
func (s *exact) top() int {
	top := s.hi - 1
	for top > s.lo && s.piece[top] == 0 {
		top--
	}
	return top
}

func (s *exact) negate() {
	for i := s.lo; i < s.hi; i++ {
		s.piece[i] = -s.piece[i]
	}
	s.carry()
}

// rounded is the value of a sum that is not negative. The first 64 bits, with the last one set if anything follows,
// round like the whole.
func (s *exact) rounded(top int) float64 {
	at := func(i int) uint64 {
		if i < s.lo {
			return 0
		}
		return uint64(s.piece[i])
	}
	high, next := at(top)<<pieceBits|at(top-1), at(top-2)<<pieceBits
	if high == 0 {
		return 0
	}
	shift := bits.LeadingZeros64(high)
	first := high<<shift | next>>(64-shift)
	rest := next << shift
	for i := top - 3; i >= s.lo && rest == 0; i-- {
		rest = at(i)
	}
	if rest != 0 {
		first |= 1
	}
	return math.Ldexp(float64(first), (top-1)*pieceBits-shift-smallest)
}

// limit bounds the size of answers, weights and coefficients: with all of them under it, squares of weighted sums stay
// far from overflow.
const limit = 1e30

// usable reports whether x is finite and within limit.
func usable(x float64) bool { return math.Abs(x) <= limit }
