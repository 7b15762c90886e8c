package folder

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock makes this program the only one on a data folder until the file is
// closed or the program ends: Windows lets nobody else open a file that is
// shared with nobody.
func lock(folder string) (*os.File, error) {
	path := filepath.Join(folder, "lock")
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrInUse, folder)
	}
	return os.NewFile(uintptr(h), path), nil
}
