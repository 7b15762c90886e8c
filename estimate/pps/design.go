package pps

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
)

// Errors of samples; they are wrapped with the place of the fault.
var (
	// ErrProbability means an inclusion probability that is missing, not in 0..1, or not the same over a unit.
	ErrProbability = errors.New("inclusion probability not usable")
	// ErrJoint means joint probabilities that do not fit the sample.
	ErrJoint = errors.New("joint probabilities do not fit the sample")
)

// LonelyError is the refusal of a stratum in which one unit was drawn that was not certain to be.
type LonelyError struct {
	Stratum string
}

// Error names the stratum and the remedy.
func (e *LonelyError) Error() string {
	return fmt.Sprintf("pps: stratum %q has a single unit that was not certain to be drawn: merge it with a neighbour, or give joint probabilities", e.Stratum)
}

// Sample is what is known of the sample. Columns have one value a row.
type Sample struct {
	// Probability is the probability that the row's unit was drawn. Only WithReplacement does without.
	Probability []float64
	// Weight is the number of people a row stands for; nil: 1/Probability.
	Weight []float64
	// Unit is the label of the unit within its stratum; nil: every row is one.
	Unit []string
	// Stratum is the label of the stratum; nil: one.
	Stratum []string
}

// Form is one of two ways to estimate a variance from joint probabilities.
type Form uint8

const (
	// HorvitzThompson holds for any way of drawing.
	HorvitzThompson Form = iota
	// YatesGrundy is for samples of fixed size, and better there.
	YatesGrundy
)

type kind uint8

const (
	withReplacement kind = iota
	brewer
	overton
	hartleyRao
	joint
)

// Variance says how variances are estimated.
type Variance struct {
	kind  kind
	form  Form
	mean  float64 // Hartley-Rao: Q/n, NaN for the sample's
	joint [][]float64
}

// WithReplacement takes the units as drawn with replacement.
func WithReplacement() Variance { return Variance{kind: withReplacement} }

// Brewer is Brewer's approximation.
func Brewer() Variance { return Variance{kind: brewer} }

// Overton approximates the joint probabilities by Overton's formula.
func Overton(form Form) Variance { return Variance{kind: overton, form: form} }

// HartleyRao approximates the joint probabilities by the formula of Hartley and Rao. mean is Q/n, the sum of the squared
// probabilities of the population of a stratum over the number of units drawn from it, or NaN to have it estimated.
func HartleyRao(form Form, mean float64) Variance {
	return Variance{kind: hartleyRao, form: form, mean: mean}
}

// Joint takes joint probabilities as they are: p[i][j] for the units in the order in which the sample first has them, the
// probability of unit i itself at p[i][i]. They cover all strata.
func Joint(form Form, p [][]float64) Variance { return Variance{kind: joint, form: form, joint: p} }

// Design is a compiled sample. It is immutable and may be used by several goroutines.
type Design struct {
	inner    *estimate.Design // for values and domains
	variance Variance
	unit     []int32   // by row, numbered as the design does
	group    []int32   // by unit
	first    []int     // by group: its first unit; one more at the end
	p        []float64 // by unit
	place    []int     // by unit: row of the joint probabilities
}

// Compile checks a sample.
//
// It returns ErrProbability, ErrJoint, a *LonelyError, or the errors of estimate.Compile.
func Compile(s Sample, v Variance) (*Design, error) {
	w := s.Weight
	if w == nil {
		w = make([]float64, len(s.Probability))
		for i, p := range s.Probability {
			w[i] = 1 / p
		}
	}
	inner, err := estimate.Compile(estimate.Sample{
		Weight: w, Stages: []estimate.Stage{{Unit: s.Unit, Stratum: s.Stratum}}, Lonely: estimate.LonelyCertainty,
	})
	if err != nil {
		return nil, fmt.Errorf("pps: %w", err)
	}
	stage := inner.Stage(0)
	d := &Design{inner: inner, variance: v, unit: stage.Unit, group: stage.Group, first: []int{0}}
	for _, n := range stage.Units {
		d.first = append(d.first, d.first[len(d.first)-1]+n)
	}
	if err := d.probabilities(s); err != nil {
		return nil, err
	}
	if v.kind == joint {
		return d, d.checkJoint()
	}
	for g, n := range stage.Units {
		if n == 1 && !(d.p[d.first[g]] == 1) {
			return nil, &LonelyError{label(s.Stratum, d, g)}
		}
	}
	return d, nil
}

// label is the name of a stratum.
func label(stratum []string, d *Design, g int) string {
	if stratum == nil {
		return ""
	}
	for r, u := range d.unit {
		if int(d.group[u]) == g {
			return stratum[r]
		}
	}
	return ""
}

// probabilities takes the probability of every unit.
func (d *Design) probabilities(s Sample) error {
	d.p = make([]float64, len(d.group))
	d.place = make([]int, len(d.group))
	for u := range d.p {
		d.p[u], d.place[u] = math.NaN(), -1
	}
	if s.Probability == nil && d.variance.kind == withReplacement {
		s.Probability = make([]float64, len(d.unit)) // nobody is certain to be drawn
	} else if len(s.Probability) != len(d.unit) {
		return fmt.Errorf("pps: %d probabilities for %d rows: %w", len(s.Probability), len(d.unit), ErrProbability)
	}
	units := 0
	for r, u := range d.unit {
		p := s.Probability[r]
		if d.place[u] < 0 {
			d.place[u], d.p[u] = units, p
			units++
		}
		if d.p[u] != p {
			return fmt.Errorf("pps: row %d has probability %v, another row of its unit %v: %w", r, p, d.p[u], ErrProbability)
		}
		if d.variance.kind != withReplacement && !(p > 0 && p <= 1) {
			return fmt.Errorf("pps: row %d has probability %v: %w", r, p, ErrProbability)
		}
	}
	return nil
}

// checkJoint looks at the matrix of joint probabilities.
func (d *Design) checkJoint() error {
	m := d.variance.joint
	if len(m) != len(d.p) {
		return fmt.Errorf("pps: joint probabilities of %d units, the sample has %d: %w", len(m), len(d.p), ErrJoint)
	}
	for i, row := range m {
		if len(row) != len(m) {
			return fmt.Errorf("pps: joint probabilities: line %d has %d of %d numbers: %w", i+1, len(row), len(m), ErrJoint)
		}
		for j, p := range row {
			if !(p > 0 && p <= 1) || math.Abs(p-m[j][i]) > 1e-9*p {
				return fmt.Errorf("pps: joint probability of units %d and %d is %v one way and %v the other; it must be positive: %w", i+1, j+1, p, m[j][i], ErrJoint)
			}
		}
	}
	for u, p := range d.p {
		if q := m[d.place[u]][d.place[u]]; math.Abs(p-q) > 1e-6*p {
			return fmt.Errorf("pps: unit %d has probability %v in the sample and %v among the joint ones: %w", d.place[u]+1, p, q, ErrJoint)
		}
	}
	return nil
}

// Design is the sample as one with replacement; domains come from it.
func (d *Design) Design() *estimate.Design { return d.inner }
