package storage

import (
	"context"
	"database/sql"
	"errors"
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
	until, bounded := db.until[room]
	if db.until != nil && !bounded { // the room did not exist then
		return nil
	}
	if info, err := fs.Stat(files, "migration"); err == nil && info.IsDir() {
		if files, err = fs.Sub(files, "migration"); err != nil {
			return err
		}
	}
	if db.known != nil {
		db.known[room], err = last(files)
		return err
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
	if !bounded {
		_, err = provider.Up(ctx)
		return fault(err)
	}
	if all := provider.ListSources(); len(all) == 0 || all[len(all)-1].Version < until {
		return ErrNewer
	}
	_, err = provider.UpTo(ctx, until)
	return fault(err)
}

// Known gives for each room the last migration that this program has. migrate is what brings the tables of all rooms up to
// date; here it changes nothing.
func Known(ctx context.Context, migrate func(ctx context.Context, db *DB) error) (map[string]int64, error) {
	db := &DB{known: make(map[string]int64)}
	err := migrate(ctx, db)
	return db.known, err
}

// last gives the number of the last migration among files.
func last(files fs.FS) (version int64, err error) {
	names, err := fs.Glob(files, "*.sql")
	for _, name := range names {
		number, nerr := goose.NumericComponent(name)
		version, err = max(version, number), errors.Join(err, nerr)
	}
	return version, err
}

// migrationPool gives the pool for goose, which holds its lock on one connection and works on it.
func (db *DB) migrationPool() *sql.DB {
	pool := db.patient()
	pool.SetMaxOpenConns(2)
	return pool
}
