package frame

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"adili/estimate/data"
)

// View is the rows of a design, with the columns derived from them.
type View struct {
	table      *data.Table
	rows       []int // of the data; nil for all
	derive     map[string]string
	given      map[string][]float64 // columns in place of those of the table
	instrument *Instrument
	busy       map[string]bool // columns being derived
	known      map[string]Value
}

// NewView is a view of a table.
func NewView(t *data.Table) *View {
	return &View{table: t, derive: map[string]string{}, busy: map[string]bool{}, known: map[string]Value{}}
}

// Rows is the number of rows.
func (v *View) Rows() int {
	if v.table == nil {
		return 0
	}
	return v.table.Rows()
}

// origin is the row of the data that row i is, from 0.
func (v *View) origin(i int) int {
	if v.rows == nil {
		return i
	}
	return v.rows[i]
}

// Derive is the view with further columns.
func (v *View) Derive(columns map[string]string) *View {
	n := *v
	n.derive = maps.Clone(v.derive)
	maps.Copy(n.derive, columns)
	n.busy, n.known = map[string]bool{}, map[string]Value{}
	return &n
}

// With is the view with other values in some columns; NaN is missing.
func (v *View) With(columns map[string][]float64) *View {
	n := v.Derive(nil)
	n.given = map[string][]float64{}
	maps.Copy(n.given, v.given)
	maps.Copy(n.given, columns)
	return n
}

// Keep is the view with only some of its rows; row() still counts those of the data.
func (v *View) Keep(in []bool) *View {
	n := v.Derive(nil)
	n.rows = nil
	for i, keep := range in {
		if keep {
			n.rows = append(n.rows, v.origin(i))
		}
	}
	n.table = v.table.Filter(in)
	n.given = map[string][]float64{}
	for name, x := range v.given {
		for i, y := range x {
			if in[i] {
				n.given[name] = append(n.given[name], y)
			}
		}
	}
	return n
}

// Has says whether there is a column of this name.
func (v *View) Has(name string) bool {
	_, derived := v.derive[name]
	return derived || v.table != nil && v.table.Has(name)
}

// column gives a column, derived or of the file.
func (v *View) column(name string) (Value, error) {
	expr, derived := v.derive[name]
	if derived {
		if x, ok := v.known[name]; ok {
			return x, nil
		}
		if v.busy[name] {
			return Value{}, fmt.Errorf("column %s is derived from itself", name)
		}
		v.busy[name] = true
		defer delete(v.busy, name)
		x, err := v.Eval(expr)
		if err != nil {
			return Value{}, fmt.Errorf("column %s: %w", name, err)
		}
		v.known[name] = x
		return x, nil
	}
	if x, ok := v.given[name]; ok {
		return Value{Number: x}, nil
	}
	if v.table == nil {
		return Value{}, fmt.Errorf("column %s: the design has no data", name)
	}
	if !v.table.Has(name) {
		return Value{}, fmt.Errorf("there is no column %s in %s: it has %s", name, v.table.Name(), strings.Join(v.table.Columns(), ", "))
	}
	if v.table.Numeric(name) {
		x, err := v.table.Number(name)
		return Value{Number: x}, err
	}
	text, err := v.table.Text(name)
	return Value{Text: text}, err
}

// written gives a column as text: as the file has it.
func (v *View) written(name string) ([]string, error) {
	_, derived := v.derive[name]
	if _, given := v.given[name]; !derived && !given && v.table != nil && v.table.Has(name) {
		return v.table.Text(name)
	}
	x, err := v.column(name)
	return x.texts(), err
}

// Eval evaluates an expression.
func (v *View) Eval(expr string) (Value, error) {
	n, err := v.read(expr)
	if err != nil {
		return Value{}, err
	}
	x, err := n.eval(v)
	if err != nil {
		return Value{}, fmt.Errorf("expression %q: %w", expr, err)
	}
	return x, nil
}

// read parses an expression. A name that is a column is one, whatever signs are in it.
func (v *View) read(expr string) (node, error) {
	if v.Has(expr) {
		return column(expr), nil
	}
	return parse(expr)
}

// Number evaluates an expression that has to be numeric; NaN is missing.
func (v *View) Number(expr string) ([]float64, error) {
	x, err := v.Eval(expr)
	if err == nil && x.Text != nil {
		err = fmt.Errorf("%q is text, and a number is needed", expr)
	}
	return x.Number, err
}

// Text evaluates an expression as text: columns as the file has them, "" for missing.
func (v *View) Text(expr string) ([]string, error) {
	n, err := v.read(expr)
	if err != nil {
		return nil, err
	}
	return texts(v, n)
}

// Labels numbers the categories of an expression, or of several crossed and joined with a point; -1 is missing. Numbers
// come in their order, texts by their bytes, intervals of cut() as they follow each other. Crossed, the first varies
// fastest, and combinations that nobody has are left out.
func (v *View) Labels(exprs ...string) (code []int, labels []string, err error) {
	code = make([]int, v.Rows())
	for i, expr := range exprs {
		one, names, err := v.categories(expr)
		if err != nil {
			return nil, nil, err
		}
		if i == 0 {
			code, labels = one, names
			continue
		}
		code, labels = cross(code, labels, one, names)
	}
	return code, labels, nil
}

func (v *View) categories(expr string) ([]int, []string, error) {
	x, err := v.Eval(expr)
	if err != nil {
		return nil, nil, err
	}
	text, levels := x.texts(), x.Levels
	if levels == nil {
		levels = slices.Clone(text)
		slices.SortFunc(levels, order(x.Text == nil))
		levels = slices.Compact(levels)
		if len(levels) > 0 && levels[0] == "" {
			levels = levels[1:]
		}
	}
	place := map[string]int{"": -1}
	for i, l := range levels {
		place[l] = i
	}
	code := make([]int, len(text))
	for i, l := range text {
		code[i] = place[l]
	}
	return code, levels, nil
}

// order compares labels; those of numbers numerically.
func order(numeric bool) func(a, b string) int {
	if !numeric {
		return strings.Compare
	}
	return func(a, b string) int {
		x, errx := strconv.ParseFloat(a, 64)
		y, erry := strconv.ParseFloat(b, 64)
		if errx != nil || erry != nil {
			return strings.Compare(a, b) // a missing one comes first
		}
		return cmp.Compare(x, y)
	}
}

// cross combines two codes.
func cross(a []int, names []string, b []int, others []string) ([]int, []string) {
	code := make([]int, len(a))
	seen := make([]bool, len(names)*len(others))
	for i := range a {
		code[i] = -1
		if a[i] >= 0 && b[i] >= 0 {
			code[i] = b[i]*len(names) + a[i]
			seen[code[i]] = true
		}
	}
	place := make([]int, len(seen))
	var labels []string
	for j, l := range others {
		for i, k := range names {
			if c := j*len(names) + i; seen[c] {
				place[c] = len(labels)
				labels = append(labels, k+"."+l)
			}
		}
	}
	for i, c := range code {
		if c >= 0 {
			code[i] = place[c]
		}
	}
	return code, labels
}

// Match says which rows are in a domain.
func (v *View) Match(d Domain) ([]bool, error) {
	in := fill(v.Rows(), true)
	for _, c := range d.columns {
		if err := v.matchColumn(c, in); err != nil {
			return nil, err
		}
	}
	if d.where != "" {
		x, err := v.Number(d.where)
		if err != nil {
			return nil, fmt.Errorf("where: %w", err)
		}
		for i, y := range x {
			in[i] = in[i] && y != 0 && !math.IsNaN(y)
		}
	}
	return in, nil
}

func (v *View) matchColumn(c condition, in []bool) (err error) {
	number, text := make([]float64, len(in)), make([]string, len(in))
	if len(c.numbers) > 0 {
		if number, err = v.Number(c.column); err != nil {
			return err
		}
	}
	if len(c.texts) > 0 || len(c.numbers) == 0 {
		if text, err = v.written(c.column); err != nil {
			return err
		}
	}
	for i := range in {
		in[i] = in[i] && (slices.Contains(c.numbers, number[i]) || slices.Contains(c.texts, text[i]))
	}
	return nil
}
