package scale

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Polychorics are the polychoric correlations of a set of items.
type Polychorics struct {
	Items []Ordinal
	R     *mat.SymDense
	N     int

	information *mat.SymDense
	influence   [][]float64 // by pair: of each row on its correlation, times N
}

// NewPolychorics estimates the polychoric correlation of each pair of items over the rows that answer all of them; see
// [Polychoric]. Each is fitted by itself, so that a matrix of many sparse items need not be positive definite.
func NewPolychorics(a *Answers) (*Polychorics, error) {
	a = a.Complete()
	p := &Polychorics{R: mat.NewSymDense(a.Items(), nil), information: mat.NewSymDense(a.Items(), nil), N: a.Rows()}
	for j, col := range a.column {
		o, err := ordinal(a.names[j], col)
		if err != nil {
			return nil, fmt.Errorf("scale: polychoric correlations: %w", err)
		}
		p.Items = append(p.Items, o)
		p.R.SetSym(j, j, 1)
		for i := range j {
			t := crossed(p.Items[i], o)
			rho, information, err := t.fit()
			if err != nil {
				return nil, fmt.Errorf("scale: polychoric correlations: %w", a.about(i, j, err))
			}
			p.R.SetSym(i, j, rho)
			p.information.SetSym(i, j, information)
			z, err := p.rowInfluence(i, j, t, rho)
			if err != nil {
				return nil, fmt.Errorf("scale: polychoric correlations: %w", a.about(i, j, err))
			}
			p.influence = append(p.influence, z)
		}
	}
	return p, nil
}

func (p *Polychorics) se(i, j int) float64 { return 1 / math.Sqrt(p.information.At(i, j)) }

// pair numbers the pairs i < j.
func pair(i, j int) int {
	if i > j {
		i, j = j, i
	}
	return j*(j-1)/2 + i
}

// Variance is the asymptotic variance of a correlation, with the thresholds estimated.
func (p *Polychorics) Variance(i, j int) float64 { return p.Covariance(i, j, i, j) }

// Covariance is the asymptotic covariance of the correlations of items i, j and items k, l: the sum over people of the
// products of their influences (Muthén 1984).
func (p *Polychorics) Covariance(i, j, k, l int) float64 {
	a, b := p.influence[pair(i, j)], p.influence[pair(k, l)]
	var s float64
	for r := range a {
		s += a[r] * b[r]
	}
	return s / (float64(p.N) * float64(p.N))
}

// rowInfluence is N times the influence of each row on the correlation of two items: its score for the correlation, less
// what its scores for the thresholds explain of it, over the information. All informations are sums of outer products of
// scores, as Muthén has them.
func (p *Polychorics) rowInfluence(i, j int, t table, rho float64) ([]float64, error) {
	x, y := p.Items[i], p.Items[j]
	score := t.scores(rho)
	var information float64
	crossX, crossY := make([]float64, len(t.x)), make([]float64, len(t.y))
	for a, row := range t.count {
		for b, n := range row {
			s := score.rho[a][b]
			information += n * s * s
			for c := range crossX {
				crossX[c] += n * s * score.x(a, b, c)
			}
			for c := range crossY {
				crossY[c] += n * s * score.y(a, b, c)
			}
		}
	}
	ownX, err := x.influence(crossX)
	if err != nil {
		return nil, err
	}
	ownY, err := y.influence(crossY)
	if err != nil {
		return nil, err
	}
	z := make([]float64, p.N)
	for r, a := range x.code {
		b := y.code[r]
		z[r] = float64(p.N) * (score.rho[a][b] - ownX[a] - ownY[b]) / information
	}
	return z, nil
}

// scores of the cells of a table: derivatives of the logarithm of their probabilities.
type scores struct {
	t    table
	p    [][]float64
	rho  [][]float64
	s    float64 // √(1-ρ²)
	corr float64
}

func (t table) scores(rho float64) scores {
	sc := scores{t: t, p: t.probability(rho), rho: t.slope(rho), s: math.Sqrt(1 - rho*rho), corr: rho}
	for a := range sc.rho {
		for b := range sc.rho[a] {
			sc.rho[a][b] /= sc.p[a][b]
		}
	}
	return sc
}

// x is the score of cell a, b for threshold c of the rows, and y for one of the columns.
func (sc scores) x(a, b, c int) float64 {
	return edge(a, c) * sc.strip(sc.t.x[c], sc.t.y, b) / sc.p[a][b]
}

func (sc scores) y(a, b, c int) float64 {
	return edge(b, c) * sc.strip(sc.t.y[c], sc.t.x, a) / sc.p[a][b]
}

// edge is 1 for the threshold above a category, -1 for the one below, else 0.
func edge(category, threshold int) float64 {
	switch category - threshold {
	case 0:
		return 1
	case 1:
		return -1
	}
	return 0
}

// strip is the density of one variable at h, times the probability that the other lies in category b given it.
func (sc scores) strip(h float64, other []float64, b int) float64 {
	upper, lower := 1.0, 0.0
	if b < len(other) {
		upper = standard.Lower((other[b] - sc.corr*h) / sc.s)
	}
	if b > 0 {
		lower = standard.Lower((other[b-1] - sc.corr*h) / sc.s)
	}
	return standard.Density(h) * (upper - lower)
}

// influence solves the information of the thresholds of the item for a row vector, and multiplies it with the scores of
// each category.
func (o Ordinal) influence(cross []float64) ([]float64, error) {
	m := len(o.Threshold)
	var n float64
	for _, c := range o.Counts {
		n += float64(c)
	}
	score := make([][]float64, len(o.Counts))
	info := mat.NewSymDense(m, nil)
	for a, count := range o.Counts {
		score[a] = make([]float64, m)
		for c, tau := range o.Threshold {
			score[a][c] = edge(a, c) * standard.Density(tau) * n / float64(count)
		}
		for c := range m {
			for d := range c + 1 {
				info.SetSym(d, c, info.At(d, c)+float64(count)*score[a][c]*score[a][d])
			}
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(info) {
		return nil, ErrSingular
	}
	var solved mat.VecDense
	if err := chol.SolveVecTo(&solved, mat.NewVecDense(m, cross)); err != nil {
		return nil, ErrSingular
	}
	z := make([]float64, len(o.Counts))
	for a := range z {
		for c := range m {
			z[a] += score[a][c] * solved.AtVec(c)
		}
	}
	return z, nil
}
