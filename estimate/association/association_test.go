package association_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/association"
)

func sample(t interface{ Fatal(...any) }, weight []float64) *estimate.Design {
	d, err := estimate.Compile(estimate.Sample{Weight: weight})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func value(t interface{ Fatal(...any) }, r *estimate.Result, err error) float64 {
	if err != nil {
		t.Fatal(err)
	}
	return r.At(0).Value
}

// TestAnscombe has the first of the four sets of F. J. Anscombe (American
// Statistician 27, 1973), whose figures are printed there.
func TestAnscombe(t *testing.T) {
	x := []float64{10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5}
	y := []float64{8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68}
	d := sample(t, slices.Repeat([]float64{1}, len(x)))
	v, err := association.Variance(d, x)
	if got := value(t, v, err); math.Abs(got-11) > 1e-12 {
		t.Errorf("variance of x %v, printed 11", got)
	}
	c, err := association.Covariance(d, x, y)
	if got := value(t, c, err); math.Abs(got-5.501) > 0.0005 {
		t.Errorf("covariance %v, printed 5.501", got)
	}
	r, err := association.Correlation(d, x, y, d.Everyone())
	if got := value(t, r, err); math.Abs(got-0.816) > 0.0005 {
		t.Errorf("correlation %v, printed 0.816", got)
	}
}

// TestMatrix checks a covariance matrix against what it must be.
func TestMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 20).Draw(t, "n")
		w, x, y := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range w {
			w[i] = rapid.Float64Range(0.5, 9).Draw(t, "w")
			x[i] = rapid.Float64Range(-3, 3).Draw(t, "x")
			y[i] = rapid.Float64Range(-3, 3).Draw(t, "y")
			if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
				y[i] = math.NaN()
			}
		}
		d := sample(t, w)
		m, err := association.Matrix(d, [][]float64{x, y}, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		if m.At(0).N < 2 {
			if !math.IsNaN(m.At(0).Value) {
				t.Fatalf("%v from %d people", m.At(0).Value, m.At(0).N)
			}
			return
		}
		xx, xy, yx, yy := m.At(0).Value, m.At(1).Value, m.At(2).Value, m.At(3).Value
		if xy != yx || xx < 0 || yy < 0 || xy*xy > xx*yy*(1+1e-9)+1e-12 {
			t.Fatalf("%v %v %v %v", xx, xy, yx, yy)
		}
		sum := make([]float64, n)
		for i := range sum {
			sum[i] = x[i] + y[i]
		}
		v, err := association.Variance(d, sum)
		if got := value(t, v, err); math.Abs(got-(xx+2*xy+yy)) > 1e-9 {
			t.Fatalf("variance of the sum %v, want %v", got, xx+2*xy+yy)
		}
	})
}

func TestCorrelationOfItself(t *testing.T) {
	x := []float64{1, 4, 2, 8, 5}
	d := sample(t, []float64{1, 2, 1, 3, 1})
	minus := []float64{-1, -4, -2, -8, -5}
	r, err := association.Correlation(d, x, minus, d.Everyone())
	if got := value(t, r, err); math.Abs(got+1) > 1e-12 || r.SE(0) > 1e-9 {
		t.Errorf("%v ± %v", got, r.SE(0))
	}
	if _, err := association.Correlation(d, x, []float64{3, 3, 3, 3, 3}, d.Everyone()); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("without spread: %v", err)
	}
}

func TestRefuses(t *testing.T) {
	d := sample(t, []float64{1, 1, 1})
	if _, err := association.Covariance(d, []float64{1, 2, 3}, []float64{1, 2}); !errors.Is(err, association.ErrLength) {
		t.Errorf("covariance: %v", err)
	}
	if _, err := association.Matrix(d, [][]float64{{1, 2, 3}, {1, 2}}, d.Everyone()); !errors.Is(err, association.ErrLength) {
		t.Errorf("matrix: %v", err)
	}
	if _, err := association.Kappa(d, []int{0, 1}, []int{0, 1, 1}, 2, d.Everyone()); !errors.Is(err, association.ErrLength) {
		t.Errorf("kappa: %v", err)
	}
	if _, err := association.Kappa(d, []int{0, 0, 0}, []int{0, 0, 0}, 2, d.Everyone()); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("kappa of one code: %v", err)
	}
	if _, err := association.Variance(d, []float64{1, math.Inf(1), 2}); !errors.Is(err, estimate.ErrValue) {
		t.Errorf("infinite: %v", err)
	}
}

// Two raters diagnose 100 people: psychotic, neurotic, organic (Fleiss,
// Statistical Methods for Rates and Proportions, 1981, where kappa
// is 0.68).
func ExampleKappa() {
	counts := [3][3]int{{75, 1, 4}, {5, 4, 1}, {0, 0, 10}}
	var a, b []int
	var weight []float64
	for i, row := range counts {
		for j, n := range row {
			for range n {
				a, b, weight = append(a, i), append(b, j), append(weight, 1)
			}
		}
	}
	d, err := estimate.Compile(estimate.Sample{Weight: weight})
	if err != nil {
		fmt.Println(err)
		return
	}
	k, err := association.Kappa(d, a, b, 3, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("kappa %.2f, standard error %.3f\n", k.At(0).Value, k.SE(0))
	// Output:
	// kappa 0.68, standard error 0.088
}

func ExampleCorrelation() {
	years := []float64{1, 3, 4, 6, 9, 12, 15, 20}
	score := []float64{7, 8, 6, 6, 5, 6, 4, 3}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{10, 10, 20, 20, 10, 10, 20, 20}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := association.Correlation(d, years, score, d.Everyone())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f, standard error %.2f\n", r.At(0).Value, r.SE(0))
	// Output:
	// -0.92, standard error 0.05
}
