package people

import (
	"context"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

func scanPerson(row storage.Row) (p Person, err error) {
	err = row.Scan(&p.ID, &p.Email, &p.Name, &p.Role, &p.Lang)
	return p, err
}

func scanAccount(row storage.Row) (a Account, err error) {
	var created int64
	err = row.Scan(&a.ID, &a.Email, &a.Name, &a.Role, &a.Lang, &created, &a.Disabled, &a.HasPassword, &a.HasFactor)
	a.Created = time.UnixMicro(created).UTC()
	return a, err
}

func scanVisit(row storage.Row) (v Visit, err error) {
	var started, seen int64
	err = row.Scan(&v.ID, &v.Email, &v.Name, &v.Role, &v.Lang, &v.hash, &v.method, &v.strong, &started, &seen, &v.factors)
	v.started, v.seen = time.UnixMicro(started).UTC(), time.UnixMicro(seen).UTC()
	return v, err
}

// credential is a person with what the password is checked against.
type credential struct {
	Person
	password string
}

func scanCredential(row storage.Row) (c credential, err error) {
	err = row.Scan(&c.ID, &c.Email, &c.Name, &c.Role, &c.Lang, &c.password)
	return c, err
}

func scanInt(row storage.Row) (n int, err error) {
	err = row.Scan(&n)
	return n, err
}

func scanInt64(row storage.Row) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}

func scanText(row storage.Row) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

func scanBytes(row storage.Row) (b []byte, err error) {
	err = row.Scan(&b)
	return b, err
}

func personByID(ctx context.Context, q storage.Querier, personID string) (Person, error) {
	p, err := storage.One(ctx, q, scanPerson, "SELECT id, email, name, role, lang FROM person WHERE id = $1", personID)
	if storage.IsMissing(err) {
		return Person{}, errs.New(errs.NotFound, "people.error.no_account")
	}
	return p, err
}

// insertPerson stores a new account. hash is empty when the password is to be set by a link.
func insertPerson(ctx context.Context, tx storage.Querier, p Person, hash string, now int64) error {
	n, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person WHERE email_key = $1", emailKey(p.Email))
	if err != nil {
		return err
	}
	if n > 0 {
		return errs.New(errs.Conflict, "people.error.email_taken")
	}
	_, err = tx.ExecContext(ctx,
		"INSERT INTO person (id, email, email_key, name, role, lang, password, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		p.ID, p.Email, emailKey(p.Email), p.Name, string(p.Role), p.Lang, hash, now)
	if storage.IsConflict(err) {
		return errs.New(errs.Conflict, "people.error.email_taken") // another request was faster
	}
	return err
}

// endAll ends the sessions and links of a person.
func endAll(ctx context.Context, tx storage.Querier, personID string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE person_id = $1", personID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM person_link WHERE person_id = $1", personID)
	return err
}
