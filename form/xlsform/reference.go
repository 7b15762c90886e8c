package xlsform

import (
	"slices"
	"strings"

	"adili/form/xlsform/spelling"
)

const lastSaved = "last-saved#"

// checkReferences checks every ${name} in the sheets, texts included.
func (r *reader) checkReferences() {
	if omit, _ := spelling.YesNo(r.q.Settings["omit_instanceid"]); !omit {
		r.names["instanceID"]++
	}
	for _, rec := range r.survey.rows {
		if yes, _ := spelling.YesNo(rec.get("disabled")); yes {
			continue
		}
		for i, c := range r.survey.columns {
			if c.Field != "type" && c.Field != "name" && c.Field != "trigger" {
				r.checkCell(rec, c, rec.cells[i])
			}
		}
	}
	for _, rec := range r.choices.rows {
		for i, c := range r.choices.columns {
			if spelling.Translated[c.Field] {
				r.checkCell(rec, c, rec.cells[i])
			}
		}
	}
	for _, rec := range r.settings.rows {
		for i, c := range r.settings.columns {
			r.checkCell(rec, c, rec.cells[i])
		}
	}
}

// checkCell checks the references of one cell and reports the first bad one.
func (r *reader) checkCell(rec record, c spelling.Column, cell string) {
	bad := func(key string, args ...any) {
		r.add(Problem{Sheet: rec.table.sheet, Row: rec.row, Column: c.Header, Field: c.Field, Key: key, Args: args})
	}
	for !r.tooMany() {
		at := strings.Index(cell, "${")
		if at < 0 || len(cell)-at < 3 {
			return
		}
		cell = cell[at+2:]
		end := strings.IndexByte(cell, '}')
		if end == 0 {
			continue // ${} is no reference and stays as it is
		}
		name := cell[:max(end, 0)]
		plain := strings.TrimPrefix(name, lastSaved)
		switch {
		case end < 0 || plain == "" || spelling.NameLength(plain) != len(plain):
			bad("xlsform.problem.reference")
			return
		case r.names[plain] == 0:
			bad("xlsform.problem.reference_name", "Value", plain, "Similar", r.similar(plain, slices.Sorted(mapKeys(r.names))))
			return
		case r.names[plain] > 1:
			bad("xlsform.problem.reference_twice", "Value", plain)
			return
		case name != plain:
			bad("xlsform.problem.feature", "Reason", "answers of an earlier person are not kept for the next")
			return
		}
	}
}
