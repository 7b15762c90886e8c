package regression

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// inverseByDifferences is the inverse of minus the second derivatives in (β, ζ), from central differences of the score in
// (β, ζ_1, log(ζ_2-ζ_1), ..): what a program has that searches in parameters without bounds. The result is for the
// variables as they were given, the standardised ones being an affair of Newton's method.
func (o *ordinal) inverseByDifferences(coef []float64, step float64) ([]float64, bool) {
	n, p := len(coef), o.p
	free := append([]float64(nil), coef...)
	for j := p + 1; j < n; j++ {
		free[j] = math.Log(coef[j] - coef[j-1])
	}
	h := mat.NewSymDense(n, nil)
	rate := make([][]float64, n)
	for a := range n {
		here := free[a]
		free[a] = here + step
		above := o.freeScore(free)
		free[a] = here - step
		below := o.freeScore(free)
		free[a] = here
		rate[a] = make([]float64, n)
		for b := range n {
			rate[a][b] = (below[b] - above[b]) / (2 * step)
		}
	}
	for a := range n {
		for b := range a + 1 {
			h.SetSym(a, b, (rate[a][b]+rate[b][a])/2)
		}
	}
	inv, ok := inverse(h)
	if !ok {
		return nil, false
	}
	// Back from logarithms of gaps: ζ_k moves by the gap with every log gap up to k.
	turn := mat.NewDense(n, n, nil)
	for j := range p {
		turn.Set(j, j, 1)
	}
	for k := p; k < n; k++ {
		turn.Set(k, p, 1)
		for i := p + 1; i <= k; i++ {
			turn.Set(k, i, math.Exp(free[i]))
		}
	}
	var half, whole mat.Dense
	half.Mul(turn, mat.NewDense(n, n, inv))
	whole.Mul(&half, turn.T())
	return whole.RawMatrix().Data, true
}

// freeScore is the score at parameters without bounds.
func (o *ordinal) freeScore(free []float64) []float64 {
	n, p := len(free), o.p
	at := append([]float64(nil), free...)
	for j := p + 1; j < n; j++ {
		at[j] = at[j-1] + math.Exp(free[j])
	}
	shift := 0.0
	for j := range p {
		shift += at[j] * o.mean[j]
		at[j] *= o.sd[j]
	}
	for j := p; j < n; j++ {
		at[j] -= shift
	}
	score := o.evaluate(at).score
	above := 0.0
	for j := n - 1; j >= p; j-- {
		above += score[j]
		score[j] = above
		if j > p {
			score[j] *= math.Exp(free[j])
		}
	}
	for j := range p {
		score[j] = o.sd[j]*score[j] - o.mean[j]*above
	}
	return score
}

// raw turns the score of a person by standardised parameters into that by the variables as given.
func (o *ordinal) raw(score []float64) {
	total := 0.0
	for _, v := range score[o.p:] {
		total += v
	}
	for j := range o.p {
		score[j] = o.sd[j]*score[j] - o.mean[j]*total
	}
}
