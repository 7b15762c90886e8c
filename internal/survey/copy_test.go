package survey

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/paper"
	"adili/internal/survey/vault"
	"adili/internal/testkit/dbtest"
)

// A backup has the answers of both nodes in one file each, together with a
// state of the database to which they belong. From there it goes on, on one
// machine or on several; a node that still has its old files does not add them.
func TestCopyOfTwoNodes(t *testing.T) {
	for _, alone := range []bool{true, false} {
		c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
		a, b := c.nodes["a"].Service, c.nodes["b"].Service
		r, codes := openRound(t, a, 10)
		inA, inB := takes(t, a, r.ID), takes(t, b, r.ID)
		for i, invitation := range codes[form.Official][:10] {
			if i%2 == 0 {
				submit(t, a, inA, filled(t, inA, invitation, "3"))
			} else {
				submit(t, b, inB, filled(t, inB, invitation, "3"))
			}
		}
		both := filled(t, inA, codes[form.Official][10], "3")
		submit(t, a, inA, both)
		submit(t, b, inB, twin(t, inA, inB, both))
		folder := filepath.Join(t.TempDir(), "restored")
		var used int
		missing, err := a.Copy(t.Context(), into(t, folder), func() error {
			return c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM code WHERE state = 2").Scan(&used)
		})
		if err != nil || len(missing) != 0 || used != 11 {
			t.Fatalf("%d codes used, missing %v, %v", used, missing, err)
		}
		submit(t, b, inB, filled(t, inB, codes[form.Official][12], "3")) // they go on
		for _, name := range c.inStore() {
			if strings.HasPrefix(name, "copy/") {
				t.Errorf("left in the shared store: %s", name)
			}
		}
		c.stop("a")
		c.stop("b")
		forgetBoxes(t, c.db) // these tables are in no backup
		c.folder["a"] = filepath.Join(folder, "rounds")
		if alone {
			a, _ = newServiceIn(t, c.db, c.folder["a"])
		} else {
			b = c.start("b")
			if _, err := b.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Unavailable {
				t.Errorf("a node with its old files: %v, want unavailable", err)
			}
			a = c.start("a")
		}
		in := takes(t, a, r.ID)
		submit(t, a, in, twin(t, inA, in, both))
		if n := len(responses(t, a, r.ID)[form.Official]); n != 11 {
			t.Errorf("%d answers after restoring, want 11", n)
		}
	}
}

// into writes a copy's files into a folder.
func into(t testing.TB, folder string) func(name string, size int64, r io.Reader) error {
	return func(name string, size int64, r io.Reader) error {
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if int64(len(data)) != size {
			t.Errorf("%s has %d bytes, not %d", name, len(data), size)
		}
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return os.WriteFile(path, data, 0o600)
	}
}

// A node that stands still keeps a backup waiting for a while only, and is
// named.
func TestCopyNamesNodesThatDoNotAnswer(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, _ := openRound(t, a, 3)
	takes(t, b, r.ID)
	c.nodes["b"].stop()
	<-c.nodes["b"].done
	a.pace.ask = 100 * time.Millisecond
	missing, err := a.Copy(t.Context(), func(string, int64, io.Reader) error { return nil }, func() error { return nil })
	if err != nil || !slices.Equal(missing, []string{"b"}) {
		t.Errorf("missing %v, %v; want b", missing, err)
	}
}

// A node that held still too long goes on, and then is not believed.
func TestNodeThatWaitedTooLongIsMissing(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, codes := openRound(t, a, 3)
	inB := takes(t, b, r.ID)
	c.nodes["b"].stop()
	<-c.nodes["b"].done
	b.pace.hold = 50 * time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		b.Watch(ctx)
		close(done)
	}()
	defer func() { cancel(); <-done }()
	missing, err := a.Copy(t.Context(), func(string, int64, io.Reader) error { return nil }, func() error {
		return b.Submit(t.Context(), inB, filled(t, inB, codes[form.Official][0], "2")) // waits until b goes on
	})
	if err != nil || !slices.Equal(missing, []string{"b"}) {
		t.Errorf("missing %v, %v; want b", missing, err)
	}
}

// Backups made while answers stream into both nodes have every answer whose
// code is used in them, and none whose code is free.
func TestCopyDuringIntakeHoldsTogether(t *testing.T) {
	for _, names := range [][]string{{}, {"a", "b"}} {
		c := newCluster(t, dbtest.Postgres(t, migrateAll), names...)
		var services []*Service
		for _, name := range names {
			services = append(services, c.nodes[name].Service)
		}
		if len(names) == 0 {
			alone, _ := newService(t, c.db)
			services = append(services, alone)
		}
		r, codes := openRound(t, services[0], 60)
		var all sync.WaitGroup
		var sent atomic.Int32
		for i, s := range services {
			in := takes(t, s, r.ID)
			var forms []*paper.Draft
			for n := i; n < 120; n += len(services) {
				forms = append(forms, filled(t, in, codes[form.Official][n], "3"))
			}
			all.Go(func() {
				for _, d := range forms {
					if err := s.Submit(context.Background(), in, d); err != nil {
						t.Error(err)
					}
					sent.Add(1)
				}
			})
		}
		for sent.Load() < 120 {
			checkCopy(t, c, services[0], r.ID)
		}
		all.Wait()
		if n := checkCopy(t, c, services[0], r.ID); n != 120 {
			t.Errorf("%d answers in the last backup, want 120", n)
		}
	}
}

func checkCopy(t *testing.T, c *cluster, s *Service, round string) int {
	t.Helper()
	folder := t.TempDir()
	var used, promised int
	missing, err := s.Copy(t.Context(), into(t, folder), func() error {
		return c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FILTER (WHERE state = 2), COUNT(*) FILTER (WHERE state > 0) FROM code").Scan(&used, &promised)
	})
	if err != nil || len(missing) > 0 {
		t.Fatalf("missing %v, %v", missing, err)
	}
	var answers ballot.Collection
	if err := answers.AddFile(filepath.Join(folder, "rounds", round, vault.AnswerFile)); err != nil {
		t.Fatal(err)
	}
	if n := answers.Len(); n < used || n > promised {
		t.Errorf("%d answers in the backup, but %d codes used and %d promised", n, used, promised)
	}
	return answers.Len()
}

// The files of a closed round are in a backup too.
func TestCopyOfAClosedRound(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, codes := openRound(t, s, 3)
	in := takes(t, s, r.ID)
	submit(t, s, in, filled(t, in, codes[form.Official][0], "3"))
	responses(t, s, r.ID)
	var names []string
	_, err := s.Copy(t.Context(), func(name string, _ int64, _ io.Reader) error {
		names = append(names, name)
		return nil
	}, func() error { return nil })
	if err != nil || len(names) != 2 || names[0] != "rounds/"+r.ID+"/answers.closed" || names[1] != "rounds/"+r.ID+"/opinions.json" {
		t.Errorf("%v, %v", names, err)
	}
	failed := errors.New("no snapshot")
	if _, err := s.Copy(t.Context(), nil, func() error { return failed }); !errors.Is(err, failed) {
		t.Errorf("without a snapshot: %v", err)
	}
}

// forgetBoxes empties the tables that are in no backup.
func forgetBoxes(t *testing.T, db *storage.DB) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		if _, err := tx.ExecContext(t.Context(), "DELETE FROM copy_request"); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), "DELETE FROM answer_box")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
