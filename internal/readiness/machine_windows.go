package readiness

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"unsafe"
)

var freeSpace = syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")

func diskSpace(path string) (free, size uint64, err error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	done, _, err := freeSpace.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&free)), uintptr(unsafe.Pointer(&size)), 0)
	if done == 0 {
		return 0, 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	return free, size, nil
}

// sameDisk reports whether two paths lie on the same volume, as their letters say.
func sameDisk(a, b string) (bool, error) {
	a, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	b, err = filepath.Abs(b)
	return strings.EqualFold(filepath.VolumeName(a), filepath.VolumeName(b)), err
}

func ownerOf(fs.FileInfo) (uid int, known bool) { return 0, false }

func handleLimit() (uint64, error) { return 0, errUnsupported }

func dumpLimit() (uint64, error) { return 0, errUnsupported }
