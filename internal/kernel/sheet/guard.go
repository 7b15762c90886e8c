package sheet

import (
	"encoding/xml"
	"errors"
	"io"
)

// Limits on what a part may look like. Real parts are five levels deep and have tags of some hundred bytes; without
// these limits a few kilobytes of zip could ask for gigabytes of memory, since a level or an attribute costs much more
// inside the XML reader than in the file.
const (
	mostDepth = 64
	mostTag   = 1 << 20 // bytes
)

var errShape = errors.New("the XML is nested too deeply or has too long a tag")

// counted takes what is read from a part off the workbook's allowance, and refuses overlong tags.
type counted struct {
	r    io.Reader
	book *workbook
	tag  int  // bytes since the < of an open tag, 0 outside of tags
	mark bool // the tag is a comment or the like, in which quotes mean nothing
	in   byte // the quote that an attribute's value stands in, or 0
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.book.left -= int64(n); c.book.left < 0 {
		return 0, c.book.bomb()
	}
	for _, b := range p[:n] {
		c.step(b)
		if c.tag > mostTag && !c.mark {
			return 0, errShape
		}
	}
	return n, err
}

// step follows one byte.
func (c *counted) step(b byte) {
	switch {
	case c.tag == 0:
		if b == '<' {
			c.tag, c.mark = 1, false
		}
		return
	case c.tag == 1 && (b == '!' || b == '?'):
		c.mark = true
	case c.mark || c.in == 0 && b == '>':
		if b == '>' {
			c.tag = 0
			return
		}
	case c.in == b:
		c.in = 0
	case c.in == 0 && (b == '"' || b == '\''):
		c.in = b
	}
	c.tag++
}

// shallow gives a decoder's tokens and refuses to go too deep.
type shallow struct {
	*xml.Decoder
	depth int
}

// Token implements xml.TokenReader. The names are as they stand; the decoder around it looks up their name spaces.
func (s *shallow) Token() (xml.Token, error) {
	token, err := s.RawToken()
	switch token.(type) {
	case xml.StartElement:
		s.depth++
	case xml.EndElement:
		s.depth--
	}
	if s.depth > mostDepth {
		return nil, errShape
	}
	return token, err
}
