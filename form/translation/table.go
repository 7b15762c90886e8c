package translation

import (
	"slices"
	"strings"
)

// columns of a table of translations; those of the two languages bear their tags.
const (
	columnID      = "id"
	columnSource  = "source"
	columnTarget  = "target"
	columnStatus  = "status"
	columnBack    = "back translation"
	columnComment = "comment"
)

// Table writes the translation into tag as rows of cells, the header first. The
// headers of source and target bear the tags: "source (en)", "target (ar)".
func (l *Ledger) Table(b Book, tag string) [][]string {
	rows := [][]string{{columnID, columnSource + " (" + b.Source + ")", columnTarget + " (" + tag + ")", columnStatus, columnBack, columnComment}}
	for _, line := range l.Lines(b, tag) {
		status, said := string(line.Status), make([]string, len(line.Comments))
		if line.Stale {
			status = string(Untranslated)
		}
		for i, c := range line.Comments {
			said[i] = c.Text
		}
		rows = append(rows, []string{line.ID, line.Source, line.Target, status, line.Back, strings.Join(said, "\n")})
	}
	return rows
}

// ReadTable reads what Table wrote. The order of columns is free; status, back
// translation and comment may be left out. It says into which language the table
// translates, "" where its header does not.
func ReadTable(cells [][]string) (rows []Row, tag string, problems []Problem) {
	if len(cells) == 0 {
		return nil, "", []Problem{{Key: "translation.column", Args: []any{"Column", columnID}}}
	}
	at := map[string]int{}
	for i, head := range cells[0] {
		name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(head)), " (")
		if _, there := at[name]; !there {
			at[name] = i + 1
		}
		if name == columnTarget {
			_, exact, _ := strings.Cut(head, "(")
			tag = strings.TrimSuffix(strings.TrimSpace(exact), ")")
		}
	}
	for _, need := range []string{columnID, columnSource, columnTarget} {
		if at[need] == 0 {
			problems = append(problems, Problem{Line: 1, Key: "translation.column", Args: []any{"Column", need}})
		}
	}
	if len(problems) > 0 {
		return nil, "", problems
	}
	for n, line := range cells[1:] {
		cell := func(name string) string {
			if i := at[name]; i > 0 && i <= len(line) {
				return line[i-1]
			}
			return ""
		}
		row := Row{Line: n + 2, ID: strings.TrimSpace(cell(columnID)), Source: cell(columnSource), Target: strings.TrimSpace(cell(columnTarget)),
			Back: strings.TrimSpace(cell(columnBack)), Comment: strings.TrimSpace(cell(columnComment))}
		if row.ID == "" && row.Target == "" {
			continue // a blank row
		}
		if s := Status(strings.ToLower(strings.TrimSpace(cell(columnStatus)))); s != "" {
			if !slices.Contains(Statuses, s) {
				problems = append(problems, Problem{row.Line, row.ID, "translation.status", []any{"Value", string(s)}, true})
				s = Translated
			}
			row.Status = s
		}
		rows = append(rows, row)
	}
	return rows, tag, problems
}
