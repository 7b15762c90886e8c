package storage

import (
	"context"
	"sync"
	"time"
)

// batchSize bounds how many changes share one transaction, and batchTime how long a transaction may take.
const (
	batchSize = 64
	batchTime = 15 * time.Second
)

// Change is part of a transaction.
type Change = func(ctx context.Context, tx Querier) error

// Batch makes small changes durable. Changes that arrive while the database is busy share the next transaction, which is
// what lets a small machine take hundreds of answers a second.
type Batch struct {
	db    *DB
	queue chan *change
	done  chan struct{}

	mu   sync.RWMutex
	stop bool
}

type change struct {
	do  Change
	err chan error
}

// NewBatch starts the goroutine that makes the changes; Close ends it.
func NewBatch(db *DB) *Batch {
	b := &Batch{db: db, queue: make(chan *change, batchSize), done: make(chan struct{})}
	go b.run()
	return b
}

// Do runs do in a transaction and returns when it is committed. It may run more than once and must leave no trace outside
// the transaction but in its last run. If one change of a transaction fails, all of them do: report what is no fault of the
// database in another way than by an error.
func (b *Batch) Do(do Change) error {
	one := &change{do, make(chan error, 1)}
	b.mu.RLock()
	if b.stop {
		b.mu.RUnlock()
		return gone(errQueue)
	}
	b.queue <- one
	b.mu.RUnlock()
	return <-one.err
}

// Close makes the changes under way and refuses further ones.
func (b *Batch) Close() {
	b.mu.Lock()
	stopped := b.stop
	b.stop = true
	if !stopped {
		close(b.queue)
	}
	b.mu.Unlock()
	<-b.done
}

func (b *Batch) run() {
	defer close(b.done)
	for first := range b.queue {
		all := []*change{first}
		for len(all) < batchSize {
			select {
			case next, ok := <-b.queue:
				if ok {
					all = append(all, next)
					continue
				}
			default:
			}
			break
		}
		err := b.commit(all)
		for _, one := range all {
			one.err <- err
		}
	}
}

func (b *Batch) commit(all []*change) error {
	ctx, cancel := context.WithTimeout(context.Background(), batchTime)
	defer cancel()
	return b.db.Write(ctx, func(tx Querier) error {
		for _, one := range all {
			if err := one.do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}
