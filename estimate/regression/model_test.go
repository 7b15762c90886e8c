package regression

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate"
)

// survey is a clustered sample with two explanatory variables.
type survey struct {
	sample estimate.Sample
	a, b   []float64
	u      []float64 // normal noise with an office effect
}

func draw(n int, seed uint64) survey {
	r := rand.New(rand.NewPCG(seed, 1))
	s := survey{sample: estimate.Sample{Stages: []estimate.Stage{{}}}}
	office := 0.0
	for i := range n {
		if i%6 == 0 {
			office = 0.3 * r.NormFloat64()
		}
		s.sample.Weight = append(s.sample.Weight, 1+r.Float64())
		s.sample.Stages[0].Unit = append(s.sample.Stages[0].Unit, fmt.Sprint(i/6))
		s.sample.Stages[0].Stratum = append(s.sample.Stages[0].Stratum, fmt.Sprint(i/6%4))
		s.a, s.b = append(s.a, 100+5*r.NormFloat64()), append(s.b, float64(r.IntN(2)))
		s.u = append(s.u, office+r.NormFloat64())
	}
	return s
}

func (s survey) design(t *testing.T) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(s.sample)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (s survey) y(f func(eta, u float64) float64) []float64 {
	y := make([]float64, len(s.a))
	for i := range y {
		y[i] = f(0.1*(s.a[i]-100)+0.7*s.b[i]-0.5, s.u[i])
	}
	return y
}

func (s survey) regression(family Family, y []float64) Regression {
	return Regression{Family: family, Y: y, Names: []string{"a", "b"}, X: [][]float64{s.a, s.b}}
}

func regress(t *testing.T, d *estimate.Design, m Regression) *Fit {
	t.Helper()
	f, err := Regress(d, m, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Max(math.Abs(want), 1e-6)) {
		t.Errorf("%s = %.15g, want %.15g", what, got, want)
	}
}

// The score equations hold at the solution, in every family and link.
func TestScoresAreZero(t *testing.T) {
	s := draw(600, 1)
	d := s.design(t)
	normal := s.y(func(eta, u float64) float64 { return 20 + eta + u })
	yes := s.y(func(eta, u float64) float64 {
		if eta+u > 0 {
			return 1
		}
		return 0
	})
	count := s.y(func(eta, u float64) float64 { return math.Floor(math.Exp(1 + eta + 0.3*u)) })
	for _, c := range []struct {
		family Family
		y      []float64
		links  []Link
	}{
		{Gaussian, normal, []Link{Identity, LogLink, Inverse}},
		{Binomial, yes, []Link{Logit, Probit, Cloglog, Cauchit}},
		{Poisson, count, []Link{LogLink, Root}},
	} {
		for _, link := range c.links {
			m := s.regression(c.family, c.y)
			m.Link = link
			f := regress(t, d, m)
			for j := range 3 {
				var sum, size float64
				for i := range c.y {
					eta := f.Coef.At(0).Value + f.Coef.At(1).Value*s.a[i] + f.Coef.At(2).Value*s.b[i]
					mu, slope := link.mean(eta)
					x := []float64{1, s.a[i] - 100, s.b[i]}[j]
					v := s.sample.Weight[i] * x * (c.y[i] - mu) * slope / c.family.variance(mu)
					sum += v
					size += math.Abs(v)
				}
				if !(math.Abs(sum) <= 1e-9*size) {
					t.Errorf("family %d, link %d: score %d is %v of %v", c.family, link, j, sum, size)
				}
			}
			m.Stop = 1e-8
			near(t, fmt.Sprintf("family %d, link %d, stopped", c.family, link), regress(t, d, m).Coef.SE(2), f.Coef.SE(2), 1e-3)
		}
	}
}

// A regression on one indicator is a difference of means, with its standard error.
func TestIndicatorIsDifferenceOfMeans(t *testing.T) {
	s := draw(300, 2)
	d := s.design(t)
	y := s.y(func(eta, u float64) float64 { return eta + u })
	y[5] = math.NaN()
	f := regress(t, d, Regression{Y: y, Names: []string{"b"}, X: [][]float64{s.b}})
	means, err := d.Mean(y, d.Domain(func(r int) bool { return s.b[r] == 1 }), d.Domain(func(r int) bool { return s.b[r] == 0 }))
	if err != nil {
		t.Fatal(err)
	}
	gap, err := means.Difference(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "difference", f.Coef.At(1).Value, gap.Value, 1e-11)
	near(t, "standard error", f.Coef.SE(1), gap.SE, 1e-11)
	near(t, "residual df", f.Residual(d.DF()), d.DF()-1, 0)
	w, err := Wald(f.Coef, 40, 1)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Wald F of one coefficient", w.F, gap.Value*gap.Value/gap.SE/gap.SE, 1e-10)
}

func TestNothingChangesWithScaleOrOrder(t *testing.T) {
	s, p := draw(400, 3), draw(400, 3)
	for i, j := range rand.New(rand.NewPCG(8, 9)).Perm(400) {
		p.sample.Weight[i] = 7 * s.sample.Weight[j]
		p.sample.Stages[0].Unit[i], p.sample.Stages[0].Stratum[i] = s.sample.Stages[0].Unit[j], s.sample.Stages[0].Stratum[j]
		p.a[i], p.b[i], p.u[i] = s.a[j], s.b[j], s.u[j]
	}
	count := func(eta, u float64) float64 { return math.Floor(math.Exp(1 + eta + 0.3*u)) }
	f, g := regress(t, s.design(t), s.regression(Poisson, s.y(count))), regress(t, p.design(t), p.regression(Poisson, p.y(count)))
	for j := range 3 {
		near(t, "coefficient", g.Coef.At(j).Value, f.Coef.At(j).Value, 1e-11)
		near(t, "standard error", g.Coef.SE(j), f.Coef.SE(j), 1e-11)
	}
	near(t, "dispersion", g.Dispersion, f.Dispersion, 1e-11)
}

func TestExplainedVariablesAreNamed(t *testing.T) {
	s := draw(200, 4)
	m := s.regression(Gaussian, s.u)
	other, none := make([]float64, 200), make([]float64, 200)
	for i := range other {
		other[i] = 3*s.a[i] - s.b[i]
	}
	m.Names, m.X = append(m.Names, "sum", "none"), append(m.X, other, none)
	f := regress(t, s.design(t), m)
	if fmt.Sprint(f.Names, f.Aliased) != "[(Intercept) a b] [sum none]" {
		t.Error(f.Names, f.Aliased)
	}
}

func TestRefusals(t *testing.T) {
	s := draw(60, 5)
	d := s.design(t)
	for name, m := range map[string]Regression{
		"separated":    {Family: Binomial, Y: s.b, Names: []string{"b"}, X: [][]float64{s.b}},
		"stopped":      {Family: Binomial, Y: s.b, Names: []string{"b"}, X: [][]float64{s.b}, Stop: 1e-8},
		"out of range": {Family: Binomial, Y: s.a},
		"negative":     {Family: Poisson, Y: s.u},
	} {
		if _, err := Regress(d, m, d.Everyone()); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Regress(d, s.regression(Gaussian, s.u), d.Domain(func(int) bool { return false })); !errors.Is(err, estimate.ErrEmpty) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := Regress(d, s.regression(Gaussian, s.u[:4]), d.Everyone()); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("length: %v", err)
	}
	if _, err := Regress(d, Regression{Y: s.u, Names: make([]string, 501), X: make([][]float64, 501)}, d.Everyone()); !errors.Is(err, ErrModel) {
		t.Errorf("501 variables: %v", err)
	}
	if _, err := FitOrdinal(d, Ordinal{Y: make([]int, 60)}, d.Everyone()); !errors.Is(err, ErrModel) {
		t.Errorf("one level: %v", err)
	}
	if _, err := Wald(regress(t, d, s.regression(Gaussian, s.u)).Coef, 4); !errors.Is(err, ErrModel) {
		t.Errorf("no coefficient: %v", err)
	}
}

func (s survey) ordered() []int {
	y := make([]int, len(s.a))
	for i := range y {
		eta := 0.2*(s.a[i]-100) + s.b[i] + s.u[i]
		y[i] = 10 * min(3, max(0, int(eta+2))) // codes with gaps
	}
	y[7] = -1
	return y
}

// The thresholds of a model without variables are the links of the cumulated shares, and the rest of the fit has scores of zero.
func TestOrdinal(t *testing.T) {
	s := draw(700, 6)
	d := s.design(t)
	y := s.ordered()
	empty, err := FitOrdinal(d, Ordinal{Y: y}, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(empty.Levels) != "[0 10 20 30]" {
		t.Fatalf("levels %v", empty.Levels)
	}
	upTo := make([]float64, len(y))
	for i, c := range y {
		switch {
		case c < 0:
			upTo[i] = math.NaN()
		case c <= 10:
			upTo[i] = 1
		}
	}
	share, err := d.Mean(upTo, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	p := share.At(0).Value
	near(t, "threshold", empty.Coef.At(1).Value, math.Log(p/(1-p)), 1e-10)
	near(t, "its standard error", empty.Coef.SE(1), share.SE(0)/(p*(1-p)), 1e-10)

	for _, link := range []Link{Logit, Probit, Cloglog, Cauchit} {
		m := Ordinal{Link: link, Y: y, Names: []string{"a", "b"}, X: [][]float64{s.a, s.b}}
		f, err := FitOrdinal(d, m, d.Everyone())
		if err != nil {
			t.Errorf("link %d: %v", link, err)
			continue
		}
		m.Step = 1e-5
		g, err := FitOrdinal(d, m, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		if !(f.Coef.At(0).Value > 0 && f.Coef.At(1).Value > 0) {
			t.Errorf("link %d: signs of %v and %v", link, f.Coef.At(0), f.Coef.At(1))
		}
		for j := range f.Coef.Len() {
			near(t, fmt.Sprintf("link %d: standard error %d by differences", link, j), g.Coef.SE(j), f.Coef.SE(j), 1e-4)
		}
	}
}

// Tied answers share the mean of their ranks, and missing ones have none.
func TestRanks(t *testing.T) {
	y := []float64{3, 1, 2, 2, math.NaN(), 5}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 1, 1, 1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	score, err := RankScores(d, y, d.Everyone(), Wilcoxon)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.7, 0.1, 0.4, 0.4, math.NaN(), 0.9} {
		if math.Abs(score[i]-want) > 1e-15 || math.IsNaN(want) != math.IsNaN(score[i]) {
			t.Errorf("rank %d = %v, want %v", i, score[i], want)
		}
	}
}

// A monotone change of the answers changes no rank test; three groups are judged by Wald.
func TestRankTests(t *testing.T) {
	s := draw(400, 7)
	d := s.design(t)
	group, cubed := make([]int, 400), make([]float64, 400)
	for i := range group {
		group[i] = i % 3
		cubed[i] = s.u[i] * s.u[i] * s.u[i]
	}
	two := d.Domain(func(r int) bool { return group[r] < 2 })
	for _, kind := range []Rank{Wilcoxon, VanDerWaerden, Median} {
		a, err := CompareRanks(d, s.u, group, two, kind, d.DF())
		if err != nil {
			t.Fatal(err)
		}
		b, err := CompareRanks(d, cubed, group, two, kind, d.DF())
		if err != nil || a != b {
			t.Errorf("rank test %d changes from %+v to %+v (%v)", kind, a, b, err)
		}
		c, err := CompareRanks(d, s.u, group, d.Everyone(), kind, d.DF())
		if err != nil || c.Groups != 3 || !math.IsNaN(c.Shift) || !(c.P > 0 && c.P < 1) || c.Den != d.DF()-2 {
			t.Errorf("three groups: %+v, %v", c, err)
		}
	}
}
