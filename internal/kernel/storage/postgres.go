package storage

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresPool is how many connections each of the two pools may hold. PostgreSQL allows 100 in all unless told otherwise.
const postgresPool = 10

// openPostgres prepares the two pools; the first connection is made on first use.
func openPostgres(address string) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > 5*time.Second {
		config.ConnectTimeout = 5 * time.Second
	}
	for name, value := range map[string]string{
		"application_name":                    "adili",
		"synchronous_commit":                  "on", // an acknowledged answer outlives a power cut
		"statement_timeout":                   "30s",
		"lock_timeout":                        "10s",
		"idle_in_transaction_session_timeout": "60s",
		"timezone":                            "UTC",
	} {
		config.RuntimeParams[name] = value
	}
	return &DB{
		engine: Postgres,
		config: config,
		writer: postgresConns(config, nil),
		reader: postgresConns(config, map[string]string{"default_transaction_read_only": "on"}),
	}, nil
}

// postgresConns gives a pool whose connections have the config's settings and the further ones.
func postgresConns(config *pgx.ConnConfig, further map[string]string) *sql.DB {
	config = config.Copy()
	maps.Copy(config.RuntimeParams, further)
	// A connection that has rested is tried before it is used: after a restart of the server the first answer must not
	// be refused for a connection that died.
	pool := stdlib.OpenDB(*config, stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
		return p.IdleDuration > 20*time.Millisecond
	}))
	pool.SetMaxOpenConns(postgresPool)
	pool.SetMaxIdleConns(postgresPool)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour)
	return pool
}

// patient gives a pool of one connection without the time limit on statements, for migrations and Scrub.
func (db *DB) patient() *sql.DB {
	pool := postgresConns(db.config, map[string]string{"statement_timeout": "0"})
	pool.SetMaxOpenConns(1)
	return pool
}

// checkLocale refuses a database that would sort or compare text in another way than SQLite does.
func checkLocale(ctx context.Context, pool *sql.DB) error {
	// The provider's column exists since version 15, that of the built-in locale since 17: hence the detour over JSON.
	const query = `SELECT d.datcollate, pg_encoding_to_char(d.encoding),
		COALESCE(to_jsonb(d) ->> 'datlocprovider', 'c'), COALESCE(to_jsonb(d) ->> 'datlocale', '')
		FROM pg_database d WHERE d.datname = current_database()`
	var collation, encoding, provider, locale string
	if err := pool.QueryRowContext(ctx, query).Scan(&collation, &encoding, &provider, &locale); err != nil {
		return err
	}
	if provider == "b" {
		collation = locale
	}
	if encoding == "UTF8" && provider != "i" && plainCollation(collation) {
		return nil
	}
	return fmt.Errorf("the PostgreSQL database has encoding %s and collation %s, but UTF8 and C.UTF-8 are needed; make it with: "+
		"createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 adili", encoding, collation)
}

// plainCollation reports whether text is compared by its code points, as SQLite compares it.
func plainCollation(name string) bool {
	switch name {
	case "C", "POSIX", "C.UTF-8", "C.UTF8", "C.utf8":
		return true
	}
	return false
}
