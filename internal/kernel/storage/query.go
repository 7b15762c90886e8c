package storage

import (
	"context"
	"database/sql"
	"time"

	"adili/internal/kernel/errs"
)

// Row is one row of a result.
type Row interface {
	// Scan copies the columns, in order, to what the pointers point at. Always into typed variables: what lands in an
	// any differs between the engines.
	Scan(dest ...any) error
}

// All runs the query and gives its rows, each read by scan. The rows are in memory when it returns, so further
// statements may follow on the same transaction.
func All[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := each(ctx, q, query, args, func(row Row) (bool, error) {
		one, err := scan(row)
		if err == nil {
			all = append(all, one)
		}
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// One runs the query and gives its first row. Without a row the error's kind is NotFound.
func One[T any](ctx context.Context, q Querier, scan func(Row) (T, error), query string, args ...any) (T, error) {
	var one T
	found := false
	err := each(ctx, q, query, args, func(row Row) (_ bool, err error) {
		found = true
		one, err = scan(row)
		return false, err
	})
	if err == nil && !found {
		err = errs.New(errs.NotFound, errs.NotFound.Key()).Because(sql.ErrNoRows)
	}
	return one, err
}

// queryLimit bounds a query from here: a server that hangs keeps no time limit of its own.
const queryLimit = 20 * time.Second

// each hands the rows of a query to f until f says no or fails.
func each(ctx context.Context, q Querier, query string, args []any, f func(Row) (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, queryLimit)
	defer cancel()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return fault(err)
	}
	defer rows.Close()
	for rows.Next() {
		if more, err := f(rows); err != nil {
			return fault(err)
		} else if !more {
			break
		}
	}
	// Close before Err: PostgreSQL reports some failures only at the end.
	if err := rows.Close(); err != nil {
		return fault(err)
	}
	return fault(rows.Err())
}

// reader is the reading pool with its errors classified.
type reader struct{ pool *sql.DB }

// Read gives the reading side. Each statement sees the last committed state; writing through it fails on both engines.
func (db *DB) Read() Querier { return reader{db.reader} }

// QueryContext implements Querier.
func (r reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := r.pool.QueryContext(ctx, query, args...)
	return rows, fault(err)
}

// QueryRowContext implements Querier.
func (r reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.pool.QueryRowContext(ctx, query, args...)
}

// ExecContext implements Querier.
func (r reader) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	result, err := r.pool.ExecContext(ctx, query, args...)
	return result, fault(err)
}

// Snapshot runs f in one reading transaction: all its statements see the same state, as a report needs.
func (db *DB) Snapshot(ctx context.Context, f func(q Querier) error) error {
	tx, err := db.reader.BeginTx(ctx, db.readOptions())
	if err != nil {
		return fault(err)
	}
	defer tx.Rollback() // ends the transaction; there is nothing to undo
	return fault(f(tx))
}

func (db *DB) readOptions() *sql.TxOptions {
	if db.engine == Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return &sql.TxOptions{ReadOnly: true}
}
