package estimate

import (
	"errors"
	"fmt"
)

// Errors of a sample that cannot be compiled or an estimator that cannot run. They are wrapped with the place of the
// fault; use errors.Is.
var (
	// ErrEmpty means a sample without rows.
	ErrEmpty = errors.New("the sample has no rows")
	// ErrLength means columns of different lengths.
	ErrLength = errors.New("columns differ in length")
	// ErrWeight means a weight that is missing, negative or not finite, or outside 1e-30..1e30 without being 0.
	ErrWeight = errors.New("weight missing, negative or not finite")
	// ErrCode means a negative code of a unit or a stratum.
	ErrCode = errors.New("code is negative")
	// ErrPopulation means a population size or sampling fraction that is not the same over a stratum, or is smaller
	// than the sample.
	ErrPopulation = errors.New("population size or fraction does not fit the sample")
	// ErrValue means an answer that is infinite or absurdly large. NaN is not an error: it is a missing answer.
	ErrValue = errors.New("value not finite")
	// ErrDesign means domains or results of different designs were mixed.
	ErrDesign = errors.New("designs differ")
	// ErrContrast means a contrast whose length is not that of the result.
	ErrContrast = errors.New("contrast does not fit the result")
)

// Lonely says what to do with a stratum of which a single unit was drawn, so that the spread between units cannot be
// seen. A stratum observed completely is not lonely: it has no sampling error.
type Lonely uint8

const (
	// LonelyFail refuses the design. The analyst has to choose: merge the stratum with a neighbour, or take one of the
	// rules below.
	LonelyFail Lonely = iota
	// LonelyCertainty lets the stratum contribute nothing, as if its unit had been certain to be drawn. Too optimistic
	// if it was not.
	LonelyCertainty
	// LonelyAdjust takes the distance of the unit from the mean of all units instead of the mean of its stratum.
	// Cautious (Stata "centered").
	LonelyAdjust
	// LonelyAverage gives the stratum the mean variance of the other strata that hold an answer of the domain (Stata
	// "scaled").
	LonelyAverage
	// LonelyRemove leaves the stratum out of the variance; what is left is what LonelyCertainty leaves. R keeps both
	// names.
	LonelyRemove
)

// LonelyError is the refusal of a stratum with a single unit.
type LonelyError struct {
	Stage   int    // 1 for PSUs
	Stratum string // its label, "" for an unstratified stage
}

// Error names the stratum.
func (e *LonelyError) Error() string {
	return fmt.Sprintf("estimate: stratum %q has a single unit at stage %d", e.Stratum, e.Stage)
}

// Stage says how the units of one stage were drawn. Columns have one value a row of the sample.
type Stage struct {
	// Unit is the label of the unit within its stratum (and within the unit of the stage before). Labels may repeat
	// between strata. nil: each row is a unit.
	Unit []string
	// Stratum is the label of the stratum the unit was drawn from. nil: one.
	Stratum []string
	// UnitCode and StratumCode are numbers from 0 in place of the labels, for large samples; labels count where both
	// are given.
	UnitCode, StratumCode []int32
	// Population is the number of units in the population of the row's stratum, within the unit of the stage before.
	// nil or 0: drawn with replacement, or a population too large to matter.
	Population []float64
	// Fraction is the fraction n/N drawn, an alternative to Population.
	Fraction []float64
}

// Sample is what is known of the respondents apart from their answers.
type Sample struct {
	// Weight is the number of people a respondent stands for; 0 leaves a row out without removing its unit.
	Weight []float64
	// Stages are the stages of the draw, PSUs first. None: a simple random sample of rows with replacement.
	Stages []Stage
	// Lonely is the rule for strata with one unit.
	Lonely Lonely
}

// Design is a compiled sample: what every variance needs, computed once. It is immutable and may be used by several
// goroutines.
type Design struct {
	weight   []float64 // by row
	leaf     []int32   // by row: unit of the last stage that matters
	order    []int32   // rows, sorted by leaf
	levels   []level
	lonely   Lonely
	strict   bool      // the rule also holds where a domain has a single unit in a stratum
	residual Residuals // nil: weights as they were drawn
	leaves   []int32   // all of them, in their order, where residual is not nil
}

// level is one stage: its units, numbered in the order of their groups, and the groups (strata within units of the
// stage before) they were drawn from.
type level struct {
	groups []group
	units  int
	up     []int32 // leaf to unit of this level; nil on the last level
}

// group is one independent draw of units lo to hi-1.
type group struct {
	lo, hi int
	parent int     // group of the level above
	rate   float64 // f, the fraction drawn
	share  float64 // product of the rates of the groups above
}

// LonelyInDomains is the design with its rule for lonely strata also where a stratum has several units but a single one
// of them with an answer of the domain (R's option survey.adjust.domain.lonely): LonelyAdjust then takes the unit's
// distance from 0, LonelyAverage the mean of the other strata; the other rules change nothing. By default such a
// stratum varies like any other, around its mean over all its units, which is right for large samples and optimistic
// for a domain of a handful of people. Domains of the one design are no domains of the other; with calibration
// residuals, which reach all units, there are no such strata.
func (d *Design) LonelyInDomains() *Design {
	c := *d
	c.strict = true
	return &c
}

// Rows is the number of rows of the sample.
func (d *Design) Rows() int { return len(d.weight) }

// PSUs is the number of first-stage units drawn.
func (d *Design) PSUs() int { return d.levels[0].units }

// Strata is the number of first-stage strata.
func (d *Design) Strata() int { return len(d.levels[0].groups) }

// DF is the degrees of freedom of the design, PSUs less strata.
func (d *Design) DF() float64 { return float64(d.PSUs() - d.Strata()) }

// Population is the sum of the weights, the estimated size of the population.
func (d *Design) Population() float64 {
	var s exact
	for _, w := range d.weight {
		s.add(w)
	}
	return s.value()
}

// Domain is a part of the population of a design. Its zero value is of no use; a Design makes it.
type Domain struct {
	design *Design
	rows   []int32 // in the order of the design
}

// Everyone is the whole population.
func (d *Design) Everyone() Domain { return Domain{d, d.order} }

// Domain is the people for whom in is true; in is asked once a row.
func (d *Design) Domain(in func(row int) bool) Domain {
	var rows []int32
	for _, r := range d.order {
		if in(int(r)) {
			rows = append(rows, r)
		}
	}
	return Domain{d, rows}
}

// Groups splits the population by a code from 0 to k-1, one a row; other codes belong to none. It costs one pass,
// however many groups there are.
func (d *Design) Groups(code []int, k int) ([]Domain, error) {
	if len(code) != d.Rows() {
		return nil, fmt.Errorf("estimate: groups: %d codes for %d rows: %w", len(code), d.Rows(), ErrLength)
	}
	groups := make([]Domain, k)
	for i := range groups {
		groups[i].design = d
	}
	for _, r := range d.order {
		if c := code[r]; c >= 0 && c < k {
			groups[c].rows = append(groups[c].rows, r)
		}
	}
	return groups, nil
}
