package crosstab

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
)

// ErrTable means a table that cannot be tested. The error says which side or
// cell is at fault.
var ErrTable = errors.New("the table cannot be tested")

// Table is a two-way table of weighted shares with what its tests need.
type Table struct {
	Rows, Cols []int     // the codes seen in the domain, ascending
	Share      []float64 // share of cell (i, j) at i + j len(Rows), over people with both answers
	N          int       // people with both answers
	DF         float64   // PSUs less strata, counting those with both answers

	total  []float64
	size   float64
	spread spread
}

// New is the table of two questions in a domain: row and col are the codes of
// the answers, one for each row of the sample, negative where missing.
// ErrTable if one side has fewer than two answers.
func New(d *estimate.Design, row, col []int, in estimate.Domain) (*Table, error) {
	s, err := arrange(d, in, false)
	if err != nil {
		return nil, err
	}
	a, err := s.levels("rows", row)
	if err != nil {
		return nil, err
	}
	b, err := s.levels("columns", col)
	if err != nil {
		return nil, err
	}
	return s.table(a, b)
}

// levels are the answers to one question among the people of a sample.
type levels struct {
	code []int   // those seen, ascending
	at   []int32 // by person: which of them, negative where missing
}

// maxCode bounds the codes of answers, so that they can index.
const maxCode = 1 << 20

// maxCells bounds a table: a thousand design effects are beyond any survey.
const maxCells = 1000

func (s *sample) levels(what string, code []int) (levels, error) {
	if len(code) != s.design.Rows() {
		return levels{}, fmt.Errorf("crosstab: %s: %d codes for %d rows: %w", what, len(code), s.design.Rows(), estimate.ErrLength)
	}
	l := levels{at: make([]int32, len(s.rows))}
	top := -1
	for i, r := range s.rows {
		c := code[r]
		top = max(top, c)
		l.at[i] = int32(max(c, -1))
	}
	if top > maxCode {
		return levels{}, fmt.Errorf("crosstab: %s: code %d is above %d: %w", what, top, maxCode, ErrTable)
	}
	place := make([]int32, top+1)
	for _, c := range l.at {
		if c >= 0 {
			place[c] = 1
		}
	}
	for c, seen := range place {
		if seen > 0 {
			place[c] = int32(len(l.code))
			l.code = append(l.code, c)
		}
	}
	if len(l.code) < 2 {
		return levels{}, fmt.Errorf("crosstab: %s: %d different answers in the domain, and 2 are needed: %w", what, len(l.code), ErrTable)
	}
	for i, c := range l.at {
		if c >= 0 {
			l.at[i] = place[c]
		}
	}
	return l, nil
}

// table counts a table.
func (s *sample) table(a, b levels) (*Table, error) {
	t := &Table{Rows: a.code, Cols: b.code}
	rows, cell := int32(len(a.code)), make([]int32, len(s.rows))
	for i, x := range a.at {
		cell[i] = -1
		if y := b.at[i]; x >= 0 && y >= 0 {
			cell[i] = x + y*rows
			t.N++
		}
	}
	cells := len(a.code) * len(b.code)
	if cells > maxCells {
		return nil, fmt.Errorf("crosstab: %d by %d answers, and a test can judge %d cells; group them: %w", len(a.code), len(b.code), maxCells, ErrTable)
	}
	sums := s.sums(cell, cells)
	t.total = make([]float64, cells)
	for u := range s.units() {
		for c := range cells {
			t.total[c] += sums[u*cells+c]
		}
	}
	for _, w := range t.total {
		t.size += w
	}
	if !(t.size > 0) {
		return nil, fmt.Errorf("crosstab: nobody in the domain has both answers: %w", ErrTable)
	}
	for _, w := range t.total {
		t.Share = append(t.Share, w/t.size)
	}
	t.DF = s.df(sums, cells)
	t.spread = spread{sample: s, cell: cell, sums: sums}
	return t, nil
}

// margins are the shares of rows and columns.
func (t *Table) margins() (row, col []float64) {
	row, col = make([]float64, len(t.Rows)), make([]float64, len(t.Cols))
	for c, p := range t.Share {
		row[c%len(row)] += p
		col[c/len(row)] += p
	}
	return row, col
}

// Pearson is X²/n = Σ (p_ij - p_i p_j)² / (p_i p_j).
func (t *Table) Pearson() float64 {
	row, col := t.margins()
	var x float64
	for c, p := range t.Share {
		e := row[c%len(row)] * col[c/len(row)]
		if e > 0 {
			x += (p - e) * (p - e) / e
		}
	}
	return x
}

// interactions are a basis of the complement of rows and columns in the space of tables: products of Helmert contrasts,
// each by cell.
func (t *Table) interactions() [][]float64 {
	var basis [][]float64
	r := len(t.Rows)
	for j := 1; j < len(t.Cols); j++ {
		for i := 1; i < r; i++ {
			b := make([]float64, len(t.Share))
			for c := range b {
				b[c] = helmert(i, c%r) * helmert(j, c/r)
			}
			basis = append(basis, b)
		}
	}
	return basis
}

// helmert contrasts level i with the mean of those before it.
func helmert(i, level int) float64 {
	switch {
	case level > i:
		return 0
	case level == i:
		return math.Sqrt(float64(i) / float64(i+1))
	}
	return -1 / math.Sqrt(float64(i)*float64(i+1))
}

// Effects are the generalised design effects δ, the eigenvalues of Δ, largest
// first. Their mean is the factor by which a test that ignores the design is
// too large.
func (t *Table) Effects() ([]float64, error) {
	basis := t.interactions()
	m := len(basis)
	inner := mat.NewSymDense(m, nil)
	score := make([][]float64, m)
	for a, x := range basis {
		score[a] = make([]float64, len(x))
		var mean float64
		for c, p := range t.Share {
			if p > 0 {
				score[a][c] = x[c] / p
				mean += x[c]
			}
		}
		for c := range x {
			score[a][c] = (score[a][c] - mean) / t.size
		}
		for b := range a + 1 {
			var s float64
			for c, p := range t.Share {
				if p > 0 {
					s += x[c] * basis[b][c] / p
				}
			}
			inner.SetSym(a, b, s)
		}
	}
	v, err := t.spread.covariance(len(t.Share), score)
	if err != nil {
		return nil, err
	}
	effects, err := relative(v, inner)
	if err != nil {
		return nil, fmt.Errorf("crosstab: %d of %d cells are empty; merge answers: %w", t.empty(), len(t.Share), ErrTable)
	}
	for i := range effects {
		effects[i] *= float64(t.N)
	}
	return effects, nil
}

func (t *Table) empty() int {
	n := 0
	for _, p := range t.Share {
		if p == 0 {
			n++
		}
	}
	return n
}

// relative are the eigenvalues of b⁻¹a for a positive definite b, largest first.
func relative(a, b *mat.SymDense) ([]float64, error) {
	var root mat.Cholesky
	if !root.Factorize(b) || root.Cond() > 1e14 {
		return nil, ErrTable
	}
	n := a.SymmetricDim()
	var lower, half, whole mat.Dense
	var l mat.TriDense
	root.LTo(&l)
	if err := half.Solve(&l, a); err != nil {
		return nil, err
	}
	lower.CloneFrom(half.T())
	if err := whole.Solve(&l, &lower); err != nil {
		return nil, err
	}
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			sym.SetSym(i, j, (whole.At(i, j)+whole.At(j, i))/2)
		}
	}
	return eigenvalues(sym)
}

// eigenvalues of a symmetric matrix, largest first.
func eigenvalues(a *mat.SymDense) ([]float64, error) {
	var e mat.EigenSym
	if !e.Factorize(a, false) {
		return nil, fmt.Errorf("eigenvalues did not converge: %w", ErrTable)
	}
	up := e.Values(nil)
	down := make([]float64, len(up))
	for i, v := range up {
		down[len(up)-1-i] = v
	}
	return down, nil
}
