package job

import (
	"context"
	"time"

	"adili/internal/kernel/storage"
)

// row is a job as the table has it.
type row struct {
	due, before    time.Time
	holder         string
	beat           int64
	node           string
	started, ended time.Time
	err            string
	succeeded      time.Time
	failures       int64
	stored         bool // it is in the table
}

func (w row) run(name string) Run {
	return Run{Name: name, Due: w.due, Started: w.started, Ended: w.ended, Error: w.err, Node: w.node, Succeeded: w.succeeded, Failures: w.failures}
}

// micro and moment turn times into what the table holds and back; 0 is the zero time.
func micro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// rows gives the table by name.
func rows(ctx context.Context, q storage.Querier) (map[string]row, error) {
	type named struct {
		name string
		row
	}
	list, err := storage.All(ctx, q, func(r storage.Row) (n named, err error) {
		var due, before, started, ended, succeeded int64
		err = r.Scan(&n.name, &due, &before, &n.holder, &n.beat, &n.node, &started, &ended, &n.err, &succeeded, &n.failures)
		n.due, n.before, n.started, n.ended, n.succeeded = moment(due), moment(before), moment(started), moment(ended), moment(succeeded)
		n.stored = true
		return n, err
	}, "SELECT name, due_at, before_at, holder, beat, node, started_at, ended_at, error, success_at, failures FROM job")
	if err != nil {
		return nil, err
	}
	all := make(map[string]row, len(list))
	for _, n := range list {
		all[n.name] = n.row
	}
	return all, nil
}

// insert puts a job that nobody has seen yet into the table.
func insert(ctx context.Context, tx storage.Querier, name string, due time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO job (name, due_at, before_at, holder, beat, node, started_at, ended_at, error, success_at, failures)
		VALUES ($1, $2, 0, '', 0, '', 0, 0, '', 0, 0) ON CONFLICT (name) DO NOTHING`, name, micro(due))
	return err
}

// claim takes a due time if the row is still as it was seen, and reports whether it was.
func claim(ctx context.Context, tx storage.Querier, name string, seen row, next row) (bool, error) {
	return changed(ctx, tx, `UPDATE job SET due_at = $1, before_at = $2, holder = $3, beat = 0, node = $4, started_at = $5, ended_at = 0
		WHERE name = $6 AND holder = $7 AND beat = $8 AND due_at = $9`,
		micro(next.due), micro(next.before), next.holder, next.node, micro(next.started), name, seen.holder, seen.beat, micro(seen.due))
}

// keep shows that the holder lives, and reports whether it still holds the job.
func keep(ctx context.Context, tx storage.Querier, name, holder string) (bool, error) {
	return changed(ctx, tx, "UPDATE job SET beat = beat + 1 WHERE name = $1 AND holder = $2", name, holder)
}

// finish notes how the holder's run ended.
func finish(ctx context.Context, tx storage.Querier, name, holder string, ended time.Time, failure string) (bool, error) {
	if failure != "" {
		return changed(ctx, tx, "UPDATE job SET holder = '', ended_at = $1, error = $2, failures = failures + 1 WHERE name = $3 AND holder = $4",
			micro(ended), failure, name, holder)
	}
	return changed(ctx, tx, "UPDATE job SET holder = '', ended_at = $1, error = '', success_at = $1 WHERE name = $2 AND holder = $3",
		micro(ended), name, holder)
}

// release gives the due time back, to be taken again by any node.
func release(ctx context.Context, tx storage.Querier, name, holder string, ended time.Time) (bool, error) {
	return changed(ctx, tx, "UPDATE job SET holder = '', due_at = before_at, ended_at = $1 WHERE name = $2 AND holder = $3", micro(ended), name, holder)
}

func changed(ctx context.Context, tx storage.Querier, query string, args ...any) (bool, error) {
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
