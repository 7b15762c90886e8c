package storage_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const migration = `-- +goose Up
CREATE TABLE thing (
	id TEXT PRIMARY KEY,
	size BIGINT NOT NULL,
	weight DOUBLE PRECISION NOT NULL,
	good BOOLEAN NOT NULL CHECK (good IN (TRUE, FALSE)),
	record JSONB NOT NULL,
	seal BYTEA NOT NULL,
	parent TEXT REFERENCES thing (id)
);
`

func migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "thing", fstest.MapFS{"migration/00001_thing.sql": {Data: []byte(migration)}})
}

type thing struct {
	ID     string
	Size   int64
	Weight float64
	Good   bool
	Record string
	Seal   []byte
	Parent *string
}

func scanThing(row storage.Row) (x thing, err error) {
	err = row.Scan(&x.ID, &x.Size, &x.Weight, &x.Good, &x.Record, &x.Seal, &x.Parent)
	return x, err
}

const selectThing = "SELECT id, size, weight, good, COALESCE(record ->> 'a', ''), seal, parent FROM thing"

func insert(ctx context.Context, q storage.Querier, x thing) error {
	_, err := q.ExecContext(ctx, "INSERT INTO thing (id, size, weight, good, record, seal, parent) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		x.ID, x.Size, x.Weight, x.Good, x.Record, x.Seal, x.Parent)
	return err
}

// put writes one thing in a transaction of its own.
func put(ctx context.Context, db *storage.DB, id string) error {
	return db.Write(ctx, func(tx storage.Querier) error {
		return insert(ctx, tx, thing{ID: id, Record: "{}", Seal: []byte{0}})
	})
}

func ids(t *testing.T, db *storage.DB) string {
	t.Helper()
	all, err := storage.All(t.Context(), db.Read(), func(row storage.Row) (id string, err error) {
		return id, row.Scan(&id)
	}, "SELECT id FROM thing ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func TestValuesComeBackUnchanged(t *testing.T) {
	parent := "Ärger"
	want := []thing{
		{ID: "z", Size: math.MaxInt64, Weight: 0.1, Good: true, Record: `{"a": "ж", "b": [1]}`, Seal: []byte{0, 255, 1}},
		{ID: parent, Size: math.MinInt64, Weight: -1e300, Record: `{"a": "x"}`, Seal: []byte{}},
		{ID: "日本", Record: `{"a": ""}`, Seal: []byte("text"), Parent: &parent},
	}
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		err := db.Write(ctx, func(tx storage.Querier) error {
			for _, x := range want {
				if err := insert(ctx, tx, x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := storage.All(ctx, db.Read(), scanThing, selectThing+" ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		read := append([]thing(nil), want...)
		read[0].Record, read[1].Record, read[2].Record = "ж", "x", ""
		if diff := cmp.Diff(read, got, cmpopts.EquateEmpty()); diff != "" { // code point order: z, Ä, 日
			t.Error(diff)
		}
		one, err := storage.One(ctx, db.Read(), scanThing, selectThing+" WHERE id = $1", parent)
		if err != nil || one.ID != parent {
			t.Errorf("One = %v, %v", one, err)
		}
	})
}

func TestErrorsHaveTheirKinds(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		if err := put(ctx, db, "a"); err != nil {
			t.Fatal(err)
		}
		if err := put(ctx, db, "a"); !storage.IsConflict(err) || storage.IsMissing(err) {
			t.Errorf("the second insert gives %v, want a conflict", err)
		}
		_, err := storage.One(ctx, db.Read(), scanThing, selectThing+" WHERE id = $1", "b")
		if !storage.IsMissing(err) || errs.KindOf(err) != errs.NotFound || storage.IsConflict(err) {
			t.Errorf("a missing row gives %v", err)
		}
		missing := "b"
		err = db.Write(ctx, func(tx storage.Querier) error {
			return insert(ctx, tx, thing{ID: "c", Record: "{}", Seal: []byte{}, Parent: &missing})
		})
		if err == nil || storage.IsConflict(err) {
			t.Errorf("a parent that is not there gives %v", err)
		}
		if _, err := db.Read().ExecContext(ctx, "DELETE FROM thing"); err == nil || errs.KindOf(err) != errs.Internal {
			t.Errorf("writing through the reading side gives %v", err)
		}
		if storage.IsMissing(nil) || storage.IsConflict(nil) {
			t.Error("nil is an error")
		}
		if got := ids(t, db); got != "a" {
			t.Errorf("stored: %s", got)
		}
	})
}

func TestWriteIsAllOrNothing(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		wrong := errs.New(errs.Invalid, "x")
		err := db.Write(ctx, func(tx storage.Querier) error {
			if err := insert(ctx, tx, thing{ID: "a", Record: "{}", Seal: []byte{}}); err != nil {
				return err
			}
			return wrong
		})
		if !errors.Is(err, wrong) {
			t.Errorf("Write = %v", err)
		}
		func() {
			defer func() { recover() }()
			db.Write(ctx, func(tx storage.Querier) error {
				if err := insert(ctx, tx, thing{ID: "b", Record: "{}", Seal: []byte{}}); err != nil {
					t.Error(err)
				}
				panic("on purpose")
			})
		}()
		if got := ids(t, db); got != "" {
			t.Errorf("stored: %s", got)
		}
		if err := put(ctx, db, "c"); err != nil {
			t.Errorf("after a panic: %v", err)
		}
	})
}

// Each transaction reads what the others wrote: without serialisation and retries some of the additions would be lost.
func TestWritesBehaveAsIfOneAfterTheOther(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		if err := put(ctx, db, "counter"); err != nil {
			t.Fatal(err)
		}
		const writers, times = 8, 10
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range times {
					err := db.Write(ctx, func(tx storage.Querier) error { return addOne(ctx, tx, fmt.Sprintf("%d-%d", w, i)) })
					if err != nil {
						t.Errorf("writer %d: %v", w, err)
					}
				}
			})
		}
		all.Wait()
		got, err := storage.One(ctx, db.Read(), scanThing, selectThing+" WHERE id = 'counter'")
		if err != nil || got.Size != writers*times {
			t.Errorf("counted %d, %v; want %d", got.Size, err, writers*times)
		}
		if n := len(strings.Fields(ids(t, db))); n != writers*times+1 {
			t.Errorf("%d rows, want %d", n, writers*times+1)
		}
	})
}

func addOne(ctx context.Context, tx storage.Querier, id string) error {
	counter, err := storage.One(ctx, tx, scanThing, selectThing+" WHERE id = 'counter'")
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE thing SET size = $1 WHERE id = 'counter'", counter.Size+1); err != nil {
		return err
	}
	return insert(ctx, tx, thing{ID: id, Record: "{}", Seal: []byte{}})
}

func TestSnapshotStandsStill(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		count := func(q storage.Querier) (n int) {
			if err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM thing").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		err := db.Snapshot(ctx, func(q storage.Querier) error {
			before := count(q)
			if err := put(ctx, db, "a"); err != nil {
				return err
			}
			if after := count(q); before != 0 || after != 0 || count(db.Read()) != 1 {
				t.Errorf("counted %d, then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestMigrate(t *testing.T) {
	second := fstest.MapFS{
		"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id TEXT PRIMARY KEY);\n")},
		"00002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN size BIGINT;\nINSERT INTO nowhere (id) VALUES ('a');\n")},
	}
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		if err := migrate(ctx, db); err != nil {
			t.Errorf("a second time: %v", err)
		}
		if err := storage.Migrate(ctx, db, "other", second); err == nil {
			t.Fatal("a wrong migration passes")
		}
		if err := db.Check(ctx, "SELECT id FROM a"); err != nil {
			t.Errorf("the right file was not applied: %v", err)
		}
		if err := db.Check(ctx, "SELECT size FROM a"); err == nil {
			t.Error("the wrong file was applied in part")
		}
		second := fstest.MapFS{"00001_a.sql": second["00001_a.sql"], "00002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN size BIGINT;\n")}}
		if err := storage.Migrate(ctx, db, "other", second); err != nil {
			t.Errorf("the file put right: %v", err)
		}
		if err := storage.Migrate(ctx, db, "bad name", second); err == nil {
			t.Error("a bad room name passes")
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, address := range []string{"", "mysql://x", "sqlite:", "sqlite::memory:", "sqlite:/dev/null/x.db", "postgres://%zz"} {
		if db, err := storage.Open(t.Context(), address); err == nil {
			t.Errorf("Open(%q) works", address)
			db.Close()
		}
	}
}

// People who go away in the middle must leave neither a connection nor a transaction behind.
func TestCutOffWritesLeaveNothing(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		var all sync.WaitGroup
		for i := range 100 {
			ctx, cancel := context.WithCancel(t.Context())
			all.Go(func() {
				err := db.Write(ctx, func(tx storage.Querier) error {
					if err := insert(ctx, tx, thing{ID: fmt.Sprint(i), Record: "{}", Seal: []byte{}}); err != nil {
						return err
					}
					cancel()
					_, err := storage.All(ctx, tx, scanThing, selectThing)
					return err
				})
				if err == nil {
					t.Error("a cut-off Write reports success")
				}
			})
		}
		all.Wait()
		reader, writer := db.Pools()
		for end := time.Now().Add(5 * time.Second); writer.Stats().InUse > 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond) // database/sql rolls back in the background
		}
		if n := reader.Stats().InUse + writer.Stats().InUse; n != 0 {
			t.Errorf("%d connections still in use", n)
		}
		if got := ids(t, db); got != "" {
			t.Errorf("stored: %s", got)
		}
		if err := put(t.Context(), db, "later"); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
