package perception

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"adili/estimate"
)

// Agreement is the share of people whose point, after reversal, is one of those listed, among the people who gave a point, in
// each domain or over everyone. Points 4 and 5 of five are the usual ones. Take its interval from
// estimate.KornGraubard(result.Share(i), level, true): it stays within 0..1 and is never empty.
//
// Errors are those of estimate.Design.Proportion, and ErrScale for a point that is not on the scale.
func Agreement(d *estimate.Design, it *Item, agree []float64, domains ...estimate.Domain) (*estimate.Result, error) {
	if err := it.onScale(agree); err != nil {
		return nil, fmt.Errorf("perception: agreement: %w", err)
	}
	r, err := d.Proportion(Agrees(it.Points(), agree...), domains...)
	if err != nil {
		return nil, fmt.Errorf("perception: agreement with item %q: %w", it.Name, err)
	}
	return r, nil
}

// Agrees is 1 where a point is one of those listed, 0 where it is another, NaN where there is none.
func Agrees(points []float64, agree ...float64) []float64 {
	y := make([]float64, len(points))
	for row, x := range points {
		switch {
		case math.IsNaN(x):
			y[row] = x
		case slices.Contains(agree, x):
			y[row] = 1
		}
	}
	return y
}

// onScale checks points asked for.
func (it *Item) onScale(agree []float64) error {
	for _, p := range agree {
		if kind, ok := it.Scale.kind(p); !ok || kind != Point {
			return fmt.Errorf("item %q has points from %d to %d, not %v: %w", it.Name, it.Scale.Low, it.Scale.High, p, ErrScale)
		}
	}
	return nil
}

// AgreementRatio is the share of agreeing answers among all points given to the items of a factor, a ratio of two totals:
//
//	R = Σ w_k a_k / Σ w_k v_k      z_k = (a_k - R v_k)/Σ w v
//
// with a_k of the v_k points of person k among those listed (Särndal, Swensson & Wretman 1992). People without any point
// take no part. Errors as for Agreement, ErrItems and estimate.ErrLength.
func AgreementRatio(d *estimate.Design, items []*Item, agree []float64, domains ...estimate.Domain) (*estimate.Result, error) {
	points, _, err := together(items)
	if err != nil {
		return nil, fmt.Errorf("perception: agreement ratio: %w", err)
	}
	for _, it := range items {
		if err := it.onScale(agree); err != nil {
			return nil, fmt.Errorf("perception: agreement ratio: %w", err)
		}
	}
	agreeing, given, err := Agreeing(points, agree...)
	if err != nil {
		return nil, err
	}
	r, err := d.Ratio(agreeing, given, domains...)
	if err != nil {
		return nil, fmt.Errorf("perception: agreement ratio: %w", err)
	}
	return r, nil
}

// Agreeing counts, for each person, the points among those listed and the points given, over the columns of several items: the
// two variables of AgreementRatio. Both are NaN for a person without any point. ErrItems and estimate.ErrLength as for Means.
func Agreeing(points [][]float64, agree ...float64) (agreeing, given []float64, err error) {
	if err := rectangular(points); err != nil {
		return nil, nil, fmt.Errorf("perception: agreeing answers: %w", err)
	}
	agreeing, given = make([]float64, len(points[0])), make([]float64, len(points[0]))
	for _, column := range points {
		for row, yes := range Agrees(column, agree...) {
			if !math.IsNaN(yes) {
				agreeing[row] += yes
				given[row]++
			}
		}
	}
	for row, v := range given {
		if v == 0 {
			agreeing[row], given[row] = math.NaN(), math.NaN()
		}
	}
	return agreeing, given, nil
}

// Base says among whom the shares of a distribution are taken.
type Base uint8

const (
	// Asked takes everybody the item was put to: points, don't know, refused and not reached add to 1.
	Asked Base = iota
	// Answered takes those who gave a point: the points add to 1.
	Answered
)

// Category is one line of a distribution: a point as it was given, not reversed, or a kind of missing answer.
type Category struct {
	Label string
	Kind  Answer
	Point int // where Kind is Point
}

// Distribution is how the answers to an item divide up.
type Distribution struct {
	Categories []Category
	// Result has one share for each category, with covariances. The shares add to 1, so that their sum has no variance.
	Result *estimate.Result
}

// Distribute is the distribution of an item's answers in a domain: each point as given, then (with Asked) don't know, refused
// and not reached, each a share of the base. People who were not asked are no part of it. Errors are those of
// estimate.Design.Proportions.
func Distribute(d *estimate.Design, it *Item, base Base, domain estimate.Domain) (*Distribution, error) {
	x := &Distribution{}
	for p := it.Scale.Low; p <= it.Scale.High; p++ {
		x.Categories = append(x.Categories, Category{Label: strconv.Itoa(p), Kind: Point, Point: p})
	}
	missing := map[Answer]int{} // category of a kind that is no point
	if base == Asked {
		for _, kind := range []Answer{DontKnow, Refused, NotReached} {
			missing[kind] = len(x.Categories)
			x.Categories = append(x.Categories, Category{Label: kind.String(), Kind: kind})
		}
	}
	code := make([]int, len(it.Kind))
	for row, kind := range it.Kind {
		i, counted := missing[kind]
		switch {
		case kind == Point:
			code[row] = int(it.Given[row]) - it.Scale.Low
		case counted:
			code[row] = i
		default:
			code[row] = -1
		}
	}
	index := make([]int, len(x.Categories))
	for i := range index {
		index[i] = i
	}
	var err error
	if x.Result, err = d.Proportions(code, index, domain); err != nil {
		return nil, fmt.Errorf("perception: distribution of item %q: %w", it.Name, err)
	}
	return x, nil
}

// Interval is the interval of category i by Korn & Graubard, capped at the number of people. A category nobody or everybody
// chose shows no spread; its interval then rests on the people divided by the design effect of the other categories and is
// marked Assumed: never "0 % ± 0".
func (x *Distribution) Interval(i int, level float64) estimate.ShareInterval {
	s := x.Result.Share(i)
	s.Deff = x.effect()
	return estimate.KornGraubard(s, level, true)
}

// effect is the mean design effect of the categories that show a spread, at least 1.
func (x *Distribution) effect() float64 {
	sum, n := 0.0, 0.0
	for i := range x.Categories {
		s := x.Result.Share(i)
		if pq := s.Value * (1 - s.Value); pq > 0 && s.Variance > 0 {
			sum += s.Variance / pq * float64(s.N)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return math.Max(1, sum/n)
}
