//go:build unix

package folder

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock makes this program the only one on a data folder until the file is
// closed or the program ends, however it ends. Two programs would write answers
// into slots that the other takes for free.
func lock(folder string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%w: %s", ErrInUse, folder)
	}
	return f, nil
}
