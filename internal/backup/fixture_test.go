package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"

	"filippo.io/age"
)

var now = time.Date(2026, 10, 5, 2, 30, 0, 0, time.UTC)

// shelf is a room with something to lose.
var shelf = fstest.MapFS{
	"00001_book.sql": {Data: []byte(`-- +goose Up
CREATE TABLE book (id TEXT PRIMARY KEY, pages BIGINT, price DOUBLE PRECISION, lent BOOLEAN NOT NULL, cover BYTEA, record JSONB NOT NULL);
CREATE TABLE loan (book_id TEXT NOT NULL REFERENCES book (id), who TEXT NOT NULL, PRIMARY KEY (book_id, who));
CREATE TABLE shelf_session (hash TEXT PRIMARY KEY);
`)},
	"00002_shelf.sql": {Data: []byte("-- +goose Up\nALTER TABLE book ADD COLUMN shelf TEXT NOT NULL DEFAULT 'A';\n")},
}

func migrate(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	return storage.Migrate(ctx, db, "shelf", shelf)
}

func fill(t testing.TB, db *storage.DB, books int) {
	t.Helper()
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		for i := range books {
			id := fmt.Sprintf("book-%06d", i)
			_, err := tx.ExecContext(t.Context(), "INSERT INTO book (id, pages, price, lent, cover, record, shelf) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				id, i*1000, float64(i)/3, i%2 == 0, []byte(strings.Repeat("\x00\xff", i%50)), fmt.Sprintf(`{"title": "Überschrift %d", "n": [%d]}`, i, i), "B")
			if err == nil && i%3 == 0 {
				_, err = tx.ExecContext(t.Context(), "INSERT INTO loan (book_id, who) VALUES ($1, $2)", id, "somebody")
			}
			if err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO shelf_session (hash) VALUES ('a session that must not be kept')"); err != nil {
			return err
		}
		return audit.Append(t.Context(), tx, now, audit.Console, "shelf.fill", "", "books", fmt.Sprint(books))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// files is a source of files under their names.
type files map[string]string

// Copy implements Source.
func (f files) Copy(_ context.Context, put func(name string, size int64, r io.Reader) error, snapshot func() error) ([]string, error) {
	if err := snapshot(); err != nil {
		return nil, err
	}
	for name, content := range f {
		if err := put(name, int64(len(content)), strings.NewReader(content)); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

var someFiles = files{
	"rounds/round_1/answers.box":    strings.Repeat("sealed ", 50_000),
	"rounds/round_1/form.key":       "key",
	"rounds/round_0/answers.closed": "",
}

// place is a server's data folder and database.
type place struct {
	t        testing.TB
	data     string
	database string // empty for SQLite
	db       *storage.DB
}

// newPlace makes one on the engine, with so many books; none is an empty folder without a database.
func newPlace(t testing.TB, database string, books int) *place {
	t.Helper()
	p := &place{t: t, data: filepath.Join(t.TempDir(), "data"), database: database}
	if err := os.Mkdir(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if books > 0 {
		p.open()
		if err := migrate(t.Context(), p.db); err != nil {
			t.Fatal(err)
		}
		fill(t, p.db, books)
	}
	return p
}

func (p *place) open() {
	p.t.Helper()
	url := p.database
	if url == "" {
		url = "sqlite:" + filepath.Join(p.data, databaseName)
	}
	db, err := storage.Open(p.t.Context(), url)
	if err != nil {
		p.t.Fatal(err)
	}
	p.db = db
	p.t.Cleanup(func() { db.Close() })
}

// stop closes the database, as a server does that ends.
func (p *place) stop() {
	p.t.Helper()
	if err := p.db.Close(); err != nil {
		p.t.Fatal(err)
	}
	p.db = nil
}

func (p *place) backup(source Source) *Backup {
	return New(Options{
		DB: p.db, Source: source, Data: p.data, Files: []string{"people.key"}, Passing: []string{"shelf_session"},
		Version: "v1.2.3", Clock: clock.Fixed(now), Log: slog.New(slog.DiscardHandler),
	})
}

func (p *place) target(replace bool) Target {
	return Target{
		Data: p.data, Database: p.database, Files: []string{"people.key"}, Replace: replace,
		Clock: clock.Fixed(now.Add(time.Hour)), Migrate: migrate,
	}
}

// rows is all that is in the tables, and how far the rooms are.
func (p *place) rows() string {
	p.t.Helper()
	if p.db == nil {
		p.open()
		defer p.stop()
	}
	return rows(p.t, p.db)
}

func rows(t testing.TB, db *storage.DB) string {
	t.Helper()
	d, err := db.BeginDump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	w := newRowWriter()
	fmt.Fprintln(&w.buffer, d.Versions())
	for _, table := range d.Tables() {
		fmt.Fprintln(&w.buffer, table.Name)
		if err := d.Rows(t.Context(), table, w.add); err != nil {
			t.Fatal(err)
		}
	}
	return w.buffer.String()
}

// tree is every file below the folder with a hash of its content; SQLite's own journals and the lock apart.
func tree(t testing.TB, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "-wal") {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			fmt.Fprintln(&b, filepath.ToSlash(name)+"/")
			return nil
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		fmt.Fprintln(&b, filepath.ToSlash(name), len(data), hex.EncodeToString(sum[:8]))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// key is one key pair of the test process.
var key = func() *age.X25519Identity {
	k, err := age.GenerateX25519Identity()
	if err != nil {
		panic(err)
	}
	return k
}()

func recipients() []age.Recipient { return []age.Recipient{key.Recipient()} }
func identities() []age.Identity  { return []age.Identity{key} }

func from(data []byte) Open {
	return func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// make makes a backup in memory.
func (p *place) make(source Source) []byte {
	p.t.Helper()
	var b bytes.Buffer
	if _, err := p.backup(source).Make(p.t.Context(), &b, recipients()); err != nil {
		p.t.Fatal(err)
	}
	return b.Bytes()
}
