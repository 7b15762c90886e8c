package scale

import (
	"fmt"
	"slices"

	"adili/estimate/distribution"

	"gonum.org/v1/gonum/mat"
)

// Adequacy says whether items share enough for a factor analysis.
type Adequacy struct {
	KMO   float64   // of all items
	Items []float64 // of each item: its measure of sampling adequacy
	// Bartlett's test that the items are uncorrelated.
	ChiSquare, DF, P float64
}

// Suitable computes the Kaiser-Meyer-Olkin measure and Bartlett's test of sphericity of a correlation matrix R of p items and
// n rows. With r_ij the correlations and q_ij the partial correlations given all other items (from the inverse of R),
//
//	KMO   Σ_{i≠j} r²_ij / (Σ_{i≠j} r²_ij + Σ_{i≠j} q²_ij)    0.5 is miserable, 0.8 meritorious, 0.9 marvellous
//	X²    -(n - 1 - (2p+5)/6) ln det R,  p(p-1)/2 degrees of freedom
//
// With missing answers and a matrix made pairwise, n is the number of rows, as in package psych of R; listwise deletion has
// an n that means something, so prefer it.
//
// Source: Kaiser & Rice, Educational and Psychological Measurement 34 (1974); Bartlett, Journal of the Royal
// Statistical Society B 16 (1954). Errors: ErrSingular when R has no inverse.
func Suitable(r *mat.SymDense, n int) (*Adequacy, error) {
	p := r.SymmetricDim()
	var chol mat.Cholesky
	if !chol.Factorize(r) || chol.Cond() > 1/1e-15 {
		return nil, fmt.Errorf("scale: adequacy of the correlations of %d items: %w", p, ErrSingular)
	}
	var inverse mat.SymDense
	if err := chol.InverseTo(&inverse); err != nil {
		return nil, fmt.Errorf("scale: adequacy of the correlations of %d items: %w", p, ErrSingular)
	}
	a := &Adequacy{Items: make([]float64, p)}
	var allR, allQ float64
	for i := range p {
		var squareR, squareQ float64
		for j := range p {
			if i != j {
				q := inverse.At(i, j)
				squareR += r.At(i, j) * r.At(i, j)
				squareQ += q * q / (inverse.At(i, i) * inverse.At(j, j))
			}
		}
		a.Items[i] = squareR / (squareR + squareQ)
		allR += squareR
		allQ += squareQ
	}
	a.KMO = allR / (allR + allQ)
	a.ChiSquare = -(float64(n) - 1 - float64(2*p+5)/6) * chol.LogDet()
	a.DF = float64(p*(p-1)) / 2
	a.P = distribution.ChiSquare{DF: a.DF}.Upper(max(a.ChiSquare, 0))
	return a, nil
}

// Eigenvalues are those of a symmetric matrix, largest first. Of a correlation matrix they add to the number of items, and a
// scree plot of them shows how many factors the items have (Cattell, Multivariate Behavioral Research 1, 1966).
func Eigenvalues(r *mat.SymDense) ([]float64, error) {
	var e mat.EigenSym
	if !e.Factorize(r, false) {
		return nil, fmt.Errorf("scale: eigenvalues of %d items: %w", r.SymmetricDim(), ErrSingular)
	}
	v := e.Values(nil)
	slices.Reverse(v)
	return v, nil
}
