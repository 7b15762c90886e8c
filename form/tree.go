package form

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// node is one JSON value with the line it starts on, so that a fault can be
// shown where it stands.
type node struct {
	line  int
	value any // string, float64, bool, nil, []*node or *object
}

type object struct {
	keys   []string
	fields map[string]*node
}

// maxDepth bounds nesting; the format needs eight levels.
const maxDepth = 32

type treeReader struct {
	dec  *json.Decoder
	data []byte
	at   int // bytes counted so far
	line int
}

// readTree parses one JSON document. Syntax errors come as a Fault.
func readTree(data []byte) (*node, *Fault) {
	r := &treeReader{dec: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	root, err := r.value(0)
	if err != nil {
		return nil, r.fault(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, &Fault{Line: r.here(), Key: "form.fault.trailing"}
	}
	return root, nil
}

func (r *treeReader) fault(err error) *Fault {
	var dup *duplicateError
	if errors.As(err, &dup) {
		return &Fault{Line: dup.line, Field: dup.key, Key: "form.fault.duplicate_key"}
	}
	return &Fault{Line: r.here(), Key: "form.fault.syntax", Args: []any{"Detail", err.Error()}}
}

// here is the line of the token read last.
func (r *treeReader) here() int {
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

func (r *treeReader) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deep")
	}
	tok, err := r.dec.Token()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := &node{line: r.here()}
	switch tok := tok.(type) {
	case json.Delim:
		if tok == '[' {
			return n, r.array(n, depth)
		}
		return n, r.object(n, depth)
	default:
		n.value = tok
	}
	return n, nil
}

func (r *treeReader) array(n *node, depth int) error {
	list := []*node{}
	for r.dec.More() {
		v, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		list = append(list, v)
	}
	n.value = list
	_, err := r.dec.Token()
	return err
}

func (r *treeReader) object(n *node, depth int) error {
	o := &object{fields: map[string]*node{}}
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
		if _, ok := o.fields[key]; ok {
			return &duplicateError{key, line}
		}
		o.keys = append(o.keys, key)
		o.fields[key] = v
	}
	n.value = o
	_, err := r.dec.Token()
	return err
}
