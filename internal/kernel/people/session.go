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

// Life of a session.
const (
	idleLife     = 30 * time.Minute // without a request
	absoluteLife = 8 * time.Hour    // whatever happens
	seenEvery    = time.Minute      // how exactly the last request is known, so that reading pages writes little
	clockSlack   = 5 * time.Minute  // by which the clock may be put back; a session from further ahead was begun by a wrong clock
	freshLife    = 20 * time.Minute // since signing in: for changing how one signs in
)

// Stage says how far somebody has come with signing in.
type Stage int

// The stages. Only with Full is there anybody for the pages of other rooms; the others are half a session.
const (
	Out    Stage = iota // nobody
	Second              // the second factor is still to be given
	Enrol               // there is no second factor yet, and this person must have one
	Full
)

// Client is what is known of a browser that signs in.
type Client struct {
	Key     string // tells clients apart for the rate limits (see limiter) and is not kept; empty when not known
	Known   string // device cookie, or empty
	Device  string // what it is in coarse words, kept for the list of own sessions
	Session string // token of the session it has had so far, which ends
}

// Entry is what a step of signing in gives.
type Entry struct {
	Person
	Token string // of the new session
	Known string // new device cookie; empty when there is none or the old one will do
	Stage Stage  // Full, or what is still to do
}

// Visit is a live session.
type Visit struct {
	Person
	Stage Stage
	Fresh bool // signed in not long ago

	hash          string
	method        string
	strong        bool // more than one factor was given
	factors       bool // there is one to be asked for
	started, seen time.Time
}

// RequireSecondFactor makes every operator have a passkey or an authenticator app: until then they can do nothing but
// enrol. It is called before the service is used.
func (s *Service) RequireSecondFactor() { s.required = true }

// stage gives how far a session has come.
func (s *Service) stage(role Role, strong, factors bool) Stage {
	switch {
	case strong:
		return Full
	case factors:
		return Second
	case s.required && role == Operator:
		return Enrol
	}
	return Full
}

// Visit gives the live session of the token, half or full, and SignInNeeded when there is none. It does not count as a
// request, so half a session ends after half an hour.
func (s *Service) Visit(ctx context.Context, token string) (v Visit, err error) {
	defer errs.Wrap(&err, "people.Visit")
	return s.visit(ctx, s.db.Read(), token)
}

func (s *Service) visit(ctx context.Context, q storage.Querier, token string) (Visit, error) {
	now := s.clock.Now()
	v, err := storage.One(ctx, q, scanVisit,
		"SELECT p.id, p.email, p.name, p.role, p.lang, s.hash, s.method, s.strong, s.created_at, s.seen_at,"+
			" EXISTS (SELECT 1 FROM person_passkey k WHERE k.person_id = p.id) OR EXISTS (SELECT 1 FROM person_totp t WHERE t.person_id = p.id)"+
			" FROM person_session s JOIN person p ON p.id = s.person_id"+
			" WHERE s.hash = $1 AND s.seen_at > $2 AND s.created_at > $3 AND s.seen_at <= $4 AND p.disabled_at IS NULL",
		tokenHash(token), now.Add(-idleLife).UnixMicro(), now.Add(-absoluteLife).UnixMicro(), now.Add(clockSlack).UnixMicro())
	if storage.IsMissing(err) {
		return Visit{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	if err != nil {
		return Visit{}, err
	}
	v.Stage = s.stage(v.Role, v.strong, v.factors)
	v.Fresh = now.Sub(v.started) < freshLife
	return v, nil
}

// Session gives the person a full session belongs to, and SignInNeeded when it has ended, never was, or is half.
func (s *Service) Session(ctx context.Context, token string) (p Person, err error) {
	defer errs.Wrap(&err, "people.Session")
	v, err := s.visit(ctx, s.db.Read(), token)
	if err != nil {
		return Person{}, err
	}
	if v.Stage != Full {
		return Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	if now := s.clock.Now(); now.Sub(v.seen) >= seenEvery {
		// A disk that is full must not keep anybody from reading, so an error here is left alone: at worst the session
		// ends early.
		_ = s.db.Write(ctx, func(tx storage.Querier) error {
			_, err := tx.ExecContext(ctx, "UPDATE person_session SET seen_at = $1 WHERE hash = $2", now.UnixMicro(), v.hash)
			return err
		})
	}
	return v.Person, nil
}

// opening is a session to be made.
type opening struct {
	person  Person
	method  string // first step
	second  string // second step, if there was one
	strong  bool
	started time.Time // zero: now
	from    Client
}

// open makes a session and clears away those that have ended. When it is a full one, signing in is done: that goes into
// the audit, and the browser becomes a known one.
func (s *Service) open(ctx context.Context, tx storage.Querier, keys *seal.Ring, o opening) (Entry, error) {
	e, now := Entry{Person: o.person, Token: newToken()}, s.clock.Now()
	if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE seen_at <= $1 OR created_at <= $2 OR seen_at > $4 OR hash = $3",
		now.Add(-idleLife).UnixMicro(), now.Add(-absoluteLife).UnixMicro(), tokenHash(o.from.Session), now.Add(clockSlack).UnixMicro()); err != nil {
		return Entry{}, err
	}
	signIn := o.started.IsZero()
	if signIn {
		o.started = now
	}
	if _, err := tx.ExecContext(ctx,
		"INSERT INTO person_session (hash, person_id, created_at, seen_at, method, strong, device) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		tokenHash(e.Token), o.person.ID, o.started.UnixMicro(), now.UnixMicro(), o.method, o.strong, o.from.Device); err != nil {
		return Entry{}, err
	}
	v, err := s.visit(ctx, tx, e.Token)
	if err != nil {
		return Entry{}, err
	}
	e.Stage = v.Stage
	if e.Stage != Full {
		return e, nil
	}
	account := emailKey(o.person.Email)
	if _, fresh := keys.Device(o.from.Known, account, now); !fresh {
		e.Known = keys.NewDevice(account, now)
	}
	if !signIn {
		return e, nil
	}
	method := o.method
	if o.second != "" {
		method += "+" + o.second
	}
	return e, s.note(ctx, tx, o.person.Actor(), "session.signin", o.person.ID, "method", method)
}

// stepUp replaces a session by a stronger one under a new token. A half session becomes one that starts now.
func (s *Service) stepUp(ctx context.Context, tx storage.Querier, keys *seal.Ring, v Visit, second string, from Client) (Entry, error) {
	if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE hash = $1", v.hash); err != nil {
		return Entry{}, err
	}
	o := opening{person: v.Person, method: v.method, second: second, strong: true, from: from}
	if v.Stage == Full {
		o.started = v.started
	}
	return s.open(ctx, tx, keys, o)
}

// note appends to the audit.
func (s *Service) note(ctx context.Context, tx storage.Querier, by audit.Actor, action, object string, detail ...string) error {
	return audit.Append(ctx, tx, s.clock.Now(), by, action, object, detail...)
}

// SignOut ends the session. A token that opens nothing is no error.
func (s *Service) SignOut(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "people.SignOut")
	return s.db.Write(ctx, func(tx storage.Querier) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE hash = $1", tokenHash(token))
		return err
	})
}

// OwnSession is a live session as its owner sees it.
type OwnSession struct {
	Device        string // as Client said
	Started, Seen time.Time
	This          bool // the one that asks
	Half          bool // the password was given, the second factor not
}

// Sessions lists the live sessions of the person the token belongs to, the asking one first, then by the last request.
func (s *Service) Sessions(ctx context.Context, token string) (list []OwnSession, err error) {
	defer errs.Wrap(&err, "people.Sessions")
	v, err := s.full(ctx, s.db.Read(), token)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	list, err = storage.All(ctx, s.db.Read(), func(row storage.Row) (o OwnSession, err error) {
		var hash string
		var strong bool
		var started, seen int64
		err = row.Scan(&hash, &o.Device, &started, &seen, &strong)
		o.Started, o.Seen, o.This = time.UnixMicro(started).UTC(), time.UnixMicro(seen).UTC(), hash == v.hash
		o.Half = s.stage(v.Role, strong, v.factors) != Full
		return o, err
	}, "SELECT hash, device, created_at, seen_at, strong FROM person_session"+
		" WHERE person_id = $1 AND seen_at > $2 AND created_at > $3 ORDER BY hash = $4 DESC, seen_at DESC, hash",
		v.ID, now.Add(-idleLife).UnixMicro(), now.Add(-absoluteLife).UnixMicro(), v.hash)
	return list, err
}

// full is visit for those who have come all the way.
func (s *Service) full(ctx context.Context, q storage.Querier, token string) (Visit, error) {
	v, err := s.visit(ctx, q, token)
	if err == nil && v.Stage != Full {
		err = errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	return v, err
}

// SignOutOthers ends all sessions of the person the token belongs to but this one.
func (s *Service) SignOutOthers(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "people.SignOutOthers")
	return s.db.Write(ctx, func(tx storage.Querier) error {
		v, err := s.full(ctx, tx, token)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE person_id = $1 AND hash <> $2", v.ID, v.hash)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		return s.note(ctx, tx, v.Actor(), "session.signout_others", v.ID, "ended", strconv.FormatInt(n, 10))
	})
}
