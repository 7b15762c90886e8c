// Package sheet reads the tables people send, as CSV or as Excel workbooks, and writes both. What is sent is not trusted: a
// file over the limits is refused before it is read whole, sizes stated inside a file count for nothing, and each fault is
// named with its file, row, column and remedy.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"adili/internal/kernel/errs"
)

// Sheet is a table as sent. Empty rows are left out; each cell knows where it stood.
type Sheet struct {
	Name string   // name of the file
	Rows [][]Cell // the first is the heading; no row is shorter than it, and none is longer
}

// Cell is one cell.
type Cell struct {
	Text string // without surrounding spaces
	Row  int    // as a spreadsheet counts, from 1
	Col  int    // from 1; see Letter
}

// Limits says how much is read. A limit of zero stands for its default.
type Limits struct {
	Bytes    int64 // of the file: 8 MiB
	Rows     int   // that are not empty: 50,000
	Columns  int   // 100
	Unzipped int64 // of all parts of a workbook that are read, in bytes: 64 MiB
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 8 << 20
	}
	if l.Rows <= 0 {
		l.Rows = 50_000
	}
	if l.Columns <= 0 {
		l.Columns = 100
	}
	if l.Unzipped <= 0 {
		l.Unzipped = 64 << 20
	}
	return l
}

// mostFaults is how many faults of a file are told at a time.
const mostFaults = 20

// Read reads the file called name: CSV (UTF-8; comma, semicolon or tab) or the first visible sheet of an .xlsx workbook.
// A file that cannot be used gives an error of kind Invalid, or TooLarge when it is over a limit, whose Details say what
// to mend. Faults of reading r itself are passed on.
func Read(name string, r io.ReaderAt, size int64, limits Limits) (Sheet, error) {
	limits = limits.orDefault()
	t := &table{name: path.Base(strings.ReplaceAll(name, `\`, "/")), limits: limits}
	err := t.read(r, size)
	if err == nil {
		err = t.finish()
	}
	if err != nil {
		var trouble refusal
		if !errors.As(err, &trouble) {
			return Sheet{}, fmt.Errorf("sheet.Read: %w", err)
		}
		t.fault(trouble.row, trouble.col, trouble.key, trouble.args...)
		return Sheet{}, t.refuse(trouble.kind)
	}
	if len(t.faults) > 0 {
		return Sheet{}, t.refuse(errs.Invalid)
	}
	return Sheet{Name: t.name, Rows: t.rows}, nil
}

// refusal is a fault that ends the reading.
type refusal struct {
	kind     errs.Kind
	key      string
	row, col int
	args     []any
}

// Error implements error.
func (r refusal) Error() string { return r.key }

func invalid(key string) refusal { return refusal{kind: errs.Invalid, key: key} }

func tooLarge(key string, limit any) refusal {
	return refusal{kind: errs.TooLarge, key: key, args: []any{"Limit", limit}}
}

// table collects the rows and faults of one file.
type table struct {
	name   string
	limits Limits
	rows   [][]Cell
	faults []errs.Detail
	page   *Page // where the rows go in place of rows, as they stand
}

// read tells the formats apart by their content first: people rename files.
func (t *table) read(r io.ReaderAt, size int64) error {
	if size > t.limits.Bytes {
		return tooLarge("sheet.too_large", t.limits.Bytes>>20)
	}
	start := make([]byte, min(size, 8))
	if _, err := r.ReadAt(start, 0); err != nil && err != io.EOF {
		return err
	}
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")):
		return t.readXLSX(r, size)
	case bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")): // Excel before 2007, or a workbook with a password
		return invalid("sheet.old_excel")
	}
	switch strings.ToLower(path.Ext(t.name)) {
	case ".xlsx", ".xlsm":
		return invalid("sheet.not_xlsx")
	case ".csv", ".txt", ".tsv":
		return t.readCSV(io.NewSectionReader(r, 0, size))
	}
	return invalid("sheet.unknown_kind")
}

// add takes a row, unless it is empty. The texts are those of the columns from 1.
func (t *table) add(row int, texts []string) error {
	for i := range texts {
		texts[i] = strings.TrimSpace(texts[i])
	}
	for len(texts) > 0 && texts[len(texts)-1] == "" {
		texts = texts[:len(texts)-1]
	}
	if len(texts) == 0 {
		return nil
	}
	if len(t.rows) == t.limits.Rows {
		trouble := tooLarge("sheet.too_many_rows", t.limits.Rows)
		trouble.row = row
		return trouble
	}
	if len(texts) > t.limits.Columns {
		return t.tooWide(row)
	}
	if t.page != nil {
		return t.place(row, texts)
	}
	width := len(texts)
	if len(t.rows) > 0 {
		width = len(t.rows[0])
	}
	if len(texts) > width {
		return t.tell(row, width+1, "sheet.ragged_row", "Width", width)
	}
	cells := make([]Cell, width)
	for i := range cells {
		cells[i] = Cell{Row: row, Col: i + 1}
		if i < len(texts) {
			cells[i].Text = texts[i]
		}
	}
	t.rows = append(t.rows, cells)
	return nil
}

func (t *table) tooWide(row int) error {
	trouble := tooLarge("sheet.too_many_columns", t.limits.Columns)
	trouble.row, trouble.col = row, t.limits.Columns+1
	return trouble
}

// tell notes a fault and lets the reading go on, so that a person can mend several at a time.
func (t *table) tell(row, col int, key string, args ...any) error {
	t.fault(row, col, key, args...)
	if len(t.faults) >= mostFaults {
		return invalid("sheet.more")
	}
	return nil
}

func (t *table) fault(row, col int, key string, args ...any) {
	field := ""
	if col > 0 {
		field = Letter(col)
	}
	t.faults = append(t.faults, errs.Detail{File: t.name, Row: row, Field: field, Key: key, Args: args})
}

func (t *table) finish() error {
	if len(t.rows) == 0 && len(t.faults) == 0 && t.page == nil {
		return invalid("sheet.empty")
	}
	return nil
}

func (t *table) refuse(kind errs.Kind) error {
	e := errs.New(kind, "sheet.refused", "File", t.name)
	e.Op, e.Details = "sheet.Read", t.faults
	return e
}

// Fault makes the detail of an error that lies in a cell, naming the column by its heading. The key's text should say the
// remedy.
func (s Sheet) Fault(cell Cell, key string, args ...any) errs.Detail {
	field := Letter(cell.Col)
	if len(s.Rows) > 0 && cell.Col >= 1 && cell.Col <= len(s.Rows[0]) && s.Rows[0][cell.Col-1].Text != "" {
		field = s.Rows[0][cell.Col-1].Text
	}
	return errs.Detail{File: s.Name, Row: cell.Row, Field: field, Key: key, Args: args}
}

// Letter gives the letters a spreadsheet shows above a column: 1 is A, 27 is AA. Below 1 there are none.
func Letter(col int) string {
	var letters []byte
	for ; col > 0; col = (col - 1) / 26 {
		letters = append([]byte{byte('A' + (col-1)%26)}, letters...)
	}
	return string(letters)
}
