package expr

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"adili/form/expr/civil"
)

type valueKind int

const (
	textValue valueKind = iota
	numberValue
	boolValue
	momentValue // a date or time, in days since 1970-01-01T00:00Z
	nodesValue
)

// Value is what an expression gives: a number, a text, true or false, a date,
// or a set of nodes in document order. The zero Value is the empty text.
type Value struct {
	kind   valueKind
	number float64
	text   string
	truth  bool
	nodes  []*Node
	zone   int // minutes east of Greenwich, for dates as text and text as dates
}

// OfNumber makes a number.
func OfNumber(f float64) Value { return Value{kind: numberValue, number: f} }

// OfText makes a text.
func OfText(s string) Value { return Value{text: s} }

// OfBool makes a truth value.
func OfBool(b bool) Value { return Value{kind: boolValue, truth: b} }

// OfNodes makes a set of nodes, which must be in document order.
func OfNodes(nodes ...*Node) Value { return Value{kind: nodesValue, nodes: nodes} }

func ofDays(days float64) Value { return Value{kind: momentValue, number: days} }

// IsNumber reports whether the value is a number and not a text, date or set.
func (v Value) IsNumber() bool { return v.kind == numberValue }

// IsBool reports whether the value is true or false.
func (v Value) IsBool() bool { return v.kind == boolValue }

// Nodes is the set of nodes, or nil for any other value.
func (v Value) Nodes() []*Node { return v.nodes }

// Bool reads the value as a condition: false are the numbers 0 and NaN, the
// empty text, the empty set and a date that is none.
func (v Value) Bool() bool {
	switch v.kind {
	case numberValue:
		return v.number != 0 && !math.IsNaN(v.number)
	case boolValue:
		return v.truth
	case momentValue:
		return !math.IsNaN(v.number)
	case nodesValue:
		return len(v.nodes) > 0
	}
	return v.text != ""
}

// Number reads the value as a number; NaN if it is none. A date in a text
// counts its days.
func (v Value) Number() float64 {
	switch v.kind {
	case numberValue, momentValue:
		return v.number
	case boolValue:
		if v.truth {
			return 1
		}
		return 0
	}
	text := trim(v.String())
	if f, ok := parseNumber(text); ok {
		return f
	}
	return civil.ParseDate(text, v.zone)
}

// String writes the value: a number without exponent, a set as its first node.
func (v Value) String() string {
	switch v.kind {
	case numberValue:
		return writeNumber(v.number)
	case boolValue:
		return strconv.FormatBool(v.truth)
	case momentValue:
		return civil.Text(v.number, v.zone)
	case nodesValue:
		if len(v.nodes) == 0 {
			return ""
		}
		return v.nodes[0].Content()
	}
	return v.text
}

func writeNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

var numberShape = regexp.MustCompile(`^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$`)

// parseNumber reads a number as XPath writes it, or with an exponent.
func parseNumber(text string) (float64, bool) {
	if !plainNumber(text) && !numberShape.MatchString(text) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(text, 64) // the one error left is ±Inf, which f is
	return f, true
}

// plainNumber finds at once that most texts are a few digits.
func plainNumber(text string) bool {
	if text == "" || len(text) > 15 {
		return false
	}
	for i := range len(text) {
		if !digit(text[i]) {
			return false
		}
	}
	return true
}

const space = " \t\r\n"

func trim(text string) string { return strings.Trim(text, space) }

// words are the codes of a list. An empty list has one, the empty code.
func words(text string) []string {
	all := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(space, r) })
	if len(all) == 0 {
		return []string{""}
	}
	return all
}

// compare compares two values. A set compares if one of its nodes does; but for
// = and != beside a truth value it is one too.
func compare(op string, a, b Value) bool {
	equality := op == "=" || op == "!="
	switch {
	case a.kind == nodesValue && !(equality && b.kind == boolValue):
		return anyNode(a, func(v Value) bool { return compare(op, v, b) })
	case b.kind == nodesValue && !(equality && a.kind == boolValue):
		return anyNode(b, func(v Value) bool { return compare(op, a, v) })
	case a.kind == nodesValue:
		a = OfBool(a.Bool())
	case b.kind == nodesValue:
		b = OfBool(b.Bool())
	}
	switch op {
	case "<":
		return a.Number() < b.Number()
	case "<=":
		return a.Number() <= b.Number()
	case ">":
		return a.Number() > b.Number()
	case ">=":
		return a.Number() >= b.Number()
	}
	return same(a, b) == (op == "=")
}

func same(a, b Value) bool {
	switch {
	case a.kind == boolValue || b.kind == boolValue:
		return a.Bool() == b.Bool()
	case a.kind == textValue && b.kind == textValue:
		return a.text == b.text
	}
	return a.Number() == b.Number()
}

func anyNode(set Value, holds func(Value) bool) bool {
	for _, n := range set.nodes {
		if holds(Value{text: n.Content(), zone: set.zone}) {
			return true
		}
	}
	return false
}
