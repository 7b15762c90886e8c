package regression

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
	"adili/estimate/distribution"
)

// WaldTest is the outcome of a test of several coefficients together.
type WaldTest struct {
	ChiSquare float64 // b'V⁻¹b
	F         float64 // over the number of coefficients
	Num, Den  float64 // degrees of freedom of F
	P         float64
}

// Wald tests whether the estimates with the given numbers are all zero:
// F = b'V⁻¹b/q against F(q, den). ErrModel if their covariance matrix is
// singular, as when there are fewer PSUs than coefficients.
func Wald(r *estimate.Result, den float64, index ...int) (WaldTest, error) {
	q := len(index)
	if q == 0 {
		return WaldTest{}, fmt.Errorf("regression: Wald test of no coefficient: %w", ErrModel)
	}
	b := mat.NewVecDense(q, nil)
	v := mat.NewSymDense(q, nil)
	for i, at := range index {
		if at < 0 || at >= r.Len() {
			return WaldTest{}, fmt.Errorf("regression: Wald test of coefficient %d of %d: %w", at, r.Len(), ErrModel)
		}
		b.SetVec(i, r.At(at).Value)
		for j := range i + 1 {
			v.SetSym(i, j, r.Covariance(at, index[j]))
		}
	}
	var root mat.Cholesky
	var x mat.VecDense
	if !root.Factorize(v) || root.SolveVecTo(&x, b) != nil {
		return WaldTest{}, fmt.Errorf("regression: the covariance matrix of %d coefficients is singular; test fewer of them: %w", q, ErrModel)
	}
	t := WaldTest{ChiSquare: mat.Dot(&x, b), Num: float64(q), Den: den}
	t.F = t.ChiSquare / t.Num
	t.P = distribution.F{Num: t.Num, Den: den}.Upper(t.F)
	return t, nil
}
