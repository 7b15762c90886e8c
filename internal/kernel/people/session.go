package people

import (
	"context"
	"time"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Life of a session.
const (
	idleLife     = 30 * time.Minute // without a request
	absoluteLife = 8 * time.Hour    // whatever happens
	seenEvery    = time.Minute      // how exactly the last request is known, so that reading pages writes little
)

// SignIn checks the password and opens a session, whose token it gives. clientKey tells clients apart for the rate limit
// (see limiter) and is not kept; empty when it is not known. An unknown e-mail address, a disabled account and a wrong password are one error, of kind
// Invalid, and take the same time. TooMany when the client or the account has failed too often.
func (s *Service) SignIn(ctx context.Context, email, password, clientKey string) (token string, err error) {
	defer errs.Wrap(&err, "people.SignIn")
	key := emailKey(email)
	if !s.limit.take(clientKey, key) {
		return "", errs.New(errs.TooMany, "people.error.too_many")
	}
	c, err := storage.One(ctx, s.db.Read(), scanCredential,
		"SELECT id, password FROM person WHERE email_key = $1 AND disabled_at IS NULL AND password <> ''", key)
	known := err == nil
	if storage.IsMissing(err) {
		c.password, err = s.hasher.dummy, nil
	}
	if err != nil {
		return "", err
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // nobody has it; hashing megabytes would take longer
	}
	right, err := s.hasher.check(ctx, password, c.password)
	if err != nil {
		return "", err
	}
	if !right || !known {
		return "", errs.New(errs.Invalid, "people.error.sign_in")
	}
	s.limit.giveBack(clientKey, key)
	return s.startSession(ctx, c.id)
}

// startSession opens a session and clears away those that have ended.
func (s *Service) startSession(ctx context.Context, personID string) (string, error) {
	token, now := newToken(), s.clock.Now()
	err := s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE seen_at <= $1 OR created_at <= $2",
			now.Add(-idleLife).UnixMicro(), now.Add(-absoluteLife).UnixMicro()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO person_session (hash, person_id, created_at, seen_at) VALUES ($1, $2, $3, $3)",
			tokenHash(token), personID, now.UnixMicro())
		return err
	})
	return token, err
}

// Session gives the person a session belongs to, and SignInNeeded when it has ended or never was.
func (s *Service) Session(ctx context.Context, token string) (p Person, err error) {
	defer errs.Wrap(&err, "people.Session")
	now := s.clock.Now()
	found, err := storage.One(ctx, s.db.Read(), scanSession,
		"SELECT p.id, p.email, p.name, p.role, p.lang, s.seen_at FROM person_session s JOIN person p ON p.id = s.person_id"+
			" WHERE s.hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND p.disabled_at IS NULL",
		tokenHash(token), now.Add(-idleLife).UnixMicro(), now.Add(-absoluteLife).UnixMicro())
	if storage.IsMissing(err) {
		return Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	if err != nil {
		return Person{}, err
	}
	if now.Sub(time.UnixMicro(found.seen)) >= seenEvery {
		// A disk that is full must not keep anybody from reading, so an error here is left alone: at worst the session
		// ends early.
		_ = s.db.Write(ctx, func(tx storage.Querier) error {
			_, err := tx.ExecContext(ctx, "UPDATE person_session SET seen_at = $1 WHERE hash = $2", now.UnixMicro(), tokenHash(token))
			return err
		})
	}
	return found.Person, nil
}

// SignOut ends the session. A token that opens nothing is no error.
func (s *Service) SignOut(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "people.SignOut")
	return s.db.Write(ctx, func(tx storage.Querier) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE hash = $1", tokenHash(token))
		return err
	})
}

// ChangePassword sets a new password for somebody who knows the present one, ends all their sessions and gives the token of
// a new one. clientKey is as in SignIn, and so are the limits. Errors: Invalid, TooMany.
func (s *Service) ChangePassword(ctx context.Context, personID, present, next, clientKey string) (token string, err error) {
	defer errs.Wrap(&err, "people.ChangePassword")
	p, err := personByID(ctx, s.db.Read(), personID)
	if err != nil {
		return "", err
	}
	if err := checkPassword(next, p.Email); err != nil { // before anything costs an attempt
		return "", err
	}
	token, err = s.SignIn(ctx, p.Email, present, clientKey)
	if errs.KindOf(err) == errs.Invalid {
		return "", errs.New(errs.Invalid, "people.error.present_password")
	}
	if err != nil {
		return "", err
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return "", err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE person_id = $1 AND hash <> $2", personID, tokenHash(token)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE person SET password = $1 WHERE id = $2", hash, personID)
		return err
	})
	return token, err
}
