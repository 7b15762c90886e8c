package storage_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/pgtest"
)

// shelf is a room with a column of every type, and tables that refer to each other in other than alphabetical order.
var shelf = fstest.MapFS{
	"00001_thing.sql": {Data: []byte(`-- +goose Up
CREATE TABLE zone (id TEXT PRIMARY KEY);
INSERT INTO zone (id) VALUES ('made by the migration');
CREATE TABLE thing (
	id BIGINT NOT NULL, zone_id TEXT NOT NULL REFERENCES zone (id), whole BIGINT, "real" DOUBLE PRECISION,
	words TEXT, truth BOOLEAN, raw BYTEA, tree JSONB, PRIMARY KEY (zone_id, id)
);
CREATE TABLE a_note (zone_id TEXT NOT NULL REFERENCES zone (id), thing_id BIGINT NOT NULL, words TEXT,
	FOREIGN KEY (zone_id, thing_id) REFERENCES thing (zone_id, id));
`)},
	"00002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE thing ADD COLUMN later TEXT NOT NULL DEFAULT 'x';\n")},
}

func migrateShelf(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "shelf", shelf)
}

const insertThing = `INSERT INTO thing (id, zone_id, whole, "real", words, truth, raw, tree, later) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

func fillShelf(t testing.TB, db *storage.DB) {
	t.Helper()
	rows := [][]any{
		{3, "b", math.MaxInt64, 0.1, "ünïcode ☂ \U0001F511 'quotes' \\", true, []byte{0, 1, 255}, `{"b": [1, 1.50, 1e3, -0.0, null, true], "a": {"ж":"<&>"}}`, ""},
		{1, "b", math.MinInt64, math.MaxFloat64, "", false, []byte{}, `[]`, "e\u0301"},
		{2, "b", nil, nil, nil, nil, nil, nil, "line\nbreak\ttab"},
		{1, "a", 0, math.SmallestNonzeroFloat64, "1e5", true, []byte("12"), `"12"`, "0012"},
		{2, "a", 1, -1.0, "007", false, []byte("text"), `12`, "nan"},
		{3, "a", -1, 123456789.123456789, "null", nil, nil, `[16238169298171458195, 9007199254740993, 1.7976931348623157e308, 5e-324, 1E-7, -0.10, 120e-1]`, "true"},
	}
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		for _, zone := range []string{"b", "a", "B"} {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO zone (id) VALUES ($1)", zone); err != nil {
				return err
			}
		}
		for _, row := range rows {
			if _, err := tx.ExecContext(t.Context(), insertThing, row...); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(t.Context(), "INSERT INTO a_note (zone_id, thing_id, words) VALUES ('b', 3, 'z'), ('a', 1, NULL), ('a', 1, 'y')")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// text is the whole database as Dump gives it, for comparison.
func text(t testing.TB, db *storage.DB) string {
	t.Helper()
	d, err := db.BeginDump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var b strings.Builder
	fmt.Fprintln(&b, d.Versions())
	for _, table := range d.Tables() {
		fmt.Fprintln(&b, table.Name, table.Columns)
		if err := d.Rows(t.Context(), table, func(row []any) error {
			for _, v := range row {
				fmt.Fprintf(&b, "%T %#v|", v, v)
			}
			b.WriteByte('\n')
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// move copies all rows of one database into another.
func move(t testing.TB, from, to *storage.DB) error {
	t.Helper()
	d, err := from.BeginDump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	return to.Load(t.Context(), d.Tables(), func(l *storage.Loader) error {
		for _, table := range d.Tables() {
			if err := d.Rows(t.Context(), table, func(row []any) error { return l.Row(table.Name, row) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestDumpMovesBetweenEngines(t *testing.T) {
	first := dbtest.SQLite(t, migrateShelf)
	fillShelf(t, first)
	want := text(t, first)
	for _, part := range []string{
		"map[shelf:2]\nzone [{id text}]\n", "\nthing [{id int} {zone_id text} {whole int} {real float} {words text} {truth bool} {raw bytes} {tree json} {later text}]\n",
		"\na_note ", `string "{\"a\":{\"ж\":\"<&>\"},\"b\":[1,1.5,1000,0,null,true]}"|`, "[]byte{}|", `[16238169298171458195,9007199254740993,179769313486231570000`, `00000,0.000`, `5,0.0000001,-0.1,12]`, `string "B"|`,
	} {
		if !strings.Contains(want, part) {
			t.Errorf("the dump lacks %q:\n%s", part, want)
		}
	}
	if strings.Index(want, `"a"|`) > strings.Index(want, `"b"|`) {
		t.Error("rows do not come in the order of the key")
	}
	second, third := dbtest.Postgres(t, migrateShelf), dbtest.SQLite(t, migrateShelf)
	if err := move(t, first, second); err != nil {
		t.Fatal(err)
	}
	if got := text(t, second); got != want {
		t.Errorf("on PostgreSQL:\n%s\nwant:\n%s", got, want)
	}
	if err := move(t, second, third); err != nil {
		t.Fatal(err)
	}
	if got := text(t, third); got != want {
		t.Errorf("back on SQLite:\n%s\nwant:\n%s", got, want)
	}
}

// A dump shows one moment, whatever is written meanwhile.
func TestDumpIsConsistent(t *testing.T) {
	dbtest.Each(t, migrateShelf, func(t *testing.T, db *storage.DB) {
		fillShelf(t, db)
		d, err := db.BeginDump(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if err := db.Write(t.Context(), func(tx storage.Querier) error {
			for _, table := range []string{"a_note", "thing", "zone"} {
				if _, err := tx.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{4, 6, 3} {
			n := 0
			if err := d.Rows(t.Context(), d.Tables()[i], func([]any) error { n++; return nil }); err != nil || n != want {
				t.Errorf("%s has %d rows, %v; want %d", d.Tables()[i].Name, n, err, want)
			}
		}
	})
}

// What cannot be loaded whole is not loaded at all.
func TestLoadAllOrNothing(t *testing.T) {
	broken := errors.New("the archive ended")
	dbtest.Each(t, migrateShelf, func(t *testing.T, db *storage.DB) {
		fillShelf(t, db)
		want := text(t, db)
		d, err := db.BeginDump(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		tables := d.Tables()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]func(l *storage.Loader) error{
			"interrupted":    func(l *storage.Loader) error { return errors.Join(l.Row("zone", []any{"c"}), broken) },
			"refers nowhere": func(l *storage.Loader) error { return l.Row("a_note", []any{"x", int64(1), nil}) },
			"twice": func(l *storage.Loader) error {
				return errors.Join(l.Row("zone", []any{"c"}), l.Row("zone", []any{"c"}))
			},
			"unknown table": func(l *storage.Loader) error { return l.Row("zones", []any{"c"}) },
			"short row":     func(l *storage.Loader) error { return l.Row("a_note", []any{"x"}) },
		} {
			if err := db.Load(t.Context(), tables, f); err == nil {
				t.Errorf("%s: no error", name)
			}
			if got := text(t, db); got != want {
				t.Fatalf("%s: the database has changed", name)
			}
		}
		other := []storage.Table{{Name: "zone", Columns: []storage.Column{{Name: "id", Type: storage.Int}}}}
		if err := db.Load(t.Context(), other, func(*storage.Loader) error { return nil }); !errors.Is(err, storage.ErrUnfit) {
			t.Errorf("other columns: %v", err)
		}
	})
}

func TestMigrateUntil(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, db *storage.DB) {
		db.MigrateUntil(map[string]int64{"shelf": 1})
		for _, room := range []string{"shelf", "other"} {
			if err := storage.Migrate(t.Context(), db, room, shelf); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := db.Versions(t.Context()); err != nil || fmt.Sprint(got) != "map[shelf:1]" {
			t.Errorf("versions %v, %v", got, err)
		}
		db.MigrateUntil(map[string]int64{"shelf": 3})
		if err := migrateShelf(t.Context(), db); !errors.Is(err, storage.ErrNewer) {
			t.Errorf("a version that is not known yet: %v", err)
		}
		db.MigrateUntil(nil)
		if err := migrateShelf(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Versions(t.Context()); err != nil || got["shelf"] != 2 {
			t.Errorf("versions %v, %v", got, err)
		}
	})
}

func TestDumpRefuses(t *testing.T) {
	for name, sql := range map[string]string{
		"a circle":         "CREATE TABLE a (id TEXT PRIMARY KEY); CREATE TABLE b (id TEXT PRIMARY KEY, a_id TEXT REFERENCES a (id)); ALTER TABLE a ADD COLUMN b_id TEXT REFERENCES b (id);",
		"an unknown type":  "CREATE TABLE a (at TIMESTAMP);",
		"one's own parent": "CREATE TABLE a (id TEXT PRIMARY KEY, up TEXT REFERENCES a (id));",
	} {
		migrate := func(ctx context.Context, db *storage.DB) error {
			return storage.Migrate(ctx, db, "bad", fstest.MapFS{"00001_x.sql": {Data: []byte("-- +goose Up\n" + sql)}})
		}
		dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
			if d, err := db.BeginDump(t.Context()); err == nil {
				d.Close()
				t.Errorf("%s was accepted", name)
			}
		})
	}
}

func TestSwapSchemas(t *testing.T) {
	address := pgtest.Create(t, pgtest.URL(t), "swap"+strings.ToLower(rand.Text()), "", false)
	live, err := storage.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if err := migrateShelf(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	fillShelf(t, live)
	want := text(t, live)
	if err := live.Alone(t.Context()); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("a server is connected: %v", err)
	}
	if err := live.Close(); err != nil {
		t.Fatal(err)
	}
	schema := func(name string) *storage.DB {
		t.Helper()
		db, err := storage.OpenSchema(t.Context(), address, name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	restore := schema("")
	if err := restore.Alone(t.Context()); err != nil {
		t.Errorf("nobody else is connected: %v", err)
	}
	for range 2 { // what an interrupted restore left is cleared away
		if err := restore.MakeSchema(t.Context(), "restoring"); err != nil {
			t.Fatal(err)
		}
		staged := schema("restoring")
		if empty, err := staged.Empty(t.Context()); err != nil || !empty {
			t.Fatalf("the new schema is not empty (%v)", err)
		}
		if err := migrateShelf(t.Context(), staged); err != nil {
			t.Fatal(err)
		}
	}
	if got := text(t, restore); got != want {
		t.Error("what is in use has changed before the swap")
	}
	if err := restore.SwapSchemas(t.Context(), "before_1", "restoring"); err != nil {
		t.Fatal(err)
	}
	if got := text(t, restore); got == want || !strings.Contains(got, "made by the migration") {
		t.Errorf("not the new tables are in use: %s", got)
	}
	if got := text(t, schema("before_1")); got != want {
		t.Error("the old tables were not kept")
	}
	if err := restore.SwapSchemas(t.Context(), "before_2", "before_1"); err != nil { // undone
		t.Fatal(err)
	}
	if got := text(t, restore); got != want {
		t.Error("the old tables did not come back")
	}
	if got, err := restore.Schemas(t.Context(), "before_"); err != nil || fmt.Sprint(got) != "[before_2]" {
		t.Errorf("schemas %v, %v", got, err)
	}
	if err := migrateShelf(t.Context(), restore); err != nil { // goose still finds its own table and its numbers
		t.Error(err)
	}
}

func TestCanonicalJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"b":1,"a":[ 1.0 , 1e2, 10E-1, 0.0, -0, 00.5]}`: "", // not JSON: a number begins with 0
		`{"b":1,"a":[ 1.0 , 1e2, 10E-1, 0.0, -0, 0.5]}`:  `{"a":[1,100,1,0,0,0.5],"b":1}`,
		`123.4500`:             `123.45`,
		`1e9999999`:            `1e9999999`,
		`1e-99999999999999999`: `1e-99999999999999999`,
		`"<\u00e9&"`:           `"<é&"`,
		`0.1e1`:                `1`,
		`100e-3`:               `0.1`,
		`null`:                 `null`,
		`1 2`:                  "",
		``:                     "",
		`{`:                    "",
	} {
		got, err := storage.CanonicalJSON(text)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%s became %s, %v; want %s", text, got, err, want)
		}
		if again, err := storage.CanonicalJSON(got); want != "" && (again != got || err != nil) {
			t.Errorf("%s became %s, %v", got, again, err)
		}
	}
}
