package weight

import (
	"fmt"
	"slices"

	"adili/estimate/sum"
)

// Trim cuts weights to the bounds and spreads what was cut equally over the people who were not, so that the weights keep
// their sum: a few people with huge weights make every estimate unsteady, and a small bias is the better bargain (R.
// Valliant, J. Dever & F. Kreuter, Practical Tools for Designing and Weighting Survey Samples, 2018).
//
// Spreading may push others over a bound. Without strict that is left as it is, as R does by default. With strict it is
// repeated until all keep the bounds; who was cut once stays at the bound and takes no further share. (survey up to 4.1
// gave cut people a share of later rounds; 4.5 does as this function.)
//
// Rows with weight 0 stay out. Equal shares, not proportional ones, are R's rule; calibrated weights no longer meet their
// totals after trimming, so calibrate with bounds where the totals matter. ErrBounds if no weights between the bounds have
// the sum, ErrWeight for a weight that is none.
func Trim(weight []float64, lower, upper float64, strict bool) ([]float64, error) {
	n := 0
	for r, w := range weight {
		if !(w >= -limit && w <= limit) {
			return nil, fmt.Errorf("weight: trim: row %d is %v: %w", r+1, w, ErrWeight)
		}
		if w != 0 {
			n++
		}
	}
	if n == 0 {
		return nil, fmt.Errorf("weight: trim: %w", ErrEmpty)
	}
	if mean := sum.Of(weight) / float64(n); !(lower <= mean && mean <= upper) {
		return nil, fmt.Errorf("weight: trim: the mean weight is %g, not within %g to %g: %w", mean, lower, upper, ErrBounds)
	}
	trimmed := slices.Clone(weight)
	cut := make([]bool, len(weight))
	for {
		excess := make([]float64, 0, len(weight))
		for r, w := range trimmed {
			if bound := min(max(w, lower), upper); w != 0 && bound != w {
				excess = append(excess, w-bound)
				trimmed[r], cut[r] = bound, true
			}
		}
		if len(excess) == 0 {
			return trimmed, nil
		}
		free := 0
		for r, w := range weight {
			if w != 0 && !cut[r] {
				free++
			}
		}
		if free == 0 {
			return nil, fmt.Errorf("weight: trim: nobody is left between %g and %g to take a share: %w", lower, upper, ErrBounds)
		}
		share := sum.Of(excess) / float64(free)
		for r, w := range weight {
			if w != 0 && !cut[r] {
				trimmed[r] += share
			}
		}
		if !strict {
			return trimmed, nil
		}
	}
}
