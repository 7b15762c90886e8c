package estimate_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/estimate/interval"
)

// survey is an invented sample with clustered strata, an answer and a code.
type survey struct {
	weight        []float64
	stratum, unit []string
	population    []float64
	y             []float64
	code          []int
}

func drawSurvey(t *rapid.T) survey {
	var s survey
	strata := rapid.IntRange(1, 4).Draw(t, "strata")
	for h := range strata {
		units := rapid.IntRange(2, 5).Draw(t, "units")
		size := 0.0
		if rapid.Bool().Draw(t, "finite") {
			size = float64(units + rapid.IntRange(0, 9).Draw(t, "unseen"))
		}
		for u := range units {
			for range rapid.IntRange(1, 4).Draw(t, "people") {
				s.weight = append(s.weight, rapid.Float64Range(0.5, 40).Draw(t, "weight"))
				s.stratum = append(s.stratum, fmt.Sprint("h", h))
				s.unit = append(s.unit, fmt.Sprint("u", u))
				s.population = append(s.population, size)
				y := rapid.Float64Range(-5, 5).Draw(t, "y")
				if rapid.IntRange(0, 5).Draw(t, "missing") == 0 {
					y = math.NaN()
				}
				s.y = append(s.y, y)
				s.code = append(s.code, rapid.IntRange(0, 5).Draw(t, "code"))
			}
		}
	}
	return s
}

func (s survey) compile(t interface{ Fatal(...any) }) *estimate.Design {
	d, err := estimate.Compile(estimate.Sample{
		Weight: s.weight,
		Stages: []estimate.Stage{{Unit: s.unit, Stratum: s.stratum, Population: s.population}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// permuted is the survey with its rows in another order.
func (s survey) permuted(order []int) survey {
	var p survey
	for _, i := range order {
		p.weight = append(p.weight, s.weight[i])
		p.stratum = append(p.stratum, s.stratum[i])
		p.unit = append(p.unit, s.unit[i])
		p.population = append(p.population, s.population[i])
		p.y = append(p.y, s.y[i])
		p.code = append(p.code, s.code[i])
	}
	return p
}

// numbers are all results of a survey: means, totals, ratios, shares, and their
// covariances and design effects.
func (s survey) numbers(t interface{ Fatal(...any) }) []float64 {
	d := s.compile(t)
	mean, err := d.Mean(s.y, d.Everyone(), d.Domain(func(i int) bool { return s.code[i] < 3 }))
	if err != nil {
		t.Fatal(err)
	}
	total, err := d.Total(s.y)
	if err != nil {
		t.Fatal(err)
	}
	shares, err := d.Proportions(s.code, []int{0, 1, 2, 3, 4}, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	ones := make([]float64, len(s.y))
	for i := range ones {
		ones[i] = float64(1 + s.code[i])
	}
	ratio, err := d.Ratio(s.y, ones, d.Everyone(), d.Domain(func(i int) bool { return s.code[i] > 1 }))
	if err != nil {
		t.Fatal(err)
	}
	all, err := estimate.Join(mean, shares, total, ratio)
	if err != nil {
		t.Fatal(err)
	}
	var x []float64
	for _, effect := range []func([]float64, estimate.Domain) (estimate.Effect, error){d.Effect, d.TotalEffect} {
		e, err := effect(s.y, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		x = append(x, e.Deff, e.Deft())
	}
	for i := range all.Len() {
		x = append(x, all.At(i).Value, all.SE(i), all.DF(i))
	}
	for _, row := range all.Matrix() {
		x = append(x, row...)
	}
	return x
}

func TestRowOrderChangesNoBit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		order := make([]int, len(s.y))
		for i := range order {
			order[i] = i
		}
		order = rapid.Permutation(order).Draw(t, "order")
		a, b := s.numbers(t), s.permuted(order).numbers(t)
		for i := range a {
			if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
				t.Fatalf("number %d: %v and %v", i, a[i], b[i])
			}
		}
	})
}

// TestRowOrderWithoutUnits is the same for rows that are their own PSUs and
// have nothing but their answers to be told apart by.
func TestRowOrderWithoutUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		s.unit, s.population = nil, nil
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Perm(len(s.y))
		p := s
		p.weight, p.stratum, p.y, p.code = nil, nil, nil, nil
		for _, i := range order {
			p.weight, p.stratum = append(p.weight, s.weight[i]), append(p.stratum, s.stratum[i])
			p.y, p.code = append(p.y, s.y[i]), append(p.code, s.code[i])
		}
		a, b := s.numbers(t), p.numbers(t)
		for i := range a {
			if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
				t.Fatalf("number %d: %v and %v", i, a[i], b[i])
			}
		}
	})
}

func TestWeightScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		d := s.compile(t)
		scaled := s
		scaled.weight = nil
		c := rapid.Float64Range(0.01, 1000).Draw(t, "scale")
		for _, w := range s.weight {
			scaled.weight = append(scaled.weight, c*w)
		}
		a, err := d.Mean(s.y)
		b, err2 := scaled.compile(t).Mean(s.y)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if a.At(0).N == 0 {
			t.Skip("no answers")
		}
		near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-10*(1+math.Abs(x)) }
		if !near(a.At(0).Value, b.At(0).Value) || !near(a.SE(0), b.SE(0)) {
			t.Fatalf("mean %v ± %v, scaled %v ± %v", a.At(0).Value, a.SE(0), b.At(0).Value, b.SE(0))
		}
		ta, err := d.Total(s.y)
		tb, err2 := scaled.compile(t).Total(s.y)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if !near(ta.At(0).Value, tb.At(0).Value/c) || !near(ta.SE(0), tb.SE(0)/c) {
			t.Fatalf("total %v ± %v, scaled by %v %v ± %v", ta.At(0).Value, ta.SE(0), c, tb.At(0).Value, tb.SE(0))
		}
	})
}

func TestSharesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		d := s.compile(t)
		r, err := d.Proportions(s.code, []int{0, 1, 2, 3, 4}, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		if r.At(0).N == 0 {
			t.Skip("no valid code")
		}
		all, err := r.Contrast(1, 1, 1, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(all.Value-1) > 1e-14 || all.SE > 1e-14 {
			t.Fatalf("shares add to %v ± %v", all.Value, all.SE)
		}
		hits := 0
		for i := range r.Len() {
			hits += r.At(i).Hits
			for _, m := range []interval.Method{interval.MethodCapped, interval.MethodWilson, interval.MethodLogit, interval.MethodArcsine} {
				in, err := r.Share(i).By(m, 0.95)
				if err != nil {
					t.Fatal(err)
				}
				if !(in.Lower >= 0 && in.Lower <= r.At(i).Value && r.At(i).Value <= in.Upper && in.Upper <= 1) {
					t.Fatalf("%s: share %v in %+v", m, r.At(i).Value, in)
				}
			}
		}
		if hits != r.At(0).N {
			t.Fatalf("%d hits of %d people", hits, r.At(0).N)
		}
	})
}

func TestDomainLessItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		d := s.compile(t)
		dom := d.Domain(func(i int) bool { return s.code[i]%2 == 0 })
		yes := make([]float64, len(s.y))
		for i, c := range s.code {
			yes[i] = float64(c / 4)
		}
		for _, of := range []func() (*estimate.Result, error){
			func() (*estimate.Result, error) { return d.Mean(s.y, dom, dom) },
			func() (*estimate.Result, error) { return d.Total(s.y, dom, dom) },
			func() (*estimate.Result, error) { return d.Proportion(yes, dom, dom) },
			func() (*estimate.Result, error) { return d.Ratio(yes, s.weight, dom, dom) },
		} {
			r, err := of()
			if err != nil {
				t.Fatal(err)
			}
			c, err := r.Difference(0, 1)
			if err != nil {
				t.Fatal(err)
			}
			if r.At(0).N > 0 && (c.Value != 0 || c.SE != 0 || c.P() != 1) {
				t.Fatalf("%+v", c)
			}
		}
	})
}

// TestContrastIsMatrix compares the contrast made of influence values with
// c'Σc.
func TestContrastIsMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSurvey(t)
		d := s.compile(t)
		r, err := d.Proportions(s.code, []int{0, 1, 2}, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		if r.At(0).N == 0 {
			t.Skip("no valid code")
		}
		coef := []float64{1, -2, 0.5}
		c, err := r.Contrast(coef...)
		if err != nil {
			t.Fatal(err)
		}
		want := 0.0
		for i, row := range r.Matrix() {
			for j, v := range row {
				want += coef[i] * coef[j] * v
			}
		}
		if math.Abs(c.SE*c.SE-want) > 1e-12 {
			t.Fatalf("variance %v, c'Σc = %v", c.SE*c.SE, want)
		}
	})
}

// TestCoverage draws many samples from one finite population: intervals of
// 95 % have to hold the true value about 95 times in 100.
func TestCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	sizes, drawn, level := []int{60, 240, 700}, []int{20, 40, 60}, []float64{0.7, 0.5, 0.2}
	var people [][]float64
	truth, count := 0.0, 0
	for h, size := range sizes {
		people = append(people, make([]float64, size))
		for i := range people[h] {
			if rng.Float64() < level[h] {
				people[h][i] = 1
			}
			truth += people[h][i]
			count++
		}
	}
	truth /= float64(count)
	const rounds = 2000
	hit := map[string]int{}
	for range rounds {
		var s survey
		for h, size := range sizes {
			for _, i := range rng.Perm(size)[:drawn[h]] {
				s.y = append(s.y, people[h][i])
				s.weight = append(s.weight, float64(size)/float64(drawn[h]))
				s.stratum = append(s.stratum, fmt.Sprint(h))
				s.population = append(s.population, float64(size))
			}
		}
		r, err := s.compile(t).Proportion(s.y)
		if err != nil {
			t.Fatal(err)
		}
		for name, in := range map[string]estimate.Interval{
			"t": r.Interval(0, 0.95), "wilson": estimate.Wilson(r.Share(0), 0.95).Interval,
			"korn-graubard": estimate.KornGraubard(r.Share(0), 0.95, false).Interval,
		} {
			if in.Lower <= truth && truth <= in.Upper {
				hit[name]++
			}
		}
	}
	for name, n := range hit {
		if share := float64(n) / rounds; share < 0.93 || share > 0.98 {
			t.Errorf("%s covers %.3f", name, share)
		}
	}
}
