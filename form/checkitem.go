package form

import (
	"fmt"
	"slices"

	"adili/form/tree"
)

func (c *checker) items(path string, items []Item, depth int) {
	if depth > maxNested && len(items) > 0 {
		c.bad(path, "form.fault.depth", "Max", maxNested)
		return
	}
	for i := range items {
		inner := fmt.Sprintf("%s.items[%d]", path, i)
		c.item(inner, &items[i])
		c.items(inner, items[i].Items, depth+1)
	}
}

func (c *checker) item(path string, it *Item) {
	c.count++
	c.id(tree.Join(path, "id"), it.ID)
	if c.seen[it.ID] && it.ID != "" {
		c.bad(tree.Join(path, "id"), "form.fault.duplicate_id", "Value", it.ID)
	}
	c.seen[it.ID] = true
	c.oneOf(tree.Join(path, "type"), string(it.Kind), kinds)
	c.oneOf(tree.Join(path, "role"), string(it.Role), roles)
	c.oneOf(tree.Join(path, "sensitivity"), string(it.Sensitivity), sensitivities)
	if it.Factor < 0 || it.Factor > 10 {
		c.bad(tree.Join(path, "factor"), "form.fault.factor")
	}
	if it.MaxLength < 0 || it.MaxLength > maxTextLength {
		c.bad(tree.Join(path, "max_length"), "form.fault.length", "Max", maxTextLength)
	}
	for _, w := range []struct {
		field string
		text  Text
	}{{"text", it.Text}, {"hint", it.Hint}, {"guidance", it.Guidance}, {"required_message", it.RequiredMessage}, {"constraint_message", it.ConstraintMessage}} {
		c.words(tree.Join(path, w.field), w.text)
	}
	c.media(path, it.Media)
	for _, name := range logicFields {
		c.expression(tree.Join(path, name), it.expression(name))
	}
	if it.Kind == Unasked {
		if it.Type == "" {
			c.bad(tree.Join(path, "was"), "form.fault.required")
		}
		return // the rest is kept as it came
	}
	c.fieldsFit(path, it)
	c.answers(path, it)
	c.pair(path, it)
}

// logicFields are the fields of an item that hold an expression.
var logicFields = []string{"filter", "relevant", "required", "constraint", "calculation", "default", "read_only"}

// fieldsFit refuses fields that mean nothing for the item's kind.
func (c *checker) fieldsFit(path string, it *Item) {
	choosing := []Kind{Single, Multi}
	for _, f := range []struct {
		name  string
		there bool
		kinds []Kind
	}{
		{"was", it.Type != "", nil},
		{"scale", it.Scale != "", []Kind{Agreement}},
		{"reverse", it.Reverse, []Kind{Agreement}},
		{"list", it.List != "", choosing},
		{"choices", len(it.Choices) > 0, choosing},
		{"choices_from", it.ChoicesFrom != "", []Kind{Single}},
		{"max_length", it.MaxLength != 0, []Kind{OpenAnswer}},
		{"min", it.Min != 0, []Kind{Range}},
		{"max", it.Max != 0, []Kind{Range}},
		{"step", it.Step != 0, []Kind{Range}},
		{"items", len(it.Items) > 0, []Kind{Group}},
		{"pair", it.Pair != nil, []Kind{Agreement, Single}},
	} {
		if f.there && !slices.Contains(f.kinds, it.Kind) {
			c.bad(tree.Join(path, f.name), "form.fault.not_here", "Value", string(it.Kind))
		}
	}
}

// answers checks what an item offers.
func (c *checker) answers(path string, it *Item) {
	for _, code := range it.Missing {
		if code.Name() == "" {
			c.bad(tree.Join(path, "missing"), "form.fault.want_text")
		} else if len(c.q.Missing[code]) == 0 {
			c.bad(tree.Join("missing", code.Name()), "form.fault.required")
		}
	}
	switch it.Kind {
	case Agreement:
		if _, ok := c.q.Scales[it.Scale]; !ok {
			c.bad(tree.Join(path, "scale"), "form.fault.scale", "Value", it.Scale)
		}
	case Single, Multi:
		c.offered(path, it)
	case Calculate:
		if it.Calculation == nil && it.Default == nil {
			c.bad(tree.Join(path, "calculation"), "form.fault.required")
		}
	}
}

func (c *checker) offered(path string, it *Item) {
	list, ok := c.q.Lists[it.List]
	switch {
	case it.ChoicesFrom != "":
		c.oneOf(tree.Join(path, "choices_from"), it.ChoicesFrom, []string{OfficeGroups})
		if it.List != "" || len(it.Choices) > 0 {
			c.bad(tree.Join(path, "choices"), "form.fault.choices_both")
		}
	case it.List != "" && !ok:
		c.bad(tree.Join(path, "list"), "form.fault.list", "Value", it.List)
	case it.List != "":
		same := func(a, b Choice) bool { return a.ID == b.ID }
		if !slices.EqualFunc(list, it.Choices, same) {
			c.bad(tree.Join(path, "list"), "form.fault.list_choices", "Value", it.List)
		}
	case len(it.Choices) == 0:
		c.bad(tree.Join(path, "choices"), "form.fault.required")
	default:
		c.choices(tree.Join(path, "choices"), it.Choices, it.Missing)
	}
}

func (c *checker) pair(path string, it *Item) {
	if it.Pair == nil {
		return
	}
	path = tree.Join(path, "pair")
	if p := it.Pair.Known; !(p > 0 && p < 1) || p == 0.5 {
		c.bad(tree.Join(path, "known"), "form.fault.pair")
	}
	if len(it.Pair.Statement) == 0 {
		c.bad(tree.Join(path, "statement"), "form.fault.required")
	}
	c.words(tree.Join(path, "statement"), it.Pair.Statement)
	c.words(tree.Join(path, "practice"), it.Pair.Practice)
}
