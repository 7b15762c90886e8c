package graded

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate/scale"
)

// Errors that the functions of this package wrap.
var (
	ErrQuadrature = errors.New("a quadrature needs 3 to 10,000 points between a lower and an upper end")
	ErrScale      = errors.New("a scaling constant is a positive number, 1 or 1.702")
	ErrConverge   = errors.New("the fit does not converge: look for items that hardly correlate with the others, or for categories that few people chose")
)

// Quadrature stands for the normal distribution of the trait: equally spaced points from Lo to Hi with weights in
// proportion to the normal density.
type Quadrature struct {
	Points int
	Lo, Hi float64
}

// Standard is 61 points from -6 to 6: the integral is then right to about 1e-9.
func Standard() Quadrature { return Quadrature{61, -6, 6} }

func (q Quadrature) grid() (theta, weight []float64, err error) {
	if q.Points < 3 || q.Points > 10000 || !(q.Hi > q.Lo) || math.IsInf(q.Hi-q.Lo, 0) {
		return nil, nil, fmt.Errorf("graded: %d points from %v to %v: %w", q.Points, q.Lo, q.Hi, ErrQuadrature)
	}
	var total float64
	for i := range q.Points {
		t := q.Lo + (q.Hi-q.Lo)*float64(i)/float64(q.Points-1)
		theta = append(theta, t)
		weight = append(weight, math.Exp(-t*t/2))
		total += weight[i]
	}
	for i := range weight {
		weight[i] /= total
	}
	return theta, weight, nil
}

// Options say how a model is fitted. The zero value is the default.
type Options struct {
	Quadrature Quadrature // none is Standard
	Scale      float64    // the constant D; none is 1
	// Stop ends the fit when the log-likelihood rises by less than this share of its size. Programs stop early: with 1e-9 the
	// parameters are still 1e-4 away from the maximum. None is to go on until no parameter moves by more than 1e-12.
	Stop float64
}

// Item is a fitted item.
type Item struct {
	Name           string
	Categories     []float64 // that were answered, ascending
	Discrimination float64   // a
	Intercept      []float64 // d_k, falling
	Difficulty     []float64 // b_k = -d_k/a: the trait at which half the people answer above category k
}

// Result is a fitted graded response model.
type Result struct {
	Items         []Item
	N             int // rows with an answer
	LogLikelihood float64
	Iterations    int
	// Trait has the expected trait of each row given its answers, in the order of the rows given, and Error the standard
	// deviation of the trait there. NaN for a row without an answer.
	Trait, Error []float64
}

// Fit fits Samejima's graded response model by marginal maximum likelihood. A person with the trait θ answers item j above
// its category k with probability
//
//	P(X_j > k) = 1 / (1 + exp(-D (a_j θ + d_jk)))     b_jk = -d_jk/a_j
//
// independently of the other items; θ is standard normal, integrated by a quadrature; D is a scaling constant, 1 for the
// logistic metric and 1.702 for one close to the normal ogive. The likelihood is maximised by the EM algorithm of Bock and
// Aitkin: the posterior of θ for each pattern of answers gives expected counts at each point, and Fisher scoring fits each
// item to them. By default it ends when no parameter moves by more than 1e-12 of its size.
//
// A missing answer takes no part in the likelihood (missing at random). The trait is turned so that the discriminations
// have a positive sum. The trait of a person is its posterior mean (EAP).
//
// One column an item. Source: Samejima, Psychometrika Monograph 17 (1969); Bock & Aitkin, Psychometrika 46 (1981);
// Baker & Kim, Item Response Theory, 2nd ed. (2004). Errors: ErrQuadrature, ErrScale, ErrConverge,
// scale.ErrConstant, scale.ErrCategories and those of [scale.NewAnswers].
func Fit(names []string, columns [][]float64, o Options) (*Result, error) {
	if o.Quadrature == (Quadrature{}) {
		o.Quadrature = Standard()
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	theta, weight, err := o.Quadrature.grid()
	if err != nil {
		return nil, err
	}
	if !(o.Scale > 0) || math.IsInf(o.Scale, 1) {
		return nil, fmt.Errorf("graded: scaling constant %v: %w", o.Scale, ErrScale)
	}
	if _, err := scale.NewAnswers(names, columns); err != nil {
		return nil, fmt.Errorf("graded: %w", err)
	}
	f := &fitting{theta: theta, weight: weight, d: o.Scale, stop: o.Stop}
	for j, col := range columns {
		i, err := newItem(names[j], col)
		if err != nil {
			return nil, fmt.Errorf("graded: %w", err)
		}
		f.items = append(f.items, i)
	}
	f.collect(columns)
	iterations, err := f.run()
	if err != nil {
		return nil, fmt.Errorf("graded: %w", err)
	}
	return f.result(iterations), nil
}

// result turns the trait and scores the rows.
func (f *fitting) result(iterations int) *Result {
	r := &Result{N: f.n, Iterations: iterations}
	var slopes float64
	for _, it := range f.items {
		slopes += it.param[0]
	}
	sign := math.Copysign(1, slopes)
	for _, it := range f.items {
		x := Item{Name: it.name, Categories: it.values, Discrimination: sign * it.param[0], Intercept: it.param[1:]}
		for _, d := range x.Intercept {
			x.Difficulty = append(x.Difficulty, -d/x.Discrimination)
		}
		r.Items = append(r.Items, x)
	}
	f.probabilities()
	post := make([]float64, len(f.theta))
	expected, spread := make([]float64, len(f.patterns)), make([]float64, len(f.patterns))
	for i, p := range f.patterns {
		r.LogLikelihood += p.count * math.Log(f.posterior(p, post))
		for q, x := range post {
			expected[i] += x * f.theta[q]
		}
		for q, x := range post {
			e := f.theta[q] - expected[i]
			spread[i] += x * e * e
		}
	}
	for _, p := range f.of {
		trait, sd := math.NaN(), math.NaN()
		if p >= 0 {
			trait, sd = sign*expected[p], math.Sqrt(spread[p])
		}
		r.Trait, r.Error = append(r.Trait, trait), append(r.Error, sd)
	}
	return r
}
