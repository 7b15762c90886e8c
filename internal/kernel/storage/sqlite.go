package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// sqliteReaders is how many statements may read at a time. Each connection keeps a cache of up to 8 MiB.
const sqliteReaders = 8

// Settings of the connections. FULL makes a commit wait for the disk, so that an acknowledged answer outlives a power cut;
// secure_delete overwrites what is deleted; temporary tables stay off the disk. cache_size is in -KiB.
const (
	sqliteBoth   = "mode=rw&_pragma=busy_timeout(5000)&_pragma=temp_store(MEMORY)&_pragma=foreign_keys(1)"
	sqliteWriter = sqliteBoth + "&_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=secure_delete(1)&_pragma=journal_size_limit(16777216)&_pragma=cache_size(-16384)"
	sqliteReader = sqliteBoth + "&_txlock=deferred&_pragma=query_only(1)&_pragma=cache_size(-8192)"
)

// errMoved says that the file is not the one that was opened: writing on would write into a file that has no name any
// more, and every answer acknowledged after that would be lost.
var errMoved = errors.New("the database file was removed or replaced")

// openSQLite makes the file if needed and prepares one writer and several readers. With a single pool for both, one
// writer in many is starved for seconds; with one writer all wait their turn.
func openSQLite(path string) (*DB, error) {
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return nil, errors.New(`the database address needs a file, such as "sqlite:/var/lib/adili/adili.db"`)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("making the database file: %w", err)
	}
	db := &DB{engine: SQLite}
	address := "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
	if db.writer, err = sqlitePool(path, address+sqliteWriter, 1); err != nil {
		return nil, err
	}
	if db.reader, err = sqlitePool(path, address+sqliteReader, sqliteReaders); err != nil {
		return nil, err
	}
	return db, nil
}

// makeFile makes an empty file and its folder, for this user only, unless they are there. SQLite gives its journal files
// the rights of the database file.
func makeFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func sqlitePool(path, dsn string, size int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(sqliteConnector{connector, path})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	pool.SetConnMaxIdleTime(10 * time.Minute)
	return pool, nil
}

// sqliteConnector opens connections that know which file they have open.
type sqliteConnector struct {
	driver.Connector
	path string
}

// Connect implements driver.Connector.
func (c sqliteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	before, err := os.Stat(c.path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMoved, err)
	}
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := conn.(interface {
		driver.ConnBeginTx
		driver.ConnPrepareContext
		driver.ExecerContext
		driver.QueryerContext
	})
	if !ok {
		return nil, errors.Join(errors.New("the SQLite driver lacks an interface"), conn.Close())
	}
	opened := &sqliteConn{Conn: conn, ConnBeginTx: full, ConnPrepareContext: full, ExecerContext: full, QueryerContext: full, path: c.path, opened: before}
	if opened.moved() {
		return nil, errors.Join(errMoved, conn.Close())
	}
	return opened, nil
}

// sqliteConn is a connection that is given up when its file is gone or replaced. The pool then opens a new one, so that
// the service mends itself once the file is back.
type sqliteConn struct {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	path   string
	opened os.FileInfo
}

func (c *sqliteConn) moved() bool {
	now, err := os.Stat(c.path)
	return err != nil || !os.SameFile(now, c.opened)
}

// ResetSession is asked before each use of a pooled connection but the first.
func (c *sqliteConn) ResetSession(ctx context.Context) error {
	if c.moved() {
		return driver.ErrBadConn
	}
	if inner, ok := c.Conn.(driver.SessionResetter); ok {
		return inner.ResetSession(ctx)
	}
	return nil
}

// IsValid is asked before a connection goes back to the pool.
func (c *sqliteConn) IsValid() bool {
	inner, ok := c.Conn.(driver.Validator)
	return !ok || inner.IsValid()
}

// BeginTx implements driver.ConnBeginTx.
func (c *sqliteConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	tx, err := c.ConnBeginTx.BeginTx(ctx, options)
	if err != nil {
		return nil, err
	}
	return sqliteTx{tx, c}, nil
}

// sqliteTx is a transaction whose commit counts only if the file is still there.
type sqliteTx struct {
	driver.Tx
	conn *sqliteConn
}

// Commit implements driver.Tx.
func (tx sqliteTx) Commit() error {
	if err := tx.Tx.Commit(); err != nil {
		return err
	}
	if tx.conn.moved() {
		return errMoved
	}
	return nil
}
