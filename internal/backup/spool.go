package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"
)

// spoolFolder holds, below the data folder, what is being backed up.
const spoolFolder = "backup-in-the-making"

// spool keeps copies of files for as long as it takes to write them into a backup, so that the intake of answers need not
// wait for that. They are sealed with a key that is only in memory: what a crash leaves behind is of no use to anybody, above
// all not to somebody who would compare it with a later state.
type spool struct {
	dir   string
	key   *age.X25519Identity
	files []File
}

// newSpool makes an empty spool. What an interrupted backup left is removed.
func newSpool(data string) (*spool, error) {
	s := &spool{dir: filepath.Join(data, spoolFolder)}
	if err := os.RemoveAll(s.dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	s.key, err = age.GenerateX25519Identity()
	return s, err
}

func (s *spool) remove() error { return os.RemoveAll(s.dir) }

func (s *spool) path(i int) string { return filepath.Join(s.dir, strconv.Itoa(i)) }

// put copies a file.
func (s *spool) put(ctx context.Context, name string, size int64, r io.Reader) error {
	if err := checkName(name); err != nil {
		return err
	}
	if slices.ContainsFunc(s.files, func(f File) bool { return f.Name == name }) {
		return fmt.Errorf("%s comes twice", name)
	}
	f, err := os.OpenFile(s.path(len(s.files)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := s.fill(ctx, f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if size >= 0 && n != size {
		return fmt.Errorf("%s: %d bytes where %d were announced", name, n, size)
	}
	s.files = append(s.files, File{name, n})
	return nil
}

func (s *spool) fill(ctx context.Context, f *os.File, r io.Reader) (int64, error) {
	w, err := age.Encrypt(f, s.key.Recipient())
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, &reader{ctx, r})
	return n, errors.Join(err, w.Close())
}

// open reads the i-th file.
func (s *spool) open(i int) (io.ReadCloser, error) {
	f, err := os.Open(s.path(i))
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(f, s.key)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// checkName refuses file names that could lead out of the data folder, on any system.
func checkName(name string) error {
	bad := name == "" || len(name) > 200 || path.Clean(name) != name || strings.HasPrefix(name, "/")
	for word := range strings.SplitSeq(name, "/") {
		bad = bad || strings.HasPrefix(word, ".") || strings.HasSuffix(word, ".")
	}
	for _, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		bad = bad || !letter && !strings.ContainsRune("/._-", c)
	}
	if bad {
		return fmt.Errorf("bad file name %q", name)
	}
	return nil
}
