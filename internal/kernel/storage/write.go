package storage

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"
)

// Limits of Write. The wait covers the turn in the queue and all retries; it is longer than SQLite's busy timeout (5 s),
// so that a lock held from outside is tried once more.
const (
	writeWait  = 10 * time.Second
	writeLimit = 60 * time.Second // for one run of the transaction: nobody may hold up the others for longer
)

var errQueue = errors.New("the database did not give a turn in time")

// Write runs f in one transaction and commits it if f gives no error. When Write gives none, the data is on the disk.
// f may be run more than once, since a transaction that collides with another is tried again: it must change nothing
// outside the database. The error's kind is Unavailable when the database is locked, full or gone; if the connection
// broke during the commit, the data may be there nevertheless.
func (db *DB) Write(ctx context.Context, f func(tx Querier) error) error {
	deadline := time.Now().Add(db.wait)
	pause := 2 * time.Millisecond
	for {
		err := db.writeOnce(ctx, deadline, f)
		if err == nil && !db.Writable() {
			db.health.recover()
		}
		if err == nil || !again(err) || !time.Now().Before(deadline) {
			if err != nil && refused(err) {
				db.fail()
			}
			return writeFault(err)
		}
		// The pause is random, or those who collided would collide again.
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(pause)):
		}
		pause = min(2*pause, 100*time.Millisecond)
	}
}

func (db *DB) writeOnce(ctx context.Context, deadline time.Time, f func(tx Querier) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	turn := time.AfterFunc(time.Until(deadline), cancel)
	tx, err := db.writer.BeginTx(ctx, db.writeOptions())
	if !turn.Stop() {
		if err == nil {
			err = tx.Rollback()
		}
		return gone(errors.Join(errQueue, err))
	}
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this does nothing; after a panic it frees the connection
	limit := time.AfterFunc(writeLimit, cancel)
	defer limit.Stop()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// writeOptions asks PostgreSQL for what SQLite gives anyway: transactions that behave as if run one after the other.
func (db *DB) writeOptions() *sql.TxOptions {
	if db.engine == Postgres {
		return &sql.TxOptions{Isolation: sql.LevelSerializable}
	}
	return nil
}
