package factormodel_test

import (
	"fmt"
	"slices"

	"adili/estimate/scale"
	"adili/estimate/scale/factormodel"
)

// scores are marks that 12 people gave to four statements.
func scores() (*scale.Answers, error) {
	return scale.NewAnswers([]string{"q1", "q2", "q3", "q4"}, [][]float64{
		{5, 4, 3, 3, 4, 2, 4, 2, 2, 4, 3, 1},
		{4, 5, 4, 3, 2, 2, 5, 2, 1, 4, 4, 2},
		{4, 4, 5, 3, 4, 1, 4, 2, 3, 3, 3, 1},
		{5, 3, 4, 4, 2, 3, 4, 2, 2, 5, 2, 2},
	})
}

// How much of the variance of the sum of four statements is their common factor?
func ExampleOneFactor() {
	answers, err := scores()
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := factormodel.OneFactor(answers)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loadings %.2f\n", o.Loadings)
	fmt.Printf("omega %.3f, alpha %.3f\n", o.Omega, o.Alpha)
	fmt.Printf("chi-square %.2f on %g degrees of freedom\n", o.Fit.ChiSquare, o.Fit.DF)
	// Output:
	// loadings [1.06 0.96 0.92 0.77]
	// omega 0.867, alpha 0.864
	// chi-square 1.43 on 2 degrees of freedom
}

// The same statements as ordered categories.
func ExampleOrdinalOneFactor() {
	var x [3][]float64
	for _, p := range []struct {
		answers [3]float64
		people  int
	}{
		{[3]float64{1, 1, 1}, 20}, {[3]float64{1, 1, 2}, 12}, {[3]float64{1, 2, 1}, 11}, {[3]float64{2, 1, 1}, 10},
		{[3]float64{2, 1, 2}, 12}, {[3]float64{2, 2, 1}, 13}, {[3]float64{2, 2, 2}, 25}, {[3]float64{1, 3, 2}, 4},
		{[3]float64{3, 2, 2}, 9}, {[3]float64{2, 3, 3}, 8}, {[3]float64{3, 3, 2}, 9}, {[3]float64{3, 3, 3}, 12},
	} {
		for range p.people {
			for j, v := range p.answers {
				x[j] = append(x[j], v)
			}
		}
	}
	answers, err := scale.NewAnswers([]string{"q1", "q2", "q3"}, x[:])
	if err != nil {
		fmt.Println(err)
		return
	}
	o, err := factormodel.OrdinalOneFactor(answers)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("loadings %.2f, standard errors %.2f\n", o.Loadings, o.SE)
	fmt.Printf("ordinal alpha %.2f, categorical omega %.2f\n", o.Alpha, o.Omega)
	// Output:
	// loadings [0.80 0.87 0.85], standard errors [0.06 0.06 0.07]
	// ordinal alpha 0.88, categorical omega 0.81
}

// Do two offices read the statements alike? The second gives two marks more to the second statement, whatever the factor: its
// intercept is another, the scalar model does not hold, and means of the factor must not be compared.
func ExampleInvariance() {
	first, err := scores()
	if err != nil {
		fmt.Println(err)
		return
	}
	more := make([][]float64, first.Items())
	for j := range more {
		more[j] = slices.Clone(first.Item(j))
	}
	for i := range more[1] {
		more[1][i] += 2
	}
	second, err := scale.NewAnswers(first.Names(), more)
	if err != nil {
		fmt.Println(err)
		return
	}
	trust := factormodel.Structure{Factors: []factormodel.Factor{{Name: "trust", Items: first.Names()}}}
	steps, err := factormodel.Invariance(trust, factormodel.Group{Name: "first", Answers: first}, factormodel.Group{Name: "second", Answers: second})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range steps[1:] {
		fmt.Printf("%s: chi-square rises by %.2f on %g degrees of freedom, p = %.4f\n", s.Name, s.ChiSquare, s.DF, s.P)
	}
	// Output:
	// metric: chi-square rises by 0.00 on 3 degrees of freedom, p = 1.0000
	// scalar: chi-square rises by 19.09 on 3 degrees of freedom, p = 0.0003
}
