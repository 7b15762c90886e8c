// Package planner helps to plan a round: it reads a frame and a list of offices
// from a sheet, computes the sample a plan needs and what it can show, and
// finds combinations of answers that too few people share.
package planner

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/sheet"
	"adili/internal/survey"
)

// Limits of a frame.
const (
	MaxDimensions = 6
	maxCells      = 5000
	maxName       = 80 // characters of a value, a dimension or an office
	maxPeople     = 10_000_000
)

// totalWords are how the last row of a table is called when it adds up the
// others, which would count everybody twice.
var totalWords = []string{"total", "totals", "sum", "totaux", "suma", "soma", "totais", "totales", "المجموع", "الإجمالي", "итого", "всего", "合计", "总计", "总数"}

// ReadFrame reads a frame from a table: a heading, then one row for each group.
// The last column is the number of people, the others are dimensions. Rows
// without people are left out. All faults come together, each with its row,
// column and remedy, and then nothing is taken.
func ReadFrame(s sheet.Sheet) (survey.Frame, error) {
	var f survey.Frame
	var faults []errs.Detail
	if len(s.Rows) < 2 {
		return f, refuseTable(s, "survey.frame.invalid", []errs.Detail{{File: s.Name, Key: "survey.frame.no_rows"}})
	}
	head, last := s.Rows[0], len(s.Rows[0])-1
	switch {
	case last > MaxDimensions:
		faults = append(faults, s.Fault(head[MaxDimensions+1], "survey.frame.too_many_dimensions", "Max", MaxDimensions))
	case len(s.Rows)-1 > maxCells:
		faults = append(faults, errs.Detail{File: s.Name, Key: "survey.frame.too_many_rows", Args: []any{"Max", maxCells}})
	}
	for _, c := range head[:last] {
		if fault := checkName(s, c); fault != nil {
			faults = append(faults, *fault)
		} else if slices.Contains(f.Dimensions, c.Text) {
			faults = append(faults, s.Fault(c, "survey.frame.duplicate_dimension", "Value", c.Text))
		}
		f.Dimensions = append(f.Dimensions, c.Text)
	}
	if _, err := wholeNumber(head[last].Text); err == nil {
		faults = append(faults, s.Fault(head[last], "survey.frame.no_heading"))
	}
	if len(faults) > 0 {
		return survey.Frame{}, refuseTable(s, "survey.frame.invalid", faults)
	}
	f.Cells, faults = readCells(s, last)
	if len(faults) == 0 && f.People() == 0 {
		faults = append(faults, errs.Detail{File: s.Name, Key: "survey.frame.no_rows"})
	}
	if len(faults) > 0 {
		return survey.Frame{}, refuseTable(s, "survey.frame.invalid", faults)
	}
	return f, nil
}

func readCells(s sheet.Sheet, last int) (cells []survey.Cell, faults []errs.Detail) {
	seen := map[string]int{}
	for _, row := range s.Rows[1:] {
		before := len(faults)
		var values []string
		for _, c := range row[:last] {
			if fault := checkName(s, c); fault != nil {
				faults = append(faults, *fault)
			} else if slices.Contains(totalWords, strings.ToLower(c.Text)) {
				faults = append(faults, s.Fault(c, "survey.frame.total_row", "Value", c.Text))
			}
			values = append(values, c.Text)
		}
		people, err := wholeNumber(row[last].Text)
		if err != nil {
			faults = append(faults, s.Fault(row[last], "survey.frame.people", "Value", row[last].Text))
		}
		if len(faults) > before {
			continue
		}
		key := strings.Join(values, "\x00")
		if first, ok := seen[key]; ok {
			faults = append(faults, s.Fault(row[0], "survey.frame.duplicate_row", "First", first))
			continue
		}
		seen[key] = row[0].Row
		if people > 0 {
			cells = append(cells, survey.Cell{Values: values, People: people})
		}
	}
	return cells, faults
}

// FrameRows is a frame as rows ReadFrame would read, without the heading.
func FrameRows(f survey.Frame) [][]string {
	var rows [][]string
	for _, c := range f.Cells {
		rows = append(rows, append(slices.Clone(c.Values), strconv.Itoa(c.People)))
	}
	return rows
}

// OfficeRows is an office list as rows ReadOffices would read, without the
// heading.
func OfficeRows(offices []survey.Office) [][]string {
	var rows [][]string
	for _, o := range offices {
		drawn := ""
		if o.Drawn {
			drawn = "x"
		}
		rows = append(rows, []string{o.Label, strconv.Itoa(o.People), o.Stratum, drawn})
	}
	return rows
}

// ReadOffices reads an office list from a table: a heading, then one row for
// each office: its name, its people, and if there are such columns the value of
// the stratifying dimension it lies in and whether it was drawn. stratify is
// that dimension, empty where there is none.
func ReadOffices(s sheet.Sheet, f survey.Frame, stratify string) ([]survey.Office, error) {
	if len(s.Rows) < 2 {
		return nil, refuseTable(s, "survey.office.invalid", []errs.Detail{{File: s.Name, Key: "survey.office.no_rows"}})
	}
	if width := len(s.Rows[0]); width < 2 || width > 4 {
		return nil, refuseTable(s, "survey.office.invalid", []errs.Detail{{File: s.Name, Row: s.Rows[0][0].Row, Key: "survey.office.columns"}})
	}
	known, _ := f.Values(stratify)
	var offices []survey.Office
	var faults []errs.Detail
	seen := map[string]int{}
	for _, row := range s.Rows[1:] {
		o, found := readOffice(s, row, stratify, known)
		if first, ok := seen[o.Label]; ok && o.Label != "" {
			found = append(found, s.Fault(row[0], "survey.frame.duplicate_row", "First", first))
		}
		seen[o.Label] = row[0].Row
		faults = append(faults, found...)
		offices = append(offices, o)
	}
	if len(faults) > 0 {
		return nil, refuseTable(s, "survey.office.invalid", faults)
	}
	return offices, nil
}

func readOffice(s sheet.Sheet, row []sheet.Cell, stratify string, known []string) (o survey.Office, faults []errs.Detail) {
	o.Label = row[0].Text
	if fault := checkName(s, row[0]); fault != nil {
		faults = append(faults, *fault)
	}
	people, err := wholeNumber(row[1].Text)
	switch {
	case err != nil:
		faults = append(faults, s.Fault(row[1], "survey.frame.people", "Value", row[1].Text))
	case people < survey.MinOffice:
		faults = append(faults, s.Fault(row[1], "survey.office.too_small", "Min", survey.MinOffice, "People", people))
	}
	o.People = people
	if len(row) > 2 && row[2].Text != "" {
		o.Stratum = row[2].Text
		if stratify != "" && !slices.Contains(known, o.Stratum) {
			faults = append(faults, s.Fault(row[2], "survey.office.stratum", "Value", o.Stratum, "Dimension", stratify))
		}
	}
	if len(row) > 3 {
		drawn, ok := yes(row[3].Text)
		if !ok {
			faults = append(faults, s.Fault(row[3], "survey.office.drawn", "Value", row[3].Text))
		}
		o.Drawn = drawn
	}
	return o, faults
}

func refuseTable(s sheet.Sheet, key string, faults []errs.Detail) error {
	e := errs.New(errs.Invalid, key, "File", s.Name)
	e.Details = faults[:min(len(faults), 50)]
	return e
}

func checkName(s sheet.Sheet, c sheet.Cell) *errs.Detail {
	var fault errs.Detail
	switch {
	case c.Text == "":
		fault = s.Fault(c, "survey.frame.empty")
	case utf8.RuneCountInString(c.Text) > maxName:
		fault = s.Fault(c, "survey.frame.long", "Max", maxName)
	case strings.ContainsFunc(c.Text, unicode.IsControl):
		fault = s.Fault(c, "survey.frame.control")
	default:
		return nil
	}
	return &fault
}

// wholeNumber reads a number of people as a person writes it: in any digits,
// with spaces, points or commas between the thousands.
func wholeNumber(text string) (int, error) {
	digits := i18n.Digits(text)
	for _, mark := range []string{" ", "\u00a0", "\u202f", ",", ".", "’", "'", "٬"} {
		parts := strings.Split(digits, mark)
		grouped := len(parts) > 1 && len(parts[0]) >= 1 && len(parts[0]) <= 3
		for _, part := range parts[1:] {
			grouped = grouped && len(part) == 3
		}
		if grouped {
			digits = strings.Join(parts, "")
			break
		}
	}
	n, err := strconv.Atoi(digits)
	if err == nil && (n < 0 || n > maxPeople || strings.ContainsAny(digits, "+-")) {
		return 0, strconv.ErrRange
	}
	return n, err
}

// yes reads a mark for drawn offices in any of the languages; an empty cell
// means no.
func yes(text string) (drawn, ok bool) {
	switch strings.ToLower(i18n.Digits(text)) {
	case "yes", "y", "x", "1", "true", "oui", "o", "sí", "si", "s", "sim", "نعم", "да", "是", "✓":
		return true, true
	case "", "no", "n", "0", "false", "non", "não", "nao", "لا", "нет", "否", "-":
		return false, true
	}
	return false, false
}
