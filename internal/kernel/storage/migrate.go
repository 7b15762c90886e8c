package storage

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"regexp"

	"adili/internal/kernel/errs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// plainName is what a room or a table may be called, so that it needs no quoting.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,50}$`)

// Migrate brings a room's tables up to date. The files, at the root or in a folder "migration", are called 00001_x.sql and
// are in goose's format, one text for both engines. Each room keeps its own list of what was applied, in <room>_version.
func Migrate(ctx context.Context, db *DB, room string, files fs.FS) (err error) {
	defer errs.Wrap(&err, "storage.Migrate %s", room)
	if !plainName.MatchString(room) {
		return fmt.Errorf("bad room name %q", room)
	}
	if info, err := fs.Stat(files, "migration"); err == nil && info.IsDir() {
		if files, err = fs.Sub(files, "migration"); err != nil {
			return err
		}
	}
	pool, dialect := db.writer, goose.DialectSQLite3
	options := []goose.ProviderOption{goose.WithTableName(room + "_version"), goose.WithDisableGlobalRegistry(true)}
	if db.engine == Postgres {
		dialect, pool = goose.DialectPostgres, db.migrationPool()
		defer pool.Close()
		locker, err := lock.NewPostgresSessionLocker() // two processes that start together take turns
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, pool, files, options...)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return fault(err)
}

// migrationPool gives the pool for goose, which holds its lock on one connection and works on it.
func (db *DB) migrationPool() *sql.DB {
	pool := db.patient()
	pool.SetMaxOpenConns(2)
	return pool
}
