package factormodel

import (
	"fmt"

	"adili/estimate/scale"
)

// Omega is the reliability of the sum of the items of a scale with one factor.
type Omega struct {
	*Result
	Loadings  []float64 // by item, of a factor with variance 1
	Residuals []float64 // variances
	Omega     float64
	Extracted float64 // average variance extracted
	Alpha     float64 // Cronbach's alpha of the same rows, which assumes equal loadings
}

// OneFactor fits a scale with one factor by maximum likelihood and computes McDonald's omega, the share of the variance of
// the sum of the items that the factor makes,
//
//	ω   (Σ λ_j)² / ((Σ λ_j)² + Σ θ_j)
//
// and the average variance extracted, Σ λ_j² / (Σ λ_j² + Σ θ_j), with λ_j the loadings of a factor with variance 1 and θ_j
// the residual variances. Omega equals alpha when all loadings are equal, and else is larger. Rows with a missing answer are
// left out. The denominator is the variance that the model implies, as in package semTools of R; psych divides by the
// observed one, which differs by as much as the model misfits.
//
// Source: McDonald, Test Theory (1999); Fornell & Larcker, Journal of Marketing Research 18 (1981).
// Errors: those of [Confirm].
func OneFactor(a *scale.Answers) (*Omega, error) {
	names := a.Names()
	s := Structure{Factors: []Factor{{Name: factorName(names), Items: names}}, Identification: Unit}
	r, err := Confirm(s, Equal{}, Group{Answers: a})
	if err != nil {
		return nil, fmt.Errorf("omega: %w", err)
	}
	o := &Omega{Result: r, Alpha: scale.AlphaOf(r.Sample[0])}
	for _, p := range r.Parameters {
		switch p.kind {
		case loading:
			o.Loadings = append(o.Loadings, p.Estimate)
		case residual:
			o.Residuals = append(o.Residuals, p.Estimate)
		}
	}
	var sum, squares, noise float64
	for j, l := range o.Loadings {
		sum += l
		squares += l * l
		noise += o.Residuals[j]
	}
	o.Omega = sum * sum / (sum*sum + noise)
	o.Extracted = squares / (squares + noise)
	return o, nil
}

// factorName is one that no item has.
func factorName(items []string) string {
	name := "f"
	for i := 0; i < len(items); i++ {
		if items[i] == name {
			name, i = name+"_", -1
		}
	}
	return name
}
