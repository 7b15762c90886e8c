package audit

import (
	"context"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Filter says which entries to look for. The zero value is all of them.
type Filter struct {
	Actor    string    // an ID, or the name of an actor without one; empty for everybody
	Action   string    // empty for all
	From, To time.Time // from this time on, and before that; zero for no bound
	Before   int64     // only entries with a lower number; 0 for no bound
}

// Search gives up to limit entries that pass the filter, newest first.
func Search(ctx context.Context, q storage.Querier, f Filter, limit int) (entries []Entry, err error) {
	defer errs.Wrap(&err, "audit.Search")
	from, to, before := int64(-1<<62), int64(1<<62), int64(1<<62)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	if f.Before > 0 {
		before = f.Before
	}
	return storage.All(ctx, q, scan, "SELECT "+columns+` FROM audit_entry
		WHERE ($1 = '' OR CASE WHEN actor_id = '' THEN actor_name ELSE actor_id END = $1) AND ($2 = '' OR action = $2)
		AND at >= $3 AND at < $4 AND seq < $5
		ORDER BY seq DESC LIMIT $6`, f.Actor, f.Action, from, to, before, limit)
}

// Key gives what Filter.Actor finds this actor by.
func (a Actor) Key() string {
	if a.ID == "" {
		return a.Name
	}
	return a.ID
}

// Actors gives everybody in the trail, each once under the latest name.
func Actors(ctx context.Context, q storage.Querier) (actors []Actor, err error) {
	defer errs.Wrap(&err, "audit.Actors")
	return storage.All(ctx, q, func(row storage.Row) (a Actor, err error) { return a, row.Scan(&a.ID, &a.Name) },
		`SELECT e.actor_id, e.actor_name FROM audit_entry e WHERE e.seq IN (
			SELECT MAX(seq) FROM audit_entry GROUP BY CASE WHEN actor_id = '' THEN actor_name ELSE actor_id END)
		ORDER BY e.actor_name, e.seq`)
}

// Actions gives every action in the trail, once.
func Actions(ctx context.Context, q storage.Querier) (actions []string, err error) {
	defer errs.Wrap(&err, "audit.Actions")
	return storage.All(ctx, q, func(row storage.Row) (s string, err error) { return s, row.Scan(&s) },
		"SELECT DISTINCT action FROM audit_entry ORDER BY action")
}
