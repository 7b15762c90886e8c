package expr

import (
	"bytes"
	"fmt"
	"strings"
)

// NodeKind is what a node of an instance is.
type NodeKind int

// The kinds of nodes.
const (
	Element NodeKind = iota
	Text
	Attribute
	Document // above the outermost element
)

// Node is a part of an instance: an element, its text, an attribute, or the
// document. Build elements with NewElement, and the tree above them with
// NewDocument; evaluation does not change it.
type Node struct {
	Kind   NodeKind
	Name   string // of an element or attribute, with its prefix
	Text   string // of a text or attribute
	Attr   []*Node
	Kids   []*Node
	parent *Node
}

// NewElement makes an element with children.
func NewElement(name string, kids ...*Node) *Node {
	n := &Node{Kind: Element, Name: name}
	n.Add(kids...)
	return n
}

// NewText makes a piece of text.
func NewText(text string) *Node { return &Node{Kind: Text, Text: text} }

// NewDocument puts a document above an element: "/" is the document.
func NewDocument(root *Node) *Node {
	n := &Node{Kind: Document}
	n.Add(root)
	return n
}

// Add appends children.
func (n *Node) Add(kids ...*Node) {
	for _, kid := range kids {
		kid.parent = n
	}
	n.Kids = append(n.Kids, kids...)
}

// Set gives an attribute a value.
func (n *Node) Set(name, value string) {
	for _, a := range n.Attr {
		if a.Name == name {
			a.Text = value
			return
		}
	}
	n.Attr = append(n.Attr, &Node{Kind: Attribute, Name: name, Text: value, parent: n})
}

// SetText makes text the only content of an element.
func (n *Node) SetText(text string) {
	n.Kids = n.Kids[:0]
	if text != "" {
		n.Add(NewText(text))
	}
}

// Parent is the element or document a node belongs to, or nil.
func (n *Node) Parent() *Node { return n.parent }

// Content is the text of a node: of an element, all the text below it.
func (n *Node) Content() string {
	if n.Kind == Text || n.Kind == Attribute {
		return n.Text
	}
	if len(n.Kids) == 1 {
		return n.Kids[0].Content()
	}
	var b strings.Builder
	n.content(&b)
	return b.String()
}

func (n *Node) content(b *strings.Builder) {
	b.WriteString(n.Text)
	for _, kid := range n.Kids {
		kid.content(b)
	}
}

func (n *Node) root() *Node {
	for n.parent != nil {
		n = n.parent
	}
	return n
}

// MarshalJSON writes an element as {"n": name, "a": {attribute: value}, "k":
// [element or text, ...]}, and a document as its element.
func (n *Node) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := n.write(&b); err != nil {
		return nil, fmt.Errorf("writing the instance: %w", err)
	}
	return b.Bytes(), nil
}

func (n *Node) write(b *bytes.Buffer) error {
	switch {
	case n.Kind == Document && len(n.Kids) > 0:
		return n.Kids[0].write(b)
	case n.Kind != Element:
		return literal(b, n.Text)
	}
	b.WriteString(`{"n":`)
	if err := literal(b, n.Name); err != nil {
		return err
	}
	for i, a := range n.Attr {
		b.WriteString(first(i, `,"a":{`))
		if err := literal(b, a.Name); err != nil {
			return err
		}
		b.WriteByte(':')
		if err := literal(b, a.Text); err != nil {
			return err
		}
	}
	if len(n.Attr) > 0 {
		b.WriteByte('}')
	}
	for i, kid := range n.Kids {
		b.WriteString(first(i, `,"k":[`))
		if err := kid.write(b); err != nil {
			return err
		}
	}
	if len(n.Kids) > 0 {
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return nil
}

// first is what opens a list before its first member, and a comma later.
func first(i int, open string) string {
	if i == 0 {
		return open
	}
	return ","
}
