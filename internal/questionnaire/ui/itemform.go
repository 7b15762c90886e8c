package ui

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/internal/questionnaire/ui/frame"
)

// itemForm is the form of the question that is open.
func (e editing) itemForm(f frame.Filler) *EditForm {
	q := e.d.Questionnaire
	it, _ := q.Item(e.at.item)
	v := &EditForm{
		Title: e.T("library.item_title", "ID", it.ID), Action: e.d.URL("item/" + it.ID), Item: it.ID, Arrange: true, Move: e.d.URL("item"), When: e.words(it.Relevant),
	}
	if it.Kind == form.Unasked {
		v.Notes = append(v.Notes, e.T("library.unasked", "Type", it.Type))
	}
	for _, found := range e.found[it.ID] {
		v.Notes = append(v.Notes, found.Text)
	}
	text := f.Worded("textarea", "text", q.Source)
	text.Must = it.Kind.Answered()
	v.Words = []frame.Field{text, f.Worded("text", "hint", q.Source)}
	if it.Kind != form.Unasked {
		v.Words = append(v.Words, e.kind(f, it))
	}
	v.Measure = e.measure(f, it)
	v.Answers = e.answers(f, it)
	if it.Kind == form.Single || it.Kind == form.Multi {
		v.Choices = e.choiceTable(f, it)
	}
	v.Logic = e.logic(f, it)
	return v
}

// kind is the choice among the kinds that a question can become.
func (e editing) kind(f frame.Filler, it form.Item) frame.Field {
	var options []frame.Option
	for _, k := range madeKinds {
		if (k == form.Group) == (it.Kind == form.Group) {
			options = append(options, frame.Option{Value: string(k), Label: e.T("library.kind." + string(k))})
		}
	}
	if !slices.Contains(madeKinds, it.Kind) {
		options = append(options, frame.Option{Value: string(it.Kind), Label: e.T("library.kind." + string(it.Kind))})
	}
	field := f.Choice("select", "kind", options)
	field.Reshape = true
	return field
}

// measure is what the question measures, and how far it can be compared.
func (e editing) measure(f frame.Filler, it form.Item) []frame.Field {
	var roleOptions, sensitivityOptions []frame.Option
	factorOptions := []frame.Option{{Value: "", Label: e.T("library.none")}}
	for _, r := range roles {
		roleOptions = append(roleOptions, frame.Option{Value: string(r), Label: e.named("library.role.", string(r))})
	}
	for _, s := range sensitivities {
		sensitivityOptions = append(sensitivityOptions, frame.Option{Value: string(s), Label: e.named("library.sensitivity.", string(s))})
	}
	for n := 1; ; n++ {
		name, ok := frame.FactorName(e.Lang(), n)
		if !ok {
			break
		}
		factorOptions = append(factorOptions, frame.Option{Value: strconv.Itoa(n), Label: strconv.Itoa(n) + " · " + name})
	}
	id := f.Field("text", "id")
	id.Code, id.Must = true, true
	if e.d.Published != "" {
		id.Kind, id.Hint = "fixed", e.T("library.id_fixed")
	}
	fields := []frame.Field{f.Choice("select", "role", roleOptions), f.Choice("select", "factor", factorOptions)}
	if it.Kind == form.Agreement {
		fields = append(fields, f.Tick("reverse"))
	}
	fields = append(fields, f.Choice("select", "sensitivity", sensitivityOptions))
	if it.Role == form.Experience || it.Window > 0 {
		window := f.Field("text", "window")
		window.Short = true
		fields = append(fields, window)
	}
	fields = append(fields, f.Field("text", "action"), id)
	equivalent := f.Field("text", "equivalent")
	equivalent.Code = true
	return append(fields, equivalent)
}

// named is the text of a key for a value, or "not said".
func (e editing) named(prefix, value string) string {
	if value == "" {
		return e.T("library.none")
	}
	return e.T(prefix + value)
}

// answers is what can be answered.
func (e editing) answers(f frame.Filler, it form.Item) []frame.Field {
	q := e.d.Questionnaire
	var fields []frame.Field
	short := func(names ...string) {
		for _, name := range names {
			field := f.Field("text", name)
			field.Short = true
			fields = append(fields, field)
		}
	}
	switch it.Kind {
	case form.Agreement:
		var scales []frame.Option
		for _, name := range slices.Sorted(maps.Keys(q.Scales)) {
			scales = append(scales, frame.Option{Value: name, Label: e.scale(name)})
		}
		fields = append(fields, f.Choice("select", "scale", scales))
	case form.Single, form.Multi:
		fields = append(fields, e.from(f, it), f.Tick("random"))
	case form.OpenAnswer:
		short("max_length")
	case form.Range:
		short("min", "max", "step")
	}
	if !it.Kind.Answered() {
		return fields
	}
	var codes []frame.Option
	for _, code := range missingCodes {
		label, _ := q.Missing[code].In(e.Lang())
		if label == "" {
			label = e.T("library.missing." + code.Name())
		}
		codes = append(codes, frame.Option{Value: code.Name(), Label: label})
	}
	return append(fields, f.Choice("checkbox", "missing", codes))
}

// scale names a scale by its ends.
func (e editing) scale(name string) string {
	points := e.d.Questionnaire.Scales[name].Points
	if len(points) == 0 {
		return name
	}
	first, _ := points[0].In(e.Lang())
	last, _ := points[len(points)-1].In(e.Lang())
	return name + ": " + first + " … " + last
}

// from is where choices come from.
func (e editing) from(f frame.Filler, it form.Item) frame.Field {
	options := []frame.Option{{Value: ownChoices, Label: e.T("library.from_own")}}
	for _, name := range slices.Sorted(maps.Keys(e.d.Questionnaire.Lists)) {
		options = append(options, frame.Option{Value: fromList + name, Label: e.T("library.from_list", "Name", name)})
	}
	if it.Kind == form.Single {
		options = append(options, frame.Option{Value: form.OfficeGroups, Label: e.T("library.from_offices")})
	}
	field := f.Choice("select", "from", options)
	field.Reshape = true
	return field
}

// logic is when the question is asked, and what an answer has to meet.
func (e editing) logic(f frame.Filler, it form.Item) []frame.Field {
	expression := func(name string) frame.Field {
		field := f.Field("expression", name)
		field.Code = true
		return field
	}
	var fields []frame.Field
	if when := e.earlier(f, it); len(when.Groups) > 0 {
		fields = append(fields, when)
	}
	fields = append(fields, expression("relevant"))
	if it.Kind == form.Calculate {
		return append(fields, expression("calculation"))
	}
	if !it.Kind.Answered() {
		return fields
	}
	fields = append(fields, f.Tick("required"))
	if f.Values.Has("required_expression") {
		fields = append(fields, expression("required_expression"))
	}
	source := e.d.Questionnaire.Source
	fields = append(fields, f.Worded("text", "required_message", source), expression("constraint"), f.Worded("text", "constraint_message", source))
	if it.Filter != nil {
		fields = append(fields, expression("filter"))
	}
	return fields
}

// mostEarlier bounds the questions offered for a condition, the nearest first.
const mostEarlier = 30

// earlier offers the choices of the questions before this one.
func (e editing) earlier(f frame.Filler, it form.Item) frame.Field {
	field := f.Field("many", "when")
	chosen := f.Values["when"]
	var groups []frame.Group
	done := false
	for _, p := range e.d.Questionnaire.Pages {
		each(p.Items, func(one *form.Item) {
			done = done || one.ID == it.ID
			if done || one.Kind != form.Single && one.Kind != form.Multi || len(one.Choices) == 0 {
				return
			}
			group := frame.Group{Label: e.said(one.Text, one.ID, "").Text}
			for _, c := range one.Choices {
				value := one.ID + ":" + c.ID
				group.Options = append(group.Options, frame.Option{Value: value, Label: e.said(c.Label, c.ID, "").Text, Chosen: slices.Contains(chosen, value)})
			}
			groups = append(groups, group)
		})
	}
	slices.Reverse(groups)
	kept := groups[:0]
	for i, g := range groups {
		if i < mostEarlier || slices.ContainsFunc(g.Options, func(o frame.Option) bool { return o.Chosen }) {
			kept = append(kept, g)
		}
	}
	field.Groups = kept
	return field
}

// ChoiceTable is the choices of a question to be edited.
type ChoiceTable struct {
	Label     string
	Shared    string // who else has them
	Fault     string
	Exclusive bool
	Lang, Dir string
	Rows      []ChoiceRow
	Count     int
}

// ChoiceRow is one of them.
type ChoiceRow struct {
	N                 int
	Was, ID, Label    string
	Exclusive, Fixed  bool
	First, Last, Made bool // where it stands; Made: it is there already
	Name              string
}

func (e editing) choiceTable(f frame.Filler, it form.Item) *ChoiceTable {
	if it.ChoicesFrom != "" {
		return nil
	}
	q := e.d.Questionnaire
	t := &ChoiceTable{Label: e.T("library.choices"), Exclusive: it.Kind == form.Multi, Lang: q.Source, Dir: frame.Direction(q.Source), Fault: f.Wrong["choices"]}
	if it.List != "" {
		var others []string
		for _, one := range q.Items() {
			if one.List == it.List && one.ID != it.ID {
				others = append(others, one.ID)
			}
		}
		if len(others) > 0 {
			t.Shared = e.T("library.choices_shared", "List", it.List, "Items", strings.Join(others, ", "))
		}
	}
	made := len(it.Choices)
	t.Count, _ = strconv.Atoi(f.Values.Get("choices"))
	for n := range t.Count {
		get := func(name string) string { return f.Values.Get(cell(name, n)) }
		row := ChoiceRow{
			N: n, Was: get("was"), ID: get("id"), Label: get("label"), Exclusive: get("exclusive") != "", Fixed: get("fixed") != "",
			First: n == 0, Last: n == made-1, Made: n < made,
		}
		row.Name = row.Label
		if row.Name == "" {
			row.Name = e.T("library.choice_n", "N", n+1)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
