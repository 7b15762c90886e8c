package people

import (
	"context"
	"strconv"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people/seal"
	"adili/internal/kernel/storage"
)

// ceremonyLife is how long the page of an enrolment or of a question is good for.
const ceremonyLife = 10 * time.Minute

// Factors are what a person can prove themselves by beside the password.
type Factors struct {
	Passkeys []Passkey
	App      bool // an authenticator app
	AppSince time.Time
	Codes    int // recovery codes left
}

// Any says whether there is one at all. Recovery codes alone are none.
func (f Factors) Any() bool { return f.App || len(f.Passkeys) > 0 }

// Factors gives the factors of a person.
func (s *Service) Factors(ctx context.Context, personID string) (f Factors, err error) {
	defer errs.Wrap(&err, "people.Factors")
	q := s.db.Read()
	if f.Passkeys, err = passkeys(ctx, q, personID); err != nil {
		return Factors{}, err
	}
	since, err := storage.One(ctx, q, scanInt64, "SELECT created_at FROM person_totp WHERE person_id = $1", personID)
	if err != nil && !storage.IsMissing(err) {
		return Factors{}, err
	}
	if f.App = err == nil; f.App {
		f.AppSince = time.UnixMicro(since).UTC()
	}
	f.Codes, err = storage.One(ctx, q, scanInt, "SELECT COUNT(*) FROM person_recovery WHERE person_id = $1", personID)
	return f, err
}

// enroller gives the visit of somebody who may change their factors: who has just signed in, or who must enrol before
// anything else. Errors: SignInNeeded; Conflict when signing in was too long ago.
func (s *Service) enroller(ctx context.Context, q storage.Querier, token string) (Visit, error) {
	v, err := s.visit(ctx, q, token)
	switch {
	case err != nil:
		return Visit{}, err
	case v.Stage == Second:
		return Visit{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	case v.Stage == Full && !v.Fresh:
		return Visit{}, errs.New(errs.Conflict, "people.error.fresh")
	}
	return v, nil
}

// Enrolled is what somebody gets for a new factor: a session that has been proven by it, and recovery codes if there were
// none, which are shown this once.
type Enrolled struct {
	Entry
	Codes []string
}

// enrol runs the transaction of a new factor: store puts it in.
func (s *Service) enrol(ctx context.Context, token, kind string, from Client, store func(tx storage.Querier, v Visit) error) (done Enrolled, err error) {
	keys, err := s.ring(ctx)
	if err != nil {
		return Enrolled{}, err
	}
	codes, hashes, err := s.firstCodes(ctx, token)
	if err != nil {
		return Enrolled{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		v, err := s.enroller(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := store(tx, v); err != nil {
			return err
		}
		if err := s.note(ctx, tx, v.Actor(), "factor.add", v.ID, "kind", kind); err != nil {
			return err
		}
		if len(codes) > 0 {
			if err := s.storeCodes(ctx, tx, v.Person, hashes); err != nil {
				return err
			}
		}
		done.Codes = codes
		done.Entry, err = s.stepUp(ctx, tx, keys, v, "", from)
		return err
	})
	return done, err
}

// firstCodes makes recovery codes for somebody who has none.
func (s *Service) firstCodes(ctx context.Context, token string) (codes, hashes []string, err error) {
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return nil, nil, err
	}
	n, err := storage.One(ctx, s.db.Read(), scanInt, "SELECT COUNT(*) FROM person_recovery WHERE person_id = $1", v.ID)
	if err != nil || n > 0 {
		return nil, nil, err
	}
	return s.makeCodes(ctx)
}

// remove runs the transaction that takes a factor away. drop deletes it and says whether it was there.
func (s *Service) remove(ctx context.Context, token, kind string, drop func(tx storage.Querier, v Visit) (int64, error)) error {
	return s.db.Write(ctx, func(tx storage.Querier) error {
		v, err := s.enroller(ctx, tx, token)
		if err == nil && v.Stage != Full {
			err = errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
		}
		if err != nil {
			return err
		}
		n, err := drop(tx, v)
		if err != nil || n == 0 {
			return err // a second click is no error
		}
		left, err := storage.One(ctx, tx, scanInt,
			"SELECT (SELECT COUNT(*) FROM person_passkey WHERE person_id = $1) + (SELECT COUNT(*) FROM person_totp WHERE person_id = $1)", v.ID)
		if err != nil {
			return err
		}
		if left == 0 && s.required && v.Role == Operator {
			return errs.New(errs.Conflict, "people.error.last_factor")
		}
		if left == 0 { // nothing would ask for them
			if _, err := tx.ExecContext(ctx, "DELETE FROM person_recovery WHERE person_id = $1", v.ID); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, v.Actor(), "factor.remove", v.ID, "kind", kind)
	})
}

// dropFactors takes everything away by which a person could prove themselves, and the link to a provider.
func (s *Service) dropFactors(ctx context.Context, tx storage.Querier, by audit.Actor, personID string) error {
	var gone int64
	for _, statement := range []string{
		"DELETE FROM person_passkey WHERE person_id = $1", "DELETE FROM person_totp WHERE person_id = $1",
		"DELETE FROM person_recovery WHERE person_id = $1", "DELETE FROM person_identity WHERE person_id = $1",
	} {
		result, err := tx.ExecContext(ctx, statement, personID)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		gone += n
	}
	if gone == 0 {
		return nil
	}
	return s.note(ctx, tx, by, "factor.remove", personID, "kind", "all")
}

func errCode() error { return errs.New(errs.Invalid, "people.error.code") }

// SecondCode takes the second step of signing in with a code: of the authenticator app, or a recovery code. Errors: Invalid,
// TooMany, SignInNeeded.
func (s *Service) SecondCode(ctx context.Context, token, code string, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SecondCode")
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	v, err := s.second(ctx, s.db.Read(), token)
	if err != nil {
		return Entry{}, err
	}
	try := attempt{{"second", v.ID, perSecond}}
	if nonce, _ := keys.Device(from.Known, emailKey(v.Email), s.clock.Now()); nonce != "" {
		try = attempt{{"second on device", nonce, perSecond}}
	}
	if !s.limit.take(try) {
		return Entry{}, errs.New(errs.TooMany, "people.error.too_many")
	}
	kind, use, err := s.right(ctx, keys, v.ID, code)
	if err != nil {
		return Entry{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		v, err := s.second(ctx, tx, token)
		if err != nil {
			return err
		}
		if err := use(tx); err != nil {
			return err
		}
		e, err = s.stepUp(ctx, tx, keys, v, kind, from)
		return err
	})
	if err == nil {
		s.limit.giveBack(try)
	}
	return e, err
}

// second gives the visit of somebody whose second factor is still to be given.
func (s *Service) second(ctx context.Context, q storage.Querier, token string) (Visit, error) {
	v, err := s.visit(ctx, q, token)
	if err == nil && v.Stage != Second {
		err = errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	return v, err
}

// right finds what a code is good for, and gives what uses it up.
func (s *Service) right(ctx context.Context, keys *seal.Ring, personID, code string) (kind string, use func(storage.Querier) error, err error) {
	code = plainCode(code)
	if _, err := strconv.Atoi(code); err == nil && len(code) == appDigits {
		use, err = s.appCode(ctx, keys, personID, code)
		return "totp", use, err
	}
	use, err = s.recoveryCode(ctx, personID, code)
	return "recovery", use, err
}

// once turns a statement that changed no row into a refusal: the code was used meanwhile.
func once(ctx context.Context, tx storage.Querier, statement string, args ...any) error {
	result, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = errCode()
	}
	return err
}
