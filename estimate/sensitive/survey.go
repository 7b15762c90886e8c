package sensitive

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Estimated is a prevalence from survey data.
type Estimated struct {
	Lambda *estimate.Result // share of the recorded answer, with N, PSUs and Strata
	Result *estimate.Result // the prevalence, as estimated
}

// Truncated is the prevalence cut to 0..1, for a report that says so.
func (e Estimated) Truncated() float64 { return truncate(e.Result.At(0).Value) }

// Estimate estimates the prevalence in a domain: y has one value a row, 1 for the
// recorded answer, 0 for the other, NaN for none. The standard error is that of
// the share over |d|, from the design. ErrAnswer for another value; ErrEmpty if
// nobody in the domain answered.
func (t Technique) Estimate(d *estimate.Design, y []float64, domain estimate.Domain) (Estimated, error) {
	lambda, err := share(d, y, domain)
	if err != nil {
		return Estimated{}, fmt.Errorf("sensitive: %s: %w", t.Name, err)
	}
	z := lambda.z
	for k := range z {
		z[k] /= t.Slope
	}
	r, err := d.Linear([]float64{t.Prevalence(lambda.value())}, [][]float64{z})
	if err != nil {
		return Estimated{}, fmt.Errorf("sensitive: %s: %w", t.Name, err)
	}
	return Estimated{Lambda: lambda.result, Result: r}, nil
}

// estimatedShare is a share with its influence values, NaN outside.
type estimatedShare struct {
	result *estimate.Result
	z      []float64
}

func (s estimatedShare) value() float64 { return s.result.At(0).Value }

func share(d *estimate.Design, y []float64, domain estimate.Domain) (estimatedShare, error) {
	if len(y) != d.Rows() {
		return estimatedShare{}, fmt.Errorf("%d answers for %d rows: %w", len(y), d.Rows(), ErrLength)
	}
	in := domain.Has()
	for k, v := range y {
		if in[k] && v != 0 && v != 1 && !math.IsNaN(v) {
			return estimatedShare{}, fmt.Errorf("row %d: answer %v is neither 0 nor 1: %w", k+1, v, ErrAnswer)
		}
	}
	r, err := d.Mean(y, domain)
	if err != nil {
		return estimatedShare{}, err
	}
	e := r.At(0)
	if e.N == 0 {
		return estimatedShare{}, ErrEmpty
	}
	s := estimatedShare{result: r, z: make([]float64, len(y))}
	for k := range s.z {
		s.z[k] = math.NaN()
		if in[k] {
			s.z[k] = (y[k] - e.Value) / e.Population
		}
	}
	return s, nil
}

// Anchored is the result of a crosswise question with an anchor.
type Anchored struct {
	Estimated
	Anchor *estimate.Result // share of "the same" at the anchor question
	// Attentive is the share of people who read the question,
	// γ = (λ_a - 1/2)/(1/2 - p), and Corrected the prevalence among them, which
	// is taken for that of all,
	//
	//	π = ((λ - (1-γ)/2)/γ + p - 1)/(2p-1)
	//
	// with its variance by the delta method, covariance of both questions
	// included.
	Attentive, Corrected *estimate.Result
}

// Crosswise estimates the prevalence from a crosswise question with the share p
// of the harmless trait, and corrects it by an anchor: the same question on
// something that nobody does, with a harmless trait of the same share. Both
// columns hold 1 for "the same", 0 for "different", NaN for no answer
// (Atsusaka & Stevenson, Political Analysis 31, 2023). ErrInattention if the
// anchor was answered as if by chance or worse.
func Crosswise(d *estimate.Design, same, anchor []float64, p float64, domain estimate.Domain) (Anchored, error) {
	t, err := Same(p)
	if err != nil {
		return Anchored{}, err
	}
	plain, err := t.Estimate(d, same, domain)
	if err != nil {
		return Anchored{}, err
	}
	l, err := share(d, same, domain)
	if err != nil {
		return Anchored{}, fmt.Errorf("sensitive: crosswise: %w", err)
	}
	a, err := share(d, anchor, domain)
	if err != nil {
		return Anchored{}, fmt.Errorf("sensitive: crosswise: anchor: %w", err)
	}
	g := (a.value() - 0.5) / (0.5 - p)
	if !(g > 1e-9) {
		return Anchored{}, fmt.Errorf("sensitive: crosswise: attentive share %.3f: %w", g, ErrInattention)
	}
	// π = (λ - 1/2)/(γ(2p-1)) + 1/2, which is the formula of Anchored put in order.
	slope := 1 / (g * (2*p - 1))
	value := (l.value()-0.5)*slope + 0.5
	zg, z := make([]float64, len(same)), make([]float64, len(same))
	for k := range z {
		zg[k] = a.z[k] / (0.5 - p)
		z[k] = both(l.z[k]*slope, -zg[k]*(value-0.5)/g)
	}
	r, err := d.Linear([]float64{g, value}, [][]float64{zg, z})
	if err != nil {
		return Anchored{}, fmt.Errorf("sensitive: crosswise: %w", err)
	}
	out := Anchored{Estimated: plain, Anchor: a.result}
	if out.Attentive, err = r.Combine(1, 0); err != nil {
		return Anchored{}, err
	}
	if out.Corrected, err = r.Combine(0, 1); err != nil {
		return Anchored{}, err
	}
	return out, nil
}

// both adds two influences; a person who answered one of two questions takes
// part with that one.
func both(a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return a + b
}
