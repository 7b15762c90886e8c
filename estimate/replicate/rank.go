package replicate

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// costly is how many multiplications the rank of a matrix may cost: some seconds.
const costly = 4e9

// DF is the degrees of freedom of variances: PSUs less strata for the jackknife, otherwise the rank of the matrix of
// replicate weights less one (R's survey package counts so; bootstraps of many replicates come to PSUs less strata, of few
// to their number less one). Of matrices so large that their rank would take minutes it is the less of those two. The
// error is that of an adjustment.
func (s *Set) DF() (float64, error) {
	if !math.IsNaN(s.df) {
		return s.df, nil
	}
	rows, replicates := float64(s.units), float64(s.Len())
	if s.adjust != nil {
		rows = float64(s.folds())
	}
	switch {
	case rows*replicates*min(rows, replicates) > costly:
		return max(0, min(s.design.DF(), replicates-1)), nil
	case s.adjust == nil:
		return float64(s.factorRank() - 1), nil
	}
	rank, err := s.weightRank()
	return float64(rank - 1), err
}

// folds is how many rows adjusted weights are folded into for their rank.
func (s *Set) folds() int { return min(len(s.base), max(4096, 8*s.Len())) }

// basis is an orthonormal basis that grows.
type basis [][]float64

// add takes a vector in if it is not a combination of the others, to a millionth of its length.
func (b *basis) add(x []float64) {
	before := floats.Norm(x, 2)
	if before == 0 {
		return
	}
	for range 2 { // the second pass removes what rounding left
		for _, e := range *b {
			floats.AddScaled(x, -floats.Dot(e, x), e)
		}
	}
	if after := floats.Norm(x, 2); after > 1e-6*before {
		floats.Scale(1/after, x)
		*b = append(*b, x)
	}
}

// factorRank is the rank of the factors of units with a weight: that of the weights themselves. It stops when the rank is
// as high as it can be, which a bootstrap reaches after little more than one unit a replicate.
func (s *Set) factorRank() int {
	weight := make([]bool, s.units)
	for i, w := range s.base {
		if w > 0 {
			weight[s.unit[i]] = true
		}
	}
	var b basis
	one := make([]float64, 1)
	for u := range s.units {
		if !weight[u] {
			continue
		}
		x := make([]float64, s.Len())
		for r := range x {
			s.table.factors(r, u, one)
			x[r] = one[0]
		}
		if b.add(x); len(b) == s.Len() {
			break
		}
	}
	return len(b)
}

// weightRank is the rank of adjusted weights. Long samples are folded into eight rows a replicate, with coefficients that
// differ by row, so that memory does not hold rows x replicates; a folding that lowers the rank would be a coincidence.
func (s *Set) weightRank() (int, error) {
	rows := s.folds()
	folded := make([][]float64, s.Len())
	err := s.weighted(func(r int, w []float64) error {
		folded[r] = make([]float64, rows)
		for i, x := range w {
			_, part := math.Modf(float64(i/rows) * math.Phi)
			folded[r][i%rows] += float64(x * (1 + part))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var b basis
	for _, x := range folded {
		b.add(x)
	}
	return len(b), nil
}
