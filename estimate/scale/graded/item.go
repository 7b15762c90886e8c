package graded

import (
	"math"
	"slices"

	"adili/estimate/scale"

	"gonum.org/v1/gonum/mat"
)

const mostCategories = 50

// item is an item while it is fitted: slope and intercepts stand in param, slope first.
type item struct {
	name   string
	values []float64
	param  []float64
	probs  [][]float64 // by category: the probability at each point
}

// newItem starts an item with the slope 1 and the logits of its cumulative shares.
func newItem(name string, answers []float64) (item, error) {
	valid := slices.DeleteFunc(slices.Clone(answers), math.IsNaN)
	slices.Sort(valid)
	it := item{name: name, values: slices.Compact(slices.Clone(valid)), param: []float64{1}}
	if len(it.values) < 2 {
		return item{}, &scale.ItemError{Items: []string{name}, Err: scale.ErrConstant}
	}
	if len(it.values) > mostCategories {
		return item{}, &scale.ItemError{Items: []string{name}, Err: scale.ErrCategories}
	}
	for _, v := range it.values[1:] {
		below, _ := slices.BinarySearch(valid, v)
		it.param = append(it.param, math.Log(float64(len(valid)-below)/float64(below)))
	}
	return it, nil
}

// probability is that of each category at each point.
func (it item) probability(param, theta []float64, d float64) [][]float64 {
	p := make([][]float64, len(it.values))
	for c := range p {
		p[c] = make([]float64, len(theta))
		for q, t := range theta {
			p[c][q] = it.category(param, t, d, c)
		}
	}
	return p
}

// category is the probability of a category: the difference of two logistic functions, taken on the side where it keeps its
// digits.
func (it item) category(param []float64, theta, d float64, c int) float64 {
	upper, lower := math.Inf(1), math.Inf(-1)
	if c > 0 {
		upper = d * (param[0]*theta + param[c])
	}
	if c+1 < len(param) {
		lower = d * (param[0]*theta + param[c+1])
	}
	if upper+lower > 0 {
		return logistic(-lower) - logistic(-upper)
	}
	return logistic(upper) - logistic(lower)
}

func logistic(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

// maximise is the M-step of an item: Fisher scoring on the expected counts. It returns by how much the parameters moved,
// relative to their size.
func (it *item) maximise(counts [][]float64, theta []float64, d float64) (float64, bool) {
	from := slices.Clone(it.param)
	value := it.value(it.param, counts, theta, d)
	for range 50 {
		info, score := it.information(counts, theta, d)
		var chol mat.Cholesky
		var step mat.VecDense
		if !chol.Factorize(info) || chol.SolveVecTo(&step, score) != nil {
			return 0, false
		}
		next, better := it.move(&step, value, counts, theta, d)
		value = better
		small := difference(it.param, next) < 1e-13
		it.param = next
		if small {
			break
		}
	}
	return difference(from, it.param), true
}

// move halves the step until the value does not fall and the intercepts do.
func (it *item) move(step *mat.VecDense, value float64, counts [][]float64, theta []float64, d float64) ([]float64, float64) {
	next := make([]float64, len(it.param))
	for t := 1.0; t > 1e-12; t /= 2 {
		for k := range next {
			next[k] = it.param[k] + t*step.AtVec(k)
		}
		if !falling(next[1:]) {
			continue
		}
		if v := it.value(next, counts, theta, d); v >= value-1e-13*math.Abs(value) {
			return next, v
		}
	}
	return it.param, value
}

func falling(d []float64) bool {
	for k := 1; k < len(d); k++ {
		if !(d[k] < d[k-1]) {
			return false
		}
	}
	return true
}

func difference(a, b []float64) float64 {
	var size float64
	for k := range a {
		size = max(size, math.Abs(a[k]-b[k])/(1+math.Abs(b[k])))
	}
	return size
}

// value is the expected log-likelihood of an item.
func (it *item) value(param []float64, counts [][]float64, theta []float64, d float64) float64 {
	var s float64
	for c, row := range counts {
		for q, n := range row {
			if n > 0 {
				s += n * math.Log(it.category(param, theta[q], d, c))
			}
		}
	}
	return s
}

// information is the expected information of the slope and the intercepts, and the score.
func (it *item) information(counts [][]float64, theta []float64, d float64) (*mat.SymDense, *mat.VecDense) {
	m := len(it.param)
	info, score := mat.NewSymDense(m, nil), mat.NewVecDense(m, nil)
	slope := make([]float64, m)
	for q, t := range theta {
		var n float64
		for _, row := range counts {
			n += row[q]
		}
		for c, row := range counts {
			p := it.category(it.param, t, d, c)
			if p <= 0 {
				continue
			}
			clear(slope)
			it.differentiate(slope, t, d, c)
			for k, x := range slope {
				score.SetVec(k, score.AtVec(k)+row[q]*x/p)
				for l := range k + 1 {
					info.SetSym(l, k, info.At(l, k)+n*x*slope[l]/p)
				}
			}
		}
	}
	return info, score
}

// differentiate adds the derivative of the probability of a category by the parameters.
func (it *item) differentiate(slope []float64, t, d float64, c int) {
	bell := func(k int) float64 {
		x := d * (it.param[0]*t + it.param[k])
		return d * logistic(x) * logistic(-x)
	}
	if c > 0 {
		b := bell(c)
		slope[0] += b * t
		slope[c] += b
	}
	if c+1 < len(it.param) {
		b := bell(c + 1)
		slope[0] -= b * t
		slope[c+1] -= b
	}
}
