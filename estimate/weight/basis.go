package weight

import (
	"math"
	"slices"

	"adili/estimate/sum"
)

// collinear is the share of a variable that the others must leave unexplained, as a length, for its total to be free.
const collinear = 1e-9

// basis is calibration variables turned into columns that are orthogonal and of length 1 under the base weights d:
// Σ d q_i q_j is 1 for i = j, else 0. x = q R with R upper triangular. Equations in q are as well conditioned as they can
// be, however the variables are scaled.
type basis struct {
	d []float64
	q [][]float64
	r [][]float64 // r[i][j], i <= j
}

// newBasis orthogonalises by the modified Gram-Schmidt method, twice (Å. Björck, Numerical Methods for Least Squares
// Problems, 1996).
func newBasis(d []float64, x []Variable) (*basis, error) {
	b := &basis{d: d}
	for j, v := range x {
		q := slices.Clone(v.X)
		for r, w := range d {
			if w == 0 {
				q[r] = 0
			}
		}
		whole := math.Sqrt(b.dot(q, q))
		column := make([]float64, len(x))
		for range 2 {
			for i, p := range b.q {
				c := b.dot(p, q)
				column[i] += c
				subtract(q, p, c)
			}
		}
		length := math.Sqrt(b.dot(q, q))
		if !(length > collinear*whole) {
			return nil, &CollinearError{Variable: v.Name, Others: variableNames(x[:j])}
		}
		for r := range q {
			q[r] /= length
		}
		column[j] = length
		b.q = append(b.q, q)
		b.r = append(b.r, column)
	}
	return b, nil
}

func variableNames(x []Variable) []string {
	var names []string
	for _, v := range x {
		names = append(names, v.Name)
	}
	return names
}

// dot is Σ d x y, the same bits for any order of the rows.
func (b *basis) dot(x, y []float64) float64 {
	most := 0.0
	for r, d := range b.d {
		if t := math.Abs(float64(d*x[r]) * y[r]); t > most {
			most = t
		}
	}
	g := sum.NewGrid(most, len(x))
	var s pair
	for r, d := range b.d {
		if d > 0 { // the values of others may be missing
			s.add(g, float64(float64(d*x[r])*y[r]))
		}
	}
	return s.value()
}

// project is Σ q_j (Σ q_j dz), what the variables explain of z when dz are the sums of d z.
func (b *basis) project(dz []float64) []float64 {
	coefficient := make([]float64, len(b.q))
	terms := make([]float64, len(dz))
	for j, q := range b.q {
		for i, v := range dz {
			terms[i] = q[i] * v
		}
		coefficient[j] = sum.Of(terms)
	}
	return b.at(coefficient)
}

func subtract(y, x []float64, c float64) {
	for r, v := range x {
		y[r] -= float64(c * v)
	}
}

// turn gives Σ d f q for each column q, where total gives Σ d f x: it solves R' t = total.
func (b *basis) turn(total []float64) []float64 {
	t := slices.Clone(total)
	for j := range t {
		for i := range j {
			t[j] -= float64(b.r[j][i] * t[i])
		}
		t[j] /= b.r[j][j]
	}
	return t
}

// at is Σ q_j λ_j.
func (b *basis) at(lambda []float64) []float64 {
	u := make([]float64, len(b.d))
	for j, q := range b.q {
		for r, v := range q {
			u[r] += float64(lambda[j] * v)
		}
	}
	return u
}

// solve is λ with T λ = right for T = Σ d slope q q', by Cholesky's method. Where bounds have frozen so many people that T
// is singular, it is made regular by a little on its diagonal, which only shortens the step. nil if that does not help.
func (b *basis) solve(slope, right []float64) []float64 {
	n := len(b.q)
	t := make([][]float64, n)
	bent := make([]float64, len(slope))
	for i := range t {
		t[i] = make([]float64, n)
		for r, s := range slope {
			bent[r] = s * b.q[i][r]
		}
		for j := range i + 1 {
			t[i][j] = b.dot(bent, b.q[j])
		}
	}
	for extra := 0.0; extra <= 1; extra = max(1e-12, 100*extra) {
		if x := cholesky(t, extra, right); x != nil {
			return x
		}
	}
	return nil
}

// cholesky solves (T + extra I) x = right for the lower triangle of T, nil if the matrix is not positive definite.
func cholesky(t [][]float64, extra float64, right []float64) []float64 {
	n := len(right)
	l := make([][]float64, n)
	x := slices.Clone(right)
	for i := range n {
		l[i] = slices.Clone(t[i])
		l[i][i] += extra
		for j := range i + 1 {
			for k := range j {
				l[i][j] -= float64(l[i][k] * l[j][k])
			}
			if j < i {
				l[i][j] /= l[j][j]
			}
		}
		if !(l[i][i] > 1e-14*(t[i][i]+extra)) || l[i][i] == 0 {
			return nil
		}
		l[i][i] = math.Sqrt(l[i][i])
		for k := range i {
			x[i] -= float64(l[i][k] * x[k])
		}
		x[i] /= l[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= float64(l[k][i] * x[k])
		}
		x[i] /= l[i][i]
	}
	return x
}
