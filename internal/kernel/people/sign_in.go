package people

import (
	"context"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people/seal"
	"adili/internal/kernel/storage"
)

// attempt gives the allowances that a failed attempt on the account uses up.
func (s *Service) attempt(keys *seal.Ring, from Client, account string) attempt {
	if nonce, _ := keys.Device(from.Known, account, s.clock.Now()); nonce != "" {
		return attempt{{"device", nonce, perDevice}}
	}
	return outside(from.Key, account)
}

// SignIn checks the password and opens a session, full or half. An unknown e-mail address, a disabled account and a wrong
// password are one error, of kind Invalid, and take the same time. TooMany when there were too many failures: see limiter.
func (s *Service) SignIn(ctx context.Context, email, password string, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SignIn")
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	account := emailKey(email)
	try := s.attempt(keys, from, account)
	if !s.limit.take(try) {
		return Entry{}, errs.New(errs.TooMany, "people.error.too_many")
	}
	c, err := storage.One(ctx, s.db.Read(), scanCredential,
		"SELECT id, email, name, role, lang, password FROM person WHERE email_key = $1 AND disabled_at IS NULL AND password <> ''", account)
	known := err == nil
	if storage.IsMissing(err) {
		c.password, err = s.hasher.dummy, nil
	}
	if err != nil {
		return Entry{}, err
	}
	right, err := s.check(ctx, password, c.password)
	if err != nil {
		return Entry{}, err
	}
	if !right || !known {
		return Entry{}, errs.New(errs.Invalid, "people.error.sign_in")
	}
	s.limit.giveBack(try)
	err = s.db.Write(ctx, func(tx storage.Querier) (err error) {
		e, err = s.open(ctx, tx, keys, opening{person: c.Person, method: "password", from: from})
		return err
	})
	return e, err
}

// check says whether a typed password is the one of the hash.
func (s *Service) check(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // nobody has it; hashing megabytes would take longer
	}
	return s.hasher.check(ctx, password, hash)
}

// ChangePassword sets a new password for somebody who knows the present one, ends all their sessions and opens a new one
// like that of the token. Failures count against this person alone. Errors: Invalid, TooMany, SignInNeeded.
func (s *Service) ChangePassword(ctx context.Context, token, present, next string, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.ChangePassword")
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	v, err := s.full(ctx, s.db.Read(), token)
	if err != nil {
		return Entry{}, err
	}
	if err := checkPassword(next, v.Email); err != nil { // before anything costs an attempt
		return Entry{}, err
	}
	try := attempt{{"own", v.ID, perSession}}
	if !s.limit.take(try) {
		return Entry{}, errs.New(errs.TooMany, "people.error.too_many")
	}
	old, err := storage.One(ctx, s.db.Read(), scanText, "SELECT password FROM person WHERE id = $1", v.ID)
	if err != nil {
		return Entry{}, err
	}
	if old == "" { // signs in some other way, and has none
		old = s.hasher.dummy
	}
	right, err := s.check(ctx, present, old)
	if err != nil {
		return Entry{}, err
	}
	if !right {
		return Entry{}, errs.New(errs.Invalid, "people.error.present_password")
	}
	s.limit.giveBack(try)
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return Entry{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) (err error) {
		if err := endAll(ctx, tx, v.ID); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "UPDATE person SET password = $1 WHERE id = $2 AND password = $3", hash, v.ID, old)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errs.New(errs.Conflict, errs.Conflict.Key()).Because(err) // somebody has reset it meanwhile
		}
		if err := s.note(ctx, tx, v.Actor(), "password.changed", v.ID); err != nil {
			return err
		}
		e, err = s.open(ctx, tx, keys, opening{person: v.Person, method: v.method, strong: v.strong, started: v.started, from: from})
		return err
	})
	return e, err
}

// Identity is what a provider of sign-in says of somebody who has just signed in there.
type Identity struct {
	Issuer, Subject string // name the person for ever
	Email           string
	EmailVerified   bool
	MFA             bool // the provider asked for more than one factor
}

// SignInBy opens a session for somebody whom a provider vouches for, if there is an account, enabled, that is theirs: the
// one that this issuer and subject came to before, or else the one with their verified e-mail address, which becomes
// theirs. None is made. Errors: Forbidden.
func (s *Service) SignInBy(ctx context.Context, who Identity, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SignInBy")
	if who.Issuer == "" || who.Subject == "" {
		return Entry{}, errs.New(errs.Forbidden, "people.error.identity")
	}
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := s.identified(ctx, tx, who)
		if err != nil {
			return err
		}
		e, err = s.open(ctx, tx, keys, opening{person: p, method: "provider", strong: who.MFA, from: from})
		return err
	})
	return e, err
}

// identified gives the person of an identity.
func (s *Service) identified(ctx context.Context, tx storage.Querier, who Identity) (Person, error) {
	p, err := storage.One(ctx, tx, scanPerson,
		"SELECT p.id, p.email, p.name, p.role, p.lang FROM person_identity i JOIN person p ON p.id = i.person_id"+
			" WHERE i.issuer = $1 AND i.subject = $2", who.Issuer, who.Subject)
	if storage.IsMissing(err) {
		return s.link(ctx, tx, who)
	}
	if err != nil {
		return Person{}, err
	}
	return p, s.enabled(ctx, tx, p.ID)
}

// link gives an account to an identity that has none yet. An account that another subject of the same provider has is not
// given away: addresses pass from one person to the next.
func (s *Service) link(ctx context.Context, tx storage.Querier, who Identity) (Person, error) {
	none := errs.New(errs.Forbidden, "people.error.identity")
	if !who.EmailVerified {
		return Person{}, errs.New(errs.Forbidden, "people.error.identity_email")
	}
	p, err := storage.One(ctx, tx, scanPerson, "SELECT id, email, name, role, lang FROM person WHERE email_key = $1", emailKey(who.Email))
	if storage.IsMissing(err) {
		return Person{}, none
	}
	if err != nil {
		return Person{}, err
	}
	taken, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person_identity WHERE person_id = $1 AND issuer = $2", p.ID, who.Issuer)
	if err != nil {
		return Person{}, err
	}
	if taken > 0 {
		return Person{}, none
	}
	if err := s.enabled(ctx, tx, p.ID); err != nil {
		return Person{}, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO person_identity (issuer, subject, person_id, linked_at) VALUES ($1, $2, $3, $4)",
		who.Issuer, who.Subject, p.ID, s.now()); err != nil {
		return Person{}, err
	}
	return p, s.note(ctx, tx, p.Actor(), "account.link", p.ID, "issuer", who.Issuer)
}

// enabled gives Forbidden for an account that is disabled.
func (s *Service) enabled(ctx context.Context, tx storage.Querier, personID string) error {
	n, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person WHERE id = $1 AND disabled_at IS NULL", personID)
	if err == nil && n == 0 {
		err = errs.New(errs.Forbidden, "people.error.identity")
	}
	return err
}
