package tree

import (
	"slices"
	"strings"

	"adili/form/fault"
)

// Reader takes values out of nodes and notes what is wrong with them.
type Reader struct {
	Faults fault.List
}

// Bad notes a fault at a node.
func (r *Reader) Bad(n *Node, path, key string, args ...any) {
	r.Faults = append(r.Faults, fault.Fault{Line: n.Line, Field: path, Key: key, Args: args})
}

// Fields checks that n is an object with known fields only and returns them.
func (r *Reader) Fields(n *Node, path string, known ...string) map[string]*Node {
	o, ok := n.Value.(*Object)
	if !ok {
		r.Bad(n, path, "form.fault.want_object")
		return nil
	}
	for _, k := range o.Keys {
		if !slices.Contains(known, k) {
			r.Bad(o.Fields[k], Join(path, k), "form.fault.unknown_field")
		}
	}
	return o.Fields
}

// Join is the path of a field below another.
func Join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

// At returns the field, or the parent where it is absent so that a fault about
// it has a line.
func At(f map[string]*Node, field string, parent *Node) *Node {
	if n, ok := f[field]; ok {
		return n
	}
	return &Node{Line: parent.Line}
}

// Text is a text that is not blank.
func (r *Reader) Text(n *Node, path string) string {
	s, ok := n.Value.(string)
	switch {
	case !ok && n.Value != nil:
		r.Bad(n, path, "form.fault.want_text")
	case strings.TrimSpace(s) == "":
		r.Bad(n, path, "form.fault.required")
	}
	return s
}

// OneOf is one of some texts.
func (r *Reader) OneOf(n *Node, path string, allowed ...string) string {
	s := r.Text(n, path)
	if s != "" && !slices.Contains(allowed, s) {
		r.Bad(n, path, "form.fault.choice", "Value", s, "Allowed", strings.Join(allowed, ", "))
	}
	return s
}

// Whole is a whole number.
func (r *Reader) Whole(n *Node, path string) int {
	f, ok := n.Value.(float64)
	if !ok || f != float64(int(f)) {
		r.Bad(n, path, "form.fault.want_number")
		return 0
	}
	return int(f)
}

// Flag is true or false.
func (r *Reader) Flag(n *Node, path string) bool {
	b, ok := n.Value.(bool)
	if !ok {
		r.Bad(n, path, "form.fault.want_bool")
	}
	return b
}

// List is a list that is not empty.
func (r *Reader) List(n *Node, path string) []*Node {
	list, ok := n.Value.([]*Node)
	switch {
	case !ok && n.Value != nil:
		r.Bad(n, path, "form.fault.want_list")
	case len(list) == 0:
		r.Bad(n, path, "form.fault.required")
	}
	return list
}

// Put sets a field of an object, on the line of n.
func (o *Object) Put(name string, n *Node, value any) {
	if _, ok := o.Fields[name]; !ok {
		o.Keys = append(o.Keys, name)
	}
	o.Fields[name] = &Node{Line: n.Line, Value: value}
}
