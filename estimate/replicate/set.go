package replicate

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
)

// Errors of replicates that cannot be made or used. They are wrapped with the place of the fault; use errors.Is.
var (
	// ErrMethod means an option that a method does not have, such as Fay's rho outside 0..1.
	ErrMethod = errors.New("method of replication not usable")
	// ErrFactor means factors or counts that do not fit the design.
	ErrFactor = errors.New("replicate factors do not fit the design")
)

// StratumError is the refusal of a stratum that a method cannot replicate.
type StratumError struct {
	Kind  Kind
	Row   int // a row of the sample that lies in the stratum, from 0
	Units int // units drawn from it
}

// Error names the stratum by a row, and the remedy.
func (e *StratumError) Error() string {
	if e.Units == 1 {
		return fmt.Sprintf("replicate: %s: a single unit was drawn from the stratum of row %d: merge it with a neighbour, or name a rule for lonely strata", e.Kind, e.Row)
	}
	return fmt.Sprintf("replicate: %s: %d units were drawn from the stratum of row %d, and half-samples need two: use the jackknife or a bootstrap", e.Kind, e.Units, e.Row)
}

// Kind is how replicates are made.
type Kind uint8

const (
	// JK1 is the jackknife of an unstratified design: every PSU is dropped once.
	JK1 Kind = iota
	// JKn is the jackknife of a stratified design: every PSU is dropped once, the rest of its stratum stands in for it.
	JKn
	// BRR is balanced repeated replication: half-samples of designs with two PSUs a stratum.
	BRR
	// Fay is BRR that shifts weights instead of dropping half of the PSUs.
	Fay
	// RaoWu is the rescaling bootstrap.
	RaoWu
	// Canty is the bootstrap of Canty and Davison.
	Canty
	// Preston is the rescaled half-sample bootstrap for several stages.
	Preston
)

var kinds = []string{"JK1", "JKn", "BRR", "Fay", "RaoWu", "Canty", "Preston"}

// String is the name of the kind.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return fmt.Sprintf("Kind(%d)", k)
	}
	return kinds[k]
}

// ParseKind finds a kind by its name. ErrMethod lists those that exist.
func ParseKind(name string) (Kind, error) {
	for i, k := range kinds {
		if k == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("replicate: %q is not one of %v: %w", name, kinds, ErrMethod)
}

// Method says which replicates to make.
type Method struct {
	Kind Kind
	// Replicates is the number of draws of a bootstrap; the other kinds fix it themselves.
	Replicates int
	// Rho is the part of its weight that Fay's method leaves to the other PSU, at least 0 and below 1.
	Rho float64
	// Seed fixes the draws of a bootstrap: the same seed and design give the same replicates on any machine.
	Seed [2]uint64
	// Lonely is the rule for strata with a single PSU that is not all there is. The jackknife has every rule of
	// package estimate; the other kinds have LonelyFail and LonelyCertainty.
	Lonely estimate.Lonely
}

// Set is a set of replicate weights. It is immutable and may be used by several goroutines.
type Set struct {
	design *estimate.Design
	method Method
	base   []float64 // by row
	unit   []int32   // by row: unit of the table
	units  int
	table  table
	scale  float64
	each   []float64 // by replicate
	df     float64   // NaN: the rank of the weights decides
	full   bool
	adjust func(weight []float64) ([]float64, error)
}

// New makes replicates of a design. A calibration of the design is not replicated: see Reweighted.
//
// It returns ErrMethod or a *StratumError.
func New(d *estimate.Design, m Method) (*Set, error) {
	var s *Set
	var err error
	switch m.Kind {
	case JK1, JKn:
		s, err = dropOne(d, m)
	case BRR, Fay:
		s, err = halves(d, m)
	case RaoWu, Canty:
		s, err = bootstrap(d, m)
	case Preston:
		s, err = preston(d, m)
	default:
		err = fmt.Errorf("replicate: %s: %w", m.Kind, ErrMethod)
	}
	return s, err
}

// start is a set of one table over the units of a stage, not scaled yet.
func start(d *estimate.Design, m Method, stage estimate.Draw) *Set {
	s := &Set{design: d, method: m, base: make([]float64, d.Rows()), unit: stage.Unit, units: len(stage.Group), df: math.NaN()}
	for r := range s.base {
		s.base[r] = d.Weight(r)
	}
	return s
}

// hold puts in the table, with the same scale for every replicate.
func (s *Set) hold(t table, scale float64) *Set {
	s.table, s.scale = t, scale
	s.each = make([]float64, t.replicates())
	for r := range s.each {
		s.each[r] = 1
	}
	return s
}

// Len is the number of replicates.
func (s *Set) Len() int { return len(s.each) }

// Method is how the replicates were made; it holds the seed.
func (s *Set) Method() Method { return s.method }

// Design is the design behind the replicates.
func (s *Set) Design() *estimate.Design { return s.design }

// Scale is the factor before the sum of squares over all replicates.
func (s *Set) Scale() float64 { return s.scale }

// Each is the factor of the square of replicate r.
func (s *Set) Each(r int) float64 { return s.each[r] }

// About is the set with squares about the estimate of the full sample instead of the mean of the replicates. The former
// is never smaller; WesVar and Stata take it for the jackknife, R does not unless told (mse). Default: the mean.
func (s *Set) About(full bool) *Set {
	c := *s
	c.full = full
	return &c
}

// Scaled is the set with another overall scale, for replicates that come from elsewhere.
func (s *Set) Scaled(scale float64) *Set {
	c := *s
	c.scale = scale
	return &c
}

// Reweighted is the set with an adjustment, such as raking, repeated on the weights of every replicate and of the full
// sample, so that variances include it. adjust must not change what it is given, must be the same function of the
// weights at every call, and is called by several goroutines.
func (s *Set) Reweighted(adjust func(weight []float64) ([]float64, error)) (*Set, error) {
	c := *s
	c.adjust = adjust
	if before := s.adjust; before != nil {
		c.adjust = func(w []float64) ([]float64, error) {
			w, err := before(w)
			if err != nil {
				return nil, err
			}
			return adjust(w)
		}
	}
	if _, err := c.Weight(); err != nil {
		return nil, err
	}
	if s.method.Kind != JK1 && s.method.Kind != JKn {
		c.df = math.NaN()
	}
	return &c, nil
}

// Weight gives the weights of the full sample, one a row.
func (s *Set) Weight() ([]float64, error) {
	w := make([]float64, len(s.base))
	copy(w, s.base)
	if s.adjust == nil {
		return w, nil
	}
	w, err := s.adjust(w)
	if err != nil {
		return nil, fmt.Errorf("replicate: full sample: %w", err)
	}
	return w, nil
}

// Replicate gives the weights of replicate r, one a row: those of the full sample times the factor of the unit.
func (s *Set) Replicate(r int) ([]float64, error) {
	return s.weights(r, make([]float64, s.units))
}

// weights uses room for the factors of all units.
func (s *Set) weights(r int, room []float64) ([]float64, error) {
	s.table.factors(r, 0, room)
	w := make([]float64, len(s.base))
	for i, b := range s.base {
		w[i] = b * room[s.unit[i]]
	}
	if s.adjust == nil {
		return w, nil
	}
	w, err := s.adjust(w)
	if err != nil {
		return nil, fmt.Errorf("replicate: replicate %d: %w", r+1, err)
	}
	return w, nil
}

// firstRow finds a row of each group of a stage.
func firstRow(stage estimate.Draw) []int {
	row := make([]int, len(stage.Units))
	for g := range row {
		row[g] = -1
	}
	for r, u := range stage.Unit {
		if g := stage.Group[u]; row[g] < 0 {
			row[g] = r
		}
	}
	return row
}

// lonely says which groups of a stage show no spread because a single unit was drawn out of more, or refuses them.
func (m Method) lonely(stage estimate.Draw, rules ...estimate.Lonely) ([]bool, error) {
	alone := make([]bool, len(stage.Units))
	for g, n := range stage.Units {
		alone[g] = n == 1 && stage.Rate[g] < 1
		if !alone[g] {
			continue
		}
		ok := false
		for _, rule := range rules {
			ok = ok || m.Lonely == rule
		}
		if !ok {
			return nil, &StratumError{Kind: m.Kind, Row: firstRow(stage)[g], Units: 1}
		}
	}
	return alone, nil
}

// Dropped is the PSU, as design.Stage(0) numbers them, that replicate r of a jackknife leaves out.
func (s *Set) Dropped(r int) (psu int, ok bool) {
	t, ok := s.table.(*jackknife)
	if !ok {
		return 0, false
	}
	return int(t.drop[r]), true
}
