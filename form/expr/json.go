package expr

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MarshalJSON writes the syntax tree for the interpreter in the browser. A
// number and a text are themselves; all else is a list that begins with an
// operator:
//
//	["+", a, b]  and - * div mod = != < <= > >= and or |     ["neg", a]
//	["call", name, argument...]   ["var", name]   ["re", program]
//	["filter", a, predicate...]
//	["path", start, step...]  with start "/", "." or a tree
//	step: [axis, test, predicate...]
//
// The program of a pattern is that of pattern.Pattern. A call that Check
// refuses is written as the empty text, which it gives.
func (e *Expr) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := e.root.write(&b); err != nil {
		return nil, fmt.Errorf("writing the tree of %q: %w", e.source, err)
	}
	return b.Bytes(), nil
}

func (t *tree) write(b *bytes.Buffer) error {
	switch {
	case t.op == "number":
		return literal(b, t.number)
	case t.op == "text":
		return literal(b, t.text)
	case t.op == "call" && t.void():
		return literal(b, "")
	}
	b.WriteByte('[')
	if err := literal(b, t.op); err != nil {
		return err
	}
	var operand any
	switch t.op {
	case "call", "var":
		operand = t.text
	case "re":
		operand = t.re
	}
	if operand != nil {
		b.WriteByte(',')
		if err := literal(b, operand); err != nil {
			return err
		}
	}
	if err := list(b, t.args); err != nil {
		return err
	}
	for _, s := range t.steps {
		b.WriteByte(',')
		if err := s.write(b); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func (s step) write(b *bytes.Buffer) error {
	b.WriteByte('[')
	if err := literal(b, s.axis); err != nil {
		return err
	}
	b.WriteByte(',')
	if err := literal(b, s.test); err != nil {
		return err
	}
	if err := list(b, s.predicates); err != nil {
		return err
	}
	b.WriteByte(']')
	return nil
}

// list writes trees, each with a comma before it.
func list(b *bytes.Buffer, trees []*tree) error {
	for _, t := range trees {
		b.WriteByte(',')
		if err := t.write(b); err != nil {
			return err
		}
	}
	return nil
}

// literal writes a number, a text or a program; < and > stay as they are.
func literal(b *bytes.Buffer, v any) error {
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line end of Encode
	return nil
}
