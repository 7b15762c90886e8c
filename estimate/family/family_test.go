package family_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate/family"
)

// TestAdjust checks the order of the adjustments, that they are monotone, and
// that missing values are not counted.
func TestAdjust(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 12).Draw(t, "p")
		holm, bonferroni := family.Holm(p), family.Bonferroni(p)
		bh, by, hochberg := family.BenjaminiHochberg(p), family.BenjaminiYekutieli(p), family.Hochberg(p)
		const room = 1e-12
		for i := range p {
			ordered := []float64{p[i], bh[i], hochberg[i], holm[i], bonferroni[i], 1}
			for k := 1; k < len(ordered); k++ {
				if ordered[k-1] > ordered[k]+room {
					t.Fatalf("p, BH, Hochberg, Holm, Bonferroni: %v", ordered)
				}
			}
			if by[i] < bh[i]-room || by[i] > 1 {
				t.Fatalf("BY %v, BH %v", by[i], bh[i])
			}
			for j := range p {
				if p[i] < p[j] && (holm[i] > holm[j] || bh[i] > bh[j] || by[i] > by[j] || hochberg[i] > hochberg[j]) {
					t.Fatalf("order of %v and %v is lost", p[i], p[j])
				}
			}
		}
		with := slices.Insert(slices.Clone(p), 0, math.NaN())
		for _, f := range []func([]float64) []float64{
			family.Holm, family.Bonferroni, family.BenjaminiHochberg, family.BenjaminiYekutieli, family.Hochberg,
		} {
			if got := f(with); !math.IsNaN(got[0]) || !slices.Equal(got[1:], f(p)) {
				t.Fatalf("with a missing value %v, without %v", got, f(p))
			}
		}
	})
}

// The fifteen tests of Benjamini & Hochberg (1995): four claims at
// a false discovery rate of 5 %, three by Bonferroni's method.
func ExampleBenjaminiHochberg() {
	p := []float64{
		0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1,
	}
	fmt.Printf("%.4f\n", family.BenjaminiHochberg(p)[:5])
	fmt.Printf("%.4f\n", family.Bonferroni(p)[:5])
	// Output:
	// [0.0015 0.0030 0.0095 0.0356 0.0603]
	// [0.0015 0.0060 0.0285 0.1425 0.3015]
}

// Four gaps; two survive Holm's adjustment at 5 %.
func ExampleHolm() {
	fmt.Printf("%.3f\n", family.Holm([]float64{0.01, 0.04, 0.03, 0.005}))
	// Output:
	// [0.030 0.060 0.060 0.020]
}
