package frame

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// node is a part of an expression.
type node interface {
	eval(v *View) (Value, error)
}

type (
	number   float64
	quoted   string
	column   string
	negative struct{ of node }
	binary   struct {
		op          byte
		left, right node
	}
	comparison struct {
		op          string
		left, right node
	}
	logical struct { // and, or
		or    bool
		parts []node
	}
	function struct { // not, mod, log, exp
		name string
		args []node
	}
	rowNumber struct{}
	interval  struct { // cut
		of     node
		breaks []float64
	}
	answered struct{ item string }
	scored   struct{ factor string }
)

// parser reads the EXPR of the job grammar: no spaces, the usual precedence, comparisons below sums.
type parser struct {
	text string
	at   int
}

// deepest is how far parentheses may be nested.
const deepest = 200

// parse reads an expression.
func parse(text string) (node, error) {
	p := &parser{text: text}
	n, err := p.comparison(0)
	if err == nil && p.at < len(text) {
		err = p.fault("nothing more is expected")
	}
	if err != nil {
		return nil, fmt.Errorf("expression %q: %w", text, err)
	}
	return n, nil
}

func (p *parser) fault(what string) error {
	return fmt.Errorf("at character %d: %s", p.at+1, what)
}

func (p *parser) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) take(word string) bool {
	if strings.HasPrefix(p.text[p.at:], word) {
		p.at += len(word)
		return true
	}
	return false
}

func (p *parser) comparison(depth int) (node, error) {
	left, err := p.sum(depth)
	if err != nil {
		return nil, err
	}
	for _, op := range []string{"<=", ">=", "==", "!=", "<", ">"} {
		if p.take(op) {
			right, err := p.sum(depth)
			if err != nil {
				return nil, err
			}
			return comparison{op, left, right}, nil
		}
	}
	return left, nil
}

func (p *parser) sum(depth int) (node, error) {
	return p.chain("+-", depth, p.product)
}

func (p *parser) product(depth int) (node, error) {
	return p.chain("*/", depth, p.unary)
}

// chain reads operands of one precedence, from the left.
func (p *parser) chain(ops string, depth int, operand func(int) (node, error)) (node, error) {
	left, err := operand(depth)
	for err == nil && p.next() != 0 && strings.IndexByte(ops, p.next()) >= 0 {
		op := p.next()
		p.at++
		var right node
		right, err = operand(depth)
		left = binary{op, left, right}
	}
	return left, err
}

func (p *parser) unary(depth int) (node, error) {
	if depth > deepest {
		return nil, p.fault("nested too deeply")
	}
	if p.take("-") {
		of, err := p.unary(depth + 1)
		return negative{of}, err
	}
	return p.operand(depth)
}

func (p *parser) operand(depth int) (node, error) {
	switch c := p.next(); {
	case c == '(':
		p.at++
		n, err := p.comparison(depth + 1)
		if err == nil && !p.take(")") {
			err = p.fault(`")" is missing`)
		}
		return n, err
	case c == '\'':
		end := strings.IndexByte(p.text[p.at+1:], '\'')
		if end < 0 {
			return nil, p.fault("the quote is not closed")
		}
		text := p.text[p.at+1 : p.at+1+end]
		p.at += end + 2
		return quoted(text), nil
	case c >= '0' && c <= '9' || c == '.':
		x, err := p.number()
		return number(x), err
	case letter(c):
		name := p.name()
		if p.take("(") {
			return p.call(name, depth+1)
		}
		return column(name), nil
	}
	return nil, p.fault("a number, a quoted text, a column or a function is expected")
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (p *parser) name() string {
	start := p.at
	for c := p.next(); letter(c) || c >= '0' && c <= '9' || c == '.'; c = p.next() {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *parser) number() (float64, error) {
	start := p.at
	for c := p.next(); c >= '0' && c <= '9' || c == '.'; c = p.next() {
		p.at++
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c := p.next(); c == '+' || c == '-' {
			p.at++
		}
		for c := p.next(); c >= '0' && c <= '9'; c = p.next() {
			p.at++
		}
	}
	x, err := strconv.ParseFloat(p.text[start:p.at], 64)
	if err != nil {
		return 0, p.fault("not a number: " + p.text[start:p.at])
	}
	return x, nil
}

// call reads the arguments of a function; the parenthesis is read.
func (p *parser) call(name string, depth int) (node, error) {
	switch name {
	case "item", "score":
		of := p.name()
		if of == "" || !p.take(")") {
			return nil, p.fault(name + "() has one name in it")
		}
		if name == "item" {
			return answered{of}, nil
		}
		return scored{of}, nil
	case "row":
		if !p.take(")") {
			return nil, p.fault("row() has nothing in it")
		}
		return rowNumber{}, nil
	case "cut":
		return p.cut(depth)
	}
	args, err := p.arguments(depth)
	if err != nil {
		return nil, err
	}
	switch count, known := map[string]int{"not": 1, "mod": 2, "log": 1, "exp": 1}[name]; {
	case (name == "and" || name == "or") && len(args) > 0:
		return logical{name == "or", args}, nil
	case known && len(args) == count:
		return function{name, args}, nil
	case known:
		return nil, p.fault(fmt.Sprintf("%s() takes %d", name, count))
	}
	return nil, p.fault(fmt.Sprintf("there is no function %s: and, or, not, row, mod, log, exp, cut, item and score exist", name))
}

func (p *parser) arguments(depth int) (args []node, err error) {
	for {
		arg, err := p.comparison(depth)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		if p.take(")") {
			return args, nil
		}
		if !p.take(",") {
			return nil, p.fault(`"," or ")" is missing`)
		}
	}
}

// cut reads cut(a,[b0,..,bk]).
func (p *parser) cut(depth int) (node, error) {
	of, err := p.comparison(depth)
	if err != nil {
		return nil, err
	}
	if !p.take(",[") {
		return nil, p.fault("cut(a,[b0,..,bk]) is meant")
	}
	var breaks []float64
	for {
		sign := 1.0
		if p.take("-") {
			sign = -1
		}
		x := math.Inf(1)
		if !p.take("Inf") {
			if x, err = p.number(); err != nil {
				return nil, err
			}
		}
		if n := len(breaks); n > 0 && !(sign*x > breaks[n-1]) {
			return nil, p.fault("the limits of cut must rise")
		}
		breaks = append(breaks, sign*x)
		if p.take("])") {
			break
		}
		if !p.take(",") {
			return nil, p.fault(`"," or "])" is missing`)
		}
	}
	if len(breaks) < 2 {
		return nil, p.fault("cut needs two limits")
	}
	return interval{of, breaks}, nil
}
