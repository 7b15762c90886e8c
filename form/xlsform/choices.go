package xlsform

import (
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// choiceRow is a choice and the row it stands in.
type choiceRow struct {
	form.Choice
	rec record
}

// readChoices reads the choices sheet into lists.
func (r *reader) readChoices() {
	t := r.choices
	if len(t.rows) > 0 && !t.has("name") {
		r.add(Problem{Sheet: spelling.ChoicesSheet, Row: 1, Column: "name", Key: "xlsform.problem.no_column", Args: []any{"Want", "name"}})
		return
	}
	for _, c := range t.columns {
		if c.Header == "" || c.Field != "list_name" && strings.Contains(c.Field, " ") {
			r.add(Problem{Sheet: spelling.ChoicesSheet, Row: 1, Column: c.Header, Key: "xlsform.problem.choice_header", Warning: true})
		}
	}
	duplicates, _ := spelling.YesNo(r.q.Settings["allow_choice_duplicates"])
	seen := make(map[[2]string]bool)
	for _, rec := range t.rows {
		list := rec.get("list_name")
		switch {
		case rec.blank():
			continue
		case list == "":
			rec.warn("list_name", "xlsform.problem.choice_no_list")
			continue
		}
		c := choiceRow{Choice: r.choice(rec), rec: rec}
		key := [2]string{list, c.ID}
		switch {
		case c.ID == "":
			rec.bad("name", "xlsform.problem.choice_no_name")
		case seen[key] && !duplicates:
			rec.bad("name", "xlsform.problem.choice_twice", "Value", c.ID)
		case !rec.filled("label"):
			rec.warn("label", "xlsform.problem.choice_no_label")
		}
		seen[key] = true
		r.rows[list] = append(r.rows[list], c)
		r.q.Lists[list] = append(r.q.Lists[list], c.Choice)
	}
}

func (r *reader) choice(rec record) form.Choice {
	c := form.Choice{ID: rec.get("name"), Label: r.text(rec, "label"), Media: r.media(rec)}
	for i, col := range rec.table.columns {
		value := rec.cells[i]
		if value == "" || strings.Contains(col.Field, " ") {
			continue
		}
		yes, ok := spelling.YesNo(value)
		switch {
		case col.Field == "exclusive" && ok:
			c.Exclusive = yes
		case col.Field == "fixed" && ok:
			c.Fixed = yes
		case !col.Known || col.Field == "exclusive" || col.Field == "fixed" || strings.Contains(col.Field, "::"):
			if c.Extra == nil {
				c.Extra = make(map[string]string)
			}
			c.Extra[col.Field] = value
		}
	}
	return c
}

// media collects the names of files that go with a text.
func (r *reader) media(rec record) map[string]form.Text {
	var all map[string]form.Text
	for _, kind := range spelling.Media {
		if text := r.text(rec, kind); text != nil {
			if all == nil {
				all = make(map[string]form.Text)
			}
			all[kind] = text
		}
	}
	return all
}

// list finds the choices of a question by the name of their list.
func (r *reader) list(rec record, name string) ([]form.Choice, bool) {
	if list, ok := r.q.Lists[name]; ok {
		return list, true
	}
	if len(r.q.Lists) == 0 {
		rec.bad("type", "xlsform.problem.no_choices", "Similar", r.book.similarSheets(spelling.ChoicesSheet))
		return nil, false
	}
	var names []string
	for known := range mapKeys(r.q.Lists) {
		names = append(names, known)
	}
	rec.bad("type", "xlsform.problem.no_list", "Value", name, "Similar", r.similar(name, names))
	return nil, false
}

// addOther gives a list the choice other, in the languages of its labels.
func (r *reader) addOther(name string) {
	list := r.q.Lists[name]
	label := make(form.Text)
	for _, c := range list {
		if c.ID == spelling.OtherChoice {
			return
		}
		for tag := range c.Label {
			label[tag] = "Other"
		}
	}
	if len(label) == 0 {
		label[r.q.Source] = "Other"
	}
	r.q.Lists[name] = append(list, form.Choice{ID: spelling.OtherChoice, Label: label})
}
