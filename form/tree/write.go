package tree

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Write gives an object as a document. Equal objects give equal bytes.
func Write(m Members) []byte {
	var b bytes.Buffer
	writeValue(&b, m, 0)
	b.WriteByte('\n')
	return b.Bytes()
}

// Members are the fields of an object in the order they are written.
type Members []Member

// Member is a field of an object.
type Member struct {
	Name  string
	Value any // string, bool, json.Number, Members, []any
}

// Add adds a value, empty or not.
func (m *Members) Add(name string, value any) { *m = append(*m, Member{name, value}) }

// Text adds a text that is not blank.
func (m *Members) Text(name, s string) {
	if strings.TrimSpace(s) != "" {
		*m = append(*m, Member{name, s})
	}
}

// Flag adds what is true.
func (m *Members) Flag(name string, b bool) {
	if b {
		*m = append(*m, Member{name, true})
	}
}

// Number adds a number that is not zero.
func (m *Members) Number(name string, f float64) {
	if f != 0 && !math.IsNaN(f) && !math.IsInf(f, 0) {
		*m = append(*m, Member{name, json.Number(strconv.FormatFloat(f, 'g', -1, 64))})
	}
}

// Object adds an object that has fields.
func (m *Members) Object(name string, o Members) {
	if len(o) > 0 {
		*m = append(*m, Member{name, o})
	}
}

// List adds a list that has elements.
func (m *Members) List(name string, l []any) {
	if len(l) > 0 {
		*m = append(*m, Member{name, l})
	}
}

// Strings adds a list of texts that are not blank.
func (m *Members) Strings(name string, all []string) {
	var list []any
	for _, s := range all {
		if strings.TrimSpace(s) != "" {
			list = append(list, s)
		}
	}
	m.List(name, list)
}

// Words adds an object of texts, sorted by name.
func (m *Members) Words(name string, t map[string]string) { m.Object(name, Words(t)) }

// Words is an object of texts, sorted by name.
func Words(t map[string]string) Members {
	var o Members
	for _, key := range slices.Sorted(maps.Keys(t)) {
		o.Text(key, t[key])
	}
	return o
}

// writeValue writes a value and what is in it, two spaces a level.
func writeValue(b *bytes.Buffer, v any, level int) {
	switch v := v.(type) {
	case Members:
		b.WriteByte('{')
		for i, m := range v {
			newLine(b, i > 0, level+1)
			writeScalar(b, m.Name)
			b.WriteString(": ")
			writeValue(b, m.Value, level+1)
		}
		if len(v) > 0 {
			newLine(b, false, level)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			newLine(b, i > 0, level+1)
			writeValue(b, e, level+1)
		}
		if len(v) > 0 {
			newLine(b, false, level)
		}
		b.WriteByte(']')
	default:
		writeScalar(b, v)
	}
}

func newLine(b *bytes.Buffer, comma bool, level int) {
	if comma {
		b.WriteByte(',')
	}
	b.WriteByte('\n')
	for range level {
		b.WriteString("  ")
	}
}

func writeScalar(b *bytes.Buffer, v any) {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err == nil { // a string, a truth value or a number always can be written
		b.Truncate(b.Len() - 1) // the line end that Encode adds
	}
}
