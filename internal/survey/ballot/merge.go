package ballot

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// ErrNothing is returned by Collection.Create when no file was added: the size
// of an answer is not known then.
var ErrNothing = errors.New("nothing was added")

// Collection is the sealed answers of one or more answer files, each mark once.
type Collection struct {
	sealed  int
	slots   int // of the largest file
	answers map[Mark][]byte
}

// Add takes in the answers of a file, which is read from its beginning. An
// answer whose mark is there already is left out: the same form was sent to two
// machines.
func (c *Collection) Add(r io.Reader) error {
	if c.answers == nil {
		c.answers = map[Mark][]byte{}
	}
	size, slots := c.sealed, 0
	h, err := read(r, func(mark Mark, sealed []byte, ok bool) error {
		slots++
		if !ok {
			return nil
		}
		if size == 0 {
			size = len(sealed)
		}
		if len(sealed) != size {
			return fmt.Errorf("answers of %d bytes among such of %d", len(sealed), size)
		}
		if _, there := c.answers[mark]; !there {
			c.answers[mark] = append([]byte(nil), sealed...)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read answer file: %w", err)
	}
	c.sealed, c.slots = h.sealed, max(c.slots, slots)
	return nil
}

// AddFile is Add of the file at path, which no Put changes meanwhile.
func (c *Collection) AddFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read answer file: %w", err)
	}
	defer f.Close()
	return c.Add(f)
}

// Len is the number of answers.
func (c *Collection) Len() int { return len(c.answers) }

// OpenAll opens the answers, which were sealed for info, and sorts them by
// content.
func (c *Collection) OpenAll(opener *Opener, info string) ([][]byte, error) {
	plain := make([][]byte, 0, len(c.answers))
	for _, sealed := range c.answers {
		record, err := opener.Open(info, sealed)
		if err != nil {
			return nil, err
		}
		plain = append(plain, record)
	}
	slices.SortFunc(plain, bytes.Compare)
	return plain, nil
}

// Create makes an answer file of the collection, each answer in a place drawn
// by chance. Where an answer stood before cannot be told from it, nor from its
// size how many there are: it is as large as the largest file that was added,
// or twice, four times as large where that is too small for all.
func (c *Collection) Create(path string) (err error) {
	if c.sealed == 0 {
		return fmt.Errorf("create answer file: %w", ErrNothing)
	}
	slots := max(1, c.slots)
	for slots < len(c.answers) {
		slots *= 2
	}
	if err := Create(path, c.sealed, slots); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("create answer file: %w", err)
	}
	to := &Box{path: path, file: f, doubt: map[Mark]int{}}
	err = to.scan()
	for mark, sealed := range c.answers {
		if err == nil {
			err = to.place(&put{mark: mark, sealed: sealed})
		}
	}
	if err == nil {
		err = f.Sync()
	}
	to.blurTime()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		os.Remove(path)
		return fmt.Errorf("create answer file: %w", err)
	}
	return nil
}
