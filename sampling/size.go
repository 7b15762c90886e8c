package sampling

import (
	"fmt"
	"math"
)

// Finite corrects a sample size for an endless population to one of N people,
// n = n0/(1 + n0/N) (Cochran, 1977): the rule for means, whose spread S²
// is given. A population of 0 is endless. Apply the design effect to n0 first.
func Finite(n0 float64, population int) float64 {
	if population <= 0 {
		return n0
	}
	return n0 / (1 + n0/float64(population))
}

// FiniteShare is Finite for a share, n = n0/(1 + (n0 - 1)/N), because the
// spread of a share in N people is N/(N-1) p(1-p) (Cochran, 1977).
func FiniteShare(n0 float64, population int) float64 {
	if population <= 0 {
		return n0
	}
	return n0 / (1 + (n0-1)/float64(population))
}

// Precision asks how many answers an estimated share needs; its methods are the
// different ways to say how precise it should be. They return the size before
// rounding up, and ErrInput for a number out of range.
type Precision struct {
	Share      float64 // expected share, over 0 and under 1; 0.5 is the worst case
	Population int     // people in the frame; 0 means endless
	Level      float64 // two-sided; 0 means Level
	Effect     float64 // design effect; 0 means 1
}

// Margin is the size for p ± e,
//
//	n0 = z² p(1-p)/e²
//
// (Cochran, 1977; Valliant, Dever & Kreuter, Practical Tools, 2018, chapter 3).
func (p Precision) Margin(e float64) (float64, error) {
	z, err := p.check("margin", e)
	if err != nil {
		return 0, err
	}
	return p.size(z * z * p.Share * (1 - p.Share) / (e * e)), nil
}

// Relative is the size for a margin of e times the share, p(1 ± e).
func (p Precision) Relative(e float64) (float64, error) { return p.Margin(e * p.Share) }

// Variation is the size for a coefficient of variation, standard error over
// share:
//
//	n0 = (1-p)/(p CV²)
//
// (Valliant, Dever & Kreuter, 2018, chapter 3). It needs no level.
func (p Precision) Variation(cv float64) (float64, error) {
	if _, err := p.check("coefficient of variation", cv); err != nil {
		return 0, err
	}
	return p.size((1 - p.Share) / (p.Share * cv * cv)), nil
}

// Wilson is the size for which Wilson's interval has half width e,
//
//	n0 = z² (pq - 2e² + √(p²q² - 4pq e² + e²)) / (2e²)          q = 1 - p
//
// the solution of z √(pq/n + z²/4n²)/(1 + z²/n) = e (Wilson, JASA 22, 1927;
// Valliant, Dever & Kreuter, 2018, chapter 3). e is below 1/2.
func (p Precision) Wilson(e float64) (float64, error) {
	z, err := p.check("half width", e)
	if err != nil {
		return 0, err
	}
	if e >= 0.5 {
		return 0, fmt.Errorf("sampling: half width %v: %w", e, ErrInput)
	}
	v := p.Share * (1 - p.Share)
	n0 := z * z * (v - 2*e*e + math.Sqrt(v*v-4*v*e*e+e*e)) / (2 * e * e)
	return p.size(n0), nil
}

// LogOdds is the size for which the interval that is symmetric in the log-odds
// has the length 2e,
//
//	n0 = z²/(pq log²x)
//	x  = (e(1+k²) + √(e²(1+k²)² + k²(1-4e²))) / (k(1-2e))          k = q/p
//
// (Valliant, Dever & Kreuter, 2018, chapter 3). e is below 1/2.
func (p Precision) LogOdds(e float64) (float64, error) {
	z, err := p.check("half width", e)
	if err != nil {
		return 0, err
	}
	if e >= 0.5 {
		return 0, fmt.Errorf("sampling: half width %v: %w", e, ErrInput)
	}
	k := (1 - p.Share) / p.Share
	b := e * (1 + k*k)
	x := (b + math.Sqrt(b*b+k*k*(1-4*e*e))) / (k * (1 - 2*e))
	return p.size(z * z / (p.Share * (1 - p.Share) * math.Log(x) * math.Log(x))), nil
}

// check returns the normal quantile of the level.
func (p Precision) check(name string, goal float64) (float64, error) {
	level := orElse(p.Level, Level)
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"share", p.Share, p.Share > 0 && p.Share < 1},
		{"population", float64(p.Population), p.Population >= 0},
		{"level", p.Level, level > 0 && level < 1},
		{"design effect", p.Effect, p.Effect >= 0 && p.Effect < 1e6},
		{name, goal, goal > 0 && !math.IsInf(goal, 1)},
	} {
		if !c.ok {
			return 0, fmt.Errorf("sampling: size for a share: %s %v: %w", c.name, c.value, ErrInput)
		}
	}
	return normal(0.5 + level/2), nil
}

func (p Precision) size(n0 float64) float64 {
	return FiniteShare(n0*orElse(p.Effect, 1), p.Population)
}

// MeanGoal asks how many answers an estimated mean needs.
type MeanGoal struct {
	SD         float64 // standard deviation of the answer, S
	Margin     float64 // wanted margin of error, in the unit of the answer
	Population int     // people in the frame; 0 means endless
	Level      float64 // two-sided; 0 means Level
	Effect     float64 // design effect; 0 means 1
}

// Size is the number of answers before rounding up,
//
//	n0 = z² S²/e²,   n = d n0/(1 + d n0/N)
//
// (Cochran, 1977). ErrInput for a number out of range.
func (g MeanGoal) Size() (float64, error) {
	level, effect := orElse(g.Level, Level), orElse(g.Effect, 1)
	z := normal(0.5 + level/2)
	n0 := z * z * g.SD * g.SD / (g.Margin * g.Margin)
	switch {
	case !(g.SD > 0) || math.IsInf(g.SD, 1):
		return 0, fmt.Errorf("sampling: size for a mean: standard deviation %v: %w", g.SD, ErrInput)
	case !(g.Margin > 0) || math.IsInf(g.Margin, 1):
		return 0, fmt.Errorf("sampling: size for a mean: margin %v: %w", g.Margin, ErrInput)
	case g.Population < 0:
		return 0, fmt.Errorf("sampling: size for a mean: population %d: %w", g.Population, ErrInput)
	case !(level > 0 && level < 1):
		return 0, fmt.Errorf("sampling: size for a mean: level %v: %w", g.Level, ErrInput)
	case !(effect > 0 && effect < 1e6):
		return 0, fmt.Errorf("sampling: size for a mean: design effect %v: %w", g.Effect, ErrInput)
	}
	return Finite(effect*n0, g.Population), nil
}

// orElse is x, or a default where x is 0.
func orElse(x, otherwise float64) float64 {
	if x == 0 {
		return otherwise
	}
	return x
}
