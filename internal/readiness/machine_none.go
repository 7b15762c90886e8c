//go:build !linux && !darwin && !freebsd && !windows

package readiness

import "io/fs"

func diskSpace(string) (free, size uint64, err error) { return 0, 0, errUnsupported }

func sameDisk(a, b string) (bool, error) { return false, errUnsupported }

func ownerOf(fs.FileInfo) (uid int, known bool) { return 0, false }

func handleLimit() (uint64, error) { return 0, errUnsupported }

func dumpLimit() (uint64, error) { return 0, errUnsupported }
