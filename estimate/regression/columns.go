package regression

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
)

// table holds the people who take part in a model: their explanatory variables, centred and scaled so that the normal
// equations are well behaved, row by row.
type table struct {
	rows   []int32
	weight []float64
	usual  float64   // mean weight of the domain
	p      int       // columns kept, the intercept not counted
	x      []float64 // rows x p
	mean   []float64
	sd     []float64
	kept   []int // of the columns given
	lost   []int
}

// aliased is the share of its variance under which a column counts as explained by those before it.
const aliased = 1e-11

// maxVariables bounds a model, so that a factor with a level for each person is an error and not a day's work.
const maxVariables = 500

// complete lists the people in the domain with a weight, a valid y and all explanatory variables.
func complete(d *estimate.Design, in estimate.Domain, valid func(row int) bool, x [][]float64) (*table, error) {
	if in.Design() != d {
		return nil, fmt.Errorf("regression: the domain: %w", estimate.ErrDesign)
	}
	if len(x) > maxVariables {
		return nil, fmt.Errorf("regression: %d variables, more than %d; group the levels of factors: %w", len(x), maxVariables, ErrModel)
	}
	for j, col := range x {
		if len(col) != d.Rows() {
			return nil, fmt.Errorf("regression: variable %d: %d values for %d rows: %w", j, len(col), d.Rows(), estimate.ErrLength)
		}
	}
	t := &table{}
next:
	for _, r := range in.Rows() {
		t.usual += d.Weight(int(r)) / float64(len(in.Rows()))
		if !(d.Weight(int(r)) > 0) || !valid(int(r)) {
			continue
		}
		for j, col := range x {
			switch v := col[r]; {
			case math.IsNaN(v):
				continue next
			case math.IsInf(v, 0):
				return nil, fmt.Errorf("regression: variable %d, row %d: %w", j, r, estimate.ErrValue)
			}
		}
		t.rows = append(t.rows, r)
		t.weight = append(t.weight, d.Weight(int(r)))
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("regression: nobody in the domain has a valid answer to every variable: %w", estimate.ErrEmpty)
	}
	t.standardise(x)
	return t, nil
}

// standardise copies the columns that are not explained by those before them, with mean 0 and variance 1.
func (t *table) standardise(x [][]float64) {
	var size float64
	for _, w := range t.weight {
		size += w
	}
	scaled := make([][]float64, len(x))
	mean, sd := make([]float64, len(x)), make([]float64, len(x))
	for j, col := range x {
		scaled[j] = make([]float64, len(t.rows))
		for i, r := range t.rows {
			mean[j] += t.weight[i] * col[r]
		}
		mean[j] /= size
		var s float64
		for i, r := range t.rows {
			v := col[r] - mean[j]
			scaled[j][i] = v
			s += t.weight[i] * v * v
		}
		if sd[j] = math.Sqrt(s / size); sd[j] <= 1e-12*math.Abs(mean[j]) {
			sd[j] = 0
			continue
		}
		for i := range scaled[j] {
			scaled[j][i] /= sd[j]
		}
	}
	t.keep(scaled, sd, size)
	t.p = len(t.kept)
	t.x = make([]float64, len(t.rows)*t.p)
	for k, j := range t.kept {
		t.mean, t.sd = append(t.mean, mean[j]), append(t.sd, sd[j])
		for i, v := range scaled[j] {
			t.x[i*t.p+k] = v
		}
	}
}

// keep chooses columns by a Cholesky decomposition of their correlations, one column after the other.
func (t *table) keep(scaled [][]float64, sd []float64, size float64) {
	var root [][]float64 // rows of the factor, one for each column kept
	for j, col := range scaled {
		row := make([]float64, 0, len(t.kept)+1)
		rest := 1.0
		for k, other := range t.kept {
			var s float64
			for i, w := range t.weight {
				s += w * col[i] * scaled[other][i]
			}
			s /= size
			for l := range k {
				s -= row[l] * root[k][l]
			}
			s /= root[k][k]
			row = append(row, s)
			rest -= s * s
		}
		if sd[j] == 0 || rest < aliased {
			t.lost = append(t.lost, j)
			continue
		}
		root = append(root, append(row, math.Sqrt(rest)))
		t.kept = append(t.kept, j)
	}
}

// row is the standardised variables of person i.
func (t *table) row(i int) []float64 { return t.x[i*t.p : (i+1)*t.p] }

// influence spreads values by person over the rows of the sample.
func (t *table) influence(rows, columns int, z func(i int, to []float64)) [][]float64 {
	all := make([][]float64, columns)
	flat := make([]float64, rows*columns)
	for i := range flat {
		flat[i] = math.NaN()
	}
	for j := range all {
		all[j] = flat[j*rows : (j+1)*rows]
	}
	to := make([]float64, columns)
	for i, r := range t.rows {
		z(i, to)
		for j, v := range to {
			all[j][r] = v
		}
	}
	return all
}

// symmetric is a square matrix from its lower triangle.
func symmetric(lower []float64, n int) *mat.SymDense {
	s := mat.NewSymDense(n, nil)
	for a := range n {
		for b := range a + 1 {
			s.SetSym(a, b, lower[a*n+b])
		}
	}
	return s
}

// times is the product of a symmetric matrix with a vector.
func times(to []float64, m []float64, x []float64) {
	n := len(x)
	for a := range n {
		var s float64
		for b, v := range x {
			s += m[a*n+b] * v
		}
		to[a] = s
	}
}

// inverse of a positive definite matrix, flat.
func inverse(a *mat.SymDense) ([]float64, bool) {
	var root mat.Cholesky
	if !root.Factorize(a) {
		return nil, false
	}
	var inv mat.SymDense
	if err := root.InverseTo(&inv); err != nil {
		return nil, false
	}
	n := a.SymmetricDim()
	flat := make([]float64, n*n)
	for i := range n {
		for j := range n {
			flat[i*n+j] = inv.At(i, j)
		}
	}
	return flat, true
}
