//go:build linux || darwin || freebsd

package readiness

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

func diskSpace(path string) (free, size uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", path, err)
	}
	block := uint64(s.Bsize)
	return uint64(s.Bavail) * block, uint64(s.Blocks) * block, nil
}

// sameDisk reports whether two paths lie on the same file system.
func sameDisk(a, b string) (bool, error) {
	var s, t syscall.Stat_t
	if err := syscall.Stat(a, &s); err != nil {
		return false, err
	}
	if err := syscall.Stat(b, &t); err != nil {
		return false, err
	}
	return s.Dev == t.Dev, nil
}

func ownerOf(info fs.FileInfo) (uid int, known bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() < 0 {
		return 0, false
	}
	return int(s.Uid), true
}

func handleLimit() (uint64, error) { return limit(syscall.RLIMIT_NOFILE) }

// dumpLimit gives how large a dump of this process's memory may be that the system writes when it crashes.
func dumpLimit() (uint64, error) { return limit(syscall.RLIMIT_CORE) }

func limit(which int) (uint64, error) {
	var l syscall.Rlimit
	err := syscall.Getrlimit(which, &l)
	return uint64(l.Cur), err
}
