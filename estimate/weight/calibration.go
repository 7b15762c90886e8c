package weight

import (
	"math"

	"adili/estimate"
	"adili/estimate/sum"
)

// Calibration is a set of weights made to meet known totals, and what that does to variances: it is a set of residuals
// for [estimate.Design.Calibrated].
type Calibration struct {
	weight, base []float64
	iterations   int
	residual     estimate.Residuals
}

// Weights are the calibrated weights, one a row. They must not be changed.
func (c *Calibration) Weights() []float64 { return c.weight }

// Iterations is how many sweeps or steps it took.
func (c *Calibration) Iterations() int { return c.iterations }

// Range is the least and the greatest ratio of a calibrated weight to its base weight. Ratios far from 1 say that the
// respondents are unlike the population in what was calibrated.
func (c *Calibration) Range() (least, greatest float64) { return Range(c.weight, c.base) }

// Residuals replaces weighted influence values, one a row, by weighted residuals. Rows without weight become 0.
func (c *Calibration) Residuals(wz []float64) { c.residual.Residuals(wz) }

// Range is the least and the greatest ratio of weights to base weights, over the rows with a base weight; NaN if there is
// none.
func Range(weight, base []float64) (least, greatest float64) {
	least, greatest = math.NaN(), math.NaN()
	for r, d := range base {
		if !(d > 0) {
			continue
		}
		g := weight[r] / d
		if !(g >= least) {
			least = g
		}
		if !(g <= greatest) {
			greatest = g
		}
	}
	return least, greatest
}

// Sum adds weights, in whatever order to the same bits.
func Sum(weight []float64) float64 { return sum.Of(weight) }

// SumSquares adds the squares of weights, in whatever order to the same bits.
func SumSquares(weight []float64) float64 {
	square := make([]float64, len(weight))
	for r, w := range weight {
		square[r] = w * w
	}
	return sum.Of(square)
}

// Kish is the loss of precision through unequal weights, n Σw²/(Σw)²: the variance of a mean of something unrelated to the
// weights, over that of the same people with equal weights (L. Kish, Survey Sampling, 1965). Rows without weight do
// not count; NaN if none has weight. Negative weights, which linear calibration can give, count as the formula has them;
// estimate.Kish, for the weights of a sample, leaves them out.
func Kish(weight []float64) float64 {
	n := 0
	for _, w := range weight {
		if w != 0 {
			n++
		}
	}
	all := sum.Of(weight)
	return float64(n) * SumSquares(weight) / (all * all)
}

// rakingSweeps is how often the variance of raked estimates sweeps over the margins.
const rakingSweeps = 10

// rakingResiduals are what is left of influence values after sweeping out the mean of each category of each margin, ten
// times over. All rows of a cell are shifted alike, so that only sums by cell take part.
type rakingResiduals struct {
	cells  *Cells
	base   []float64
	people []int       // by cell
	factor [][]float64 // by margin and cell
	within [][]int     // people by margin and category
}

func newRakingResiduals(c *Cells, base []float64, people []int, factor [][]float64) *rakingResiduals {
	k := &rakingResiduals{cells: c, base: base, people: people, factor: factor}
	for m, code := range c.code {
		within := make([]int, len(c.margin[m].Labels))
		for i, category := range code {
			within[category] += people[i]
		}
		k.within = append(k.within, within)
	}
	return k
}

// Residuals is
//
//	x ← x - w_m mean(x/w_m)   over the people of each category of margin m
//
// for m = 1, 2, ..., ten times, where x = w z and w_m are the weights after margin m in the last sweep.
func (k *rakingResiduals) Residuals(wz []float64) {
	part := make([]pair, k.cells.Len())
	most := 0.0
	for r, x := range wz {
		if x != 0 && k.base[r] > 0 {
			most = math.Max(most, math.Abs(x/k.base[r]))
		}
	}
	g := sum.NewGrid(most, len(wz))
	for r, x := range wz {
		if x != 0 && k.base[r] > 0 {
			part[k.cells.of[r]].add(g, x/k.base[r])
		}
	}
	sums := make([]float64, len(part))
	for i := range part {
		sums[i] = part[i].value()
	}
	shift := k.shift(sums)
	for r := range wz {
		if k.base[r] > 0 {
			wz[r] -= float64(k.base[r] * shift[k.cells.of[r]])
		} else {
			wz[r] = 0
		}
	}
}

// shift is by how much x/base goes down in each cell, given its sums by cell.
func (k *rakingResiduals) shift(sums []float64) []float64 {
	shift := make([]float64, len(sums))
	most := 0
	for _, within := range k.within {
		most = max(most, len(within))
	}
	mean := make([]float64, most)
	for range rakingSweeps {
		for m, code := range k.cells.code {
			f := k.factor[m]
			clear(mean)
			for i, category := range code {
				if k.people[i] > 0 {
					mean[category] += (sums[i] - float64(float64(k.people[i])*shift[i])) / f[i]
				}
			}
			for i, category := range code {
				if k.people[i] > 0 {
					shift[i] += float64(f[i] * (mean[category] / float64(k.within[m][category])))
				}
			}
		}
	}
	return shift
}
