// Package blob keeps files outside the database: in a folder of this machine, or in a bucket that speaks S3, which several
// machines can share. A file is there whole or not at all, and what Put has acknowledged is on the disk.
package blob

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"adili/internal/kernel/errs"
)

// Store keeps files under names made of words and slashes, such as "rounds/round_7k3v/answers.box".
type Store interface {
	// Put stores the file whole or not at all, in place of one of the same name. When it gives no error the file is
	// durable. The size is -1 when it is not known; a reader that gives fewer or more bytes is an error.
	Put(ctx context.Context, name string, r io.Reader, size int64) error
	// Open reads a file. For one that is not there errors.Is(err, fs.ErrNotExist).
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// List gives the files whose names begin with prefix, sorted by name.
	List(ctx context.Context, prefix string) ([]Info, error)
	// Delete removes a file; one that is not there is no error. A folder overwrites the bytes first; what a bucket
	// keeps of deleted files is up to its owner.
	Delete(ctx context.Context, name string) error
}

// Info is a file in a list.
type Info struct {
	Name string
	Size int64
}

// Keys are what a bucket asks for.
type Keys struct{ ID, Secret string }

//go:embed message/*.json
var messages embed.FS

// Messages has the texts of this package's errors.
func Messages() fs.FS { return messages }

// Open gives the store at an address: the path of a folder, which is made when it is first written to, or
// "s3://bucket/prefix?endpoint=https://host:port&region=x". Without an endpoint the bucket is Amazon's. An endpoint without
// TLS is accepted on this machine only.
func Open(address string, keys Keys) (Store, error) {
	if strings.HasPrefix(address, "s3://") {
		return openBucket(address, keys)
	}
	if address == "" || strings.Contains(address, "://") {
		return nil, badAddress(address, errors.New(`an address is the path of a folder, or begins with "s3://"`))
	}
	return openFolder(address)
}

func badAddress(address string, cause error) error {
	return errs.New(errs.Invalid, "blob.address", "Address", address).Because(cause)
}

// check refuses names that some system or store would take for something else: upwards, hidden, with a drive or in two
// spellings.
func check(name string) error {
	if len(name) > 500 || !fs.ValidPath(name) || name == "." {
		return fmt.Errorf("bad file name %q", name)
	}
	for word := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(word, ".") || strings.HasSuffix(word, ".") {
			return fmt.Errorf("bad file name %q: a word begins or ends with a dot", name)
		}
	}
	for _, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("/._-", c) {
			return fmt.Errorf("bad file name %q: letters, digits and ._- only", name)
		}
	}
	return nil
}

// exact reads exactly size bytes, or any number if size is -1, and stops when the context ends.
type exact struct {
	ctx  context.Context
	r    io.Reader
	size int64
	read int64
}

// Read implements io.Reader.
func (e *exact) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := e.r.Read(p)
	e.read += int64(n)
	switch {
	case e.size < 0:
	case e.read > e.size, err == io.EOF && e.read < e.size:
		return n, fmt.Errorf("got %d bytes where %d were announced", e.read, e.size)
	}
	return n, err
}
