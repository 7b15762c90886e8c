package scale

import (
	"fmt"
	"math"

	"adili/estimate"
)

// WeightedAlpha estimates Cronbach's alpha of the population, with the standard error of the design. Item variances and the
// variance of the sum of the items are weighted by the design,
//
//	α = k/(k-1) (1 - Σ_j V_j / V)    V_j = Σ w (x_j - x̄_j)² / Σ w,  V the same of the sum of the items
//
// over the people of the domain who answer all items (listwise). The factor n/(n-1) of a sample variance cancels. It is
// linearised by the influence of a variance, ((x - x̄)² - V)/N̂:
//
//	z = -k/(k-1) (Σ_j z_j - (Σ_j V_j / V) z_V) / V
//
// so that clusters, strata, calibration and contrasts (is the scale as reliable among women as among men?) work as for
// every other estimate. Without weights and clusters the value is the alpha of [Alpha] on complete rows, and the standard
// error is the distribution-free one of Yuan, Guarnaccia & Hayslip (Educational and Psychological Measurement 63, 2003).
// svycralpha of R's survey has the same value without a standard error.
//
// One column an item, NaN missing. Errors: ErrItems, ErrRows, ErrConstant, and those of the design.
func WeightedAlpha(d *estimate.Design, items [][]float64, domain estimate.Domain) (*estimate.Result, error) {
	k := len(items)
	if k < 2 {
		return nil, fmt.Errorf("scale: weighted alpha of %d items: %w", k, ErrItems)
	}
	for _, col := range items {
		if len(col) != d.Rows() {
			return nil, fmt.Errorf("scale: weighted alpha: %d answers for %d rows: %w", len(col), d.Rows(), ErrLength)
		}
	}
	if domain.Design() != d {
		return nil, fmt.Errorf("scale: weighted alpha: %w", estimate.ErrDesign)
	}
	rows := answering(items, domain)
	z := make([]float64, d.Rows())
	var within float64
	for j, col := range append(items[:k:k], sums(items)) {
		value, population, influence, err := variance(d, col, rows)
		if err != nil {
			return nil, fmt.Errorf("scale: weighted alpha: %w", err)
		}
		for i := range z {
			if j < k {
				z[i] += influence[i]
				continue
			}
			factor := -float64(k) / float64(k-1)
			z[i] = factor * (z[i] - within/value*influence[i]) / (value * population)
		}
		if j < k {
			within += value
			continue
		}
		if value <= 0 {
			return nil, fmt.Errorf("scale: weighted alpha: sum of the items: %w", ErrConstant)
		}
		alpha := (float64(k) / float64(k-1)) * (1 - within/value)
		return d.Linear([]float64{alpha}, [][]float64{z})
	}
	return nil, ErrItems
}

// answering marks the rows of the domain that answer all items.
func answering(items [][]float64, domain estimate.Domain) []bool {
	in := domain.Has()
	for _, col := range items {
		for i, v := range col {
			in[i] = in[i] && !math.IsNaN(v)
		}
	}
	return in
}

func sums(items [][]float64) []float64 {
	s := make([]float64, len(items[0]))
	for _, col := range items {
		for i, v := range col {
			s[i] += v
		}
	}
	return s
}

// variance is the weighted variance of y over some rows, the number of people they stand for, and that number times the
// influence of each row on the variance, NaN for the other rows.
func variance(d *estimate.Design, y []float64, rows []bool) (value, population float64, influence []float64, err error) {
	nan := math.NaN()
	x := make([]float64, len(y))
	for i := range x {
		x[i] = nan
		if rows[i] {
			x[i] = y[i]
		}
	}
	m, err := d.Mean(x)
	if err != nil {
		return 0, 0, nil, err
	}
	if m.At(0).N < 2 {
		return 0, 0, nil, ErrRows
	}
	for i := range x {
		x[i] -= m.At(0).Value
		x[i] *= x[i]
	}
	v, err := d.Mean(x)
	if err != nil {
		return 0, 0, nil, err
	}
	for i := range x {
		x[i] -= v.At(0).Value
	}
	return v.At(0).Value, v.At(0).Population, x, nil
}
