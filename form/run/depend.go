package run

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"adili/form/expr"
)

// CycleError says that the value of an item depends on itself.
type CycleError struct {
	Path []string // ids, each needs the next; the last is the first
}

func (e *CycleError) Error() string {
	return fmt.Sprintf("%s depends on itself: %s; remove one of these references", e.Path[0], strings.Join(e.Path, " → "))
}

// tree is the syntax tree of an expression, as the browser gets it.
func tree(e *expr.Expr) any {
	data, err := json.Marshal(e)
	if err != nil {
		return nil // a tree holds nothing that cannot be written
	}
	var t any
	if err := json.Unmarshal(data, &t); err != nil {
		return nil
	}
	return t
}

// connect finds which fields look at which, and an order in which each stands
// after those it needs.
func (p *plan) connect() error {
	needs := make([][]int, len(p.fields))
	for i := range p.fields {
		f := &p.fields[i]
		cells := map[int]cell{}
		for _, part := range []struct {
			e    *expr.Expr
			cell cell
		}{{f.relevant, relevance}, {f.filter, filter}, {f.calculation, calculation}, {f.required, required}, {f.constraint, constraint}, {f.readOnly, readOnly}} {
			if part.e == nil {
				continue
			}
			for _, j := range p.reads(part.e, i) {
				if i == j && part.cell == calculation && !slices.Contains(part.e.Refs(), f.id) {
					continue // once(), or another look at the value so far
				}
				cells[j] |= part.cell
			}
		}
		if i > 0 {
			needs[i] = append(needs[i], f.parent)
		}
		for j := range p.fields {
			if c := cells[j]; c != 0 {
				p.fields[j].readers = append(p.fields[j].readers, reader{i, c})
				if c&steps != 0 {
					needs[i] = append(needs[i], j)
				}
			}
		}
	}
	s := sorter{p: p, needs: needs, state: make([]visit, len(p.fields))}
	for i := range p.fields {
		if err := s.visit(i); err != nil {
			return err
		}
	}
	p.order = s.order
	return nil
}

type visit int

const (
	underway visit = iota + 1
	sorted
)

type sorter struct {
	p     *plan
	needs [][]int
	state []visit
	trail []int
	order []int
}

// visit sorts in a field after its needs.
func (s *sorter) visit(i int) error {
	switch s.state[i] {
	case sorted:
		return nil
	case underway:
		var path []string
		for _, j := range append(s.trail[slices.Index(s.trail, i):], i) {
			path = append(path, s.p.fields[j].id)
		}
		return &CycleError{path}
	}
	s.state[i] = underway
	s.trail = append(s.trail, i)
	for _, need := range s.needs[i] {
		if err := s.visit(need); err != nil {
			return err
		}
	}
	s.trail = s.trail[:len(s.trail)-1]
	s.state[i] = sorted
	s.order = append(s.order, i)
	return nil
}

// reads lists the fields with a value that an expression of field at may look
// at. Of a path, conditions are left aside, so that it may be too many.
func (p *plan) reads(e *expr.Expr, at int) []int {
	t := &tracer{p: p, at: at, found: make([]bool, len(p.fields))}
	t.note(t.trace(tree(e), []int{at}))
	var all []int
	for i, found := range t.found {
		if found {
			all = append(all, i)
		}
	}
	return all
}

type tracer struct {
	p     *plan
	at    int
	found []bool
}

// above stands for the document, which is above the first field.
const above = -1

// note marks fields, and what stands in those that are groups.
func (t *tracer) note(fields []int) {
	for _, i := range fields {
		if i == above {
			i = 0
		}
		t.found[i] = t.p.fields[i].kind != groupKind
		t.note(t.p.fields[i].kids)
	}
}

// trace gives the fields in the set that a tree may stand for, and notes all
// others that are looked at. In here are the fields where it is evaluated:
// none in a list of choices.
func (t *tracer) trace(tree any, here []int) []int {
	parts, ok := tree.([]any)
	if !ok || len(parts) == 0 {
		return nil
	}
	op, _ := parts[0].(string)
	switch op {
	case "var":
		name, _ := parts[1].(string)
		if i, ok := t.p.byID[name]; ok {
			t.note([]int{i})
		}
		return nil
	case "path":
		return t.path(parts, here)
	case "filter":
		set := t.trace(parts[1], here)
		t.conditions(parts[2:], set)
		return set
	case "call":
		return t.call(parts, here)
	}
	return t.union(parts[1:], here)
}

func (t *tracer) union(trees []any, here []int) []int {
	var all []int
	for _, one := range trees {
		all = append(all, t.trace(one, here)...)
	}
	return all
}

// ownContent are the functions that without an argument look at the node where
// they are called.
var ownContent = []string{"normalize-space", "number", "string", "string-length"}

func (t *tracer) call(parts []any, here []int) []int {
	name, _ := parts[1].(string)
	args := parts[2:]
	switch {
	case name == "current":
		return []int{t.at}
	case len(args) == 0:
		if slices.Contains(ownContent, name) {
			t.note(here)
		}
		return nil
	case name == "jr:choice-name" && len(args) == 2:
		if question, ok := args[1].(string); ok {
			t.note(t.p.question(question))
		}
	}
	set := t.union(args, here)
	t.note(set)
	return set
}

func (t *tracer) conditions(trees []any, here []int) {
	for _, one := range trees {
		t.note(t.trace(one, here))
	}
}

func (t *tracer) path(parts []any, here []int) []int {
	var set []int
	switch start := parts[1].(type) {
	case string:
		set = here
		if start == "/" {
			set = []int{above}
		}
	default:
		set = t.trace(start, here)
	}
	for _, part := range parts[2:] {
		step, ok := part.([]any)
		if !ok || len(step) < 2 {
			continue
		}
		axis, _ := step[0].(string)
		test, _ := step[1].(string)
		set = t.step(set, axis, test)
		t.conditions(step[2:], set)
	}
	return set
}

// step follows an axis, without regard to what stands before or after.
func (t *tracer) step(set []int, axis, test string) []int {
	if axis == "attribute" {
		return nil
	}
	if test == "text()" {
		return set // the text of what is already found
	}
	var found []int
	for _, i := range set {
		for _, j := range t.p.axis(i, axis) {
			fits := test == "*" || test == "node()" || j != above && t.p.fields[j].name == test
			if fits && !slices.Contains(found, j) {
				found = append(found, j)
			}
		}
	}
	return found
}

func (p *plan) axis(i int, axis string) []int {
	switch axis {
	case "self":
		return []int{i}
	case "child":
		return p.below(i, false)
	case "parent":
		return p.around(i)[:min(1, len(p.around(i)))]
	case "descendant":
		return p.below(i, true)
	case "descendant-or-self":
		return append([]int{i}, p.below(i, true)...)
	case "ancestor":
		return p.around(i)
	case "ancestor-or-self":
		return append([]int{i}, p.around(i)...)
	case "following-sibling", "preceding-sibling":
		if i > 0 {
			return p.fields[p.fields[i].parent].kids
		}
		return nil
	}
	return p.below(above, true)
}

func (p *plan) below(i int, deep bool) []int {
	kids := []int{0}
	if i != above {
		kids = p.fields[i].kids
	}
	if !deep {
		return kids
	}
	var all []int
	for _, kid := range kids {
		all = append(append(all, kid), p.below(kid, true)...)
	}
	return all
}

// around lists what a field stands in, the nearest first.
func (p *plan) around(i int) []int {
	var all []int
	for i != above {
		i = p.fields[i].parent
		all = append(all, i)
	}
	return all
}

// question finds the field that the second argument of jr:choice-name names:
// an id, or a path.
func (p *plan) question(name string) []int {
	name = strings.TrimSpace(name)
	if i, ok := p.byID[name]; ok {
		return []int{i}
	}
	for i := range p.fields {
		if strings.HasPrefix(name, "/") && p.path(i) == name {
			return []int{i}
		}
	}
	return nil
}
