package sensitive

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Errors of this package, wrapped with the place of the fault; use errors.Is.
var (
	// ErrParameter means a chance that is not between 0 and 1, or a technique
	// whose answer would not depend on the trait.
	ErrParameter = errors.New("parameter out of range")
	// ErrAnswer means a recorded answer that the technique does not have.
	ErrAnswer = errors.New("answer out of range")
	// ErrEmpty means that there are no answers to estimate from.
	ErrEmpty = errors.New("no answers")
	// ErrLength means columns of different lengths.
	ErrLength = errors.New("columns differ in length")
	// ErrInattention means that the anchor question was answered no better than
	// by chance, so that nothing can be corrected.
	ErrInattention = errors.New("the anchor question was answered as if by chance")
)

// Technique is a way to ask: the chance of the recorded answer is Intercept for
// people without the trait, and Intercept + Slope for people with it.
type Technique struct {
	Name             string
	Intercept, Slope float64
}

// Direct is the plain question: λ = π.
func Direct() Technique { return Technique{"direct", 0, 1} }

// Warner asks with chance p whether the sensitive statement is true, and else
// whether its opposite is (Warner 1965). p is not 1/2.
func Warner(p float64) (Technique, error) {
	return technique("Warner", 1-p, 2*p-1, p)
}

// Forced asks the question with chance truth and makes the respondent say yes
// with chance yes, no with the rest (Boruch 1971; Fox & Tracy 1986): with a die,
// where 1 forces yes and 6 forces no, yes is 1/6 and truth 4/6.
func Forced(yes, truth float64) (Technique, error) {
	return technique("forced answer", yes, truth, yes, truth, yes+truth)
}

// Unrelated asks with chance p the sensitive question and else a harmless one
// that a share other of the population would say yes to (Greenberg et al. 1969).
func Unrelated(p, other float64) (Technique, error) {
	return technique("unrelated question", (1-p)*other, p, p, other)
}

// Kuk lets people with the trait draw a card from a pack with a share theta1 of
// red cards, the others from one with theta2; the colour is reported (Kuk 1990).
func Kuk(theta1, theta2 float64) (Technique, error) {
	return technique("Kuk", theta2, theta1-theta2, theta1, theta2)
}

// Same is the crosswise question: are the answers to the sensitive question and
// to a harmless one, which a share p says yes to, the same (Yu, Tian & Tang
// 2008)? p is not 1/2. The recorded answer is "the same".
func Same(p float64) (Technique, error) {
	return technique("crosswise", 1-p, 2*p-1, p)
}

// Triangular is the question whether neither the sensitive nor a harmless
// statement, which is true for a share p, is true (Yu, Tian & Tang 2008). The
// recorded answer is "neither", which admits to nothing.
func Triangular(p float64) (Technique, error) {
	return technique("triangular", 1-p, p-1, p)
}

func technique(name string, intercept, slope float64, chances ...float64) (Technique, error) {
	for _, p := range chances {
		if !(p >= 0 && p <= 1+1e-12) {
			return Technique{}, fmt.Errorf("sensitive: %s: chance %v: %w", name, p, ErrParameter)
		}
	}
	if math.Abs(slope) < 1e-9 {
		return Technique{}, fmt.Errorf("sensitive: %s: the answer does not depend on the trait: %w", name, ErrParameter)
	}
	return Technique{name, intercept, slope}, nil
}

// Prevalence is the prevalence (λ-c)/d that belongs to a chance of the answer.
func (t Technique) Prevalence(lambda float64) float64 { return (lambda - t.Intercept) / t.Slope }

// Chance is the chance c + dπ of the recorded answer at a prevalence.
func (t Technique) Chance(prevalence float64) float64 {
	return t.Intercept + float64(t.Slope*prevalence)
}

// UnitVariance is n times the variance of the estimate, λ(1-λ)/d², for n people
// drawn singly: what techniques are compared by before the survey.
func (t Technique) UnitVariance(prevalence float64) float64 {
	l := t.Chance(prevalence)
	return l * (1 - l) / (t.Slope * t.Slope)
}

// ListUnitVariance is n times the variance of a list experiment,
//
//	V/(1-s) + (V + π(1-π))/s
//
// with V the variance of the count of harmless statements and s the share of
// people who get the longer list; the trait is taken as independent of the
// count.
func ListUnitVariance(prevalence, control, share float64) float64 {
	return control/(1-share) + (control+prevalence*(1-prevalence))/share
}

// Privacy is ε, the logarithm of the largest factor by which an answer changes
// the odds that the respondent has the trait: local differential privacy (Warner
// 1965 in substance). It is infinite where one of the answers gives her away.
func (t Technique) Privacy() float64 {
	with, without := t.Intercept+t.Slope, t.Intercept
	ratio := math.Max(odds(with, without), odds(1-with, 1-without))
	return math.Log(ratio)
}

// odds is the larger of a/b and b/a; chances that are 0 but for rounding count
// as 0.
func odds(a, b float64) float64 {
	a, b = math.Max(a, b), math.Min(a, b)
	switch {
	case a < 1e-12:
		return 1
	case b < 1e-12:
		return math.Inf(1)
	}
	return a / b
}

// Counted is a prevalence from a count of answers of people drawn singly with
// the same chance from a large population.
type Counted struct {
	N         int
	Lambda    float64 // share of the recorded answer
	Value     float64 // prevalence, as estimated
	Truncated float64 // prevalence, cut to 0..1
	Variance  float64 // λ(1-λ)/((n-1)d²), unbiased
	VarianceN float64 // λ(1-λ)/(n d²), maximum likelihood
	SE        float64 // root of Variance
}

// Count estimates the prevalence from yes recorded answers among n. ErrAnswer if
// yes is negative or above n, ErrEmpty if n is 0. With one answer the variance
// is NaN.
func (t Technique) Count(yes, n int) (Counted, error) {
	if n <= 0 {
		return Counted{}, fmt.Errorf("sensitive: %s: %d people: %w", t.Name, n, ErrEmpty)
	}
	if yes < 0 || yes > n {
		return Counted{}, fmt.Errorf("sensitive: %s: %d of %d: %w", t.Name, yes, n, ErrAnswer)
	}
	c := Counted{N: n, Lambda: float64(yes) / float64(n)}
	c.Value = t.Prevalence(c.Lambda)
	c.Truncated = truncate(c.Value)
	v := c.Lambda * (1 - c.Lambda) / (t.Slope * t.Slope)
	c.VarianceN = v / float64(n)
	c.Variance = math.NaN()
	if n > 1 {
		c.Variance = v / float64(n-1)
	}
	c.SE = math.Sqrt(c.Variance)
	return c, nil
}

// Interval is the Wald interval with the normal quantile of a two-sided level.
// It may reach beyond 0 and 1. Where everybody or nobody gave the recorded
// answer the standard error is 0 and the interval is of no use: Exact is then.
func (c Counted) Interval(level float64) (lower, upper float64) {
	z := distuv.UnitNormal.Quantile(0.5 + level/2)
	return c.Value - z*c.SE, c.Value + z*c.SE
}

// Exact is the interval of Clopper & Pearson (Biometrika 26, 1934) for the share
// of the recorded answer, taken to the scale of the prevalence. It is not cut to
// 0..1: one that lies outside says that the technique was not followed.
func (t Technique) Exact(yes, n int, level float64) (lower, upper float64, err error) {
	if _, err := t.Count(yes, n); err != nil {
		return 0, 0, err
	}
	low, high := 0.0, 1.0
	if yes > 0 {
		low = distuv.Beta{Alpha: float64(yes), Beta: float64(n - yes + 1)}.Quantile((1 - level) / 2)
	}
	if yes < n {
		high = distuv.Beta{Alpha: float64(yes + 1), Beta: float64(n - yes)}.Quantile((1 + level) / 2)
	}
	a, b := t.Prevalence(low), t.Prevalence(high)
	return math.Min(a, b), math.Max(a, b), nil
}

// truncate cuts to 0..1; NaN stays.
func truncate(p float64) float64 {
	if math.IsNaN(p) {
		return p
	}
	return math.Max(0, math.Min(1, p))
}
