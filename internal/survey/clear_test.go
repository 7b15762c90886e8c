package survey

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// A backup that is being written keeps SQLite from giving old pages up. What
// was closed or deleted meanwhile is closed or deleted, and Watch clears away
// what is left of it.
func TestClearingAwayIsFinishedAfterABackup(t *testing.T) {
	for name, run := range map[string]func(t *testing.T, s *Service) (trace string, act func() error, left func(id string) bool){
		"closed":  closesDuringBackup,
		"deleted": deletesDuringBackup,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "adili.db")
			db, err := storage.Open(t.Context(), "sqlite:"+path)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			if err := migrateAll(t.Context(), db); err != nil {
				t.Fatal(err)
			}
			s, _ := newService(t, db)
			s.pace.minute = 20 * time.Millisecond
			trace, act, left := run(t, s)
			holds := func() bool {
				for _, name := range []string{path, path + "-wal"} {
					data, err := os.ReadFile(name)
					if err != nil && !errors.Is(err, fs.ErrNotExist) {
						t.Fatal(err)
					}
					if bytes.Contains(data, []byte(trace)) {
						return true
					}
				}
				return false
			}
			err = db.Snapshot(t.Context(), func(q storage.Querier) error {
				if _, err := loadRounds(t.Context(), q); err != nil { // the snapshot begins
					return err
				}
				return act()
			})
			if err != nil {
				t.Fatalf("while a backup reads: %v", err)
			}
			if !holds() && !left(trace) {
				t.Error("nothing was left to clear away: this test proves nothing")
			}
			ctx, stop := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				s.Watch(ctx)
				close(done)
			}()
			for end := time.Now().Add(20 * time.Second); (holds() || left(trace)) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
			}
			stop()
			<-done
			if holds() || left(trace) {
				t.Error("it was not cleared away")
			}
		})
	}
}

func closesDuringBackup(t *testing.T, s *Service) (string, func() error, func(string) bool) {
	r, codes := openRound(t, s, 3)
	in := takes(t, s, r.ID)
	submit(t, s, in, filled(t, in, codes[form.Official][0], "3"))
	act := func() error {
		if err := s.CloseRound(t.Context(), testManager, r.ID, testPassphrase); err != nil {
			return err
		}
		if _, err := s.Closed(t.Context(), testManager, r.ID); err != nil {
			return err
		}
		err := s.CloseRound(t.Context(), testManager, r.ID, testPassphrase)
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("closing what is closed: %v", err)
		}
		return nil
	}
	return codes[form.Official][0].Selector(), act, func(string) bool { return !s.files.Cleared(r.ID) }
}

func deletesDuringBackup(t *testing.T, s *Service) (string, func() error, func(string) bool) {
	r := readyDraft(t, s)
	pilot := mustPilot(t, s, r.ID)
	act := func() error { return s.EndPilot(t.Context(), testManager, r.ID) }
	return `"pilot_of":"` + pilot.PilotOf, act, func(string) bool {
		_, err := os.Stat(filepath.Join(s.files.Folder(""), ".scrub"))
		return err == nil
	}
}
