package distribution

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Normal is the standard normal distribution.
type Normal struct{}

// Lower is P(Z <= z).
func (Normal) Lower(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// Upper is P(Z > z).
func (Normal) Upper(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }

// Density is e^(-z²/2) / sqrt(2π).
func (Normal) Density(z float64) float64 { return math.Exp(-z*z/2) / math.Sqrt(2*math.Pi) }

// Quantile is the z with Lower(z) = p.
func (Normal) Quantile(p float64) float64 {
	if !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	return mathext.NormalQuantile(p)
}

// UpperQuantile is the z with Upper(z) = q.
func (d Normal) UpperQuantile(q float64) float64 { return -d.Quantile(q) }

// ChiSquare is the chi-square distribution with DF degrees of freedom, which
// may be fractional.
type ChiSquare struct{ DF float64 }

func (d ChiSquare) valid() bool { return d.DF > 0 && !math.IsInf(d.DF, 1) }

// Lower is P(X <= x), the regularised incomplete gamma function P(DF/2, x/2).
func (d ChiSquare) Lower(x float64) float64 {
	if !d.valid() || math.IsNaN(x) {
		return math.NaN()
	}
	lower, _ := logIncompleteGamma(d.DF/2, x/2)
	return math.Exp(lower)
}

// Upper is P(X > x) = Q(DF/2, x/2).
func (d ChiSquare) Upper(x float64) float64 {
	if !d.valid() || math.IsNaN(x) {
		return math.NaN()
	}
	_, upper := logIncompleteGamma(d.DF/2, x/2)
	return math.Exp(upper)
}

// Quantile is the x with Lower(x) = p.
func (d ChiSquare) Quantile(p float64) float64 { return d.quantile(p, 1-p) }

// UpperQuantile is the x with Upper(x) = q.
func (d ChiSquare) UpperQuantile(q float64) float64 { return d.quantile(1-q, q) }

func (d ChiSquare) quantile(p, q float64) float64 {
	a := d.DF / 2
	switch {
	case !d.valid() || !(p >= 0 && q >= 0):
		return math.NaN()
	case p == 0:
		return 0
	case q == 0:
		return math.Inf(1)
	case p > q:
		// The negative of the upper tail increases.
		u := solve(-math.Log(q), math.Log(a), func(u float64) (float64, float64) {
			x := math.Exp(u)
			_, upper := logIncompleteGamma(a, x)
			return -upper, math.Exp(logPoisson(a, x) + math.Log(a) - upper)
		})
		return 2 * math.Exp(u)
	}
	g, _ := math.Lgamma(a + 1)
	u := solve(math.Log(p), math.Log(a), func(u float64) (float64, float64) {
		x := math.Exp(u)
		lower, _ := logIncompleteGamma(a, x)
		if math.IsInf(lower, -1) {
			return a*u - g, a // x too small to be written: the tail is x^a / Γ(a+1)
		}
		return lower, math.Exp(logPoisson(a, x) + math.Log(a) - lower)
	})
	return 2 * math.Exp(u)
}

// logPoisson is the logarithm of x^a e^-x / Γ(a+1).
func logPoisson(a, x float64) float64 {
	return -stirling(a) - deviance(a, x) - 0.5*math.Log(2*math.Pi*a)
}

// logIncompleteGamma is the logarithms of P(a,x) and Q(a,x): the series DLMF 8.11.4 below x = a+1, the continued
// fraction 8.9.2 above.
func logIncompleteGamma(a, x float64) (lower, upper float64) {
	switch {
	case x <= 0:
		return math.Inf(-1), 0
	case math.IsInf(x, 1):
		return 0, math.Inf(-1)
	case x < a+1:
		sum, term := 1.0, 1.0
		for k := 1.0; term > 1e-17*sum; k++ {
			term *= x / (a + k)
			sum += term
		}
		lower = math.Min(logPoisson(a, x)+math.Log(sum), 0)
		return lower, logComplement(lower)
	}
	b := x + 1 - a
	c, d := math.Inf(1), 1/b
	f := d
	for k := 1.0; k < 1e7; k++ {
		step := -k * (k - a)
		b += 2
		d = 1 / (b + step*d)
		c = b + step/c
		f *= d * c
		if math.Abs(d*c-1) < 2e-16 {
			break
		}
	}
	upper = math.Min(logPoisson(a, x)+math.Log(a)+math.Log(f), 0)
	return logComplement(upper), upper
}
