package audit

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

const columns = "seq, at, actor_id, actor_name, action, object, detail, hash"

// end gives the number and hash of the last entry.
func end(ctx context.Context, q storage.Querier) (Head, error) {
	h, err := storage.One(ctx, q, func(row storage.Row) (h Head, err error) { return h, row.Scan(&h.Seq, &h.Hash) },
		"SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1")
	if storage.IsMissing(err) {
		return Head{}, nil
	}
	return h, err
}

// insert adds the entry. Two transactions that chose the same number collide: on PostgreSQL the conflict clause meets a
// row it cannot see, which is a serialisation failure, and Write tries again; on SQLite there is one writer.
func insert(ctx context.Context, tx storage.Querier, e Entry) error {
	result, err := tx.ExecContext(ctx, "INSERT INTO audit_entry ("+columns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (seq) DO NOTHING",
		e.Seq, e.At.UnixMicro(), e.Actor.ID, e.Actor.Name, e.Action, e.Object, encodeDetail(e.Detail), e.Hash)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errors.New("the number was taken: not within a serialisable transaction"), err)
	}
	return nil
}

func scan(row storage.Row) (e Entry, err error) {
	var at int64
	var detail string
	if err := row.Scan(&e.Seq, &at, &e.Actor.ID, &e.Actor.Name, &e.Action, &e.Object, &detail, &e.Hash); err != nil {
		return e, err
	}
	e.At = time.UnixMicro(at).UTC()
	e.Detail = decodeDetail(detail)
	return e, nil
}

// decodeDetail reads what encodeDetail wrote. Other text, which somebody else put there, becomes a detail without a name:
// it is seen, and the entry does not fit its hash.
func decodeDetail(text string) []Pair {
	var list [][2]string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return []Pair{{"", text}}
	}
	var detail []Pair
	for _, p := range list {
		detail = append(detail, Pair{p[0], p[1]})
	}
	if encodeDetail(detail) != text {
		return []Pair{{"", text}}
	}
	return detail
}

// Entries gives up to limit entries that follow the one with the number after, oldest first.
func Entries(ctx context.Context, q storage.Querier, after int64, limit int) (entries []Entry, err error) {
	defer errs.Wrap(&err, "audit.Entries")
	return storage.All(ctx, q, scan, "SELECT "+columns+" FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit)
}
