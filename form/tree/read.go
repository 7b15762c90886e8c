// Package tree reads a JSON document with the lines its values stand on, and
// writes one in a canonical form.
package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"adili/form/fault"
)

// Node is one JSON value with the line it starts on, so that a fault can be
// shown where it stands.
type Node struct {
	Line  int
	Value any // string, float64, bool, nil, []*Node or *Object
}

// Object is a JSON object with its keys in the order of the file.
type Object struct {
	Keys   []string
	Fields map[string]*Node
}

type reader struct {
	dec    *json.Decoder
	data   []byte
	at     int // bytes counted so far
	line   int
	levels int
}

// Read parses one JSON document of so many levels at most. Syntax errors come
// as a Fault.
func Read(data []byte, levels int) (*Node, *fault.Fault) {
	r := &reader{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1, levels: levels}
	root, err := r.value(0)
	if err != nil {
		return nil, r.fault(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &fault.Fault{Line: r.here(), Key: "form.fault.trailing"}
	}
	return root, nil
}

func (r *reader) fault(err error) *fault.Fault {
	var dup *duplicateError
	if errors.As(err, &dup) {
		return &fault.Fault{Line: dup.line, Field: dup.key, Key: "form.fault.duplicate_key"}
	}
	return &fault.Fault{Line: r.here(), Key: "form.fault.syntax", Args: []any{"Detail", err.Error()}}
}

// here is the line of the token read last.
func (r *reader) here() int {
	off := min(int(r.dec.InputOffset()), len(r.data))
	r.line += bytes.Count(r.data[r.at:off], []byte{'\n'})
	r.at = off
	return r.line
}

type duplicateError struct {
	key  string
	line int
}

func (e *duplicateError) Error() string { return fmt.Sprintf("%q stands twice", e.key) }

func (r *reader) value(depth int) (*Node, error) {
	if depth > r.levels {
		return nil, errors.New("nested too deep")
	}
	tok, err := r.dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := &Node{Line: r.here()}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			return n, r.array(n, depth)
		}
		return n, r.object(n, depth)
	default:
		n.Value = tok
	}
	return n, nil
}

func (r *reader) array(n *Node, depth int) error {
	list := []*Node{}
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	n.Value = list
	_, err := r.dec.Token()
	return err
}

func (r *reader) object(n *Node, depth int) error {
	o := &Object{Fields: map[string]*Node{}}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		key := tok.(string) // the decoder allows nothing else as a key
		line := r.here()
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if _, ok := o.Fields[key]; ok {
			return &duplicateError{key, line}
		}
		o.Keys = append(o.Keys, key)
		o.Fields[key] = v
	}
	n.Value = o
	_, err := r.dec.Token()
	return err
}
