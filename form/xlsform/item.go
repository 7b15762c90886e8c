package xlsform

import (
	"fmt"
	"strings"

	"adili/form"
	"adili/form/expr"
	"adili/form/xlsform/spelling"
)

// common reads the columns that any row of the survey sheet may have.
func (r *reader) common(rec record, kind form.Kind) form.Item {
	it := form.Item{
		ID: rec.get("name"), Kind: kind, Sensitivity: form.NotSensitive,
		Text: r.text(rec, "label"), Hint: r.text(rec, "hint"), Guidance: r.text(rec, "guidance_hint"), Media: r.media(rec),
		Relevant: r.expression(rec, "relevant"), Required: r.expression(rec, "required"),
		Constraint: r.expression(rec, "constraint"), Calculation: r.expression(rec, "calculation"),
		ReadOnly: r.expression(rec, "readonly"), Filter: r.expression(rec, "choice_filter"),
		ConstraintMessage: r.text(rec, "constraint_message"), RequiredMessage: r.text(rec, "required_message"),
		Appearance: rec.get("appearance"), Default: defaultValue(rec),
	}
	if it.ID == "" && rec.get("type") == "note" {
		it.ID = fmt.Sprintf("generated_note_name_%d", rec.row)
		r.names[it.ID]++
	}
	if strings.Contains(it.Appearance, "search(") {
		rec.bad("appearance", "xlsform.problem.feature", "Reason", refusedCalls["search"])
	}
	r.readOwn(rec, &it)
	r.readExtra(rec, &it)
	return it
}

// readExtra keeps the columns that Adili does not use.
func (r *reader) readExtra(rec record, it *form.Item) {
	for i, c := range rec.table.columns {
		value := rec.cells[i]
		if value == "" || c.Known && !strings.Contains(c.Field, "::") {
			continue
		}
		if c.Field == "bind::entities:saveto" {
			r.add(Problem{Sheet: spelling.SurveySheet, Row: rec.row, Column: c.Header, Field: "save_to", Key: "xlsform.problem.feature",
				Args: []any{"Reason", refusedSheets["entities"]}})
			continue
		}
		if kind, ok := strings.CutPrefix(c.Field, "media::"); ok {
			rec.bad(c.Field, "xlsform.problem.media", "Value", kind)
			continue
		}
		if c.Field == "body::jr:count" {
			continue // of a repeat, which is refused
		}
		key := c.Field
		if c.Language != "" {
			key += "::" + c.Language
		}
		if it.Extra == nil {
			it.Extra = make(map[string]string)
		}
		it.Extra[key] = value
	}
}

// defaultValue reads a default: an expression where it holds an operator, a
// reference or a call, a text otherwise.
func defaultValue(rec record) *expr.Expr {
	value := rec.get("default")
	if value == "" {
		return nil
	}
	if spelling.Calculated(value, rec.get("type")) {
		e, err := expr.Parse(value)
		if err == nil {
			return e
		}
		rec.warn("default", "xlsform.problem.default", "Detail", err.Error())
	}
	return mustParse(spelling.Quote(value))
}

// mustParse parses an expression that is known to be one.
func mustParse(source string) *expr.Expr {
	e, err := expr.Parse(source)
	if err != nil {
		return nil // longer than an expression may be: it cannot be kept
	}
	return e
}

// selection reads a question with a list of choices.
func (r *reader) selection(rec record, c spelling.Choosing, in *frame) {
	switch {
	case c.Name == "file" || c.Name == "external":
		rec.bad("type", "xlsform.problem.type_refused", "Value", rec.get("type"), "Reason", "choices kept in a file of their own are not read")
		return
	case strings.Contains(c.List, "${"):
		rec.bad("type", "xlsform.problem.type_refused", "Value", rec.get("type"), "Reason", "choices cannot be made of other answers")
		return
	}
	it := r.common(rec, form.Single)
	switch c.Name {
	case spelling.SelectMultiple:
		it.Kind = form.Multi
	case spelling.Rank:
		it.Kind, it.Type = form.Unasked, spelling.Rank
		r.warnUnasked(rec, spelling.Rank)
	}
	r.readParameters(rec, &it, c.Name)
	own := c.List == spelling.OwnList(it.ID)
	if _, ok := r.q.Lists[c.List]; ok || !own || it.ChoicesFrom == "" {
		list, ok := r.list(rec, c.List)
		if !ok {
			return
		}
		if c.Name == spelling.SelectMultiple {
			r.checkSpaces(rec, c.List, list)
		}
		it.List = c.List
	}
	r.checkTableList(rec, &it, c.List, in)
	r.finish(rec, &it, c.Name)
	r.readTrigger(rec, &it, c.Name)
	if c.OrOther {
		r.addOther(c.List)
	}
	switch {
	case rec.get("kind") == string(form.Agreement):
		r.agreement(rec, &it, c)
	case own:
		it.List, it.Choices = "", r.q.Lists[c.List]
		r.moved = append(r.moved, c.List)
	}
	r.put(rec, it, in)
	if c.OrOther {
		r.specifyOther(rec, it, in)
	}
}

// checkSpaces refuses names that could not be told apart in an answer of
// several choices.
func (r *reader) checkSpaces(rec record, name string, list []form.Choice) {
	for _, c := range list {
		if strings.Contains(c.ID, " ") {
			rec.bad("type", "xlsform.problem.choice_space", "List", name, "Value", c.ID)
			return
		}
	}
}

// checkTableList checks that the selects of a table have one list.
func (r *reader) checkTableList(rec record, it *form.Item, list string, in *frame) {
	if !in.tableList {
		return
	}
	if in.list == "" {
		in.list = list
		if rec.get("choice_filter") != "" {
			rec.bad("choice_filter", "xlsform.problem.table_filter")
		}
	}
	if in.list != list {
		rec.bad("type", "xlsform.problem.table_list", "Want", in.list, "Value", list)
	}
}

// specifyOther adds the question for the words of the choice other.
func (r *reader) specifyOther(rec record, it form.Item, in *frame) {
	if rec.get("choice_filter") != "" {
		rec.bad("choice_filter", "xlsform.problem.or_other_filter")
	}
	if len(r.q.Languages) > 1 || r.q.Source != form.Undetermined {
		r.seconds = true
	}
	if in.names[it.ID+spelling.OtherSuffix] {
		rec.bad("name", "xlsform.problem.name_twice", "Value", it.ID+spelling.OtherSuffix)
	}
	in.names[it.ID+spelling.OtherSuffix] = true
	r.put(rec, form.Item{
		ID: it.ID + spelling.OtherSuffix, Kind: form.OpenAnswer, Sensitivity: form.NotSensitive,
		Text: form.Text{r.q.Source: spelling.OtherLabel}, Relevant: mustParse(spelling.OtherRelevant(it.ID)),
	}, in)
}
