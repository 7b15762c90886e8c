package expr

import (
	"errors"
	"math"
	"time"
)

// MaxSteps bounds one evaluation: operators, nodes and parts of texts visited.
const MaxSteps = 1_000_000

// ErrTooLong is the error of an evaluation that needs more than MaxSteps.
var ErrTooLong = errors.New("the expression takes too long: it visits too many nodes or characters; use a shorter path or pattern")

// Context is what an expression is evaluated in. Every field may be left out.
type Context struct {
	Node           *Node // where the expression is: "."
	Position, Size int   // of Node in a list; 0 counts as 1
	// Value is the answer to the question a ${name} names, and whether there
	// is such a question. An answer not given is the empty text.
	Value    func(name string) (Value, bool)
	Instance func(id string) *Node // the document of a list; nil if there is none
	// Now is the clock. Its offset from UTC is the zone of all dates; with UTC
	// itself dates are those of the calendar, without zone.
	Now    time.Time
	Random func() float64                     // from 0 up to 1
	Label  func(question, code string) string // of a choice, for jr:choice-name
}

type evaluator struct {
	*Context
	current *Node // where the whole expression is
	zone    int
	left    *int // steps
	order   map[*Node]int
}

// Eval gives the value of the expression. One that takes too long is the empty
// text; Try tells.
func (e *Expr) Eval(c *Context) Value {
	v, _ := e.Try(c)
	return v
}

// Try gives the value of the expression, or ErrTooLong.
func (e *Expr) Try(c *Context) (Value, error) {
	_, offset := c.Now.Zone()
	left := MaxSteps
	ev := &evaluator{Context: c, current: c.Node, zone: offset / 60, left: &left}
	v := ev.eval(e.root)
	v.zone = ev.zone
	if left < 0 {
		return Value{}, ErrTooLong
	}
	return v, nil
}

// Bool is the value as a condition.
func (e *Expr) Bool(c *Context) bool { return e.Eval(c).Bool() }

// Text is the value as text.
func (e *Expr) Text(c *Context) string { return e.Eval(c).String() }

// Number is the value as a number.
func (e *Expr) Number(c *Context) float64 { return e.Eval(c).Number() }

// spend takes steps from the budget and reports whether any are left.
func (ev *evaluator) spend(steps int) bool {
	*ev.left -= steps
	return *ev.left >= 0
}

func (ev *evaluator) eval(t *tree) Value {
	if !ev.spend(1) {
		return Value{}
	}
	v := ev.operator(t)
	v.zone = ev.zone
	return v
}

func (ev *evaluator) operator(t *tree) Value {
	switch t.op {
	case "number":
		return OfNumber(t.number)
	case "text":
		return OfText(t.text)
	case "var":
		return ev.reference(t.text)
	case "call":
		return ev.function(t)
	case "path":
		return OfNodes(ev.path(t)...)
	case "filter":
		set := ev.eval(t.args[0]).nodes
		for _, predicate := range t.args[1:] {
			set = ev.keep(set, predicate)
		}
		return OfNodes(set...)
	case "neg":
		return OfNumber(-ev.eval(t.args[0]).Number())
	case "and":
		return OfBool(ev.eval(t.args[0]).Bool() && ev.eval(t.args[1]).Bool())
	case "or":
		return OfBool(ev.eval(t.args[0]).Bool() || ev.eval(t.args[1]).Bool())
	}
	a, b := ev.eval(t.args[0]), ev.eval(t.args[1])
	switch t.op {
	case "+":
		return OfNumber(a.Number() + b.Number())
	case "-":
		return OfNumber(a.Number() - b.Number())
	case "*":
		return OfNumber(a.Number() * b.Number())
	case "div":
		return OfNumber(a.Number() / b.Number())
	case "mod":
		return OfNumber(math.Mod(a.Number(), b.Number()))
	case "|":
		return OfNodes(ev.ordered(append(append([]*Node(nil), a.nodes...), b.nodes...))...)
	}
	ev.spend(len(a.nodes) + len(b.nodes))
	if len(a.nodes) > 1 && !ev.spend(len(a.nodes)*len(b.nodes)) {
		return Value{}
	}
	return OfBool(compare(t.op, a, b))
}

func (ev *evaluator) reference(name string) Value {
	if ev.Value == nil {
		return Value{}
	}
	v, _ := ev.Value(name)
	return v
}

// void reports whether a call is of no function, not with so many arguments,
// or of regex without a compiled pattern. It gives the empty text; Check
// refuses it beforehand.
func (t *tree) void() bool {
	return t.call == nil || !t.call.takes(len(t.args)) || t.call.Name == "regex" && t.args[1].op != "re"
}

func (ev *evaluator) function(t *tree) Value {
	if t.void() {
		return Value{}
	}
	f := t.call
	switch f.Name {
	case "if":
		if ev.eval(t.args[0]).Bool() {
			return ev.eval(t.args[1])
		}
		return ev.eval(t.args[2])
	case "regex":
		text, re := ev.eval(t.args[0]).String(), t.args[1].re
		return OfBool(ev.spend(len(text)*re.Size()/16) && re.Match(text))
	}
	args := make([]Value, len(t.args))
	for i, a := range t.args {
		args[i] = ev.eval(a)
		ev.spend(len(args[i].text)/64 + len(args[i].nodes))
	}
	if *ev.left < 0 {
		return Value{}
	}
	return f.call(ev, args)
}
