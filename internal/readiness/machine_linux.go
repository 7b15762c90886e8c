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
	// not from /proc/meminfo, which a well-guarded service does not see
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil {
		return 0, err
	}
	limit := uint64(info.Totalram) * uint64(info.Unit)
	if group, ok := groupLimit("memory.max"); ok {
		limit = min(limit, group)
	}
	return limit, nil
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
	var info syscall.Sysinfo_t
	if err := syscall.Sysinfo(&info); err != nil || info.Totalswap == 0 {
		return 0, err
	}
	f, err := os.Open("/proc/swaps")
	if errors.Is(err, fs.ErrNotExist) { // a service that does not see it: compressed memory counts too
		return uint64(info.Totalswap) * uint64(info.Unit), nil
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
