package expr

import "slices"

var axisNames = []string{
	"ancestor", "ancestor-or-self", "attribute", "child", "descendant", "descendant-or-self", "following",
	"following-sibling", "parent", "preceding", "preceding-sibling", "self",
}

var anywhere = step{axis: "descendant-or-self", test: "node()"}

// callFollows reports whether the name that comes next is that of a function.
func (p *parser) callFollows() bool {
	following := p.tokens[min(p.at+1, len(p.tokens)-1)]
	if following.kind != symbolToken || following.text != "(" {
		return false
	}
	switch p.peek().text {
	case "node", "text", "comment", "processing-instruction":
		return false
	}
	return true
}

func (p *parser) stepFollows() bool {
	t := p.peek()
	if t.kind == symbolToken {
		return t.text == "." || t.text == ".." || t.text == "@" || t.text == "*"
	}
	return t.kind == nameToken && !p.callFollows()
}

// path reads a path, or a value with what may follow it: predicates and steps.
func (p *parser) path() (*tree, error) {
	start := &tree{op: "text", text: "."}
	var steps []step
	switch {
	case p.is(symbolToken, "/"), p.is(symbolToken, "//"):
		start = &tree{op: "text", text: "/"}
		if p.is(symbolToken, "/") && !p.stepAfter() {
			p.next()
			return p.steps(start, nil)
		}
	case p.stepFollows():
		first, err := p.step()
		if err != nil {
			return nil, err
		}
		if first.axis != "self" || first.test != "node()" || len(first.predicates) > 0 {
			steps = append(steps, first)
		}
	default:
		value, err := p.filtered()
		if err != nil || !p.is(symbolToken, "/") && !p.is(symbolToken, "//") {
			return value, err
		}
		if value.op == "text" || value.op == "number" {
			return nil, p.problem("a path cannot begin at a text or a number: use div to divide")
		}
		start = value
	}
	return p.steps(start, steps)
}

// stepAfter reports whether a step comes after the token that is next.
func (p *parser) stepAfter() bool {
	p.at++
	defer func() { p.at-- }()
	return p.stepFollows()
}

func (p *parser) steps(start *tree, steps []step) (*tree, error) {
	for p.is(symbolToken, "/") || p.is(symbolToken, "//") {
		if p.next().text == "//" {
			steps = append(steps, anywhere)
		}
		if !p.stepFollows() {
			return nil, p.unexpected("a name after /")
		}
		s, err := p.step()
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	t, err := p.make("path", start)
	if err != nil {
		return nil, err
	}
	t.steps = steps
	for _, s := range steps {
		for _, predicate := range s.predicates {
			t.depth = max(t.depth, predicate.depth+1)
		}
	}
	return t, nil
}

// filtered reads a value and its predicates.
func (p *parser) filtered() (*tree, error) {
	value, err := p.guardedPrimary()
	if err != nil || !p.is(symbolToken, "[") {
		return value, err
	}
	predicates, err := p.predicates()
	if err != nil {
		return nil, err
	}
	return p.make("filter", append([]*tree{value}, predicates...)...)
}

func (p *parser) guardedPrimary() (*tree, error) {
	if p.peek().kind == nameToken && !p.callFollows() {
		return nil, p.unexpected("a value, a ${name} or a function")
	}
	return p.primary()
}

func (p *parser) predicates() ([]*tree, error) {
	var all []*tree
	for p.take("[") {
		predicate, err := p.expression()
		if err != nil {
			return nil, err
		}
		if !p.take("]") {
			return nil, p.unexpected("a closing ]")
		}
		all = append(all, predicate)
	}
	return all, nil
}

func (p *parser) step() (step, error) {
	s := step{axis: "child"}
	switch {
	case p.take("."):
		s.axis, s.test = "self", "node()"
	case p.take(".."):
		s.axis, s.test = "parent", "node()"
	case p.take("@"):
		s.axis = "attribute"
	case p.tokens[min(p.at+1, len(p.tokens)-1)].text == "::" && p.peek().kind == nameToken:
		if !slices.Contains(axisNames, p.peek().text) {
			return s, p.problem("there is no axis %s: use child, parent, attribute or another of XPath", p.peek().text)
		}
		s.axis = p.next().text
		p.next()
	}
	var err error
	if s.test == "" {
		if s.test, err = p.test(); err != nil {
			return s, err
		}
	}
	s.predicates, err = p.predicates()
	return s, err
}

func (p *parser) test() (string, error) {
	if p.take("*") {
		return "*", nil
	}
	if p.peek().kind != nameToken {
		return "", p.unexpected("a name")
	}
	name := p.next().text
	if !p.is(symbolToken, "(") {
		return name, nil
	}
	if name != "node" && name != "text" {
		p.at--
		return "", p.problem("%s() is no test of a step: use a name, *, node() or text()", name)
	}
	p.next()
	if !p.take(")") {
		return "", p.unexpected("a closing ) at once")
	}
	return name + "()", nil
}
