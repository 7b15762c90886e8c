package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresPool is how many connections each of the two pools may hold, unless the address says otherwise. PostgreSQL allows
// 100 in all unless told otherwise.
const postgresPool = 10

// Settings of every connection. The address may give others for the limits, but not for what an acknowledged answer
// depends on.
var (
	postgresLimits = map[string]string{
		"application_name":                    "adili",
		"statement_timeout":                   "30s",
		"lock_timeout":                        "10s",
		"idle_in_transaction_session_timeout": "60s",
		// A machine that lost its power keeps its locks no longer than this.
		"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3",
	}
	postgresFixed = map[string]string{
		"synchronous_commit": "on", // an acknowledged answer outlives a power cut
		"timezone":           "UTC",
	}
)

// openPostgres prepares the two pools; the first connection is made on first use.
func openPostgres(address string) (*DB, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err // pgx leaves the password out
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > 5*time.Second {
		config.ConnectTimeout = 5 * time.Second
	}
	readers, rerr := takeNumber(config.RuntimeParams, "read_connections", postgresPool)
	writers, werr := takeNumber(config.RuntimeParams, "write_connections", postgresPool)
	if err := errors.Join(rerr, werr); err != nil {
		return nil, err
	}
	for name, value := range postgresLimits {
		if _, given := config.RuntimeParams[name]; !given {
			config.RuntimeParams[name] = value
		}
	}
	maps.Copy(config.RuntimeParams, postgresFixed)
	// Whatever the address says of the kind of server it wants, changes need one that takes them.
	anywhere := config.Copy()
	anywhere.ValidateConnect = nil
	if several(config) {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	db := &DB{engine: Postgres, config: config}
	db.writer = postgresConns(config, nil, db)
	db.writer.SetMaxOpenConns(writers)
	db.writer.SetMaxIdleConns(writers)
	db.reader = db.readingConns(anywhere)
	db.reader.SetMaxOpenConns(readers)
	db.reader.SetMaxIdleConns(readers)
	return db, nil
}

// takeNumber takes a parameter of ours out of those for the server.
func takeNumber(params map[string]string, name string, usual int) (int, error) {
	text, given := params[name]
	if !given {
		return usual, nil
	}
	delete(params, name)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, fmt.Errorf("%s in the database address is %q, not a number from 1 to 1000", name, text)
	}
	return n, nil
}

// several reports whether the address names more than one server.
func several(config *pgx.ConnConfig) bool {
	return slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool {
		return f.Host != config.Host || f.Port != config.Port
	})
}

// postgresConns gives a pool whose connections have the config's settings and the further ones. Connections that were made
// before db last stopped taking changes are given up, since they may lead to a server that is no longer the right one.
func postgresConns(config *pgx.ConnConfig, further map[string]string, db *DB) *sql.DB {
	return limited(sql.OpenDB(postgresConnector(config, further, db, false)))
}

func limited(pool *sql.DB) *sql.DB {
	pool.SetMaxOpenConns(postgresPool)
	pool.SetMaxIdleConns(postgresPool)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	pool.SetConnMaxLifetime(time.Hour)
	return pool
}

// Keys of what is noted with a connection.
const (
	connAge     = "adili age"
	connStandby = "adili standby"
)

func postgresConnector(config *pgx.ConnConfig, further map[string]string, db *DB, standby bool) driver.Connector {
	config = config.Copy()
	maps.Copy(config.RuntimeParams, further)
	// A connection that has rested is tried before it is used: after a restart of the server the first answer must not
	// be refused for a connection that died.
	options := []stdlib.OptionOpenDB{stdlib.OptionShouldPing(func(_ context.Context, p stdlib.ShouldPingParams) bool {
		return p.IdleDuration > 20*time.Millisecond
	})}
	if db != nil {
		options = append(options, stdlib.OptionAfterConnect(func(_ context.Context, conn *pgx.Conn) error {
			noted := conn.PgConn().CustomData()
			noted[connAge], noted[connStandby] = db.health.age(), standby
			return nil
		}), stdlib.OptionResetSession(func(_ context.Context, conn *pgx.Conn) error {
			noted := conn.PgConn().CustomData()
			if noted[connAge] != db.health.age() && noted[connStandby] == false || noted[connStandby] == true && db.Writable() {
				return driver.ErrBadConn
			}
			return nil
		}))
	}
	return stdlib.GetConnector(*config, options...)
}

// readingConns gives the reading pool: on the server that takes changes, which knows the latest, or on any while there is
// none.
func (db *DB) readingConns(config *pgx.ConnConfig) *sql.DB {
	only := map[string]string{"default_transaction_read_only": "on"}
	if !several(config) {
		return limited(sql.OpenDB(postgresConnector(config, only, db, false)))
	}
	primary := config.Copy()
	primary.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	return limited(sql.OpenDB(&firstPrimary{
		db: db, primary: postgresConnector(primary, only, db, false), any: postgresConnector(config, only, db, true),
	}))
}

// firstPrimary connects to a standby only where no primary can be reached, and then says so.
type firstPrimary struct {
	db           *DB
	primary, any driver.Connector
}

// Connect implements driver.Connector.
func (c *firstPrimary) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.primary.Connect(ctx)
	if err == nil || ctx.Err() != nil {
		return conn, err
	}
	conn, anyErr := c.any.Connect(ctx)
	if anyErr != nil {
		return nil, err
	}
	c.db.fail()
	return conn, nil
}

// Driver implements driver.Connector.
func (c *firstPrimary) Driver() driver.Driver { return c.primary.Driver() }

// patient gives a pool of one connection without the time limit on statements, for migrations and Scrub.
func (db *DB) patient() *sql.DB {
	pool := postgresConns(db.config, map[string]string{"statement_timeout": "0"}, nil)
	pool.SetMaxOpenConns(1)
	return pool
}

// checkLocale refuses a database that would sort or compare text in another way than SQLite does.
func checkLocale(ctx context.Context, pool *sql.DB) error {
	// The provider's column exists since version 15, and its locale's has another name since 17: hence the detour over JSON.
	const query = `SELECT d.datcollate, pg_encoding_to_char(d.encoding),
		COALESCE(to_jsonb(d) ->> 'datlocprovider', 'c'), COALESCE(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '')
		FROM pg_database d WHERE d.datname = current_database()`
	var collation, encoding, provider, locale string
	if err := pool.QueryRowContext(ctx, query).Scan(&collation, &encoding, &provider, &locale); err != nil {
		return err
	}
	switch provider {
	case "b":
		collation = locale
	case "i":
		collation = "ICU " + locale
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
