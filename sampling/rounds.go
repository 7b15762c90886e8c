package sampling

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Rounds are two rounds of a survey, or two groups, whose means are compared.
// When part of the people answer twice, their second answer tells less about
// the level but more about the change:
//
//	V = d ((S1² + r S2² - 2 g r ρ S1 S2)/n1 - (S1² + S2² - 2 ρ S1 S2)/N)
//
// with n1 people in the first round, n2 = n1/r in the second and a share g of
// the first asked again (Kish, Survey Sampling, 1965; Tam, The American
// Statistician 38, 1984, for the term in N; Valliant, Dever & Kreuter, 2018,
// chapter 4), d the design effect. Independent rounds of large populations have g = 0
// and N = 0.
type Rounds struct {
	First, Second float64 // spread of the answers S1², S2²
	Correlation   float64 // ρ, between the two answers of one person
	Overlap       float64 // g, share of the first round asked again
	Ratio         float64 // r = n1/n2; 0 means 1
	Effect        float64 // design effect; 0 means 1
	Population    int     // people in the frame of both rounds; 0 means endless
}

// ShareRounds are rounds that compare a share p1 with a share p2, where both is
// the share of people who would say yes in both rounds; p1 times p2 if the
// answers have nothing to do with each other.
func ShareRounds(p1, p2, both, overlap float64) (Rounds, error) {
	if err := shares(p1, p2); err != nil {
		return Rounds{}, err
	}
	if !(both >= math.Max(0, p1+p2-1) && both <= math.Min(p1, p2)) {
		return Rounds{}, fmt.Errorf("sampling: rounds: share in both %v does not fit %v and %v: %w", both, p1, p2, ErrInput)
	}
	r := Rounds{First: p1 * (1 - p1), Second: p2 * (1 - p2), Overlap: overlap}
	r.Correlation = (both - p1*p2) / math.Sqrt(r.First*r.Second)
	return r, nil
}

// Variance is the variance of the change with n1 people in the first round.
func (r Rounds) Variance(n1 float64) (float64, error) {
	r, err := r.resolve()
	if err == nil {
		err = people(n1, 1)
	}
	if err != nil {
		return 0, err
	}
	each, all := r.parts()
	return math.Max(0, each/n1-all), nil
}

// Rounds is the size of the first and the second round that finds the change
// delta, before rounding up. ErrInput also when that is more people than there
// are.
func (t Test) Rounds(delta float64, r Rounds) (first, second float64, err error) {
	t, err = t.resolve()
	if err == nil {
		r, err = r.resolve()
	}
	if err == nil {
		err = step(delta, 1)
	}
	if err != nil {
		return 0, 0, err
	}
	distance := t.distance()
	each, all := r.parts()
	first = each / (delta*delta/(distance*distance) + all)
	second = first / r.Ratio
	if n := math.Max(first, second); r.Population > 0 && n > float64(r.Population) {
		return 0, 0, fmt.Errorf("sampling: rounds: a change of %v needs %.0f people of %d: %w", delta, n, r.Population, ErrInput)
	}
	return first, second, nil
}

// RoundsPower is the power to find the change delta with n1 people in the first
// round.
func (t Test) RoundsPower(n1, delta float64, r Rounds) (float64, error) {
	t, err := t.resolve()
	if err == nil {
		err = step(delta, 1)
	}
	if err != nil {
		return 0, err
	}
	v, err := r.Variance(n1)
	if err != nil {
		return 0, err
	}
	if v == 0 {
		return 1, nil
	}
	return t.power(math.Abs(delta)/math.Sqrt(v), 1, 1), nil
}

// RoundsDetectable is the smallest change that n1 people in the first round
// find with the power of the test.
func (t Test) RoundsDetectable(n1 float64, r Rounds) (float64, error) {
	t, err := t.resolve()
	if err != nil {
		return 0, err
	}
	v, err := r.Variance(n1)
	if err != nil {
		return 0, err
	}
	return t.distance() * math.Sqrt(v), nil
}

// distance is the number of standard errors a difference must have: z_α + z_β,
// a little less where findings the wrong way count as power.
func (t Test) distance() float64 {
	d := t.critical() + normal(t.Power)
	if !t.Strict {
		return d
	}
	z := t.critical()
	return increasing(func(d float64) float64 {
		return distuv.UnitNormal.CDF(d-z) + distuv.UnitNormal.CDF(-d-z) - t.Power
	}, 0, math.Max(d, 1))
}

// parts are the two coefficients of V = each/n1 - all.
func (r Rounds) parts() (each, all float64) {
	product := r.Correlation * math.Sqrt(r.First*r.Second)
	each = r.Effect * (r.First + r.Ratio*r.Second - 2*r.Overlap*r.Ratio*product)
	if r.Population > 0 {
		all = r.Effect * (r.First + r.Second - 2*product) / float64(r.Population)
	}
	return each, all
}

// resolve fills in the defaults.
func (r Rounds) resolve() (Rounds, error) {
	r.Ratio, r.Effect = orElse(r.Ratio, 1), orElse(r.Effect, 1)
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"spread of the first round", r.First, r.First >= 0 && !math.IsInf(r.First, 1)},
		{"spread of the second round", r.Second, r.Second >= 0 && !math.IsInf(r.Second, 1)},
		{"correlation", r.Correlation, r.Correlation >= -1 && r.Correlation <= 1},
		{"overlap", r.Overlap, r.Overlap >= 0 && r.Overlap <= 1},
		{"ratio", r.Ratio, r.Ratio > 0 && !math.IsInf(r.Ratio, 1)},
		{"people asked again, as a share of the second round", r.Overlap * r.Ratio, r.Overlap*r.Ratio <= 1},
		{"design effect", r.Effect, r.Effect > 0 && r.Effect < 1e6},
		{"population", float64(r.Population), r.Population >= 0},
	} {
		if !c.ok {
			return r, fmt.Errorf("sampling: rounds: %s %v: %w", c.name, c.value, ErrInput)
		}
	}
	return r, nil
}
