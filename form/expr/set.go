package expr

import (
	"math"
	"slices"
	"strings"
)

var nodeFunctions = []Function{
	{"count", 1, 1, "How many nodes a set has.", func(_ *evaluator, a []Value) Value { return OfNumber(float64(len(a[0].nodes))) }},
	{"count-non-empty", 1, 1, "How many nodes of a set hold text.", func(_ *evaluator, a []Value) Value {
		n := 0.0
		for _, node := range a[0].nodes {
			if node.Content() != "" {
				n++
			}
		}
		return OfNumber(n)
	}},
	{"current", 0, 0, "The node of the whole expression, inside a predicate.", func(ev *evaluator, _ []Value) Value {
		if ev.current == nil {
			return OfNodes()
		}
		return OfNodes(ev.current)
	}},
	{"instance", 1, 1, "The document of a list, as in instance('regions')/root/item.", func(ev *evaluator, a []Value) Value {
		if ev.Instance == nil {
			return OfNodes()
		}
		if n := ev.Instance(a[0].String()); n != nil {
			return OfNodes(n)
		}
		return OfNodes()
	}},
	{"last", 0, 0, "The number of nodes in the list.", func(ev *evaluator, _ []Value) Value { return OfNumber(float64(max(ev.Size, 1))) }},
	{"local-name", 0, 1, "The name of a node without its prefix.", func(ev *evaluator, a []Value) Value {
		name := nodeName(ev, a)
		return OfText(name[strings.LastIndexByte(name, ':')+1:])
	}},
	{"name", 0, 1, "The name of a node.", func(ev *evaluator, a []Value) Value { return OfText(nodeName(ev, a)) }},
	{"position", 0, 1, "The place in the list, or of a node among those of its name, from 1.", position},
	{"randomize", 1, 2, "A set in an order by chance; with a seed always the same.", randomize},
}

func nodeName(ev *evaluator, a []Value) string {
	if nodes := own(ev, a).nodes; len(nodes) > 0 {
		return nodes[0].Name
	}
	return ""
}

func position(ev *evaluator, a []Value) Value {
	switch {
	case len(a) == 0:
		return OfNumber(float64(max(ev.Position, 1)))
	case len(a[0].nodes) == 0:
		return OfNumber(math.NaN())
	}
	n := a[0].nodes[0]
	place := 1.0
	for _, sibling := range beside(n, false) {
		if sibling.Name == n.Name {
			place++
		}
	}
	return OfNumber(place)
}

// chance is a number from 0 up to 1; without a source it is always 0.
func (ev *evaluator) chance() float64 {
	if ev.Random == nil {
		return 0
	}
	if f := ev.Random(); f >= 0 && f < 1 {
		return f
	}
	return 0
}

func randomize(ev *evaluator, a []Value) Value {
	next := ev.chance
	if len(a) > 1 {
		next = generator(a[1].Number())
	}
	nodes := slices.Clone(a[0].nodes)
	for i := len(nodes) - 1; i > 0; i-- {
		j := int(next() * float64(i+1))
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
	return OfNodes(nodes...)
}

// generator is the one of Park and Miller, as the ODK specification asks.
func generator(seed float64) func() float64 {
	const modulus = 2147483647
	state := math.Mod(math.Trunc(seed), modulus)
	if !(state > 0) {
		state += modulus - 1
	}
	if math.IsNaN(state) {
		state = 1
	}
	return func() float64 {
		state = math.Mod(state*16807, modulus)
		return (state - 1) / (modulus - 1)
	}
}
