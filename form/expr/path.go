package expr

import (
	"slices"
	"strings"
)

// path takes the steps from where it starts.
func (ev *evaluator) path(t *tree) []*Node {
	nodes := ev.start(t.args[0])
	for _, s := range t.steps {
		var found []*Node
		for _, n := range nodes {
			if *ev.left < 0 {
				return nil
			}
			near := ev.axis(n, s)
			for _, predicate := range s.predicates {
				near = ev.keep(near, predicate)
			}
			found = append(found, near...)
		}
		if len(nodes) > 1 || s.backward() {
			found = ev.ordered(found)
		}
		nodes = found
	}
	return nodes
}

func (ev *evaluator) start(t *tree) []*Node {
	switch {
	case t.op != "text":
		return ev.eval(t).nodes
	case ev.Node == nil:
		return nil
	case t.text == "/":
		return []*Node{ev.Node.root()}
	}
	return []*Node{ev.Node}
}

// keep leaves the nodes for which a predicate holds; a number is a position.
func (ev *evaluator) keep(nodes []*Node, predicate *tree) []*Node {
	var kept []*Node
	inner := *ev.Context
	sub := *ev
	sub.Context = &inner
	for i, n := range nodes {
		inner.Node, inner.Position, inner.Size = n, i+1, len(nodes)
		v := sub.eval(predicate)
		if v.kind == numberValue && v.number == float64(i+1) || v.kind != numberValue && v.Bool() {
			kept = append(kept, n)
		}
		if *ev.left < 0 {
			return nil
		}
	}
	ev.order = sub.order
	return kept
}

func (s step) backward() bool {
	return strings.HasPrefix(s.axis, "ancestor") || strings.HasPrefix(s.axis, "preceding")
}

// axis gives the nodes on an axis that pass the test, nearest first.
func (ev *evaluator) axis(n *Node, s step) []*Node {
	var found []*Node
	visit := func(m *Node) bool {
		if s.fits(m) {
			found = append(found, m)
		}
		return ev.spend(1)
	}
	switch s.axis {
	case "self":
		visit(n)
	case "child":
		each(n.Kids, visit)
	case "attribute":
		each(n.Attr, visit)
	case "parent":
		if n.parent != nil {
			visit(n.parent)
		}
	case "descendant-or-self":
		_ = visit(n) && below(n, visit)
	case "descendant":
		below(n, visit)
	case "ancestor-or-self":
		_ = visit(n) && above(n, visit)
	case "ancestor":
		above(n, visit)
	case "following-sibling", "preceding-sibling":
		ev.spend(len(n.parentKids()) / 16) // for finding the place among them
		each(beside(n, s.axis == "following-sibling"), visit)
	default:
		ev.spend(len(n.parentKids()) / 16)
		outside(n, s.axis == "following", visit)
	}
	return found
}

func (s step) fits(n *Node) bool {
	switch s.test {
	case "node()":
		return true
	case "text()":
		return n.Kind == Text
	}
	wanted := Element
	if s.axis == "attribute" {
		wanted = Attribute
	}
	if n.Kind != wanted {
		return false
	}
	if prefix, ok := strings.CutSuffix(s.test, ":*"); ok {
		return strings.HasPrefix(n.Name, prefix+":")
	}
	return s.test == "*" || s.test == n.Name
}

// each visits nodes until a visit says to stop, as do those below.
func each(nodes []*Node, visit func(*Node) bool) bool {
	for _, n := range nodes {
		if !visit(n) {
			return false
		}
	}
	return true
}

func below(n *Node, visit func(*Node) bool) bool {
	return each(n.Kids, func(kid *Node) bool { return visit(kid) && below(kid, visit) })
}

func above(n *Node, visit func(*Node) bool) bool {
	for p := n.parent; p != nil; p = p.parent {
		if !visit(p) {
			return false
		}
	}
	return true
}

func (n *Node) parentKids() []*Node {
	if n.parent == nil {
		return nil
	}
	return n.parent.Kids
}

// beside lists the siblings after a node, or before it from near to far.
func beside(n *Node, after bool) []*Node {
	if n.Kind == Attribute || n.parent == nil {
		return nil
	}
	i := slices.Index(n.parent.Kids, n)
	if after {
		return n.parent.Kids[i+1:]
	}
	before := slices.Clone(n.parent.Kids[:max(i, 0)])
	slices.Reverse(before)
	return before
}

// outside visits what begins after a node ends, or ends before it begins.
func outside(n *Node, after bool, visit func(*Node) bool) bool {
	for ; n != nil; n = n.parent {
		for _, sibling := range beside(n, after) {
			if after {
				if !visit(sibling) || !below(sibling, visit) {
					return false
				}
				continue
			}
			var all []*Node
			below(sibling, func(m *Node) bool { all = append(all, m); return true })
			slices.Reverse(all)
			if !each(all, visit) || !visit(sibling) {
				return false
			}
		}
	}
	return true
}

// ordered sorts nodes by their place in the document, each once. The places
// are counted when first needed, because most paths are in order by themselves.
func (ev *evaluator) ordered(nodes []*Node) []*Node {
	if len(nodes) < 2 || *ev.left < 0 {
		return nodes
	}
	for _, n := range nodes {
		if _, ok := ev.order[n]; !ok {
			ev.number(n.root())
		}
	}
	if !ev.spend(4 * len(nodes)) {
		return nil
	}
	type placed struct {
		place int
		node  *Node
	}
	all := make([]placed, len(nodes))
	for i, n := range nodes {
		all[i] = placed{ev.order[n], n}
	}
	slices.SortFunc(all, func(a, b placed) int { return a.place - b.place })
	nodes = nodes[:0]
	for i, p := range all {
		if i == 0 || p.node != all[i-1].node {
			nodes = append(nodes, p.node)
		}
	}
	return nodes
}

func (ev *evaluator) number(n *Node) {
	if ev.order == nil {
		ev.order = map[*Node]int{}
	}
	ev.order[n] = len(ev.order) + 1
	ev.spend(1)
	for _, a := range n.Attr {
		ev.order[a] = len(ev.order) + 1
	}
	for _, kid := range n.Kids {
		ev.number(kid)
	}
}
