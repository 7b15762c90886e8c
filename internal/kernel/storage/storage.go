// Package storage is the only place that knows the database engines: SQLite (one file, the default) and PostgreSQL (when
// an administration outgrows it). One SQL text serves both, so the rooms keep to the subset that both understand the same
// way: $1 parameters; TEXT, BIGINT, DOUBLE PRECISION, BOOLEAN, JSONB and BYTEA; times as BIGINT microseconds; JSON passed
// as a Go string and BYTEA as []byte (an empty one may come back nil); ids, times and the ordering of words made in Go.
package storage

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"adili/internal/kernel/errs"

	"github.com/jackc/pgx/v5"
)

// The engines, as Engine gives them.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// DB is an open database. It is safe for use by several goroutines. Reading and writing have separate pools of
// connections, and the reading one refuses to write on both engines: long reports never hold up the taking of answers.
type DB struct {
	engine         string
	reader, writer *sql.DB
	wait           time.Duration   // how long a Write waits for its turn, retries included
	config         *pgx.ConnConfig // PostgreSQL: for connections with other limits
	health         health
	turns          turns
	until          map[string]int64 // versions that Migrate stops at; nil for all the way
	known          map[string]int64 // where Migrate notes versions, in place of migrating; nil except in Known
}

// Querier runs statements: the reading pool, or the transaction of a Write. Errors of QueryRowContext and of stepping
// through rows come unclassified; All and One classify them.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Open opens the database at url, "sqlite:/path/file.db" or "postgres://…". A SQLite file that does not exist is made,
// readable by this user only, as is its folder. A PostgreSQL database in another order of letters than C or C.UTF-8, or in
// another encoding than UTF8, is refused.
//
// A PostgreSQL address may name several hosts: changes go to the one that takes them, and reading falls back to a standby
// while there is none. Besides what libpq knows it takes read_connections and write_connections (the most that are opened,
// 10 each), and the server's statement_timeout (30s), lock_timeout (10s) and idle_in_transaction_session_timeout (60s).
func Open(ctx context.Context, url string) (db *DB, err error) {
	defer errs.Wrap(&err, "storage.Open")
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		db, err = openSQLite(path)
	} else if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		db, err = openPostgres(url)
	} else {
		return nil, errors.New(`the database address must start with "sqlite:" or "postgres://"`)
	}
	if err != nil {
		return nil, err
	}
	db.wait = writeWait
	if err := db.prove(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// prove opens a first connection and checks that the database is fit for use.
func (db *DB) prove(ctx context.Context) error {
	if db.engine == Postgres {
		if err := checkLocale(ctx, db.writer); err != nil {
			return fault(err)
		}
	} else if err := db.writer.PingContext(ctx); err != nil { // the writer comes first: it makes the file and its journal
		return fault(err)
	}
	return db.Ping(ctx)
}

// Engine gives "sqlite" or "postgres". Rooms do not need it; tests and messages do.
func (db *DB) Engine() string { return db.engine }

// Close closes all connections.
func (db *DB) Close() error {
	db.health.close()
	// The writer is closed last: the last connection folds SQLite's journal into the file.
	return errors.Join(db.reader.Close(), db.writer.Close())
}

// Ping asks the database for a sign of life. The error's kind is Unavailable when it is gone.
func (db *DB) Ping(ctx context.Context) error {
	query := "SELECT 1"
	if db.engine == SQLite {
		query = "SELECT COUNT(*) FROM sqlite_schema" // unlike SELECT 1, this reads the file
	}
	var n int64
	return fault(db.reader.QueryRowContext(ctx, query).Scan(&n))
}

// Check asks the engine whether it accepts the statement, without running it.
func (db *DB) Check(ctx context.Context, query string) error {
	statement, err := db.reader.PrepareContext(ctx, query)
	if err != nil {
		return fault(err)
	}
	return statement.Close()
}
