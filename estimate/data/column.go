package data

import (
	"math"
	"slices"
	"strings"
)

// form is how a column is kept.
type form uint8

const (
	coded  form = iota // at most 255 different texts
	whole              // whole numbers of 32 bits
	real64             // other numbers
	text               // anything
)

const (
	mostWords    = 256            // with the empty one
	missingWhole = math.MinInt32  // stands for an empty cell
	mostText     = math.MaxUint32 // bytes of one column of texts
)

// column is a finished column. Which fields are set depends on its form.
type column struct {
	form    form
	numeric bool     // every cell is a number or empty
	code    []uint8  // coded: by row
	word    []string // coded: by code; word 0 is the empty one
	whole   []int32
	real    []float64
	body    string   // text: all cells, one behind the other
	end     []uint32 // text: by row, where its cell ends in body
}

// at is the text of a cell.
func (c *column) at(row int) string {
	switch c.form {
	case coded:
		return c.word[c.code[row]]
	case whole:
		if c.whole[row] == missingWhole {
			return ""
		}
		return written(float64(c.whole[row]))
	case real64:
		if math.IsNaN(c.real[row]) {
			return ""
		}
		return written(c.real[row])
	}
	start := uint32(0)
	if row > 0 {
		start = c.end[row-1]
	}
	return c.body[start:c.end[row]]
}

// builder collects a column. It starts as coded and gives way to wider forms.
type builder struct {
	form  form
	one   [256]uint8 // code of texts of one byte that need no quotation marks
	index map[string]uint8
	word  []string
	code  list[uint8]
	whole list[int32]
	real  list[float64]
	body  list[byte]
	size  int // bytes in body
	end   list[uint32]
}

func newBuilder() *builder {
	return &builder{index: map[string]uint8{}, word: []string{""}}
}

// add appends a cell. It is false if the column is too large.
func (b *builder) add(s []byte) bool {
	switch b.form {
	case coded:
		return b.addWord(s)
	case whole:
		if len(s) == 0 {
			b.whole.add(missingWhole)
			return true
		}
		digits, places, ok := plain(s)
		if ok && places == 0 && digits > math.MinInt32 && digits <= math.MaxInt32 {
			b.whole.add(int32(digits))
			return true
		}
		b.widen(ok)
		return b.add(s)
	case real64:
		if len(s) == 0 {
			b.real.add(math.NaN())
			return true
		}
		digits, places, ok := plain(s)
		if ok {
			b.real.add(real(digits, places))
			return true
		}
		b.widen(false)
	}
	return b.addText(s)
}

func (b *builder) addWord(s []byte) bool {
	if len(s) == 0 {
		b.code.add(0)
		return true
	}
	if len(s) == 1 && b.one[s[0]] > 0 {
		b.code.add(b.one[s[0]])
		return true
	}
	code, ok := b.index[string(s)]
	if !ok {
		if len(b.word) == mostWords {
			b.widen(b.allPlain())
			return b.add(s)
		}
		code = uint8(len(b.word))
		b.word = append(b.word, string(s))
		b.index[string(s)] = code
		if len(s) == 1 && !ends[s[0]] {
			b.one[s[0]] = code
		}
	}
	b.code.add(code)
	return true
}

func (b *builder) addText(s []byte) bool {
	if b.size+len(s) > mostText {
		return false
	}
	for _, c := range s {
		b.body.add(c)
	}
	b.size += len(s)
	b.end.add(uint32(b.size))
	return true
}

func (b *builder) allPlain() bool {
	return !slices.ContainsFunc(b.word[1:], func(w string) bool {
		_, _, ok := plain([]byte(w))
		return !ok
	})
}

// widen moves on to a form that holds more: numbers if they are enough.
func (b *builder) widen(numbers bool) {
	old := *b
	*b = builder{form: text}
	if numbers {
		b.form = real64
		if old.form == coded {
			b.form = whole // the first cell that is not whole widens it again
		}
	}
	switch old.form {
	case coded:
		cells := make([][]byte, len(old.word))
		for i, w := range old.word {
			cells[i] = []byte(w)
		}
		old.code.each(func(c uint8) { b.add(cells[c]) })
	case whole:
		old.whole.each(func(x int32) {
			if x == missingWhole {
				b.add(nil)
				return
			}
			b.add([]byte(written(float64(x))))
		})
	case real64:
		old.real.each(func(x float64) {
			if math.IsNaN(x) {
				b.add(nil)
				return
			}
			b.add([]byte(written(x)))
		})
	}
}

// column finishes the column and empties the builder.
func (b *builder) column() *column {
	c := &column{form: b.form, numeric: true, word: b.word}
	switch b.form {
	case coded:
		c.code = b.code.join()
		for _, w := range c.word {
			_, ok := number(w)
			c.numeric = c.numeric && ok
		}
	case whole:
		c.whole = b.whole.join()
	case real64:
		c.real = b.real.join()
	case text:
		c.end = b.end.join()
		var body strings.Builder
		body.Grow(b.size)
		for _, piece := range append(b.body.full, b.body.open) {
			body.Write(piece)
		}
		c.body = body.String()
		for row := 0; row < len(c.end) && c.numeric; row++ {
			_, c.numeric = number(c.at(row))
		}
	}
	*b = builder{}
	return c
}

// pick is the column with some of its rows.
func (c *column) pick(rows []int32) *column {
	if c.form == text {
		b := builder{form: text}
		for _, r := range rows {
			b.addText([]byte(c.at(int(r))))
		}
		return b.column()
	}
	p := &column{form: c.form, numeric: true, word: c.word}
	switch c.form {
	case coded:
		var used [mostWords]bool
		p.code = make([]uint8, len(rows))
		for i, r := range rows {
			p.code[i] = c.code[r]
			used[c.code[r]] = true
		}
		for code, w := range p.word {
			_, ok := number(w)
			p.numeric = p.numeric && (ok || !used[code])
		}
	case whole:
		p.whole = make([]int32, len(rows))
		for i, r := range rows {
			p.whole[i] = c.whole[r]
		}
	case real64:
		p.real = make([]float64, len(rows))
		for i, r := range rows {
			p.real[i] = c.real[r]
		}
	}
	return p
}
