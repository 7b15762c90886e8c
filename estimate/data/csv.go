package data

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Errors of a file that is not the CSV this package reads.
var (
	// ErrHeader means a file without a header, or with a column named twice.
	ErrHeader = errors.New("header not usable")
	// ErrCells means a row with more or fewer cells than the header.
	ErrCells = errors.New("wrong number of cells")
	// ErrQuote means quotation marks out of place, or not closed.
	ErrQuote = errors.New("quotation mark out of place")
	// ErrReturn means a carriage return without a line feed.
	ErrReturn = errors.New("carriage return without a line feed")
	// ErrSize means a cell, a header or a column beyond the limits.
	ErrSize = errors.New("larger than this program reads")
	// ErrNumber means a cell that is no number where one is wanted.
	ErrNumber = errors.New("not a number")
	// ErrColumn means a column that does not exist.
	ErrColumn = errors.New("no such column")
)

// Error is a fault in a file and its place.
type Error struct {
	File   string
	Row    int    // from 1, 0 is the header
	Column string // name, or number where there is no name
	Text   string // the cell, or ""
	Err    error
}

// Error says what is wrong where.
func (e *Error) Error() string {
	s := e.File + ": header"
	if e.Row > 0 {
		s = fmt.Sprintf("%s: row %d", e.File, e.Row)
	}
	if e.Column != "" {
		s += ", column " + e.Column
	}
	if e.Text != "" {
		s += fmt.Sprintf(": %q", e.Text)
	}
	return s + ": " + e.Err.Error()
}

// Unwrap is the kind of the fault.
func (e *Error) Unwrap() error { return e.Err }

const (
	blockSize   = 1 << 18
	mostCell    = 1 << 20 // bytes of one cell
	mostColumns = 1 << 14
	mostRows    = 1<<31 - 1
)

// parser splits blocks of a file into cells.
type parser struct {
	file   string
	names  []string
	cols   []*builder
	row    int  // rows finished
	at     int  // column of the next cell
	header bool // done with it
	spare  []byte
}

// Read reads a CSV file; name is what errors call it.
func Read(name string, r io.Reader) (*Table, error) {
	p := &parser{file: name}
	buf := make([]byte, 0, blockSize)
	for first := true; ; first = false {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)] // a cell longer than the block
		}
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if first {
			buf = buf[:copy(buf, bytes.TrimPrefix(buf, []byte("\ufeff")))]
		}
		used, err := p.parse(buf, last)
		if err != nil {
			return nil, err
		}
		if last {
			return p.table()
		}
		if len(buf)-used > mostCell {
			return nil, p.fault(ErrSize)
		}
		buf = buf[:copy(buf, buf[used:])]
	}
}

// fault is an error at the cell being read.
func (p *parser) fault(err error) error {
	e := &Error{File: p.file, Column: fmt.Sprint(p.at + 1), Err: err}
	if p.header {
		e.Row = p.row + 1
		if p.at < len(p.names) {
			e.Column = p.names[p.at]
		}
	}
	return e
}

// ends marks the bytes that end a bare cell.
var ends = [256]bool{',': true, '\n': true, '\r': true, '"': true}

// parse takes all the cells that are complete in a block, and says how far it
// got. The last block ends with a line end or without.
func (p *parser) parse(b []byte, last bool) (int, error) {
	i := 0
	for i < len(b) {
		i = p.answers(b, i)
		start := i
		for i < len(b) && !ends[b[i]] {
			i++
		}
		cell := b[start:i]
		if i < len(b) && b[i] == '"' {
			if i > start {
				return 0, p.fault(ErrQuote)
			}
			var ok bool
			if cell, i, ok = p.quoted(b, start, last); !ok {
				if last {
					return 0, p.fault(ErrQuote)
				}
				return start, nil
			}
		}
		size := 1 // of what ends the cell
		switch {
		case i == len(b) && !last:
			return start, nil
		case i == len(b):
			size = 0
		case b[i] == '\r':
			if i+1 == len(b) && !last {
				return start, nil
			}
			if i+1 == len(b) || b[i+1] != '\n' {
				return 0, p.fault(ErrReturn)
			}
			size = 2
		case b[i] != ',' && b[i] != '\n': // behind a quoted cell
			return 0, p.fault(ErrQuote)
		}
		if err := p.cell(cell, i == start, size == 1 && b[i] == ','); err != nil {
			return 0, err
		}
		i += size
	}
	if last && p.at > 0 {
		return i, p.cell(nil, false, false) // the file ends behind a comma
	}
	return i, nil
}

// answers takes the cells of one known byte before a comma: in a survey, nearly
// all of them.
func (p *parser) answers(b []byte, i int) int {
	if !p.header {
		return i
	}
	for i+1 < len(b) && b[i+1] == ',' && p.at < len(p.cols) {
		c := p.cols[p.at]
		code := c.one[b[i]]
		if code == 0 {
			break
		}
		c.code.add(code)
		p.at++
		i += 2
	}
	return i
}

// quoted reads a cell in quotation marks. ok is false if it does not end here.
func (p *parser) quoted(b []byte, start int, last bool) (cell []byte, next int, ok bool) {
	i := start + 1
	from := i
	p.spare = p.spare[:0]
	for {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			return nil, 0, false
		}
		i += j + 1
		if i == len(b) && !last {
			return nil, 0, false // the other half of a doubled mark may follow
		}
		if i == len(b) || b[i] != '"' {
			break
		}
		p.spare = append(p.spare, b[from:i]...)
		i++
		from = i
	}
	if len(p.spare) == 0 {
		return b[from : i-1], i, true
	}
	p.spare = append(p.spare, b[from:i-1]...)
	return p.spare, i, true
}

// cell takes a cell; bare means that there was nothing at all in its place,
// and more that a comma follows.
func (p *parser) cell(s []byte, bare, more bool) error {
	if !p.header {
		return p.name(s, more)
	}
	if p.at == 0 && bare && !more && len(p.cols) > 1 {
		return nil // a blank line
	}
	if p.at == len(p.cols) {
		return p.fault(ErrCells)
	}
	if len(s) > mostCell || !p.cols[p.at].add(s) {
		return p.fault(ErrSize)
	}
	p.at++
	if more {
		return nil
	}
	if p.at < len(p.cols) {
		return p.fault(ErrCells)
	}
	p.at = 0
	if p.row++; p.row == mostRows {
		return p.fault(ErrSize)
	}
	return nil
}

// name takes a cell of the header.
func (p *parser) name(s []byte, more bool) error {
	if len(p.names) == mostColumns {
		return p.fault(ErrSize)
	}
	p.names = append(p.names, string(s))
	p.cols = append(p.cols, newBuilder())
	p.at++
	if !more {
		p.header, p.at = true, 0
	}
	return nil
}

func (p *parser) table() (*Table, error) {
	if !p.header {
		return nil, p.fault(fmt.Errorf("%w: the file is empty", ErrHeader))
	}
	t := &Table{name: p.file, rows: p.row, names: p.names, index: map[string]*column{}}
	for i, name := range p.names {
		if t.index[name] != nil {
			return nil, &Error{File: p.file, Column: name, Err: fmt.Errorf("%w: the column is there twice", ErrHeader)}
		}
		t.index[name] = p.cols[i].column()
	}
	return t, nil
}
