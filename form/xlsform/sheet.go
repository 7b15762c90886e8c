package xlsform

import (
	"fmt"
	"slices"
	"strings"

	"adili/form"
	"adili/form/xlsform/cells"
	"adili/form/xlsform/export"
	"adili/form/xlsform/spelling"
)

// Sheet is one sheet of a workbook. Rows[0] is row 1, the headers; rows may
// have different lengths.
type Sheet = cells.Sheet

// ReadMarkdown reads the sheets of a form written as Markdown tables: a row
// with a first cell begins the sheet of that name, the other rows leave the
// first cell empty.
func ReadMarkdown(text string) []Sheet { return cells.ReadMarkdown(text) }

// WriteMarkdown writes sheets as Markdown tables that ReadMarkdown reads.
func WriteMarkdown(sheets []Sheet) string { return cells.WriteMarkdown(sheets) }

// Write makes the sheets of an XLSForm of a questionnaire. Read makes the same
// questionnaire of them.
func Write(q *form.Questionnaire) []Sheet { return export.Write(q) }

// Bounds of a sheet.
const (
	MaxRows    = 10_000
	MaxColumns = 500
	MaxCell    = 32_767 // bytes; a cell of a spreadsheet has no more characters
)

// refusedSheets belong to XLSForm and hold what Adili cannot take.
var refusedSheets = map[string]string{
	"entities":         "entities join answers to lists of people or things, which would identify who answers",
	"external_choices": "choices kept in a file of their own are not read",
	"osm":              "map features are not asked",
}

// book finds the sheets of a form by their names.
type book struct {
	sheets map[string]Sheet
	large  map[string]bool // left out because a bound is passed
	names  []string        // of the sheets that are none of a form's
}

func open(sheets []Sheet, found *problems) book {
	b := book{sheets: make(map[string]Sheet), large: make(map[string]bool)}
	for _, s := range sheets {
		name := strings.ToLower(strings.TrimSpace(s.Name))
		_, refused := refusedSheets[name]
		known := refused || name == spelling.SurveySheet || name == spelling.ChoicesSheet || name == spelling.SettingsSheet
		switch {
		case !known && len(sheets) == 1:
			name = spelling.SurveySheet
		case !known:
			b.names = append(b.names, s.Name)
			if !strings.HasPrefix(s.Name, "_") {
				found.add(Problem{Sheet: s.Name, Key: "xlsform.problem.sheet_ignored", Warning: true})
			}
			continue
		}
		if _, twice := b.sheets[name]; twice {
			found.add(Problem{Sheet: name, Key: "xlsform.problem.sheet_twice"})
			continue
		}
		s.Name = name
		if trimmed, ok := bounded(s, found); ok {
			b.sheets[name] = trimmed
		} else {
			b.large[name] = true
		}
	}
	return b
}

// bounded checks a sheet against the bounds and leaves out blank rows at its end.
func bounded(s Sheet, found *problems) (Sheet, bool) {
	for len(s.Rows) > 0 && cells.Blank(s.Rows[len(s.Rows)-1]) {
		s.Rows = s.Rows[:len(s.Rows)-1]
	}
	if len(s.Rows) > MaxRows {
		found.add(Problem{Sheet: s.Name, Key: "xlsform.problem.rows", Args: []any{"Max", MaxRows}})
		return s, false
	}
	for i, row := range s.Rows {
		if len(row) > MaxColumns && !cells.Blank(row[MaxColumns:]) {
			found.add(Problem{Sheet: s.Name, Row: i + 1, Key: "xlsform.problem.columns", Args: []any{"Max", MaxColumns}})
			return s, false
		}
		for j, cell := range row {
			if len(cell) > MaxCell {
				header := ""
				if i > 0 && j < len(s.Rows[0]) {
					header = s.Rows[0][j]
				}
				found.add(Problem{Sheet: s.Name, Row: i + 1, Column: header, Key: "xlsform.problem.cell", Args: []any{"Max", MaxCell}})
				return s, false
			}
		}
	}
	return s, true
}

// exact reports whether the settings keep texts as they stand.
func (b book) exact() bool {
	rows := b.sheets[spelling.SettingsSheet].Rows
	if len(rows) < 2 {
		return false
	}
	at := slices.Index(rows[0], spelling.ExactTexts)
	return at >= 0 && at < len(rows[1]) && rows[1][at] == "yes"
}

// similarSheets says which of the other sheets could be meant by want.
func (b book) similarSheets(want string) string {
	var close []string
	for _, name := range b.names {
		if !strings.HasPrefix(name, "_") && distance(strings.ToLower(name), want) <= 2 {
			close = append(close, name)
		}
	}
	return meant(close)
}

// meant is the end of a message that offers names.
func meant(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" Did you mean “%s”?", strings.Join(names, "”, “"))
}

// maxOffers is how many errors may come with names to choose from: comparing
// names takes time.
const maxOffers = 20

// similar offers the names that differ little from want.
func (p *problems) similar(want string, names []string) string {
	if p.errors >= maxOffers {
		return ""
	}
	var close []string
	for _, name := range names {
		if len(want) > 2 && len(close) < 3 && distance(strings.ToLower(name), strings.ToLower(want)) <= 1+len(want)/8 {
			close = append(close, name)
		}
	}
	return meant(close)
}

// distance counts the letters to add, remove or change to get from a to b. Long
// names are not compared.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	x, y := []rune(a), []rune(b)
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		diagonal := last[0]
		last[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = last[j+1]
			last[j+1] = min(cost, last[j]+1, diagonal+1)
		}
	}
	return last[len(y)]
}
