package weight

import (
	"math"

	"adili/estimate/sum"
)

// PostStratify makes the weights of each category add up to its people in the population:
//
//	w = d N_c/N̂_c   N̂_c = Σ d over the respondents of category c
//
// In variances an influence value gives way to its distance from the weighted mean of its category (Särndal, Swensson &
// Wretman, Model Assisted Survey Sampling, 1992; Lohr, Sampling: Design and Analysis). Weights are in people; a row
// with base weight 0 keeps it.
//
// Errors: EmptyCellError, UnknownLevelError, MissingCodeError; ErrLength, ErrWeight and ErrTotal for input that does not
// fit.
func PostStratify(base []float64, by Margin) (*Calibration, error) {
	cells, err := Cross(by)
	if err != nil {
		return nil, err
	}
	sums, err := cells.Sums(base)
	if err != nil {
		return nil, err
	}
	if err := cells.covered(sums, cells.people(base)); err != nil {
		return nil, err
	}
	total := make([]float64, len(sums))
	for i, k := range cells.code[0] {
		total[i] = by.Total[k]
	}
	weight := make([]float64, len(base))
	for r, d := range base {
		if d > 0 {
			i := cells.of[r]
			weight[r] = d * (total[i] / sums[i])
		}
	}
	return &Calibration{
		weight: weight, base: base, iterations: 1,
		residual: &cellResiduals{cells: cells, weight: weight, total: total},
	}, nil
}

// cellResiduals are the distances of influence values from the weighted mean of their cell.
type cellResiduals struct {
	cells  *Cells
	weight []float64
	total  []float64 // of the weights, by cell
}

// Residuals is x - w Σx/Σw over the people of each cell, where x = w z.
func (k *cellResiduals) Residuals(wz []float64) {
	most := 0.0
	for r, x := range wz {
		if k.weight[r] > 0 {
			most = math.Max(most, math.Abs(x))
		}
	}
	g := sum.NewGrid(most, len(wz))
	part := make([]pair, k.cells.Len())
	for r, x := range wz {
		if k.weight[r] > 0 {
			part[k.cells.of[r]].add(g, x)
		}
	}
	mean := make([]float64, len(part))
	for i := range part {
		if k.total[i] > 0 {
			mean[i] = part[i].value() / k.total[i]
		}
	}
	for r, w := range k.weight {
		if w > 0 {
			wz[r] -= float64(w * mean[k.cells.of[r]])
		} else {
			wz[r] = 0
		}
	}
}
