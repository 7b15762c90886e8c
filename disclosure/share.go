package disclosure

import "math"

// The thresholds, in people.
const (
	// MinGroup is the smallest group about which anything is shown.
	MinGroup = 10
	// Few is the number of people from which a side of a share may be told.
	Few = 3
	// Decimals is the number of people from which shares have a decimal.
	Decimals = 100
	// FiveCategories is the number of people from which all five points of an
	// agreement scale are shown.
	FiveCategories = 30
)

// step is the raster of bounds, in percent.
const step = 5

// Shown reports whether a group of n people may be shown. A minimum below
// MinGroup counts as MinGroup.
func Shown(n, minimum int) bool { return n >= max(minimum, MinGroup) }

// Count is the number of people as shown: the nearest multiple of 5.
func Count(n int) int {
	if n < 0 {
		return 0
	}
	return (n + 2) / 5 * 5
}

// Score is a score as shown, to 0.1; NaN stays NaN. Differences of scores are
// rounded by themselves, not subtracted after rounding.
func Score(x float64) float64 { return math.Round(x*10) / 10 }

// Share is a share as it may be shown. All numbers are fractions of 1.
type Share struct {
	// Hidden says that nothing is shown; the other fields are then zero.
	Hidden bool
	// Exact says that Value is shown, rounded; otherwise only the bounds are,
	// "< Upper" where Lower is 0 and "> Lower" where Upper is 1.
	Exact bool
	// Value is the rounded share, 0 unless Exact.
	Value float64
	// Lower and Upper enclose the share. Both are Value where it is exact.
	Lower, Upper float64
	// Digits is the number of decimals of the percentage, 0 or 1.
	Digits int
}

// Below reports whether the share is shown as "< Upper".
func (s Share) Below() bool { return !s.Hidden && !s.Exact && s.Lower == 0 }

// Above reports whether the share is shown as "> Lower".
func (s Share) Above() bool { return !s.Hidden && !s.Exact && s.Upper == 1 }

// Of is how to show a share: value is the (weighted) estimate, and hits of n
// people, not weighted, are behind it.
//
//  1. Under MinGroup people, or without a value, it is hidden.
//  2. With fewer than Few hits it becomes "< b", with fewer than Few others
//     "> 1-b". The bound b is the same for 0, 1 and 2 people and true for all
//     of them: the next multiple of 5 % above 2/n, where n is the smallest
//     number that Count shows alike. From 43 people on that is "< 5 %" and
//     "> 95 %"; below, "< 5 %" would be false for two people and true for
//     nobody only, and so tell that there was nobody: of 20 people it is
//     "< 15 %". If a weighted value lies beyond, the bound goes with it; if it
//     reaches everybody the share is hidden.
//  3. Under 100 people every share under 5 % or over 95 % is shown so.
//  4. So is one that rounding would make 0 % or 100 %, at any n.
//  5. Everything else is rounded: whole percents under 100 people, else one
//     decimal.
//
// The rules guard against unanimity. In a set of shares that add to 100 % a
// single bound can be narrowed by subtraction, to an accuracy of the rounding
// of the others; groups so small that this tells of a person are hidden or have
// collapsed categories.
func Of(value float64, hits, n int) Share {
	if !Shown(n, MinGroup) || !(value >= 0 && value <= 1) || hits < 0 || hits > n {
		return Share{Hidden: true}
	}
	s := Share{Digits: 0}
	scale := 100.0
	if n >= Decimals {
		s.Digits, scale = 1, 1000.0
	}
	rounded := math.Round(value * scale)
	edge := n < Decimals
	switch {
	case hits < Few, edge && value < step/100.0, rounded == 0:
		s.Upper = bound(value, hits, n)
	case n-hits < Few, edge && value > 1-step/100.0, rounded == scale:
		s.Lower, s.Upper = 1-bound(1-value, n-hits, n), 1
	default:
		s.Exact, s.Value = true, rounded/scale
		s.Lower, s.Upper = s.Value, s.Value
	}
	if s.Lower <= 0 && s.Upper >= 1 {
		return Share{Hidden: true} // one or two people with all the weight
	}
	return s
}

// bound is the b of rule 2.
func bound(value float64, hits, n int) float64 {
	most := value
	if hits < Few {
		most = math.Max(value, float64(Few-1)/float64(max(MinGroup, Count(n)-2)))
	}
	return math.Min(1, (math.Floor(most*100/step+1e-9)+1)*step/100)
}

// Interval is the confidence interval to show beside a share, rounded outward
// to its digits. There is none beside a bound: limits computed from nobody
// would tell that there was nobody.
func (s Share) Interval(lower, upper float64) (lo, hi float64, ok bool) {
	if s.Hidden || !s.Exact || !(lower <= upper) {
		return 0, 0, false
	}
	scale := 100.0
	if s.Digits == 1 {
		scale = 1000
	}
	lo = math.Floor(lower*scale+1e-9) / scale
	hi = math.Ceil(upper*scale-1e-9) / scale
	return math.Max(0, lo), math.Min(1, hi), true
}

// Categories is how many categories of a five-point scale may be shown for n
// people: 5, 3, or 0 where the group itself is not shown.
func Categories(n int) int {
	switch {
	case !Shown(n, MinGroup):
		return 0
	case n < FiveCategories:
		return 3
	}
	return 5
}

// Collapse adds the five points of an agreement scale to three: disagree,
// neither, agree. It serves numbers of people and shares alike.
func Collapse[T int | float64](five [5]T) [3]T {
	return [3]T{five[0] + five[1], five[2], five[3] + five[4]}
}
