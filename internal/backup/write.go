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
	"strconv"
	"time"

	"adili/internal/kernel/storage"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

// Names of the entries.
const (
	format       = 1
	manifestName = "manifest.json"
	endName      = "end.json"
	tablePrefix  = "tables/"
	filePrefix   = "files/"
)

// chunkSize is after how many bytes a table goes on in a further entry. An entry's size is written before its content, so
// this is what is held in memory.
const chunkSize = 1 << 20

// chunkName names the n-th entry of a table, counted from 1.
func chunkName(table string, n int) string {
	return fmt.Sprintf("%s%s/%06d.jsonl", tablePrefix, table, n)
}

// sealed is a stream that is compressed and encrypted to the recipients. It is whole only after Close.
type sealed struct {
	*zstd.Encoder
	age io.WriteCloser
}

func seal(w io.Writer, recipients []age.Recipient) (*sealed, error) {
	encrypted, err := age.Encrypt(w, recipients...)
	if err != nil {
		return nil, err
	}
	encoder, err := zstd.NewWriter(encrypted, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(windowSize), zstd.WithEncoderPadding(step))
	if err != nil {
		return nil, err
	}
	return &sealed{encoder, encrypted}, nil
}

// Close completes the stream.
func (s *sealed) Close() error {
	if err := s.Encoder.Close(); err != nil {
		return err
	}
	return s.age.Close()
}

// step is what the size of a backup, before encryption, is a multiple of: whoever sees the sizes of two backups must not
// see how many answers came in between. The rest is filled with chance.
const step = 1 << 20

// windowSize is how far compression looks back, and how much memory reading takes.
const windowSize = 4 << 20

// archive writes the entries.
type archive struct {
	ctx  context.Context
	tar  *tar.Writer
	made time.Time
	sum  hash.Hash
	end  End
}

func newArchive(ctx context.Context, w io.Writer, made time.Time) *archive {
	return &archive{ctx: ctx, tar: tar.NewWriter(w), made: made, sum: sha256.New(), end: End{Rows: map[string]int64{}, Sums: map[string]string{}}}
}

// sumEntry adds an entry's name and size to the sum over all entries; its content follows.
func sumEntry(sum hash.Hash, name string, size int64) {
	io.WriteString(sum, name+"\x00"+strconv.FormatInt(size, 10)+"\x00") // a hash never fails
}

// entry writes one entry. Its time is that of the backup: when a file was last written is nobody's business.
func (a *archive) entry(name string, size int64, r io.Reader) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if err := a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.made}); err != nil {
		return err
	}
	sumEntry(a.sum, name, size)
	n, err := io.Copy(io.MultiWriter(a.tar, a.sum), &reader{a.ctx, r})
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes where %d were announced", n, size)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.end.Bytes += n
	return nil
}

// reader stops when the context ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func (a *archive) json(name string, value any) error {
	data, err := json.MarshalIndent(value, "", "\t")
	if err != nil {
		return err
	}
	return a.entry(name, int64(len(data)), bytes.NewReader(data))
}

// table writes the rows of a table.
func (a *archive) table(t storage.Table, rows func(f func(row []any) error) error) error {
	w, sum, chunk, count := newRowWriter(), sha256.New(), 0, int64(0)
	flush := func() error {
		chunk++
		sum.Write(w.buffer.Bytes()) // never fails
		size := int64(w.buffer.Len())
		err := a.entry(chunkName(t.Name, chunk), size, &w.buffer)
		w.buffer.Reset()
		return err
	}
	err := rows(func(row []any) error {
		count++
		if err := w.add(row); err != nil {
			return err
		}
		if w.buffer.Len() < chunkSize {
			return nil
		}
		return flush()
	})
	if err == nil && w.buffer.Len() > 0 {
		err = flush()
	}
	if err != nil {
		return fmt.Errorf("table %s: %w", t.Name, err)
	}
	a.end.Rows[t.Name] = count
	a.end.Sums[t.Name] = hex.EncodeToString(sum.Sum(nil))
	return nil
}

// close writes the last entry.
func (a *archive) close() error {
	a.end.SHA256 = hex.EncodeToString(a.sum.Sum(nil))
	return errors.Join(a.json(endName, a.end), a.tar.Close())
}
