package scale_test

import (
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/scale"

	"gonum.org/v1/gonum/mat"
)

// Three items of a scale; one person skipped the last.
func ExampleAlpha() {
	answers, err := scale.NewAnswers([]string{"q1", "q2", "q3"}, [][]float64{
		{4, 2, 5, 3, 4, 1},
		{4, 3, 5, 2, 4, 2},
		{3, 2, 4, 3, 5, math.NaN()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	pairwise, _ := scale.Alpha(answers)
	listwise, _ := scale.Alpha(answers.Complete())
	fmt.Printf("pairwise %.3f, listwise %.3f\n", pairwise.Alpha, listwise.Alpha)
	for _, item := range listwise.Items {
		fmt.Printf("%s: %.2f with the others, alpha %.2f without it\n", item.Name, item.RDrop, item.Dropped.Alpha)
	}
	// Output:
	// pairwise 0.845, listwise 0.871
	// q1: 0.88 with the others, alpha 0.70 without it
	// q2: 0.72 with the others, alpha 0.84 without it
	// q3: 0.67 with the others, alpha 0.89 without it
}

// Four items that correlate by 0.5 have an alpha of 0.8: the Spearman-Brown formula.
func ExampleAlphaOf() {
	r := mat.NewSymDense(4, []float64{
		1, .5, .5, .5,
		.5, 1, .5, .5,
		.5, .5, 1, .5,
		.5, .5, .5, 1,
	})
	fmt.Printf("%.3f\n", scale.AlphaOf(r))
	// Output: 0.800
}

func ExampleFeldt() {
	lo, hi, _ := scale.Feldt(0.79, 41, 26, 0.90)
	fmt.Printf("%.3f to %.3f\n", lo, hi)
	// Output: 0.705 to 0.862
}

func ExampleWeightedAlpha() {
	design, err := estimate.Compile(estimate.Sample{Weight: []float64{10, 10, 20, 20, 30, 30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	items := [][]float64{{4, 2, 5, 3, 4, 1}, {4, 3, 5, 2, 4, 2}}
	alpha, err := scale.WeightedAlpha(design, items, design.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f, standard error %.3f\n", alpha.At(0).Value, alpha.SE(0))
	// Output: 0.926, standard error 0.046
}

// The table of Drasgow (1986), where the two-step estimate is 0.42 with a standard error of 0.0747.
func ExamplePolychoric() {
	var x, y []float64
	for a, row := range [][]int{{58, 26, 8}, {52, 58, 12}, {1, 3, 9}} {
		for b, n := range row {
			for range n {
				x, y = append(x, float64(a)), append(y, float64(b))
			}
		}
	}
	p, err := scale.Polychoric(x, y)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, standard error %.4f\n", p.Rho, p.SE)
	// Output: 0.42, standard error 0.0747
}

// With correlations of 0.5 throughout, partial correlations are 1/3.
func ExampleSuitable() {
	r := mat.NewSymDense(3, []float64{1, .5, .5, .5, 1, .5, .5, .5, 1})
	a, err := scale.Suitable(r, 100)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("KMO %.3f, Bartlett %.1f on %g degrees of freedom\n", a.KMO, a.ChiSquare, a.DF)
	// Output: KMO 0.692, Bartlett 67.4 on 3 degrees of freedom
}
