package blob

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"adili/internal/kernel/errs"
)

// partPrefix begins the names of files that are being written. Names with a dot in front are nobody's.
const partPrefix = ".part-"

// partLife is how long a file may be in the making; older ones were left by a crash.
const partLife = 48 * time.Hour

// folder keeps files in a folder of this machine.
type folder struct{ path string }

func openFolder(name string) (Store, error) {
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, badAddress(name, err)
	}
	if info, err := os.Stat(full); err == nil && !info.IsDir() {
		return nil, badAddress(name, errors.New("it is a file, not a folder"))
	}
	return &folder{full}, nil
}

// root opens the folder so that no name and no link in it leads out of it.
func (f *folder) root(make bool) (*os.Root, error) {
	if make {
		if err := os.MkdirAll(f.path, 0o700); err != nil {
			return nil, err
		}
	}
	return os.OpenRoot(f.path)
}

// Put implements Store.
func (f *folder) Put(ctx context.Context, name string, r io.Reader, size int64) (err error) {
	defer errs.Wrap(&err, "put %s", name)
	if err := check(name); err != nil {
		return err
	}
	root, err := f.root(true)
	if err != nil {
		return f.fault(err)
	}
	defer root.Close()
	dir := path.Dir(name)
	if err := root.MkdirAll(dir, 0o700); err != nil {
		return f.fault(err)
	}
	f.sweep(root, dir)
	part := path.Join(dir, partPrefix+rand.Text())
	if err := write(root, part, &exact{ctx: ctx, r: r, size: size}); err != nil {
		return f.fault(errors.Join(err, ignoreMissing(root.Remove(part))))
	}
	if err := root.Rename(part, name); err != nil {
		return f.fault(errors.Join(err, root.Remove(part)))
	}
	// The folders above may be new as well.
	for dir != "." {
		if err := syncFolder(root, dir); err != nil {
			return f.fault(err)
		}
		dir = path.Dir(dir)
	}
	return f.fault(syncFolder(root, "."))
}

func write(root *os.Root, name string, r io.Reader) error {
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// sweep removes what a crash left half written. What cannot be removed is in nobody's way.
func (f *folder) sweep(root *os.Root, dir string) {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), partPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > partLife {
			_ = root.Remove(path.Join(dir, e.Name()))
		}
	}
}

// Open implements Store.
func (f *folder) Open(_ context.Context, name string) (_ io.ReadCloser, err error) {
	defer errs.Wrap(&err, "open %s", name)
	if err := check(name); err != nil {
		return nil, err
	}
	root, err := f.root(false)
	if err != nil {
		return nil, f.fault(err)
	}
	defer root.Close()
	file, err := root.Open(name)
	if err != nil {
		return nil, f.fault(err)
	}
	return file, nil
}

// List implements Store.
func (f *folder) List(ctx context.Context, prefix string) (_ []Info, err error) {
	defer errs.Wrap(&err, "list %s", prefix)
	root, err := f.root(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, f.fault(err)
	}
	defer root.Close()
	var all []Info
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return ignoreMissing(err) // removed while we looked
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if d.IsDir() {
			if name != "." && !strings.HasPrefix(name+"/", prefix) && !strings.HasPrefix(prefix, name+"/") {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !strings.HasPrefix(name, prefix) || check(name) != nil {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		all = append(all, Info{name, info.Size()})
		return nil
	})
	if err != nil {
		return nil, f.fault(err)
	}
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Delete implements Store. On disks that move blocks about (flash, copy-on-write) the old bytes may stay readable to
// somebody who takes the disk apart.
func (f *folder) Delete(ctx context.Context, name string) (err error) {
	defer errs.Wrap(&err, "delete %s", name)
	if err := check(name); err != nil {
		return err
	}
	root, err := f.root(false)
	if err != nil {
		return f.fault(ignoreMissing(err))
	}
	defer root.Close()
	if err := overwrite(ctx, root, name); err != nil {
		return f.fault(ignoreMissing(err))
	}
	if err := root.Remove(name); err != nil {
		return f.fault(ignoreMissing(err))
	}
	return f.fault(syncFolder(root, path.Dir(name)))
}

// overwrite puts zeros over a file's bytes.
func overwrite(ctx context.Context, root *os.Root, name string) error {
	file, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		_, err = io.Copy(file, &exact{ctx: ctx, r: io.LimitReader(zeros{}, info.Size()), size: info.Size()})
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// zeros is an endless run of them.
type zeros struct{}

// Read implements io.Reader.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// syncFolder makes a new or removed name durable, where the system can.
func syncFolder(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS logs the change itself and has no such call
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fault gives an error of the folder a kind and the remedy.
func (f *folder) fault(err error) error {
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return err
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return errs.New(errs.Unavailable, "blob.folder", "Folder", f.path).Because(err)
	case errors.Is(err, syscall.ENOSPC):
		return errs.New(errs.Unavailable, "blob.full", "Folder", f.path).Because(err)
	}
	return fmt.Errorf("folder %s: %w", f.path, err)
}
