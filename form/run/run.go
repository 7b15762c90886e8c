package run

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"adili/form"
	"adili/form/expr"
)

// Settings are what a run takes from outside.
type Settings struct {
	Now      time.Time      // the clock, which stands still; its zone is that of all dates
	Random   func() float64 // from 0 up to 1; without it random() is 0
	Language string         // of the labels that expressions look up; the questionnaire's source if it has no such
}

// State is what is known of one item. As JSON it is what adili form eval
// prints.
type State struct {
	ID         string `json:"-"`
	Value      string `json:"value"` // codes of choices with spaces between, a number, a date as 2006-01-02, or text
	Relevant   bool   `json:"relevant"`
	Required   bool   `json:"required"` // and relevant
	Valid      bool   `json:"valid"`    // meets its constraint and is not empty where required
	Calculated bool   `json:"calculated"`
	ReadOnly   bool   `json:"-"`
}

// Run is a questionnaire that is being filled in. It is for one goroutine.
type Run struct {
	*plan
	settings Settings
	context  expr.Context
	now      []now
	dirty    []cell
}

// now is what a field is at the moment.
type now struct {
	node     *expr.Node
	base     string // the value, relevant or not
	result   string // what the calculation gave last
	value    string // the value, if relevant and offered
	seen     string // the value for expressions
	offered  []string
	self     bool // its own condition holds
	relevant bool
	required bool
	readOnly bool
	holds    bool // its constraint
}

// New starts a questionnaire, which has to be one that form.Check finds nothing
// wrong with. It fails with a *CycleError where a value depends on itself.
func New(q *form.Questionnaire, s Settings) (*Run, error) {
	p, err := compile(q)
	if err != nil {
		return nil, err
	}
	if _, ok := q.Languages[s.Language]; !ok {
		s.Language = q.Source
	}
	r := &Run{plan: p, settings: s, now: make([]now, len(p.fields)), dirty: make([]cell, len(p.fields))}
	for i := range p.fields {
		f := &p.fields[i]
		r.now[i] = now{node: expr.NewElement(f.name), base: f.start, offered: f.codes}
		if i > 0 {
			r.now[f.parent].node.Add(r.now[i].node)
		}
		r.dirty[i] = steps | checks
	}
	expr.NewDocument(r.now[0].node)
	r.context = expr.Context{Value: r.answer, Instance: r.instance, Now: s.Now, Random: s.Random, Label: r.label}
	r.settle()
	r.initialise()
	return r, nil
}

// initialise works out the defaults.
func (r *Run) initialise() {
	for i := range r.fields {
		if f := &r.fields[i]; f.initial != nil && r.now[i].relevant {
			r.now[i].base = f.read(r.work(f.initial, i))
			r.dirty[i] |= base
			r.settle()
		}
	}
}

// Set answers an item: with text, a number or a date as a person types it or
// as an XForm has it, or with codes and spaces between. "" takes the answer
// back.
func (r *Run) Set(id, value string) error {
	i, ok := r.byID[id]
	if !ok || r.fields[i].kind == groupKind {
		return fmt.Errorf("there is no item %q that holds a value", id)
	}
	if r.readOnly(i) {
		return fmt.Errorf("item %q is read-only", id)
	}
	f := &r.fields[i]
	if f.list != "" {
		value = f.answer(value, r.now[i].offered)
	}
	r.now[i].base = f.read(value)
	r.dirty[i] |= base
	r.settle()
	return nil
}

// State is that of one item; false if there is none, or it is a group.
func (r *Run) State(id string) (State, bool) {
	i, ok := r.byID[id]
	if !ok || r.fields[i].kind == groupKind {
		return State{}, false
	}
	return r.state(i), true
}

// States are those of all items in the order of the questionnaire.
func (r *Run) States() []State {
	all := make([]State, 0, len(r.fields))
	for i := range r.fields {
		if r.fields[i].kind != groupKind {
			all = append(all, r.state(i))
		}
	}
	return all
}

// Variables are the states by id.
func (r *Run) Variables() map[string]State {
	all := make(map[string]State, len(r.fields))
	for _, s := range r.States() {
		all[s.ID] = s
	}
	return all
}

// Offered are the codes of the choices that an item offers now, missing codes
// left aside.
func (r *Run) Offered(id string) []string {
	if i, ok := r.byID[id]; ok {
		return r.now[i].offered
	}
	return nil
}

func (r *Run) state(i int) State {
	f, n := &r.fields[i], &r.now[i]
	return State{
		ID: f.id, Value: n.value, Relevant: n.relevant, Required: n.relevant && n.required,
		Valid: !n.relevant || n.holds && !(n.required && n.value == ""), Calculated: f.calculation != nil, ReadOnly: r.readOnly(i),
	}
}

// readOnly reports whether a field or a group around it cannot be answered.
func (r *Run) readOnly(i int) bool {
	for ; i > 0; i = r.fields[i].parent {
		if r.now[i].readOnly {
			return true
		}
	}
	return false
}

// at is the context of a field's expressions.
func (r *Run) at(i int) *expr.Context {
	r.context.Node = r.now[i].node
	return &r.context
}

func (r *Run) answer(name string) (expr.Value, bool) {
	i, ok := r.byID[name]
	switch {
	case !ok:
		return expr.Value{}, false
	case r.fields[i].kind == groupKind:
		return expr.OfText(r.now[i].node.Content()), true
	}
	return expr.OfText(r.now[i].seen), true
}

func (r *Run) instance(id string) *expr.Node { return r.lists[id].document }

// label is that of a choice which is offered.
func (r *Run) label(question, code string) string {
	for _, i := range r.question(question) {
		for at, c := range r.lists[r.fields[i].list].choices {
			if c.ID == code && slices.Contains(r.now[i].offered, code) {
				return r.lists[r.fields[i].list].label(at, r.settings.Language)
			}
		}
	}
	return ""
}

func (l list) label(at int, lang string) string {
	label, _ := l.choices[at].Label.In(lang)
	return strings.TrimSpace(label)
}
