package impute_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/impute"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b)) }

// When all imputations agree, nothing is lost but what Barnard and Rubin's
// degrees of freedom say of the complete data.
func TestNothingMissing(t *testing.T) {
	p, err := impute.Pool([]float64{3, 3, 3}, []float64{0.04, 0.04, 0.04}, 47)
	if err != nil || p.Value != 3 || !near(p.SE, 0.2, 1e-15) || !math.IsInf(p.RubinDF, 1) || !near(p.DF, 48.0/50*47, 1e-13) ||
		p.Lambda != 0 || !near(p.Missing, 2/(p.DF+3), 1e-14) {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err = impute.Pool([]float64{3, 3}, []float64{0, 0}, 47); err != nil || p.SE != 0 || math.IsNaN(p.DF) || p.P() != 0 {
		t.Errorf("no variance: %+v, %v", p, err)
	}
}

// With complete data of endless persons Barnard and Rubin's degrees of freedom
// are Rubin's.
func TestLargeSample(t *testing.T) {
	p, err := impute.Pool([]float64{1, 2, 4}, []float64{1, 2, 3}, math.Inf(1))
	if err != nil || p.DF != p.RubinDF || !near(p.Total, 2+4.0/3*7/3, 1e-14) {
		t.Errorf("%+v, %v", p, err)
	}
	only, err := impute.Pool([]float64{1, 2, 4}, []float64{0, 0, 0}, 30)
	if err != nil || only.Missing != 1 || only.Lambda != 1 || only.RubinDF != 2 || math.IsNaN(only.DF) {
		t.Errorf("only missing answers: %+v, %v", only, err)
	}
}

func TestPoolProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(2, 20).Draw(t, "m")
		q := rapid.SliceOfN(rapid.Float64Range(-5, 5), m, m).Draw(t, "q")
		u := rapid.SliceOfN(rapid.Float64Range(0.001, 2), m, m).Draw(t, "u")
		complete := rapid.Float64Range(1, 1000).Draw(t, "df")
		p, err := impute.Pool(q, u, complete)
		if err != nil {
			t.Fatal(err)
		}
		if p.DF <= 0 || p.DF > complete || p.DF > p.RubinDF || p.Total < p.Within || p.Lambda < 0 || p.Lambda > 1 {
			t.Fatalf("%+v", p)
		}
		// Another unit of measurement changes nothing but the unit.
		for i := range q {
			q[i], u[i] = 10*q[i]+3, 100*u[i]
		}
		s, err := impute.Pool(q, u, complete)
		if err != nil || !near(s.Value, 10*p.Value+3, 1e-9) || !near(s.SE, 10*p.SE, 1e-9) || !near(s.DF, p.DF, 1e-7) || !near(s.Missing, p.Missing, 1e-9) {
			t.Fatalf("%+v and %+v, %v", p, s, err)
		}
	})
}

func TestPoolRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		q, u []float64
		df   float64
		want error
	}{
		"one":      {[]float64{1}, []float64{1}, 5, impute.ErrFew},
		"lengths":  {[]float64{1, 2}, []float64{1}, 5, impute.ErrLength},
		"missing":  {[]float64{1, math.NaN()}, []float64{1, 1}, 5, impute.ErrValue},
		"negative": {[]float64{1, 2}, []float64{1, -1}, 5, impute.ErrValue},
		"df":       {[]float64{1, 2}, []float64{1, 1}, 0, impute.ErrValue},
	} {
		if _, err := impute.Pool(c.q, c.u, c.df); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := impute.PoolResults(0); !errors.Is(err, impute.ErrFew) {
		t.Errorf("no results: %v", err)
	}
}

// Pooling results of a design is pooling their values and variances.
func TestPoolResults(t *testing.T) {
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 2, 1, 3, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	var results []*estimate.Result
	var value, variance []float64
	for _, y := range [][]float64{{1, 2, 3, 4, 5, 1}, {1, 2, 3, 4, 5, 3}, {1, 2, 3, 4, 5, 2}} {
		r, err := d.Mean(y)
		if err != nil {
			t.Fatal(err)
		}
		results, value, variance = append(results, r), append(value, r.At(0).Value), append(variance, r.Variance(0))
	}
	got, err := impute.PoolResults(0, results...)
	if err != nil {
		t.Fatal(err)
	}
	want, err := impute.Pool(value, variance, 5)
	if err != nil || got.SE != want.SE || got.DF != want.DF {
		t.Errorf("%+v, want %+v (%v)", got, want, err)
	}
	if _, err := impute.PoolResults(1, results...); !errors.Is(err, impute.ErrLength) {
		t.Errorf("second of one: %v", err)
	}
}

// Five imputed data sets from a survey with 20 degrees of freedom. Rubin's own
// rule would give the interval 61 degrees of freedom.
func ExamplePool() {
	p, err := impute.Pool([]float64{3.71, 3.78, 3.65, 3.74, 3.70}, []float64{0.0081, 0.0079, 0.0084, 0.0080, 0.0081}, 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	i := p.Interval(0.95)
	fmt.Printf("%.3f, se %.4f, df %.1f (%.0f), %.2f to %.2f\n", p.Value, p.SE, p.DF, p.RubinDF, i.Lower, i.Upper)
	// Output: 3.716, se 0.1044, df 11.1 (61), 3.49 to 3.95
}
