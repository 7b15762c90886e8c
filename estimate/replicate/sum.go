package replicate

import "math"

// grid adds numbers of a known greatest size so that their order changes no bit. Each number is cut into a multiple of a
// coarse step, a multiple of a fine step and a rest below 2^-100 of the greatest; as many multiples of one step as were
// promised add without rounding (S. M. Rump, T. Ogita and S. Oishi, Accurate Floating-Point Summation, SIAM Journal on
// Scientific Computing 31, 2008, part I, section 3). Unlike an exact sum it costs six additions a number.
type grid struct {
	coarse, fine float64 // 1.5 x 2^52 steps: adding and taking them away rounds to a multiple of the step
}

// newGrid is for n numbers of at most this size.
func newGrid(size float64, n int) grid {
	if !(size > 0) || math.IsInf(size, 1) {
		return grid{}
	}
	_, high := math.Frexp(size)
	_, room := math.Frexp(float64(n))
	step := high + room + 1 - 52
	return grid{math.Ldexp(1.5, 52+step), math.Ldexp(1.5, 52+step+room+1-52)}
}

// add adds x to the two halves of a sum.
func (g grid) add(hi, lo *float64, x float64) {
	h := (x + g.coarse) - g.coarse
	*hi += h
	*lo += ((x - h) + g.fine) - g.fine
}

// size is the greatest magnitude.
func size(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = math.Max(most, math.Abs(v))
	}
	return most
}

// sum adds numbers so that their order changes no bit.
func sum(x []float64) float64 {
	g := newGrid(size(x), len(x))
	hi, lo := 0.0, 0.0
	for _, v := range x {
		g.add(&hi, &lo, v)
	}
	return hi + lo
}
