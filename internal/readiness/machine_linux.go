package readiness

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
)

// clockKept reports whether the kernel says that something keeps its clock right, such as chrony.
func clockKept() (kept, known bool) {
	const timeError, unsynchronised = 5, 0x40 // from adjtimex(2)
	var t syscall.Timex
	state, err := syscall.Adjtimex(&t)
	return state != timeError && t.Status&unsynchronised == 0, err == nil
}

// memoryLimit gives how much memory this process may use: what the machine has, or what its control group allows.
func memoryLimit() (uint64, error) {
	limit, err := total("/proc/meminfo", "MemTotal:")
	if err != nil {
		return 0, err
	}
	if group, ok := groupLimit("memory.max"); ok {
		limit = min(limit, group)
	}
	return limit, nil
}

// total reads a number of KiB out of a file of the form of /proc/meminfo.
func total(file, name string) (uint64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == name {
			n, err := strconv.ParseUint(fields[1], 10, 64)
			return n << 10, err
		}
	}
	return 0, errors.New("no " + name + " in " + file)
}

// groupLimit gives the least limit of the process's control group and those above it, version 2.
func groupLimit(name string) (least uint64, ok bool) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0, false
	}
	_, group, found := strings.Cut(strings.TrimSpace(string(text)), "0::")
	for found {
		if text, err := os.ReadFile(path.Join("/sys/fs/cgroup", group, name)); err == nil {
			if n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil && (!ok || n < least) {
				least, ok = n, true
			}
		}
		if group == "/" || group == "." || group == "" {
			break
		}
		group = path.Dir(group)
	}
	return least, ok
}

// swapSpace gives how many bytes of this process the system may write to a disk. Compressed memory is no disk.
func swapSpace() (bytes uint64, err error) {
	if limit, ok := groupLimit("memory.swap.max"); ok && limit == 0 {
		return 0, nil
	}
	f, err := os.Open("/proc/swaps")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil // a kernel without
	}
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for first := true; lines.Scan(); first = false {
		fields := strings.Fields(lines.Text())
		if first || len(fields) < 3 || strings.HasPrefix(fields[0], "/dev/zram") {
			continue
		}
		n, err := strconv.ParseUint(fields[2], 10, 64)
		if err != nil {
			return 0, err
		}
		bytes += n << 10
	}
	return bytes, lines.Err()
}
