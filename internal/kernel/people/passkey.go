package people

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
	"adili/internal/kernel/people/passkey"
	"adili/internal/kernel/storage"
)

// Limits of a passkey.
const (
	maxPasskeys    = 20
	maxPasskeyName = 60 // letters
)

// Passkey is one of a person's passkeys.
type Passkey struct {
	ID      string
	Name    string // as its owner calls it
	Host    string // domain it was made for, and is of use at
	Created time.Time
	Used    time.Time // zero: never
	Copied  bool      // seems to exist twice; no longer accepted

	credential, data string
}

func (k Passkey) key() (passkey.Key, error) {
	raw, err := base64.RawURLEncoding.DecodeString(k.credential)
	return passkey.Key{ID: raw, Data: []byte(k.data)}, err
}

func scanPasskey(row storage.Row) (k Passkey, err error) {
	var created, used int64
	err = row.Scan(&k.ID, &k.Name, &k.Host, &created, &used, &k.Copied, &k.credential, &k.data)
	k.Created = time.UnixMicro(created).UTC()
	if used > 0 {
		k.Used = time.UnixMicro(used).UTC()
	}
	return k, err
}

func passkeys(ctx context.Context, q storage.Querier, personID string) ([]Passkey, error) {
	return storage.All(ctx, q, scanPasskey,
		"SELECT id, name, host, created_at, COALESCE(used_at, 0), copied, credential, data FROM person_passkey WHERE person_id = $1 ORDER BY created_at, id", personID)
}

// usable gives the keys that are accepted at a site.
func usable(list []Passkey, site passkey.Site) ([]passkey.Key, error) {
	var keys []passkey.Key
	for _, k := range list {
		if k.Host != site.ID || k.Copied {
			continue
		}
		key, err := k.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func passkeyUser(p Person) passkey.User { return passkey.User{ID: p.ID, Name: p.Email, Label: p.Name} }

// Question is the first half of a ceremony with a passkey, for the page.
type Question struct{ Options, State string }

func (s *Service) question(ctx context.Context, purpose string, c passkey.Ceremony) (Question, error) {
	state, err := s.Keep(ctx, purpose, c.State, ceremonyLife)
	return Question{Options: string(c.Options), State: state}, err
}

// OfferPasskey begins the making of a passkey for the person of the token. Errors: see enroller.
func (s *Service) OfferPasskey(ctx context.Context, token string, site passkey.Site) (q Question, err error) {
	defer errs.Wrap(&err, "people.OfferPasskey")
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return Question{}, err
	}
	list, err := passkeys(ctx, s.db.Read(), v.ID)
	if err != nil {
		return Question{}, err
	}
	have, err := usable(list, site)
	if err != nil {
		return Question{}, err
	}
	c, err := site.Make(passkeyUser(v.Person), have)
	if err != nil {
		return Question{}, err
	}
	return s.question(ctx, "passkey make "+v.ID, c)
}

// Answer is what the browser sent for a Question.
type Answer struct{ State, Response string }

// AddPasskey stores the passkey that the browser has made. Errors: Invalid, and see enroller.
func (s *Service) AddPasskey(ctx context.Context, token string, site passkey.Site, name string, a Answer, from Client) (done Enrolled, err error) {
	defer errs.Wrap(&err, "people.AddPasskey")
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return Enrolled{}, err
	}
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxPasskeyName || strings.ContainsFunc(name, unicode.IsControl) {
		return Enrolled{}, errs.New(errs.Invalid, "people.error.passkey_name", "Most", maxPasskeyName)
	}
	state, err := s.Kept(ctx, "passkey make "+v.ID, a.State)
	if err != nil {
		return Enrolled{}, err
	}
	key, err := site.Made(passkeyUser(v.Person), state, []byte(a.Response))
	if err != nil {
		return Enrolled{}, passkeyError(err)
	}
	return s.enrol(ctx, token, "passkey", from, func(tx storage.Querier, v Visit) error {
		if err := s.useOnce(ctx, tx, state); err != nil {
			return err
		}
		n, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person_passkey WHERE person_id = $1", v.ID)
		if err != nil {
			return err
		}
		if n >= maxPasskeys {
			return errs.New(errs.Conflict, "people.error.passkey_many", "Most", maxPasskeys)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO person_passkey (id, person_id, credential, host, name, data, created_at, copied) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)",
			id.New("passkey"), v.ID, base64.RawURLEncoding.EncodeToString(key.ID), site.ID, name, string(key.Data), s.now())
		if storage.IsConflict(err) {
			return errs.New(errs.Invalid, "people.error.passkey") // somebody has it already
		}
		return err
	})
}

// RemovePasskey takes a passkey of the person of the token away. Errors: Conflict when an operator has nothing else; see
// enroller.
func (s *Service) RemovePasskey(ctx context.Context, token, passkeyID string) (err error) {
	defer errs.Wrap(&err, "people.RemovePasskey")
	return s.remove(ctx, token, "passkey", func(tx storage.Querier, v Visit) (int64, error) {
		result, err := tx.ExecContext(ctx, "DELETE FROM person_passkey WHERE id = $1 AND person_id = $2", passkeyID, v.ID)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	})
}

// passkeyError says in general words that a passkey will not do.
func passkeyError(err error) error {
	if errors.Is(err, passkey.ErrRefused) {
		return errs.New(errs.Invalid, "people.error.passkey").Because(err)
	}
	return err
}

// AskPasskey begins to ask anybody for a passkey. It writes nothing.
func (s *Service) AskPasskey(ctx context.Context, site passkey.Site) (q Question, err error) {
	defer errs.Wrap(&err, "people.AskPasskey")
	c, err := site.Ask(passkey.User{}, nil)
	if err != nil {
		return Question{}, err
	}
	return s.question(ctx, "passkey in", c)
}

// AskSecond begins to ask the person of a half session for one of their passkeys. It gives nothing when they have none that
// is of use at the site.
func (s *Service) AskSecond(ctx context.Context, token string, site passkey.Site) (q Question, err error) {
	defer errs.Wrap(&err, "people.AskSecond")
	v, err := s.second(ctx, s.db.Read(), token)
	if err != nil {
		return Question{}, err
	}
	list, err := passkeys(ctx, s.db.Read(), v.ID)
	if err != nil {
		return Question{}, err
	}
	keys, err := usable(list, site)
	if err != nil || len(keys) == 0 {
		return Question{}, err
	}
	c, err := site.Ask(passkeyUser(v.Person), keys)
	if err != nil {
		return Question{}, err
	}
	return s.question(ctx, "passkey second "+v.ID, c)
}

// SignInPasskey opens a session for whoever has shown a passkey. No number of failed attempts keeps anybody from it. Every
// refusal is one error, of kind Invalid, except of a passkey that was proven and seems to be a copy.
func (s *Service) SignInPasskey(ctx context.Context, site passkey.Site, a Answer, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SignInPasskey")
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	state, err := s.Kept(ctx, "passkey in", a.State)
	if err != nil {
		return Entry{}, err
	}
	raw, err := passkey.Names([]byte(a.Response))
	if err != nil {
		return Entry{}, passkeyError(err)
	}
	p, err := storage.One(ctx, s.db.Read(), scanPerson,
		"SELECT p.id, p.email, p.name, p.role, p.lang FROM person_passkey k JOIN person p ON p.id = k.person_id WHERE k.credential = $1 AND p.disabled_at IS NULL",
		base64.RawURLEncoding.EncodeToString(raw))
	if storage.IsMissing(err) {
		return Entry{}, errs.New(errs.Invalid, "people.error.passkey")
	}
	if err != nil {
		return Entry{}, err
	}
	err = s.showPasskey(ctx, p, site, state, a.Response, func(tx storage.Querier) error {
		if err := s.enabled(ctx, tx, p.ID); err != nil {
			return err
		}
		e, err = s.open(ctx, tx, keys, opening{person: p, method: "passkey", strong: true, from: from})
		return err
	})
	return e, err
}

// SecondPasskey takes the second step of signing in with a passkey. Errors: Invalid, SignInNeeded.
func (s *Service) SecondPasskey(ctx context.Context, token string, site passkey.Site, a Answer, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SecondPasskey")
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	v, err := s.second(ctx, s.db.Read(), token)
	if err != nil {
		return Entry{}, err
	}
	state, err := s.Kept(ctx, "passkey second "+v.ID, a.State)
	if err != nil {
		return Entry{}, err
	}
	err = s.showPasskey(ctx, v.Person, site, state, a.Response, func(tx storage.Querier) error {
		v, err := s.second(ctx, tx, token)
		if err != nil {
			return err
		}
		e, err = s.stepUp(ctx, tx, keys, v, "passkey", from)
		return err
	})
	return e, err
}

// showPasskey checks that a person has shown one of their passkeys, and then, in the transaction that uses up the question
// and keeps the new counter, does what follows. A passkey whose counter went backwards is marked and refused, now and later.
func (s *Service) showPasskey(ctx context.Context, p Person, site passkey.Site, state []byte, response string, then func(storage.Querier) error) error {
	list, err := passkeys(ctx, s.db.Read(), p.ID)
	if err != nil {
		return err
	}
	accepted, err := usable(list, site)
	if err != nil {
		return err
	}
	key, copied, err := site.Shown(passkeyUser(p), accepted, state, []byte(response))
	if err != nil {
		return passkeyError(err)
	}
	credential := base64.RawURLEncoding.EncodeToString(key.ID)
	at := slices.IndexFunc(list, func(k Passkey) bool { return k.credential == credential })
	if at < 0 {
		return errs.New(errs.Invalid, "people.error.passkey")
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if err := s.useOnce(ctx, tx, state); err != nil {
			return err
		}
		if copied {
			if _, err := tx.ExecContext(ctx, "UPDATE person_passkey SET copied = TRUE WHERE id = $1", list[at].ID); err != nil {
				return err
			}
			return s.note(ctx, tx, p.Actor(), "factor.copied", p.ID, "kind", "passkey")
		}
		result, err := tx.ExecContext(ctx, "UPDATE person_passkey SET data = $1, used_at = $2 WHERE id = $3 AND data = $4",
			string(key.Data), s.now(), list[at].ID, list[at].data)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errs.New(errs.Conflict, errs.Conflict.Key()).Because(err) // used or removed at this very moment
		}
		return then(tx)
	})
	if err == nil && copied {
		err = errs.New(errs.Invalid, "people.error.copied")
	}
	return err
}
