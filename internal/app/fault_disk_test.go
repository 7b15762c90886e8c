//go:build linux

package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"adili/internal/testkit/roundtest"
)

// changes are the system calls by which a program changes what is on a disk.
const changes = "pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,mkdirat,unlinkat,renameat,?unlink,?rename"

// The disk becomes read-only while answers come in, as when the system finds
// an error on it, and writable again without anybody touching the program.
func TestDiskBecomesReadOnly(t *testing.T) {
	path := program(t)
	databases(t, func(t *testing.T, url string) {
		data := t.TempDir()
		round, codes := openNow(t, data, url, 12)
		p := serveOn(t, path, data, url)
		p.start()
		forms := walkAll(t, p.base, round, codes)
		sendAll(t, forms[:4])
		mend := p.attach("-e", "inject="+changes+":error=EROFS")
		for i, f := range forms[4:8] {
			if err := f.Send(t.Context()); !unavailable(err) {
				t.Errorf("form %d on a read-only disk: %v", i, err)
			}
		}
		for _, page := range []string{"/healthz", "/en/s/" + round, "/staff/sign-in"} {
			if got := p.status(t, page); got != 200 {
				t.Errorf("%s on a read-only disk: %d", page, got)
			}
		}
		mend()
		sendAll(t, forms)
		p.stop()
		checkExactlyOnce(t, data, url, round, len(forms))
	})
}

// On a disk that is read-only from the start the program says so and ends. When
// it is writable, it starts with all that was there.
func TestStartOnReadOnlyDisk(t *testing.T) {
	path, data := program(t), smallDisk(t, 32<<10)
	round, codes := openNow(t, data, "", 2)
	p := serveOn(t, path, data, "")
	p.start()
	forms := walkAll(t, p.base, round, codes)
	sendAll(t, forms[:1])
	p.stop()
	remount(t, data, "ro")
	if p.tryStart() {
		t.Error("the program starts on a disk on which it can keep nothing")
	}
	if log := p.log.String(); !strings.Contains(log, "read-only") || strings.Contains(log, "goroutine") {
		t.Errorf("nothing is said of a read-only disk:\n%s", log)
	}
	remount(t, data, "rw")
	p.start()
	sendAll(t, forms)
	p.stop()
	checkExactlyOnce(t, data, "", round, len(forms))
}

func remount(t *testing.T, folder, how string) {
	t.Helper()
	if out, err := exec.Command("mount", "-o", "remount,"+how, folder).CombinedOutput(); err != nil {
		t.Fatalf("mounting %s: %v\n%s", how, err, out)
	}
}

// The disks of the database, of the answer files and of temporary files run
// full, one after the other and all together. What needs a full one is
// refused, the rest goes on, and everything does once there is room.
func TestFullDisks(t *testing.T) {
	path := program(t)
	data, boxes, temporary := smallDisk(t, 32<<10), smallDisk(t, 32<<10), smallDisk(t, 4<<10)
	if err := os.Symlink(boxes, filepath.Join(data, "rounds")); err != nil {
		t.Fatal(err)
	}
	round, codes := openNow(t, data, "", 10)
	ready, draft := plan(t, data, "", 4)
	t.Setenv("TMPDIR", temporary)
	p := serveOn(t, path, data, "")
	p.start()
	d := p.desk(t)
	forms := walkAll(t, p.base, round, codes)
	sendAll(t, forms[:2])
	for i, c := range []struct {
		full                 []string
		answer, open, upload bool // what goes on
	}{
		{[]string{data}, false, false, false},
		{[]string{boxes}, true, false, true}, // each answer has its place from the start
		{[]string{temporary}, true, true, false},
		{[]string{data, boxes, temporary}, false, false, false},
	} {
		t.Run(fmt.Sprint("full", i), func(t *testing.T) {
			for _, folder := range c.full {
				defer fill(t, folder)()
			}
			if err := forms[2+i].Send(t.Context()); c.answer != (err == nil) || err != nil && !unavailable(err) {
				t.Errorf("an answer: %v", err)
			}
			done := map[bool]int{true: 303, false: 503}
			if status, said := d.open(t, ready[i]); status != done[c.open] {
				t.Errorf("opening a round: %d: %s", status, said)
			}
			if status, said := d.upload(t, draft); status != done[c.upload] {
				t.Errorf("a sheet: %d: %s", status, said)
			}
			for _, page := range []string{"/healthz", "/en/s/" + round, "/staff/sign-in"} {
				if got := p.status(t, page); got != 200 {
					t.Errorf("%s: %d", page, got)
				}
			}
		})
	}
	sendAll(t, forms)
	for i, id := range ready {
		if status, said := d.open(t, id); status != map[bool]int{false: 303, true: 409}[i == 2] { // the third is open
			t.Errorf("opening round %d with room again: %d: %s", i, status, said)
		}
	}
	if status, said := d.upload(t, draft); status != 303 {
		t.Errorf("a sheet with room again: %d: %s", status, said)
	}
	if status, said := d.close(t, round, roundtest.Passphrase); status != 303 {
		t.Errorf("closing: %d: %s", status, said)
	}
	p.stop()
	checkClosed(t, data, "", round, len(forms))
}

// errorDisk makes a disk of its own with the file system of most servers,
// which becomes read-only when it finds an error. The function it gives has it
// find one, and mends it when the program has let it go.
func errorDisk(t *testing.T) (folder string, fail, mend func()) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "disk")
	folder = t.TempDir()
	run := func(name string, arguments ...string) (string, error) {
		out, err := exec.Command(name, arguments...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%s %q: %w\n%s", name, arguments, err, out)
		}
		return strings.TrimSpace(string(out)), err
	}
	must := func(name string, arguments ...string) string {
		out, err := run(name, arguments...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	must("truncate", "-s", "64M", image)
	mount := []string{"-o", "loop,errors=remount-ro", image, folder}
	_, err := run("mkfs.ext4", "-q", "-F", image)
	if err == nil {
		_, err = run("mount", mount...)
	}
	if err != nil {
		if os.Getenv("CI") != "" && full() {
			t.Fatal(err)
		}
		t.Skip("a disk in a file cannot be mounted here; the long form in CI does it")
	}
	t.Cleanup(func() { run("umount", "--lazy", folder) })
	fail = func() {
		device := filepath.Base(must("findmnt", "-no", "SOURCE", folder))
		if !strings.HasPrefix(device, "loop") {
			t.Fatalf("%s is no disk of this test", device)
		}
		if err := os.WriteFile("/sys/fs/ext4/"+device+"/trigger_fs_error", []byte("test"), 0); err != nil {
			t.Fatal(err)
		}
	}
	mend = func() {
		must("umount", folder)
		if _, err := run("e2fsck", "-fy", image); err != nil && !strings.Contains(err.Error(), "exit status 1") { // 1: errors were mended
			t.Fatal(err)
		}
		must("mount", mount...)
	}
	return folder, fail, mend
}

// The file system finds an error while answers come in and makes itself
// read-only. Nothing is taken from then on; when the disk is mended and the
// program started again, all that was acknowledged is there.
func TestFileSystemGivesUp(t *testing.T) {
	path := program(t)
	data, fail, mend := errorDisk(t)
	round, codes := openNow(t, data, "", 8)
	p := serveOn(t, path, data, "")
	p.start()
	forms := walkAll(t, p.base, round, codes)
	sendAll(t, forms[:4])
	fail()
	for i, f := range forms[4:] {
		if err := f.Send(t.Context()); !unavailable(err) {
			t.Errorf("form %d on a file system that gave up: %v", i, err)
		}
	}
	for _, page := range []string{"/healthz", "/en/s/" + round, "/staff/sign-in"} {
		if got := p.status(t, page); got != 200 {
			t.Errorf("%s on a file system that gave up: %d", page, got)
		}
	}
	p.kill()
	mend()
	p.arguments[4] = strings.TrimPrefix(p.base, "http://") // where the forms are for
	p.start()
	sendAll(t, forms)
	p.stop()
	checkExactlyOnce(t, data, "", round, len(forms))
}
