package sampling

import (
	"fmt"
	"math"
)

// Offices is a survey in two stages: offices first, then people in them. What a
// number of offices costs in travel, people cost in precision, because
// colleagues are alike.
//
//	m   = √(C1/C2 (1-ρ)/ρ)              people per office
//	CV² = B k (1 + ρ(m-1)) / (offices m)
//
// (Cochran, 1977; Valliant, Dever & Kreuter, 2018, chapter 9).
type Offices struct {
	OfficeCost float64 // C1, of one more office
	PersonCost float64 // C2, of one more person in an office
	Likeness   float64 // ρ, over 0 and under 1
	Relvar     float64 // B, variance over squared mean of the answer; 0 means 1
	Factor     float64 // k, the total of the variance parts over B; 0 means 1
}

// OfficePlan is the best size of a survey in two stages, before rounding.
type OfficePlan struct {
	Offices   float64
	PerOffice float64
	Variation float64 // coefficient of variation of the mean
	Cost      float64
}

// ForBudget is the most precise plan that costs budget. ErrInput for a number
// out of range.
func (o Offices) ForBudget(budget float64) (OfficePlan, error) {
	o, m, err := o.perOffice("budget", budget)
	if err != nil {
		return OfficePlan{}, err
	}
	offices := budget / (o.OfficeCost + o.PersonCost*m)
	return OfficePlan{Offices: offices, PerOffice: m, Variation: math.Sqrt(o.relvar(m) / offices), Cost: budget}, nil
}

// ForVariation is the cheapest plan with the coefficient of variation cv.
// ErrInput for a number out of range.
func (o Offices) ForVariation(cv float64) (OfficePlan, error) {
	o, m, err := o.perOffice("coefficient of variation", cv)
	if err != nil {
		return OfficePlan{}, err
	}
	offices := o.relvar(m) / (cv * cv)
	return OfficePlan{Offices: offices, PerOffice: m, Variation: cv, Cost: offices * (o.OfficeCost + o.PersonCost*m)}, nil
}

// relvar is the relative variance of a mean from one office of m people.
func (o Offices) relvar(m float64) float64 {
	return o.Relvar * o.Factor * (1 + o.Likeness*(m-1)) / m
}

// perOffice fills in the defaults and finds the best number of people.
func (o Offices) perOffice(name string, goal float64) (Offices, float64, error) {
	o.Relvar, o.Factor = orElse(o.Relvar, 1), orElse(o.Factor, 1)
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"cost of an office", o.OfficeCost, o.OfficeCost > 0},
		{"cost of a person", o.PersonCost, o.PersonCost > 0},
		{"likeness", o.Likeness, o.Likeness > 0 && o.Likeness < 1},
		{"relative variance", o.Relvar, o.Relvar > 0},
		{"factor", o.Factor, o.Factor > 0},
		{name, goal, goal > 0},
	} {
		if !c.ok || math.IsInf(c.value, 1) {
			return o, 0, fmt.Errorf("sampling: offices: %s %v: %w", c.name, c.value, ErrInput)
		}
	}
	return o, math.Sqrt(o.OfficeCost / o.PersonCost * (1 - o.Likeness) / o.Likeness), nil
}
