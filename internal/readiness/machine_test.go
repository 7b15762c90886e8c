//go:build linux

package readiness

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// server gives probes of a server on a new data folder.
func server(t *testing.T) Probes {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	for _, folder := range []string{data, filepath.Join(data, "rounds")} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(data, "adili.db"), 0o600)
	return Probes{Now: now, Data: data, Serving: true}
}

func write(t *testing.T, path string, mode os.FileMode) string {
	t.Helper()
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWriting(t *testing.T) {
	p := server(t)
	if f := of(t, p, "writing"); f.State == Bad {
		t.Errorf("%+v", f)
	}
	left, err := os.ReadDir(filepath.Join(p.Data, "rounds"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	p.Data = "/proc/self" // nobody can write there
	if f := of(t, p, "writing"); f.Text != "readiness.writing.failed" {
		t.Errorf("%+v", f)
	}
}

func TestSecrecy(t *testing.T) {
	p := server(t)
	secrets := t.TempDir()
	want := func(name, outcome, words string) {
		t.Helper()
		f := of(t, p, "files")
		if f.Text != "readiness.files."+outcome || !strings.Contains(Say(english(t), []Finding{f})[0].Text, words) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	p.Secrets = []string{write(t, filepath.Join(secrets, "good"), 0o600), write(t, filepath.Join(secrets, "only read"), 0o400)}
	want("as it should be", "ok", "")
	p.Secrets = append(p.Secrets, write(t, filepath.Join(secrets, "for all"), 0o604))
	want("a secret for all", "open", "for all")
	p.Secrets[2] = write(t, filepath.Join(secrets, "for the group"), 0o640)
	if os.Geteuid() == 0 {
		want("the administrator's, for a group", "ok", "")
		if err := os.Chown(p.Secrets[2], 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	want("for a group", "open", "for the group")
	p.Secrets = p.Secrets[:2]
	if err := os.Chmod(p.Data, 0o750); err != nil {
		t.Fatal(err)
	}
	want("the folder", "open", p.Data)
	if err := os.Chmod(p.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(filepath.Join(p.Data, "adili.db"), 65534, 65534); err != nil {
			t.Fatal(err)
		}
		want("somebody else's", "owner", "adili.db")
	}
	p.Secrets = []string{filepath.Join(secrets, "gone")}
	if f := of(t, p, "files"); f.State != Unknown {
		t.Errorf("a secret that is not there: %+v", f)
	}
	p.Data = filepath.Join(secrets, "none")
	if f := of(t, p, "files"); f.State != Unknown {
		t.Errorf("no data folder: %+v", f)
	}
}

func TestDisk(t *testing.T) {
	p := server(t)
	free, size, err := Disk(p.Data)
	if err != nil || free == 0 || free > size {
		t.Fatalf("%d of %d, %v", free, size, err)
	}
	for _, test := range []struct {
		needed  uint64
		outcome string
	}{{free + 1, "full"}, {free / 3 * 2, "low"}} {
		p.Needed = func(context.Context) (Bytes, error) { return Bytes(test.needed), nil }
		if f := of(t, p, "disk"); f.Text != "readiness.disk."+test.outcome {
			t.Errorf("%d needed of %d: %+v", test.needed, free, f)
		}
	}
	p.Needed = func(context.Context) (Bytes, error) { return 0, errors.New("gone") }
	if f := of(t, p, "disk"); f.State != Unknown {
		t.Errorf("%+v", f)
	}
	p.Data = "/nowhere"
	if f := of(t, p, "disk"); f.Text != "readiness.disk.unknown" {
		t.Errorf("%+v", f)
	}
}

func TestBackupOnTheSameDisk(t *testing.T) {
	p := server(t)
	place := t.TempDir()
	p.Backup = func(context.Context) (Backup, error) {
		return Backup{Place: place, Folder: true, Encrypted: true, Succeeded: noon}, nil
	}
	if f := of(t, p, "backup_place"); f.Text != "readiness.backup_place.same_disk" {
		t.Errorf("%+v", f)
	}
	place = filepath.Join(place, "not", "yet")
	if f := of(t, p, "backup_place"); f.Text != "readiness.backup_place.same_disk" {
		t.Errorf("a folder that is not there yet: %+v", f)
	}
	place = "/proc" // always another
	if f := of(t, p, "backup_place"); f.State != OK {
		t.Errorf("%+v", f)
	}
}

// Inside the server its own limits are looked at, elsewhere they would be those of somebody's terminal.
func TestLimits(t *testing.T) {
	p := server(t)
	for _, key := range []string{"memory", "handles", "dumps", "swap"} {
		if f := of(t, p, key); f.Key != key {
			t.Errorf("%s: %+v", key, f)
		}
	}
	p.Serving = false
	for _, f := range Check(t.Context(), p) {
		if f.Key == "memory" || f.Key == "handles" || f.Key == "dumps" || f.Key == "swap" {
			t.Errorf("%+v", f)
		}
	}
	number := func(n uint64) func() (uint64, error) { return func() (uint64, error) { return n, nil } }
	p.Serving = true
	judge := func(n uint64) (string, []any) {
		if n > 0 {
			return "on", nil
		}
		return "ok", nil
	}
	if f, ok := ofServer(p, "dumps", number(1), judge); !ok || f.State != Warn {
		t.Errorf("%+v", f)
	}
	if f, ok := ofServer(p, "dumps", number(0), judge); !ok || f.State != OK {
		t.Errorf("%+v", f)
	}
	if f, ok := ofServer(p, "dumps", func() (uint64, error) { return 0, errors.New("oh") }, judge); !ok || f.State != Unknown {
		t.Errorf("%+v", f)
	}
	if _, ok := ofServer(p, "dumps", func() (uint64, error) { return 0, errUnsupported }, judge); ok {
		t.Error("told where it cannot be known")
	}
}

// What the machine has is found out without files that a service of systemd does not see.
func TestMemoryOfTheMachine(t *testing.T) {
	if n, err := memoryLimit(); err != nil || n < 64<<20 || n > 1<<50 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := swapSpace(); err != nil || n > 1<<50 {
		t.Errorf("swap %d bytes, %v", n, err)
	}
}
