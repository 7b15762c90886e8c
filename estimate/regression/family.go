package regression

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate/distribution"
)

// ErrModel means a model that cannot be fitted. The error names the variable.
var ErrModel = errors.New("the model cannot be fitted")

// Family says how the variance of y goes with its mean.
type Family uint8

const (
	// Gaussian has the same variance everywhere.
	Gaussian Family = iota
	// Binomial is for answers between 0 and 1: variance μ(1-μ).
	Binomial
	// Poisson is for counts: variance μ.
	Poisson
)

// Link is the function of the mean that is linear in the variables.
type Link uint8

// The links. Cloglog is log(-log(1-μ)).
const (
	Canonical Link = iota // identity, logit and log for the three families
	Identity
	Logit
	LogLink
	Probit
	Cloglog
	Cauchit
	Inverse
	Root
)

func (f Family) variance(mu float64) float64 {
	switch f {
	case Binomial:
		return mu * (1 - mu)
	case Poisson:
		return mu
	}
	return 1
}

// holds reports whether mu is a mean the family can have.
func (f Family) holds(mu float64) bool {
	switch f {
	case Binomial:
		return mu > 0 && mu < 1
	case Poisson:
		return mu > 0 && !math.IsInf(mu, 1)
	}
	return !math.IsNaN(mu) && !math.IsInf(mu, 0)
}

// check refuses an answer the family does not know.
func (f Family) check(y float64) error {
	if f == Binomial && !(y >= 0 && y <= 1) || f == Poisson && !(y >= 0) || math.IsInf(y, 0) {
		return fmt.Errorf("y is %v, out of range for the family: %w", y, ErrModel)
	}
	return nil
}

// first is the mean an iteration starts from for one answer: the answer itself, pulled away from where a link has no value.
func (f Family) first(y, weight float64) float64 {
	switch f {
	case Binomial:
		return (weight*y + 0.5) / (weight + 1)
	case Poisson:
		return y + 0.1
	}
	return y
}

// deviance is how far y is from its mean, as the iteration measures it.
func (f Family) deviance(y, mu float64) float64 {
	part := func(y, mu float64) float64 {
		if y == 0 {
			return 0
		}
		return y * math.Log(y/mu)
	}
	switch f {
	case Binomial:
		return 2 * (part(y, mu) + part(1-y, 1-mu))
	case Poisson:
		return 2 * (part(y, mu) - (y - mu))
	}
	return (y - mu) * (y - mu)
}

func (f Family) canonical() Link {
	return [...]Link{Gaussian: Identity, Binomial: Logit, Poisson: LogLink}[f]
}

// of is g(mu).
func (l Link) of(mu float64) float64 {
	switch l {
	case Logit:
		return math.Log(mu / (1 - mu))
	case LogLink:
		return math.Log(mu)
	case Probit:
		return distribution.Normal{}.Quantile(mu)
	case Cloglog:
		return math.Log(-math.Log1p(-mu))
	case Cauchit:
		return math.Tan(math.Pi * (mu - 0.5))
	case Inverse:
		return 1 / mu
	case Root:
		return math.Sqrt(mu)
	}
	return mu
}

// mean is the mean at a linear predictor, and its derivative.
func (l Link) mean(eta float64) (mu, slope float64) {
	switch l {
	case Logit:
		e := math.Exp(-math.Abs(eta))
		mu = e / (1 + e)
		if eta > 0 {
			mu = 1 / (1 + e)
		}
		return mu, e / ((1 + e) * (1 + e))
	case LogLink:
		mu = math.Exp(eta)
		return mu, mu
	case Probit:
		return distribution.Normal{}.Lower(eta), distribution.Normal{}.Density(eta)
	case Cloglog:
		e := math.Exp(eta)
		return -math.Expm1(-e), e * math.Exp(-e)
	case Cauchit:
		return 0.5 + math.Atan(eta)/math.Pi, 1 / (math.Pi * (1 + eta*eta))
	case Inverse:
		return 1 / eta, -1 / (eta * eta)
	case Root:
		return eta * eta, 2 * eta
	}
	return eta, 1
}
