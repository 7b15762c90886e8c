package weight

import (
	"math"
	"slices"

	"adili/estimate/sum"
)

// patterns are the rows grouped by the values of their calibration variables: all rows of a pattern get one ratio. Where
// variables are indicators of categories there are few patterns, however many rows.
type patterns struct {
	of   []int32    // by row, -1 for a row that has neither weight nor values
	base []float64  // sum of the base weights, by pattern
	x    []Variable // by pattern
}

// mostValues is how many values a variable may have for its rows to be worth grouping.
const mostValues = 1000

func newPatterns(base []float64, x []Variable) (*patterns, error) {
	c := &Cells{of: make([]int32, len(base))}
	for _, v := range x {
		code, k := valueCodes(base, v.X)
		if k > mostValues {
			return &patterns{of: rowNumbers(len(base)), base: base, x: x}, nil
		}
		c.split(Margin{Code: code, Labels: make([]string, k)})
	}
	sums, err := c.Sums(base)
	if err != nil {
		return nil, err
	}
	p := &patterns{of: c.of, base: sums}
	for _, v := range x {
		value := make([]float64, c.Len())
		for r, at := range c.of {
			if at >= 0 {
				value[at] = v.X[r]
			}
		}
		p.x = append(p.x, Variable{Name: v.Name, X: value, Total: v.Total})
	}
	return p, nil
}

// valueCodes numbers the values of rows with weight in their order, -1 for the others. It stops when there are more than
// are worth it.
func valueCodes(base, x []float64) (code []int, k int) {
	place := map[float64]int{}
	var values []float64
	for r, v := range x {
		if base[r] == 0 {
			continue
		}
		if _, known := place[v]; !known {
			if len(values) == mostValues {
				return nil, mostValues + 1
			}
			place[v] = 0
			values = append(values, v)
		}
	}
	slices.Sort(values)
	for i, v := range values {
		place[v] = i
	}
	code = make([]int, len(x))
	for r, v := range x {
		code[r] = -1
		if base[r] > 0 {
			code[r] = place[v]
		}
	}
	return code, len(values)
}

func rowNumbers(n int) []int32 {
	rows := make([]int32, n)
	for r := range rows {
		rows[r] = int32(r)
	}
	return rows
}

// regressionResiduals are residuals from the regression on the calibration variables with the base weights as weights.
type regressionResiduals struct {
	of     []int32
	q      *basis    // by pattern
	g      []float64 // by pattern: ratio of calibrated to base weights
	weight []float64 // by row
}

// Residuals is w (z - q Σ d q z), where d z = x/g for x = w z. Rows that calibration has given no weight take no part.
func (k *regressionResiduals) Residuals(wz []float64) {
	most := 0.0
	for r, x := range wz {
		if k.weight[r] != 0 {
			most = math.Max(most, math.Abs(x))
		}
	}
	grid := sum.NewGrid(most, len(wz))
	part := make([]pair, len(k.g))
	for r, x := range wz {
		if k.weight[r] != 0 {
			part[k.of[r]].add(grid, x)
		}
	}
	sums := make([]float64, len(part)) // of d z
	for i := range part {
		if k.g[i] != 0 {
			sums[i] = part[i].value() / k.g[i]
		}
	}
	explained := k.q.project(sums)
	for r, w := range k.weight {
		if w != 0 {
			wz[r] -= float64(w * explained[k.of[r]])
		} else {
			wz[r] = 0
		}
	}
}
