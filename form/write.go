package form

import (
	"bytes"
	"maps"
	"slices"

	"adili/form/expr"
	"adili/form/tree"
)

// Write gives the questionnaire as a file of format 2. Equal questionnaires
// give equal bytes: fields have one order, names are sorted, and what is empty
// is left out. Whatever Check finds no fault with reads back equal.
func Write(q *Questionnaire) []byte {
	return tree.Write(q.members())
}

// Equal reports whether two questionnaires are written alike.
func Equal(a, b *Questionnaire) bool { return bytes.Equal(Write(a), Write(b)) }

// expression adds an expression as it was written.
func expression(m *tree.Members, name string, e *expr.Expr) {
	if e != nil {
		m.Text(name, e.Source())
	}
}

func media(m *tree.Members, t map[string]Text) {
	var o tree.Members
	for _, kind := range slices.Sorted(maps.Keys(t)) {
		o.Words(kind, t[kind])
	}
	m.Object("media", o)
}

func (q *Questionnaire) members() tree.Members {
	var m tree.Members
	m.Text("format", Format2)
	m.Text("id", q.ID)
	m.Text("version", q.Version)
	m.Text("population", string(q.Population))
	m.Words("title", q.Title)
	m.Text("source", q.Source)
	var languages, scales, lists, missing tree.Members
	for _, tag := range slices.Sorted(maps.Keys(q.Languages)) {
		languages.Text(tag, string(q.Languages[tag]))
	}
	m.Object("languages", languages)
	m.Words("names", q.Names)
	for _, name := range slices.Sorted(maps.Keys(q.Scales)) {
		var points []any
		for _, p := range q.Scales[name].Points {
			points = append(points, tree.Words(p))
		}
		var scale tree.Members
		scale.List("points", points)
		scales.Add(name, scale)
	}
	m.Object("scales", scales)
	for _, name := range slices.Sorted(maps.Keys(q.Lists)) {
		lists.List(name, choiceList(q.Lists[name]))
	}
	m.Object("lists", lists)
	for _, name := range slices.Sorted(maps.Keys(missingNames)) {
		missing.Words(name, q.Missing[missingNames[name]])
	}
	m.Object("missing", missing)
	m.Words("settings", q.Settings)
	var pages []any
	for _, p := range q.Pages {
		pages = append(pages, p.members())
	}
	m.List("pages", pages)
	return m
}

func (p Page) members() tree.Members {
	var m tree.Members
	m.Text("id", p.ID)
	m.Words("title", p.Title)
	m.Words("intro", p.Intro)
	m.Text("appearance", p.Appearance)
	expression(&m, "relevant", p.Relevant)
	m.List("items", itemList(p.Items))
	return m
}

func itemList(items []Item) []any {
	var list []any
	for i := range items {
		list = append(list, items[i].members())
	}
	return list
}

func choiceList(choices []Choice) []any {
	var list []any
	for _, c := range choices {
		var m tree.Members
		m.Text("id", c.ID)
		m.Words("label", c.Label)
		m.Flag("exclusive", c.Exclusive)
		m.Flag("fixed", c.Fixed)
		media(&m, c.Media)
		m.Words("extra", c.Extra)
		list = append(list, m)
	}
	return list
}

func (it *Item) members() tree.Members {
	var m tree.Members
	m.Text("id", it.ID)
	m.Text("type", string(it.Kind))
	m.Text("was", it.Type)
	m.Text("role", string(it.Role))
	m.Number("factor", float64(it.Factor))
	m.Flag("reverse", it.Reverse)
	m.Text("sensitivity", string(it.Sensitivity))
	m.Number("window_months", float64(it.Window))
	m.Text("action", it.Action)
	m.Strings("equivalent", it.Equivalent)
	m.Words("text", it.Text)
	m.Words("hint", it.Hint)
	m.Words("guidance", it.Guidance)
	media(&m, it.Media)
	m.Text("scale", it.Scale)
	m.Text("list", it.List)
	if it.List == "" && it.ChoicesFrom == "" {
		m.List("choices", choiceList(it.Choices))
	}
	m.Text("choices_from", it.ChoicesFrom)
	expression(&m, "filter", it.Filter)
	m.Flag("random", it.Random)
	m.Text("seed", it.Seed)
	var missing []string
	for _, code := range it.Missing {
		missing = append(missing, code.Name())
	}
	m.Strings("missing", missing)
	it.logic(&m)
	m.List("items", itemList(it.Items))
	if p := it.Pair; p != nil {
		var o tree.Members
		o.Words("statement", p.Statement)
		o.Number("known", p.Known)
		o.Flag("anchor", p.Anchor)
		o.Words("practice", p.Practice)
		m.Add("pair", o)
	}
	return m
}

// logic writes the expressions of an item and what is kept for drawing it.
func (it *Item) logic(m *tree.Members) {
	expression(m, "relevant", it.Relevant)
	expression(m, "required", it.Required)
	m.Words("required_message", it.RequiredMessage)
	expression(m, "constraint", it.Constraint)
	m.Words("constraint_message", it.ConstraintMessage)
	expression(m, "calculation", it.Calculation)
	expression(m, "default", it.Default)
	expression(m, "read_only", it.ReadOnly)
	m.Number("min", it.Min)
	m.Number("max", it.Max)
	m.Number("step", it.Step)
	m.Number("max_length", float64(it.MaxLength))
	m.Text("appearance", it.Appearance)
	m.Words("parameters", it.Parameters)
	m.Words("extra", it.Extra)
}
