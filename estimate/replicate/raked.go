package replicate

import (
	"fmt"

	"adili/estimate/weight"
)

// Raked is the set with the weights of the full sample and of every replicate raked to margins, so that variances include
// the raking. Replicates make as many sweeps as the full sample needs to converge, as R's do: an error that is left in the
// weights is then the same in all. The cells must be those of the rows of the design.
//
// It returns the errors of weight.Rake; a category that a replicate leaves empty is one.
func (s *Set) Raked(cells *weight.Cells, options weight.Options) (*Set, error) {
	w, err := s.Weight()
	if err != nil {
		return nil, err
	}
	full, err := cells.Rake(w, options)
	if err != nil {
		return nil, fmt.Errorf("replicate: full sample: %w", err)
	}
	options.Sweeps = full.Iterations()
	return s.Reweighted(func(w []float64) ([]float64, error) {
		c, err := cells.Rake(w, options)
		if err != nil {
			return nil, err
		}
		return c.Weights(), nil
	})
}
