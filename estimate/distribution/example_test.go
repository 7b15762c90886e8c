package distribution_test

import (
	"fmt"

	"adili/estimate/distribution"
)

// The 97.5 % point with 14 degrees of freedom as printed in every table of t: 2.1448.
func ExampleStudent_Quantile() {
	fmt.Printf("%.4f\n", distribution.Student{DF: 14}.Quantile(0.975))
	// Output: 2.1448
}

// A p-value far out keeps its digits.
func ExampleStudent_Upper() {
	fmt.Printf("%.4g\n", distribution.Student{DF: 197.3}.Upper(40))
	// Output: 6.664e-97
}

// The 5 % point of F with 4 and 20 degrees of freedom: 2.87 in the tables.
func ExampleF_UpperQuantile() {
	fmt.Printf("%.2f\n", distribution.F{Num: 4, Den: 20}.UpperQuantile(0.05))
	// Output: 2.87
}

// The 5 % point of chi-square with 10 degrees of freedom: 18.307.
func ExampleChiSquare_UpperQuantile() {
	fmt.Printf("%.3f\n", distribution.ChiSquare{DF: 10}.UpperQuantile(0.05))
	// Output: 18.307
}

// Clopper and Pearson's 95 % limits for 3 of 20: 3.2 % to 37.9 %.
func ExampleBeta_Quantile() {
	lower := distribution.Beta{A: 3, B: 18}.Quantile(0.025)
	upper := distribution.Beta{A: 4, B: 17}.UpperQuantile(0.025)
	fmt.Printf("%.3f %.3f\n", lower, upper)
	// Output: 0.032 0.379
}

// The first quadratic form of J. P. Imhof (Biometrika 48, 1961), with weights 0.6, 0.3 and 0.1. He prints 0.9458,
// 0.5064 and 0.1240.
func ExampleMixture_Exact() {
	q := distribution.Mixture{Weight: []float64{0.6, 0.3, 0.1}}
	fmt.Printf("%.4f %.4f %.4f\n", q.Exact(0.1), q.Exact(0.7), q.Exact(2))
	// Output: 0.9458 0.5064 0.1240
}

// The two approximations beside the exact tail.
func ExampleMixture_Saddlepoint() {
	q := distribution.Mixture{Weight: []float64{4.2, 1.7, 0.6}}
	fmt.Printf("%.4f %.4f %.4f\n", q.Satterthwaite(25), q.Saddlepoint(25), q.Exact(25))
	// Output: 0.0210 0.0228 0.0222
}
