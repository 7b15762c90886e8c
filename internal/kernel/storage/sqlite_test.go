package storage_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// openFile gives a migrated SQLite database in a new folder, and its path.
func openFile(t *testing.T) (*storage.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data 50%?#", "adili.db")
	db, err := storage.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db, path
}

// wantUnavailable checks that neither reading nor writing works, with the right kind.
func wantUnavailable(t *testing.T, db *storage.DB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := put(ctx, db, "unavailable"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
	_, err := storage.All(ctx, db.Read(), scanThing, selectThing)
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("All = %v, want Unavailable", err)
	}
	if err := db.Ping(ctx); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Ping = %v, want Unavailable", err)
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	db, path := openFile(t)
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", filepath.Base(file), got, want)
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	db, _ := openFile(t)
	reader, writer := db.Pools()
	tests := []struct {
		pool         *sql.DB
		pragma, want string
	}{
		{writer, "journal_mode", "wal"}, {writer, "synchronous", "2"}, {writer, "foreign_keys", "1"}, {writer, "secure_delete", "1"},
		{writer, "busy_timeout", "5000"}, {writer, "journal_size_limit", "16777216"}, {writer, "query_only", "0"}, {writer, "temp_store", "2"},
		{reader, "query_only", "1"}, {reader, "busy_timeout", "5000"}, {reader, "temp_store", "2"},
	}
	for _, test := range tests {
		var got string
		if err := test.pool.QueryRowContext(t.Context(), "PRAGMA "+test.pragma).Scan(&got); err != nil || got != test.want {
			t.Errorf("%s = %q, %v; want %q", test.pragma, got, err, test.want)
		}
	}
	if n := writer.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writers, want one", n)
	}
}

func TestSQLiteLocked(t *testing.T) {
	db, path := openFile(t)
	other, err := storage.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	_, writer := other.Pools()
	tx, err := writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	db.Hurry(100 * time.Millisecond)
	start := time.Now()
	if err := put(t.Context(), db, "a"); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("Write waited %v", d)
	}
	if got := ids(t, db); got != "" { // reading goes on
		t.Errorf("stored: %s", got)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "b"); err != nil {
		t.Errorf("after the lock is gone: %v", err)
	}
}

// A transaction that does not end must not keep the others waiting for ever.
func TestSQLiteQueue(t *testing.T) {
	db, _ := openFile(t)
	db.Hurry(100 * time.Millisecond)
	err := db.Write(t.Context(), func(storage.Querier) error {
		if err := put(t.Context(), db, "second"); errs.KindOf(err) != errs.Unavailable {
			t.Errorf("the second Write = %v, want Unavailable", err)
		}
		return nil
	})
	if err != nil {
		t.Errorf("the first Write = %v", err)
	}
}

func TestSQLiteFull(t *testing.T) {
	db, _ := openFile(t)
	_, writer := db.Pools()
	limit := func(pages string) {
		t.Helper()
		if _, err := writer.ExecContext(t.Context(), "PRAGMA max_page_count = "+pages); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	limit("1") // SQLite takes the present size as the least
	large := thing{ID: "large", Record: "{}", Seal: make([]byte, 100_000)}
	write := func() error {
		return db.Write(t.Context(), func(tx storage.Querier) error { return insert(t.Context(), tx, large) })
	}
	if err := write(); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
	if got := ids(t, db); got != "a" {
		t.Errorf("stored: %s", got)
	}
	limit("1000000")
	if err := write(); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

func TestSQLiteFileGoneAndBack(t *testing.T) {
	db, path := openFile(t)
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	away := path + ".away"
	move := func(from, to string) {
		t.Helper()
		for _, suffix := range []string{"", "-wal"} {
			if err := os.Rename(from+suffix, to+suffix); err != nil && suffix == "" {
				t.Fatal(err)
			}
		}
	}
	move(path, away)
	wantUnavailable(t, db)
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a new file was made in place of the lost one: %v", err)
	}
	move(away, path)
	if err := put(t.Context(), db, "b"); err != nil {
		t.Errorf("after the file is back: %v", err)
	}
	if got := ids(t, db); got != "a b" {
		t.Errorf("stored: %s", got)
	}
}

func TestSQLiteFileReplaced(t *testing.T) {
	db, path := openFile(t)
	copied := filepath.Join(t.TempDir(), "copy.db")
	_, writer := db.Pools()
	if err := put(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.ExecContext(t.Context(), "VACUUM INTO '"+copied+"'"); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "b"); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil {
			t.Fatal(err)
		}
	}
	wantUnavailable(t, db)
	if err := os.Rename(copied, path); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), db, "c"); err != nil {
		t.Errorf("with the backup in place: %v", err)
	}
	if got := ids(t, db); got != "a c" {
		t.Errorf("stored: %s", got)
	}
}

func TestSQLiteCommitIntoRemovedFile(t *testing.T) {
	db, path := openFile(t)
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		if err := insert(t.Context(), tx, thing{ID: "a", Record: "{}", Seal: []byte{}}); err != nil {
			return err
		}
		return os.Remove(path)
	})
	if errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Write = %v, want Unavailable", err)
	}
}

func TestScrubLeavesNothingInTheFiles(t *testing.T) {
	db, path := openFile(t)
	secret := strings.Repeat("very secret seal ", 20)
	ctx := t.Context()
	for _, step := range []func(tx storage.Querier) error{
		func(tx storage.Querier) error {
			return insert(ctx, tx, thing{ID: "a", Record: "{}", Seal: []byte(secret)})
		},
		func(tx storage.Querier) error {
			_, err := tx.ExecContext(ctx, "DELETE FROM thing WHERE id = 'a'")
			return err
		},
	} {
		if err := db.Write(ctx, step); err != nil {
			t.Fatal(err)
		}
	}
	if !onDisk(t, path, "secret seal") {
		t.Error("the secret was never in the files: this test shows nothing")
	}
	if err := db.Scrub(ctx, "thing"); err != nil {
		t.Fatal(err)
	}
	if onDisk(t, path, "secret seal") {
		t.Error("the secret is still in the files")
	}
	if err := db.Scrub(ctx, "thing; DROP TABLE thing"); err == nil {
		t.Error("a bad table name passes")
	}
	if err := put(ctx, db, "b"); err != nil {
		t.Errorf("after Scrub: %v", err)
	}
}

func onDisk(t *testing.T, path, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}
