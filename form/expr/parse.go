package expr

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"adili/form/expr/pattern"
)

// Bounds of an expression.
const (
	MaxBytes   = 20_000 // of source
	MaxNesting = 100    // of parentheses, predicates, arguments and signs
	maxDepth   = 1_000  // of the tree: a chain of operators is as deep as long
)

// Expr is a parsed expression. It does not change.
type Expr struct {
	source string
	root   *tree
	refs   []place
	calls  []place
}

// place is a name and where it stands in the source.
type place struct {
	name       string
	start, end int
	args       int          // of a call
	pattern    *SyntaxError // of a call of regex with a pattern that is no literal
}

// tree is a node of the syntax tree: a number, a text, or an operator with its
// operands. See MarshalJSON for the operators.
type tree struct {
	op     string // "number" and "text" are literals
	number float64
	text   string // the literal, the function's or reference's name
	args   []*tree
	steps  []step // of a path
	re     *pattern.Pattern
	call   *Function
	depth  int
}

type step struct {
	axis, test string
	predicates []*tree
}

// Parse reads an expression. The error is a *SyntaxError.
func Parse(source string) (*Expr, error) {
	if len(source) > MaxBytes {
		return nil, &SyntaxError{MaxBytes, fmt.Sprintf("the expression has more than %d bytes: split it into calculations", MaxBytes)}
	}
	tokens, err := lex(source)
	if err != nil {
		return nil, err
	}
	if len(tokens) == 1 {
		return nil, &SyntaxError{0, "the expression is empty: write one, or leave the cell blank"}
	}
	p := &parser{tokens: tokens, source: source, out: &Expr{source: source}}
	root, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != endToken {
		return nil, p.unexpected("an operator such as and, or, =, +")
	}
	p.out.root = root
	return p.out, nil
}

type parser struct {
	tokens  []token
	at      int
	nesting int
	source  string
	out     *Expr
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

func (p *parser) is(k kind, text string) bool {
	t := p.peek()
	return t.kind == k && t.text == text
}

func (p *parser) take(symbol string) bool {
	if !p.is(symbolToken, symbol) {
		return false
	}
	p.at++
	return true
}

func (p *parser) problem(format string, args ...any) error {
	return &SyntaxError{Offset: p.peek().start, Problem: fmt.Sprintf(format, args...)}
}

func (p *parser) unexpected(wanted string) error {
	t := p.peek()
	if t.kind == endToken {
		return p.problem("the expression ends too early: %s is missing", wanted)
	}
	return p.problem("%s stands where %s should: check what is before it", p.source[t.start:t.end], wanted)
}

// levels are the operators, loosest first.
var levels = [][]string{{"or"}, {"and"}, {"=", "!="}, {"<", "<=", ">", ">="}, {"+", "-"}, {"*", "div", "mod"}}

func (p *parser) expression() (*tree, error) {
	p.nesting++
	defer func() { p.nesting-- }()
	if p.nesting > MaxNesting {
		return nil, p.problem("more than %d levels of parentheses: split the expression into calculations", MaxNesting)
	}
	return p.binary(0)
}

func (p *parser) binary(level int) (*tree, error) {
	if level == len(levels) {
		return p.negation()
	}
	left, err := p.binary(level + 1)
	for err == nil && p.peek().kind == operatorToken && slices.Contains(levels[level], p.peek().text) {
		op := p.next().text
		var right *tree
		if right, err = p.binary(level + 1); err == nil {
			left, err = p.make(op, left, right)
		}
	}
	return left, err
}

// make joins operands under an operator.
func (p *parser) make(op string, args ...*tree) (*tree, error) {
	t := &tree{op: op, args: args}
	for _, a := range args {
		t.depth = max(t.depth, a.depth+1)
	}
	if t.depth > maxDepth {
		return nil, p.problem("more than %d operators in a row: split the expression into calculations", maxDepth)
	}
	return t, nil
}

func (p *parser) negation() (*tree, error) {
	signs := 0
	for p.is(operatorToken, "-") {
		p.next()
		signs++
	}
	t, err := p.union()
	for ; signs > 0 && err == nil; signs-- {
		t, err = p.make("neg", t)
	}
	return t, err
}

func (p *parser) union() (*tree, error) {
	left, err := p.path()
	for err == nil && p.is(operatorToken, "|") {
		p.next()
		var right *tree
		if right, err = p.path(); err == nil {
			left, err = p.make("|", left, right)
		}
	}
	return left, err
}

func (p *parser) primary() (*tree, error) {
	t := p.peek()
	switch {
	case t.kind == numberToken:
		p.next()
		f, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			return nil, &SyntaxError{t.start, "the number is too large: write a smaller one"}
		}
		return &tree{op: "number", number: f}, nil
	case t.kind == textToken:
		p.next()
		return &tree{op: "text", text: t.text}, nil
	case t.kind == referenceToken:
		p.next()
		p.out.refs = append(p.out.refs, place{name: t.text, start: t.start, end: t.end})
		return &tree{op: "var", text: t.text}, nil
	case t.kind == nameToken:
		return p.function()
	case p.take("("):
		inner, err := p.expression()
		if err != nil {
			return nil, err
		}
		if !p.take(")") {
			return nil, p.unexpected("a closing )")
		}
		return inner, nil
	}
	return nil, p.unexpected("a value, a ${name} or a function")
}

func (p *parser) function() (*tree, error) {
	name := p.next()
	p.next() // its (, which path has seen
	here := len(p.out.calls)
	p.out.calls = append(p.out.calls, place{name: name.text, start: name.start, end: name.end})
	var args []*tree
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") {
			return nil, p.unexpected("a , or the closing ) of " + name.text + "()")
		}
		start := p.peek()
		arg, err := p.expression()
		if err != nil {
			return nil, err
		}
		if len(args) == 1 && arg.op == "text" {
			if arg, err = p.second(name.text, arg, start); err != nil {
				return nil, err
			}
		}
		args = append(args, arg)
	}
	p.out.calls[here].args = len(args)
	if name.text == "regex" && len(args) == 2 && args[1].op != "re" {
		p.out.calls[here].pattern = &SyntaxError{name.start, "regex() needs its pattern written in quotes, so that it can be checked beforehand"}
	}
	t, err := p.make("call", args...)
	if err != nil {
		return nil, err
	}
	t.text, t.call = name.text, function(name.text)
	return t, nil
}

// second prepares a literal second argument where the function reads it as
// something else than text: a pattern, or the name of a question.
func (p *parser) second(name string, arg *tree, at token) (*tree, error) {
	switch name {
	case "regex":
		re, err := pattern.Compile(arg.text)
		if err != nil {
			return nil, &SyntaxError{at.start, err.Error()}
		}
		return &tree{op: "re", re: re}, nil
	case "jr:choice-name":
		inner := strings.TrimSpace(arg.text)
		question, ok := strings.CutPrefix(inner, "${")
		if question, closed := strings.CutSuffix(question, "}"); ok && closed {
			start := at.start + 1 + strings.Index(arg.text, "${")
			p.out.refs = append(p.out.refs, place{name: question, start: start, end: start + len(inner)})
			return &tree{op: "text", text: question}, nil
		}
	}
	return arg, nil
}
