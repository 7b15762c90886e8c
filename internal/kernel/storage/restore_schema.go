package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"adili/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
)

// restoring is what PostgreSQL is told that a connection of a restore is, so that it is not taken for a server's.
const restoring = "adili restore"

// stateNoPrivilege is PostgreSQL's refusal of what the role may not do.
const stateNoPrivilege = "42501"

// ErrInUse says that other programs are at work on the database.
var ErrInUse = errors.New("the database is in use")

// OpenSchema opens a PostgreSQL database for a restore, with the tables of the named schema in view; "" is the schema that
// the program works in.
func OpenSchema(ctx context.Context, address, schema string) (*DB, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("storage.OpenSchema: the database address cannot be read")
	}
	query := u.Query()
	query.Set("application_name", restoring)
	if schema != "" {
		if !plainName.MatchString(schema) {
			return nil, fmt.Errorf("storage.OpenSchema: bad schema name %q", schema)
		}
		query.Set("search_path", schema)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // pgx takes a + for itself
	return Open(ctx, u.String())
}

// MakeSchema makes a schema, empty of what an interrupted restore left in one of the same name.
func (db *DB) MakeSchema(ctx context.Context, name string) (err error) {
	defer errs.Wrap(&err, "make schema %s", name)
	return db.alter(ctx, func(tx *sql.Tx) error {
		if err := dropSchema(ctx, tx, name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`CREATE SCHEMA "%s"`, name))
		return err
	})
}

// DropSchema removes a schema with all that is in it, if it is there.
func (db *DB) DropSchema(ctx context.Context, name string) (err error) {
	defer errs.Wrap(&err, "drop schema %s", name)
	return db.alter(ctx, func(tx *sql.Tx) error { return dropSchema(ctx, tx, name) })
}

func dropSchema(ctx context.Context, tx *sql.Tx, name string) error {
	if !plainName.MatchString(name) {
		return fmt.Errorf("bad schema name %q", name)
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`DROP SCHEMA IF EXISTS "%s" CASCADE`, name))
	return err
}

// Schemas lists the schemas whose names begin with prefix, sorted.
func (db *DB) Schemas(ctx context.Context, prefix string) ([]string, error) {
	return All(ctx, db.Read(), scanName, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1) ORDER BY nspname", prefix)
}

// SwapSchemas moves the tables in use to the schema aside, which it makes, and those of the schema staged into use, at one
// blow. The schema staged goes.
func (db *DB) SwapSchemas(ctx context.Context, aside, staged string) (err error) {
	defer errs.Wrap(&err, "put schema %s into use", staged)
	if !plainName.MatchString(aside) || !plainName.MatchString(staged) {
		return fmt.Errorf("bad schema name %q or %q", aside, staged)
	}
	return db.alter(ctx, func(tx *sql.Tx) error {
		live, err := One(ctx, tx, scanName, "SELECT current_schema()")
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf(`CREATE SCHEMA "%s"`, aside)); err != nil {
			return err
		}
		if err := moveTables(ctx, tx, live, aside); err != nil {
			return err
		}
		if err := moveTables(ctx, tx, staged, live); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`DROP SCHEMA "%s"`, staged)) // empty by now, or this fails
		return err
	})
}

func moveTables(ctx context.Context, tx *sql.Tx, from, to string) error {
	names, err := All(ctx, tx, scanName, `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = $1 ORDER BY relname`, from)
	for _, name := range names {
		if err == nil {
			_, err = tx.ExecContext(ctx, fmt.Sprintf(`ALTER TABLE "%s"."%s" SET SCHEMA "%s"`, from, name, to))
		}
	}
	return err
}

// aloneWait is how long a program that has just ended may still show.
const aloneWait = 3 * time.Second

// Alone gives ErrInUse when other programs than a restore are connected to this database: a server would go on with what
// it remembers of the old tables.
func (db *DB) Alone(ctx context.Context) error {
	for deadline := time.Now().Add(aloneWait); ; {
		names, err := All(ctx, db.Read(), scanName, `SELECT DISTINCT application_name FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND application_name <> $1 ORDER BY 1`, restoring)
		if err != nil || len(names) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%w by %q", ErrInUse, names)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// alter runs f in one transaction without limits.
func (db *DB) alter(ctx context.Context, f func(tx *sql.Tx) error) error {
	if db.engine != Postgres {
		return errors.New("only PostgreSQL has schemas")
	}
	pool := db.patient()
	defer pool.Close()
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fault(err)
	}
	defer tx.Rollback() // after a commit this does nothing
	if err = f(tx); err == nil {
		err = tx.Commit()
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == stateNoPrivilege && strings.Contains(e.Message, "database") {
		return fmt.Errorf("%w; as the database's administrator: GRANT CREATE ON DATABASE %s TO %s", err, db.config.Database, db.config.User)
	}
	return writeFault(err)
}
