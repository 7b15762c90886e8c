package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Limits of what is read into memory. A backup is encrypted to a key that everybody may know: it can come from anybody.
const (
	maxDocument = 16 << 20  // manifest.json, end.json
	maxChunk    = 256 << 20 // of a table: a chunk and one large row
	maxEntries  = 1_000_000
)

// Open opens a backup for reading from its beginning. It is called more than once.
type Open func(ctx context.Context) (io.ReadCloser, error)

// Summary is what is in a backup that was read to its end and found whole.
type Summary struct {
	Manifest
	End
}

// Verify reads a backup to its end. Nothing is changed anywhere.
func Verify(ctx context.Context, open Open, identities []age.Identity) (Summary, error) {
	return read(ctx, open, identities, taker{})
}

// taker takes what is in a backup while it is read. What it is given is not yet known to be whole. Any part may be nil.
type taker struct {
	manifest func(m Manifest) error
	row      func(table string, row []any) error
	file     func(name string, r io.Reader) error
}

// read reads a backup to its end. An error of a taker's comes back as it is.
func read(ctx context.Context, open Open, identities []age.Identity, take taker) (s Summary, err error) {
	defer errs.Wrap(&err, "read the backup")
	file, err := open(ctx)
	if err != nil {
		return s, err
	}
	defer file.Close() // it was only read
	plain, err := decrypt(&reader{ctx, file}, identities)
	if err != nil {
		return s, err
	}
	decoder, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(windowSize))
	if err != nil {
		return s, err
	}
	defer decoder.Close()
	if s, err = readEntries(decoder, take); err != nil {
		return s, damage(ctx, err)
	}
	// Both layers have an end of their own, which shows that nothing was cut off or added.
	for _, layer := range []io.Reader{decoder, plain} {
		if n, err := io.Copy(io.Discard, layer); err != nil || n > 0 {
			return s, damage(ctx, errors.Join(err, fmt.Errorf("%d bytes after the end", n)))
		}
	}
	return s, nil
}

// decrypt opens the outer layer.
func decrypt(r io.Reader, identities []age.Identity) (io.Reader, error) {
	plain, err := age.Decrypt(r, identities...)
	if err == nil {
		return plain, nil
	}
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, errs.New(errs.Invalid, "backup.wrong_key").Because(err)
	}
	if errors.Is(err, context.Canceled) || errs.KindOf(err) != errs.Internal {
		return nil, err
	}
	return nil, errs.New(errs.Invalid, "backup.not_backup").Because(err)
}

// takerError is an error that is not the backup's.
type takerError struct{ error }

// damage tells what is wrong with the backup from other errors.
func damage(ctx context.Context, err error) error {
	if own, ok := errors.AsType[takerError](err); ok {
		return own.error
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errs.KindOf(err) != errs.Internal {
		return err
	}
	return errs.New(errs.Invalid, "backup.damaged").Because(err)
}

// entries reads the inner layer.
type entries struct {
	tar      *tar.Reader
	take     taker
	s        Summary
	sum      hash.Hash // over all entries
	bytes    int64
	entries  int
	rows     map[string]int64
	tableSum map[string]hash.Hash
}

func readEntries(r io.Reader, take taker) (Summary, error) {
	e := &entries{tar: tar.NewReader(r), take: take, sum: sha256.New(), rows: map[string]int64{}, tableSum: map[string]hash.Hash{}}
	err := e.read()
	return e.s, err
}

func (e *entries) read() error {
	header, err := e.next()
	if err != nil {
		return err
	}
	if err := e.manifest(header); err != nil {
		return err
	}
	if header, err = e.next(); err != nil {
		return err
	}
	for _, t := range e.s.Tables {
		e.tableSum[t.Name] = sha256.New()
		e.rows[t.Name] = 0
		for n := 1; header.Name == chunkName(t.Name, n); n++ {
			if err := e.chunk(header, t); err != nil {
				return err
			}
			if header, err = e.next(); err != nil {
				return err
			}
		}
	}
	for _, f := range e.s.Files {
		if header.Name != filePrefix+f.Name || header.Size != f.Size {
			return fmt.Errorf("%s where %s belongs", header.Name, f.Name)
		}
		if err := e.file(header, f); err != nil {
			return err
		}
		if header, err = e.next(); err != nil {
			return err
		}
	}
	return e.end(header)
}

// next goes to the next entry.
func (e *entries) next() (*tar.Header, error) {
	header, err := e.tar.Next()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if e.entries++; e.entries > maxEntries {
		return nil, errors.New("too many entries")
	}
	if header.Typeflag != tar.TypeReg || header.Size < 0 {
		return nil, fmt.Errorf("%q is not a file", header.Name)
	}
	return header, nil
}

// content is what an entry holds; reading it adds to the sum.
func (e *entries) content(header *tar.Header) io.Reader {
	sumEntry(e.sum, header.Name, header.Size)
	e.bytes += header.Size
	return io.TeeReader(e.tar, e.sum)
}

// whole reads an entry into memory.
func (e *entries) whole(header *tar.Header, most int64) ([]byte, error) {
	if header.Size > most {
		return nil, fmt.Errorf("%s is too large: %d bytes", header.Name, header.Size)
	}
	return io.ReadAll(e.content(header))
}

func (e *entries) manifest(header *tar.Header) error {
	if header.Name != manifestName {
		return fmt.Errorf("%q is not the manifest", header.Name)
	}
	data, err := e.whole(header, maxDocument)
	if err != nil {
		return err
	}
	m := &e.s.Manifest
	var only struct{ Format int }
	if err := json.Unmarshal(data, &only); err != nil {
		return err
	}
	if only.Format > format {
		return errs.New(errs.Conflict, "backup.newer").Because(fmt.Errorf("format %d", only.Format))
	}
	if err := json.Unmarshal(data, m); err != nil {
		return err
	}
	if err := m.check(); err != nil {
		return err
	}
	if e.take.manifest == nil {
		return nil
	}
	if err := e.take.manifest(*m); err != nil {
		return takerError{err}
	}
	return nil
}

// check refuses a manifest that no Adili wrote.
func (m Manifest) check() error {
	if m.Format != format || m.Made.IsZero() || m.Made.Before(time.Unix(0, 0)) {
		return errors.New("the manifest is not one of Adili's")
	}
	seen := map[string]bool{}
	for _, t := range m.Tables {
		if len(t.Columns) == 0 || seen[t.Name] || strings.ContainsAny(t.Name, "/.") {
			return fmt.Errorf("bad table %q", t.Name)
		}
		seen[t.Name] = true
	}
	for _, f := range m.Files {
		if err := checkName(f.Name); err != nil || seen[filePrefix+f.Name] {
			return fmt.Errorf("bad file %q", f.Name)
		}
		seen[filePrefix+f.Name] = true
	}
	return nil
}

// chunk reads rows of a table.
func (e *entries) chunk(header *tar.Header, t storage.Table) error {
	data, err := e.whole(header, maxChunk)
	if err != nil {
		return err
	}
	e.tableSum[t.Name].Write(data) // never fails
	for len(data) > 0 {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return fmt.Errorf("%s: the last line has no end", header.Name)
		}
		row, err := parseRow(line, t.Columns)
		if err != nil {
			return fmt.Errorf("%s: %w", header.Name, err)
		}
		e.rows[t.Name]++
		if e.take.row != nil {
			if err := e.take.row(t.Name, row); err != nil {
				return takerError{err}
			}
		}
		data = rest
	}
	return nil
}

func (e *entries) file(header *tar.Header, f File) error {
	content := &noted{r: e.content(header)}
	if e.take.file != nil {
		if err := e.take.file(f.Name, content); err != nil {
			if content.err != nil {
				return content.err
			}
			return takerError{err}
		}
	}
	_, err := io.Copy(io.Discard, content)
	return err
}

// noted remembers why reading failed, to tell a damaged backup from a taker's own trouble.
type noted struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (n *noted) Read(p []byte) (int, error) {
	count, err := n.r.Read(p)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return count, err
}

// end compares what was read with what was written.
func (e *entries) end(header *tar.Header) error {
	if header.Name != endName {
		return fmt.Errorf("%s where the end belongs", header.Name)
	}
	sum, size := hex.EncodeToString(e.sum.Sum(nil)), e.bytes
	data, err := e.whole(header, maxDocument)
	if err != nil {
		return err
	}
	end := &e.s.End
	if err := json.Unmarshal(data, end); err != nil {
		return err
	}
	sums := map[string]string{}
	for name, sum := range e.tableSum {
		sums[name] = hex.EncodeToString(sum.Sum(nil))
	}
	if end.SHA256 != sum || end.Bytes != size || !maps.Equal(end.Rows, e.rows) || !maps.Equal(end.Sums, sums) {
		return errors.New("what was read is not what was written")
	}
	if _, err := e.tar.Next(); err != io.EOF {
		return errors.Join(err, errors.New("something follows the end"))
	}
	return nil
}

// Count gives the number of rows in all tables.
func (s Summary) Count() int64 {
	var n int64
	for _, rows := range s.Rows {
		n += rows
	}
	return n
}
