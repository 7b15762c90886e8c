package dbtest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"adili/internal/kernel/storage"
)

func migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "example", fstest.MapFS{"00001_word.sql": {Data: []byte(`-- +goose Up
CREATE TABLE word (id TEXT PRIMARY KEY, text TEXT NOT NULL, rank BIGINT NOT NULL);
`)}})
}

func TestEachGivesFreshDatabases(t *testing.T) {
	for range 2 { // the second round is from the templates
		Each(t, migrate, func(t *testing.T, db *storage.DB) {
			if want := filepath.Base(t.Name()); !strings.HasPrefix(want, db.Engine()) {
				t.Errorf("subtest %s got engine %s", want, db.Engine())
			}
			err := db.Write(t.Context(), func(tx storage.Querier) error {
				_, err := tx.ExecContext(t.Context(), "INSERT INTO word (id, text, rank) VALUES ('a', 'b', 1)")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			var n int
			if err := db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM word").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d rows, %v; want one", n, err)
			}
		})
	}
	if _, ok := templates.Load(name(migrate)); !ok {
		t.Error("no template was kept")
	}
}

func TestClosuresHaveNoTemplate(t *testing.T) {
	closure := func(ctx context.Context, db *storage.DB) error { return migrate(ctx, db) }
	if got := name(closure); got != "" {
		t.Errorf("a closure has the name %q", got)
	}
	if name(nil) != "" || name(migrate) == "" {
		t.Errorf("nil has the name %q, migrate %q", name(nil), name(migrate))
	}
}

const planted = `package planted

const columns = "id, " + "text"

const (
	good  = "SELECT " + columns + " FROM word WHERE id = $1"
	wrong = ` + "`\n\tSELECT id FROM word WHERE text ILIKE $1`" + `
)

func f(list string) []string {
	const insert = "INSERT INTO word (id, text, rank) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET rank = excluded.rank"
	return []string{
		"Select a file", "UPDATED", good + " ORDER BY id",
		"SELECT id FROM word WHERE id IN (" + list + ")",
		"WITH w AS (SELECT rank FROM word) SELECT GREATEST(MIN(rank), MAX(rank)) FROM w",
		"DELETE FROM word WHERE idd = $1",
	}
}
`

func TestPreparingFindsWhatIsPlanted(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{"planted.go": planted, "planted_test.go": "package planted\nvar x = \"SELECT nonsense\"\n"} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := statements(dir)
	if err != nil {
		t.Fatal(err)
	}
	var lines []int
	for _, s := range all {
		lines = append(lines, s.at.Line)
	}
	if want := []int{6, 7, 12, 14, 15, 16, 17}; !slices.Equal(lines, want) {
		t.Fatalf("statements in lines %v, want %v", lines, want)
	}
	if all[4].text != "" || !strings.HasSuffix(all[3].text, "id = $1 ORDER BY id") {
		t.Errorf("read %q and %q", all[3].text, all[4].text)
	}
	want := map[string][]string{
		storage.SQLite:   {"planted.go:7:10: sqlite refuses", "planted.go:16:3: sqlite refuses", "planted.go:17:3: sqlite refuses"},
		storage.Postgres: {"planted.go:17:3: postgres refuses"},
	}
	Each(t, migrate, func(t *testing.T, db *storage.DB) {
		faults := prepare(t.Context(), db, all)
		if len(faults) != len(want[db.Engine()]) {
			t.Fatalf("faults:\n%s", strings.Join(faults, "\n"))
		}
		for i, fault := range faults {
			if !strings.Contains(fault, want[db.Engine()][i]) {
				t.Errorf("fault %q, want %q", fault, want[db.Engine()][i])
			}
		}
	})
}
