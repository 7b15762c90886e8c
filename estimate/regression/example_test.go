package regression_test

import (
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/regression"
)

// everybody is a sample of n people with the same weight, each a unit of its own.
func everybody(n int) (*estimate.Design, error) {
	weight := make([]float64, n)
	for i := range weight {
		weight[i] = 1
	}
	return estimate.Compile(estimate.Sample{Weight: weight})
}

// indicator is 1 where the code is of a level.
func indicator(code []int, level int) []float64 {
	x := make([]float64, len(code))
	for i, c := range code {
		if c == level {
			x[i] = 1
		}
	}
	return x
}

// The randomised trial of A. J. Dobson (An Introduction to Statistical Modelling, 1990, p. 93): counts by three outcomes
// and three treatments. The printed coefficients are 3.045, -0.454, -0.293, 0 and 0.
func ExampleRegress() {
	outcome, treatment := []int{1, 2, 3, 1, 2, 3, 1, 2, 3}, []int{1, 1, 1, 2, 2, 2, 3, 3, 3}
	d, err := everybody(9)
	if err != nil {
		fmt.Println(err)
		return
	}
	fit, err := regression.Regress(d, regression.Regression{
		Family: regression.Poisson,
		Y:      []float64{18, 17, 15, 20, 10, 20, 25, 13, 12},
		Names:  []string{"outcome2", "outcome3", "treatment2", "treatment3"},
		X:      [][]float64{indicator(outcome, 2), indicator(outcome, 3), indicator(treatment, 2), indicator(treatment, 3)},
	}, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, name := range fit.Names {
		fmt.Printf("%-11s %6.3f\n", name, math.Round(1000*fit.Coef.At(i).Value)/1000+0)
	}
	fmt.Println("degrees of freedom:", fit.Residual(d.DF()))
	// Output:
	// (Intercept)  3.045
	// outcome2    -0.454
	// outcome3    -0.293
	// treatment2   0.000
	// treatment3   0.000
	// degrees of freedom: 4
}

// A test of both outcomes at once, on the same trial.
func ExampleWald() {
	outcome := []int{1, 2, 3, 1, 2, 3, 1, 2, 3}
	d, err := everybody(9)
	if err != nil {
		fmt.Println(err)
		return
	}
	fit, err := regression.Regress(d, regression.Regression{
		Family: regression.Poisson, Y: []float64{18, 17, 15, 20, 10, 20, 25, 13, 12},
		Names: []string{"outcome2", "outcome3"}, X: [][]float64{indicator(outcome, 2), indicator(outcome, 3)},
	}, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := regression.Wald(fit.Coef, fit.Residual(d.DF()), 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("F(%.0f, %.0f) = %.2f, p = %.3f\n", w.Num, w.Den, w.F, w.P)
	// Output: F(2, 6) = 4.74, p = 0.058
}

// Satisfaction with housing in Copenhagen, of 1,681 tenants, by the influence they feel on management (M. Madsen,
// Scandinavian Journal of Statistics 3, 1976; here a marginal table). More
// influence goes with more satisfaction. The coefficients are those of the function polr of R's MASS; the standard errors
// do not assume the model.
func ExampleFitOrdinal() {
	count := [][]int{{282, 170, 175}, {206, 189, 264}, {79, 87, 229}} // influence low, medium, high by satisfaction
	var y, influence []int
	for i, row := range count {
		for j, n := range row {
			for range n {
				y, influence = append(y, j), append(influence, i)
			}
		}
	}
	d, err := everybody(len(y))
	if err != nil {
		fmt.Println(err)
		return
	}
	fit, err := regression.FitOrdinal(d, regression.Ordinal{
		Y: y, Names: []string{"medium", "high"}, X: [][]float64{indicator(influence, 1), indicator(influence, 2)},
	}, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range fit.Coef.Len() {
		fmt.Printf("%.2f (%.2f)\n", fit.Coef.At(i).Value, fit.Coef.SE(i))
	}
	// Output:
	// 0.56 (0.10)
	// 1.25 (0.13)
	// -0.20 (0.08)
	// 0.95 (0.08)
}
