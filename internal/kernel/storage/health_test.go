package storage_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/pgtest"
)

// eventually waits until what is asked for holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("still not: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func openPostgres(t *testing.T, address string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestReadOnlyPostgres(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{})
	db := openPostgres(t, pgtest.Create(t, server.URL(), "readonly", "", true))
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "a"); err != nil || !db.Writable() {
		t.Fatalf("put: %v, writable %v", err, db.Writable())
	}
	server.Execute(t, "ALTER SYSTEM SET default_transaction_read_only = on")
	server.Execute(t, "SELECT pg_reload_conf()")
	eventually(t, "a change is refused", func() bool { return put(t.Context(), db, "b") != nil })
	if err := put(t.Context(), db, "c"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("put: %v, want unavailable", err)
	}
	if db.Writable() {
		t.Error("it says that it takes changes")
	}
	if got := ids(t, db); !strings.HasPrefix(got, "a") {
		t.Errorf("read %q while read-only", got)
	}
	server.Execute(t, "ALTER SYSTEM RESET default_transaction_read_only")
	server.Execute(t, "SELECT pg_reload_conf()")
	eventually(t, "the probe finds that it takes changes", db.Writable)
	if err := put(t.Context(), db, "d"); err != nil {
		t.Error(err)
	}
}

func TestStoppedPostgres(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{})
	db := openPostgres(t, pgtest.Create(t, server.URL(), "stopped", "", true))
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, db)
	if db.Writable() {
		t.Error("it says that it takes changes")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the probe finds that it takes changes", db.Writable)
	if err := put(t.Context(), db, "a"); err != nil {
		t.Error(err)
	}
}

// With two servers in the address reading goes on from the standby while the primary is gone, and comes back to it.
func TestStandbyIsReadWhileThePrimaryIsGone(t *testing.T) {
	primary := pgtest.New(t, pgtest.Options{Replicated: true})
	address := pgtest.Create(t, primary.URL(), "pair", "", true)
	standby := primary.Standby(t)
	db := openPostgres(t, pgtest.Both(t, address, standby))
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, db); got != "a" { // at once: from the primary
		t.Errorf("read %q", got)
	}
	replica := readStandby(t, address, standby)
	eventually(t, "the standby has it", func() bool { return replica() == "a" })
	if err := primary.Stop(); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, db); got != "a" {
		t.Errorf("read %q without the primary", got)
	}
	if db.Writable() {
		t.Error("it says that it takes changes")
	}
	if err := put(t.Context(), db, "b"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("put: %v, want unavailable", err)
	}
	if err := primary.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the probe finds the primary", db.Writable)
	if err := put(t.Context(), db, "c"); err != nil {
		t.Fatal(err)
	}
	if got := ids(t, db); got != "a c" { // at once: from the primary again
		t.Errorf("read %q with the primary back", got)
	}
	// The standby takes over.
	if err := primary.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "d"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("put: %v, want unavailable", err)
	}
	standby.Execute(t, "SELECT pg_promote()")
	eventually(t, "the probe finds the new primary", db.Writable)
	if err := put(t.Context(), db, "e"); err != nil {
		t.Error(err)
	}
	if got := ids(t, db); !strings.HasSuffix(got, "e") {
		t.Errorf("read %q from the new primary", got)
	}
}

// readStandby reads the things on the standby alone.
func readStandby(t *testing.T, address string, standby *pgtest.Server) func() string {
	t.Helper()
	db := openPostgres(t, standby.Address(t, address))
	return func() string {
		all, err := storage.All(t.Context(), db.Read(), func(row storage.Row) (id string, err error) { return id, row.Scan(&id) }, "SELECT id FROM thing ORDER BY id")
		if err != nil {
			return err.Error()
		}
		return strings.Join(all, " ")
	}
}

func TestReadOnlySQLite(t *testing.T) {
	db, path := openFile(t)
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	move := func(from, to string) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if err := os.Rename(from+suffix, to+suffix); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
	}
	move(path, path+".away")
	if err := put(t.Context(), db, "b"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("put: %v, want unavailable", err)
	}
	if db.Writable() {
		t.Error("it says that it takes changes")
	}
	move(path+".away", path)
	eventually(t, "the probe finds that it takes changes", db.Writable)
	if err := put(t.Context(), db, "c"); err != nil {
		t.Error(err)
	}
}

func TestAddressSettings(t *testing.T) {
	address := pgtest.Create(t, pgtest.URL(t), "settings", "", false)
	db := openPostgres(t, address+"&read_connections=3&write_connections=2&statement_timeout=7s&synchronous_commit=off")
	reader, writer := db.Pools()
	if r, w := reader.Stats().MaxOpenConnections, writer.Stats().MaxOpenConnections; r != 3 || w != 2 {
		t.Errorf("%d and %d connections, want 3 and 2", r, w)
	}
	for setting, want := range map[string]string{"statement_timeout": "7s", "lock_timeout": "10s", "synchronous_commit": "on"} {
		var got string
		if err := writer.QueryRowContext(t.Context(), "SHOW "+setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", setting, got, err, want)
		}
	}
	for _, wrong := range []string{"&read_connections=0", "&write_connections=many"} {
		if _, err := storage.Open(t.Context(), address+wrong); err == nil || !strings.Contains(err.Error(), "_connections") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	db.Close() // or the database could not be dropped
}

// Two programs on one database take turns, and a turn that is lost with its connection is noticed.
func TestExclusive(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		var inside, most, runs atomic.Int32
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := db.Exclusive(t.Context(), "test", func(context.Context) error {
					if n := inside.Add(1); n > most.Load() {
						most.Store(n)
					}
					time.Sleep(5 * time.Millisecond)
					inside.Add(-1)
					runs.Add(1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if most.Load() != 1 || runs.Load() != 8 {
			t.Errorf("%d at a time, %d in all; want 1 and 8", most.Load(), runs.Load())
		}
		failed := errors.New("failed")
		if err := db.Exclusive(t.Context(), "test", func(context.Context) error { return failed }); !errors.Is(err, failed) {
			t.Errorf("the error of the work: %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := db.Exclusive(t.Context(), "test", func(context.Context) error {
			return db.Exclusive(ctx, "test", func(context.Context) error { return nil })
		})
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("a turn that does not come: %v, want unavailable", err)
		}
	})
}

func TestExclusiveBetweenPrograms(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{})
	address := pgtest.Create(t, server.URL(), "turns", "", true)
	one, two := openPostgres(t, address), openPostgres(t, address)
	entered := make(chan struct{})
	release := make(chan struct{})
	first := make(chan error, 1)
	go func() {
		first <- one.Exclusive(t.Context(), "test", func(ctx context.Context) error {
			close(entered)
			<-release
			return ctx.Err()
		})
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := two.Exclusive(ctx, "test", func(context.Context) error { return nil }); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("while another program has the turn: %v, want unavailable", err)
	}
	if err := two.Exclusive(t.Context(), "other", func(context.Context) error { return nil }); err != nil {
		t.Errorf("another name: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if err := two.Exclusive(t.Context(), "test", func(context.Context) error { return nil }); err != nil {
		t.Errorf("after the turn: %v", err)
	}
	err := one.Exclusive(t.Context(), "test", func(ctx context.Context) error {
		if err := server.Stop(); err != nil {
			return err
		}
		<-ctx.Done() // the lost lock is noticed
		return ctx.Err()
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a lost lock: %v, want unavailable", err)
	}
}
