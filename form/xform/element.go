package xform

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// element is one element of the document, or a piece of text where name is "".
type element struct {
	name  string
	text  string
	attrs []attribute
	kids  []*element
}

type attribute struct{ name, value string }

func newElement(name string, kids ...*element) *element {
	return &element{name: name, kids: kids}
}

func words(s string) *element { return &element{text: s} }

// set gives e the attribute unless value is empty, and returns e.
func (e *element) set(name, value string) *element {
	if value == "" {
		return e
	}
	for i := range e.attrs {
		if e.attrs[i].name == name {
			e.attrs[i].value = value
			return e
		}
	}
	e.attrs = append(e.attrs, attribute{name, value})
	return e
}

func (e *element) add(kids ...*element) *element {
	e.kids = append(e.kids, kids...)
	return e
}

// mixed reports whether e holds text, where white space is part of what people
// read and must not be added.
func (e *element) mixed() bool {
	for _, k := range e.kids {
		if k.name == "" || k.name == "output" {
			return true
		}
	}
	return false
}

// write puts e on lines of its own, two spaces deeper than its parent.
func (e *element) write(b *bytes.Buffer, depth int) {
	indent := strings.Repeat("  ", depth)
	b.WriteString(indent)
	if e.mixed() {
		e.writeInline(b)
		b.WriteByte('\n')
		return
	}
	e.writeStart(b, len(e.kids) == 0)
	b.WriteByte('\n')
	if len(e.kids) == 0 {
		return
	}
	for _, k := range e.kids {
		k.write(b, depth+1)
	}
	b.WriteString(indent + "</" + e.name + ">\n")
}

func (e *element) writeInline(b *bytes.Buffer) {
	if e.name == "" {
		escape(b, e.text)
		return
	}
	e.writeStart(b, len(e.kids) == 0)
	if len(e.kids) == 0 {
		return
	}
	for _, k := range e.kids {
		k.writeInline(b)
	}
	b.WriteString("</" + e.name + ">")
}

func (e *element) writeStart(b *bytes.Buffer, empty bool) {
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		b.WriteString(" " + a.name + `="`)
		// A reader turns line ends in attributes into spaces; do it for all.
		escape(b, lineEnds.Replace(a.value))
		b.WriteByte('"')
	}
	if empty {
		b.WriteByte('/')
	}
	b.WriteByte('>')
}

var lineEnds = strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ")

// escape writes s as character data. Characters that XML has no place for
// become the replacement character. It cannot fail: a Buffer takes everything.
func escape(b *bytes.Buffer, s string) {
	var e bytes.Buffer
	_ = xml.EscapeText(&e, []byte(s))
	b.WriteString(readable.Replace(e.String()))
}

// readable undoes escapes that nobody needs: line ends are only written in
// text, and attributes stand in double quotes.
var readable = strings.NewReplacer("&#xA;", "\n", "&#x9;", "\t", "&#39;", "'", "&#34;", "&quot;")
