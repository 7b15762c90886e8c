//go:build !linux

package ballot

import (
	"os"
	"runtime"
)

func dataSync(f *os.File) error { return f.Sync() }

// syncFolder makes a new or renamed file's name durable, where the system can.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS logs the change itself and has no such call
	}
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
