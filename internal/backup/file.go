package backup

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"adili/internal/kernel/blob"
	"adili/internal/kernel/errs"
)

// WriteFile has f write a file, whole or not at all: it gets its name when all of it is on the disk. The name "-" is
// standard output.
func WriteFile(name string, standard io.Writer, f func(w io.Writer) error) (err error) {
	if name == "-" {
		return f(standard)
	}
	defer errs.Wrap(&err, "write %s", name)
	part, err := os.CreateTemp(filepath.Dir(name), ".adili-part-*") // mode 0600
	if err != nil {
		return fault(err)
	}
	err = f(part)
	if err == nil {
		err = part.Sync()
	}
	err = errors.Join(err, part.Close())
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return fault(errors.Join(err, os.Remove(part.Name())))
	}
	return syncPath(filepath.Dir(name))
}

// fault gives an error of the disk a kind and the remedy.
func fault(err error) error {
	if errs.KindOf(err) != errs.Internal {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		return errs.New(errs.Unavailable, "backup.disk").Because(err)
	}
	return err
}

// Locate opens the backup at an address: a file, or an object "s3://bucket/prefix/NAME?endpoint=…" as in package blob.
func Locate(address string, keys blob.Keys) (Open, error) {
	if !strings.HasPrefix(address, "s3://") {
		if address == "-" {
			return nil, errs.New(errs.Invalid, "backup.standard_input")
		}
		return func(context.Context) (io.ReadCloser, error) { return os.Open(address) }, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, errs.New(errs.Invalid, "blob.address", "Address", "s3://…")
	}
	name := path.Base(u.Path)
	u.Path = path.Dir(u.Path)
	store, err := blob.Open(u.String(), keys)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (io.ReadCloser, error) { return store.Open(ctx, name) }, nil
}
