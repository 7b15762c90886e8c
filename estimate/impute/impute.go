package impute

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
)

// Errors of Pool, wrapped with the place of the fault; use errors.Is.
var (
	// ErrFew means fewer than two imputations: what the missing answers cost
	// cannot be seen from one.
	ErrFew = errors.New("at least two imputations are needed")
	// ErrValue means an estimate or variance that is missing, not finite or
	// negative.
	ErrValue = errors.New("estimate or variance missing, negative or not finite")
	// ErrLength means results of different lengths.
	ErrLength = errors.New("results differ in length")
)

// Pooled is an estimate from multiply imputed data.
type Pooled struct {
	Value      float64   // Q̄
	Within     float64   // Ū
	Between    float64   // B
	Total      float64   // T, the variance
	SE         float64   // √T
	Increase   float64   // r, relative increase of the variance by missing answers
	Lambda     float64   // λ, share of the variance that is due to them
	Missing    float64   // fraction of missing information
	DF         float64   // of Barnard and Rubin
	RubinDF    float64   // ν_m, for complete data without end
	CompleteDF float64   // ν
	Values     []float64 // Q_i
	Variances  []float64 // U_i
}

// Pool combines the estimates of one quantity and their variances, one an
// imputation, by Rubin's rules. complete is the degrees of freedom that the
// estimate has when nothing is missing, +Inf for a large sample of persons. When
// all imputations agree the result is that of complete data with ν_obs, and
// RubinDF is +Inf.
func Pool(value, variance []float64, complete float64) (Pooled, error) {
	if len(value) != len(variance) {
		return Pooled{}, fmt.Errorf("impute: pool: %d estimates, %d variances: %w", len(value), len(variance), ErrLength)
	}
	if len(value) < 2 {
		return Pooled{}, fmt.Errorf("impute: pool: %d imputations: %w", len(value), ErrFew)
	}
	if !(complete > 0) {
		return Pooled{}, fmt.Errorf("impute: pool: %v degrees of freedom: %w", complete, ErrValue)
	}
	m := float64(len(value))
	p := Pooled{CompleteDF: complete, Values: value, Variances: variance}
	for i, q := range value {
		if u := variance[i]; math.IsNaN(q) || math.IsInf(q, 0) || !(u >= 0) || math.IsInf(u, 1) {
			return Pooled{}, fmt.Errorf("impute: pool: imputation %d: estimate %v, variance %v: %w", i+1, q, u, ErrValue)
		}
		p.Value += q / m
		p.Within += variance[i] / m
	}
	for _, q := range value {
		p.Between += (q - p.Value) * (q - p.Value) / (m - 1)
	}
	extra := (1 + 1/m) * p.Between
	p.Total = p.Within + extra
	p.SE = math.Sqrt(p.Total)
	p.Increase = extra / p.Within
	if p.Total > 0 {
		p.Lambda = extra / p.Total
	} else {
		p.Increase = 0
	}
	p.freedom(m)
	p.Missing = 1
	if !math.IsInf(p.Increase, 1) {
		p.Missing = (p.Increase + 2/(p.DF+3)) / (p.Increase + 1)
	}
	return p, nil
}

// freedom sets the degrees of freedom for m imputations.
func (p *Pooled) freedom(m float64) {
	p.RubinDF = (m - 1) * (1 + 1/p.Increase) * (1 + 1/p.Increase)
	observed := p.CompleteDF * (1 - p.Lambda)
	if !math.IsInf(p.CompleteDF, 1) {
		observed *= (p.CompleteDF + 1) / (p.CompleteDF + 3)
	}
	switch {
	case math.IsInf(p.RubinDF, 1):
		p.DF = observed
	case math.IsInf(observed, 1):
		p.DF = p.RubinDF
	case observed == 0 || p.RubinDF == 0:
		p.DF = 0
	default:
		p.DF = 1 / (1/p.RubinDF + 1/observed)
	}
}

// Interval is the t interval at a two-sided level such as 0.95.
func (p Pooled) Interval(level float64) estimate.Interval {
	return estimate.StudentInterval(p.Value, p.SE, p.DF, level)
}

// P is the two-sided p-value of "it is 0".
func (p Pooled) P() float64 {
	if p.SE == 0 && p.Value == 0 {
		return 1
	}
	return estimate.PValue(p.Value/p.SE, p.DF)
}

// PoolResults combines estimate i of several results, one an imputation, taking
// the degrees of freedom of the first as those of complete data: completed data
// have an answer from everybody who was asked.
func PoolResults(i int, results ...*estimate.Result) (Pooled, error) {
	var value, variance []float64
	for k, r := range results {
		if i < 0 || i >= r.Len() {
			return Pooled{}, fmt.Errorf("impute: pool: imputation %d has no estimate %d: %w", k+1, i, ErrLength)
		}
		value, variance = append(value, r.At(i).Value), append(variance, r.Variance(i))
	}
	if len(results) == 0 {
		return Pooled{}, fmt.Errorf("impute: pool: %w", ErrFew)
	}
	return Pool(value, variance, results[0].DF(i))
}
