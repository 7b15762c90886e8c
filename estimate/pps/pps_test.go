package pps_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"adili/estimate"
	"adili/estimate/pps"
)

func compile(t *testing.T, s pps.Sample, v pps.Variance) *pps.Design {
	t.Helper()
	d, err := pps.Compile(s, v)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}

// artificial is a sample of offices in two strata with several people each; people of an office have its probability.
func artificial(seed uint64) (s pps.Sample, y, x []float64) {
	rng := rand.New(rand.NewPCG(seed, 3))
	for u := range 12 {
		p := 0.05 + 0.6*rng.Float64()
		centre := rng.NormFloat64()
		for range 1 + rng.IntN(3) {
			s.Probability = append(s.Probability, p)
			s.Weight = append(s.Weight, (1+rng.Float64())/p)
			s.Unit, s.Stratum = append(s.Unit, fmt.Sprint("office", u)), append(s.Stratum, []string{"land", "sea"}[u%2])
			y, x = append(y, 5+centre+rng.NormFloat64()), append(x, 1+rng.Float64())
		}
	}
	return s, y, x
}

// offices lists the units in the order in which the sample has them, with their strata.
func offices(s pps.Sample) (p []float64, stratum []string) {
	seen := map[string]bool{}
	for i, u := range s.Unit {
		if !seen[u] {
			seen[u] = true
			p, stratum = append(p, s.Probability[i]), append(stratum, s.Stratum[i])
		}
	}
	return p, stratum
}

// With equal probabilities and simple random sampling all is (1-f) n/(n-1) Σ(z-z̄)².
func TestSimpleRandomSample(t *testing.T) {
	const n, size = 9, 30
	f := float64(n) / size
	var s pps.Sample
	st := estimate.Stage{}
	y := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5}
	joint := make([][]float64, n)
	for i := range n {
		s.Probability = append(s.Probability, f)
		st.Population = append(st.Population, size)
		for j := range n {
			p := f * (n - 1) / (size - 1)
			if i == j {
				p = f
			}
			joint[i] = append(joint[i], p)
		}
	}
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / f
	}
	simple, err := estimate.Compile(estimate.Sample{Weight: w, Stages: []estimate.Stage{st}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := simple.Total(y)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]pps.Variance{
		"Brewer": pps.Brewer(), "Yates-Grundy": pps.Joint(pps.YatesGrundy, joint), "Horvitz-Thompson": pps.Joint(pps.HorvitzThompson, joint),
		"Overton": pps.Overton(pps.YatesGrundy), "Hartley-Rao": pps.HartleyRao(pps.YatesGrundy, math.NaN()),
	} {
		r, err := compile(t, s, v).Total(y)
		if err != nil {
			t.Fatal(err)
		}
		if !near(r.Value(0), want.At(0).Value, 1e-14) || !near(r.SE(0), want.SE(0), 1e-12) {
			t.Errorf("%s: %v (%v), want %v (%v)", name, r.Value(0), r.SE(0), want.At(0).Value, want.SE(0))
		}
	}
}

// The single sums of the approximations are the double sums over the joint probabilities that they stand for.
func TestApproximationsAreTheirJointProbabilities(t *testing.T) {
	s, y, x := artificial(1)
	p, stratum := offices(s)
	n := map[string]float64{}
	sum := map[string]float64{}
	for i, h := range stratum {
		n[h]++
		sum[h] += p[i]
	}
	matrix := func(below func(h string, p, q float64) float64) [][]float64 {
		m := make([][]float64, len(p))
		for i := range m {
			for j := range p {
				q := p[i] * p[j]
				switch h := stratum[i]; {
				case i == j:
					q = p[i]
				case h == stratum[j]:
					q *= (n[h] - 1) / below(h, p[i], p[j])
				}
				m[i] = append(m[i], q)
			}
		}
		return m
	}
	overton := matrix(func(h string, p, q float64) float64 { return n[h] - (p+q)/2 })
	estimated := matrix(func(h string, p, q float64) float64 { return n[h] - p - q + sum[h]/n[h] })
	known := matrix(func(h string, p, q float64) float64 { return n[h] - p - q + 0.25 })
	for _, form := range []pps.Form{pps.HorvitzThompson, pps.YatesGrundy} {
		for name, pair := range map[string][2]pps.Variance{
			"Overton":            {pps.Overton(form), pps.Joint(form, overton)},
			"Hartley-Rao":        {pps.HartleyRao(form, math.NaN()), pps.Joint(form, estimated)},
			"Hartley-Rao, known": {pps.HartleyRao(form, 0.25), pps.Joint(form, known)},
		} {
			var got [2][][]float64
			for i, v := range pair {
				d := compile(t, s, v)
				a, err := d.Total(y)
				if err != nil {
					t.Fatal(err)
				}
				b, err := d.Ratio(y, x)
				if err != nil {
					t.Fatal(err)
				}
				both, err := pps.Join(a, b)
				if err != nil {
					t.Fatal(err)
				}
				got[i] = both.Matrix()
			}
			for i := range 2 {
				for j := range 2 {
					if a, b := got[0][i][j], got[1][i][j]; !near(a, b, 1e-9) {
						t.Errorf("%s, form %d: covariance %d,%d is %v from single, %v from double sums", name, form, i, j, a, b)
					}
				}
			}
		}
	}
}

// Values are those of package estimate; the order of the rows changes no bit; a domain minus itself is nothing.
func TestEstimates(t *testing.T) {
	s, y, x := artificial(2)
	y[3] = math.NaN()
	order := rand.New(rand.NewPCG(1, 1)).Perm(len(y))
	var turned pps.Sample
	var ty, tx []float64
	for _, i := range order {
		turned.Probability, turned.Weight = append(turned.Probability, s.Probability[i]), append(turned.Weight, s.Weight[i])
		turned.Unit, turned.Stratum = append(turned.Unit, s.Unit[i]), append(turned.Stratum, s.Stratum[i])
		ty, tx = append(ty, y[i]), append(tx, x[i])
	}
	for name, v := range map[string]pps.Variance{"Brewer": pps.Brewer(), "Overton": pps.Overton(pps.HorvitzThompson), "replacement": pps.WithReplacement()} {
		answer := func(s pps.Sample, y, x []float64) []float64 {
			d := compile(t, s, v)
			sea := d.Design().Domain(func(r int) bool { return s.Stratum[r] == "sea" })
			var all []float64
			mean, err := d.Mean(y, sea, d.Design().Everyone(), sea)
			if err != nil {
				t.Fatal(err)
			}
			ratio, err := d.Ratio(y, x, sea)
			if err != nil {
				t.Fatal(err)
			}
			gap, err := mean.Contrast(1, 0, -1)
			if err != nil || gap.Value != 0 || gap.SE != 0 {
				t.Errorf("%s: a domain minus itself is %+v, %v", name, gap, err)
			}
			inner, err := d.Design().Mean(y, sea)
			if err != nil {
				t.Fatal(err)
			}
			if inner.At(0).Value != mean.Value(0) {
				t.Errorf("%s: mean %v, want %v", name, mean.Value(0), inner.At(0).Value)
			}
			if v := inner.SE(0); name == "replacement" && !near(v, mean.SE(0), 1e-12) {
				t.Errorf("with replacement the standard error is %v, want %v", mean.SE(0), v)
			}
			return append(all, mean.Value(0), mean.SE(0), mean.SE(1), mean.Covariance(0, 1), ratio.Value(0), ratio.SE(0))
		}
		if a, b := answer(s, y, x), answer(turned, ty, tx); !slices.Equal(a, b) {
			t.Errorf("%s: another order of rows gives %v instead of %v", name, b, a)
		}
	}
}

func TestLinear(t *testing.T) {
	s, y, _ := artificial(3)
	d := compile(t, s, pps.Brewer())
	want, err := d.Total(y)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Linear([]float64{want.Value(0)}, [][]float64{y})
	if err != nil {
		t.Fatal(err)
	}
	if got.SE(0) != want.SE(0) || got.Interval(0, 0.95) != want.Interval(0, 0.95) || got.DF() != 10 {
		t.Errorf("standard error %v with %v degrees of freedom, want %v with 10", got.SE(0), got.DF(), want.SE(0))
	}
}

func TestRefusals(t *testing.T) {
	two := [][]float64{{0.5, 0.2}, {0.2, 0.5}}
	var lonely *pps.LonelyError
	for _, c := range []struct {
		name string
		s    pps.Sample
		v    pps.Variance
		want func(error) bool
	}{
		{"missing", pps.Sample{Probability: []float64{0.5, math.NaN()}, Weight: []float64{1, 1}}, pps.Brewer(), is(pps.ErrProbability)},
		{"above 1", pps.Sample{Probability: []float64{0.5, 2}}, pps.Brewer(), is(pps.ErrProbability)},
		{"none", pps.Sample{Weight: []float64{1, 1}}, pps.Overton(pps.YatesGrundy), is(pps.ErrProbability)},
		{"differs", pps.Sample{Probability: []float64{0.5, 0.4}, Unit: []string{"a", "a"}}, pps.Brewer(), is(pps.ErrProbability)},
		{"weight", pps.Sample{Probability: []float64{0, 0.4}}, pps.Brewer(), is(estimate.ErrWeight)},
		{"empty", pps.Sample{}, pps.Brewer(), is(estimate.ErrEmpty)},
		{"lonely", pps.Sample{Probability: []float64{0.5, 0.5}, Stratum: []string{"a", "b"}}, pps.Brewer(),
			func(err error) bool { return errors.As(err, &lonely) && lonely.Stratum == "a" }},
		{"joint size", pps.Sample{Probability: []float64{0.5}}, pps.Joint(pps.YatesGrundy, two), is(pps.ErrJoint)},
		{"joint shape", pps.Sample{Probability: []float64{0.5, 0.5}}, pps.Joint(pps.YatesGrundy, [][]float64{{0.5}, {0.2, 0.5}}), is(pps.ErrJoint)},
		{"joint zero", pps.Sample{Probability: []float64{0.5, 0.5}}, pps.Joint(pps.YatesGrundy, [][]float64{{0.5, 0}, {0, 0.5}}), is(pps.ErrJoint)},
		{"joint own", pps.Sample{Probability: []float64{0.5, 0.4}}, pps.Joint(pps.YatesGrundy, two), is(pps.ErrJoint)},
	} {
		if _, err := pps.Compile(c.s, c.v); !c.want(err) {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
	certain := pps.Sample{Probability: []float64{1, 0.5, 0.5}, Stratum: []string{"a", "b", "b"}}
	if _, err := pps.Compile(certain, pps.Brewer()); err != nil {
		t.Errorf("a unit certain to be drawn: %v", err)
	}
	if _, err := pps.Compile(certain, pps.WithReplacement()); err != nil {
		t.Errorf("a unit certain to be drawn, with replacement: %v", err)
	}
}

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

// Four supermarkets with 100, 200, 300 and 1,000 square metres; two are drawn, each time in proportion to the size of those
// that are left (S. L. Lohr, Sampling: Design and Analysis). When stores 1 and 2 are drawn, with sales of 11 and
// 20, the book has a total of 111.87 and a variance of -14,691.5 by Horvitz and Thompson.
func ExampleJoint() {
	sample := pps.Sample{Probability: []float64{0.19001831501831504, 0.37051282051282053}}
	joint := [][]float64{{0.19001831501831504, 0.017261904761904763}, {0.017261904761904763, 0.37051282051282053}}
	for _, form := range []pps.Form{pps.HorvitzThompson, pps.YatesGrundy} {
		d, err := pps.Compile(sample, pps.Joint(form, joint))
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := d.Total([]float64{11, 20})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("total %.2f, variance %.1f\n", r.Value(0), r.Covariance(0, 0))
	}
	// Output:
	// total 111.87, variance -14691.5
	// total 111.87, variance 47.1
}

// The same pair when joint probabilities are not known.
func ExampleBrewer() {
	sample := pps.Sample{Probability: []float64{0.19001831501831504, 0.37051282051282053}}
	d, err := pps.Compile(sample, pps.Brewer())
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := d.Total([]float64{11, 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("total %.2f, standard error %.2f\n", r.Value(0), r.SE(0))
	// Output:
	// total 111.87, standard error 3.32
}
