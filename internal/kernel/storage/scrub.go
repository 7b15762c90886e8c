package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"adili/internal/kernel/errs"
)

// Scrub rewrites the database after secrets were deleted, so that they are not left in its files: SQLite's whole file and
// its journal, or the named tables on PostgreSQL. What the file system, the disk, PostgreSQL's own write-ahead log
// or a backup may still hold is out of its reach. Call it outside of Write; it may take seconds.
func (db *DB) Scrub(ctx context.Context, tables ...string) (err error) {
	defer errs.Wrap(&err, "storage.Scrub")
	for _, table := range tables {
		if !plainName.MatchString(table) {
			return fmt.Errorf("bad table name %q", table)
		}
	}
	if db.engine == SQLite {
		return fault(scrubSQLite(ctx, db.writer))
	}
	pool := db.patient()
	defer pool.Close()
	for _, table := range tables {
		if _, err := pool.ExecContext(ctx, "VACUUM (FULL) "+table); err != nil {
			return fault(err)
		}
	}
	return nil
}

func scrubSQLite(ctx context.Context, writer *sql.DB) error {
	conn, err := writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "VACUUM"); err != nil {
		return err
	}
	// The journal still has the old pages until all of it is folded in and cut to nothing. A reader in its middle
	// holds that up; SQLite waits for it as long as the busy timeout says, and everybody who writes waits with it.
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout(700)"); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA busy_timeout(5000)") // as for all connections
	var busy, frames, folded int64
	for range 3 {
		if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &folded); err != nil {
			return err
		}
		if busy == 0 {
			return nil
		}
	}
	return gone(errors.New("a reader held up the emptying of the journal"))
}
