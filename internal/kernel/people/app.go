package people

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"strings"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people/seal"
	"adili/internal/kernel/storage"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

// What authenticator apps agree on: RFC 6238 with SHA-1, six digits, thirty seconds. A code is good from the step before
// the present one to the step after it, since clocks differ.
const (
	appDigits = 6
	appPeriod = 30
	appSkew   = 1
	appSecret = 20 // bytes
)

// AppOffer is a secret for an authenticator app that is not confirmed yet.
type AppOffer struct {
	Secret string // for typing
	URL    string // for the square code
	State  string // comes back with the code
}

// OfferApp makes a secret for the person of the token. site is the name apps show it under. Errors: see enroller.
func (s *Service) OfferApp(ctx context.Context, token, site string) (o AppOffer, err error) {
	defer errs.Wrap(&err, "people.OfferApp")
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return AppOffer{}, err
	}
	secret := random(appSecret)
	state, err := s.Keep(ctx, "app "+v.ID, secret, ceremonyLife*3)
	if err != nil {
		return AppOffer{}, err
	}
	return offer(v.Person, site, secret, state)
}

// OfferedApp gives an offer again, after a wrong code. Invalid when it is too old.
func (s *Service) OfferedApp(ctx context.Context, token, site, state string) (o AppOffer, err error) {
	defer errs.Wrap(&err, "people.OfferedApp")
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return AppOffer{}, err
	}
	secret, err := s.Kept(ctx, "app "+v.ID, state)
	if err != nil {
		return AppOffer{}, err
	}
	return offer(v.Person, site, secret, state)
}

func offer(p Person, site string, secret []byte, state string) (AppOffer, error) {
	issuer := "Adili"
	if site != "" {
		issuer += " " + strings.ReplaceAll(site, ":", " ") // a colon would end it
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: p.Email, Secret: secret, Period: appPeriod, Digits: otp.DigitsSix})
	if err != nil {
		return AppOffer{}, err
	}
	return AppOffer{Secret: key.Secret(), URL: key.URL(), State: state}, nil
}

// ConfirmApp stores the secret of an offer, in place of an earlier one, once the app has shown that it has it. Errors:
// Invalid, and see enroller.
func (s *Service) ConfirmApp(ctx context.Context, token, state, code string, from Client) (done Enrolled, err error) {
	defer errs.Wrap(&err, "people.ConfirmApp")
	keys, err := s.ring(ctx)
	if err != nil {
		return Enrolled{}, err
	}
	v, err := s.enroller(ctx, s.db.Read(), token)
	if err != nil {
		return Enrolled{}, err
	}
	secret, err := s.Kept(ctx, "app "+v.ID, state)
	if err != nil {
		return Enrolled{}, err
	}
	step, err := s.step(secret, plainCode(code), 0)
	if err != nil {
		return Enrolled{}, err
	}
	return s.enrol(ctx, token, "totp", from, func(tx storage.Querier, v Visit) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO person_totp (person_id, secret, created_at, last_step) VALUES ($1, $2, $3, $4)"+
			" ON CONFLICT (person_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = excluded.last_step",
			v.ID, keys.Put(secret, v.ID), s.now(), step)
		return err
	})
}

// RemoveApp takes the authenticator app away. Errors: Conflict when an operator has nothing else; see enroller.
func (s *Service) RemoveApp(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "people.RemoveApp")
	return s.remove(ctx, token, "totp", func(tx storage.Querier, v Visit) (int64, error) {
		result, err := tx.ExecContext(ctx, "DELETE FROM person_totp WHERE person_id = $1", v.ID)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	})
}

// step gives the time step that a code is of, if it is right, of the present and later than the last one taken.
func (s *Service) step(secret []byte, code string, last int64) (int64, error) {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	now := s.clock.Now().Unix() / appPeriod
	found := int64(0)
	for step := now - appSkew; step <= now+appSkew; step++ {
		want, err := hotp.GenerateCodeCustom(text, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > last {
			found = step
		}
	}
	if found == 0 {
		return 0, errCode()
	}
	return found, nil
}

// app is what is stored of an authenticator app.
type app struct {
	secret []byte
	last   int64
}

// appCode checks a code of the person's app, and gives what uses it up.
func (s *Service) appCode(ctx context.Context, keys *seal.Ring, personID, code string) (func(storage.Querier) error, error) {
	a, err := storage.One(ctx, s.db.Read(), func(row storage.Row) (a app, err error) {
		err = row.Scan(&a.secret, &a.last)
		return a, err
	}, "SELECT secret, last_step FROM person_totp WHERE person_id = $1", personID)
	if storage.IsMissing(err) {
		return nil, errCode()
	}
	if err != nil {
		return nil, err
	}
	secret, err := keys.Get(a.secret, personID)
	if err != nil {
		return nil, errs.New(errs.Unavailable, "people.error.key").Because(err)
	}
	step, err := s.step(secret, code, a.last)
	if err != nil {
		return nil, err
	}
	return func(tx storage.Querier) error {
		return once(ctx, tx, "UPDATE person_totp SET last_step = $1 WHERE person_id = $2 AND last_step < $1", step, personID)
	}, nil
}

// plainCode takes out what people put into a code for the eye, and writes it in ASCII digits and small letters.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '\u00a0' || r == '\t' {
			return -1
		}
		return r
	}, strings.ToLower(i18n.Normal(i18n.Digits(code))))
}
