package scale

import (
	"fmt"
	"math"
	"slices"
)

// Ordinal is an item whose answers are ordered categories of a normal variable behind it: a person answers category c when
// the variable lies between thresholds c-1 and c.
type Ordinal struct {
	Name      string
	Values    []float64 // of the categories that were answered, ascending
	Counts    []int     // of answers
	Threshold []float64 // one fewer than categories: normal quantiles of the cumulative shares

	code []int32 // by row
}

// Latent is the correlation of the normal variables behind two ordered items.
type Latent struct {
	Rho float64
	// SE takes the thresholds as known: it is the curvature of the likelihood in rho alone.
	SE float64
	// RobustSE allows for thresholds that were estimated, and for a distribution that is not quite normal (Muthén 1984).
	RobustSE float64
	N        int // rows with both answers
	X, Y     Ordinal
}

// Polychoric estimates the polychoric correlation of two ordered items in two steps: thresholds from the margins,
//
//	τ_c = Φ⁻¹(share of answers in categories up to c)
//
// and then the correlation that maximises the likelihood Σ n_ab ln π_ab(ρ) of the table, where π_ab is the probability of
// the rectangle between the thresholds. The maximum is found by Newton's method to the last bits. Rows with a missing
// answer to one of the two are left out. Items with two categories have the tetrachoric correlation.
//
// A table whose likelihood rises all the way to a correlation of 1 or -1 is ErrBoundary. Programs differ there: package
// lavaan of R adds one half to an empty cell of a 2 x 2 table, polycor stops at 0.9999; a made-up answer is not ours to add.
//
// Source: Olsson, Psychometrika 44 (1979); robust standard error: Muthén, Psychometrika 49 (1984).
// Errors: ErrLength, ErrValue, ErrRows, ErrConstant, ErrCategories, ErrBoundary.
func Polychoric(x, y []float64) (*Latent, error) {
	a, err := NewAnswers([]string{"1", "2"}, [][]float64{x, y})
	if err != nil {
		return nil, fmt.Errorf("scale: polychoric correlation: %w", err)
	}
	p, err := NewPolychorics(a.Complete())
	if err != nil {
		return nil, err
	}
	l := &Latent{Rho: p.R.At(0, 1), SE: p.se(0, 1), RobustSE: math.Sqrt(p.Variance(0, 1)), N: a.Complete().Rows()}
	l.X, l.Y = p.Items[0], p.Items[1]
	return l, nil
}

// DifferencedSE is SE as polychor of R's polycor prints it, for comparisons with R: the curvature is taken by differences
// of the likelihood at rho ± 0.002, which is good for about four digits.
func (l *Latent) DifferencedSE() float64 {
	const step = 0.002
	t := crossed(l.X, l.Y)
	curvature := (t.likelihood(l.Rho+step) - 2*t.likelihood(l.Rho) + t.likelihood(l.Rho-step)) / (step * step)
	return 1 / math.Sqrt(-curvature)
}

const mostCategories = 50

// ordinal codes the categories of complete answers.
func ordinal(name string, answers []float64) (Ordinal, error) {
	if len(answers) < 2 {
		return Ordinal{}, &ItemError{[]string{name}, ErrRows}
	}
	o := Ordinal{Name: name, Values: slices.Clone(answers), code: make([]int32, len(answers))}
	slices.Sort(o.Values)
	o.Values = slices.Compact(o.Values)
	if len(o.Values) < 2 {
		return Ordinal{}, &ItemError{[]string{name}, ErrConstant}
	}
	if len(o.Values) > mostCategories {
		return Ordinal{}, &ItemError{[]string{name}, ErrCategories}
	}
	o.Counts = make([]int, len(o.Values))
	for i, v := range answers {
		c, _ := slices.BinarySearch(o.Values, v)
		o.code[i] = int32(c)
		o.Counts[c]++
	}
	below := 0
	for _, n := range o.Counts[:len(o.Counts)-1] {
		below += n
		o.Threshold = append(o.Threshold, standard.Quantile(float64(below)/float64(len(answers))))
	}
	return o, nil
}

// table is the cross-classification of two items, with what its likelihood needs.
type table struct {
	x, y  []float64   // thresholds
	count [][]float64 // rows by columns
}

func crossed(x, y Ordinal) table {
	t := table{x: x.Threshold, y: y.Threshold, count: make([][]float64, len(x.Values))}
	for a := range t.count {
		t.count[a] = make([]float64, len(y.Values))
	}
	for i, a := range x.code {
		t.count[a][y.code[i]]++
	}
	return t
}

// cells differences a function of the upper corners of rectangles: f has the values at threshold a and b, edge those where
// the other threshold is infinite.
func cells(f [][]float64, rows, cols int) [][]float64 {
	c := make([][]float64, rows)
	for a := range c {
		c[a] = make([]float64, cols)
		for b := range c[a] {
			c[a][b] = f[a+1][b+1] - f[a][b+1] - f[a+1][b] + f[a][b]
		}
	}
	return c
}

// corners evaluates f at each pair of thresholds, with -Inf before and +Inf behind them.
func (t table) corners(f func(h, k float64) float64) [][]float64 {
	x := slices.Concat([]float64{math.Inf(-1)}, t.x, []float64{math.Inf(1)})
	y := slices.Concat([]float64{math.Inf(-1)}, t.y, []float64{math.Inf(1)})
	v := make([][]float64, len(x))
	for a, h := range x {
		v[a] = make([]float64, len(y))
		for b, k := range y {
			v[a][b] = f(h, k)
		}
	}
	return v
}

// probability is that of each cell. Cancellation leaves a residue of about 1e-17 where it is 0.
func (t table) probability(rho float64) [][]float64 {
	p := cells(t.corners(func(h, k float64) float64 { return Binormal(h, k, rho) }), len(t.x)+1, len(t.y)+1)
	for a := range p {
		for b := range p[a] {
			p[a][b] = max(p[a][b], 1e-18)
		}
	}
	return p
}

// slope is the derivative of each cell's probability by rho, and curve the second.
func (t table) slope(rho float64) [][]float64 {
	return cells(t.corners(func(h, k float64) float64 { return binormalDensity(h, k, rho) }), len(t.x)+1, len(t.y)+1)
}

func (t table) curve(rho float64) [][]float64 {
	s := 1 - rho*rho
	return cells(t.corners(func(h, k float64) float64 {
		d := binormalDensity(h, k, rho)
		if d == 0 {
			return 0
		}
		return d * (rho/s + h*k/s - rho*(h*h-2*rho*h*k+k*k)/(s*s))
	}), len(t.x)+1, len(t.y)+1)
}

func binormalDensity(h, k, rho float64) float64 {
	if math.IsInf(h, 0) || math.IsInf(k, 0) {
		return 0
	}
	s := 1 - rho*rho
	return math.Exp(-(h*h-2*rho*h*k+k*k)/(2*s)) / (2 * math.Pi * math.Sqrt(s))
}

func (t table) likelihood(rho float64) float64 {
	p := t.probability(rho)
	var s float64
	for a, row := range t.count {
		for b, n := range row {
			if n > 0 {
				s += n * math.Log(p[a][b])
			}
		}
	}
	return s
}

// derivatives of the logarithm of the likelihood by rho.
func (t table) derivatives(rho float64) (first, second float64) {
	p, s, c := t.probability(rho), t.slope(rho), t.curve(rho)
	for a, row := range t.count {
		for b, n := range row {
			if n > 0 {
				d := s[a][b] / p[a][b]
				first += n * d
				second += n * (c[a][b]/p[a][b] - d*d)
			}
		}
	}
	return first, second
}

// fit is the correlation with the largest likelihood, and its information there: Newton's method, held in a bracket that
// shrinks by the sign of the derivative.
func (t table) fit() (rho, information float64, err error) {
	const edge = 0.9999
	lo, hi := -edge, edge
	for range 200 {
		first, second := t.derivatives(rho)
		if first > 0 {
			lo = rho
		} else {
			hi = rho
		}
		next := rho - first/second
		if !(second < 0 && next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-rho) < 1e-14 {
			_, second = t.derivatives(next)
			if math.Abs(next) > edge-1e-6 {
				break
			}
			return next, -second, nil
		}
		rho = next
	}
	return 0, 0, ErrBoundary
}
