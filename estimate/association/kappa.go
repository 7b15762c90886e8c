package association

import (
	"fmt"

	"adili/estimate"
)

// Kappa estimates Cohen's kappa of two codings of the same people, the
// agreement beyond what chance would give:
//
//	κ = (p_o - p_e)/(1 - p_e)   p_o = Σ_c p_cc   p_e = Σ_c p_c. p_.c
//
// (J. Cohen, Educational and Psychological Measurement 20, 1960), with the
// influence values of the delta method over the shares, as R's svykappa. a and b
// are codes from 0 to categories-1, one a row; with another code in one of them
// the person takes no part. estimate.ErrValue where all people have one and the
// same code, for κ is 0/0 then.
func Kappa(d *estimate.Design, a, b []int, categories int, domain estimate.Domain) (*estimate.Result, error) {
	if len(a) != d.Rows() || len(b) != d.Rows() {
		return nil, fmt.Errorf("association: kappa: %d and %d codes for %d rows: %w", len(a), len(b), d.Rows(), ErrLength)
	}
	known := func(c int) bool { return c >= 0 && c < categories }
	agree := make([]int, d.Rows())
	first, second := make([]int, d.Rows()), make([]int, d.Rows())
	for row := range agree {
		agree[row], first[row], second[row] = -1, -1, -1
		if known(a[row]) && known(b[row]) {
			agree[row], first[row], second[row] = 0, a[row], b[row]
			if a[row] == b[row] {
				agree[row] = 1
			}
		}
	}
	all := make([]int, categories)
	for c := range all {
		all[c] = c
	}
	var parts []*estimate.Result
	for _, p := range []struct{ code, categories []int }{{agree, []int{0, 1}}, {first, all}, {second, all}} {
		r, err := d.Proportions(p.code, p.categories, domain)
		if err != nil {
			return nil, fmt.Errorf("association: kappa: %w", err)
		}
		parts = append(parts, r)
	}
	shares, err := estimate.Join(parts...)
	if err != nil {
		return nil, fmt.Errorf("association: kappa: %w", err)
	}
	r, err := shares.Function(func(p []float64) float64 {
		expected := 0.0
		for c := range categories {
			expected += p[2+c] * p[2+categories+c]
		}
		return (p[1] - expected) / (1 - expected)
	})
	if err != nil {
		return nil, fmt.Errorf("association: kappa: %w", err)
	}
	return r, nil
}
