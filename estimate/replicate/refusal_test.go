package replicate_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/replicate"
	"adili/estimate/weight"
)

func TestRefusals(t *testing.T) {
	v := artificial(shape{strata: 3, psus: func(h int) int { return 2 + h }, seed: 1, singletons: true})
	v.Lonely = estimate.LonelyAverage
	d := compile(t, v)
	short := [][]float64{{1}, {1}}
	wrong := [][]uint8{{1}, {1}}
	for _, c := range []struct {
		name string
		err  func() error
		want string
	}{
		{"lonely", func() error { _, err := replicate.New(d, replicate.Method{Kind: replicate.JKn}); return err }, "merge it with a neighbour"},
		{"lonely bootstrap", func() error {
			_, err := replicate.New(d, replicate.Method{Kind: replicate.RaoWu, Replicates: 9, Lonely: estimate.LonelyAverage})
			return err
		}, "stratum of row 0"},
		{"three PSUs", func() error {
			_, err := replicate.New(d, replicate.Method{Kind: replicate.BRR, Lonely: estimate.LonelyCertainty})
			return err
		}, "3 units were drawn"},
		{"strata", func() error { _, err := replicate.New(d, replicate.Method{Kind: replicate.JK1}); return err }, "use JKn"},
		{"rho", func() error { _, err := replicate.New(d, replicate.Method{Kind: replicate.Fay, Rho: 1}); return err }, "rho"},
		{"kind", func() error { _, err := replicate.New(d, replicate.Method{Kind: 99}); return err }, "Kind(99)"},
		{"name", func() error { _, err := replicate.ParseKind("jackknife"); return err }, "JKn"},
		{"one draw", func() error { _, err := replicate.New(d, replicate.Method{Kind: replicate.Canty}); return err }, "at least two"},
		{"factors", func() error { _, err := replicate.Factors(d, replicate.Method{}, short); return err }, "1 factors for"},
		{"counts", func() error {
			_, err := replicate.Counts(d, replicate.Method{Lonely: estimate.LonelyCertainty}, wrong)
			return err
		}, "1 counts for"},
	} {
		if err := c.err(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	s := make1(t, d, replicate.Method{Kind: replicate.JKn, Lonely: estimate.LonelyAverage})
	v.y[0] = math.Inf(1)
	if _, err := s.Mean(v.y); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("infinite answer: %v", err)
	}
	if _, err := s.Mean(v.y[1:]); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("short column: %v", err)
	}
	if _, err := s.Mean(v.x, compile(t, v).Everyone()); !errors.Is(err, estimate.ErrDesign) {
		t.Errorf("domain of another design: %v", err)
	}
	broken := errors.New("broken")
	if _, err := s.Estimate(func([]float64) ([]float64, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("estimate that fails: %v", err)
	}
	if _, err := s.Reweighted(func([]float64) ([]float64, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("adjustment that fails: %v", err)
	}
}

// After raking to the categories of x their totals do not vary, and the variance of what they explain falls.
func TestRaked(t *testing.T) {
	v := artificial(shape{strata: 4, psus: func(int) int { return 8 }, seed: 2})
	d := compile(t, v)
	labels, totals := []string{"a", "b", "c"}, []float64{200, 300, 250}
	cells, err := weight.Cross(weight.Margin{Name: "x", Code: v.in, Labels: labels, Total: totals})
	if err != nil {
		t.Fatal(err)
	}
	s, err := make1(t, d, replicate.Method{Kind: replicate.RaoWu, Replicates: 50, Seed: [2]uint64{1, 1}}).Raked(cells, weight.Options{})
	if err != nil {
		t.Fatal(err)
	}
	one := make([]float64, d.Rows())
	for i := range one {
		one[i] = 1
	}
	groups, err := d.Groups(v.in, 3)
	if err != nil {
		t.Fatal(err)
	}
	r := total(t, s, one, groups...)
	for i, want := range totals {
		if !near(r.Value(i), want, 1e-12) || !(r.SE(i) < 1e-9) {
			t.Errorf("total of %s is %v (%v), want %v and no error", labels[i], r.Value(i), r.SE(i), want)
		}
	}
}

// A simple random sample of eight people without replacement out of 80: the jackknife has the variance of every
// textbook, (1-f) s²/n.
func ExampleNew() {
	score := []float64{6, 7, 5, 8, 3, 4, 2, 5}
	var s estimate.Sample
	st := estimate.Stage{}
	for range score {
		s.Weight = append(s.Weight, 10)
		st.Population = append(st.Population, 80)
	}
	s.Stages = []estimate.Stage{st}
	d, err := estimate.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := replicate.New(d, replicate.Method{Kind: replicate.JK1})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := set.Mean(score)
	if err != nil {
		fmt.Println(err)
		return
	}
	linear, err := d.Mean(score)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d replicates, scale %.4f\n", set.Len(), set.Scale())
	fmt.Printf("mean %.0f, standard error %.4f; linearised %.4f\n", r.Value(0), r.SE(0), linear.SE(0))
	// Output:
	// 8 replicates, scale 0.7875
	// mean 5, standard error 0.6708; linearised 0.6708
}

// The median, for which linearisation needs a density and half-samples need nothing.
func ExampleSet_Estimate() {
	score := []float64{6, 7, 5, 8, 3, 4, 2, 5}
	var s estimate.Sample
	st := estimate.Stage{}
	for i := range score {
		s.Weight = append(s.Weight, 1)
		st.Stratum = append(st.Stratum, fmt.Sprint(i/2)) // four strata of two people
	}
	s.Stages = []estimate.Stage{st}
	d, err := estimate.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := replicate.New(d, replicate.Method{Kind: replicate.BRR})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := set.Estimate(func(w []float64) ([]float64, error) {
		below, best := 0.0, math.Inf(1) // the least score with half of the weight at or below it
		for _, x := range score {
			below = 0
			for i, y := range score {
				if y <= x {
					below += w[i]
				}
			}
			if below >= 4 && x < best {
				best = x
			}
		}
		return []float64{best}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d half-samples: median %.0f, standard error %.2f\n", set.Len(), r.Value(0), r.SE(0))
	// Output:
	// 8 half-samples: median 5, standard error 0.83
}
