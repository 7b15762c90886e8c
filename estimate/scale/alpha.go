package scale

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Coefficients say how well a set of items hangs together.
type Coefficients struct {
	Alpha         float64 // Cronbach's alpha, from covariances
	Standardised  float64 // the same from correlations: every item has the same weight
	Lambda6       float64 // Guttman's lambda 6, from the squared multiple correlations
	MeanR         float64 // mean correlation between two items
	MedianR       float64 // median correlation between two items
	SignalToNoise float64 // k r / (1 - r) with the mean correlation r
	SE            float64 // standard error of Alpha for multivariate normal answers
}

// ItemReliability is what one item adds to its scale.
type ItemReliability struct {
	Name      string
	N         int     // answers
	Mean, SD  float64 // over the answers
	RDrop     float64 // correlation with the sum of the other items
	Corrected float64 // correlation with the scale, corrected for overlap and for the reliability of the item
	Dropped   Coefficients
}

// Reliability is the internal consistency of a scale.
type Reliability struct {
	Coefficients
	N        int     // rows, whether answered or not
	Mean, SD float64 // of the scores of the rows: the mean of the items a row answers
	Items    []ItemReliability
}

// Alpha measures the internal consistency of a scale of k items with the covariances c_ij of [Answers.Covariance] and the
// correlations r_ij = c_ij/√(c_ii c_jj):
//
//	alpha          k/(k-1) (1 - Σ_i c_ii / Σ_ij c_ij)
//	standardised   k/(k-1) (1 - k / Σ_ij r_ij)
//	lambda 6       1 - Σ_i (1 - R²_i) / Σ_ij r_ij
//
// with R²_i the squared multiple correlation of item i with the others, held between 0 and 1. The standard error is that of
// van Zyl, Neudecker & Nel for multivariate normal answers, with n the number of rows and C the covariance matrix:
//
//	SE² = 2k² / ((k-1)² S³ n) (S (tr C² + (tr C)²) - 2 tr C Σ_ij (C²)_ij)   S = Σ_ij c_ij
//
// The statistics of an item are the coefficients of the scale without it (NaN where fewer than two items are left), its
// correlation with the sum of the others, and its correlation with the scale in which its own variance 1 gives way to R²_i.
//
// Missing answers: every covariance uses the people who answered both items, as package psych of R does; give Complete()
// for listwise deletion, which SPSS, SAS (NOMISS) and most textbooks use. Both are printed by programs as "alpha", and they
// differ in the second or third digit when answers are missing.
//
// Source: Cronbach, Psychometrika 16 (1951); Guttman, Psychometrika 10 (1945); van Zyl, Neudecker & Nel,
// Psychometrika 65 (2000). Errors: ErrRows, ErrConstant.
func Alpha(a *Answers) (*Reliability, error) {
	c, err := a.Covariance()
	if err != nil {
		return nil, fmt.Errorf("scale: alpha: %w", err)
	}
	r := correlation(c)
	multiple, err := multipleCorrelations(r)
	if err != nil {
		return nil, fmt.Errorf("scale: alpha: %w", err)
	}
	rel := &Reliability{N: a.Rows()}
	if rel.Coefficients, err = coefficients(c, r, a.Rows()); err != nil {
		return nil, fmt.Errorf("scale: alpha: %w", err)
	}
	rel.Mean, rel.SD = a.scores()
	total := sum(r)
	for j, smc := range multiple {
		total += smc - r.At(j, j)
	}
	for j, col := range a.column {
		item := ItemReliability{Name: a.names[j], SD: deviation(col), RDrop: restCorrelation(c, j)}
		item.Mean, item.N = mean(col)
		item.Corrected = (rowSum(r, j) - r.At(j, j) + multiple[j]) / math.Sqrt(total)
		if item.Dropped, err = coefficients(without(c, j), without(r, j), a.Rows()); err != nil {
			return nil, fmt.Errorf("scale: alpha without item %s: %w", a.names[j], err)
		}
		rel.Items = append(rel.Items, item)
	}
	return rel, nil
}

// AlphaOf is Cronbach's alpha of a covariance or correlation matrix; of a matrix of polychoric correlations it is the
// ordinal alpha of Zumbo, Gadermann & Zeisser (Journal of Modern Applied Statistical Methods 6, 2007).
func AlphaOf(c mat.Symmetric) float64 {
	k := float64(c.SymmetricDim())
	return (1 - mat.Trace(c)/sum(c)) * (k / (k - 1))
}

func coefficients(c, r *mat.SymDense, n int) (Coefficients, error) {
	k := c.SymmetricDim()
	if k < 2 {
		nan := math.NaN()
		return Coefficients{nan, nan, nan, nan, nan, nan, nan}, nil
	}
	multiple, err := multipleCorrelations(r)
	if err != nil {
		return Coefficients{}, err
	}
	sumR, unexplained := sum(r), float64(k)
	for _, smc := range multiple {
		unexplained -= smc
	}
	kk := float64(k)
	meanR := (sumR - kk) / (kk * (kk - 1))
	return Coefficients{
		Alpha:         AlphaOf(c),
		Standardised:  AlphaOf(r),
		Lambda6:       1 - unexplained/sumR,
		MeanR:         meanR,
		MedianR:       median(lower(r)),
		SignalToNoise: kk * meanR / (1 - meanR),
		SE:            math.Sqrt(alphaVariance(c) / float64(n)),
	}, nil
}

// alphaVariance is n times the variance of alpha for multivariate normal answers.
func alphaVariance(c *mat.SymDense) float64 {
	k, total, trace := float64(c.SymmetricDim()), sum(c), mat.Trace(c)
	var square mat.Dense
	square.Mul(c, c)
	inner := total*(mat.Trace(&square)+trace*trace) - 2*trace*mat.Sum(&square)
	return 2 * k * k / ((k - 1) * (k - 1) * total * total * total) * inner
}

// restCorrelation is the correlation of item j with the sum of the others.
func restCorrelation(c *mat.SymDense, j int) float64 {
	own := c.At(j, j)
	with := rowSum(c, j) - own
	return with / math.Sqrt(own*sum(without(c, j)))
}

// multipleCorrelations are the squared multiple correlations of each item with the others, between 0 and 1. A singular
// matrix has its pseudo-inverse taken.
func multipleCorrelations(r *mat.SymDense) ([]float64, error) {
	k := r.SymmetricDim()
	var e mat.EigenSym
	if !e.Factorize(r, true) {
		return nil, ErrSingular
	}
	var v mat.Dense
	e.VectorsTo(&v)
	value := e.Values(nil)
	var largest float64
	for _, x := range value {
		largest = max(largest, math.Abs(x))
	}
	const negligible = 0x1p-26 // relative to the largest: the square root of the precision
	smc := make([]float64, k)
	for j := range smc {
		var inverse float64
		for i, x := range value {
			if math.Abs(x) > negligible*largest {
				inverse += v.At(j, i) * v.At(j, i) / x
			}
		}
		smc[j] = min(max(1-1/inverse, 0), 1)
	}
	return smc, nil
}

// scores are the mean and standard deviation of the rows' means over the items they answer.
func (a *Answers) scores() (float64, float64) {
	score := make([]float64, a.Rows())
	row := make([]float64, a.Items())
	for i := range score {
		for j, col := range a.column {
			row[j] = col[i]
		}
		score[i], _ = mean(row)
	}
	m, _ := mean(score)
	return m, deviation(score)
}

func sum(c mat.Symmetric) float64 {
	var s float64
	for i := range c.SymmetricDim() {
		for j := range c.SymmetricDim() {
			s += c.At(i, j)
		}
	}
	return s
}

func rowSum(c *mat.SymDense, j int) float64 {
	var s float64
	for i := range c.SymmetricDim() {
		s += c.At(i, j)
	}
	return s
}

func without(c *mat.SymDense, leave int) *mat.SymDense {
	k := c.SymmetricDim()
	if k == 1 {
		return &mat.SymDense{}
	}
	s := mat.NewSymDense(k-1, nil)
	for j := range k {
		for i := range j + 1 {
			if i != leave && j != leave {
				s.SetSym(past(i, leave), past(j, leave), c.At(i, j))
			}
		}
	}
	return s
}

func past(i, leave int) int {
	if i > leave {
		return i - 1
	}
	return i
}

func lower(c *mat.SymDense) []float64 {
	var x []float64
	for j := range c.SymmetricDim() {
		for i := range j {
			x = append(x, c.At(i, j))
		}
	}
	return x
}

func median(x []float64) float64 {
	slices.Sort(x)
	if n := len(x); n%2 == 0 {
		return (x[n/2-1] + x[n/2]) / 2
	}
	return x[len(x)/2]
}
