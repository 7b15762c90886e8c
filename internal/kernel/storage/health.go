package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// Times of the probe that finds out when writing works again.
const (
	probeEvery = time.Second
	probeLimit = 10 * time.Second
)

// errReadOnly says what the probe found.
var errReadOnly = errors.New("the database takes no changes")

// health knows whether the database takes changes. While it does not, a probe runs in the background.
type health struct {
	mu         sync.Mutex
	down       bool
	generation int // of connections: it grows when the database stops taking changes
	closed     bool
	stop       chan struct{} // closed by close
	probing    sync.WaitGroup
}

// Writable reports whether the database takes changes, as far as is known: the last one failed because the database is
// gone, full or read-only, and nothing was heard of its recovery since. It asks nobody and costs nothing.
func (db *DB) Writable() bool {
	db.health.mu.Lock()
	defer db.health.mu.Unlock()
	return !db.health.down
}

// fail notes that the database takes no changes, and starts the probe.
func (db *DB) fail() {
	h := &db.health
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.down || h.closed {
		return
	}
	h.down = true
	h.generation++
	if h.stop == nil {
		h.stop = make(chan struct{})
	}
	h.probing.Go(db.probe)
}

// recover notes that a change was taken.
func (h *health) recover() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.down = false
}

func (h *health) close() {
	h.mu.Lock()
	if h.stop == nil {
		h.stop = make(chan struct{})
	}
	if !h.closed {
		h.closed = true
		close(h.stop)
	}
	h.mu.Unlock()
	h.probing.Wait()
}

// age is the generation connections made now belong to.
func (h *health) age() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.generation
}

// probe tries a change that changes nothing until one is taken.
func (db *DB) probe() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		select {
		case <-db.health.stop:
			return
		case <-tick.C:
		}
		if db.Writable() { // somebody else's change was taken
			return
		}
		tried := make(chan error, 1)
		go func() { tried <- db.try(ctx) }()
		select {
		case <-db.health.stop:
			cancel()
			<-tried
			return
		case err := <-tried:
			if err == nil {
				db.health.recover()
				return
			}
		}
	}
}

// try makes a change that changes nothing.
func (db *DB) try(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if db.engine == Postgres {
		err = tryPostgres(ctx, tx)
	} else {
		err = trySQLite(ctx, tx)
	}
	if err != nil {
		return err
	}
	return tx.Commit()
}

// tryPostgres takes a transaction number, which is written down at the commit.
func tryPostgres(ctx context.Context, tx *sql.Tx) error {
	var readOnly string
	var number int64
	err := tx.QueryRowContext(ctx, "SELECT current_setting('transaction_read_only'), txid_current()").Scan(&readOnly, &number)
	if err == nil && readOnly != "off" {
		err = errReadOnly
	}
	return err
}

// trySQLite writes a number in the file's header as it is.
func trySQLite(ctx context.Context, tx *sql.Tx) error {
	var version int64
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// refused reports whether err says that the database takes no changes at all: not one that collided or waited too long.
func refused(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqliteReadOnly, sqliteIO, sqliteFull, sqliteCantOpen:
			return true
		}
		return false
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code {
		case stateReadOnly:
			return true
		case stateSerialisation, stateDeadlock, "55P03", "25P03", "25P04":
			return false
		}
		return stateUnavailable(e.Code)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, errQueue) {
		return false
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return errors.Is(err, errMoved) || errors.Is(err, driver.ErrBadConn)
}
