package xlsform

import (
	"iter"
	"maps"

	"adili/form"
	"adili/form/xlsform/spelling"
)

func mapKeys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

// readSettings reads the one row of the settings sheet, apart from its texts.
func (r *reader) readSettings() {
	if len(r.settings.rows) == 0 {
		if similar := r.book.similarSheets(spelling.SettingsSheet); similar != "" {
			r.add(Problem{Sheet: spelling.SettingsSheet, Key: "xlsform.problem.misspelt", Args: []any{"Want", spelling.SettingsSheet, "Similar", similar}, Warning: true})
		}
		return
	}
	rec := r.settings.rows[0]
	for _, more := range r.settings.rows[1:] {
		if !more.blank() {
			more.warn("", "xlsform.problem.more_settings")
		}
	}
	if rec.get("id_string") != "" && rec.get("form_id") != "" {
		rec.warn("id_string", "xlsform.problem.id_twice")
	}
	for i, c := range r.settings.columns {
		value := rec.cells[i]
		if value == "" || c.Field == "form_title" {
			continue
		}
		switch c.Field {
		case "form_id":
			r.q.ID = value
		case "id_string":
			if rec.get("form_id") == "" {
				r.q.ID = value
			}
		case "version":
			r.q.Version = value
		case "population":
			r.q.Population = form.Population(value)
			if r.q.Population != form.Official && r.q.Population != form.Private {
				rec.bad("population", "xlsform.problem.value", "Value", value, "Allowed", "official, private")
			}
		case "reviewed", spelling.ExactTexts:
		case "name":
			if !spelling.IsName(value) {
				// The sheet has one row of values; like other programs name its header.
				r.add(Problem{Sheet: spelling.SettingsSheet, Row: 1, Column: c.Header, Field: "name", Key: "xlsform.problem.name", Args: []any{"Value", value}})
			}
			r.q.Settings[c.Field] = value
		default:
			r.q.Settings[c.Field] = value
		}
	}
	if omit, _ := spelling.YesNo(r.q.Settings["omit_instanceid"]); omit && r.q.Settings["public_key"] != "" {
		rec.bad("omit_instanceid", "xlsform.problem.encryption")
	}
	if lang := r.q.Settings["default_language"]; lang != "" && lang != "default" {
		r.main = lang
		r.plain, _ = r.tag(lang)
	}
	r.expression(rec, "instance_name")
}

func (r *reader) reviewed() string {
	if len(r.settings.rows) == 0 {
		return ""
	}
	return r.settings.rows[0].get("reviewed")
}

var missingCodes = map[string]form.Code{
	form.DontKnow.Name(): form.DontKnow, form.PreferNot.Name(): form.PreferNot, form.NotApplicable.Name(): form.NotApplicable,
}

// readMissing takes the words for the missing codes from their list.
func (r *reader) readMissing() {
	list, ok := r.rows[spelling.MissingList]
	if !ok {
		return
	}
	for _, c := range list {
		code, ok := missingCodes[c.ID]
		if !ok {
			c.rec.bad("name", "xlsform.problem.value", "Value", c.ID, "Allowed", "dont_know, prefer_not, not_applicable")
			continue
		}
		r.q.Missing[code] = c.Label
	}
}
