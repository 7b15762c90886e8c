package interval_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate/distribution"
	"adili/estimate/interval"
)

var methods = []interval.Method{
	interval.MethodLogit, interval.MethodXLogit, interval.MethodLikelihood, interval.MethodArcsine, interval.MethodBeta,
	interval.MethodCapped, interval.MethodWilson, interval.MethodWald,
}

// TestIntervals checks what every interval of a share must be, whatever the share.
func TestIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 3000).Draw(t, "n")
		p := float64(rapid.IntRange(0, n).Draw(t, "hits")) / float64(n)
		s := interval.Share{
			Value: p, N: n, DF: rapid.Float64Range(1, 400).Draw(t, "df"),
			Variance: p * (1 - p) / float64(n) * rapid.SampledFrom([]float64{0, 0.3, 1, 5}).Draw(t, "deff"),
		}
		mirror := s
		mirror.Value = 1 - p
		for _, m := range methods {
			in, err := s.By(m, 0.95)
			other, err2 := mirror.By(m, 0.95)
			if err = errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			inside := in.Lower >= 0 && in.Upper <= 1 || m == interval.MethodWald
			if !(in.Lower <= p+1e-12 && p-1e-12 <= in.Upper && inside) || in.Lower == in.Upper {
				t.Fatalf("%s: %v in %+v", m, p, in)
			}
			if in.Assumed != (s.Variance == 0) {
				t.Fatalf("%s: %+v", m, in)
			}
			if d := math.Abs(in.Lower - (1 - other.Upper)); d > 1e-9 {
				t.Fatalf("%s: %+v, mirrored %+v", m, in, other)
			}
		}
	})
}

// TestLikelihoodIsAtItsBound puts the limits back into the ratio they solve.
func TestLikelihoodIsAtItsBound(t *testing.T) {
	for _, s := range []interval.Share{
		{Value: 0.3, N: 200, DF: 12, Variance: 0.002},
		{Value: 0.001, N: 5000, DF: 900, Variance: 1e-6},
		{Value: 0.97, N: 40, DF: 3, Variance: 0.0009},
	} {
		in := interval.Likelihood(s, 0.9)
		q := distribution.Student{DF: s.DF}.Quantile(0.95)
		for _, x := range []float64{in.Lower, in.Upper} {
			n := in.Effective * float64(s.N-1) / float64(s.N)
			ratio := 2 * n * (s.Value*math.Log(s.Value/x) + (1-s.Value)*math.Log((1-s.Value)/(1-x)))
			if math.Abs(ratio/(q*q)-1) > 1e-9 {
				t.Errorf("%+v: ratio %v at %v, want %v", s, ratio, x, q*q)
			}
		}
	}
}

func TestIntervalWithoutAnything(t *testing.T) {
	for _, m := range methods {
		none, err := interval.Share{Value: math.NaN()}.By(m, 0.95)
		if err != nil || !math.IsNaN(none.Lower) || !math.IsNaN(none.Upper) {
			t.Errorf("%s without answers: %+v, %v", m, none, err)
		}
		blind, err := interval.Share{Value: 0.5, N: 9, Variance: 0.1}.By(m, 0.95)
		if err != nil || blind.Lower != 0 || blind.Upper != 1 {
			t.Errorf("%s without degrees of freedom: %+v, %v", m, blind, err)
		}
		census, err := interval.Share{Value: 0.5, N: 9, DF: 8, Complete: true}.By(m, 0.95)
		if err != nil || census.Lower != 0.5 || census.Upper != 0.5 {
			t.Errorf("%s of everyone: %+v, %v", m, census, err)
		}
	}
	if _, err := (interval.Share{Value: 0.5, N: 9, DF: 8, Variance: 0.1}).By("wlison", 0.95); !errors.Is(err, interval.ErrMethod) {
		t.Errorf("error %v", err)
	}
}

// TestNewcombe compares with the intervals of R. G. Newcombe (Statistics in
// Medicine 17, 1998): simple random samples, normal quantile.
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		hits, n         int
		wilson, clopper [2]float64
	}{
		{81, 263, [2]float64{0.2553, 0.3662}, [2]float64{0.2527, 0.3676}},
		{15, 148, [2]float64{0.0624, 0.1605}, [2]float64{0.0578, 0.1617}},
		{0, 20, [2]float64{0, 0.1611}, [2]float64{0, 0.1684}},
		{1, 29, [2]float64{0.0061, 0.1718}, [2]float64{0.0009, 0.1776}},
	} {
		p := float64(c.hits) / float64(c.n)
		s := interval.Share{Value: p, N: c.n, DF: math.Inf(1), Variance: p * (1 - p) / float64(c.n)}
		w := interval.Wilson(s, 0.95)
		s.DF = float64(c.n - 1) // no correction for degrees of freedom
		k := interval.KornGraubard(s, 0.95, true)
		got := [4]float64{w.Lower, w.Upper, k.Lower, k.Upper}
		for i, want := range [4]float64{c.wilson[0], c.wilson[1], c.clopper[0], c.clopper[1]} {
			if math.Abs(got[i]-want) > 0.00005001 {
				t.Errorf("%d of %d: %.4f, want %v", c.hits, c.n, got, want)
				break
			}
		}
	}
}

func ExampleShare_By() {
	// 81 of 263 people drawn at random; Newcombe (1998) has 0.2553 to 0.3662 by
	// Wilson's method. Degrees of freedom without end give the normal quantile.
	p := 81. / 263
	s := interval.Share{Value: p, N: 263, DF: math.Inf(1), Variance: p * (1 - p) / 263}
	for _, m := range []interval.Method{interval.MethodWald, interval.MethodLogit, interval.MethodArcsine, interval.MethodLikelihood, interval.MethodWilson} {
		in, err := s.By(m, 0.95)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-10s %.4f to %.4f\n", m, in.Lower, in.Upper)
	}
	// Output:
	// mean       0.2522 to 0.3638
	// logit      0.2551 to 0.3664
	// asin       0.2537 to 0.3650
	// likelihood 0.2541 to 0.3656
	// wilson     0.2553 to 0.3662
}

// Nobody of 40 people said yes: that is not "0 % ± 0".
func ExampleKornGraubard() {
	s := interval.Share{Value: 0, Variance: 0, N: 40, DF: 39}
	in := interval.KornGraubard(s, 0.95, true)
	fmt.Printf("%.1f %% to %.1f %%, assumed: %v\n", 100*in.Lower, 100*in.Upper, in.Assumed)
	// Output:
	// 0.0 % to 8.8 %, assumed: true
}
