package estimate

import (
	"fmt"
	"math"
)

// Function is a smooth function of the estimates, such as a ratio of two means or a difference of logarithms, as a
// result of its own. By the delta method (Wolter, Introduction to Variance Estimation, 2007) its influence values are
//
//	z = Σ_i ∂f/∂t_i z_i
//
// f is called with estimates slightly changed to find the partial derivatives; they are good to some twelve digits
// where f is smooth. ErrValue if f or a derivative is not finite; an estimate without a valid answer makes the result
// NaN.
func (r *Result) Function(f func(t []float64) float64) (*Result, error) {
	t := make([]float64, r.Len())
	for i, e := range r.est {
		if t[i] = e.Value; math.IsNaN(t[i]) {
			return r.Combine(ones(r.Len())...)
		}
	}
	value := f(t)
	if !usable(value) {
		return nil, fmt.Errorf("estimate: function: %v at the estimates %v: %w", value, t, ErrValue)
	}
	partial := make([]float64, r.Len())
	for i := range partial {
		scale := math.Abs(t[i])
		if scale == 0 {
			scale = 1
		}
		if partial[i] = derivative(f, t, i, scale); !usable(partial[i]) {
			return nil, fmt.Errorf("estimate: function: no derivative by estimate %d at %v: %w", i, t, ErrValue)
		}
	}
	c, err := r.Combine(partial...)
	if err != nil {
		return nil, err
	}
	c.est[0].Value = value
	return c, nil
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// derivative is ∂f/∂t_i by differences of order eight and six, with the step at which the two agree best and rounding
// disturbs least.
func derivative(f func([]float64) float64, t []float64, i int, scale float64) float64 {
	moved := append([]float64(nil), t...)
	best, worst := math.NaN(), math.Inf(1)
	for h := scale / 64; h > scale*1e-7; h /= 8 {
		var d [4]float64 // differences over 2 h, 4 h, 6 h, 8 h
		size := 0.0
		for k := range d {
			moved[i] = t[i] + float64(k+1)*h
			up := f(moved)
			moved[i] = t[i] - float64(k+1)*h
			down := f(moved)
			d[k] = up - down
			size = math.Max(size, math.Max(math.Abs(up), math.Abs(down)))
		}
		eight := (672*d[0] - 168*d[1] + 32*d[2] - 3*d[3]) / (840 * h)
		six := (45*d[0] - 9*d[1] + d[2]) / (60 * h)
		if off := math.Abs(eight-six) + 1e-16*size/h; off < worst {
			best, worst = eight, off
		}
	}
	return best
}
