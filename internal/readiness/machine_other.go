//go:build !linux

package readiness

func clockKept() (kept, known bool) { return false, false }

func memoryLimit() (uint64, error) { return 0, errUnsupported }

func swapSpace() (uint64, error) { return 0, errUnsupported }
