package sum

import (
	"math"
	"math/bits"
)

// Quick is a sum that is exact in most cases and says when it may not be. It keeps what rounding took away in a second sum
// (Neumaier, ZAMM 54, 1974), and the size of all terms, from which a bound on the remaining error follows (Ogita, Rump &
// Oishi, SIAM Journal on Scientific Computing 26, 2005: (n 2^-53)^2 times the sum of sizes). The zero value is 0.
type Quick struct{ high, low, size float64 }

// Add adds x.
func (s *Quick) Add(x float64) {
	t := s.high + x
	b := t - s.high
	s.low += (s.high - (t - b)) + (x - b)
	s.high = t
	s.size += math.Abs(x)
}

// Value is the sum of n terms, and whether it is surely the exact sum rounded once.
func (s *Quick) Value(n int) (float64, bool) {
	c := float64(n + 4)
	bound := c * c * 0x1p-104 * s.size
	least, most := s.high+(s.low-bound), s.high+(s.low+bound)
	return least, least == most
}

// Nearest is the whole number high 2^64 + low, of a size below 2^126, to nearest, ties to even.
func Nearest(high int64, low uint64) float64 {
	if high == int64(low)>>63 {
		return float64(int64(low))
	}
	// The first 63 bits, with the last one set if anything follows, round like the whole.
	shift := uint(62-bits.Len64(uint64(high^high>>63))) & 63
	first := high<<shift | int64(low>>(64-shift))
	if low<<shift != 0 {
		first |= 1
	}
	return float64(first) * math.Float64frombits(uint64(1023+64-shift)<<52)
}

// Digits are the places of the lowest digit of x, which is not 0, and behind the highest one: x is a whole number of units
// of 2^low, and below 2^behind in size.
func Digits(x float64) (low, behind int) {
	fraction, e := math.Frexp(x)
	return e - 53 + bits.TrailingZeros64(uint64(math.Abs(fraction)*(1<<53))), e
}
