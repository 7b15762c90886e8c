package ballot

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// grow doubles the file. Every answer moves to a new place drawn by chance:
// appending slots would put later answers behind earlier ones.
func (b *Box) grow() error {
	slots := 2 * max(1, len(b.marks)+len(b.doubt))
	next := b.path + ".next"
	if err := os.Remove(next); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("grow answer file: %w", err)
	}
	if err := create(next, b.sealed, slots, b.id); err != nil {
		return fmt.Errorf("grow answer file: %w", err)
	}
	moved, err := b.moveTo(next)
	if err != nil {
		os.Remove(next)
		return fmt.Errorf("grow answer file: %w", err)
	}
	if err := b.replace(next); err != nil {
		return fmt.Errorf("grow answer file: %w", err)
	}
	b.adopt(moved)
	if err := syncFolder(filepath.Dir(b.path)); err != nil {
		return fmt.Errorf("grow answer file: %w", err)
	}
	return nil
}

// adopt takes over where everything lies in the file that has come into place.
func (b *Box) adopt(moved *Box) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.salt, b.free, b.doubt = moved.salt, moved.free, map[Mark]int{}
	for mark, slot := range moved.doubt {
		if _, ok := b.marks[mark]; ok {
			b.marks[mark] = slot
			continue
		}
		b.doubt[mark] = slot // written before, not yet confirmed
	}
}

// replace puts the file at next in the place of the present one. Both are
// closed meanwhile, since not every system renames an open file.
func (b *Box) replace(next string) error {
	if err := b.file.Close(); err != nil {
		return err
	}
	rerr := os.Rename(next, b.path)
	file, err := os.OpenFile(b.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	b.file = file
	return rerr
}

// moveTo copies every answer into the empty file at path and returns it as a
// box without a writer and without an open file, all its marks in doubt.
func (b *Box) moveTo(path string) (*Box, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	to := &Box{path: path, file: f, doubt: map[Mark]int{}}
	if err := to.scan(); err != nil {
		f.Close()
		return nil, err
	}
	_, err = read(io.NewSectionReader(b.file, 0, 1<<62), func(mark Mark, sealed []byte, ok bool) error {
		if !ok {
			return nil
		}
		return to.place(&put{mark: mark, sealed: sealed})
	})
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return to, err
}
