package translation

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"adili/form/expr"
)

// MaxBytes is the largest file of translations that is read.
const MaxBytes = 8 << 20

const xliffSpace = "urn:oasis:names:tc:xliff:document:2.0"

// xliffState are the states of a segment, XLIFF 2.1 section 4.3.1.29; the words
// of Status are the same.
var xliffState = map[string]Status{
	"initial": Untranslated, "translated": Translated, "reviewed": Reviewed, "final": Adjudicated,
}

// XLIFF writes the translation into tag as an XLIFF 2.1 document (OASIS Standard,
// 13 February 2018). A ${name} becomes a ph element, so that a translator's tool
// guards it. Stale translations have the state "initial" and the subState
// "adili:stale".
func (l *Ledger) XLIFF(b Book, tag string) []byte {
	var w bytes.Buffer
	fmt.Fprintf(&w, "%s<xliff xmlns=%q version=\"2.1\" srcLang=%q trgLang=%q>\n  <file id=\"f1\" original=%q>\n", xml.Header, xliffSpace, b.Source, tag, b.Name)
	for _, line := range l.Lines(b, tag) {
		fmt.Fprintf(&w, "    <unit id=%q>\n", line.ID)
		line.notes(&w)
		state := string(line.Status)
		if line.Stale {
			state = `initial" subState="adili:stale`
		}
		fmt.Fprintf(&w, "      <segment state=\"%s\">\n        <source xml:space=\"preserve\">%s</source>\n", state, inline(line.Source))
		if line.Target != "" {
			fmt.Fprintf(&w, "        <target xml:space=\"preserve\">%s</target>\n", inline(line.Target))
		}
		w.WriteString("      </segment>\n    </unit>\n")
	}
	w.WriteString("  </file>\n</xliff>\n")
	return w.Bytes()
}

func (l Line) notes(w *bytes.Buffer) {
	if len(l.Comments) == 0 && l.Back == "" {
		return
	}
	w.WriteString("      <notes>\n")
	for _, c := range l.Comments {
		fmt.Fprintf(w, "        <note category=\"comment\">%s</note>\n", escape(c.Text))
	}
	if l.Back != "" {
		fmt.Fprintf(w, "        <note category=\"back-translation\">%s</note>\n", escape(l.Back))
	}
	w.WriteString("      </notes>\n")
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}

// inline writes a text with its ${name} as ph elements.
func inline(s string) string {
	n := 0
	// The marks are private-use characters: EscapeText leaves them alone.
	const open, shut = "\uE000", "\uE001"
	s = strings.NewReplacer(open, "", shut, "").Replace(s)
	s = escape(expr.Fill(s, func(name string) string { return open + name + shut }))
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, open)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, shut)
		n++
		fmt.Fprintf(&b, `<ph id="%d" disp="${%s}" equiv="%s"/>`, n, name, name)
		s = after
	}
}

// ReadXLIFF reads an XLIFF 2.0 or 2.1 document and says into which language it
// translates. Segments of a unit are joined.
func ReadXLIFF(data []byte) (rows []Row, tag string, err error) {
	if len(data) > MaxBytes {
		return nil, "", fmt.Errorf("the file is larger than %d MiB", MaxBytes>>20)
	}
	r := xliffReader{d: xml.NewDecoder(bytes.NewReader(data))}
	for {
		t, err := r.d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, "", fmt.Errorf("line %d: %w", r.line(), err)
		}
		if start, ok := t.(xml.StartElement); ok {
			if err := r.start(start); err != nil {
				return nil, "", fmt.Errorf("line %d: %w", r.line(), err)
			}
		}
	}
	if !r.root {
		return nil, "", errors.New("it has no xliff element: an XLIFF 2.1 document is needed")
	}
	return r.rows, r.tag, nil
}

type xliffReader struct {
	d    *xml.Decoder
	root bool
	tag  string
	rows []Row
}

func (r *xliffReader) line() int {
	n, _ := r.d.InputPos()
	return n
}

func (r *xliffReader) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "xliff":
		if v := attr(e, "version"); !strings.HasPrefix(v, "2.") {
			return fmt.Errorf("this is XLIFF %s: save it as XLIFF 2.0 or 2.1", strconv.Quote(v))
		}
		r.root, r.tag = true, attr(e, "trgLang")
	case "unit":
		r.rows = append(r.rows, Row{Line: r.line(), ID: attr(e, "id")})
	case "segment", "source", "target", "note":
		if len(r.rows) == 0 {
			return fmt.Errorf("a %s stands outside a unit", e.Name.Local)
		}
		return r.inUnit(e, &r.rows[len(r.rows)-1])
	}
	return nil
}

func (r *xliffReader) inUnit(e xml.StartElement, row *Row) error {
	if e.Name.Local == "segment" {
		if s := attr(e, "state"); s != "" {
			row.Status = lowest(row.Status, Status(s))
		}
		return nil
	}
	text, err := r.text()
	switch {
	case err != nil:
		return err
	case e.Name.Local == "source":
		row.Source += text
	case e.Name.Local == "target":
		row.Target += text
	case attr(e, "category") == "back-translation":
		row.Back = text
	default:
		row.Comment = text
	}
	return nil
}

// lowest is how far the least finished segment of a unit has come.
func lowest(a, b Status) Status {
	if _, known := xliffState[string(b)]; !known {
		b = Translated
	}
	if a == "" || slices.Index(Statuses, b) < slices.Index(Statuses, a) {
		return b
	}
	return a
}

// text reads up to the end of the element just begun. A ph stands for its ${name}.
func (r *xliffReader) text() (string, error) {
	var b strings.Builder
	for depth := 1; depth > 0; {
		t, err := r.d.Token()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			if t.Name.Local != "ph" {
				continue
			}
			if s := attr(t, "disp"); s != "" {
				b.WriteString(s)
			} else {
				b.WriteString("${" + attr(t, "equiv") + "}")
			}
		}
	}
	return b.String(), nil
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
