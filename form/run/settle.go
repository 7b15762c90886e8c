package run

import (
	"math"

	"adili/form/expr"
)

// settle works out what changed, each field after those it needs.
func (r *Run) settle() {
	for _, i := range r.order {
		if r.dirty[i]&steps != 0 {
			r.step(i)
		}
	}
	for i := range r.fields {
		if r.dirty[i]&checks != 0 {
			r.check(i)
		}
	}
}

// step works out relevance and value of a field.
func (r *Run) step(i int) {
	f, n, cells := &r.fields[i], &r.now[i], r.dirty[i]
	r.dirty[i] &^= steps
	if cells&relevance != 0 {
		n.self = f.relevant == nil || f.relevant.Bool(r.at(i))
	}
	relevant := n.self && (i == 0 || r.now[f.parent].relevant)
	if cells&filter != 0 && f.filter != nil {
		n.offered = r.offer(i)
	}
	if f.calculation != nil {
		changed := !n.relevant
		if cells&calculation != 0 {
			result := r.work(f.calculation, i)
			changed = changed || result != n.result
			n.result = result
		}
		if relevant && changed {
			n.base = f.read(n.result)
		}
	}
	r.show(i, relevant)
}

// work is what an expression gives as a value of a field. A number that is
// none is the empty value, as in ODK.
func (r *Run) work(e *expr.Expr, i int) string {
	v := e.Eval(r.at(i))
	if v.IsNumber() && math.IsNaN(v.Number()) {
		return ""
	}
	return v.String()
}

// offer lists the codes that the filter lets through.
func (r *Run) offer(i int) []string {
	var codes []string
	for _, item := range r.fields[i].filter.Eval(r.at(i)).Nodes() {
		codes = append(codes, item.Kids[0].Content())
	}
	return codes
}

// show gives the value to those who look at it.
func (r *Run) show(i int, relevant bool) {
	f, n := &r.fields[i], &r.now[i]
	if relevant != n.relevant {
		n.relevant = relevant
		r.dirty[i] |= constraint
		for _, kid := range f.kids {
			r.dirty[kid] |= inherited
		}
	}
	value := ""
	if relevant && f.kind != groupKind {
		value = f.shown(n.base, n.offered)
	}
	if value != n.value {
		n.value = value
		r.dirty[i] |= constraint
	}
	if seen := f.seen(value); seen != n.seen {
		n.seen = seen
		n.node.SetText(seen)
		for _, reader := range f.readers {
			r.dirty[reader.field] |= reader.cells
		}
	}
}

// check works out what nothing else depends on.
func (r *Run) check(i int) {
	f, n, cells := &r.fields[i], &r.now[i], r.dirty[i]
	r.dirty[i] &^= checks
	if cells&required != 0 {
		n.required = f.required != nil && f.required.Bool(r.at(i))
	}
	if cells&readOnly != 0 {
		n.readOnly = f.readOnly != nil && f.readOnly.Bool(r.at(i))
	}
	if cells&constraint != 0 {
		n.holds = !n.relevant || n.seen == "" ||
			f.within(n.seen) && (f.constraint == nil || f.constraint.Bool(r.at(i)))
	}
}
