// Package standard compares domains and rounds at equal composition: direct
// standardisation.
//
// # The idea
//
// Women may score lower than men because they do, or because they are younger
// and the young score lower. The mean that each domain would have if its people
// were spread over some levels (of age, grade, region) as a standard population
// is takes the second reason out:
//
//	m* = Σ_a π_a m_a      z = Σ_a π_a z_a
//
// with m_a the mean of the domain's people in level a, z_a its influence values
// and π_a the share of level a in the standard population (Lumley, Complex
// Surveys, 2010; Klein & Schoenborn, Healthy People Statistical Notes 20,
// 2001, for the practice of the United States National Center for Health
// Statistics). The standard is fixed, so it adds nothing to the variance. Any
// standard will do for a comparison, as long as it is one and the same.
//
// R's svystandardize gives the same numbers. Where a domain has nobody in a
// level it quietly rescales the others, so that the domain is compared at
// another composition; here that is an error.
package standard

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
)

// ErrCell means a domain without a valid answer in a level of the standard
// population. Merge the level with a neighbour, in all domains.
var ErrCell = errors.New("no valid answer in a level")

// Means are the standardised means of y in domains, or of everyone when none is
// given, as a result with covariances, in units of y. level is the level of each
// row from 0; other codes take no part. share has the people of the standard
// population in each level, as counts or shares. Errors are ErrCell,
// estimate.ErrLength, estimate.ErrValue for shares that are negative or all 0,
// and those of estimate.Design.Mean.
func Means(d *estimate.Design, y []float64, level []int, share []float64, domains ...estimate.Domain) (*estimate.Result, error) {
	if len(level) != d.Rows() {
		return nil, fmt.Errorf("standard: %d levels for %d rows: %w", len(level), d.Rows(), estimate.ErrLength)
	}
	coef, err := fractions(share)
	if err != nil {
		return nil, err
	}
	if len(domains) == 0 {
		domains = []estimate.Domain{d.Everyone()}
	}
	parts := make([]*estimate.Result, len(domains))
	for i, domain := range domains {
		if domain.Design() != d {
			return nil, fmt.Errorf("standard: domain: %w", estimate.ErrDesign)
		}
		code := make([]int, len(level))
		for row := range code {
			code[row] = -1
		}
		for _, row := range domain.Rows() {
			code[row] = level[row]
		}
		cells, err := d.Groups(code, len(share))
		if err != nil {
			return nil, fmt.Errorf("standard: %w", err)
		}
		means, err := d.Mean(y, cells...)
		if err != nil {
			return nil, fmt.Errorf("standard: %w", err)
		}
		for a, c := range coef {
			if c > 0 && math.IsNaN(means.At(a).Value) {
				return nil, fmt.Errorf("standard: domain %d, level %d: %w", i+1, a+1, ErrCell)
			}
		}
		if parts[i], err = means.Combine(coef...); err != nil {
			return nil, fmt.Errorf("standard: %w", err)
		}
	}
	return estimate.Join(parts...)
}

// fractions are shares that add to 1.
func fractions(share []float64) ([]float64, error) {
	all := 0.0
	for _, s := range share {
		if !(s >= 0) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("standard: a share of %v: %w", s, estimate.ErrValue)
		}
		all += s
	}
	if !(all > 0) {
		return nil, fmt.Errorf("standard: the shares add to %v: %w", all, estimate.ErrValue)
	}
	parts := make([]float64, len(share))
	for a, s := range share {
		parts[a] = s / all
	}
	return parts, nil
}
