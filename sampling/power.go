package sampling

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Test says how a difference will be judged. Its methods compute the number of
// people that finds a difference with the wanted power, and the power that a
// number of people has. Sizes are returned before rounding up, for an endless
// population and persons drawn singly: multiply by the design effect, then
// apply Finite. ErrInput for a number out of range.
type Test struct {
	Alpha  float64 // chance to claim a difference that is not there; 0 means 0.05
	Power  float64 // chance to find one that is there; 0 means Power
	Sides  int     // 2: a difference either way; 1: one way only; 0 means 2
	Strict bool    // with two sides, count findings in the wrong direction too
}

// most is more people than there are.
const most = 1e12

// resolve fills in the defaults.
func (t Test) resolve() (Test, error) {
	t.Alpha, t.Power = orElse(t.Alpha, 0.05), orElse(t.Power, Power)
	if t.Sides == 0 {
		t.Sides = 2
	}
	switch {
	case !(t.Alpha > 0 && t.Alpha < 1):
		return t, fmt.Errorf("sampling: power: alpha %v: %w", t.Alpha, ErrInput)
	case !(t.Power > t.Alpha && t.Power < 1):
		return t, fmt.Errorf("sampling: power: power %v is not between alpha and 1: %w", t.Power, ErrInput)
	case t.Sides != 1 && t.Sides != 2:
		return t, fmt.Errorf("sampling: power: %d sides: %w", t.Sides, ErrInput)
	}
	t.Strict = t.Strict && t.Sides == 2
	return t, nil
}

// critical is the normal quantile beyond which the test claims a difference.
func (t Test) critical() float64 { return -normal(t.Alpha / float64(t.Sides)) }

// TwoProportions is the number of people in each of two groups that finds the
// difference between p1 and p2,
//
//	n = (z_α √(2 p̄(1-p̄)) + z_β √(p1(1-p1) + p2(1-p2)))² / (p1-p2)²
//
// (Fleiss, Levin & Paik, 2003, without continuity correction; R's
// power.prop.test), z_α taken at α/2 for two sides. With Strict the equation of
// TwoProportionsPower is solved.
func (t Test) TwoProportions(p1, p2 float64) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = shares(p1, p2)
	}
	if err != nil {
		return 0, err
	}
	mid := (p1 + p2) / 2
	return t.size(math.Abs(p1-p2), math.Sqrt(2*mid*(1-mid)), math.Sqrt(p1*(1-p1)+p2*(1-p2))), nil
}

// TwoProportionsPower is the power of n people in each of two groups,
//
//	Φ((√n |p1-p2| - z_α √(2 p̄(1-p̄))) / √(p1(1-p1) + p2(1-p2)))
//
// and with Strict also the chance of the other tail.
func (t Test) TwoProportionsPower(n, p1, p2 float64) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = shares(p1, p2)
	}
	if err == nil {
		err = people(n, 1)
	}
	if err != nil {
		return 0, err
	}
	mid := (p1 + p2) / 2
	return t.power(math.Sqrt(n)*math.Abs(p1-p2), math.Sqrt(2*mid*(1-mid)), math.Sqrt(p1*(1-p1)+p2*(1-p2))), nil
}

// OneProportion is the number of people that finds that a share is p when the
// claim is p0,
//
//	n = (z_α √(p0(1-p0)) + z_β √(p(1-p)))² / (p-p0)²
//
// (Fleiss, Levin & Paik, 2003).
func (t Test) OneProportion(p0, p float64) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = shares(p0, p)
	}
	if err != nil {
		return 0, err
	}
	return t.size(math.Abs(p-p0), math.Sqrt(p0*(1-p0)), math.Sqrt(p*(1-p))), nil
}

// OneProportionPower is the power of n people against the claim p0 when the
// share is p; see OneProportion.
func (t Test) OneProportionPower(n, p0, p float64) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = shares(p0, p)
	}
	if err == nil {
		err = people(n, 1)
	}
	if err != nil {
		return 0, err
	}
	return t.power(math.Sqrt(n)*math.Abs(p-p0), math.Sqrt(p0*(1-p0)), math.Sqrt(p*(1-p))), nil
}

// power is the chance that a normal statistic with mean distance and standard
// deviation other exceeds the critical value times its deviation under "no
// difference".
func (t Test) power(distance, null, other float64) float64 {
	z := t.critical() * null
	power := distuv.UnitNormal.CDF((distance - z) / other)
	if t.Strict {
		power += distuv.UnitNormal.CDF((-distance - z) / other)
	}
	return power
}

// size is the n for which √n step is far enough.
func (t Test) size(step, null, other float64) float64 {
	root := (t.critical()*null + normal(t.Power)*other) / step
	if t.Strict {
		root = increasing(func(root float64) float64 { return t.power(root*step, null, other) - t.Power }, 0, math.Max(root, 1))
	}
	return root * root
}

// TwoMeans is the number of people in each of two groups that finds a
// difference delta of their means by Student's t test, when answers have the
// standard deviation sd in both (Cohen, Statistical Power Analysis, 1988;
// R's power.t.test): the n for which TwoMeansPower is the power. The smallest
// answer is 2.
func (t Test) TwoMeans(delta, sd float64) (float64, error) { return t.means(delta, sd, 2) }

// TwoMeansPower is the power of n people in each of two groups: the chance that
// a noncentral t with 2(n-1) degrees of freedom and noncentrality √(n/2) |Δ|/σ
// exceeds the critical value of the central one, with Strict in either tail. n
// is at least 2.
func (t Test) TwoMeansPower(n, delta, sd float64) (float64, error) {
	return t.meansPower(n, delta, sd, 2)
}

// OneMean is the number of people that finds that a mean differs by delta from
// a claim, or of pairs that finds a mean difference delta when differences have
// the standard deviation sd. The smallest answer is 2.
func (t Test) OneMean(delta, sd float64) (float64, error) { return t.means(delta, sd, 1) }

// OneMeanPower is the power of n people or pairs: as TwoMeansPower, with n - 1
// degrees of freedom and noncentrality √n |Δ|/σ.
func (t Test) OneMeanPower(n, delta, sd float64) (float64, error) {
	return t.meansPower(n, delta, sd, 1)
}

func (t Test) means(delta, sd float64, groups int) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = step(delta, sd)
	}
	if err != nil {
		return 0, err
	}
	miss := func(n float64) float64 { return t.student(n, math.Abs(delta)/sd, groups) - t.Power }
	if miss(2) >= 0 {
		return 2, nil
	}
	guess := (t.critical() + normal(t.Power)) * sd / delta
	if n := float64(groups) * guess * guess; n < most {
		return increasing(miss, 2, 2+n), nil
	}
	return 0, fmt.Errorf("sampling: power: difference %v is too small: %w", delta, ErrInput)
}

func (t Test) meansPower(n, delta, sd float64, groups int) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = step(delta, sd)
	}
	if err == nil {
		err = people(n, 2)
	}
	if err != nil {
		return 0, err
	}
	return t.student(n, math.Abs(delta)/sd, groups), nil
}

// student is the power of the t test of one or two groups of n.
func (t Test) student(n, effect float64, groups int) float64 {
	df, shift := float64(groups)*(n-1), math.Sqrt(n/float64(groups))*effect
	q := studentCritical(t.Alpha/float64(t.Sides), df)
	power := noncentralAbove(q, df, shift)
	if t.Strict {
		power += noncentralAbove(q, df, -shift)
	}
	return power
}

// increasing is the root of an increasing function between lo, where it is
// negative, and wherever above it turns positive, by bisection to the last bit
// that matters.
func increasing(f func(float64) float64, lo, hi float64) float64 {
	for f(hi) < 0 && hi < 10*most {
		lo, hi = hi, 2*hi
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi || hi-lo <= 1e-15*hi {
			break
		}
		if f(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo + (hi-lo)/2
}

func shares(p1, p2 float64) error {
	for _, p := range []float64{p1, p2} {
		if !(p > 0 && p < 1) {
			return fmt.Errorf("sampling: power: share %v is not between 0 and 1: %w", p, ErrInput)
		}
	}
	if p1 == p2 {
		return fmt.Errorf("sampling: power: both shares are %v: %w", p1, ErrInput)
	}
	return nil
}

func step(delta, sd float64) error {
	switch {
	case delta == 0 || math.IsNaN(delta) || math.IsInf(delta, 0):
		return fmt.Errorf("sampling: power: difference %v: %w", delta, ErrInput)
	case !(sd > 0) || math.IsInf(sd, 1):
		return fmt.Errorf("sampling: power: standard deviation %v: %w", sd, ErrInput)
	}
	return nil
}

func people(n, least float64) error {
	if !(n >= least && n <= most) {
		return fmt.Errorf("sampling: power: %v people: %w", n, ErrInput)
	}
	return nil
}
