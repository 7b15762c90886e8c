package factormodel

import (
	"math"

	"adili/estimate/distribution"
)

// Fit says how well a model fits. With X² = N F, its degrees of freedom df, G groups of together N rows, and X²_b, df_b
// those of the baseline model of uncorrelated items,
//
//	CFI     1 - max(X²-df, 0) / max(X²-df, X²_b-df_b, 0)                  0.95 and more is usually called good
//	TLI     (X²_b/df_b - X²/df) / (X²_b/df_b - 1)
//	RMSEA   √(G max(X²/N/df - 1/N, 0))                                    0.06 and less
//	SRMR    √ mean of ((s_ij - σ_ij)/√(s_ii s_jj))², over i <= j          0.08 and less
//
// With several groups the standardised differences of means join those of SRMR, which is averaged over the groups by their
// rows. The 90 % interval of RMSEA is made of the noncentral chi-square distributions that have X² at their 95 % and 5 %
// points. Programs that multiply by N-1 (LISREL, and lavaan with likelihood "wishart") have slightly smaller X².
//
// Source: Bentler, Psychological Bulletin 107 (1990); Tucker & Lewis, Psychometrika 38 (1973); Steiger,
// Structural Equation Modeling 5 (1998); Browne & Cudeck, Sociological Methods & Research 21 (1992).
type Fit struct {
	ChiSquare, DF, P        float64
	BaselineChi, BaseDF     float64
	CFI, TLI                float64
	RMSEA, RMSEALo, RMSEAHi float64
	SRMR                    float64
	LogLikelihood           float64
	Parameters              int
	AIC, BIC                float64 // -2 ln L + 2 q, -2 ln L + q ln N
}

func (m *fitting) judge() Fit {
	p, groups := float64(len(m.items)), float64(len(m.moments))
	f := Fit{Parameters: m.free}
	statistics := groups * p * (p + 1) / 2
	if m.means {
		statistics += groups * p
	}
	f.DF = statistics - float64(m.free)
	f.BaseDF = groups * p * (p - 1) / 2
	for g, mo := range m.moments {
		im, _ := m.imply(g)
		d := m.discrepancy(g, im)
		f.ChiSquare += mo.n * d
		f.LogLikelihood -= mo.n / 2 * (p*math.Log(2*math.Pi) + d + mo.logS + p)
		f.BaselineChi -= mo.n * mo.logS
		for i := range m.items {
			f.BaselineChi += mo.n * math.Log(mo.s.At(i, i))
		}
		f.SRMR += mo.share * m.srmr(mo, im)
	}
	f.ChiSquare = max(f.ChiSquare, 0)
	f.AIC = -2*f.LogLikelihood + 2*float64(m.free)
	f.BIC = -2*f.LogLikelihood + float64(m.free)*math.Log(m.total)
	f.relative()
	f.close(m.total, groups)
	return f
}

func (m *fitting) srmr(mo moments, im *implied) float64 {
	var s, n float64
	for i := range m.items {
		for j := range i + 1 {
			d := (mo.s.At(i, j) - im.sigma.At(i, j)) / math.Sqrt(mo.s.At(i, i)*mo.s.At(j, j))
			s += d * d
			n++
		}
		if m.means {
			s += im.deviation[i] * im.deviation[i] / mo.s.At(i, i)
			n++
		}
	}
	return math.Sqrt(s / n)
}

// relative compares the model with the baseline, and computes the p-value. A model without degrees of freedom fits exactly.
func (f *Fit) relative() {
	f.P, f.CFI, f.TLI = math.NaN(), 1, 1
	if f.DF == 0 {
		return
	}
	f.P = chiSquareTail(f.ChiSquare, f.DF)
	own, base := max(f.ChiSquare-f.DF, 0), max(f.BaselineChi-f.BaseDF, 0)
	if worst := max(own, base); worst > 0 {
		f.CFI = 1 - own/worst
	}
	f.TLI = (f.BaselineChi/f.BaseDF - f.ChiSquare/f.DF) / (f.BaselineChi/f.BaseDF - 1)
}

func chiSquareTail(x, df float64) float64 { return distribution.ChiSquare{DF: df}.Upper(x) }

// close computes RMSEA and its interval.
func (f *Fit) close(n, groups float64) {
	if f.DF == 0 {
		return
	}
	f.RMSEA = math.Sqrt(max(f.ChiSquare/n/f.DF-1/n, 0) * groups)
	f.RMSEALo = math.Sqrt(noncentrality(f.ChiSquare, f.DF, 0.95) * groups / (n * f.DF))
	f.RMSEAHi = math.Sqrt(noncentrality(f.ChiSquare, f.DF, 0.05) * groups / (n * f.DF))
}

// noncentrality is that of the noncentral chi-square distribution with probability p of at most x, or 0 if there is none.
func noncentrality(x, df, p float64) float64 {
	if noncentral(x, df, 0) <= p {
		return 0
	}
	lo, hi := 0.0, x+1
	for noncentral(x, df, hi) > p {
		lo, hi = hi, 2*hi
	}
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if noncentral(x, df, mid) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// noncentral is the probability that a noncentral chi-square variable is at most x: a Poisson mixture of central ones,
// summed from its largest weight outwards.
func noncentral(x, df, lambda float64) float64 {
	term := func(j float64) float64 {
		weight := 1.0
		if lambda > 0 {
			g, _ := math.Lgamma(j + 1)
			weight = math.Exp(j*math.Log(lambda/2) - lambda/2 - g)
		} else if j > 0 {
			weight = 0
		}
		return weight * distribution.ChiSquare{DF: df + 2*j}.Lower(x)
	}
	mode := math.Floor(lambda / 2)
	var s float64
	for j := mode; j >= 0; j-- {
		t := term(j)
		s += t
		if t < 1e-18*s {
			break
		}
	}
	// Past the mode, weights and probabilities fall.
	for j := mode + 1; ; j++ {
		t := term(j)
		s += t
		if t <= 1e-18*s {
			return s
		}
	}
}
