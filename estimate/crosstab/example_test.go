package crosstab_test

import (
	"fmt"

	"adili/estimate"
	"adili/estimate/crosstab"
)

// Heart attacks among 22,071 physicians who took aspirin or a placebo (A. Agresti, Categorical Data Analysis, 2nd
// ed.): 104 of 11,037 and 189 of 11,034. Pearson's chi-square is 25.01. Everybody is a unit of its own with the
// same weight, so the design effect is 1 and Rao and Scott agree with Pearson.
func ExampleTable_Test() {
	var sample estimate.Sample
	var attack, aspirin []int
	for _, c := range []struct{ n, attack, aspirin int }{{104, 1, 1}, {10933, 0, 1}, {189, 1, 0}, {10845, 0, 0}} {
		for range c.n {
			sample.Weight = append(sample.Weight, 1)
			attack, aspirin = append(attack, c.attack), append(aspirin, c.aspirin)
		}
	}
	d, err := estimate.Compile(sample)
	if err != nil {
		fmt.Println(err)
		return
	}
	table, err := crosstab.New(d, attack, aspirin, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := table.Test(crosstab.F, table.DF)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("X2 = %.2f\n", table.Pearson()*float64(table.N))
	fmt.Printf("F = %.1f on %.0f and %.0f df, p = %.1e\n", test.Value, test.DF[0], test.DF[1], test.P)
	// Output:
	// X2 = 25.01
	// F = 25.0 on 1 and 22070 df, p = 5.7e-07
}
