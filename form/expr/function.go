package expr

import (
	"slices"
	"strings"
)

// Function is a function that expressions may call.
type Function struct {
	Name     string
	Min, Max int                                     // number of arguments; Max is -1 where there is no limit
	Doc      string                                  // one line
	call     func(ev *evaluator, args []Value) Value // nil for if and regex, which do not take values only
}

func (f *Function) takes(args int) bool {
	return args >= f.Min && (f.Max < 0 || args <= f.Max)
}

// Functions lists all functions by name.
func Functions() []Function { return slices.Clone(table) }

func function(name string) *Function {
	i, ok := slices.BinarySearchFunc(table, name, func(f Function, name string) int { return strings.Compare(f.Name, name) })
	if !ok {
		return nil
	}
	return &table[i]
}

var table = sorted(logicFunctions, numberFunctions, textFunctions, dateFunctions, nodeFunctions)

func sorted(groups ...[]Function) []Function {
	all := slices.Concat(groups...)
	slices.SortFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// own is the first argument, or where there is none the node itself.
func own(ev *evaluator, args []Value) Value {
	switch {
	case len(args) > 0:
		return args[0]
	case ev.Node == nil:
		return OfNodes()
	}
	return Value{kind: nodesValue, nodes: []*Node{ev.Node}, zone: ev.zone}
}

// spread replaces sets by the texts of their nodes.
func spread(ev *evaluator, args []Value) []Value {
	var all []Value
	for _, v := range args {
		if v.kind != nodesValue {
			all = append(all, v)
			continue
		}
		for _, n := range v.nodes {
			text := n.Content()
			if !ev.spend(1 + len(text)/64) {
				return nil
			}
			all = append(all, Value{text: text, zone: ev.zone})
		}
	}
	return all
}

var logicFunctions = []Function{
	{"boolean", 1, 1, "Reads a value as a condition.", func(_ *evaluator, a []Value) Value { return OfBool(a[0].Bool()) }},
	{"boolean-from-string", 1, 1, "True for the texts 1 and true only.", func(_ *evaluator, a []Value) Value {
		return OfBool(a[0].String() == "1" || a[0].String() == "true")
	}},
	{"checklist", 2, -1, "Whether at least min and at most max of the conditions hold; -1 is no bound.", checklist},
	{"coalesce", 2, 2, "The first value, or the second if the first is empty.", func(_ *evaluator, a []Value) Value {
		if a[0].String() == "" {
			return a[1]
		}
		return a[0]
	}},
	{"count-selected", 1, 1, "How many choices are selected.", func(_ *evaluator, a []Value) Value {
		list := words(a[0].String())
		if list[0] == "" {
			return OfNumber(0)
		}
		return OfNumber(float64(len(list)))
	}},
	{"false", 0, 0, "False.", func(*evaluator, []Value) Value { return OfBool(false) }},
	{"if", 3, 3, "The second value if the first holds, else the third; only that one is evaluated.", nil},
	{"jr:choice-name", 2, 2, "The label of a choice: its code, and the question in quotes.", func(ev *evaluator, a []Value) Value {
		if ev.Label == nil {
			return Value{}
		}
		return OfText(ev.Label(a[1].String(), a[0].String()))
	}},
	{"not", 1, 1, "The contrary of a condition.", func(_ *evaluator, a []Value) Value { return OfBool(!a[0].Bool()) }},
	{"once", 1, 1, "The answer already there, or the value if there is none.", func(ev *evaluator, a []Value) Value {
		if ev.Node != nil && ev.Node.Content() != "" {
			return OfText(ev.Node.Content())
		}
		return a[0]
	}},
	{"regex", 2, 2, "Whether a pattern is found in a text; ^ and $ stand for its ends.", nil},
	{"selected", 2, 2, "Whether a choice is selected.", func(_ *evaluator, a []Value) Value {
		return OfBool(slices.Contains(words(a[0].String()), trim(a[1].String())))
	}},
	{"selected-at", 2, 2, "The selected choice at a place, counted from 0.", func(_ *evaluator, a []Value) Value {
		list, at := words(a[0].String()), a[1].Number()
		for i, word := range list {
			if float64(i) == at {
				return OfText(word)
			}
		}
		return Value{}
	}},
	{"true", 0, 0, "True.", func(*evaluator, []Value) Value { return OfBool(true) }},
	{"weighted-checklist", 2, -1, "As checklist, with a weight after each condition.", weightedChecklist},
}

func checklist(ev *evaluator, a []Value) Value {
	conditions := spread(ev, a[2:])
	weights := make([]Value, len(conditions))
	for i := range weights {
		weights[i] = OfNumber(1)
	}
	return weigh(a[0], a[1], conditions, weights)
}

func weightedChecklist(ev *evaluator, a []Value) Value {
	var conditions, weights []Value
	for i, v := range a[2:] {
		if i%2 == 0 {
			conditions = append(conditions, v)
		} else {
			weights = append(weights, v)
		}
	}
	return weigh(a[0], a[1], spread(ev, conditions), spread(ev, weights))
}

// weigh adds the weights of the conditions that hold. A condition that holds
// but has no weight makes the answer false.
func weigh(low, high Value, conditions, weights []Value) Value {
	sum := 0.0
	for i, condition := range conditions {
		if !condition.Bool() {
			continue
		}
		if i >= len(weights) {
			return OfBool(false)
		}
		sum += weights[i].Number()
	}
	least, most := low.Number(), high.Number()
	return OfBool((least < 0 || sum >= least) && (most < 0 || sum <= most))
}
