package blob

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"adili/internal/kernel/errs"
)

func TestFolderRights(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has other rights")
	}
	dir := filepath.Join(t.TempDir(), "x")
	put(t, open(t, dir, Keys{}), "a/b/file", "secret")
	want := map[string]fs.FileMode{"": fs.ModeDir | 0o700, "a": fs.ModeDir | 0o700, "a/b": fs.ModeDir | 0o700, "a/b/file": 0o600}
	for name, mode := range want {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode() != mode {
			t.Errorf("%q has mode %v, %v; want %v", name, info.Mode(), err, mode)
		}
	}
}

// What a deleted file held is overwritten: seen through a second name of the same file.
func TestFolderOverwrites(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Keys{})
	secret := strings.Repeat("secret ", 100_000)
	put(t, s, "file", secret)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.Link(filepath.Join(dir, "file"), other); err != nil {
		t.Skip("no hard links here:", err)
	}
	if err := s.Delete(t.Context(), "file"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(other)
	if err != nil || len(data) != len(secret) || strings.Trim(string(data), "\x00") != "" {
		t.Errorf("%d bytes left, of which not all are zero (%v)", len(data), err)
	}
}

// A link in the folder does not lead out of it.
func TestFolderStaysInside(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "file"), []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "way")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	s := open(t, dir, Keys{})
	if _, err := s.Open(t.Context(), "way/file"); err == nil {
		t.Error("Open followed the link")
	}
	if err := s.Put(t.Context(), "way/file", strings.NewReader("x"), 1); err == nil {
		t.Error("Put followed the link")
	}
	if err := s.Delete(t.Context(), "way/file"); err == nil {
		t.Error("Delete followed the link")
	}
	if got, err := os.ReadFile(filepath.Join(outside, "file")); err != nil || string(got) != "kept" {
		t.Errorf("the file outside holds %q, %v", got, err)
	}
}

func TestFolderSweeps(t *testing.T) {
	dir := t.TempDir()
	old, young := filepath.Join(dir, partPrefix+"old"), filepath.Join(dir, partPrefix+"young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-partLife - time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir, Keys{})
	put(t, s, "file", "x")
	if got := list(t, s, ""); got != "file:1" {
		t.Errorf("the store holds %q", got)
	}
	if _, err := os.Stat(old); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a crash left is still there: %v", err)
	}
	if _, err := os.Stat(young); err != nil {
		t.Errorf("a file in the making was removed: %v", err)
	}
}

func TestFolderFaults(t *testing.T) {
	f := &folder{"/backups"}
	for _, c := range []struct {
		err error
		key string
	}{
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "blob.full"},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "blob.folder"},
		{&fs.PathError{Op: "open", Path: "x", Err: syscall.EROFS}, "blob.folder"},
	} {
		e, ok := errs.Find(f.fault(c.err))
		if !ok || e.Key != c.key || e.Kind != errs.Unavailable {
			t.Errorf("%v became %v", c.err, e)
		}
	}
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(name, Keys{}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a file as a folder: %v", err)
	}
}

// A full disk: nothing is half there, what was there stays, and it goes on once there is room.
func TestFolderFullDisk(t *testing.T) {
	if os.Getuid() != 0 || runtime.GOOS != "linux" {
		t.Skip("needs root on Linux to mount a small disk")
	}
	dir := t.TempDir()
	if err := mountSmall(dir); err != nil {
		t.Skip("no small disk to be had:", err)
	}
	defer unmount(t, dir)
	s := open(t, dir, Keys{})
	put(t, s, "kept", "old")
	big := strings.Repeat("x", 3<<20)
	err := s.Put(t.Context(), "kept", strings.NewReader(big), int64(len(big)))
	if e, ok := errs.Find(err); !ok || e.Key != "blob.full" {
		t.Errorf("a full disk gives %v", err)
	}
	if got := list(t, s, ""); got != "kept:3" || read(t, s, "kept") != "old" {
		t.Errorf("the store holds %q", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, partPrefix+"*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	put(t, s, "small", "new")
}
