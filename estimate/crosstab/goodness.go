package crosstab

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
	"adili/estimate/distribution"
)

// Goodness is the outcome of a test of given shares.
type Goodness struct {
	Value     float64 // X² of the estimated totals
	Scale, DF float64 // X²/Scale is about chi-square with DF
	P         float64
	Effects   []float64 // weights of the exact distribution, largest first
}

// GoodnessOfFit tests whether the k categories of a question have the given
// shares (they are scaled to sum to 1): with T_i the estimated totals, T their
// sum and E_i = share_i T,
//
//	X² = Σ (T_i - E_i)² / E_i
//
// against the weighted sum of chi-squares whose weights are the eigenvalues of
// the covariance matrix of (T_i - E_i)/√E_i, by Satterthwaite's approximation
// (R's svygofchisq). X² grows with the size of the population: it is not to be
// compared with a table, only P is of use. code numbers the categories from 0;
// other codes take no part. ErrTable if a share is not positive or nobody
// answered.
func GoodnessOfFit(d *estimate.Design, code []int, share []float64, in estimate.Domain) (Goodness, error) {
	if len(share) > maxCells {
		return Goodness{}, fmt.Errorf("crosstab: goodness of fit of %d shares, more than %d: %w", len(share), maxCells, ErrTable)
	}
	var sum float64
	for i, p := range share {
		if !(p > 0) || math.IsInf(p, 1) {
			return Goodness{}, fmt.Errorf("crosstab: goodness of fit: share %d is %v: %w", i, p, ErrTable)
		}
		sum += p
	}
	s, err := arrange(d, in, false)
	if err != nil {
		return Goodness{}, err
	}
	if len(code) != d.Rows() {
		return Goodness{}, fmt.Errorf("crosstab: goodness of fit: %d codes for %d rows: %w", len(code), d.Rows(), estimate.ErrLength)
	}
	k := len(share)
	cell := make([]int32, len(s.rows))
	total := make([]float64, k)
	var size float64
	for i, r := range s.rows {
		cell[i] = -1
		if c := code[r]; c >= 0 && c < k {
			cell[i] = int32(c)
			total[c] += s.weight[i]
			size += s.weight[i]
		}
	}
	if !(size > 0) {
		return Goodness{}, fmt.Errorf("crosstab: goodness of fit: nobody in the domain has one of the %d answers: %w", k, ErrTable)
	}
	var g Goodness
	score := make([][]float64, k)
	for i, p := range share {
		p /= sum
		e := p * size
		g.Value += (total[i] - e) * (total[i] - e) / e
		score[i] = make([]float64, k)
		for c := range k {
			score[i][c] = -(total[i] + e) / (2 * e * math.Sqrt(e)) * p
		}
		score[i][i] += 1 / math.Sqrt(e)
	}
	v, err := spread{sample: s, cell: cell}.covariance(k, score)
	if err != nil {
		return Goodness{}, err
	}
	return g.judge(v)
}

func (g Goodness) judge(v *mat.SymDense) (Goodness, error) {
	var err error
	if g.Effects, err = eigenvalues(v); err != nil {
		return Goodness{}, fmt.Errorf("crosstab: goodness of fit: %w", err)
	}
	q := distribution.Mixture{Weight: g.Effects}
	g.Scale, g.DF = q.Scale()
	g.P = q.Satterthwaite(g.Value)
	return g, nil
}
