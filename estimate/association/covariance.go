package association

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
)

// ErrLength means columns of different lengths.
var ErrLength = errors.New("columns differ in length")

// Variance estimates the variance of y among the people of each domain, or of
// everyone. It is Covariance of y with itself.
func Variance(d *estimate.Design, y []float64, domains ...estimate.Domain) (*estimate.Result, error) {
	return Covariance(d, y, y, domains...)
}

// Covariance estimates the covariance of x and y among the people of each
// domain, or of everyone, who have both:
//
//	c = n/(n-1) Σ w (x - x̄)(y - ȳ) / Σ w
//	z = (n/(n-1) (x - x̄)(y - ȳ) - c) / Σ w
//
// The means add nothing to z, for the derivative of c by them is 0 (R's svyvar;
// its version 4.1 counts people without an answer in n, 4.5 and this package do
// not). NaN with a single answer. Errors are those of estimate.Design.Mean.
func Covariance(d *estimate.Design, x, y []float64, domains ...estimate.Domain) (*estimate.Result, error) {
	if len(x) != len(y) {
		return nil, fmt.Errorf("association: %d and %d values: %w", len(x), len(y), ErrLength)
	}
	if len(domains) == 0 {
		domains = []estimate.Domain{d.Everyone()}
	}
	both := complete(x, y)
	parts := make([]*estimate.Result, len(domains))
	for i, domain := range domains {
		means, err := d.Mean(masked(x, both), domain)
		if err != nil {
			return nil, fmt.Errorf("association: covariance: %w", err)
		}
		others, err := d.Mean(masked(y, both), domain)
		if err != nil {
			return nil, fmt.Errorf("association: covariance: %w", err)
		}
		n := float64(means.At(0).N)
		products := make([]float64, len(x))
		for row := range products {
			products[row] = math.NaN()
			if both[row] && n > 1 {
				products[row] = float64(x[row]-means.At(0).Value) * (y[row] - others.At(0).Value) * (n / (n - 1))
			}
		}
		if parts[i], err = d.Mean(products, domain); err != nil {
			return nil, fmt.Errorf("association: covariance: %w", err)
		}
	}
	return estimate.Join(parts...)
}

// Matrix is the covariances of several columns among the people of a domain who
// have all of them: estimate i k + j of the result, of k columns, is the
// covariance of columns i and j.
func Matrix(d *estimate.Design, columns [][]float64, domain estimate.Domain) (*estimate.Result, error) {
	all := complete(columns...)
	for _, c := range columns {
		if len(c) != len(all) {
			return nil, fmt.Errorf("association: matrix: %d and %d values: %w", len(c), len(all), ErrLength)
		}
	}
	var parts []*estimate.Result
	for i := range columns {
		for j := range columns {
			if j < i { // it is there already
				parts = append(parts, parts[j*len(columns)+i])
				continue
			}
			r, err := Covariance(d, masked(columns[i], all), masked(columns[j], all), domain)
			if err != nil {
				return nil, err
			}
			parts = append(parts, r)
		}
	}
	return estimate.Join(parts...)
}

// Correlation estimates the correlation of x and y among the people of a domain
// who have both, r = c_xy / √(c_xx c_yy), with the influence values of the
// delta method. It is estimate.ErrValue where one of them does not vary.
func Correlation(d *estimate.Design, x, y []float64, domain estimate.Domain) (*estimate.Result, error) {
	m, err := Matrix(d, [][]float64{x, y}, domain)
	if err != nil {
		return nil, err
	}
	r, err := m.Function(func(c []float64) float64 { return c[1] / math.Sqrt(c[0]*c[3]) })
	if err != nil {
		return nil, fmt.Errorf("association: correlation: %w", err)
	}
	return r, nil
}

// complete says which rows have all columns.
func complete(columns ...[]float64) []bool {
	if len(columns) == 0 {
		return nil
	}
	all := make([]bool, len(columns[0]))
	for row := range all {
		all[row] = true
		for _, c := range columns {
			all[row] = all[row] && row < len(c) && !math.IsNaN(c[row])
		}
	}
	return all
}

// masked is a column that is missing where keep is false.
func masked(x []float64, keep []bool) []float64 {
	m := make([]float64, len(x))
	for row, v := range x {
		m[row] = math.NaN()
		if keep[row] {
			m[row] = v
		}
	}
	return m
}
