package storage

import (
	"context"
	"errors"
	"sync"
	"time"

	"adili/internal/kernel/errs"
)

// Limits of Exclusive.
const (
	exclusiveWait = 50 * time.Second // for one's turn
	exclusivePing = 3 * time.Second  // how often the lock's connection is looked at
)

var errLockLost = errors.New("the connection that held the lock is gone")

// turns lets one at a time in, by name.
type turns struct {
	mu   sync.Mutex
	wait map[string]chan struct{} // holds one token for each name
}

func (t *turns) take(ctx context.Context, name string) (giveBack func(), err error) {
	t.mu.Lock()
	if t.wait == nil {
		t.wait = map[string]chan struct{}{}
	}
	turn, ok := t.wait[name]
	if !ok {
		turn = make(chan struct{}, 1)
		t.wait[name] = turn
	}
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, gone(errors.Join(errQueue, ctx.Err()))
	}
}

// Exclusive runs f while no other Exclusive of this name runs, in this process or, on PostgreSQL, in any other on the same
// database. Names are few and fixed. The error's kind is Unavailable when the turn does not come in time. f's context
// ends when the lock is lost, as when the server restarts; what f does to the database must hold by itself even then.
func (db *DB) Exclusive(ctx context.Context, name string, f func(ctx context.Context) error) (err error) {
	waiting, cancel := context.WithTimeout(ctx, exclusiveWait)
	defer cancel()
	giveBack, err := db.turns.take(waiting, name)
	if err != nil {
		return err
	}
	defer giveBack()
	if db.engine == SQLite { // one program at a time has the file
		return f(ctx)
	}
	return db.exclusive(ctx, waiting, name, f)
}

// exclusive holds an advisory lock on a connection of its own, which the server frees when the connection ends.
func (db *DB) exclusive(ctx, waiting context.Context, name string, f func(ctx context.Context) error) error {
	pool := postgresConns(db.config, map[string]string{"statement_timeout": "0", "lock_timeout": "0"}, nil)
	pool.SetMaxOpenConns(1)
	defer pool.Close()
	conn, err := pool.Conn(waiting)
	if err != nil {
		return gone(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(waiting, "SELECT pg_advisory_lock(hashtextextended($1, 0))", "adili "+name); err != nil {
		return gone(err)
	}
	held, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	var watch sync.WaitGroup
	done := make(chan struct{})
	watch.Go(func() {
		tick := time.NewTicker(exclusivePing)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				if err := conn.PingContext(held); err != nil {
					lost(errLockLost)
					return
				}
			}
		}
	})
	err = f(held)
	close(done)
	lost(nil) // ends a ping under way
	watch.Wait()
	if err != nil && errors.Is(context.Cause(held), errLockLost) && errors.Is(err, context.Canceled) {
		return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(errors.Join(errLockLost, err))
	}
	return err
}
