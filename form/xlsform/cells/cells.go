// Package cells holds the sheets of a workbook as rows of text, cleans them as
// forms are cleaned, and reads and writes them as Markdown tables.
package cells

import (
	"strings"
)

// Sheet is one sheet of a workbook. Rows[0] is row 1, the headers; rows may
// have different lengths.
type Sheet struct {
	Name string
	Rows [][]string
}

var smartQuotes = strings.NewReplacer("\u2018", "'", "\u2019", "'", "\u201c", `"`, "\u201d", `"`)

// Clean takes white space off both ends of a cell and straightens the quotes
// that word processors bend. With squeeze, runs of spaces become one.
func Clean(cell string, squeeze bool) string {
	if cell == "" {
		return ""
	}
	cell = strings.TrimSpace(strings.ReplaceAll(cell, "\u00a0", " "))
	if squeeze && strings.Contains(cell, "  ") {
		var b strings.Builder
		last := ' '
		for _, r := range cell {
			if r != ' ' || last != ' ' {
				b.WriteRune(r)
			}
			last = r
		}
		cell = b.String()
	}
	return smartQuotes.Replace(cell)
}

// Blank reports whether there is nothing in a row of cells.
func Blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}
