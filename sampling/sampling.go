package sampling

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// DefaultLikeness is the intraclass correlation ρ assumed between colleagues of
// one office when no earlier round shows it: a convention, the middle of the
// values 0.02, 0.05 and 0.10 that planning tables use, and not a finding. With
// ten people an office the design effect is then 1.45. Offices can be far more
// alike: replace it by what the first round shows.
const DefaultLikeness = 0.05

// Level, Power and Margin are the usual choices: 95 % intervals, 80 % power and
// 5 points either side.
const (
	Level  = 0.95
	Power  = 0.80
	Margin = 0.05
)

// ErrInput means a plan with an impossible number; the wrapping text names it.
var ErrInput = errors.New("number out of range")

// ClusterEffect is the design effect 1 + (m-1)ρ of m people per office, for a
// likeness ρ; never under 1 for m under 1.
func ClusterEffect(m, likeness float64) float64 {
	return 1 + math.Max(0, m-1)*likeness
}

// Spread is the variance S² of a share p among n people, n/(n-1) p(1-p):
// with n the people of the population for planning, and with n the people of
// the sample for the estimate a report makes. For n under 2 it is 0.
func Spread(p float64, n int) float64 {
	if n < 2 {
		return 0
	}
	return float64(n) / float64(n-1) * p * (1 - p)
}

// Stratum is one stratum of a plan.
type Stratum struct {
	Population int     // people, N_h
	Answers    int     // people expected to answer, n_h
	Spread     float64 // S_h² of the answer; see Spread
	Effect     float64 // design effect d_h; 0 means 1
	Cost       float64 // of one person, c_h; only CostOptimal reads it
}

// Variance is the variance of a mean or share over all strata; see the package
// comment. A stratum with people and no answers makes it infinite: nothing
// would be known of it. An empty stratum adds nothing.
func Variance(strata []Stratum) float64 {
	answers := make([]float64, len(strata))
	for i, s := range strata {
		answers[i] = float64(s.Answers)
	}
	return VarianceAt(strata, answers)
}

// VarianceAt is Variance with other answers than those of the strata, which
// need not be whole: for an allocation before rounding.
func VarianceAt(strata []Stratum, answers []float64) float64 {
	total := 0.0
	for _, s := range strata {
		total += float64(s.Population)
	}
	v := 0.0
	for i, s := range strata {
		if s.Population <= 0 {
			continue
		}
		n := answers[i]
		if n <= 0 {
			return math.Inf(1)
		}
		size := float64(s.Population)
		part := size / total
		v += part * part * math.Max(0, 1-n/size) * orElse(s.Effect, 1) * s.Spread / n
	}
	return v
}

// MarginOfError is half the width of the interval at a two-sided level.
func MarginOfError(strata []Stratum, level float64) float64 {
	return normal(0.5+level/2) * math.Sqrt(Variance(strata))
}

// Detectable is the smallest change between two rounds that would be noticed:
// with the chance power, a test at 1-level on both sides finds a true change
// this large,
//
//	δ = (z_{1-α/2} + z_power) sqrt(V1 + V2)
//
// (Valliant, Dever & Kreuter, Practical Tools, 2018, chapter 4). The
// rounds count as independent, which is cautious when they share offices. For
// shares take S² at p = 1/2, the worst case. With 300 answers in each of two
// rounds of a large population it is 11 points.
func Detectable(first, second []Stratum, level, power float64) float64 {
	return (normal(0.5+level/2) + normal(power)) * math.Sqrt(Variance(first)+Variance(second))
}

// Goal is what a round should reach in one population.
type Goal struct {
	Population int     // people in the frame
	Margin     float64 // wanted margin of error, 0.05 for 5 points
	Share      float64 // expected share; 0.5 is the worst case
	Level      float64 // two-sided, such as 0.95
	Effect     float64 // design effect; 0 means 1
	Response   float64 // expected share of invited people who answer; 0 means 1
}

// Size is how many people a goal takes.
type Size struct {
	Unlimited float64 // n0, for an endless population
	Answers   int     // people who have to answer
	Invited   int     // people to invite, given the expected response
	// Reached says that inviting everybody suffices; where it is false Invited
	// is the whole population and Expected stays under Answers.
	Reached  bool
	Expected int     // answers to expect from Invited
	Margin   float64 // margin of error with Expected answers
}

// Plan computes how many people to invite. It returns ErrInput for an empty
// population, or a margin, share, level or response outside its range.
func Plan(g Goal) (Size, error) {
	if g.Effect == 0 {
		g.Effect = 1
	}
	if g.Response == 0 {
		g.Response = 1
	}
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"population", g.Population > 0},
		{"margin", g.Margin > 0 && g.Margin < 1},
		{"share", g.Share > 0 && g.Share < 1},
		{"level", g.Level > 0 && g.Level < 1},
		{"design effect", g.Effect > 0 && g.Effect < 1e6},
		{"response", g.Response > 0 && g.Response <= 1},
	} {
		if !c.ok {
			return Size{}, fmt.Errorf("sampling: plan: %s: %w", c.name, ErrInput)
		}
	}
	size := float64(g.Population)
	z := normal(0.5 + g.Level/2)
	s := Size{Unlimited: z * z * g.Share * (1 - g.Share) / (g.Margin * g.Margin)}
	wanted := g.Effect * s.Unlimited
	s.Answers = min(g.Population, up(wanted/(1+(wanted-1)/size)))
	s.Answers = max(s.Answers, 1)
	invited := up(float64(s.Answers) / g.Response)
	s.Reached = invited <= g.Population
	s.Invited = min(invited, g.Population)
	s.Expected = min(s.Invited, max(1, int(math.Floor(float64(s.Invited)*g.Response+1e-9))))
	s.Margin = MarginOfError([]Stratum{{
		Population: g.Population, Answers: s.Expected, Spread: Spread(g.Share, g.Population), Effect: g.Effect,
	}}, g.Level)
	return s, nil
}

// PerRound is the number of people each of two equal rounds of an endless
// population needs to notice a change of a share from p1 to p2,
//
//	n = (z_{1-α/2} sqrt(2 p̄(1-p̄)) + z_power sqrt(p1(1-p1) + p2(1-p2)))² / (p1-p2)²
//
// (Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, 2003,
// without continuity correction; R's power.prop.test).
func PerRound(p1, p2, level, power float64) float64 {
	mid := (p1 + p2) / 2
	root := normal(0.5+level/2)*math.Sqrt(2*mid*(1-mid)) + normal(power)*math.Sqrt(p1*(1-p1)+p2*(1-p2))
	return root * root / ((p1 - p2) * (p1 - p2))
}

// normal is the quantile of the normal distribution.
func normal(p float64) float64 { return distuv.UnitNormal.Quantile(p) }

// up rounds up, forgiving the rounding errors of a division.
func up(x float64) int { return int(math.Ceil(x - 1e-9*math.Max(1, x))) }
