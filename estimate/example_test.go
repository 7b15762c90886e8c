package estimate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate"
)

// A survey of two offices of known size, everyone drawn by chance inside them.
func Example() {
	score := []float64{6, 7, 5, 8, math.NaN(), 3, 4, 2, 5}
	office := []string{"port", "port", "port", "port", "port", "border", "border", "border", "border"}
	size := map[string]float64{"port": 50, "border": 20}
	var s estimate.Sample
	s.Stages = []estimate.Stage{{Stratum: office}}
	for _, o := range office {
		s.Stages[0].Population = append(s.Stages[0].Population, size[o])
		s.Weight = append(s.Weight, size[o]/map[string]float64{"port": 5, "border": 4}[o])
	}
	d, err := estimate.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	port := d.Domain(func(i int) bool { return office[i] == "port" })
	border := d.Domain(func(i int) bool { return office[i] == "border" })
	r, err := d.Mean(score, d.Everyone(), port, border)
	if err != nil {
		fmt.Println(err)
		return
	}
	in := r.Interval(0, 0.95)
	fmt.Printf("mean %.2f (%.2f to %.2f), %.0f degrees of freedom\n", r.At(0).Value, in.Lower, in.Upper, r.DF(0))
	gap, err := r.Difference(1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("gap %.2f, standard error %.2f, distinguishable: %v\n", gap.Value, gap.SE, gap.Distinguishable(0.95))
	// Output:
	// mean 5.50 (4.36 to 6.64), 6 degrees of freedom
	// gap 3.00, standard error 0.83, distinguishable: true
}

// Nobody of 40 people said yes: that is not "0 % ± 0".
func ExampleKornGraubard() {
	s := estimate.Share{Value: 0, Variance: 0, N: 40, DF: 39}
	in := estimate.KornGraubard(s, 0.95, true)
	fmt.Printf("%.1f %% to %.1f %%, assumed: %v\n", 100*in.Lower, 100*in.Upper, in.Assumed)
	// Output:
	// 0.0 % to 8.8 %, assumed: true
}

// Officials and the private sector are independent samples.
func ExampleIndependent() {
	officials := estimate.Term{Coef: 1, Value: 6.9, Variance: 0.04, DF: 310}
	private := estimate.Term{Coef: -1, Value: 6.1, Variance: 0.09, DF: 75}
	gap := estimate.Independent(officials, private)
	in := gap.Interval(0.95)
	fmt.Printf("%.1f (%.2f to %.2f), df %.0f\n", gap.Value, in.Lower, in.Upper, gap.DF)
	// Output:
	// 0.8 (0.09 to 1.51), df 149
}

func ExampleScore() {
	// Four items, the second reversed, the fourth answered "don't know".
	fmt.Println(estimate.Score([]uint8{4, 2, 5, estimate.NoAnswer}, []bool{false, true, false, false}))
	// Output:
	// 8.333333333333334
}

// BenchmarkMeans is 50 items by 10 domains over 100,000 people in offices of
// 25, with standard errors.
func BenchmarkMeans(b *testing.B) {
	const n, items, domains = 100_000, 50, 10
	rng := rand.New(rand.NewPCG(1, 2))
	var s estimate.Sample
	st := estimate.Stage{}
	code := make([]int, n)
	for i := range n {
		s.Weight = append(s.Weight, 1+rng.Float64())
		st.Stratum = append(st.Stratum, fmt.Sprint(i*12/n))
		st.Unit = append(st.Unit, fmt.Sprint(i/25))
		code[i] = rng.IntN(domains)
	}
	s.Stages = []estimate.Stage{st}
	y := make([][]float64, items)
	for j := range y {
		y[j] = make([]float64, n)
		for i := range y[j] {
			y[j][i] = float64(1 + rng.IntN(5))
			if rng.IntN(20) == 0 {
				y[j][i] = math.NaN()
			}
		}
	}
	for b.Loop() {
		d, err := estimate.Compile(s)
		if err != nil {
			b.Fatal(err)
		}
		groups, err := d.Groups(code, domains)
		if err != nil {
			b.Fatal(err)
		}
		for j := range y {
			r, err := d.Mean(y[j], groups...)
			if err != nil {
				b.Fatal(err)
			}
			for i := range domains {
				if !(r.SE(i) > 0) {
					b.Fatal("no standard error")
				}
			}
		}
	}
}
