package cells

import (
	"strings"
)

// lineBreak stands for a line break within a cell of a Markdown table.
const lineBreak = "&#10;"

// ReadMarkdown reads the sheets of a form written as Markdown tables: a row
// with a first cell begins the sheet of that name, the other rows leave the
// first cell empty. Rows without any text are left out, and so is what stands
// behind a # at the start or end of a line.
func ReadMarkdown(text string) []Sheet {
	var sheets []Sheet
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if i := strings.LastIndexByte(line, '|'); i >= 0 && strings.Contains(line[i:], "#") {
			line = line[:i+1]
		}
		if !strings.HasPrefix(line, "|") || len(line) < 2 || strings.Trim(line, "|-") == "" {
			continue
		}
		cells := splitCells(strings.TrimSuffix(line[1:], "|"))
		if cells[0] != "" {
			sheets = append(sheets, Sheet{Name: cells[0]})
		}
		if len(sheets) > 0 && !Blank(cells[1:]) {
			last := &sheets[len(sheets)-1]
			last.Rows = append(last.Rows, cells[1:])
		}
	}
	return sheets
}

// splitCells cuts a line at every | without a backslash before it.
func splitCells(line string) []string {
	var cells []string
	start := 0
	for i := range len(line) {
		if line[i] == '|' && (i == 0 || line[i-1] != '\\') {
			cells = append(cells, plainCell(line[start:i]))
			start = i + 1
		}
	}
	return append(cells, plainCell(line[start:]))
}

func plainCell(cell string) string {
	cell = strings.ReplaceAll(strings.TrimSpace(cell), `\|`, "|")
	return strings.ReplaceAll(cell, lineBreak, "\n")
}

// WriteMarkdown writes sheets as Markdown tables that ReadMarkdown reads, with
// the columns of a sheet under one another.
func WriteMarkdown(sheets []Sheet) string {
	var b strings.Builder
	for i, s := range sheets {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("| " + s.Name + " |\n")
		widths := columnWidths(s.Rows)
		for _, row := range s.Rows {
			b.WriteString("| |")
			for j, width := range widths {
				cell := ""
				if j < len(row) {
					cell = markdownCell(row[j])
				}
				pad := min(width, maxPad) - len([]rune(cell))
				b.WriteString(" " + cell + strings.Repeat(" ", max(pad, 0)) + " |")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// maxPad bounds how far cells are padded: one long text must not blow up the
// whole table.
const maxPad = 40

func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for j, cell := range row {
			if j == len(widths) {
				widths = append(widths, 0)
			}
			widths[j] = max(widths[j], len([]rune(markdownCell(cell))))
		}
	}
	return widths
}

func markdownCell(cell string) string {
	cell = strings.NewReplacer("\r\n", lineBreak, "\n", lineBreak, "\r", lineBreak).Replace(cell)
	return strings.ReplaceAll(cell, "|", `\|`)
}
