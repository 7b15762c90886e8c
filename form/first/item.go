package first

import (
	"fmt"
	"slices"
	"strings"

	"adili/form/tree"
)

const maxTextLength = 1000

var itemFields = []string{"id", "type", "role", "factor", "text", "hint", "scale", "reverse", "choices", "choices_from",
	"missing", "sensitivity", "when", "window_months", "max_length", "action"}

// fieldKinds says which fields go with which kinds only.
var fieldKinds = map[string][]string{
	"scale": {"agreement"}, "reverse": {"agreement"}, "choices": {"single", "multi"}, "choices_from": {"single", "multi"}, "max_length": {"text"},
}

// item is an item being read.
type item struct {
	*reader
	question
	f    map[string]*tree.Node
	n    *tree.Node
	path string
}

// at is a field, or the item where it is absent, and its path.
func (it *item) at(field string) (*tree.Node, string) {
	return tree.At(it.f, field, it.n), tree.Join(it.path, field)
}

func (r *reader) item(n *tree.Node, path string) {
	f := r.Fields(n, path, itemFields...)
	if f == nil {
		return
	}
	it := &item{reader: r, f: f, n: n, path: path}
	it.page = r.onPage
	id := r.id(it.at("id"))
	kind, kindPath := it.at("type")
	it.kind = r.OneOf(kind, kindPath, "agreement", "single", "multi", "text")
	for field, kinds := range fieldKinds {
		if f[field] != nil && !slices.Contains(kinds, it.kind) {
			r.Bad(f[field], tree.Join(path, field), "form.fault.not_here", "Value", it.kind)
		}
	}
	it.detail()
	it.answers()
	if f["when"] != nil {
		it.when()
	}
	if id == "" {
		return
	}
	if r.items[id] != nil {
		r.Bad(f["id"], tree.Join(path, "id"), "form.fault.duplicate_id", "Value", id)
	}
	r.items[id] = &it.question
}

// detail checks the fields that any kind may have.
func (it *item) detail() {
	role, path := it.at("role")
	isPerception := it.OneOf(role, path, "perception", "knowledge", "outcome", "experience", "open", "profile") == "perception"
	it.words(it.at("text"))
	if it.f["hint"] != nil {
		it.words(it.at("hint"))
	}
	if it.f["action"] != nil {
		it.Text(it.at("action"))
	}
	if n, path := it.at("sensitivity"); it.f["sensitivity"] != nil {
		it.OneOf(n, path, "none", "personal", "high")
	} else if o, ok := it.n.Value.(*tree.Object); ok {
		o.Put("sensitivity", it.n, "none")
	}
	if it.f["window_months"] != nil {
		it.Whole(it.at("window_months"))
	}
	if it.f["factor"] != nil || isPerception || it.kind == "agreement" {
		n, path := it.at("factor")
		factor := 0
		if n.Value != nil {
			factor = it.Whole(n, path)
		}
		if factor < 1 || factor > 10 {
			it.Bad(n, path, "form.fault.factor")
		}
	}
	if it.f["missing"] != nil {
		it.offersMissing()
	}
}

func (it *item) offersMissing() {
	n, path := it.at("missing")
	list, ok := n.Value.([]*tree.Node)
	if !ok {
		it.Bad(n, path, "form.fault.want_list")
		return
	}
	for i, m := range list {
		name := it.OneOf(m, fmt.Sprintf("%s[%d]", path, i), codes...)
		if slices.Contains(codes, name) && !it.missing[name] {
			it.Bad(m, tree.Join("missing", name), "form.fault.required")
		}
	}
	if o, ok := it.n.Value.(*tree.Object); ok && len(list) == 0 { // the second format leaves out what is empty
		delete(o.Fields, "missing")
		o.Keys = slices.DeleteFunc(o.Keys, func(k string) bool { return k == "missing" })
	}
}

// answers checks what the item's kind needs.
func (it *item) answers() {
	switch it.kind {
	case "agreement":
		n, path := it.at("scale")
		if scale := it.Text(n, path); scale != "" && !it.scales[scale] {
			it.Bad(n, path, "form.fault.scale", "Value", scale)
		}
		if it.f["reverse"] != nil {
			it.Flag(it.at("reverse"))
		}
	case "single", "multi":
		it.offers()
	case "text":
		n, path := it.at("max_length")
		if most := it.Whole(n, path); most < 1 || most > maxTextLength {
			it.Bad(n, path, "form.fault.length", "Max", maxTextLength)
		}
	}
}

func (it *item) offers() {
	if n, path := it.at("choices_from"); it.f["choices_from"] != nil {
		it.OneOf(n, path, "office_groups")
		if it.f["choices"] != nil {
			it.Bad(it.f["choices"], tree.Join(it.path, "choices"), "form.fault.choices_both")
		}
		if it.kind != "single" {
			it.Bad(n, path, "form.fault.not_here", "Value", it.kind)
		}
		return
	}
	most := maxChoices
	if it.kind == "multi" {
		most = maxMulti
	}
	n, path := it.at("choices")
	list := it.List(n, path)
	if len(list) < 2 || len(list) > most {
		it.Bad(n, path, "form.fault.choices", "Max", most)
	}
	for i, n := range list {
		it.choice(n, fmt.Sprintf("%s[%d]", path, i))
	}
}

func (it *item) choice(n *tree.Node, path string) {
	f := it.Fields(n, path, "id", "label", "exclusive")
	if f == nil {
		return
	}
	id := it.id(tree.At(f, "id", n), tree.Join(path, "id"))
	it.words(tree.At(f, "label", n), tree.Join(path, "label"))
	if f["exclusive"] != nil {
		it.Flag(f["exclusive"], tree.Join(path, "exclusive"))
	}
	if slices.Contains(it.choices, id) || slices.Contains(codes, id) {
		it.Bad(n, tree.Join(path, "id"), "form.fault.duplicate_id", "Value", id)
	}
	it.choices = append(it.choices, id)
}

// when puts an expression in the place of a condition.
func (it *item) when() {
	n, path := it.at("when")
	f := it.Fields(n, path, "item", "any")
	if f == nil {
		return
	}
	on, onPath := tree.At(f, "item", n), tree.Join(path, "item")
	id := it.Text(on, onPath)
	source := it.items[id]
	if source != nil && (source.page >= it.page || len(source.choices) == 0) {
		source = nil
	}
	if source == nil && id != "" {
		it.Bad(on, onPath, "form.fault.when_item", "Value", id)
	}
	var parts []string
	for i, a := range it.List(tree.At(f, "any", n), tree.Join(path, "any")) {
		choicePath := fmt.Sprintf("%s.any[%d]", path, i)
		choice := it.Text(a, choicePath)
		if source != nil && !slices.Contains(source.choices, choice) {
			it.Bad(a, choicePath, "form.fault.when_choice", "Value", choice)
		}
		parts = append(parts, fmt.Sprintf("selected(${%s}, '%s')", id, choice))
	}
	if o, ok := it.n.Value.(*tree.Object); ok {
		delete(o.Fields, "when")
		o.Keys = slices.DeleteFunc(o.Keys, func(k string) bool { return k == "when" })
		o.Put("relevant", n, strings.Join(parts, " or "))
	}
}
