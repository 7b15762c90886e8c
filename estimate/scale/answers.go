package scale

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Errors that the functions of this package wrap.
var (
	ErrItems      = errors.New("a scale needs at least two items, each with a name of its own")
	ErrLength     = errors.New("lengths differ")
	ErrValue      = errors.New("not a finite number")
	ErrRows       = errors.New("too few rows with answers")
	ErrConstant   = errors.New("every answer is the same: leave the item out")
	ErrSingular   = errors.New("an item is a linear combination of the others: leave it out")
	ErrBoundary   = errors.New("the answers fit a correlation of 1 or -1 best: merge sparse categories or leave one of the items out")
	ErrCategories = errors.New("more than 50 different answers are no ordered categories: group them")
	ErrLevel      = errors.New("a confidence level lies between 0 and 1")
)

// ItemError names the items that an error is about.
type ItemError struct {
	Items []string
	Err   error
}

func (e *ItemError) Error() string {
	text := "item"
	if len(e.Items) > 1 {
		text = "items"
	}
	for i, name := range e.Items {
		if i > 0 {
			text += " and"
		}
		text += " " + name
	}
	return text + ": " + e.Err.Error()
}

func (e *ItemError) Unwrap() error { return e.Err }

// Answers are the answers to the items of a scale. They keep no order of the rows: the rows are sorted by their answers, so
// that the same people in another order give the same bits.
type Answers struct {
	names  []string
	column [][]float64
}

// NewAnswers takes one column an item; NaN is a missing answer. It returns ErrItems, ErrLength or ErrValue for columns that
// are no scale. Items that are worded against the others must have been reversed.
func NewAnswers(names []string, columns [][]float64) (*Answers, error) {
	switch {
	case len(names) != len(columns):
		return nil, fmt.Errorf("scale: %d names for %d columns: %w", len(names), len(columns), ErrLength)
	case len(columns) == 1:
		return nil, fmt.Errorf("scale: %w", &ItemError{names, ErrItems})
	case len(columns) == 0:
		return nil, fmt.Errorf("scale: no items: %w", ErrItems)
	}
	for j, col := range columns {
		if slices.Contains(names[:j], names[j]) {
			return nil, fmt.Errorf("scale: %w", &ItemError{[]string{names[j]}, ErrItems})
		}
		if len(col) != len(columns[0]) {
			return nil, fmt.Errorf("scale: %w", &ItemError{[]string{names[j], names[0]}, ErrLength})
		}
		if slices.ContainsFunc(col, func(v float64) bool { return math.IsInf(v, 0) }) {
			return nil, fmt.Errorf("scale: %w", &ItemError{[]string{names[j]}, ErrValue})
		}
	}
	order := make([]int, len(columns[0]))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		for _, col := range columns {
			if c := cmp.Compare(col[a], col[b]); c != 0 {
				return c
			}
		}
		return 0
	})
	a := &Answers{names: slices.Clone(names), column: make([][]float64, len(columns))}
	for j, col := range columns {
		a.column[j] = make([]float64, len(order))
		for i, row := range order {
			a.column[j][i] = col[row]
		}
	}
	return a, nil
}

// Names are the names of the items.
func (a *Answers) Names() []string { return slices.Clone(a.names) }

// Items is the number of items.
func (a *Answers) Items() int { return len(a.column) }

// Rows is the number of rows, whether answered or not.
func (a *Answers) Rows() int { return len(a.column[0]) }

// Item has the answers to item j. They must not be changed.
func (a *Answers) Item(j int) []float64 { return a.column[j] }

// Complete leaves the rows with an answer to every item: listwise deletion.
func (a *Answers) Complete() *Answers {
	c := &Answers{names: a.names, column: make([][]float64, len(a.column))}
	for i := range a.column[0] {
		if !slices.ContainsFunc(a.column, func(col []float64) bool { return math.IsNaN(col[i]) }) {
			for j, col := range a.column {
				c.column[j] = append(c.column[j], col[i])
			}
		}
	}
	return c
}

// Means has the mean of each item over the rows that answer it.
func (a *Answers) Means() []float64 {
	m := make([]float64, len(a.column))
	for j, col := range a.column {
		m[j], _ = mean(col)
	}
	return m
}

// Covariance is the covariance matrix with divisor n-1. Each pair of items is taken over the rows that answer both, and each
// variance over the rows that answer the item, so that with missing answers the matrix need not be positive definite; take
// [Answers.Complete] first for listwise deletion.
func (a *Answers) Covariance() (*mat.SymDense, error) {
	c := mat.NewSymDense(len(a.column), nil)
	for j := range a.column {
		for i := range j + 1 {
			p := a.pair(i, j)
			if p.n < 2 {
				return nil, fmt.Errorf("scale: covariance: %w", a.about(i, j, ErrRows))
			}
			c.SetSym(i, j, p.xy/float64(p.n-1))
		}
		if c.At(j, j) <= 0 {
			return nil, fmt.Errorf("scale: covariance: %w", a.about(j, j, ErrConstant))
		}
	}
	return c, nil
}

// Correlation is Pearson's correlation matrix, each pair of items over the rows that answer both, standard deviations
// included.
func (a *Answers) Correlation() (*mat.SymDense, error) {
	r := mat.NewSymDense(len(a.column), nil)
	for j := range a.column {
		r.SetSym(j, j, 1)
		for i := range j {
			p := a.pair(i, j)
			switch {
			case p.n < 2:
				return nil, fmt.Errorf("scale: correlation: %w", a.about(i, j, ErrRows))
			case p.xx <= 0:
				return nil, fmt.Errorf("scale: correlation: %w", a.about(i, i, ErrConstant))
			case p.yy <= 0:
				return nil, fmt.Errorf("scale: correlation: %w", a.about(j, j, ErrConstant))
			}
			r.SetSym(i, j, p.xy/math.Sqrt(p.xx*p.yy))
		}
	}
	return r, nil
}

func (a *Answers) about(i, j int, err error) error {
	if i == j {
		return &ItemError{[]string{a.names[i]}, err}
	}
	return &ItemError{[]string{a.names[i], a.names[j]}, err}
}

// products are sums of squares and products about the means.
type products struct {
	n          int
	xx, yy, xy float64
}

func (a *Answers) pair(i, j int) products {
	x, y := a.column[i], a.column[j]
	var p products
	var mx, my float64
	for r := range x {
		if !math.IsNaN(x[r]) && !math.IsNaN(y[r]) {
			p.n++
			mx += x[r]
			my += y[r]
		}
	}
	mx /= float64(p.n)
	my /= float64(p.n)
	for r := range x {
		if !math.IsNaN(x[r]) && !math.IsNaN(y[r]) {
			dx, dy := x[r]-mx, y[r]-my
			p.xx += float64(dx * dx)
			p.yy += float64(dy * dy)
			p.xy += float64(dx * dy)
		}
	}
	return p
}

// mean is that of the values that are not missing, and their number.
func mean(x []float64) (float64, int) {
	var s float64
	n := 0
	for _, v := range x {
		if !math.IsNaN(v) {
			s += v
			n++
		}
	}
	return s / float64(n), n
}

// deviation is the standard deviation of the values that are not missing, with divisor n-1.
func deviation(x []float64) float64 {
	m, n := mean(x)
	var s float64
	for _, v := range x {
		if !math.IsNaN(v) {
			d := v - m
			s += float64(d * d)
		}
	}
	return math.Sqrt(s / float64(n-1))
}

// correlation scales a covariance matrix by its own diagonal.
func correlation(c *mat.SymDense) *mat.SymDense {
	k := c.SymmetricDim()
	r := mat.NewSymDense(k, nil)
	for j := range k {
		r.SetSym(j, j, 1)
		for i := range j {
			r.SetSym(i, j, c.At(i, j)/math.Sqrt(c.At(i, i)*c.At(j, j)))
		}
	}
	return r
}
