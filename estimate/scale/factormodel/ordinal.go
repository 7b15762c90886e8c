package factormodel

import (
	"fmt"
	"math"

	"adili/estimate/distribution"
	"adili/estimate/scale"

	"gonum.org/v1/gonum/mat"
)

// Ordinal is a one-factor model of ordered items.
type Ordinal struct {
	Polychorics *scale.Polychorics
	Loadings    []float64 // by item: correlations of the normal variable behind an item with the factor
	SE          []float64 // of the loadings, robust
	// The same model as a normal-ogive graded response model: P(answer above category c) = Φ(a(θ - b_c)).
	Discrimination []float64
	Difficulty     [][]float64
	Alpha          float64 // ordinal alpha, of the polychoric correlations
	Omega          float64 // categorical omega: of the sum of the answers as given
	Iterations     int
}

// OrdinalOneFactor fits one factor to ordered items by diagonally weighted least squares. Behind each item lies a normal
// variable of variance 1 (the "delta" parameterisation) that thresholds cut into categories; the correlation of two of them
// is λ_i λ_j. The loadings minimise
//
//	Σ_{i<j} (r_ij - λ_i λ_j)² / V(r_ij)
//
// with r_ij the polychoric correlations and V their asymptotic variances, by the Gauss-Newton method to the last bits. The
// thresholds are free and those of the margins. The standard errors are robust: they use all covariances of the r_ij. The
// factor points the way the first item does.
//
// With τ_jc the thresholds, a_j = λ_j/√(1-λ_j²) and b_jc = τ_jc/λ_j are the parameters of the normal-ogive graded response
// model (Takane & de Leeuw, Psychometrika 52, 1987).
//
// Categorical omega is the reliability of the sum of the answers 1, 2, 3, ... as they were given, not of the variables
// behind them:
//
//	ω_c   Σ_ij cov(i, j; λ_i λ_j) / Σ_ij cov(i, j; r_ij)    cov(i, j; r) = Σ_cd Φ₂(τ_ic, τ_jd, r) - Φ(τ_ic) Φ(τ_jd)
//
// with r_ii = 1 in the denominator (Green & Yang, Psychometrika 74, 2009, formula 21). Items with five categories
// have an ordinal alpha well above it; report the omega.
//
// Source: Muthén, Psychometrika 49 (1984); Wirth & Edwards, Psychological Methods 12 (2007). Estimates are
// those of lavaan with estimator "WLSMV" or "DWLS". Errors: those of [scale.NewPolychorics], ErrIdentify, ErrConverge.
func OrdinalOneFactor(a *scale.Answers) (*Ordinal, error) {
	if a.Items() < 3 {
		return nil, fmt.Errorf("factormodel: ordinal factor of %d items: %w", a.Items(), ErrIdentify)
	}
	p, err := scale.NewPolychorics(a)
	if err != nil {
		return nil, fmt.Errorf("factormodel: ordinal factor: %w", err)
	}
	o := &Ordinal{Polychorics: p, Alpha: scale.AlphaOf(p.R)}
	l := newLeastSquares(p)
	if o.Iterations, err = l.fit(); err != nil {
		return nil, fmt.Errorf("factormodel: ordinal factor: %w", err)
	}
	if o.SE, err = l.standardErrors(p); err != nil {
		return nil, fmt.Errorf("factormodel: ordinal factor: %w", err)
	}
	o.Loadings = l.loading
	for j, item := range p.Items {
		o.Discrimination = append(o.Discrimination, o.Loadings[j]/math.Sqrt(1-o.Loadings[j]*o.Loadings[j]))
		b := make([]float64, len(item.Threshold))
		for c, tau := range item.Threshold {
			b[c] = tau / o.Loadings[j]
		}
		o.Difficulty = append(o.Difficulty, b)
	}
	o.Omega = categoricalOmega(p, o.Loadings)
	return o, nil
}

func categoricalOmega(p *scale.Polychorics, loadings []float64) float64 {
	var common, total float64
	for i, x := range p.Items {
		for j, y := range p.Items {
			c := scoreCovariance(x.Threshold, y.Threshold, loadings[i]*loadings[j])
			common += c
			if i == j {
				c = scoreCovariance(x.Threshold, x.Threshold, 1)
			}
			total += c
		}
	}
	return common / total
}

var standard distribution.Normal

// scoreCovariance is the covariance of two answers when the variables behind them correlate by r.
func scoreCovariance(x, y []float64, r float64) float64 {
	var s float64
	for _, h := range x {
		for _, k := range y {
			s += scale.Binormal(h, k, r) - standard.Lower(h)*standard.Lower(k)
		}
	}
	return s
}

// leastSquares fits λ_i λ_j to correlations.
type leastSquares struct {
	r, weight *mat.SymDense
	loading   []float64
}

func newLeastSquares(p *scale.Polychorics) *leastSquares {
	k := len(p.Items)
	l := &leastSquares{r: p.R, weight: mat.NewSymDense(k, nil), loading: make([]float64, k)}
	for j := range k {
		for i := range j {
			l.weight.SetSym(i, j, 1/(float64(p.N)*p.Variance(i, j)))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(p.R, true) {
		return l // loadings of 0 are found not to identify the model
	}
	var v mat.Dense
	e.VectorsTo(&v)
	length := math.Copysign(0.9*math.Sqrt(e.Values(nil)[k-1]), v.At(0, k-1))
	for j := range k {
		l.loading[j] = length * v.At(j, k-1)
	}
	return l
}

func (l *leastSquares) value(x []float64) float64 {
	var f float64
	for j := range x {
		for i := range j {
			d := l.r.At(i, j) - x[i]*x[j]
			f += l.weight.At(i, j) * d * d
		}
	}
	return f
}

// normal has the normal equations: the information Δ'WΔ and Δ'W(r - λλ').
func (l *leastSquares) normal() (*mat.SymDense, *mat.VecDense) {
	k := len(l.loading)
	info, slope := mat.NewSymDense(k, nil), mat.NewVecDense(k, nil)
	for j := range k {
		for i := range j {
			w, d := l.weight.At(i, j), l.r.At(i, j)-l.loading[i]*l.loading[j]
			slope.SetVec(i, slope.AtVec(i)+w*d*l.loading[j])
			slope.SetVec(j, slope.AtVec(j)+w*d*l.loading[i])
			info.SetSym(i, i, info.At(i, i)+w*l.loading[j]*l.loading[j])
			info.SetSym(j, j, info.At(j, j)+w*l.loading[i]*l.loading[i])
			info.SetSym(i, j, info.At(i, j)+w*l.loading[i]*l.loading[j])
		}
	}
	return info, slope
}

func (l *leastSquares) fit() (int, error) {
	const limit = 1000
	f, before := l.value(l.loading), math.Inf(1)
	for iteration := 1; iteration <= limit; iteration++ {
		info, slope := l.normal()
		var chol mat.Cholesky
		var step mat.VecDense
		if !chol.Factorize(info) || chol.SolveVecTo(&step, slope) != nil {
			return 0, ErrIdentify
		}
		size, next := mat.Norm(&step, math.Inf(1)), make([]float64, len(l.loading))
		for t := 1.0; ; t /= 2 {
			if t < 1e-9 {
				return 0, ErrConverge
			}
			for j := range next {
				next[j] = l.loading[j] + t*step.AtVec(j)
			}
			if g := l.value(next); g <= f+1e-13*(1+f) {
				f = g
				break
			}
		}
		l.loading = next
		if settled(size, before) {
			return iteration, nil
		}
		before = size
	}
	return 0, ErrConverge
}

// standardErrors are those of the sandwich (Δ'WΔ)⁻¹ Δ'WΓWΔ (Δ'WΔ)⁻¹ with Γ the covariances of the correlations, and the
// divisor n-1 of lavaan.
func (l *leastSquares) standardErrors(p *scale.Polychorics) ([]float64, error) {
	k := len(l.loading)
	info, _ := l.normal()
	var chol mat.Cholesky
	var inverse mat.SymDense
	if !chol.Factorize(info) || chol.InverseTo(&inverse) != nil {
		return nil, ErrIdentify
	}
	pairs := k * (k - 1) / 2
	effect := mat.NewDense(k, pairs, nil) // of each correlation on each loading
	gamma := mat.NewSymDense(pairs, nil)
	at := 0
	for j := range k {
		for i := range j {
			for m := range k {
				effect.Set(m, at, l.weight.At(i, j)*(inverse.At(m, i)*l.loading[j]+inverse.At(m, j)*l.loading[i]))
			}
			other := 0
			for d := range j + 1 {
				for c := range d {
					if other <= at {
						gamma.SetSym(other, at, p.Covariance(c, d, i, j))
					}
					other++
				}
			}
			at++
		}
	}
	var half, v mat.Dense
	half.Mul(effect, gamma)
	v.Mul(&half, effect.T())
	se := make([]float64, k)
	for m := range se {
		se[m] = math.Sqrt(v.At(m, m) * float64(p.N) / float64(p.N-1))
	}
	return se, nil
}
