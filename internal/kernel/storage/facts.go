package storage

import (
	"context"
	"time"

	"adili/internal/kernel/errs"
)

// Facts is what an operator wants to know of the database.
type Facts struct {
	Engine      string // SQLite or Postgres
	Version     string
	Major       int       // of PostgreSQL's version
	Size        int64     // bytes
	Used, Limit int       // connections to the server, ours and others'; a Limit of 0: there is none
	Now         time.Time // by the server's clock; zero for SQLite, which has none of its own
}

// Facts asks the database for them.
func (db *DB) Facts(ctx context.Context) (f Facts, err error) {
	defer errs.Wrap(&err, "storage.Facts")
	f.Engine = db.engine
	if db.engine == SQLite {
		row := db.reader.QueryRowContext(ctx, "SELECT sqlite_version(), page_count * page_size FROM pragma_page_count(), pragma_page_size()")
		return f, fault(row.Scan(&f.Version, &f.Size))
	}
	row := db.reader.QueryRowContext(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::bigint / 10000,
		pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
		current_setting('max_connections')::bigint, clock_timestamp()`)
	return f, fault(row.Scan(&f.Version, &f.Major, &f.Size, &f.Used, &f.Limit, &f.Now))
}
