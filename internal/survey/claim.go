package survey

import (
	"context"
	"sync"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// claimBatch bounds how many changes to codes share one transaction, and
// claimTime how long a transaction may take.
const (
	claimBatch = 64
	claimTime  = 15 * time.Second
)

// claims makes changes to codes durable. Changes that arrive while the
// database is busy share the next transaction, which is what lets a small
// machine take hundreds of answers a second.
type claims struct {
	db    *storage.DB
	queue chan *claim
	done  chan struct{}

	mu   sync.RWMutex
	stop bool
}

type claim struct {
	change func(ctx context.Context, tx storage.Querier) error
	err    chan error
}

func newClaims(db *storage.DB) *claims {
	c := &claims{db: db, queue: make(chan *claim, claimBatch), done: make(chan struct{})}
	go c.run()
	return c
}

// do runs change in a transaction and returns when it is committed. A change
// may run more than once and must leave no trace outside the transaction but
// in its last run.
func (c *claims) do(change func(ctx context.Context, tx storage.Querier) error) error {
	one := &claim{change, make(chan error, 1)}
	c.mu.RLock()
	if c.stop {
		c.mu.RUnlock()
		return errs.New(errs.Unavailable, errs.Unavailable.Key())
	}
	c.queue <- one
	c.mu.RUnlock()
	return <-one.err
}

func (c *claims) close() {
	c.mu.Lock()
	stopped := c.stop
	c.stop = true
	if !stopped {
		close(c.queue)
	}
	c.mu.Unlock()
	<-c.done
}

func (c *claims) run() {
	defer close(c.done)
	for first := range c.queue {
		all := []*claim{first}
		for len(all) < claimBatch {
			select {
			case next, ok := <-c.queue:
				if ok {
					all = append(all, next)
					continue
				}
			default:
			}
			break
		}
		err := c.commit(all)
		for _, one := range all {
			one.err <- err
		}
	}
}

func (c *claims) commit(all []*claim) error {
	ctx, cancel := context.WithTimeout(context.Background(), claimTime)
	defer cancel()
	return c.db.Write(ctx, func(tx storage.Querier) error {
		for _, one := range all {
			if err := one.change(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
