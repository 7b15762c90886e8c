package readiness

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What the machine should have at least.
const (
	diskFloor   = 200 << 20 // free bytes beside what is known to be needed
	memoryLeast = 256 << 20
	handlesMost = 4096 // open connections and files; one each for a respondent
	slowWrite   = 500 * time.Millisecond
)

// errUnsupported says that this system does not tell.
var errUnsupported = errors.New("not to be found out on this system")

// Disk gives the free space and the size, in bytes, of the disk that the path lies on.
func Disk(path string) (free, size uint64, err error) { return diskSpace(path) }

func disk(ctx context.Context, p Probes) (Finding, bool) {
	if p.Data == "" {
		return Finding{}, false
	}
	free, size, err := Disk(p.Data)
	if err != nil {
		return found("disk", "unknown", "Error", err), true
	}
	var needed Bytes
	if p.Needed != nil {
		if needed, err = p.Needed(ctx); err != nil {
			return failed("disk", err), true
		}
	}
	// To the byte the free space would tell that an answer has come.
	step := max(size/100, 1)
	free = free / step * step
	args := []any{"Free", Bytes(free), "Size", Bytes(size), "Needed", needed + diskFloor}
	switch {
	case free < uint64(needed)+diskFloor:
		return found("disk", "full", args...), true
	case free < 2*uint64(needed)+diskFloor || free < size/10:
		return found("disk", "low", args...), true
	}
	return found("disk", "ok", args...), true
}

// writing puts a small file where answers go and waits until the disk says that it is there.
func writing(_ context.Context, p Probes) (Finding, bool) {
	if p.Data == "" {
		return Finding{}, false
	}
	folder := filepath.Join(p.Data, "rounds")
	if _, err := os.Stat(folder); err != nil {
		folder = p.Data
	}
	took, err := writeOnce(folder)
	switch {
	case err != nil:
		return found("writing", "failed", "Error", err), true
	case took > slowWrite:
		return found("writing", "slow", "Ms", int(took.Milliseconds())), true
	}
	return found("writing", "ok", "Ms", int(took.Milliseconds())), true
}

func writeOnce(folder string) (took time.Duration, err error) {
	f, err := os.CreateTemp(folder, ".ready-*")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	block := make([]byte, 4096)
	rand.Read(block)
	began := time.Now()
	_, err = f.Write(block)
	if err == nil {
		err = f.Sync()
	}
	took = time.Since(began)
	return took, errors.Join(err, f.Close())
}

// secrecy looks whether others on the machine can read the data folder or a secret.
func secrecy(_ context.Context, p Probes) (Finding, bool) {
	if p.Data == "" {
		return Finding{}, false
	}
	folder, err := os.Stat(p.Data)
	if err != nil {
		return failed("files", err), true
	}
	owner, known := ownerOf(folder)
	if !known {
		return found("files", "unknown"), true
	}
	var open []string
	if folder.Mode().Perm()&0o077 != 0 {
		open = append(open, p.Data)
	}
	for _, path := range p.Secrets {
		info, err := os.Stat(path)
		if err != nil {
			return failed("files", err), true
		}
		// A group may read a secret that the administrator owns: that is how it is handed to a service.
		by, _ := ownerOf(info)
		if mode := info.Mode().Perm(); mode&0o007 != 0 || mode&0o070 != 0 && by != 0 {
			open = append(open, path)
		}
	}
	if len(open) > 0 {
		return found("files", "open", "Names", strings.Join(open, ", ")), true
	}
	if foreign := foreignFile(p.Data, owner); foreign != "" {
		return found("files", "owner", "Names", foreign), true
	}
	return found("files", "ok"), true
}

// foreignFile gives the first file in the folder that is not its owner's, or that this user cannot look at, as happens when
// a command was once run as another user.
func foreignFile(folder string, owner int) string {
	var foreign string
	_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error { // the function ends it, nothing fails
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we looked
		}
		if err != nil {
			foreign = path
			return fs.SkipAll
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		if by, known := ownerOf(info); known && by != owner {
			foreign = path
			return fs.SkipAll
		}
		return nil
	})
	if me := os.Geteuid(); foreign == "" && me > 0 && me != owner {
		return folder
	}
	return foreign
}

// ofServer makes a check of this very process, which only means something in the server itself.
func ofServer(p Probes, key string, ask func() (value uint64, err error), judge func(uint64) (outcome string, args []any)) (Finding, bool) {
	if !p.Serving {
		return Finding{}, false
	}
	value, err := ask()
	if errors.Is(err, errUnsupported) {
		return Finding{}, false
	}
	if err != nil {
		return found(key, "unknown", "Error", err), true
	}
	outcome, args := judge(value)
	return found(key, outcome, args...), true
}

func memory(_ context.Context, p Probes) (Finding, bool) {
	return ofServer(p, "memory", memoryLimit, func(limit uint64) (string, []any) {
		if limit < memoryLeast {
			return "low", []any{"Size", Bytes(limit), "Least", Bytes(memoryLeast)}
		}
		return "ok", []any{"Size", Bytes(limit)}
	})
}

func handles(_ context.Context, p Probes) (Finding, bool) {
	return ofServer(p, "handles", handleLimit, func(limit uint64) (string, []any) {
		if limit < handlesMost {
			return "low", []any{"N", int(limit), "Least", handlesMost}
		}
		return "ok", nil
	})
}

func dumps(_ context.Context, p Probes) (Finding, bool) {
	return ofServer(p, "dumps", dumpLimit, func(limit uint64) (string, []any) {
		if limit > 0 {
			return "on", nil
		}
		return "ok", nil
	})
}

func swap(_ context.Context, p Probes) (Finding, bool) {
	return ofServer(p, "swap", swapSpace, func(bytes uint64) (string, []any) {
		if bytes > 0 {
			return "on", nil
		}
		return "ok", nil
	})
}
