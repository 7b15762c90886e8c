package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/pgtest"
)

// engines runs f with the address of a fresh database on each engine; empty is SQLite in the data folder.
func engines(t *testing.T, f func(t *testing.T, database func() string)) {
	t.Run(storage.SQLite, func(t *testing.T) { f(t, func() string { return "" }) })
	t.Run(storage.Postgres, func(t *testing.T) {
		f(t, func() string {
			return pgtest.Create(t, pgtest.URL(t), "t"+strings.ToLower(rand.Text()), "", false)
		})
	})
}

// withoutNote takes the note of the restore out of the rows.
func withoutNote(t *testing.T, p *place) string {
	t.Helper()
	p.open()
	entries, err := audit.Entries(t.Context(), p.db.Read(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	last := entries[len(entries)-1]
	if last.Action != "backup.restored" || last.Actor != audit.Console || last.Object != "2026-10-05T02:30:00Z" {
		t.Errorf("the audit trail ends with %v", last)
	}
	if _, err := audit.Verify(t.Context(), p.db.Read()); err != nil {
		t.Errorf("the audit trail is broken: %v", err)
	}
	p.stop()
	return dropLine(p.rows(), `"backup.restored"`)
}

// wantFiles fails if the files in the data folder are not those of the source.
func wantFiles(t *testing.T, data string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := fs.WalkDir(os.DirFS(data), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, databaseName) {
			return err
		}
		content, err := os.ReadFile(filepath.Join(data, name))
		if info, ierr := d.Info(); ierr == nil && info.Mode() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
		got[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Errorf("files %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

func TestRestoreIntoEmptyFolder(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		old := newPlace(t, database(), 500)
		if err := os.WriteFile(filepath.Join(old.data, "people.key"), []byte("a key file"), 0o600); err != nil {
			t.Fatal(err)
		}
		data := old.make(someFiles)
		want := dropLine(dropLine(old.rows(), `"backup.made"`), "a session")
		fresh := newPlace(t, database(), 0)
		r, err := fresh.target(false).Restore(t.Context(), from(data), identities(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Aside != "" || r.Count() != 1+500+167 || len(r.Files) != 4 {
			t.Errorf("report %+v", r)
		}
		if got := withoutNote(t, fresh); got != want {
			t.Errorf("restored %.3000s\nwant %.3000s", got, want)
		}
		all := maps.Clone(someFiles)
		all["people.key"] = "a key file"
		wantFiles(t, fresh.data, all)
	})
}

func dropLine(text, part string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if !strings.Contains(line, part) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// From one engine to the other and back nothing changes by a byte.
func TestRestoreOnTheOtherEngine(t *testing.T) {
	first := newPlace(t, "", 1000)
	second := newPlace(t, pgtest.Create(t, pgtest.URL(t), "t"+strings.ToLower(rand.Text()), "", false), 0)
	third := newPlace(t, "", 0)
	if _, err := second.target(false).Restore(t.Context(), from(first.make(someFiles)), identities(), nil); err != nil {
		t.Fatal(err)
	}
	second.open()
	if _, err := third.target(false).Restore(t.Context(), from(second.make(someFiles)), identities(), nil); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*place{second, third} {
		got, want := p.rows(), first.rows()
		for _, part := range []string{"a session", `"backup.made"`, `"backup.restored"`} {
			got, want = dropLine(got, part), dropLine(want, part)
		}
		if got != want {
			t.Errorf("restored:\n%.2000s\nwant:\n%.2000s", got, want)
		}
		wantFiles(t, p.data, someFiles)
	}
}

// An older backup gets the tables of today, a newer one is refused.
func TestRestoreOtherVersions(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		old := newPlace(t, database(), 0)
		old.open()
		old.db.MigrateUntil(map[string]int64{"audit": 1, "shelf": 1})
		if err := migrate(t.Context(), old.db); err != nil {
			t.Fatal(err)
		}
		if err := old.db.Write(t.Context(), func(tx storage.Querier) error {
			_, err := tx.ExecContext(t.Context(), "INSERT INTO book (id, lent, record) VALUES ('old', TRUE, '{}')")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		data := old.make(files{})
		fresh := newPlace(t, database(), 0)
		if _, err := fresh.target(false).Restore(t.Context(), from(data), identities(), nil); err != nil {
			t.Fatal(err)
		}
		if got := fresh.rows(); !strings.Contains(got, "shelf:2") || !strings.Contains(got, `["old",null,null,true,null,"{}","A"]`) {
			t.Errorf("restored %s", got)
		}
		newer := newPlace(t, database(), 1)
		data = newer.make(files{})
		target := newPlace(t, database(), 0).target(false)
		for name, m := range map[string]func(ctx context.Context, db *storage.DB) error{
			"an earlier version of a room": func(ctx context.Context, db *storage.DB) error {
				older := fstest.MapFS{"00001_book.sql": shelf["00001_book.sql"]}
				return errors.Join(audit.Migrate(ctx, db), storage.Migrate(ctx, db, "shelf", older))
			},
			"without a room": audit.Migrate,
		} {
			target.Migrate = m
			before := tree(t, target.Data)
			if _, err := target.Restore(t.Context(), from(data), identities(), nil); errKey(err) != "backup.newer" {
				t.Errorf("%s: %v", name, err)
			}
			if got := tree(t, target.Data); got != before {
				t.Errorf("%s: left behind %s", name, got)
			}
		}
	})
}

func errKey(err error) string {
	if e, ok := errs.Find(err); ok {
		return e.Key
	}
	return fmt.Sprint(err)
}

// With --replace the old data go aside, and come back by Undo; without, nothing is touched.
func TestReplaceAndUndo(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		source := newPlace(t, "", 30)
		data := source.make(someFiles)
		p := newPlace(t, database(), 7)
		p.stop()
		for name, content := range map[string]string{"rounds/round_9/answers.box": "old answers", "people.key": "old key", "acme/account": "stays", "lock": ""} {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(p.data, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(p.data, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		oldRows, oldTree := p.rows(), tree(t, p.data)
		if _, err := p.target(false).Restore(t.Context(), from(data), identities(), nil); errKey(err) != "backup.not_empty" {
			t.Errorf("without replace: %v", err)
		}
		no := errors.New("the operator said no")
		if _, err := p.target(true).Restore(t.Context(), from(data), identities(), func(Report) error { return no }); !errors.Is(err, no) {
			t.Errorf("not agreed: %v", err)
		}
		if p.rows() != oldRows || tree(t, p.data) != oldTree {
			t.Fatalf("what was there has changed: %s", tree(t, p.data))
		}
		r, err := p.target(true).Restore(t.Context(), from(data), identities(), nil)
		if err != nil || r.Aside != "before-restore-20261005t033000z" {
			t.Fatalf("aside %q, %v", r.Aside, err)
		}
		if got := p.rows(); !strings.Contains(got, "book-000029") {
			t.Error("the backup's rows are not there")
		}
		for name, want := range map[string]string{
			"rounds/round_1/form.key": "key", "acme/account": "stays",
			r.Aside + "/rounds/round_9/answers.box": "old answers", r.Aside + "/people.key": "old key", // the backup had none
		} {
			if got, err := os.ReadFile(filepath.Join(p.data, name)); err != nil || string(got) != want {
				t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
			}
		}
		if _, err := os.Stat(filepath.Join(p.data, "people.key")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the key of other data is in use: %v", err)
		}
		back, aside, err := p.target(true).Undo(t.Context())
		if err != nil || back != r.Aside || aside != "before-restore-20261005t033001z" {
			t.Fatalf("undone %q %q, %v", back, aside, err)
		}
		if got := p.rows(); got != oldRows {
			t.Errorf("after undoing:\n%.1000s\nwant:\n%.1000s", got, oldRows)
		}
		if err := os.Rename(filepath.Join(p.data, aside), filepath.Join(t.TempDir(), "x")); err != nil {
			t.Fatal(err)
		}
		if got := tree(t, p.data); got != oldTree {
			t.Errorf("after undoing:\n%s\nwant:\n%s", got, oldTree)
		}
		if _, _, err := p.target(true).Undo(t.Context()); errKey(err) != "backup.nothing_aside" {
			t.Errorf("nothing to undo: %v", err)
		}
	})
}

// However a restore fails, what was there is as it was, and the next one works.
func TestInterruptedRestore(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		data := newPlace(t, "", 3000).make(someFiles)
		p := newPlace(t, database(), 7)
		p.stop()
		oldRows, oldTree := p.rows(), tree(t, p.data)
		reads := 0
		stopping := func(at int, err error) Open {
			reads = 0
			return func(context.Context) (io.ReadCloser, error) {
				if reads++; reads < 2 {
					return io.NopCloser(bytes.NewReader(data)), nil
				}
				return io.NopCloser(io.MultiReader(bytes.NewReader(data[:at]), &broken{err})), nil
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		for name, f := range map[string]func() error{
			"cut off the second time": func() error {
				_, err := p.target(true).Restore(t.Context(), stopping(len(data)/2, io.EOF), identities(), nil)
				return err
			},
			"unreadable the second time": func() error {
				_, err := p.target(true).Restore(t.Context(), stopping(len(data)-100, errors.New("EIO")), identities(), nil)
				return err
			},
			"stopped by the operator": func() error {
				defer cancel()
				_, err := p.target(true).Restore(ctx, func(context.Context) (io.ReadCloser, error) {
					if reads++; reads > 2 {
						return io.NopCloser(&cancels{bytes.NewReader(data), len(data) / 2, cancel}), nil
					}
					return io.NopCloser(bytes.NewReader(data)), nil
				}, identities(), nil)
				return err
			},
			"another backup the second time": func() error {
				other := newPlace(t, "", 3).make(someFiles)
				reads = 0
				_, err := p.target(true).Restore(t.Context(), func(context.Context) (io.ReadCloser, error) {
					if reads++; reads > 1 {
						return io.NopCloser(bytes.NewReader(other)), nil
					}
					return io.NopCloser(bytes.NewReader(data)), nil
				}, identities(), nil)
				return err
			},
			"migrations fail": func() error {
				target := p.target(true)
				target.Migrate = func(context.Context, *storage.DB) error { return errors.New("no") }
				_, err := target.Restore(t.Context(), from(data), identities(), nil)
				return err
			},
		} {
			reads = 1
			if err := f(); err == nil {
				t.Errorf("%s: no error", name)
			}
			if p.rows() != oldRows || tree(t, p.data) != oldTree {
				t.Fatalf("%s: what was there has changed:\n%s", name, tree(t, p.data))
			}
			if p.database != "" {
				p.open()
				if left, err := p.db.Schemas(t.Context(), stageSchema); err != nil || len(left) > 0 {
					t.Errorf("%s: left behind %v, %v", name, left, err)
				}
				p.stop()
			}
		}
		if _, err := p.target(true).Restore(t.Context(), from(data), identities(), nil); err != nil {
			t.Error(err)
		}
	})
}

type broken struct{ err error }

func (b *broken) Read([]byte) (int, error) { return 0, b.err }

// cancels ends the context after so many bytes.
type cancels struct {
	r      io.Reader
	left   int
	cancel func()
}

func (c *cancels) Read(p []byte) (int, error) {
	n, err := c.r.Read(p[:min(len(p), 1000)])
	if c.left -= n; c.left < 0 {
		c.cancel()
	}
	return n, err
}

// A crash at any point of a restore leaves the old data, or, once the exchange has begun, ends with the new.
func TestCrashDuringRestore(t *testing.T) {
	engines(t, func(t *testing.T, database func() string) {
		data := newPlace(t, "", 30).make(someFiles)
		for steps := 0; ; steps++ {
			p := newPlace(t, database(), 7)
			p.stop()
			if err := os.MkdirAll(filepath.Join(p.data, "rounds/round_9"), 0o700); err != nil {
				t.Fatal(err)
			}
			oldRows := p.rows()
			done := crash(t, p, data, steps)
			if err := Complete(t.Context(), p.data, p.database); err != nil {
				t.Fatalf("after %d steps: %v", steps, err)
			}
			got, want := p.rows(), "book-000029"
			_, newErr := os.Stat(filepath.Join(p.data, "rounds/round_1/form.key"))
			_, oldErr := os.Stat(filepath.Join(p.data, "rounds/round_9"))
			if steps == 0 {
				want = oldRows
				newErr, oldErr = oldErr, newErr
			}
			if !strings.Contains(got, want) || newErr != nil || oldErr == nil {
				t.Errorf("after %d steps: %.500s\n%s", steps, got, tree(t, p.data))
			}
			for _, name := range []string{stageName, journalName} {
				if _, err := os.Stat(filepath.Join(p.data, name)); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("after %d steps %s is left (%v)", steps, name, err)
				}
			}
			if steps > 0 {
				if _, _, err := p.target(true).Undo(t.Context()); err != nil || p.rows() != oldRows {
					t.Errorf("after %d steps the old data do not come back: %v", steps, err)
				}
			}
			if done {
				return
			}
		}
	})
}

// crash runs a restore up to a point: 0 is before the journal, 1 after it, then after each step of the exchange. It
// reports whether there are no more points.
func crash(t *testing.T, p *place, data []byte, steps int) (done bool) {
	t.Helper()
	target := p.target(true)
	s, err := Verify(t.Context(), from(data), identities())
	if err != nil {
		t.Fatal(err)
	}
	staged, err := target.stage(t.Context(), from(data), identities(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := staged.Close(); err != nil {
		t.Fatal(err)
	}
	if steps == 0 {
		return false
	}
	// The exchange stops at a wall: the journal is all it leaves.
	j := journal{From: stageName, In: []string{databaseName, "rounds"}, Out: []string{databaseName, "rounds"}, Aside: asideFolder + "20260101t000000z"}
	if p.database != "" {
		j.In, j.Out = []string{"rounds"}, []string{"rounds"}
		j.FromSchema, j.AsideSchema = stageSchema, asideSchema+"20260101t000000z"
	}
	if err := target.note(&j); err != nil {
		t.Fatal(err)
	}
	points := []func() error{}
	for _, name := range j.Out {
		points = append(points, func() error { return move(p.data, "", j.Aside, name) })
	}
	for _, name := range j.In {
		points = append(points, func() error { return move(p.data, j.From, "", name) })
	}
	if p.database != "" {
		points = append(points, func() error { return j.swap(t.Context(), p.database) })
	}
	points = append(points, func() error { return os.RemoveAll(filepath.Join(p.data, j.From)) })
	for i, f := range points {
		if i >= steps-1 {
			return false
		}
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// A server at work on the database is noticed.
func TestRestoreRefusesWhileInUse(t *testing.T) {
	p := newPlace(t, pgtest.Create(t, pgtest.URL(t), "t"+strings.ToLower(rand.Text()), "", false), 7)
	data := p.make(someFiles) // and goes on
	if _, err := p.target(true).Restore(t.Context(), from(data), identities(), nil); errKey(err) != "backup.in_use" {
		t.Errorf("restored under a running server: %v", err)
	}
}

func TestAlone(t *testing.T) {
	const database = "postgres://elsewhere"
	data := t.TempDir()
	for _, step := range []struct {
		make          func() error
		here, foreign bool // refused on SQLite, on PostgreSQL
	}{
		{func() error { return nil }, false, false},
		{func() error { return os.Mkdir(filepath.Join(data, "rounds"), 0o700) }, false, false},
		{func() error { return os.WriteFile(filepath.Join(data, "adili.db"), nil, 0o600) }, false, true},
		{func() error { return os.Mkdir(filepath.Join(data, "rounds", "r_1"), 0o700) }, true, true},
		{func() error { return os.Remove(filepath.Join(data, "adili.db")) }, true, true},
	} {
		if err := step.make(); err != nil {
			t.Fatal(err)
		}
		here, foreign := Alone(data, ""), Alone(data, database)
		if (here != nil) != step.here || (foreign != nil) != step.foreign {
			t.Errorf("%+v: %v; %v", step, here, foreign)
		}
	}
}
