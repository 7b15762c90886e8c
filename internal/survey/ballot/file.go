package ballot

import (
	"fmt"
	"os"
	"path/filepath"
)

// WriteFile puts a small file with mode 0600 in place, whole or not at all,
// and returns when it is on the disk.
func WriteFile(path string, data []byte) error {
	next := path + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(next, path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(next)
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// Destroy overwrites a file with zeros and removes it. On disks that move
// blocks about (flash, copy-on-write) the old bytes may stay readable to
// somebody who takes the disk apart; what matters is sealed besides.
func Destroy(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("destroy %s: %w", filepath.Base(path), err)
	}
	err = zero(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Remove(path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("destroy %s: %w", filepath.Base(path), err)
	}
	return nil
}

func zero(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	blank := make([]byte, 64<<10)
	for left := info.Size(); left > 0; left -= int64(len(blank)) {
		if _, err := f.Write(blank[:min(left, int64(len(blank)))]); err != nil {
			return err
		}
	}
	return f.Sync()
}
