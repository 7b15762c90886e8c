package survey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
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

// A backup of an open round is as large as the round's files, and its codes
// take as much room, however many answers there are.
func TestCopyIsAsLargeWhateverWasAnswered(t *testing.T) {
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
		s := services[0]
		r, codes := openRound(t, s, 20)
		if _, err := s.MakeCodes(t.Context(), testManager, r.ID, form.Official, code.ByLink, map[int]int{1: 1}); err != nil { // after the files were made
			t.Fatal(err)
		}
		live, err := os.Stat(filepath.Join(s.files.Folder(r.ID), vault.AnswerFile))
		if err != nil {
			t.Fatal(err)
		}
		var first map[string]int64
		for n := range 4 {
			for i, s := range services {
				if in := takes(t, s, r.ID); n > 0 {
					submit(t, s, in, filled(t, in, codes[form.Official][2*n+i], "3"))
				}
			}
			sizes := map[string]int64{}
			put := func(name string, size int64, _ io.Reader) error {
				sizes[filepath.Base(name)] = size
				return nil
			}
			if missing, err := s.Copy(t.Context(), put, func() error { return nil }); err != nil || len(missing) > 0 {
				t.Fatalf("missing %v, %v", missing, err)
			}
			if first == nil {
				first = sizes
			}
			if !maps.Equal(sizes, first) || sizes[vault.AnswerFile] != live.Size() {
				t.Errorf("%d nodes, %d answers each: %v, want %v, answers as in the live file: %d", len(names), n, sizes, first, live.Size())
			}
		}
		if len(names) > 0 {
			var lengths int
			if err := c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(DISTINCT COALESCE(LENGTH(pending), 0)) FROM code").Scan(&lengths); err != nil || lengths != 1 {
				t.Errorf("%d lengths of rows of codes, want one (%v)", lengths, err)
			}
		}
	}
}

// What a backup had ready is overwritten, also what a crash left of it.
func TestStagedFilesAreOverwritten(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, codes := openRound(t, s, 3)
	in := takes(t, s, r.ID)
	submit(t, s, in, filled(t, in, codes[form.Official][0], "3"))
	root, kept := s.files.Folder(""), t.TempDir()
	keep := func(dir string) (links []string) { // another name for each file shows what becomes of it
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			links = append(links, filepath.Join(kept, filepath.Base(path)))
			return os.Link(path, links[len(links)-1])
		})
		if err != nil || len(links) == 0 {
			t.Fatal(links, err)
		}
		return links
	}
	blank := func(links []string) {
		t.Helper()
		for _, link := range links {
			data, err := os.ReadFile(link)
			if err != nil || len(data) == 0 || len(bytes.Trim(data, "\x00")) > 0 {
				t.Errorf("%s, %d bytes, is not overwritten (%v)", filepath.Base(link), len(data), err)
			}
			os.Remove(link)
		}
	}
	var links []string
	put := func(string, int64, io.Reader) error {
		if links == nil {
			dirs, err := filepath.Glob(filepath.Join(root, ".copy-*"))
			if err != nil || len(dirs) != 1 {
				t.Fatal(dirs, err)
			}
			links = keep(dirs[0])
		}
		return nil
	}
	if _, err := s.Copy(t.Context(), put, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	blank(links)
	left := filepath.Join(root, ".copy-123", r.ID)
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, vault.AnswerFile), []byte("sealed"), 0o600); err != nil {
		t.Fatal(err)
	}
	links = keep(filepath.Dir(left))
	s.Close()
	newServiceIn(t, s.db, root)
	blank(links)
	if _, err := os.Stat(filepath.Dir(left)); !os.IsNotExist(err) {
		t.Errorf("the folder: %v", err)
	}
}

// A node that was started before the restored one keeps its place: what it has
// acknowledged is counted together with what was restored.
func TestNodeThatStartsBeforeTheRestoredOne(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a")
	a := c.nodes["a"].Service
	r, codes := openRound(t, a, 10)
	in := takes(t, a, r.ID)
	for _, invitation := range codes[form.Official][:4] {
		submit(t, a, in, filled(t, in, invitation, "3"))
	}
	folder := filepath.Join(t.TempDir(), "restored")
	if _, err := a.Copy(t.Context(), into(t, folder), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	c.stop("a")
	forgetBoxes(t, c.db)
	c.folder["a"] = filepath.Join(folder, "rounds")
	b := c.start("b") // finds the keys in the store that was not emptied
	in = takes(t, b, r.ID)
	for _, invitation := range codes[form.Official][4:7] {
		submit(t, b, in, filled(t, in, invitation, "3"))
	}
	a = c.start("a")
	in = takes(t, a, r.ID)
	submit(t, a, in, filled(t, in, codes[form.Official][7], "3"))
	if n := len(responses(t, a, r.ID)[form.Official]); n != 8 {
		t.Errorf("%d answers, want 8: four restored, three of the early node, one since", n)
	}
}

// nodeInNeed is a service of node b on which a's wish for copies can be met by
// a store that fails or stands still.
func nodeInNeed(t *testing.T, open func(ctx context.Context) error) (c *cluster, b *Service, round string, in *Intake, codes []code.Code) {
	t.Helper()
	c = newCluster(t, dbtest.Postgres(t, migrateAll), "a")
	a := c.nodes["a"].Service
	r, made := openRound(t, a, 10)
	b = c.node("b")
	store, err := blob.Open(c.shared, blob.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Join("b", &tiredStore{Store: store, before: open}); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return c, b, r.ID, takes(t, b, r.ID), made[form.Official]
}

// tiredStore does something before it takes a copy.
type tiredStore struct {
	blob.Store
	before func(ctx context.Context) error
}

func (s *tiredStore) Put(ctx context.Context, name string, r io.Reader, size int64) error {
	if strings.HasPrefix(name, "copy/") {
		if err := s.before(ctx); err != nil {
			return err
		}
	}
	return s.Store.Put(ctx, name, r, size)
}

// A node whose store stands still holds answers back no longer than it may.
func TestHoldIsBounded(t *testing.T) {
	c, b, _, in, codes := nodeInNeed(t, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	b.pace.hold = 100 * time.Millisecond
	asked := make(chan error, 1)
	go func() {
		missing, err := c.nodes["a"].Copy(context.Background(), func(string, int64, io.Reader) error { return nil }, func() error { return nil })
		if !slices.Equal(missing, []string{"b"}) {
			err = errors.Join(err, errors.New("b is not missing"))
		}
		asked <- err
	}()
	c.eventually("the wish is seen, and given up", func() bool {
		begun := time.Now()
		err := b.tend(t.Context())
		if held := time.Since(begun); held > quickPace.ask/2 {
			t.Errorf("answers were held back for %s", held)
		}
		return err != nil
	})
	submit(t, b, in, filled(t, in, codes[0], "3"))
	if err := <-asked; err != nil {
		t.Error(err)
	}
}

// A node that is stopped while it holds still goes on only once the database
// says so: until then the other side counts on it.
func TestNodeGoesOnOnlyWhenThatIsKnown(t *testing.T) {
	c, b, _, in, _ := nodeInNeed(t, func(context.Context) error { return nil })
	a := c.nodes["a"].Service
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	released := make(chan string, 1)
	hold := func() func(bool) {
		return func(goOn bool) {
			var state string
			err := c.db.Read().QueryRowContext(context.Background(), "SELECT state FROM copy_request WHERE node = 'b'").Scan(&state)
			released <- fmt.Sprintf("%s %v %v", state, goOn, err)
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil && len(released) == 0 {
			_ = b.files.Answer(ctx, 15*time.Second, hold) // says that it was stopped
		}
	}()
	asked, err := a.files.Ask(t.Context(), 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	stop() // it is ready, and is stopped now
	<-done
	if got := <-released; got != "resumed true <nil>" {
		t.Errorf("released as %s", got)
	}
	if missing, err := a.files.Finish(t.Context(), asked); err != nil || !slices.Equal(missing, []string{"b"}) {
		t.Errorf("missing %v, %v; want b", missing, err)
	}
	release := in.Hold() // where the database could not be told
	release(false)
	if _, ok := in.Enter(); ok {
		t.Error("a node that could not say that it goes on takes an answer")
	}
}

// A node that answers after the other side has stopped waiting holds still too
// late, and is missing.
func TestNodeThatAnswersTooLateIsMissing(t *testing.T) {
	c, b, _, _, _ := nodeInNeed(t, func(context.Context) error { return nil })
	a := c.nodes["a"].Service
	asked, err := a.files.Ask(t.Context(), 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.files.Answer(t.Context(), 50*time.Millisecond, b.holdStill); err != nil {
		t.Fatal(err)
	}
	if missing, err := a.files.Finish(t.Context(), asked); err != nil || !slices.Equal(missing, []string{"b"}) {
		t.Errorf("missing %v, %v; want b", missing, err)
	}
}
