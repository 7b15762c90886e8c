package quantile_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/quantile"
)

var rules = []quantile.Rule{
	quantile.Math, quantile.School, quantile.HF1, quantile.HF2, quantile.HF3, quantile.HF4, quantile.HF5, quantile.HF6,
	quantile.HF7, quantile.HF8, quantile.HF9,
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }

// TestRules has the numbers from 1 to 10 with equal weights, for which the
// rules of Hyndman & Fan can be done by hand.
func TestRules(t *testing.T) {
	x := []float64{7, 3, 10, 1, 5, 2, 9, 4, 8, 6}
	c, err := quantile.New(x, ones(10))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		rule           quantile.Rule
		quarter, tenth float64
	}{
		{quantile.Math, 3, 1}, {quantile.HF1, 3, 1}, {quantile.School, 3, 1.5}, {quantile.HF2, 3, 1.5}, {quantile.HF3, 3, 2},
		{quantile.HF4, 2.5, 1}, {quantile.HF5, 3, 1.5}, {quantile.HF6, 2.75, 1.1}, {quantile.HF7, 3.25, 1.9},
		{quantile.HF8, 0.25*(10+1./3) + 1./3, 0.1*(10+1./3) + 1./3}, {quantile.HF9, 0.25*10.25 + 0.375, 0.1*10.25 + 0.375},
	} {
		quarter, err := c.Quantile(want.rule, 0.25)
		tenth, err2 := c.Quantile(want.rule, 0.1)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if math.Abs(quarter-want.quarter) > 1e-12 || math.Abs(tenth-want.tenth) > 1e-12 {
			t.Errorf("%s: %v and %v, want %v and %v", want.rule, quarter, tenth, want.quarter, want.tenth)
		}
	}
}

// TestQuantiles checks what holds for any sample and rule.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		x, w := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = float64(rapid.IntRange(-4, 4).Draw(t, "x"))
			w[i] = rapid.Float64Range(0.1, 9).Draw(t, "w")
		}
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "order")
		moved, weight, scaled := make([]float64, n), make([]float64, n), make([]float64, n)
		for to, from := range order {
			moved[to], weight[to], scaled[to] = x[from], w[from], 8*w[from]
		}
		a, err := quantile.New(x, w)
		b, err2 := quantile.New(moved, weight)
		c, err3 := quantile.New(moved, scaled)
		if err = errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		for _, rule := range rules {
			last := math.Inf(-1)
			for k := range 21 {
				p := float64(k) / 20
				q, err := a.Quantile(rule, p)
				other, err2 := b.Quantile(rule, p)
				larger, err3 := c.Quantile(rule, p)
				if err = errors.Join(err, err2, err3); err != nil {
					t.Fatal(err)
				}
				if q != other || q != larger {
					t.Fatalf("%s at %v: %v, rows moved %v, weights scaled %v", rule, p, q, other, larger)
				}
				if q < last || q < slices.Min(x) || q > slices.Max(x) {
					t.Fatalf("%s at %v: %v after %v", rule, p, q, last)
				}
				if rule == quantile.Math && a.At(q) < p-1e-9 {
					t.Fatalf("%v of people at or below %v, the %v-quantile", a.At(q), q, p)
				}
				last = q
			}
		}
	})
}

func TestRefuses(t *testing.T) {
	if _, err := quantile.New([]float64{1}, []float64{1, 2}); !errors.Is(err, quantile.ErrLength) {
		t.Errorf("lengths: %v", err)
	}
	if _, err := quantile.New([]float64{1}, []float64{-1}); !errors.Is(err, quantile.ErrWeight) {
		t.Errorf("weight: %v", err)
	}
	c, err := quantile.New([]float64{1, math.NaN(), 5}, []float64{1, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Quantile("hf10", 0.5); !errors.Is(err, quantile.ErrRule) {
		t.Errorf("rule: %v", err)
	}
	if _, err := c.Quantile(quantile.Math, 1.5); !errors.Is(err, quantile.ErrShare) {
		t.Errorf("share: %v", err)
	}
	for _, rule := range rules {
		if q, err := c.Quantile(rule, 0.9); err != nil || q != 1 {
			t.Errorf("%s of one value: %v, %v", rule, q, err)
		}
	}
	empty, err := quantile.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if q, err := empty.Quantile(quantile.HF7, 0.5); err != nil || !math.IsNaN(q) || !math.IsNaN(empty.At(1)) {
		t.Errorf("nothing: %v, %v", q, err)
	}
}

// TestTies has 200 equal weights that are no round binary number: a tenth of
// them is one to New, and none to AsR.
func TestTies(t *testing.T) {
	x, w := make([]float64, 200), make([]float64, 200)
	for i := range x {
		x[i], w[i] = float64(i+1), 30.97
	}
	near, err := quantile.New(x, w)
	exact, err2 := quantile.AsR(x, w)
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	a, err := near.Quantile(quantile.School, 0.1)
	b, err2 := exact.Quantile(quantile.School, 0.1)
	if err = errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if a != 20.5 || b != 21 {
		t.Errorf("%v and %v, want 20.5 and 21", a, b)
	}
}

func sample(t testing.TB, n int) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(estimate.Sample{Weight: slices.Repeat([]float64{12.5}, n)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestWoodruff goes through the interval of a median by hand.
func TestWoodruff(t *testing.T) {
	const n = 40
	d := sample(t, n)
	y := make([]float64, n)
	for i := range y {
		y[i] = float64(n - i)
	}
	all, err := quantile.Estimates(d, y, d.Everyone(), quantile.Options{Rule: quantile.HF7, Level: 0.9}, 0.5, 0.99)
	if err != nil {
		t.Fatal(err)
	}
	q := all[0]
	tq := estimate.Quantile(0.95, n-1)
	half := tq * math.Sqrt(0.5*0.5/(n-1)) // 20 of 40 are at or below 20.5
	lower, upper := 1+(0.5-half)*(n-1), 1+(0.5+half)*(n-1)
	if q.Value != 20.5 || math.Abs(q.Lower-lower) > 1e-9 || math.Abs(q.Upper-upper) > 1e-9 || math.Abs(q.SE-(upper-lower)/2/tq) > 1e-9 {
		t.Errorf("%+v, want 20.5 (%v to %v)", q, lower, upper)
	}
	if last := all[1]; !math.IsNaN(last.Upper) || !math.IsNaN(last.SE) || math.IsNaN(last.Lower) {
		t.Errorf("above everyone: %+v", last)
	}
	for _, m := range []quantile.Method{quantile.Beta, quantile.XLogit, quantile.Asin} {
		r, err := quantile.Estimates(d, y, d.Everyone(), quantile.Options{Method: m}, 0.5)
		if err != nil || !(r[0].Lower < 20 && r[0].Upper > 20 && r[0].SE > 0) {
			t.Errorf("%s: %+v, %v", m, r, err)
		}
	}
	if _, err := quantile.Estimates(d, y, d.Everyone(), quantile.Options{Method: "score"}, 0.5); !errors.Is(err, quantile.ErrInterval) {
		t.Errorf("interval: %v", err)
	}
	none, err := quantile.Estimates(d, y, d.Domain(func(int) bool { return false }), quantile.Options{}, 0.5)
	if err != nil || !math.IsNaN(none[0].Value) || !math.IsNaN(none[0].Lower) {
		t.Errorf("nobody: %+v, %v", none, err)
	}
}

func ExampleCurve_Quantile() {
	days := []float64{1, 2, 2, 3, 5, 8, 13, 21} // to release a consignment
	c, err := quantile.New(days, []float64{4, 4, 4, 4, 1, 1, 1, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rule := range []quantile.Rule{quantile.Math, quantile.School, quantile.HF7} {
		q, err := c.Quantile(rule, 0.8)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %.2f\n", rule, q)
	}
	fmt.Printf("within three days: %.0f %%\n", 100*c.At(3))
	// Output:
	// math: 3.00
	// school: 4.00
	// hf7: 4.60
	// within three days: 80 %
}

func ExampleEstimates() {
	d, err := estimate.Compile(estimate.Sample{Weight: slices.Repeat([]float64{10}, 12)})
	if err != nil {
		fmt.Println(err)
		return
	}
	days := []float64{1, 2, 2, 3, 3, 4, 5, 6, 8, 9, 13, 21}
	median, err := quantile.Estimates(d, days, d.Everyone(), quantile.Options{Rule: quantile.School, Method: quantile.XLogit}, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.1f days (%.0f to %.0f)\n", median[0].Value, median[0].Lower, median[0].Upper)
	// Output:
	// 4.5 days (2 to 9)
}
