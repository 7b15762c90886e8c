package xlsform

import (
	"strings"

	"adili/form/xlsform/cells"
	"adili/form/xlsform/spelling"
)

// table is a sheet whose headers were understood.
type table struct {
	sheet   string
	columns []spelling.Column
	rows    []record
	found   *problems
}

// record is one row of a table, its cells beside the table's columns.
type record struct {
	table *table
	row   int // as spreadsheets count, from 1
	cells []string
}

// tabulate understands the headers of a sheet and cleans its cells. squeeze
// says whether runs of spaces within a cell become one, exact whether nothing
// but the white space at both ends is touched.
func tabulate(s Sheet, known spelling.Headers, squeeze, exact bool, found *problems) *table {
	t := &table{sheet: s.Name, found: found}
	if len(s.Rows) == 0 {
		return t
	}
	double := false
	for _, header := range s.Rows[0] {
		double = double || strings.Contains(header, "::")
	}
	seen := make(map[[2]string]string)
	for _, cell := range s.Rows[0] {
		header := cells.Clean(cell, true)
		c := known.Column(header, double)
		key := [2]string{c.Field, c.Language}
		if other, twice := seen[key]; twice && header != "" {
			found.add(Problem{Sheet: s.Name, Row: 1, Column: header, Field: c.Field, Key: "xlsform.problem.column_twice", Args: []any{"Other", other, "Header", header}})
		}
		seen[key] = header
		t.columns = append(t.columns, c)
	}
	for i, row := range s.Rows[1:] {
		r := record{table: t, row: i + 2, cells: make([]string, len(t.columns))}
		for j, cell := range row {
			if j < len(t.columns) && t.columns[j].Header != "" {
				r.cells[j] = strings.TrimSpace(cell)
				if !exact {
					r.cells[j] = cells.Clean(cell, squeeze)
				}
			} else if strings.TrimSpace(cell) != "" {
				found.add(Problem{Sheet: s.Name, Row: r.row, Key: "xlsform.problem.no_header", Warning: true})
			}
		}
		t.rows = append(t.rows, r)
	}
	return t
}

// has reports whether the sheet has a column of that name.
func (t *table) has(field string) bool {
	for _, c := range t.columns {
		if c.Field == field {
			return true
		}
	}
	return false
}

// header is how the sheet spells a column.
func (t *table) header(field string) string {
	for _, c := range t.columns {
		if c.Field == field {
			return c.Header
		}
	}
	return field
}

// get is the cell of a column without language, "" where there is none.
func (r record) get(field string) string {
	for i, c := range r.table.columns {
		if c.Field == field && c.Language == "" {
			return r.cells[i]
		}
	}
	return ""
}

// filled reports whether a column has text in any language.
func (r record) filled(field string) bool {
	for i, c := range r.table.columns {
		if c.Field == field && r.cells[i] != "" {
			return true
		}
	}
	return false
}

func (r record) blank() bool { return cells.Blank(r.cells) }

// bad notes an error in the row, at a column.
func (r record) bad(field, key string, args ...any) {
	r.table.found.add(Problem{Sheet: r.table.sheet, Row: r.row, Column: r.table.header(field), Field: field, Key: key, Args: args})
}

// warn notes something doubtful in the row, at a column.
func (r record) warn(field, key string, args ...any) {
	p := Problem{Sheet: r.table.sheet, Row: r.row, Column: field, Field: field, Key: key, Args: args, Warning: true}
	if field != "" {
		p.Column = r.table.header(field)
	}
	r.table.found.add(p)
}
