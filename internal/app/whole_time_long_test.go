//go:build long

package app

import (
	"path/filepath"
	"testing"
	"time"
)

// The server makes the backup at the time of day that it was told.
func TestWholeBackupAtItsTime(t *testing.T) {
	h, folder := newHome(t, "", 1), filepath.Join(t.TempDir(), "backups")
	at := time.Now().Add(75 * time.Second)
	s := h.serve("--backup-to", folder, "--backup-at", at.Format("15:04"))
	for late := at.Add(30 * time.Second); ; time.Sleep(time.Second) {
		if found, err := filepath.Glob(filepath.Join(folder, "adili-*-open.adili")); err != nil || len(found) == 1 {
			break
		}
		if time.Now().After(late) {
			_, _, log := s.stop()
			t.Fatalf("no backup:\n%s", log)
		}
	}
	all, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("%v, %v", all, err)
	}
	if n := h.restored(all[0], "").accepted(); n != 0 {
		t.Errorf("%d answers", n)
	}
}
