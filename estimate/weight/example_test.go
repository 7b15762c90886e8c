package weight_test

import (
	"fmt"

	"adili/estimate"
	"adili/estimate/weight"
)

// kalton is the categories and weights of the people of a table.
func kalton() (a, b []int, base []float64) {
	sample := []int{20, 50, 100, 30, 40, 140, 50, 100, 40, 310, 50, 70}
	for i, n := range sample {
		for range n {
			a, b, base = append(a, i%4), append(b, i/4), append(base, 1)
		}
	}
	return a, b, base
}

// Kalton and Flores-Cervantes, Weighting Methods, Journal of Official Statistics 19, 2003: 1,000 respondents are raked to
// the margins of a population of 1,500.
func ExampleRake() {
	a, b, base := kalton()
	margins := []weight.Margin{
		{Name: "a", Code: a, Labels: []string{"1", "2", "3", "4"}, Total: []float64{80 + 40 + 55, 60 + 150 + 340, 170 + 60 + 200, 55 + 165 + 125}},
		{Name: "b", Code: b, Labels: []string{"1", "2", "3"}, Total: []float64{365, 415, 720}},
	}
	c, err := weight.Rake(base, margins, weight.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := c.Weights()
	fmt.Printf("%.2f %.2f %.2f %.2f\n", w[0], w[20], w[70], w[170]) // the four cells with b = 1
	// Output: 1.81 1.08 2.20 1.83
}

// Lehtonen and Pahkinen, Practical Methods for Design and Analysis of Complex Surveys, 2004: eight municipalities of 32,
// post-stratified into 7 towns and 25 others.
func ExamplePostStratify() {
	base := []float64{4, 4, 4, 4, 4, 4, 4, 4}
	c, err := weight.PostStratify(base, weight.Margin{
		Name: "kind", Code: []int{0, 0, 0, 1, 1, 1, 1, 1}, Labels: []string{"town", "rural"}, Total: []float64{7, 25},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	population := []float64{32, 32, 32, 32, 32, 32, 32, 32}
	d, err := estimate.Compile(estimate.Sample{Weight: c.Weights(), Stages: []estimate.Stage{{Population: population}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := d.Calibrated(c).Total([]float64{4123, 760, 721, 142, 187, 331, 127, 219})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f unemployed, standard error %.1f\n", r.At(0).Value, r.SE(0))
	// Output: 18106 unemployed, standard error 6013.6
}

// The same table by scores: only the mean of each variable is calibrated, not its distribution.
func ExampleCalibrate() {
	a, b, base := kalton()
	x, y := make([]float64, len(a)), make([]float64, len(a))
	for i := range a {
		x[i], y[i] = float64(a[i]+1), float64(b[i]+1)
	}
	c, err := weight.Calibrate(base, []weight.Variable{
		weight.Intercept(len(base), 1500),
		{Name: "a", X: x, Total: 175*1 + 550*2 + 430*3 + 345*4},
		{Name: "b", X: y, Total: 365*1 + 415*2 + 720*3},
	}, weight.Method{Distance: weight.Raking})
	if err != nil {
		fmt.Println(err)
		return
	}
	least, greatest := c.Range()
	fmt.Printf("ratios from %.2f to %.2f, Kish %.3f\n", least, greatest, weight.Kish(c.Weights()))
	// Output: ratios from 1.17 to 1.91, Kish 1.020
}

func ExampleRespond() {
	base := []float64{10, 10, 10, 10, 5, 5, 5, 5}
	answered := []bool{true, true, true, false, true, true, false, false}
	r, err := weight.Respond("post", base, answered, []int{0, 0, 0, 0, 1, 1, 1, 1}, []string{"port", "inland"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Classes {
		fmt.Printf("%s: %d of %d, factor %.3f\n", c.Label, c.Responded, c.Issued, c.Factor)
	}
	fmt.Printf("response %.1f %%, weighted %.1f %%\n", 100*r.Rate(), 100*r.WeightedRate())
	// Output:
	// port: 3 of 4, factor 1.333
	// inland: 2 of 4, factor 2.000
	// response 62.5 %, weighted 66.7 %
}

func ExampleTrim() {
	once, _ := weight.Trim([]float64{1, 2, 4, 9}, 0, 5, false)
	strict, _ := weight.Trim([]float64{1, 2, 4, 9}, 0, 5, true)
	fmt.Printf("%.2f\n%.2f\n", once, strict)
	// Output:
	// [2.33 3.33 5.33 5.00]
	// [2.50 3.50 5.00 5.00]
}

func ExampleThin() {
	age := make([]int, 0, 200)
	for code, people := range []int{12, 90, 70, 28} {
		for range people {
			age = append(age, code)
		}
	}
	m, told := weight.Thin(weight.Margin{
		Name: "age", Code: age, Labels: []string{"to 24", "25-39", "40-54", "55 on"}, Total: []float64{100, 900, 800, 300},
	}, nil, true, weight.LeastRespondents)
	fmt.Println(m.Labels, m.Total)
	fmt.Println(told)
	// Output:
	// [to 24 + 25-39 40-54 + 55 on] [1000 1100]
	// age: merged to 24 + 25-39 (102 respondents), 40-54 + 55 on (98 respondents), because categories had fewer than 30 respondents
}
