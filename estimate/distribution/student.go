package distribution

import "math"

// Student is Student's t distribution with DF degrees of freedom, which may be
// fractional, and infinite for the normal distribution.
type Student struct{ DF float64 }

// wide is the number of degrees of freedom from which expansions around the normal distribution are exact to the last digits.
const wide = 1e8

// Upper is P(T > t), for t > 0 half of I_x(DF/2, 1/2) at x = DF/(DF+t²).
func (d Student) Upper(t float64) float64 {
	switch {
	case !(d.DF > 0) || math.IsNaN(t):
		return math.NaN()
	case t < 0:
		return 1 - d.Upper(-t)
	case math.IsInf(d.DF, 1):
		return Normal{}.Upper(t)
	case d.DF > wide:
		// D. L. Wallace, Annals of Mathematical Statistics 30, 1959.
		n := d.DF
		return Normal{}.Upper((8*n + 1) / (8*n + 3) * math.Sqrt(n*math.Log1p(t*t/n)))
	}
	x, y := 1/(1+t*t/d.DF), 1/(1+d.DF/(t*t))
	return math.Exp(logIncompleteBeta(x, y, d.DF/2, 0.5)) / 2
}

// Lower is P(T <= t) = Upper(-t).
func (d Student) Lower(t float64) float64 { return d.Upper(-t) }

// TwoSided is P(|T| > |t|), the p-value of a t test.
func (d Student) TwoSided(t float64) float64 { return 2 * d.Upper(math.Abs(t)) }

// Quantile is the t with Lower(t) = p.
func (d Student) Quantile(p float64) float64 { return -d.UpperQuantile(p) }

// UpperQuantile is the t with Upper(t) = q.
func (d Student) UpperQuantile(q float64) float64 {
	switch {
	case !(d.DF > 0) || !(q >= 0 && q <= 1):
		return math.NaN()
	case q > 0.5:
		return -d.UpperQuantile(1 - q)
	case q == 0.5:
		return 0
	case q == 0:
		return math.Inf(1)
	case d.DF > wide:
		// R. A. Fisher & E. A. Cornish, Technometrics 2, 1960.
		z, n := Normal{}.UpperQuantile(q), d.DF
		zz := z * z
		return z + z*(zz+1)/(4*n) + z*((5*zz+16)*zz+3)/(96*n*n)
	}
	// t²/DF = y/x, so the logarithm of t is half the logit of y.
	return math.Sqrt(d.DF) * math.Exp(Beta{0.5, d.DF / 2}.logit(1-2*q, 2*q)/2)
}

// F is the F distribution with Num and Den degrees of freedom; Den may be
// infinite (a chi-square over its degrees of freedom).
type F struct{ Num, Den float64 }

// unbounded reports whether Den is infinite for all that float64 can tell.
func (d F) unbounded() bool { return d.Den > 1e14 }

func (d F) valid() bool { return d.Num > 0 && d.Den > 0 && !math.IsInf(d.Num, 1) }

// Upper is P(F > f) = I_x(Den/2, Num/2) at x = Den/(Den + Num f).
func (d F) Upper(f float64) float64 { return d.tail(f, true) }

// Lower is P(F <= f).
func (d F) Lower(f float64) float64 { return d.tail(f, false) }

func (d F) tail(f float64, upper bool) float64 {
	switch {
	case !d.valid() || math.IsNaN(f):
		return math.NaN()
	case d.unbounded() && upper:
		return ChiSquare{d.Num}.Upper(f * d.Num)
	case d.unbounded():
		return ChiSquare{d.Num}.Lower(f * d.Num)
	}
	r := math.Max(f, 0) * (d.Num / d.Den)
	x, y := 1/(1+r), 1/(1+1/r)
	if upper {
		return math.Exp(logIncompleteBeta(x, y, d.Den/2, d.Num/2))
	}
	return math.Exp(logIncompleteBeta(y, x, d.Num/2, d.Den/2))
}

// Quantile is the f with Lower(f) = p.
func (d F) Quantile(p float64) float64 { return d.quantile(p, 1-p) }

// UpperQuantile is the f with Upper(f) = q.
func (d F) UpperQuantile(q float64) float64 { return d.quantile(1-q, q) }

func (d F) quantile(p, q float64) float64 {
	switch {
	case !d.valid() || !(p >= 0 && q >= 0):
		return math.NaN()
	case d.unbounded():
		return ChiSquare{d.Num}.quantile(p, q) / d.Num
	}
	return d.Den / d.Num * math.Exp(Beta{d.Num / 2, d.Den / 2}.logit(p, q))
}
