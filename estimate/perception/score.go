package perception

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Half is the share of the items put to a person that must be answered for a score.
const Half = 0.5

// Score is each person's score on the factor that the items make up, in points of their scale after reversal: [Means] of their
// points. A score of [estimate.Score] is one of Half, rescaled to 0..10.
//
// ErrScale where the items lie on different scales; the other errors are those of Means.
func Score(share float64, items ...*Item) ([]float64, error) {
	points, asked, err := together(items)
	if err != nil {
		return nil, fmt.Errorf("perception: score: %w", err)
	}
	return Means(share, points, asked)
}

// Means is the mean of each person's points: points has a column for each item with one value a row, NaN where no point was
// given, and asked says to whom the item was put (nil: everything to everyone). The mean is of the points given if there are at
// least ceil(share x items asked) of them, and one; otherwise it is NaN. See the package comment for the rule, its source and
// the alternatives.
//
// ErrItems without items, ErrShare for a share outside 0..1, estimate.ErrLength where columns have different lengths.
func Means(share float64, points [][]float64, asked [][]bool) ([]float64, error) {
	if !(share >= 0 && share <= 1) {
		return nil, fmt.Errorf("perception: score: %v: %w", share, ErrShare)
	}
	if err := rectangular(points); err != nil {
		return nil, fmt.Errorf("perception: score: %w", err)
	}
	if asked != nil && len(asked) != len(points) {
		return nil, fmt.Errorf("perception: score: who was asked of %d items, points of %d: %w", len(asked), len(points), estimate.ErrLength)
	}
	rows := len(points[0])
	put, valid, sum := make([]int, rows), make([]int, rows), make([]float64, rows)
	for i, column := range points {
		if asked != nil && len(asked[i]) != rows {
			return nil, fmt.Errorf("perception: score: item %d: %d rows of who was asked, %d of points: %w", i+1, len(asked[i]), rows, estimate.ErrLength)
		}
		for row, x := range column {
			if asked == nil || asked[i][row] {
				put[row]++
			}
			if !math.IsNaN(x) {
				valid[row]++
				sum[row] += x
			}
		}
	}
	score := sum
	for row, n := range valid {
		if n < need(share, put[row]) {
			score[row] = math.NaN()
			continue
		}
		score[row] /= float64(n)
	}
	return score, nil
}

// need is how many points make a score. A share such as 0.6 is not exact in binary: 0.6 of 5 must be 3, not 4.
func need(share float64, asked int) int {
	return max(1, int(math.Ceil(share*float64(asked)-1e-9)))
}

// rectangular checks that there are columns, all of one length.
func rectangular(points [][]float64) error {
	if len(points) == 0 {
		return ErrItems
	}
	for i, column := range points {
		if len(column) != len(points[0]) {
			return fmt.Errorf("item %d has %d rows, the first %d: %w", i+1, len(column), len(points[0]), estimate.ErrLength)
		}
	}
	return nil
}

// Range is the lowest and the highest value a score can have.
type Range struct {
	Low, High float64
}

// Percent is 0 to 100.
func Percent() Range { return Range{0, 100} }

// Rescale carries values from one range to another,
//
//	y = to.Low + (x - from.Low) (to.High - to.Low)/(from.High - from.Low),
//
// so that 1..5 becomes 0..100 by 25 (x - 1). Estimates and standard errors of a rescaled score are those of the score, shifted
// and multiplied. ErrScale if from has no length or a limit is not finite.
func Rescale(x []float64, from, to Range) ([]float64, error) {
	factor := (to.High - to.Low) / (from.High - from.Low)
	if math.IsNaN(factor) || math.IsInf(factor, 0) || math.IsInf(to.Low, 0) || math.IsInf(from.Low, 0) {
		return nil, fmt.Errorf("perception: rescale from %v to %v: %w", from, to, ErrScale)
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = to.Low + float64((v-from.Low)*factor)
	}
	return y, nil
}
