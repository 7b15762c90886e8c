package expr

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of an instance read from XML.
const (
	maxXMLBytes = 10 << 20
	maxXMLDepth = 200
	maxXMLNodes = 500_000
)

// ParseXML reads an instance and returns its document. Names keep their
// prefixes; comments, processing instructions and declarations of namespaces
// are left out.
func ParseXML(r io.Reader) (*Node, error) {
	limited := &io.LimitedReader{R: r, N: maxXMLBytes + 1}
	reader := xmlReader{decoder: xml.NewDecoder(limited), document: &Node{Kind: Document}}
	if err := reader.read(); err != nil {
		if limited.N <= 0 {
			return nil, fmt.Errorf("reading the instance: it has more than %d bytes", maxXMLBytes)
		}
		return nil, fmt.Errorf("reading the instance: %w", err)
	}
	return reader.document, nil
}

type xmlReader struct {
	decoder  *xml.Decoder
	document *Node
	depth    int
	nodes    int
}

func (x *xmlReader) read() error {
	at := x.document
	for {
		t, err := x.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return x.finish(at)
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if at, err = x.open(at, t); err != nil {
				return err
			}
		case xml.EndElement:
			if at == x.document || at.Name != prefixed(t.Name) {
				return fmt.Errorf("</%s> closes nothing", prefixed(t.Name))
			}
			x.depth--
			at = at.parent
		case xml.CharData:
			if at != x.document {
				addText(at, string(t))
			}
		}
	}
}

func (x *xmlReader) finish(at *Node) error {
	if at != x.document {
		return fmt.Errorf("<%s> is not closed", at.Name)
	}
	if len(x.document.Kids) != 1 {
		return errors.New("it needs exactly one outermost element")
	}
	return nil
}

func (x *xmlReader) open(at *Node, t xml.StartElement) (*Node, error) {
	x.depth++
	x.nodes += 1 + len(t.Attr)
	if x.depth > maxXMLDepth || x.nodes > maxXMLNodes {
		return nil, fmt.Errorf("it has more than %d levels or %d nodes", maxXMLDepth, maxXMLNodes)
	}
	n := NewElement(prefixed(t.Name))
	for _, a := range t.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			n.Set(prefixed(a.Name), a.Value)
		}
	}
	at.Add(n)
	return n, nil
}

// addText joins a text to the one before it, as of a CDATA section.
func addText(at *Node, text string) {
	if last := len(at.Kids) - 1; last >= 0 && at.Kids[last].Kind == Text {
		at.Kids[last].Text += text
		return
	}
	at.Add(NewText(text))
}

func prefixed(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
