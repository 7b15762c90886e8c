package estimate_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
)

// TestFunction compares numerical with analytical derivatives.
func TestFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		for i := range s.y {
			s.y[i] += 7 // logarithms and ratios are asked for
		}
		d := s.compile(t)
		one := d.Domain(func(i int) bool { return s.code[i] < 3 })
		two := d.Domain(func(i int) bool { return s.code[i] >= 3 })
		r, err := d.Mean(s.y, one, two)
		if err != nil {
			t.Fatal(err)
		}
		a, b := r.At(0).Value, r.At(1).Value
		if math.IsNaN(a) || math.IsNaN(b) {
			t.Skip("an empty domain")
		}
		for _, c := range []struct {
			name    string
			f       func(x []float64) float64
			partial [2]float64
		}{
			{"ratio", func(x []float64) float64 { return x[0] / x[1] }, [2]float64{1 / b, -a / b / b}},
			{"log odds", func(x []float64) float64 { return math.Log(x[0]) - math.Log(x[1]) }, [2]float64{1 / a, -1 / b}},
			{"product", func(x []float64) float64 { return x[0] * x[1] }, [2]float64{b, a}},
			{"exponential", func(x []float64) float64 { return math.Exp(x[0] / 4) }, [2]float64{math.Exp(a/4) / 4, 0}},
		} {
			got, err := r.Function(c.f)
			want, err2 := r.Combine(c.partial[:]...)
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			if got.At(0).Value != c.f([]float64{a, b}) || math.Abs(got.SE(0)-want.SE(0)) > 1e-10*(want.SE(0)+1e-3) {
				t.Fatalf("%s: %v ± %v, want ± %v", c.name, got.At(0).Value, got.SE(0), want.SE(0))
			}
		}
	})
}

func TestFunctionRefuses(t *testing.T) {
	d := plain(t, 4)
	r, err := d.Mean([]float64{0, 1, -1, 0})
	must(t, r, err)
	if _, err := r.Function(func(x []float64) float64 { return 1 / x[0] }); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("1/0: %v", err)
	}
	if _, err := r.Function(func(x []float64) float64 { return math.Sqrt(x[0]) }); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("root at 0: %v", err)
	}
	empty, err := d.Mean([]float64{0, 1, 2, 3}, d.Domain(func(int) bool { return false }))
	must(t, empty, err)
	none, err := empty.Function(func(x []float64) float64 { return 1 })
	if must(t, none, err); !math.IsNaN(none.At(0).Value) || !math.IsNaN(none.SE(0)) {
		t.Errorf("no answers: %+v", none.At(0))
	}
}

func ExampleResult_Function() {
	s := estimate.Sample{Weight: []float64{1, 1, 1, 1, 1, 1}}
	d, err := estimate.Compile(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	wait := []float64{30, 50, 40, 10, 20, 30} // minutes at the counter
	r, err := d.Mean(wait, d.Domain(func(i int) bool { return i < 3 }), d.Domain(func(i int) bool { return i >= 3 }))
	if err != nil {
		fmt.Println(err)
		return
	}
	times, err := r.Function(func(x []float64) float64 { return x[0] / x[1] })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f times as long, standard error %.2f\n", times.At(0).Value, times.SE(0))
	// Output:
	// 2.0 times as long, standard error 0.58
}
