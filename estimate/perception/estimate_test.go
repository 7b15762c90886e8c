package perception_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"adili/estimate"
	"adili/estimate/perception"
)

// survey is a small stacked survey: two rounds, two strata with offices, some of them in both rounds.
type survey struct {
	design *estimate.Design
	weight []float64
	round  []int
	east   []bool
	code   [][]float64 // by item
}

func draw(t *testing.T, people int, order []int) survey {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 11))
	s := survey{code: make([][]float64, 4)}
	var unit, stratum []string
	for i := range people {
		s.round = append(s.round, 1+i%2)
		s.east = append(s.east, i%3 == 0)
		unit = append(unit, string(rune('a'+i/7%12)))
		stratum = append(stratum, map[bool]string{true: "east", false: "west"}[s.east[i]])
		s.weight = append(s.weight, 1+3*random.Float64())
		for q := range s.code {
			c := float64(1 + random.IntN(5))
			switch random.IntN(12) {
			case 0:
				c = 8
			case 1:
				c = 9
			case 2:
				c = 7
			}
			s.code[q] = append(s.code[q], c)
		}
	}
	unit, stratum = ordered(unit, order), ordered(stratum, order)
	s.weight, s.round, s.east = ordered(s.weight, order), ordered(s.round, order), ordered(s.east, order)
	for q := range s.code {
		s.code[q] = ordered(s.code[q], order)
	}
	var err error
	s.design, err = estimate.Compile(estimate.Sample{Weight: s.weight, Stages: []estimate.Stage{{Unit: unit, Stratum: stratum}}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ordered puts rows into another order; nil leaves them.
func ordered[T any](x []T, order []int) []T {
	if order == nil {
		return x
	}
	y := make([]T, len(x))
	for i, j := range order {
		y[i] = x[j]
	}
	return y
}

func (s survey) items(t *testing.T) []*perception.Item {
	t.Helper()
	var items []*perception.Item
	for q, code := range s.code {
		items = append(items, item(t, string(rune('a'+q)), q == 1, code...))
	}
	return items
}

func (s survey) part(round int, east bool) estimate.Domain {
	return s.design.Domain(func(row int) bool { return s.round[row] == round && s.east[row] == east })
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}

func TestAgreementIsAShareOfPointsGiven(t *testing.T) {
	s := draw(t, 300, nil)
	it := s.items(t)[1]
	r, err := perception.Agreement(s.design, it, []float64{4, 5})
	if err != nil {
		t.Fatal(err)
	}
	yes, all := 0.0, 0.0
	for row, c := range s.code[1] {
		if c <= 5 {
			all += s.weight[row]
			if c <= 2 { // reversed
				yes += s.weight[row]
			}
		}
	}
	if !near(r.At(0).Value, yes/all, 1e-13) {
		t.Errorf("share %v, want %v", r.At(0).Value, yes/all)
	}
	if _, err := perception.Agreement(s.design, it, []float64{4, 6}); !errors.Is(err, perception.ErrScale) {
		t.Errorf("point 6: %v", err)
	}
	if _, err := perception.AgreementRatio(s.design, s.items(t), []float64{8}); !errors.Is(err, perception.ErrScale) {
		t.Errorf("point 8: %v", err)
	}
	if _, err := perception.AgreementRatio(s.design, nil, []float64{4}); !errors.Is(err, perception.ErrItems) {
		t.Errorf("no items: %v", err)
	}
}

// TestAgreementRatioOfOneItem: the ratio over one item is its share, and over several the shares weighted by answers.
func TestAgreementRatio(t *testing.T) {
	s := draw(t, 300, nil)
	items := s.items(t)
	agree := []float64{4, 5}
	one, err := perception.AgreementRatio(s.design, items[:1], agree)
	if err != nil {
		t.Fatal(err)
	}
	share, err := perception.Agreement(s.design, items[0], agree)
	if err != nil {
		t.Fatal(err)
	}
	if one.At(0).N != share.At(0).N || !near(one.At(0).Value, share.At(0).Value, 1e-14) || !near(one.SE(0), share.SE(0), 1e-12) {
		t.Errorf("one item: %v ± %v, share %v ± %v", one.At(0), one.SE(0), share.At(0), share.SE(0))
	}
	top, bottom := 0.0, 0.0
	for _, it := range items {
		r, err := perception.Agreement(s.design, it, agree)
		if err != nil {
			t.Fatal(err)
		}
		top += r.At(0).Value * r.At(0).Population
		bottom += r.At(0).Population
	}
	all, err := perception.AgreementRatio(s.design, items, agree)
	if err != nil {
		t.Fatal(err)
	}
	if !near(all.At(0).Value, top/bottom, 1e-13) {
		t.Errorf("ratio %v, want %v", all.At(0).Value, top/bottom)
	}
}

func TestDistributionAddsToOne(t *testing.T) {
	s := draw(t, 300, nil)
	it := s.items(t)[1]
	for base, lines := range map[perception.Base]int{perception.Asked: 8, perception.Answered: 5} {
		x, err := perception.Distribute(s.design, it, base, s.design.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		sum, coef := 0.0, make([]float64, lines)
		for i := range x.Categories {
			sum += x.Result.At(i).Value
			coef[i] = 1
		}
		whole, err := x.Result.Combine(coef...)
		if err != nil || len(x.Categories) != lines {
			t.Fatalf("%d lines: %v", len(x.Categories), err)
		}
		if math.Abs(sum-1) > 1e-14 || whole.SE(0) > 1e-12 {
			t.Errorf("shares add to %v ± %v", sum, whole.SE(0))
		}
	}
	// The first line is the point as given, though the item is reversed.
	x, err := perception.Distribute(s.design, it, perception.Answered, s.design.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	low, err := perception.Agreement(s.design, it, []float64{5})
	if err != nil {
		t.Fatal(err)
	}
	if x.Result.At(0).Value != low.At(0).Value {
		t.Errorf("point 1: %v, want %v", x.Result.At(0).Value, low.At(0).Value)
	}
}

// TestDistributionNeverSaysZeroPlusMinusZero has an item nobody refused.
func TestDistributionNeverSaysZeroPlusMinusZero(t *testing.T) {
	s := draw(t, 300, nil)
	for row, c := range s.code[0] {
		if c == 9 {
			s.code[0][row] = 8
		}
	}
	x, err := perception.Distribute(s.design, s.items(t)[0], perception.Asked, s.design.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	refused := slices.IndexFunc(x.Categories, func(c perception.Category) bool { return c.Kind == perception.Refused })
	i := x.Interval(refused, 0.95)
	if x.Result.At(refused).Value != 0 || !(i.Upper > 0.005) || !i.Assumed || i.Effective > 300 {
		t.Errorf("refused %v with interval %+v", x.Result.At(refused).Value, i)
	}
	if i := x.Interval(0, 0.95); i.Assumed || !(i.Lower > 0) || !(i.Lower < x.Result.At(0).Value && x.Result.At(0).Value < i.Upper) {
		t.Errorf("point 1: %+v", i)
	}
}

func (s survey) family(t *testing.T, c perception.Comparison) *perception.Family {
	t.Helper()
	items := s.items(t)
	var y [][]float64
	for i := range 3 {
		score, err := perception.Score(perception.Half, items[i:i+2]...)
		if err != nil {
			t.Fatal(err)
		}
		y = append(y, score)
	}
	f, err := perception.Compare(s.design, []string{"F1", "F2", "F3"}, y, c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFamily(t *testing.T) {
	s := draw(t, 300, nil)
	after, before := s.part(2, true), s.part(1, true)
	f := s.family(t, perception.Difference(after, before))
	for i, c := range f.Contrasts {
		means := f.Parts[i]
		value := means.At(0).Value - means.At(1).Value
		v := means.Variance(0) + means.Variance(1) - 2*means.Covariance(0, 1)
		if !near(c.Value, value, 1e-12) || !near(c.SE*c.SE, v, 1e-10) {
			t.Errorf("%s: %v ± %v, want %v ± %v", f.Names[i], c.Value, c.SE, value, math.Sqrt(v))
		}
		if means.Covariance(0, 1) == 0 {
			t.Errorf("%s: rounds share offices, but not a covariance", f.Names[i])
		}
		if f.Result.SE(i) != c.SE || f.Result.Covariance(0, i) == 0 {
			t.Errorf("%s: the result disagrees with the contrast", f.Names[i])
		}
	}
	p, holm := f.P(), f.Holm()
	for i := range p {
		if holm[i] < p[i] {
			t.Errorf("Holm makes %v of %v", holm[i], p[i])
		}
	}
}

// TestDifferenceInDifferences is the difference of two changes; a domain against itself is nothing.
func TestDifferenceInDifferences(t *testing.T) {
	s := draw(t, 300, nil)
	a, b, c, d := s.part(2, true), s.part(1, true), s.part(2, false), s.part(1, false)
	both := s.family(t, perception.DifferenceInDifferences(a, b, c, d))
	first, second := s.family(t, perception.Difference(a, b)), s.family(t, perception.Difference(c, d))
	for i := range both.Contrasts {
		joined, err := estimate.Join(first.Result, second.Result)
		if err != nil {
			t.Fatal(err)
		}
		want, err := joined.Difference(i, 3+i)
		if err != nil {
			t.Fatal(err)
		}
		if got := both.Contrasts[i]; !near(got.Value, want.Value, 1e-11) || !near(got.SE, want.SE, 1e-11) || got.DF != want.DF {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
	}
	for _, c := range s.family(t, perception.Difference(a, a)).Contrasts {
		if c.Value != 0 || c.SE != 0 || c.P() != 1 {
			t.Errorf("a domain less itself is %v", c)
		}
	}
}

// TestOrderOfRows: another order of the rows changes no bit.
func TestOrderOfRows(t *testing.T) {
	order := rand.New(rand.NewPCG(1, 2)).Perm(300)
	one, two := draw(t, 300, nil), draw(t, 300, order)
	a := one.family(t, perception.Difference(one.part(2, true), one.part(1, false)))
	b := two.family(t, perception.Difference(two.part(2, true), two.part(1, false)))
	if !slices.Equal(a.Contrasts, b.Contrasts) {
		t.Errorf("%v, and in another order %v", a.Contrasts, b.Contrasts)
	}
}

func TestCompareRefuses(t *testing.T) {
	s := draw(t, 30, nil)
	all := s.design.Everyone()
	for name, c := range map[string]perception.Comparison{
		"coefficients": {Coef: []float64{1}, Domains: []estimate.Domain{all, all}},
		"nothing":      {},
	} {
		if _, err := perception.Compare(s.design, []string{"F1"}, [][]float64{s.code[0]}, c); !errors.Is(err, perception.ErrComparison) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := perception.Compare(s.design, []string{"F1", "F2"}, [][]float64{s.code[0]}, perception.Difference(all, all)); !errors.Is(err, perception.ErrComparison) {
		t.Errorf("names: %v", err)
	}
	other := draw(t, 30, nil)
	if _, err := perception.Compare(s.design, []string{"F1"}, [][]float64{s.code[0]}, perception.Difference(all, other.design.Everyone())); !errors.Is(err, estimate.ErrDesign) {
		t.Errorf("another design: %v", err)
	}
}
