package quantile

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"sort"
)

// Errors of this package; they are wrapped with what was asked for.
var (
	// ErrRule means a rule that does not exist.
	ErrRule = errors.New("no such rule for quantiles")
	// ErrInterval means an interval that does not exist.
	ErrInterval = errors.New("no such interval for quantiles")
	// ErrShare means a p outside 0..1.
	ErrShare = errors.New("a quantile needs a share from 0 to 1")
	// ErrLength means columns of different lengths.
	ErrLength = errors.New("columns differ in length")
	// ErrWeight means a weight that is negative or not finite.
	ErrWeight = errors.New("weight negative or not finite")
)

// Rule says which value is the p-quantile of a sample in which p falls on or
// between two values.
type Rule string

// The rules; see the package documentation.
const (
	Math   Rule = "math"   // the smallest value with at least p at or below it
	School Rule = "school" // the same, half-way where exactly p is at or below
	HF1    Rule = "hf1"    // Math
	HF2    Rule = "hf2"    // School
	HF3    Rule = "hf3"    // the value nearest to p, the even one of two
	HF4    Rule = "hf4"
	HF5    Rule = "hf5"
	HF6    Rule = "hf6"
	HF7    Rule = "hf7"
	HF8    Rule = "hf8"
	HF9    Rule = "hf9"
)

// rules are all of them.
var rules = []Rule{Math, School, HF1, HF2, HF3, HF4, HF5, HF6, HF7, HF8, HF9}

// check refuses a rule that does not exist.
func (r Rule) check() error {
	if !slices.Contains(rules, r) {
		return fmt.Errorf("quantile: rule %q: %w; there are: %v", r, ErrRule, rules)
	}
	return nil
}

// Curve is the estimated distribution of a variable: its values in their order
// with the weight at or below each.
type Curve struct {
	x, w  []float64
	below []float64 // Σ w of the values before each and of itself
	total float64
	near  float64 // how far a cumulated share may be from p to count as equal to it
	exact bool    // as R compares
}

// near is the tolerance of ties. Without one, the rounding of a sum of weights
// decides on which side of p a value is.
const near = 1e-12

// New is the curve of values with weights, of the same length. Missing values
// (NaN) and weights of 0 are left out. Equal values stand in the order of their
// weights, so that the order of the rows changes nothing.
func New(x, w []float64) (*Curve, error) {
	c, err := gather(x, w)
	if err != nil {
		return nil, err
	}
	sort.Sort(byValue{c})
	c.near = near
	c.below = make([]float64, len(c.w))
	for i, w := range c.w {
		c.total += w
		c.below[i] = c.total
	}
	return c, nil
}

// AsR is the curve as R's survey package has it, for comparisons with R: equal
// values stand in the order of the rows, weights are added with the 64 binary
// places of its long double, and a tie is one only where two rounded numbers
// are equal in their last bit. On the 200 schools of apisrs, drawn with equal
// weights, R so finds the tenth percentile 482, where 20 schools have at most
// 479 and New says 479.
func AsR(x, w []float64) (*Curve, error) {
	c, err := gather(x, w)
	if err != nil {
		return nil, err
	}
	all := newLong()
	for _, w := range c.w {
		all.add(w)
	}
	c.total, c.exact = all.value(), true
	sort.Stable(byRow{byValue{c}})
	c.cumulate()
	return c, nil
}

// cumulate adds the weights as R does.
func (c *Curve) cumulate() {
	sum := newLong()
	c.below = make([]float64, len(c.w))
	for i, w := range c.w {
		sum.add(w)
		c.below[i] = sum.value()
	}
}

// long is a sum in the extended precision of R.
type long struct{ sum, next *big.Float }

func newLong() long {
	const places = 64
	return long{new(big.Float).SetPrec(places), new(big.Float).SetPrec(places)}
}

func (l long) add(x float64) { l.sum.Add(l.sum, l.next.SetFloat64(x)) }

func (l long) value() float64 {
	x, _ := l.sum.Float64()
	return x
}

// gather checks values and weights, and leaves out what does not count.
func gather(x, w []float64) (*Curve, error) {
	if len(x) != len(w) {
		return nil, fmt.Errorf("quantile: %d values, %d weights: %w", len(x), len(w), ErrLength)
	}
	var c Curve
	for i, v := range x {
		if !(w[i] >= 0) || math.IsInf(w[i], 0) {
			return nil, fmt.Errorf("quantile: row %d: %w", i, ErrWeight)
		}
		if !math.IsNaN(v) && w[i] > 0 {
			c.x, c.w = append(c.x, v), append(c.w, w[i])
		}
	}
	return &c, nil
}

type byValue struct{ *Curve }

func (c byValue) Len() int { return len(c.x) }

func (c byValue) Less(i, j int) bool {
	return c.x[i] < c.x[j] || c.x[i] == c.x[j] && c.w[i] < c.w[j]
}

func (c byValue) Swap(i, j int) {
	c.x[i], c.x[j] = c.x[j], c.x[i]
	c.w[i], c.w[j] = c.w[j], c.w[i]
}

type byRow struct{ byValue }

func (c byRow) Less(i, j int) bool { return c.x[i] < c.x[j] }

// At is the estimated share of people with a value of at most x; NaN without
// values.
func (c *Curve) At(x float64) float64 {
	if len(c.x) == 0 {
		return math.NaN()
	}
	n := sort.Search(len(c.x), func(i int) bool { return c.x[i] > x })
	switch n {
	case 0:
		return 0
	case len(c.x):
		return 1
	}
	return c.below[n-1] / c.total
}

// Quantile is the p-quantile by a rule; NaN without values, or with a p that is
// NaN. ErrRule, ErrShare.
func (c *Curve) Quantile(rule Rule, p float64) (float64, error) {
	if err := rule.check(); err != nil {
		return math.NaN(), err
	}
	if p < 0 || p > 1 {
		return math.NaN(), fmt.Errorf("quantile: %v: %w", p, ErrShare)
	}
	if len(c.x) == 0 || math.IsNaN(p) {
		return math.NaN(), nil
	}
	switch rule {
	case HF3:
		return c.distinct().step(rule, p), nil
	case HF4, HF5, HF6, HF7, HF8, HF9:
		return c.line(rule, p), nil
	}
	return c.step(rule, p), nil
}
