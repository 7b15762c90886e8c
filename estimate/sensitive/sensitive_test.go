package sensitive_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/sensitive"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b)) }

// must is a technique whose parameters are known to be good.
func must(t sensitive.Technique, err error) sensitive.Technique {
	if err != nil {
		panic(err)
	}
	return t
}

// Each technique asks people with and without the trait as its rules say.
func TestTechniques(t *testing.T) {
	for name, c := range map[string]struct {
		technique     sensitive.Technique
		without, with float64
		privacy       float64 // NaN: not looked at
	}{
		"direct":    {sensitive.Direct(), 0, 1, math.Inf(1)},
		"Warner":    {must(sensitive.Warner(0.7)), 0.3, 0.7, math.Log(7.0 / 3)},
		"die":       {must(sensitive.Forced(1.0/6, 4.0/6)), 1.0 / 6, 5.0 / 6, math.Log(5)},
		"unrelated": {must(sensitive.Unrelated(0.7, 0.25)), 0.075, 0.775, math.NaN()},
		"Kuk":       {must(sensitive.Kuk(0.8, 0.2)), 0.2, 0.8, math.Log(4)},
		"crosswise": {must(sensitive.Same(90.0 / 365)), 275.0 / 365, 90.0 / 365, math.Log(275.0 / 90)},
		"triangle":  {must(sensitive.Triangular(0.4)), 0.6, 0, math.Inf(1)},
	} {
		if a, b := c.technique.Chance(0), c.technique.Chance(1); !near(a, c.without, 1e-15) || math.Abs(b-c.with) > 1e-15 {
			t.Errorf("%s: chances %v and %v", name, a, b)
		}
		if got := c.technique.Privacy(); !math.IsNaN(c.privacy) && got != c.privacy && !near(got, c.privacy, 1e-12) {
			t.Errorf("%s: privacy %v, want %v", name, got, c.privacy)
		}
	}
	errs := map[string]error{}
	_, errs["Warner 1/2"] = sensitive.Warner(0.5)
	_, errs["Warner NaN"] = sensitive.Warner(math.NaN())
	_, errs["forced over 1"] = sensitive.Forced(0.5, 0.6)
	_, errs["never asked"] = sensitive.Forced(0.5, 0)
	_, errs["equal packs"] = sensitive.Kuk(0.4, 0.4)
	_, errs["negative"] = sensitive.Unrelated(-0.1, 0.2)
	_, errs["birthday"] = sensitive.Same(0.5)
	_, errs["triangle"] = sensitive.Triangular(1)
	for name, err := range errs {
		if !errors.Is(err, sensitive.ErrParameter) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCount(t *testing.T) {
	die := must(sensitive.Forced(1.0/6, 4.0/6))
	for _, c := range []struct{ yes, n int }{{-1, 3}, {4, 3}, {0, 0}} {
		if _, err := die.Count(c.yes, c.n); err == nil {
			t.Errorf("%+v is no answer", c)
		}
	}
	c, err := die.Count(0, 20)
	if err != nil || c.Value >= 0 || c.Truncated != 0 {
		t.Errorf("nobody: %+v, %v", c, err)
	}
	// Never "0 % ± 0": nobody said yes, and the exact interval still has a width.
	lo, hi, err := sensitive.Direct().Exact(0, 20, 0.95)
	if want := 1 - math.Pow(0.025, 1.0/20); err != nil || lo != 0 || !near(hi, want, 1e-10) {
		t.Errorf("exact: %v to %v, %v; want %v", lo, hi, err, want)
	}
	if lo, hi, err = must(sensitive.Same(0.25)).Exact(20, 20, 0.95); err != nil || !(lo < hi && lo < -0.49) {
		t.Errorf("all the same: %v to %v, %v", lo, hi, err)
	}
}

// survey is a random sample with offices and strata, and answers to anything.
type survey struct {
	sample     estimate.Sample
	y, anchor  []float64
	x, z       []float64
	count, arm []float64
}

func makeSurvey(seed uint64, n int) survey {
	r := rand.New(rand.NewPCG(seed, 1))
	var s survey
	var st estimate.Stage
	bit := func(p float64) float64 {
		if r.Float64() < p {
			return 1
		}
		return 0
	}
	for i := range n {
		s.sample.Weight = append(s.sample.Weight, 0.5+3*r.Float64())
		st.Unit = append(st.Unit, fmt.Sprint(i%(n/5)))
		st.Stratum = append(st.Stratum, fmt.Sprint(i%(n/5)%3))
		s.x = append(s.x, bit(0.5))
		s.z = append(s.z, r.NormFloat64())
		s.y = append(s.y, bit(0.6))
		s.anchor = append(s.anchor, bit(0.7))
		s.arm = append(s.arm, bit(0.5))
		s.count = append(s.count, bit(0.3)+bit(0.5)+bit(0.6)+s.arm[i]*bit(0.2))
		if r.Float64() < 0.05 {
			s.y[i] = math.NaN()
		}
		if r.Float64() < 0.05 {
			s.anchor[i] = math.NaN()
		}
	}
	s.sample.Stages = []estimate.Stage{st}
	return s
}

func (s survey) compile(t *testing.T) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(s.sample)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// numeric is the standard error of an estimator whose influence values are the
// derivatives by the weights, taken by differences: a second path.
func (s survey) numeric(t *testing.T, theta func(d *estimate.Design) float64) float64 {
	t.Helper()
	d := s.compile(t)
	z := make([]float64, len(s.y))
	for k := range z {
		const h = 1e-5
		at := func(change float64) float64 {
			moved := s
			moved.sample.Weight = append([]float64(nil), s.sample.Weight...)
			moved.sample.Weight[k] += change
			return theta(moved.compile(t))
		}
		z[k] = (at(h) - at(-h)) / (2 * h)
	}
	r, err := d.Linear([]float64{theta(d)}, [][]float64{z})
	if err != nil {
		t.Fatal(err)
	}
	return r.SE(0)
}

func TestCrosswiseDeltaMethod(t *testing.T) {
	s := makeSurvey(5, 150)
	women := func(d *estimate.Design) estimate.Domain { return d.Domain(func(row int) bool { return s.x[row] == 1 }) }
	run := func(d *estimate.Design) sensitive.Anchored {
		e, err := sensitive.Crosswise(d, s.y, s.anchor, 0.25, women(d))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := run(s.compile(t))
	// The formula as printed.
	l, g := e.Lambda.At(0).Value, e.Attentive.At(0).Value
	if want := ((l-(1-g)/2)/g + 0.25 - 1) / (2*0.25 - 1); !near(e.Corrected.At(0).Value, want, 1e-12) {
		t.Errorf("%v, want %v", e.Corrected.At(0).Value, want)
	}
	for name, value := range map[string]func(e sensitive.Anchored) *estimate.Result{
		"plain":     func(e sensitive.Anchored) *estimate.Result { return e.Result },
		"attentive": func(e sensitive.Anchored) *estimate.Result { return e.Attentive },
		"corrected": func(e sensitive.Anchored) *estimate.Result { return e.Corrected },
	} {
		want := s.numeric(t, func(d *estimate.Design) float64 { return value(run(d)).At(0).Value })
		if got := value(e).SE(0); !near(got/want, 1, 1e-6) {
			t.Errorf("%s: standard error %v, by differences %v", name, got, want)
		}
	}
}

// If the anchor is answered as people who read it would, nothing is corrected.
func TestPerfectAnchor(t *testing.T) {
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 1, 1, 1, 1, 1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := sensitive.Crosswise(d, []float64{1, 0, 1, 0, 1, 1, 0, 1}, []float64{1, 1, 0, 1, 1, 0, 1, 1}, 0.25, d.Everyone())
	if err != nil || !near(e.Attentive.At(0).Value, 1, 1e-15) || !near(e.Corrected.At(0).Value, e.Result.At(0).Value, 1e-14) {
		t.Errorf("%+v, %v", e, err)
	}
	_, err = sensitive.Crosswise(d, []float64{1, 0, 1, 0, 1, 1, 0, 1}, []float64{1, 0, 0, 1, 0, 0, 1, 1}, 0.25, d.Everyone())
	if !errors.Is(err, sensitive.ErrInattention) {
		t.Errorf("an anchor answered by chance: %v", err)
	}
}

// With the direct question everything is the ordinary share, and other
// techniques only change the scale.
func TestEstimateIsScaledShare(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := makeSurvey(rapid.Uint64().Draw(rt, "seed"), 60)
		d := s.compile(t)
		plain, err := d.Mean(s.y)
		if err != nil {
			rt.Fatal(err)
		}
		die := must(sensitive.Forced(0.1, 0.7))
		e, err := die.Estimate(d, s.y, d.Everyone())
		if err != nil {
			rt.Fatal(err)
		}
		if !near(e.Result.SE(0)*0.7, plain.SE(0), 1e-12) || !near(e.Result.At(0).Value, (plain.At(0).Value-0.1)/0.7, 1e-12) ||
			e.Result.At(0).N != plain.At(0).N || e.Result.DF(0) != plain.DF(0) {
			rt.Fatalf("%+v from %+v", e.Result.At(0), plain.At(0))
		}
		if p := e.Truncated(); p < 0 || p > 1 {
			rt.Fatalf("truncated to %v", p)
		}
	})
}

// The order of the rows changes no bit.
func TestOrderOfRows(t *testing.T) {
	s := makeSurvey(33, 120)
	n := len(s.y)
	p := survey{}
	var st estimate.Stage
	for _, k := range rand.New(rand.NewPCG(1, 2)).Perm(n) {
		p.sample.Weight = append(p.sample.Weight, s.sample.Weight[k])
		st.Unit = append(st.Unit, s.sample.Stages[0].Unit[k])
		st.Stratum = append(st.Stratum, s.sample.Stages[0].Stratum[k])
		p.y, p.anchor = append(p.y, s.y[k]), append(p.anchor, s.anchor[k])
		p.count, p.arm = append(p.count, s.count[k]), append(p.arm, s.arm[k])
	}
	p.sample.Stages = []estimate.Stage{st}
	var bits [2][]float64
	for i, s := range []survey{s, p} {
		d := s.compile(t)
		c, err := sensitive.Crosswise(d, s.y, s.anchor, 0.2, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		control, treatment := s.arms(d)
		l, err := sensitive.List(d, s.count, control, treatment)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*estimate.Result{c.Lambda, c.Result, c.Anchor, c.Attentive, c.Corrected, l.Result} {
			bits[i] = append(bits[i], r.At(0).Value, r.SE(0), r.DF(0))
		}
	}
	for k := range bits[0] {
		if bits[0][k] != bits[1][k] {
			t.Errorf("number %d: %v and %v", k, bits[0][k], bits[1][k])
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	s := makeSurvey(1, 30)
	d := s.compile(t)
	nobody := d.Domain(func(int) bool { return false })
	if _, err := sensitive.Direct().Estimate(d, s.y, nobody); !errors.Is(err, sensitive.ErrEmpty) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := sensitive.Direct().Estimate(d, s.y[1:], d.Everyone()); !errors.Is(err, sensitive.ErrLength) {
		t.Errorf("short: %v", err)
	}
	bad := append([]float64(nil), s.y...)
	bad[3] = 9
	if _, err := sensitive.Direct().Estimate(d, bad, d.Everyone()); !errors.Is(err, sensitive.ErrAnswer) {
		t.Errorf("refused, code 9: %v", err)
	}
	if _, err := sensitive.List(d, s.count, d.Everyone(), nobody); !errors.Is(err, sensitive.ErrEmpty) {
		t.Errorf("no treatment: %v", err)
	}
	if _, err := sensitive.JointShares(d, s.count, 1, d.Everyone(), d.Everyone()); !errors.Is(err, sensitive.ErrAnswer) {
		t.Errorf("too many statements: %v", err)
	}
}

// People who may have taken bribes, asked with a die: 1 forces yes, 6 forces no.
func ExampleTechnique_Count() {
	die, err := sensitive.Forced(1.0/6, 4.0/6)
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := die.Count(135, 500)
	lo, hi := c.Interval(0.95)
	fmt.Printf("%.3f, se %.3f, %.3f to %.3f %v\n", c.Value, c.SE, lo, hi, err)
	// Output: 0.155, se 0.030, 0.097 to 0.213 <nil>
}

func ExampleTechnique_UnitVariance() {
	birthday, err := sensitive.Same(90.0 / 365)
	if err != nil {
		fmt.Println(err)
		return
	}
	direct := sensitive.Direct().UnitVariance(0.15)
	fmt.Printf("standard error %.1f times that of a direct question\n", math.Sqrt(birthday.UnitVariance(0.15)/direct))
	fmt.Printf("list of four items: %.1f times\n", math.Sqrt(sensitive.ListUnitVariance(0.15, 0.7106, 0.5)/direct))
	// Output:
	// standard error 2.6 times that of a direct question
	// list of four items: 4.9 times
}
