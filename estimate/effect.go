package estimate

import "math"

// Effect is a design effect: the variance of an estimate over that of a simple random sample of the same number of
// people (Kish, Survey Sampling, 1965).
type Effect struct {
	// Deff compares with a sample drawn without replacement; Stata and R print this one. NaN where the weights add to
	// no more than the people asked, for then they do not count a population.
	Deff float64
	// Replace compares with a sample drawn with replacement; its root is DEFT.
	Replace float64
}

// Deft is the factor by which the design widens an interval, √Replace. Stata prints it so; the root of Deff, which
// SUDAAN takes, is a little larger.
func (e Effect) Deft() float64 { return math.Sqrt(e.Replace) }

// Effect is the design effect of the mean m of y in a domain: its variance V over that of a simple random sample of the
// same n people with an answer. A share is the mean of zeros and ones.
//
//	deff = V / (s²/n (1 - n/N̂))      s² = Σ w (y - m)² / N̂ · n/(n-1)
//
// Sources: L. Kish, Survey Sampling, 1965.
//
// In Go, Effect.Deff is this one and Effect.Replace has no factor 1 - n/N̂. Both are NaN with fewer than two valid
// answers or no spread.
func (d *Design) Effect(y []float64, domain Domain) (Effect, error) {
	r, err := d.Mean(y, domain)
	if err != nil {
		return Effect{}, err
	}
	return d.effect(r.Variance(0), r.est[0], y, domain), nil
}

// TotalEffect is the design effect of the total of y in a domain, against the total N̂ m of a simple random sample that
// knows N̂: its variance is N̂² times that of the mean. It is often in the hundreds, because a cluster sample does not
// know N̂.
func (d *Design) TotalEffect(y []float64, domain Domain) (Effect, error) {
	mean, err := d.Mean(y, domain)
	if err != nil {
		return Effect{}, err
	}
	total, err := d.Total(y, domain)
	if err != nil {
		return Effect{}, err
	}
	e := mean.est[0]
	return d.effect(total.Variance(0)/e.Population/e.Population, e, y, domain), nil
}

// effect compares a variance with that of the mean e of a simple random sample.
func (d *Design) effect(v float64, e Estimate, y []float64, domain Domain) Effect {
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
		return Effect{Deff: math.NaN(), Replace: math.NaN()}
	}
	effect := Effect{Deff: math.NaN(), Replace: v / simple}
	if n < e.Population {
		effect.Deff = v / (simple * (1 - n/e.Population))
	}
	return effect
}

// Kish is the loss of precision from unequal weights alone: by what the variance of a mean of something unrelated to
// the weights grows over that of the same n people with equal weights,
//
//	1 + CV² = n Σw² / (Σw)²
//
// with CV the coefficient of variation of the weights. It is 1 for equal weights.
//
// Sources: L. Kish, Survey Sampling, 1965.
//
// In Go, weights that are 0 do not count, and without any the effect is NaN.
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
