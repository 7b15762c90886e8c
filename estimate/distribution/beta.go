package distribution

import "math"

// Beta is the beta distribution on 0..1 with density proportional to
// x^(A-1) (1-x)^(B-1). Its quantiles are the limits of Clopper & Pearson and of
// Korn & Graubard for shares.
type Beta struct{ A, B float64 }

func (d Beta) valid() bool { return d.A > 0 && d.B > 0 && !math.IsInf(d.A, 1) && !math.IsInf(d.B, 1) }

// Lower is P(X <= x), the regularised incomplete beta function I_x(A, B).
func (d Beta) Lower(x float64) float64 {
	if !d.valid() || math.IsNaN(x) {
		return math.NaN()
	}
	x = math.Min(math.Max(x, 0), 1)
	return math.Exp(logIncompleteBeta(x, 1-x, d.A, d.B))
}

// Upper is P(X > x) = I_(1-x)(B, A).
func (d Beta) Upper(x float64) float64 {
	return Beta{d.B, d.A}.Lower(1 - x)
}

// Quantile is the x with Lower(x) = p.
func (d Beta) Quantile(p float64) float64 {
	if !d.valid() || !(p >= 0 && p <= 1) {
		return math.NaN()
	}
	return expit(d.logit(p, 1-p))
}

// UpperQuantile is the x with Upper(x) = q.
func (d Beta) UpperQuantile(q float64) float64 {
	if !d.valid() || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	return expit(d.logit(1-q, q))
}

// expit is 1/(1+e^-u), kept precise for large negative u.
func expit(u float64) float64 {
	if u < 0 {
		e := math.Exp(u)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-u))
}

// logit is log(x/(1-x)) of the x with lower tail p and upper tail q.
func (d Beta) logit(p, q float64) float64 {
	if p > q {
		return -Beta{d.B, d.A}.logit(q, p)
	}
	if p == 0 {
		return math.Inf(-1)
	}
	return solve(math.Log(p), math.Log(d.A/d.B), func(u float64) (float64, float64) {
		x, y := expit(u), expit(-u)
		l := logIncompleteBeta(x, y, d.A, d.B)
		if math.IsInf(l, -1) {
			// x is too small to be written; there the tail is x^a / (a B(a,b)).
			return logBetaFactor(1, 1, d.A, d.B) - math.Log(d.A) + d.A*u, d.A
		}
		return l, math.Exp(logBetaFactor(x, y, d.A, d.B) - l)
	})
}

// logBetaFactor is the logarithm of x^a y^b / B(a,b). The deviance form needs both powers; with x = y = 1 what is left is
// -log B(a,b).
func logBetaFactor(x, y, a, b float64) float64 {
	n := a + b
	if x == 1 && y == 1 {
		return logBetaFactor(a/n, b/n, a, b) - a*math.Log(a/n) - b*math.Log(b/n)
	}
	s := stirling(n) - stirling(a) - stirling(b) - deviance(a, n*x) - deviance(b, n*y)
	return s + 0.5*math.Log(a*b/(2*math.Pi*n))
}

// logIncompleteBeta is log I_x(a,b) with y = 1-x given apart, because one of the two is known to fewer digits than the other.
func logIncompleteBeta(x, y, a, b float64) float64 {
	switch {
	case x <= 0:
		return math.Inf(-1)
	case y <= 0:
		return 0
	case x > (a+1)/(a+b+2):
		return logComplement(logBetaFactor(x, y, a, b) + math.Log(betaFraction(y, x, b, a)))
	}
	return logBetaFactor(x, y, a, b) + math.Log(betaFraction(x, y, a, b))
}

// betaFraction is the integral of the beta density over its factor, as the continued fraction of A. R. DiDonato & A.
// H. Morris (ACM Transactions on Mathematical Software 18, 1992) by the method of Lentz. It is the even part of the
// usual fraction; with a - (a+b)x taken from whichever of x and y is smaller, nothing cancels. The number of steps
// grows like the square root of the larger parameter.
func betaFraction(x, y, a, b float64) float64 {
	gap := a - (a+b)*x
	if y < x {
		gap = (a+b)*y - b
	}
	f := a * (1 + gap) / (a + 1)
	c, d := f, 0.0
	for n := 1.0; n < 1e7; n++ {
		s := a + 2*n - 1
		alpha := (a + n - 1) / s * ((a + b + n - 1) / s) * (n * (b - n) * x) * x
		beta := n + n*(b-n)*x/s + (a+n)/(s+2)*(1+gap+n*(1+y))
		d = 1 / (beta + alpha*d)
		c = beta + alpha/c
		f *= c * d
		if math.Abs(c*d-1) < 2e-16 {
			break
		}
	}
	return 1 / f
}
