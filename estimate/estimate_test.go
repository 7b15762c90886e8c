package estimate_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"adili/estimate"
)

func TestCompileRefuses(t *testing.T) {
	ab := []string{"a", "a", "b"}
	for _, test := range []struct {
		name string
		s    estimate.Sample
		want error
	}{
		{"nothing", estimate.Sample{}, estimate.ErrEmpty},
		{"missing weight", estimate.Sample{Weight: []float64{1, math.NaN()}}, estimate.ErrWeight},
		{"negative weight", estimate.Sample{Weight: []float64{1, -1}}, estimate.ErrWeight},
		{"infinite weight", estimate.Sample{Weight: []float64{1, math.Inf(1)}}, estimate.ErrWeight},
		{"lengths", estimate.Sample{Weight: []float64{1, 1}, Stages: []estimate.Stage{{Stratum: ab}}}, estimate.ErrLength},
		{"too small", estimate.Sample{Weight: []float64{1, 1}, Stages: []estimate.Stage{{Population: []float64{1, 1}}}}, estimate.ErrPopulation},
		{"changing", estimate.Sample{Weight: []float64{1, 1}, Stages: []estimate.Stage{{Population: []float64{5, 6}}}}, estimate.ErrPopulation},
		{"fraction", estimate.Sample{Weight: []float64{1, 1}, Stages: []estimate.Stage{{Fraction: []float64{2, 2}}}}, estimate.ErrPopulation},
		{"both", estimate.Sample{Weight: []float64{1, 1}, Stages: []estimate.Stage{{Fraction: []float64{.5, .5}, Population: []float64{4, 4}}}}, estimate.ErrPopulation},
	} {
		if _, err := estimate.Compile(test.s); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
	lonely := estimate.Sample{Weight: []float64{1, 1, 1}, Stages: []estimate.Stage{{Stratum: ab}}}
	var e *estimate.LonelyError
	if _, err := estimate.Compile(lonely); !errors.As(err, &e) || e.Stratum != "b" || e.Stage != 1 {
		t.Errorf("lonely stratum: %v", err)
	}
	lonely.Stages[0].Population = []float64{4, 4, 1} // observed completely: not lonely
	if _, err := estimate.Compile(lonely); err != nil {
		t.Errorf("complete stratum: %v", err)
	}
}

func TestEstimatorRefuses(t *testing.T) {
	d := plain(t, 3)
	other := plain(t, 3)
	for _, test := range []struct {
		name string
		call func() error
		want error
	}{
		{"length", func() error { _, err := d.Mean([]float64{1}); return err }, estimate.ErrLength},
		{"infinite", func() error { _, err := d.Total([]float64{1, 2, math.Inf(1)}); return err }, estimate.ErrValue},
		{"not a share", func() error { _, err := d.Proportion([]float64{1, 2, 0}); return err }, estimate.ErrValue},
		{"denominator", func() error { _, err := d.Ratio([]float64{1, 2, 0}, nil); return err }, estimate.ErrLength},
		{"codes", func() error { _, err := d.Proportions([]int{1}, []int{1}, d.Everyone()); return err }, estimate.ErrLength},
		{"groups", func() error { _, err := d.Groups([]int{1}, 1); return err }, estimate.ErrLength},
		{"domain", func() error { _, err := d.Mean([]float64{1, 2, 3}, other.Everyone()); return err }, estimate.ErrDesign},
		{"join", func() error {
			a, _ := d.Mean([]float64{1, 2, 3})
			b, _ := other.Mean([]float64{1, 2, 3})
			_, err := estimate.Join(a, b)
			return err
		}, estimate.ErrDesign},
		{"contrast", func() error {
			a, _ := d.Mean([]float64{1, 2, 3})
			_, err := a.Contrast(1, 2)
			return err
		}, estimate.ErrContrast},
		{"difference", func() error {
			a, _ := d.Mean([]float64{1, 2, 3})
			_, err := a.Difference(0, 1)
			return err
		}, estimate.ErrContrast},
	} {
		if err := test.call(); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", test.name, err, test.want)
		}
	}
}

func plain(t *testing.T, n int) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(estimate.Sample{Weight: slices.Repeat([]float64{1}, n)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEmptyDomain(t *testing.T) {
	d := plain(t, 3)
	r, err := d.Mean([]float64{1, 2, 3}, d.Everyone(), d.Domain(func(int) bool { return false }))
	if err != nil {
		t.Fatal(err)
	}
	if e := r.At(1); !math.IsNaN(e.Value) || e.N != 0 || !math.IsNaN(r.SE(1)) {
		t.Errorf("empty domain: %+v ± %v", e, r.SE(1))
	}
	c, err := r.Difference(0, 1)
	if err != nil || !math.IsNaN(c.Value) || c.Distinguishable(0.95) {
		t.Errorf("difference with nothing: %+v, %v", c, err)
	}
}

func TestNoSpread(t *testing.T) {
	d := plain(t, 40)
	r, err := d.Proportion(make([]float64, 40))
	if err != nil {
		t.Fatal(err)
	}
	s := r.Share(0)
	// The exact upper limit of Clopper and Pearson for 0 of 40.
	exact := 1 - math.Pow(0.025, 1.0/40)
	if in := estimate.KornGraubard(s, 0.95, true); in.Lower != 0 || math.Abs(in.Upper-exact) > 1e-10 || !in.Assumed {
		t.Errorf("0 of 40: %+v, want an upper limit of %v", in, exact)
	}
	if in := estimate.Wilson(s, 0.95); in.Lower != 0 || in.Upper < 0.05 || !in.Assumed {
		t.Errorf("0 of 40, Wilson: %+v", in)
	}
	s.Deff = 4
	if in := estimate.KornGraubard(s, 0.95, true); math.Abs(in.Upper-(1-math.Pow(0.025, 1.0/10))) > 1e-10 {
		t.Errorf("0 of 40 with a design effect of 4: %+v", in)
	}
	s.Complete = true
	if in := estimate.Wilson(s, 0.95); in.Upper != 0 {
		t.Errorf("everyone asked: %+v", in)
	}
	for _, s := range []estimate.Share{{Value: 0.4, Variance: 0.01, N: 20}, {Value: math.NaN()}} {
		for _, in := range []estimate.ShareInterval{estimate.Wilson(s, 0.95), estimate.KornGraubard(s, 0.95, true)} {
			if s.N == 20 && (in.Lower != 0 || in.Upper != 1) || s.N == 0 && !math.IsNaN(in.Lower) {
				t.Errorf("%+v: %+v", s, in)
			}
		}
	}
}

func TestReliable(t *testing.T) {
	for _, test := range []struct {
		s    estimate.Share
		want bool
	}{
		{estimate.Share{Value: 0.5, Variance: 0.25 / 400, N: 400, DF: 399}, true},
		{estimate.Share{Value: 0.5, Variance: 0.25 / 25, N: 25, DF: 24}, false},
		{estimate.Share{Value: 0.5, Variance: 0.25 / 20, N: 400, DF: 399}, false},
		{estimate.Share{Value: 0.5, Variance: 0.25 / 35, N: 35, DF: 34}, false},
		{estimate.Share{Value: 0.02, Variance: 0.0196 / 60, N: 60, DF: 59}, false},
	} {
		if got := estimate.Reliable(test.s); got != test.want {
			t.Errorf("%+v: %v", test.s, got)
		}
	}
}

func TestIndependent(t *testing.T) {
	// Welch's example form: equal variances and df give twice the df.
	c := estimate.Independent(estimate.Term{1, 5, 4, 10}, estimate.Term{-1, 3, 4, 10})
	if c.Value != 2 || c.SE != math.Sqrt(8) || c.DF != 20 {
		t.Errorf("%+v", c)
	}
	if c := estimate.Independent(estimate.Term{1, 5, 4, 0}, estimate.Term{-1, 3, 4, 10}); c.DF != 0 || c.Distinguishable(0.95) {
		t.Errorf("no degrees of freedom: %+v", c)
	}
	if c := estimate.Independent(estimate.Term{1, 5, 0, 7}, estimate.Term{-1, 3, 0, 10}); c.SE != 0 || c.DF != 17 || !c.Distinguishable(0.95) {
		t.Errorf("no variance: %+v", c)
	}
	if c := estimate.Independent(estimate.Term{1, math.NaN(), 4, 9}); !math.IsNaN(c.Value) {
		t.Errorf("nothing: %+v", c)
	}
}

func TestScore(t *testing.T) {
	for _, test := range []struct {
		name    string
		answer  []uint8
		reverse []bool
		want    float64
	}{
		{"all agree", []uint8{5, 5, 5, 5}, nil, 10},
		{"all disagree", []uint8{1, 1}, nil, 0},
		{"middle", []uint8{3, 3, 3}, nil, 5},
		{"reversed", []uint8{1, 5}, []bool{true, false}, 10},
		{"half valid", []uint8{4, 9, 8, 2}, nil, 5},
		{"under half", []uint8{4, 9, 8}, nil, math.NaN()},
		{"not asked is no gap", []uint8{4, 0, 0}, nil, 7.5},
		{"nothing asked", []uint8{0, 0}, nil, math.NaN()},
		{"no valid answer", []uint8{9}, nil, math.NaN()},
		{"no items", nil, nil, math.NaN()},
	} {
		got := estimate.Score(test.answer, test.reverse)
		if got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// TestLonelyInDomains has three strata of two units; the domain is one unit of
// the second, two of the third.
func TestLonelyInDomains(t *testing.T) {
	y := []float64{0, 0, 6, 0, 1, 3}
	sample := func(rule estimate.Lonely) estimate.Sample {
		return estimate.Sample{
			Weight: []float64{1, 1, 1, 1, 1, 1}, Lonely: rule,
			Stages: []estimate.Stage{{Stratum: []string{"a", "a", "b", "b", "c", "c"}}},
		}
	}
	in := func(i int) bool { return i == 2 || i > 3 }
	const own, lone = 2 * (1*1 + 1*1), 2 * (3*3 + 3*3) // n/(n-1) Σ of squares around the stratum's mean
	for _, c := range []struct {
		rule   estimate.Lonely
		strict bool
		want   float64
	}{
		{estimate.LonelyAdjust, false, own + lone},
		{estimate.LonelyAdjust, true, own + 2*6*6},
		{estimate.LonelyAverage, true, own + own}, // the stratum without anybody is none of the others
		{estimate.LonelyRemove, true, own + lone},
		{estimate.LonelyCertainty, true, own + lone},
	} {
		d, err := estimate.Compile(sample(c.rule))
		if err != nil {
			t.Fatal(err)
		}
		if c.strict {
			d = d.LonelyInDomains()
		}
		r, err := d.Total(y, d.Domain(in))
		if must(t, r, err); math.Abs(r.Variance(0)-c.want) > 1e-12 {
			t.Errorf("rule %d, strict %v: variance %v, want %v", c.rule, c.strict, r.Variance(0), c.want)
		}
	}
}

func TestKish(t *testing.T) {
	if k := estimate.Kish([]float64{1, 2, 3, 4, 5}); math.Abs(k-1.22222222222222) > 1e-14 {
		t.Errorf("Kish %v", k)
	}
	if k := estimate.Kish([]float64{1, 2, 2, 3, 5, 8}); math.Abs(k-1.45578231292517) > 1e-13 {
		t.Errorf("Kish %v", k)
	}
	if !math.IsNaN(estimate.Kish(nil)) {
		t.Error("Kish of nothing is a number")
	}
}

func FuzzCompile(f *testing.F) {
	f.Add([]byte("\x01\x02\x03\x04\x05\x06\x07\x08\x09"), uint8(0))
	f.Fuzz(func(t *testing.T, raw []byte, rule uint8) {
		var s estimate.Sample
		st := estimate.Stage{}
		var y []float64
		var code []int
		for i := 0; i+4 < len(raw); i += 5 {
			s.Weight = append(s.Weight, float64(raw[i])/8)
			st.Stratum = append(st.Stratum, string(rune('a'+raw[i+1]%4)))
			st.Unit = append(st.Unit, string(rune('a'+raw[i+2]%8)))
			st.Population = append(st.Population, float64(raw[i+1]%4*9))
			y = append(y, []float64{math.NaN(), 0, 1}[raw[i+3]%3])
			code = append(code, int(raw[i+4]%4)-1)
		}
		s.Stages, s.Lonely = []estimate.Stage{st}, estimate.Lonely(rule%4)
		d, err := estimate.Compile(s)
		if err != nil {
			return
		}
		groups, err := d.Groups(code, 3)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Proportion(y, groups...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range r.Len() {
			if v := r.Variance(i); v < 0 || r.At(i).N > 0 && math.IsNaN(v) {
				t.Errorf("variance %v of %+v", v, r.At(i))
			}
			for _, in := range []estimate.ShareInterval{estimate.Wilson(r.Share(i), 0.95), estimate.KornGraubard(r.Share(i), 0.95, true)} {
				if r.At(i).N > 0 && !(0 <= in.Lower && in.Lower <= in.Upper && in.Upper <= 1) {
					t.Errorf("interval %+v of %+v", in, r.Share(i))
				}
			}
		}
	})
}
