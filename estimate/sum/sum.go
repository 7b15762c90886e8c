// Package sum adds numbers so that their order changes no bit, at nearly the speed of plain addition.
//
// Each number is cut into a multiple of a coarse step, a multiple of a fine step and a rest below 2^-100 of the greatest
// number; as many multiples of one step as were promised add without rounding (S. M. Rump, T. Ogita and S. Oishi, Accurate
// Floating-Point Summation, SIAM Journal on Scientific Computing 31, 2008, part I). It costs six additions a
// number, so that a million rows add up in the time it takes to read them. Package estimate adds exactly instead, where a
// sum is rounded only once.
package sum

import "math"

// Grid holds the steps for numbers of a known greatest size. Its zero value is for numbers that are all 0.
type Grid struct {
	coarse, fine float64 // 1.5 x 2^52 steps: adding and taking them away rounds to a multiple of the step
}

// NewGrid is for n numbers of at most this size.
func NewGrid(size float64, n int) Grid {
	if !(size > 0) || math.IsInf(size, 1) {
		return Grid{}
	}
	_, high := math.Frexp(size)
	_, room := math.Frexp(float64(n))
	step := high + room + 1 - 52
	return Grid{math.Ldexp(1.5, 52+step), math.Ldexp(1.5, 52+step+room+1-52)}
}

// Add adds x to the two halves of a sum, which is hi + lo.
func (g Grid) Add(hi, lo *float64, x float64) {
	h := (x + g.coarse) - g.coarse
	*hi += h
	*lo += ((x - h) + g.fine) - g.fine
}

// Size is the greatest magnitude.
func Size(x []float64) float64 {
	most := 0.0
	for _, v := range x {
		most = max(most, math.Abs(v))
	}
	return most
}

// Of adds numbers.
func Of(x []float64) float64 {
	g := NewGrid(Size(x), len(x))
	hi, lo := 0.0, 0.0
	for _, v := range x {
		g.Add(&hi, &lo, v)
	}
	return hi + lo
}
