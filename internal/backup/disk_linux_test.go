package backup

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"

	"syscall"
	"testing"
	"time"
)

// smallDisk gives a folder with so much room.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root to mount a small disk")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		t.Skip("no small disk to be had:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func random(size int) string {
	data := make([]byte, size)
	rand.NewChaCha8([32]byte{}).Read(data)
	return string(data)
}

// A disk that runs full where the backup is written leaves the last one, and nothing half written.
func TestFullDiskUnderTheBackup(t *testing.T) {
	dir := smallDisk(t, "2m")
	name := filepath.Join(dir, "x.adili")
	p := newPlace(t, "", 10)
	write := func(source files) error {
		return WriteFile(name, nil, func(w io.Writer) error {
			_, err := p.backup(source).Make(t.Context(), w, recipients())
			return err
		})
	}
	if err := write(files{"rounds/r/answers.box": random(500_000)}); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := write(files{"rounds/r/answers.box": random(3_000_000)}); errKey(err) != "backup.disk" {
		t.Errorf("a full disk gives %v", err)
	}
	rows := newPlace(t, "", 30_000)
	if err := os.WriteFile(filepath.Join(dir, "other"), make([]byte, 900_000), 0o600); err != nil {
		t.Fatal(err)
	}
	err = WriteFile(name, nil, func(w io.Writer) error {
		_, err := rows.backup(files{}).Make(t.Context(), w, recipients())
		return err
	})
	if errKey(err) != "backup.disk" {
		t.Errorf("a disk that runs full among the rows gives %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if now, rerr := os.ReadFile(name); string(now) != string(good) || rerr != nil || err != nil || len(left) != 1 {
		t.Errorf("left %v: %v %v", left, err, rerr)
	}
}

// A disk that runs full during a restore, or while a backup is made ready, leaves the data as they were.
func TestFullDiskUnderTheData(t *testing.T) {
	data := newPlace(t, "", 10).make(files{"rounds/r/answers.box": random(6_000_000)})
	p := &place{t: t, data: smallDisk(t, "5m")}
	p.open()
	if err := migrate(t.Context(), p.db); err != nil {
		t.Fatal(err)
	}
	fill(t, p.db, 7)
	if _, err := p.backup(files{"rounds/r/answers.box": random(6_000_000)}).Make(t.Context(), io.Discard, recipients()); errKey(err) != "backup.disk" {
		t.Errorf("a backup on a full disk gives %v", err)
	}
	p.stop()
	rows, all := p.rows(), tree(t, p.data)
	_, err := p.target(true).Restore(t.Context(), from(data), identities(), nil)
	if errKey(err) != "backup.disk" {
		t.Errorf("a restore on a full disk gives %v", err)
	}
	if p.rows() != rows || tree(t, p.data) != all {
		t.Errorf("what was there has changed: %s", tree(t, p.data))
	}
	small := newPlace(t, "", 3).make(files{})
	if _, err := p.target(true).Restore(t.Context(), from(small), identities(), nil); err != nil {
		t.Errorf("a smaller one: %v", err)
	}
}

// An administrator who restores leaves files that the server's user can read.
func TestRestoredFilesBelongToTheFoldersOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	data := newPlace(t, "", 3).make(someFiles)
	p := newPlace(t, "", 0)
	if err := os.Chown(p.data, 12345, 12346); err != nil {
		t.Fatal(err)
	}
	if _, err := p.target(false).Restore(t.Context(), from(data), identities(), nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{databaseName, "rounds", "rounds/round_1", "rounds/round_1/form.key"} {
		info, err := os.Stat(filepath.Join(p.data, name))
		if err != nil {
			t.Fatal(err)
		}
		if owner := info.Sys().(*syscall.Stat_t); owner.Uid != 12345 || owner.Gid != 12346 {
			t.Errorf("%s belongs to %d:%d", name, owner.Uid, owner.Gid)
		}
	}
}

// A hundred megabytes of answers pass through a few of memory.
func TestMemoryIsBounded(t *testing.T) {
	const size = 100 << 20
	p := newPlace(t, "", 10)
	source := sourceFunc(func(put func(string, int64, io.Reader) error, snapshot func() error) error {
		return errors.Join(snapshot(), put("rounds/r/answers.box", size, io.LimitReader(rand.NewChaCha8([32]byte{}), size)))
	})
	most, done := uint64(0), make(chan struct{})
	stopped := make(chan struct{})
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	}()
	var out counter
	out.w = io.Discard
	_, err := p.backup(source).Make(t.Context(), &out, recipients())
	close(done)
	<-stopped
	if err != nil || out.n < size {
		t.Errorf("%d bytes, %v", out.n, err)
	}
	if more := int64(most) - int64(before.HeapAlloc); more > 40<<20 {
		t.Errorf("%d MB of memory more", more>>20)
	}
}
