package form

import (
	"fmt"
	"slices"
)

var itemFields = []string{"id", "type", "role", "factor", "text", "hint", "scale", "reverse", "choices", "choices_from",
	"missing", "sensitivity", "when", "window_months", "max_length", "action"}

// fieldKinds says which fields go with which kinds only.
var fieldKinds = map[string][]Kind{
	"scale": {Agreement}, "reverse": {Agreement}, "choices": {Single, Multi}, "choices_from": {Single, Multi}, "max_length": {OpenAnswer},
}

func (r *reader) item(n *node, path string) Item {
	f := r.fields(n, path, itemFields...)
	if f == nil {
		return Item{}
	}
	it := Item{
		ID:   r.id(at(f, "id", n), join(path, "id")),
		Kind: Kind(r.oneOf(at(f, "type", n), join(path, "type"), string(Agreement), string(Single), string(Multi), string(OpenAnswer))),
		Role: Role(r.oneOf(at(f, "role", n), join(path, "role"), string(Perception), string(Knowledge), string(Outcome),
			string(Experience), string(Open), string(Profile))),
		Text:        r.words(at(f, "text", n), join(path, "text")),
		Sensitivity: NotSensitive,
	}
	for field, kinds := range fieldKinds {
		if f[field] != nil && !slices.Contains(kinds, it.Kind) {
			r.bad(f[field], join(path, field), "form.fault.not_here", "Value", string(it.Kind))
		}
	}
	r.itemDetail(&it, f, n, path)
	switch it.Kind {
	case Agreement:
		r.agreement(&it, f, n, path)
	case Single, Multi:
		r.choices(&it, f, n, path)
	case OpenAnswer:
		it.MaxLength = r.number(at(f, "max_length", n), join(path, "max_length"))
		if it.MaxLength < 1 || it.MaxLength > maxTextLength {
			r.bad(at(f, "max_length", n), join(path, "max_length"), "form.fault.length", "Max", maxTextLength)
		}
	}
	if f["when"] != nil {
		it.When = r.when(f["when"], join(path, "when"))
	}
	if it.ID != "" {
		if r.ids[it.ID] != nil {
			r.bad(f["id"], join(path, "id"), "form.fault.duplicate_id", "Value", it.ID)
		}
		r.ids[it.ID] = &it
		r.pageOf[it.ID] = r.page
	}
	return it
}

// itemDetail reads the fields that any kind may have.
func (r *reader) itemDetail(it *Item, f map[string]*node, n *node, path string) {
	if f["hint"] != nil {
		it.Hint = r.words(f["hint"], join(path, "hint"))
	}
	if f["action"] != nil {
		it.Action = r.text(f["action"], join(path, "action"))
	}
	if f["sensitivity"] != nil {
		it.Sensitivity = Sensitivity(r.oneOf(f["sensitivity"], join(path, "sensitivity"), string(NotSensitive), string(Personal), string(HighSensitive)))
	}
	if f["window_months"] != nil {
		it.Window = r.number(f["window_months"], join(path, "window_months"))
	}
	needsFactor := it.Role == Perception || it.Kind == Agreement
	if f["factor"] != nil || needsFactor {
		fn := at(f, "factor", n)
		if fn.value != nil {
			it.Factor = r.number(fn, join(path, "factor"))
		}
		if it.Factor < 1 || it.Factor > 10 {
			r.bad(fn, join(path, "factor"), "form.fault.factor")
		}
	}
	if f["missing"] != nil {
		r.itemMissing(it, f["missing"], join(path, "missing"))
	}
}

func (r *reader) itemMissing(it *Item, n *node, path string) {
	list, ok := n.value.([]*node)
	if !ok {
		r.bad(n, path, "form.fault.want_list")
		return
	}
	for i, m := range list {
		mpath := fmt.Sprintf("%s[%d]", path, i)
		name := r.oneOf(m, mpath, "dont_know", "prefer_not", "not_applicable")
		code := missingNames[name]
		if code != 0 && r.q.Missing[code] == nil {
			r.bad(m, join("missing", name), "form.fault.required")
		}
		it.Missing = append(it.Missing, code)
	}
}

func (r *reader) agreement(it *Item, f map[string]*node, n *node, path string) {
	sn := at(f, "scale", n)
	it.Scale = r.text(sn, join(path, "scale"))
	if _, ok := r.q.Scales[it.Scale]; it.Scale != "" && !ok {
		r.bad(sn, join(path, "scale"), "form.fault.scale", "Value", it.Scale)
	}
	if f["reverse"] == nil {
		return
	}
	b, ok := f["reverse"].value.(bool)
	if !ok {
		r.bad(f["reverse"], join(path, "reverse"), "form.fault.want_bool")
	}
	it.Reverse = b
}

func (r *reader) choices(it *Item, f map[string]*node, n *node, path string) {
	if f["choices_from"] != nil {
		it.ChoicesFrom = r.oneOf(f["choices_from"], join(path, "choices_from"), OfficeGroups)
		if f["choices"] != nil {
			r.bad(f["choices"], join(path, "choices"), "form.fault.choices_both")
		}
		if it.Kind != Single {
			r.bad(f["choices_from"], join(path, "choices_from"), "form.fault.not_here", "Value", string(it.Kind))
		}
		return
	}
	most := maxChoice
	if it.Kind == Multi {
		most = maxMulti
	}
	cn := at(f, "choices", n)
	list := r.list(cn, join(path, "choices"))
	if len(list) < 2 || len(list) > most {
		r.bad(cn, join(path, "choices"), "form.fault.choices", "Max", most)
	}
	for i, n := range list {
		r.choice(it, n, fmt.Sprintf("%s.choices[%d]", path, i))
	}
}

func (r *reader) choice(it *Item, n *node, path string) {
	f := r.fields(n, path, "id", "label", "exclusive")
	if f == nil {
		return
	}
	c := Choice{ID: r.id(at(f, "id", n), join(path, "id")), Label: r.words(at(f, "label", n), join(path, "label"))}
	if e := f["exclusive"]; e != nil {
		b, ok := e.value.(bool)
		if !ok {
			r.bad(e, join(path, "exclusive"), "form.fault.want_bool")
		}
		c.Exclusive = b
	}
	if choiceIndex(*it, c.ID) >= 0 || missingNames[c.ID] != 0 {
		r.bad(n, join(path, "id"), "form.fault.duplicate_id", "Value", c.ID)
	}
	it.Choices = append(it.Choices, c)
}

func (r *reader) when(n *node, path string) *Condition {
	f := r.fields(n, path, "item", "any")
	if f == nil {
		return nil
	}
	c := &Condition{Item: r.text(at(f, "item", n), join(path, "item"))}
	source := r.ids[c.Item]
	if source == nil || r.pageOf[c.Item] >= r.page || source.Kind != Single && source.Kind != Multi || source.ChoicesFrom != "" {
		if c.Item != "" {
			r.bad(at(f, "item", n), join(path, "item"), "form.fault.when_item", "Value", c.Item)
		}
		source = nil
	}
	for i, a := range r.list(at(f, "any", n), join(path, "any")) {
		id := r.text(a, fmt.Sprintf("%s.any[%d]", path, i))
		if source != nil && choiceIndex(*source, id) < 0 {
			r.bad(a, fmt.Sprintf("%s.any[%d]", path, i), "form.fault.when_choice", "Value", id)
		}
		c.Any = append(c.Any, id)
	}
	return c
}
