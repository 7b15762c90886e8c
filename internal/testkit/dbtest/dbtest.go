// Package dbtest gives tests a fresh, migrated database on each engine and checks that both engines understand every
// statement of a package.
package dbtest

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"adili/internal/kernel/storage"
	"adili/internal/testkit/pgtest"
)

// Migrate makes a room's tables.
type Migrate = func(ctx context.Context, db *storage.DB) error

// Each runs f as the subtests "sqlite" and "postgres", each with a fresh database that migrate has been run on.
func Each(t *testing.T, migrate Migrate, f func(t *testing.T, db *storage.DB)) {
	t.Helper()
	t.Run(storage.SQLite, func(t *testing.T) { f(t, SQLite(t, migrate)) })
	t.Run(storage.Postgres, func(t *testing.T) { f(t, Postgres(t, migrate)) })
}

// SQLite gives a fresh SQLite database, in a file that goes with the test.
func SQLite(t testing.TB, migrate Migrate) *storage.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	template, ok := templates.Load(name(migrate))
	if !ok {
		return migrateSQLite(t, path, migrate)
	}
	if err := os.WriteFile(path, template.([]byte), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, "sqlite:"+path)
}

// migrateSQLite makes the file the long way and keeps a copy for the tests that follow.
func migrateSQLite(t testing.TB, path string, migrate Migrate) *storage.DB {
	t.Helper()
	db := open(t, "sqlite:"+path)
	run(t, db, migrate)
	if name(migrate) == "" {
		return db
	}
	if err := db.Close(); err != nil { // folds the journal into the file
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	templates.Store(name(migrate), data)
	return open(t, "sqlite:"+path)
}

// Postgres gives a fresh PostgreSQL database, which is dropped after the test. See pgtest for which server it is on.
func Postgres(t testing.TB, migrate Migrate) *storage.DB {
	t.Helper()
	server := pgtest.URL(t)
	fresh := "t" + strings.ToLower(rand.Text())
	key := storage.Postgres + " " + name(migrate)
	if template, ok := templates.Load(key); ok {
		return open(t, pgtest.Create(t, server, fresh, template.(string), false))
	}
	// A template stays for as long as its server, so a server that others use gets none.
	reusable := name(migrate) != "" && !pgtest.Shared()
	db := open(t, pgtest.Create(t, server, fresh, "", reusable))
	run(t, db, migrate)
	if !reusable {
		return db
	}
	if err := db.Close(); err != nil { // a template must have no connections
		t.Fatal(err)
	}
	templates.Store(key, fresh)
	return open(t, pgtest.Create(t, server, fresh+"x", fresh, false))
}

// templates holds, for each migrate function of this test process, the SQLite file's content or the PostgreSQL
// template's name.
var templates sync.Map

// name identifies a migrate function that always does the same. A closure or a method may do something else each time:
// its name is empty, and there is no template of it.
func name(migrate Migrate) string {
	if migrate == nil {
		return ""
	}
	name := runtime.FuncForPC(reflect.ValueOf(migrate).Pointer()).Name()
	if strings.HasSuffix(name, "-fm") || strings.Contains(name, ".func") || strings.Contains(name, "[") {
		return ""
	}
	return name
}

func open(t testing.TB, url string) *storage.DB {
	t.Helper()
	db, err := storage.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

func run(t testing.TB, db *storage.DB, migrate Migrate) {
	t.Helper()
	if migrate == nil {
		return
	}
	if err := migrate(t.Context(), db); err != nil {
		t.Fatalf("migrating: %v", err)
	}
}
