package fields

import (
	"io"
	"net/url"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/web"
)

// Rows of a form in which a table is typed by hand.
const (
	FirstRows = 8  // at first
	MoreRows  = 6  // when more are asked for
	MostRows  = 60 // beyond that a file is the better way
)

// Grid is a table to be typed by hand.
type Grid struct {
	Label string // of the whole table
	Heads []GridCell
	Rows  []GridRow
}

// GridRow is one row with its number.
type GridRow struct {
	Number string
	Cells  []GridCell
}

// GridCell is one field of the table. Its label is for screen readers.
type GridCell struct {
	Name, Label, Value, Error, Hint string
	Number, Check, Checked          bool
	Options                         []Option
}

// ErrorID is the id of the fault under the cell.
func (c GridCell) ErrorID() string { return "f-" + c.Name + "-error" }

// CellName names the field in row (0 is the heading) and column, from 1.
func CellName(row, col int) string { return "c" + strconv.Itoa(row) + "_" + strconv.Itoa(col) }

// RowsSent is how many rows the form shows, as it says itself.
func RowsSent(v url.Values) int {
	n, err := strconv.Atoi(v.Get("rows"))
	if err != nil || n < 1 {
		return FirstRows
	}
	return min(n, MostRows)
}

// TypedTable reads the grid as if it had come in a file: its rows count as the
// form numbers them. Empty rows are left out, and so are columns without a
// heading that hold nothing.
func TypedTable(v url.Values, columns int) sheet.Sheet {
	rows := RowsSent(v)
	cell := func(row, col int) string { return strings.TrimSpace(v.Get(CellName(row, col))) }
	var keep []int
	for col := 1; col <= columns; col++ {
		used := col == columns // the people
		for row := 0; row <= rows; row++ {
			used = used || cell(row, col) != ""
		}
		if used {
			keep = append(keep, col)
		}
	}
	var s sheet.Sheet
	for row := 0; row <= rows; row++ {
		var cells []sheet.Cell
		empty := true
		for i, col := range keep {
			text := cell(row, col)
			empty = empty && text == ""
			cells = append(cells, sheet.Cell{Text: text, Row: row, Col: i + 1})
		}
		if row == 0 || !empty {
			s.Rows = append(s.Rows, cells)
		}
	}
	return s
}

// GridFaults puts faults that name a row and a column to their cells, and leads
// from the summary to them. heads are the columns by their headings.
func GridFaults(r *web.Request, summary *Faults, err error, heads map[string]int) map[string]string {
	at := map[string]string{}
	e, ok := errs.Find(err)
	if !ok {
		return at
	}
	for i, d := range e.Details {
		col, ok := heads[d.Field]
		if !ok || d.File != "" {
			continue
		}
		at[CellName(d.Row, col)] = r.Printer.T(d.Key, d.Args...)
		summary.Lines[i].Anchor = "#f-" + CellName(d.Row, col)
	}
	return at
}

// ReadUpload reads the table a form carries in its field "file".
func ReadUpload(r *web.Request) (sheet.Sheet, error) {
	up, err := r.File("file")
	if err != nil {
		return sheet.Sheet{}, err
	}
	return sheet.Read(up.Name, up, up.Size, sheet.Limits{Rows: 6000, Columns: 40})
}

// CSV sends a table as a file for a spreadsheet.
func CSV(name string, header []string, rows [][]string) web.Reply {
	return web.Stream(name+".csv", "text/csv; charset=utf-8", func(w io.Writer) error { return sheet.WriteCSV(w, header, rows) })
}

// Digits reads a whole number a form carries; nothing counts as zero.
func Digits(s string) (int, bool) {
	s = strings.TrimSpace(i18n.Digits(s))
	if s == "" {
		return 0, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
