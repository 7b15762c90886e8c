package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Table is the columns of one file, or of several below each other.
type Table struct {
	name  string
	rows  int
	names []string
	index map[string]*column
}

// Rows is the number of rows.
func (t *Table) Rows() int { return t.rows }

// Columns are the names of the columns, in the order of the file.
func (t *Table) Columns() []string { return slices.Clone(t.names) }

// Has says whether there is such a column.
func (t *Table) Has(column string) bool { return t.index[column] != nil }

// Name is what errors call the table.
func (t *Table) Name() string { return t.name }

func (t *Table) column(name string) (*column, error) {
	if c := t.index[name]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%s: column %q: %w; there are %s", t.name, name, ErrColumn, strings.Join(t.names, ", "))
}

// Text is a column as it was written; "" is missing. ErrColumn.
func (t *Table) Text(column string) ([]string, error) {
	c, err := t.column(column)
	if err != nil {
		return nil, err
	}
	s := make([]string, t.rows)
	for i := range s {
		s[i] = c.at(i)
	}
	return s, nil
}

// Number is a column of numbers; NaN is missing. ErrColumn, or an *Error for a
// cell that is not a number.
func (t *Table) Number(column string) ([]float64, error) {
	c, err := t.column(column)
	if err != nil {
		return nil, err
	}
	if !c.numeric {
		return nil, t.noNumber(column, c)
	}
	x := make([]float64, t.rows)
	switch c.form {
	case coded:
		value := c.values()
		for i, code := range c.code {
			x[i] = value[code]
		}
	case whole:
		for i, w := range c.whole {
			x[i] = float64(w)
			if w == missingWhole {
				x[i] = math.NaN()
			}
		}
	case real64:
		copy(x, c.real)
	case text:
		for i := range x {
			x[i], _ = number(c.at(i))
		}
	}
	return x, nil
}

// values are the numbers behind the codes, NaN for texts.
func (c *column) values() []float64 {
	value := make([]float64, len(c.word))
	for i, w := range c.word {
		x, ok := number(w)
		if !ok {
			x = math.NaN()
		}
		value[i] = x
	}
	return value
}

// noNumber finds the first cell that is not a number.
func (t *Table) noNumber(name string, c *column) error {
	for i := range t.rows {
		if s := c.at(i); s != "" {
			if _, ok := number(s); !ok {
				return &Error{File: t.name, Row: i + 1, Column: name, Text: s, Err: ErrNumber}
			}
		}
	}
	return nil
}

// Numeric says whether all cells of a column are numbers or empty.
func (t *Table) Numeric(column string) bool {
	c := t.index[column]
	return c != nil && c.numeric
}

// Coded is a column of few different texts as the table keeps it: a code a row
// and the texts by code, of which some may be used by no row; text 0 is "",
// missing. Value has the numbers of the texts, NaN where one is missing or no
// number. ok is false for columns kept in another form. The slices belong to
// the table.
func (t *Table) Coded(column string) (code []uint8, label []string, value []float64, ok bool) {
	c := t.index[column]
	if c == nil || c.form != coded {
		return nil, nil, nil, false
	}
	return c.code, c.word, c.values(), true
}

// Codes numbers the values of a column: numbers in numeric order, texts in the
// order of their bytes; -1 is missing. Cells that are the same number share a
// code, and the shortest way it is written is its label. ErrColumn.
func (t *Table) Codes(column string) (code []int32, labels []string, err error) {
	c, err := t.column(column)
	if err != nil {
		return nil, nil, err
	}
	code = make([]int32, t.rows)
	switch c.form {
	case coded:
		var used [mostWords]bool
		for _, k := range c.code {
			used[k] = true
		}
		var words []string
		for k, w := range c.word {
			if used[k] {
				words = append(words, w)
			}
		}
		rank, labels := ranks(words, c.numeric)
		to := make([]int32, len(c.word))
		for k, w := range c.word {
			to[k] = rank[w]
		}
		for i, k := range c.code {
			code[i] = to[k]
		}
		return code, labels, nil
	case whole:
		return code, wholeCodes(c.whole, code), nil
	}
	index := make(map[string]int32)
	var words []string
	for i := range code {
		s := c.at(i)
		k, ok := index[s]
		if !ok {
			k = int32(len(words))
			index[s] = k
			words = append(words, s)
		}
		code[i] = k
	}
	rank, labels := ranks(words, c.numeric)
	for i, k := range code {
		code[i] = rank[words[k]]
	}
	return code, labels, nil
}

// ranks orders different texts and gives each its code.
func ranks(words []string, numeric bool) (map[string]int32, []string) {
	type entry struct {
		word  string
		value float64
	}
	var entries []entry
	rank := map[string]int32{"": -1}
	for _, w := range words {
		x := 0.0
		if numeric {
			x, _ = number(w)
		}
		if w == "" || math.IsNaN(x) {
			rank[w] = -1
			continue
		}
		entries = append(entries, entry{w, x})
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if numeric {
			return cmp.Or(cmp.Compare(a.value, b.value), len(a.word)-len(b.word), strings.Compare(a.word, b.word))
		}
		return strings.Compare(a.word, b.word)
	})
	labels := []string{}
	for i, e := range entries {
		if i == 0 || !numeric || e.value != entries[i-1].value {
			labels = append(labels, e.word)
		}
		rank[e.word] = int32(len(labels) - 1)
	}
	return rank, labels
}

// wholeCodes codes whole numbers: by counting where they lie close together,
// by sorting otherwise.
func wholeCodes(x []int32, code []int32) (labels []string) {
	values := slices.Clone(x)
	slices.Sort(values)
	values = slices.Compact(values)
	if len(values) > 0 && values[0] == missingWhole {
		values = values[1:]
	}
	labels = make([]string, len(values))
	for i, v := range values {
		labels[i] = strconv.Itoa(int(v))
	}
	if len(values) == 0 {
		for i := range code {
			code[i] = -1
		}
		return labels
	}
	lo, hi := int(values[0]), int(values[len(values)-1])
	var place []int32
	if hi-lo < 4*len(x) {
		place = make([]int32, hi-lo+1)
		for i, v := range values {
			place[int(v)-lo] = int32(i)
		}
	}
	for i, v := range x {
		switch {
		case v == missingWhole:
			code[i] = -1
		case place != nil:
			code[i] = place[int(v)-lo]
		default:
			k, _ := slices.BinarySearch(values, v)
			code[i] = int32(k)
		}
	}
	return labels
}

// Filter is the table with the rows for which keep is true; keep has one value
// a row, and rows beyond its end are left out.
func (t *Table) Filter(keep []bool) *Table {
	var rows []int32
	for i, k := range keep {
		if k && i < t.rows {
			rows = append(rows, int32(i))
		}
	}
	f := &Table{name: t.name, rows: len(rows), names: t.names, index: make(map[string]*column, len(t.names))}
	for name, c := range t.index {
		f.index[name] = c.pick(rows)
	}
	return f
}

// Stack puts tables below each other. They have the same columns, in any
// order; that of the first counts. add, unless "", is the name of a new column
// with the number of the table, from 1. ErrColumn or ErrHeader.
func Stack(add string, tables ...*Table) (*Table, error) {
	if len(tables) == 0 {
		return nil, fmt.Errorf("stack: no tables: %w", ErrHeader)
	}
	first := tables[0]
	s := &Table{name: first.name, names: slices.Clone(first.names), index: map[string]*column{}}
	for i, t := range tables {
		if i > 0 {
			s.name += "+" + t.name
		}
		s.rows += t.rows
		for _, name := range t.names {
			if !first.Has(name) {
				return nil, fmt.Errorf("stack: %s has a column %q that %s has not: %w", t.name, name, first.name, ErrColumn)
			}
		}
	}
	for _, name := range s.names {
		b := newBuilder()
		for _, t := range tables {
			c, err := t.column(name)
			if err != nil {
				return nil, fmt.Errorf("stack: %w", err)
			}
			for i := range t.rows {
				if !b.add([]byte(c.at(i))) {
					return nil, fmt.Errorf("stack: column %q: %w", name, ErrSize)
				}
			}
		}
		s.index[name] = b.column()
	}
	if add == "" {
		return s, nil
	}
	if s.Has(add) {
		return nil, fmt.Errorf("stack: column %q is there already: %w", add, ErrHeader)
	}
	b := newBuilder()
	for i, t := range tables {
		for range t.rows {
			b.add([]byte(strconv.Itoa(i + 1)))
		}
	}
	s.names = append(s.names, add)
	s.index[add] = b.column()
	return s, nil
}
