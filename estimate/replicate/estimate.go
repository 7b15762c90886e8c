package replicate

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"adili/estimate"
)

// Total estimates the population total of y in each domain, or of everyone when none is given. y has one value a row; NaN
// is a missing answer.
//
// All estimators return estimate.ErrLength, estimate.ErrValue or estimate.ErrDesign for input that does not fit, and the
// error of an adjustment that fails in a replicate. A domain without a valid answer has the value NaN.
func (s *Set) Total(y []float64, domains ...estimate.Domain) (*Result, error) {
	return s.ratios("total", one(y), nil, true, domains)
}

// Mean estimates the mean of y, Σwy/Σw over the people with an answer, in each domain. See Total.
func (s *Set) Mean(y []float64, domains ...estimate.Domain) (*Result, error) {
	return s.ratios("mean", one(y), nil, false, domains)
}

// Means estimates the means of many items in each domain; the domains of the first item come first. It is Mean for
// batches: the items share each pass over the replicates, and an item may be forgotten, or its slice used again, when the
// next one is asked for. Items that are all at hand are passed as slices.Values(items).
func (s *Set) Means(items iter.Seq[[]float64], domains ...estimate.Domain) (*Result, error) {
	return s.ratios("means", items, nil, false, domains)
}

// Ratio estimates total(num)/total(den) over people who have both, in each domain. See Total.
func (s *Set) Ratio(num, den []float64, domains ...estimate.Domain) (*Result, error) {
	if err := s.answers(den); err != nil {
		return nil, fmt.Errorf("replicate: ratio: denominator: %w", err)
	}
	return s.ratios("ratio", one(num), den, false, domains)
}

// Estimate gives any estimates that are a function of weights, such as quantiles or coefficients of a model: f is called
// with the weights of the full sample and of every replicate, and must return as many numbers each time, NaN where there
// is no estimate. It is called by several goroutines and must not change the weights.
func (s *Set) Estimate(f func(weight []float64) ([]float64, error)) (*Result, error) {
	w, err := s.Weight()
	if err != nil {
		return nil, err
	}
	value, err := f(w)
	if err != nil {
		return nil, fmt.Errorf("replicate: full sample: %w", err)
	}
	rep := make([][]float64, len(value))
	for i := range rep {
		rep[i] = make([]float64, s.Len())
	}
	err = s.weighted(func(r int, w []float64) error {
		values, err := f(w)
		if err != nil {
			return fmt.Errorf("replicate: replicate %d: %w", r+1, err)
		}
		if len(values) != len(rep) {
			return fmt.Errorf("replicate: replicate %d: %d estimates instead of %d: %w", r+1, len(values), len(rep), estimate.ErrLength)
		}
		for i, v := range values {
			rep[i][r] = v
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Result{set: s, value: slices.Clone(value), rep: rep}, nil
}

// weighted calls f with the weights of every replicate.
func (s *Set) weighted(f func(r int, w []float64) error) error {
	return parallel(s.Len(), func(r int) error {
		w, err := s.weights(r, make([]float64, s.units))
		if err != nil {
			return err
		}
		return f(r, w)
	})
}

func one(y []float64) iter.Seq[[]float64] { return slices.Values([][]float64{y}) }

// answers checks a column of answers.
func (s *Set) answers(y []float64) error {
	if len(y) != len(s.base) {
		return fmt.Errorf("%d values for %d rows: %w", len(y), len(s.base), estimate.ErrLength)
	}
	for i, v := range y {
		if !(math.Abs(v) <= 1e30) && !math.IsNaN(v) {
			return fmt.Errorf("row %d is %v: %w", i, v, estimate.ErrValue)
		}
	}
	return nil
}

// ratios runs one estimator over items and domains: num over den, over the weight of those with an answer (den nil), or
// over nothing (total).
func (s *Set) ratios(what string, items iter.Seq[[]float64], den []float64, total bool, domains []estimate.Domain) (*Result, error) {
	if len(domains) == 0 {
		domains = []estimate.Domain{s.design.Everyone()}
	}
	for _, d := range domains {
		if d.Design() != s.design {
			return nil, fmt.Errorf("replicate: %s: domain: %w", what, estimate.ErrDesign)
		}
	}
	b := newBatch(s, total)
	for num := range items {
		if err := s.answers(num); err != nil {
			return nil, fmt.Errorf("replicate: %s: %w", what, err)
		}
		for _, d := range domains {
			b.add(num, den, d.Rows())
		}
		if b.full() {
			if err := b.flush(); err != nil {
				return nil, err
			}
		}
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	return b.result, nil
}
