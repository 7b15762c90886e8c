package estimate

import "math"

// Effect is a design effect: the variance of an estimate over that of a simple
// random sample of the same number of people (Kish, Survey Sampling, 1965).
type Effect struct {
	// Deff compares with a sample drawn without replacement; Stata and R
	// print this one.
	Deff float64
	// Replace compares with a sample drawn with replacement; its root is DEFT.
	Replace float64
}

// Effect is the design effect of the mean of y in a domain. The variance of a
// simple random sample is s²/n (1 - n/N̂), with s² the weighted variance of y
// times n/(n-1). NaN with fewer than two valid answers or no spread.
func (d *Design) Effect(y []float64, domain Domain) (Effect, error) {
	r, err := d.Mean(y, domain)
	if err != nil {
		return Effect{}, err
	}
	e := r.est[0]
	var squares exact
	for _, row := range domain.rows {
		if w := d.weight[row]; w > 0 && !math.IsNaN(y[row]) {
			dev := y[row] - e.Value
			squares.add(float64(w * float64(dev*dev)))
		}
	}
	n := float64(e.N)
	simple := squares.value() / e.Population / (n - 1)
	if !(n > 1 && simple > 0) {
		return Effect{Deff: math.NaN(), Replace: math.NaN()}, nil
	}
	v := r.Variance(0)
	return Effect{Deff: v / (simple * (1 - n/e.Population)), Replace: v / simple}, nil
}

// Kish is the loss of precision from unequal weights alone,
// n Σw² / (Σw)² (Kish 1965, 11.7); 1 for equal weights, NaN for none.
func Kish(weight []float64) float64 {
	var sum, squares exact
	n := 0.0
	for _, w := range weight {
		if w > 0 && usable(w) {
			n++
			sum.add(w)
			squares.add(float64(w * w))
		}
	}
	s := sum.value()
	return n * (squares.value() / s) / s
}
