package run

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"adili/form"
	"adili/form/expr"
)

// cell is a part of an item that may have to be worked out again.
type cell uint8

const (
	relevance cell = 1 << iota
	filter
	calculation
	inherited // relevance of what is around
	base      // the answer itself
	required
	constraint
	readOnly

	steps  = relevance | filter | calculation | inherited | base
	checks = required | constraint | readOnly
)

// field is an item, a group or a page. The first field of a plan stands for
// the questionnaire.
type field struct {
	id, name string // name is that of its element in an XForm
	kind     kind
	parent   int
	kids     []int
	readers  []reader

	relevant, filter, calculation, required, constraint, readOnly, initial *expr.Expr

	start     string // a default that is a text or number
	low, high float64
	pad       string // what a year or month lacks of a date
	maxLength int
	list      string // of choices, "" for none
	codes     []string
	missing   []string
	exclusive []string
}

// reader is a field with the cells that look at the value of another.
type reader struct {
	field int
	cells cell
}

// list is choices as expressions see them.
type list struct {
	document *expr.Node
	choices  []form.Choice
}

// plan is a questionnaire made ready for answers.
type plan struct {
	q      *form.Questionnaire
	fields []field
	byID   map[string]int
	order  []int // each after those it needs
	lists  map[string]list
}

func compile(q *form.Questionnaire) (*plan, error) {
	p := &plan{q: q, byID: map[string]int{}, lists: map[string]list{}}
	for _, name := range slices.Sorted(maps.Keys(q.Lists)) {
		p.addList(name, q.Lists[name])
	}
	p.fields = append(p.fields, field{name: cmp.Or(strings.TrimSpace(q.Settings["name"]), "data"), kind: groupKind, parent: -1})
	for i := range q.Pages {
		page := &q.Pages[i]
		parent := 0
		if page.ID != "" {
			parent = p.add(field{id: page.ID, name: page.ID, kind: groupKind, relevant: page.Relevant})
		}
		if err := p.items(page.Items, parent); err != nil {
			return nil, fmt.Errorf("compile questionnaire %s: %w", q.ID, err)
		}
	}
	if err := p.connect(); err != nil {
		return nil, fmt.Errorf("compile questionnaire %s: %w", q.ID, err)
	}
	return p, nil
}

// add takes in a field whose parent is set.
func (p *plan) add(f field) int {
	i := len(p.fields)
	p.fields = append(p.fields, f)
	p.fields[f.parent].kids = append(p.fields[f.parent].kids, i)
	if _, ok := p.byID[f.id]; !ok {
		p.byID[f.id] = i
	}
	return i
}

func (p *plan) items(items []form.Item, parent int) error {
	for i := range items {
		it := &items[i]
		f := field{
			id: it.ID, name: cmp.Or(it.Extra["name"], it.ID), kind: kindOf(it), parent: parent,
			relevant: it.Relevant, calculation: it.Calculation, required: it.Required,
			constraint: it.Constraint, readOnly: it.ReadOnly,
			low: it.Min, high: it.Max, pad: pad(it), maxLength: it.MaxLength,
		}
		if it.Kind == form.Unasked && it.Extra["trigger"] != "" {
			f.calculation = nil // another item would have to set it
		}
		if err := p.choices(&f, it); err != nil {
			return fmt.Errorf("choices of %s: %w", it.ID, err)
		}
		if text, ok := literal(it.Default); ok {
			f.start = f.read(text)
		} else {
			f.initial = it.Default
		}
		if err := p.items(it.Items, p.add(f)); err != nil {
			return err
		}
	}
	return nil
}

// literal is a default that is one text or number.
func literal(e *expr.Expr) (string, bool) {
	if e == nil {
		return "", true
	}
	switch t := tree(e).(type) {
	case string:
		return t, true
	case float64:
		return strings.TrimSpace(e.Source()), true
	}
	return "", false
}

// choices finds what an item offers.
func (p *plan) choices(f *field, it *form.Item) error {
	if f.kind != oneKind && f.kind != manyKind {
		return nil
	}
	f.list = it.List
	if it.Kind == form.Agreement {
		f.list = it.Scale
	}
	if _, ok := p.lists[f.list]; !ok || f.list == "" {
		choices := it.Choices
		if it.Kind == form.Agreement {
			choices = points(p.q.Scales[it.Scale])
		} else {
			f.list = it.ID
		}
		p.addList(f.list, choices)
	}
	for _, c := range p.lists[f.list].choices {
		f.codes = append(f.codes, c.ID)
		if it.Kind == form.Multi && c.Exclusive {
			f.exclusive = append(f.exclusive, c.ID)
		}
	}
	for _, code := range it.Missing {
		f.missing = append(f.missing, code.Name())
	}
	if it.Filter == nil {
		return nil
	}
	quote := "'"
	if strings.Contains(f.list, quote) {
		quote = `"`
	}
	var err error
	f.filter, err = expr.Parse("instance(" + quote + f.list + quote + ")/root/item[" + it.Filter.Source() + "]")
	return err
}

func points(s form.Scale) []form.Choice {
	var choices []form.Choice
	for i, label := range s.Points {
		choices = append(choices, form.Choice{ID: strconv.Itoa(i + 1), Label: label})
	}
	return choices
}

func (p *plan) addList(name string, choices []form.Choice) {
	root := expr.NewElement("root")
	for _, c := range choices {
		label, _ := c.Label.In(p.q.Source)
		item := expr.NewElement("item", element("name", c.ID), element("label", label))
		for _, column := range slices.Sorted(maps.Keys(c.Extra)) {
			item.Add(element(column, c.Extra[column]))
		}
		root.Add(item)
	}
	p.lists[name] = list{expr.NewDocument(root), choices}
}

func element(name, text string) *expr.Node {
	n := expr.NewElement(name)
	n.SetText(text)
	return n
}

// path is where a field stands in an XForm.
func (p *plan) path(i int) string {
	if i < 0 {
		return ""
	}
	return p.path(p.fields[i].parent) + "/" + p.fields[i].name
}
