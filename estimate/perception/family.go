package perception

import (
	"fmt"
	"slices"

	"adili/estimate"
)

// Comparison is the same linear combination of domain means for every member of a family.
type Comparison struct {
	Coef    []float64
	Domains []estimate.Domain
}

// Difference compares two domains, plus less minus: a gap between populations, or, on a stacked sample, the change to a round
// from the one before.
func Difference(plus, minus estimate.Domain) Comparison {
	return Comparison{Coef: []float64{1, -1}, Domains: []estimate.Domain{plus, minus}}
}

// DifferenceInDifferences is how much more plus has changed than minus,
//
//	(plusAfter - plusBefore) - (minusAfter - minusBefore),
//
// which is also the change of the gap between them.
func DifferenceInDifferences(plusAfter, plusBefore, minusAfter, minusBefore estimate.Domain) Comparison {
	return Comparison{
		Coef:    []float64{1, -1, -1, 1},
		Domains: []estimate.Domain{plusAfter, plusBefore, minusAfter, minusBefore},
	}
}

// Family is one comparison of several variables, factors or items, whose tests are judged together.
type Family struct {
	Names []string
	// Contrasts are the comparisons, with standard errors from the full covariance of the domain means and the degrees of
	// freedom of all domains together. A report that counts them otherwise sets DF.
	Contrasts []estimate.Contrast
	// Result has the contrasts as estimates, so that covariances between members and further contrasts can be had. nil for a
	// family put together from samples drawn independently.
	Result *estimate.Result
	// Parts has, for each member, the domain means in the order of the comparison.
	Parts []*estimate.Result
}

// Compare makes a family: for each column y, its domain means m_i and the contrast Σ c_i m_i, of variance
//
//	V = Σ_i Σ_j c_i c_j cov(m_i, m_j)
//
// (Lumley, Complex Surveys, 2010; Korn & Graubard, Analysis of Health Surveys, 1999). Units are those of y. Domains
// share PSUs where they will; the covariance knows. A domain without a valid answer gives a contrast of NaN.
//
// ErrComparison if names and columns, or coefficients and domains, differ in number, otherwise the errors of
// estimate.Design.Mean.
func Compare(d *estimate.Design, names []string, y [][]float64, c Comparison) (*Family, error) {
	if len(names) != len(y) || len(y) == 0 {
		return nil, fmt.Errorf("perception: compare: %d names for %d columns: %w", len(names), len(y), ErrComparison)
	}
	if len(c.Coef) != len(c.Domains) || len(c.Coef) == 0 {
		return nil, fmt.Errorf("perception: compare: %d coefficients for %d domains: %w", len(c.Coef), len(c.Domains), ErrComparison)
	}
	f := &Family{Names: slices.Clone(names)}
	contrasts := make([]*estimate.Result, len(y))
	for i, column := range y {
		means, err := d.Mean(column, c.Domains...)
		if err != nil {
			return nil, fmt.Errorf("perception: compare %q: %w", names[i], err)
		}
		f.Parts = append(f.Parts, means)
		if contrasts[i], err = means.Combine(c.Coef...); err != nil {
			return nil, fmt.Errorf("perception: compare %q: %w", names[i], err)
		}
		f.Contrasts = append(f.Contrasts, estimate.Contrast{
			Value: contrasts[i].At(0).Value, SE: contrasts[i].SE(0), DF: contrasts[i].DF(0),
		})
	}
	var err error
	f.Result, err = estimate.Join(contrasts...)
	if err != nil {
		return nil, fmt.Errorf("perception: compare: %w", err)
	}
	return f, nil
}

// P are the two-sided p-values of "no difference", one a member, at the degrees of freedom of the contrasts.
func (f *Family) P() []float64 {
	p := make([]float64, len(f.Contrasts))
	for i, c := range f.Contrasts {
		p[i] = c.P()
	}
	return p
}

// Holm are the p-values adjusted so that the chance of one false claim in the whole family stays below the level (see
// estimate.Holm). Members without a p-value are not counted.
func (f *Family) Holm() []float64 { return estimate.Holm(f.P()) }

// BenjaminiHochberg are the p-values adjusted for the share of false claims among all claims made (see
// estimate.BenjaminiHochberg): for looking through many items, not for stating a result. Members without a p-value are not
// counted.
func (f *Family) BenjaminiHochberg() []float64 { return estimate.BenjaminiHochberg(f.P()) }
