package xlsform

import (
	"fmt"
	"reflect"
	"strings"

	"adili/form"
	"adili/form/xlsform/spelling"
)

// maxNesting is how deep groups may stand in one another.
const maxNesting = 20

// frame is a group whose end was not met yet; the first is the form itself.
type frame struct {
	group     form.Item
	control   string // group, repeat or loop
	rec       record
	names     map[string]bool
	lower     map[string]bool
	tableList bool   // its selects are shown as a table
	list      string // of the table
}

func newFrame() *frame { return &frame{names: make(map[string]bool), lower: make(map[string]bool)} }

// readSurvey reads the survey sheet into a tree of items.
func (r *reader) readSurvey() []form.Item {
	stack := []*frame{newFrame()}
	for _, rec := range r.survey.rows {
		if r.tooMany() {
			break
		}
		if rec.blank() || r.disabled(rec) {
			continue
		}
		kind := rec.get("type")
		if kind == "" {
			if rec.get("name") == "" && !rec.filled("label") {
				rec.warn("type", "xlsform.problem.skipped")
			} else {
				rec.bad("type", "xlsform.problem.no_type")
			}
			continue
		}
		if r.settingRow(rec, kind) {
			continue
		}
		begin, control, ok := spelling.ParseControl(kind)
		switch {
		case ok && begin:
			stack = r.begin(rec, control, stack)
		case ok:
			stack = r.end(rec, control, stack)
		default:
			r.question(rec, kind, stack[len(stack)-1])
		}
	}
	for _, open := range stack[1:] {
		open.rec.bad("type", "xlsform.problem.no_end", "Kind", open.control, "Value", open.rec.get("name"))
	}
	items := stack[0].group.Items
	r.identify(items, r.takeTop(items))
	r.fillChoices(items)
	r.locate(items, r.sequence)
	r.checkTriggers()
	return items
}

// disabled reports whether a row was switched off.
func (r *reader) disabled(rec record) bool {
	value := rec.get("disabled")
	if value == "" {
		return false
	}
	rec.warn("disabled", "xlsform.problem.disabled")
	yes, _ := spelling.YesNo(value)
	return yes
}

// settingRow takes a setting that stands on the survey sheet, as old forms
// have it.
func (r *reader) settingRow(rec record, kind string) bool {
	switch kind {
	case "form_title", "set_form_title":
		r.q.Title = form.Text{r.q.Source: rec.get("name")}
	case "form_id", "set_form_id":
		r.q.ID = rec.get("name")
	case "prefix":
		r.q.Settings["prefix"] = rec.get("name")
	default:
		return false
	}
	return true
}

func (r *reader) begin(rec record, control string, stack []*frame) []*frame {
	if len(stack) > maxNesting {
		rec.bad("type", "xlsform.problem.nesting", "Max", maxNesting)
	}
	if control != "group" {
		rec.bad("type", "xlsform.problem.type_refused", "Value", rec.get("type"), "Reason", "questions cannot be repeated here")
	}
	r.checkName(rec, stack[len(stack)-1])
	f := newFrame()
	f.control, f.rec = control, rec
	f.group = r.common(rec, form.Group)
	r.sequence = append(r.sequence, rec)
	f.tableList = contains(strings.Fields(f.group.Appearance), "table-list")
	return append(stack, f)
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

func (r *reader) end(rec record, control string, stack []*frame) []*frame {
	last := stack[len(stack)-1]
	if len(stack) == 1 || last.control != control {
		rec.bad("type", "xlsform.problem.no_begin", "Kind", control)
		return stack
	}
	outer := stack[len(stack)-2]
	outer.group.Items = append(outer.group.Items, last.group)
	return stack[:len(stack)-1]
}

// checkName checks the name of a row and counts it.
func (r *reader) checkName(rec record, in *frame) {
	name := rec.get("name")
	switch {
	case name == "" && rec.get("type") == "note":
		return
	case name == "":
		rec.bad("name", "xlsform.problem.no_name")
		return
	case !spelling.IsName(name):
		rec.bad("name", "xlsform.problem.name", "Value", name)
	case name == "meta":
		rec.bad("name", "xlsform.problem.name_meta")
	case in.names[name]:
		rec.bad("name", "xlsform.problem.name_twice", "Value", name)
	case in.lower[strings.ToLower(name)]:
		rec.warn("name", "xlsform.problem.name_case", "Value", name)
	}
	in.names[name], in.lower[strings.ToLower(name)] = true, true
	r.names[name]++
}

// question reads a row that is no group and adds what it makes.
func (r *reader) question(rec record, kind string, in *frame) {
	if reason := spelling.RefusedTypes[strings.Fields(kind)[0]]; reason != "" {
		rec.bad("type", "xlsform.problem.type_refused", "Value", kind, "Reason", reason)
		r.names[rec.get("name")]++
		return
	}
	if kind == "audit" {
		r.audit(rec, in)
		return
	}
	r.checkName(rec, in)
	choice, isSelect := spelling.ParseSelect(kind)
	t, known := spelling.Types[kind]
	switch {
	case isSelect:
		r.selection(rec, choice, in)
		return
	case !known:
		rec.bad("type", "xlsform.problem.type", "Value", kind, "Similar", r.similar(kind, spelling.TypeNames()))
		return
	}
	it := r.common(rec, t.Kind)
	if t.Constraint != "" && it.Constraint == nil {
		it.Constraint = mustParse(t.Constraint)
	}
	if t.Hint != "" && len(it.Hint) == 0 {
		it.Hint = form.Text{r.q.Source: t.Hint}
	}
	r.readParameters(rec, &it, t.Name)
	if t.Kind == form.Unasked {
		it.Type = t.Name
		r.warnUnasked(rec, t.Name)
	}
	r.finish(rec, &it, t.Name)
	r.readTrigger(rec, &it, t.Name)
	r.put(rec, it, in)
}

// put adds an item to its group and remembers its row.
func (r *reader) put(rec record, it form.Item, in *frame) {
	in.group.Items = append(in.group.Items, it)
	r.sequence = append(r.sequence, rec)
}

func (r *reader) warnUnasked(rec record, name string) {
	if name == "subscriberid" || name == "simserial" {
		rec.warn("type", "xlsform.problem.device", "Value", name)
	}
	rec.warn("type", "xlsform.problem.unasked", "Value", name)
}

// audit reads a row of type audit, which has a name of its own.
func (r *reader) audit(rec record, in *frame) {
	if name := rec.get("name"); name != "" && name != "audit" {
		rec.bad("name", "xlsform.problem.audit_name")
	}
	it := r.common(rec, form.Unasked)
	it.ID, it.Type = "audit", "audit"
	r.readParameters(rec, &it, "audit")
	r.warnUnasked(rec, "audit")
	r.put(rec, it, in)
}

// finish checks what an item needs to be shown, and turns a question that is
// worked out and never shown into a calculation.
func (r *reader) finish(rec record, it *form.Item, name string) {
	shown := len(it.Text) > 0 || len(it.Hint) > 0
	switch {
	case name == "calculate":
		if it.Calculation == nil && rec.get("calculation") == "" && !spelling.Calculated(rec.get("default"), name) {
			rec.bad("calculation", "xlsform.problem.no_calculation")
		}
	case spelling.Unseen(name):
	case rec.get("calculation") != "" && !shown:
		if it.Kind != form.Unasked {
			it.Kind, it.Type = form.Calculate, name
		}
	case !shown && len(it.Media) == 0 && it.Extra["media"] == "" && it.Appearance != "label":
		rec.bad("label", "xlsform.problem.no_label", "Value", it.ID)
	case it.Media["big-image"] != nil && it.Media["image"] == nil:
		rec.bad("big-image", "xlsform.problem.big_image", "Value", it.ID)
	}
}

// takeTop reserves the ids of the items at the top: pages carry them.
func (r *reader) takeTop(items []form.Item) map[string]int {
	top := make(map[string]int)
	for i := range items {
		top[items[i].ID] = i
		r.ids[items[i].ID] = true
	}
	return top
}

// identify gives items that share a name, in different groups, ids of their
// own; the name stays in Extra.
func (r *reader) identify(items []form.Item, top map[string]int) {
	for i := range items {
		it := &items[i]
		if at, ok := top[it.ID]; (!ok || at != i) && r.ids[it.ID] {
			old := it.ID
			r.rename(it)
			if i+1 < len(items) && items[i+1].Relevant != nil && items[i+1].Relevant.Source() == spelling.OtherRelevant(old) {
				items[i+1].Relevant = mustParse(spelling.OtherRelevant(it.ID))
			}
		}
		r.ids[it.ID] = true
		r.identify(it.Items, nil)
	}
}

// rename gives an item the first free id made of its name.
func (r *reader) rename(it *form.Item) {
	if it.Extra == nil {
		it.Extra = make(map[string]string)
	}
	it.Extra["name"] = it.ID
	name := it.ID
	for n := max(r.next[name], 2); ; n++ {
		if id := fmt.Sprintf("%s_%d", name, n); !r.ids[id] && r.names[id] == 0 {
			it.ID, r.next[name] = id, n+1
			return
		}
	}
}

// fillChoices gives every item the choices of its list, now that the lists are
// whole.
func (r *reader) fillChoices(items []form.Item) {
	for i := range items {
		it := &items[i]
		if it.List != "" {
			it.Choices = r.q.Lists[it.List]
		}
		r.fillChoices(it.Items)
	}
}

// pages makes a page of every group at the top and of every run of items
// outside groups. A group that says more than a page can hold stays a group.
func pages(items []form.Item) []form.Page {
	var all []form.Page
	loose := false
	for _, it := range items {
		if page, ok := asPage(it); ok {
			all, loose = append(all, page), false
			continue
		}
		if !loose {
			all, loose = append(all, form.Page{}), true
		}
		last := &all[len(all)-1]
		last.Items = append(last.Items, it)
	}
	return all
}

func asPage(it form.Item) (form.Page, bool) {
	if it.Kind != form.Group {
		return form.Page{}, false
	}
	plain := form.Item{ID: it.ID, Kind: form.Group, Sensitivity: it.Sensitivity, Text: it.Text, Hint: it.Hint,
		Appearance: it.Appearance, Relevant: it.Relevant, Items: it.Items}
	if it.Sensitivity != form.NotSensitive || !reflect.DeepEqual(plain, it) {
		return form.Page{}, false
	}
	return form.Page{ID: it.ID, Title: it.Text, Intro: it.Hint, Appearance: it.Appearance, Relevant: it.Relevant, Items: it.Items}, true
}
