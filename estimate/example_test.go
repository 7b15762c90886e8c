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

// Six clusters of 54 drawn at random: Levy & Lemeshow, Sampling of Populations,
// p. 106, has a total of 729 with standard error 85.94882, and 508.0615 to
// 949.9385.
func ExampleDesign_Total() {
	cluster := estimate.Stage{Population: []float64{54, 54, 54, 54, 54, 54}}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{9, 9, 9, 9, 9, 9}, Stages: []estimate.Stage{cluster}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := d.Total([]float64{15, 13, 12, 10, 21, 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	in := r.Interval(0, 0.95)
	fmt.Printf("%.0f, standard error %.5f, %.4f to %.4f\n", r.At(0).Value, r.SE(0), in.Lower, in.Upper)
	// Output:
	// 729, standard error 85.94882, 508.0615 to 949.9385
}

// Eight municipalities in two strata: Lehtonen & Pahkinen, Practical Methods
// for Design and Analysis of Complex Surveys, p. 74, has a mean of 475.33
// unemployed with standard error 133.73, and the ratio 0.1277788 to the labour
// force with standard error 0.003173564.
func ExampleDesign_Ratio() {
	unemployed := []float64{4123, 666, 760, 457, 61, 262, 331, 98}
	force := []float64{33786, 6016, 5919, 3022, 573, 1737, 2543, 545}
	stratum := estimate.Stage{
		Stratum:    []string{"urban", "urban", "urban", "urban", "rural", "rural", "rural", "rural"},
		Population: []float64{7, 7, 7, 7, 25, 25, 25, 25},
	}
	d, err := estimate.Compile(estimate.Sample{
		Weight: []float64{1.75, 1.75, 1.75, 1.75, 6.25, 6.25, 6.25, 6.25}, Stages: []estimate.Stage{stratum},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, err := d.Mean(unemployed)
	if err != nil {
		fmt.Println(err)
		return
	}
	rate, err := d.Ratio(unemployed, force)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, standard error %.2f\n", mean.At(0).Value, mean.SE(0))
	fmt.Printf("%.7f, standard error %.9f\n", rate.At(0).Value, rate.SE(0))
	// Output:
	// 475.33, standard error 133.73
	// 0.1277788, standard error 0.003173564
}

// Two people were asked in each of six teams, and answer alike within a team.
func ExampleDesign_Effect() {
	team := []string{"a", "a", "b", "b", "c", "c", "d", "d", "e", "e", "f", "f"}
	score := []float64{2, 3, 7, 8, 5, 5, 9, 8, 4, 3, 6, 7}
	weight := make([]float64, len(score))
	for i := range weight {
		weight[i] = 30
	}
	d, err := estimate.Compile(estimate.Sample{Weight: weight, Stages: []estimate.Stage{{Unit: team}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := d.Effect(score, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("DEFF %.2f, DEFT %.2f\n", e.Deff, e.Deft())
	// Output:
	// DEFF 2.18, DEFT 1.45
}

// An estimate made elsewhere, here a geometric mean, joins in by its influence
// values.
func ExampleDesign_Linear() {
	hours := []float64{2, 4, 8, 16}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{5, 5, 5, 5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	sum := 0.0
	for _, h := range hours {
		sum += 5 * math.Log(h)
	}
	mean := math.Exp(sum / 20)
	z := make([]float64, len(hours))
	for i, h := range hours {
		z[i] = mean * (math.Log(h) - math.Log(mean)) / 20
	}
	r, err := d.Linear([]float64{mean}, [][]float64{z})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f hours, standard error %.2f\n", r.At(0).Value, r.SE(0))
	// Output:
	// 5.66 hours, standard error 2.53
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
