package weight

import (
	"fmt"
	"math"
	"slices"

	"adili/estimate/sum"
)

// Margin is a known distribution: how many people of the population are in each category of a variable, or of a
// combination of variables.
type Margin struct {
	Name   string    // as it should be called in messages
	Code   []int     // category of each row, an index of Labels; -1 is missing
	Labels []string  // the categories
	Total  []float64 // people of the population in each category
}

// agree is how far the totals of two margins may differ, relative to their size, before they are taken to speak of
// different populations.
const agree = 1e-6

// Cells are the cells of the cross-classification of margins that hold respondents, in the order of their codes. Raking
// multiplies all people of a cell by one factor, so that what it does to a million people it can do to a few dozen cells.
type Cells struct {
	margin  []Margin // without codes
	of      []int32  // by row: the cell, -1 if a code is missing
	code    [][]int32
	missing *MissingCodeError
}

// Cross makes the cells of some margins. The totals of the margins must agree; a code outside the labels is missing.
func Cross(margins ...Margin) (*Cells, error) {
	if len(margins) == 0 || len(margins[0].Code) == 0 {
		return nil, fmt.Errorf("weight: margins: %w", ErrEmpty)
	}
	rows := len(margins[0].Code)
	for i, m := range margins {
		if err := m.check(rows); err != nil {
			return nil, err
		}
		first, total := sum.Of(margins[0].Total), sum.Of(m.Total)
		if i > 0 && !(math.Abs(first-total) <= agree*math.Max(first, total)) {
			return nil, &MarginTotalsError{margins[0].Name, m.Name, first, total}
		}
	}
	c := &Cells{of: make([]int32, rows)}
	for _, m := range margins {
		c.split(m)
		c.margin = append(c.margin, Margin{Name: m.Name, Labels: m.Labels, Total: m.Total})
	}
	return c, nil
}

func (m Margin) check(rows int) error {
	if len(m.Code) != rows {
		return fmt.Errorf("weight: margin %s: %d codes for %d rows: %w", m.Name, len(m.Code), rows, ErrLength)
	}
	if len(m.Labels) == 0 || len(m.Labels) != len(m.Total) {
		return fmt.Errorf("weight: margin %s: %d labels with %d totals: %w", m.Name, len(m.Labels), len(m.Total), ErrLength)
	}
	for k, total := range m.Total {
		if !(total >= 0 && total <= limit) {
			return fmt.Errorf("weight: margin %s: total of %q is %v: %w", m.Name, m.Labels[k], total, ErrTotal)
		}
	}
	if sum.Size(m.Total) == 0 {
		return fmt.Errorf("weight: margin %s: all totals are 0: %w", m.Name, ErrTotal)
	}
	return nil
}

// split divides the cells by one more margin. New cells are numbered in the order of the old ones, then of the codes.
func (c *Cells) split(m Margin) {
	k := len(m.Labels)
	old := max(1, c.Len())
	var missing MissingCodeError
	for r, code := range m.Code {
		if code < 0 || code >= k {
			if missing.Count == 0 {
				missing = MissingCodeError{Margin: m.Name, Row: r}
			}
			missing.Count++
			c.of[r] = -1
		}
	}
	if missing.Count > 0 && c.missing == nil {
		c.missing = &missing
	}
	present, number := numbers(c.of, m.Code, old, k)
	for r, cell := range c.of {
		if cell >= 0 {
			c.of[r] = number(int(cell)*k + m.Code[r])
		}
	}
	for i, code := range c.code {
		moved := make([]int32, len(present))
		for j, p := range present {
			moved[j] = code[p/k]
		}
		c.code[i] = moved
	}
	last := make([]int32, len(present))
	for j, p := range present {
		last[j] = int32(p % k)
	}
	c.code = append(c.code, last)
}

// numbers lists the combinations of cell and code that occur, cell*k+code, in their order, and numbers them.
func numbers(of []int32, code []int, cells, k int) (present []int, number func(int) int32) {
	if cells*k <= 4*len(of)+4096 {
		at := make([]int32, cells*k)
		for r, cell := range of {
			if cell >= 0 {
				at[int(cell)*k+code[r]] = 1
			}
		}
		for p, seen := range at {
			if seen > 0 {
				at[p] = int32(len(present))
				present = append(present, p)
			}
		}
		return present, func(p int) int32 { return at[p] }
	}
	for r, cell := range of {
		if cell >= 0 {
			present = append(present, int(cell)*k+code[r])
		}
	}
	slices.Sort(present)
	present = slices.Compact(present)
	return present, func(p int) int32 {
		j, _ := slices.BinarySearch(present, p)
		return int32(j)
	}
}

// Len is the number of cells.
func (c *Cells) Len() int {
	if len(c.code) == 0 {
		return 0
	}
	return len(c.code[0])
}

// Rows is the number of rows.
func (c *Cells) Rows() int { return len(c.of) }

// Of is the cell of each row, -1 where a category is missing. It must not be changed.
func (c *Cells) Of() []int32 { return c.of }

// Sums adds weights inside each cell, in whatever order to the same bits. A row without weight takes no part; one with
// weight and no category is a MissingCodeError.
func (c *Cells) Sums(weight []float64) ([]float64, error) {
	if len(weight) != len(c.of) {
		return nil, fmt.Errorf("weight: %d weights for %d rows: %w", len(weight), len(c.of), ErrLength)
	}
	g := sum.NewGrid(sum.Size(weight), len(weight))
	part := make([]pair, c.Len())
	for r, w := range weight {
		if !(w >= 0 && w <= limit) {
			return nil, fmt.Errorf("weight: row %d is %v: %w", r+1, w, ErrWeight)
		}
		if w == 0 {
			continue
		}
		cell := c.of[r]
		if cell < 0 {
			return nil, c.missing
		}
		part[cell].add(g, w)
	}
	total := make([]float64, len(part))
	for i := range part {
		total[i] = part[i].value()
	}
	return total, nil
}

// people counts the rows with weight in each cell.
func (c *Cells) people(weight []float64) []int {
	n := make([]int, c.Len())
	for r, cell := range c.of {
		if cell >= 0 && weight[r] > 0 {
			n[cell]++
		}
	}
	return n
}

// limit bounds weights and totals: squares of their sums stay far from overflow.
const limit = 1e30
