package ballot

import (
	"os"
	"syscall"
)

// dataSync makes what was written durable. The file has its full size from the
// start, so its metadata need not be flushed.
func dataSync(f *os.File) error {
	for {
		err := syscall.Fdatasync(int(f.Fd()))
		if err != syscall.EINTR {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}

// syncFolder makes a new or renamed file's name durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
