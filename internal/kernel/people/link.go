package people

import (
	"context"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// How long one-time links are good for.
const (
	setupLife = 24 * time.Hour
	linkLife  = 7 * 24 * time.Hour
)

// Purposes of links, as stored.
const (
	purposeSetup    = "setup"
	purposePassword = "password"
)

// SetupLink gives the token of the one-time link that makes the first account, while there is none: needed is false as soon
// as there is one. A new token ends the earlier one. The page is /staff/setup/{token}.
func (s *Service) SetupLink(ctx context.Context) (token string, needed bool, err error) {
	defer errs.Wrap(&err, "people.SetupLink")
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		token, needed = "", false
		n, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person")
		if err != nil || n > 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM person_link WHERE purpose = $1", purposeSetup); err != nil {
			return err
		}
		needed = true
		token, err = s.newLink(ctx, tx, purposeSetup, "", setupLife)
		return err
	})
	return token, needed, err
}

// newLink stores a link and gives its token. personID is empty for the set-up link.
func (s *Service) newLink(ctx context.Context, tx storage.Querier, purpose, personID string, life time.Duration) (string, error) {
	token := newToken()
	var owner any
	if personID != "" {
		owner = personID
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO person_link (hash, purpose, person_id, expires_at) VALUES ($1, $2, $3, $4)",
		tokenHash(token), purpose, owner, s.clock.Now().Add(life).UnixMicro())
	return token, err
}

// Setup makes the first account, an operator's, by the set-up link, and signs it in. Errors: Gone for a link that is used,
// old or unknown; Invalid for what was typed.
func (s *Service) Setup(ctx context.Context, token, name, email, password string, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.Setup")
	if err := s.CheckSetup(ctx, token); err != nil { // first, so that nobody else can make us hash passwords
		return Entry{}, err
	}
	p, err := NewPerson{Email: email, Name: name, Role: Operator}.person()
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.newPassword(ctx, password, p.Email)
	if err != nil {
		return Entry{}, err
	}
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := s.useLink(ctx, tx, purposeSetup, token); err != nil {
			return err
		}
		n, err := storage.One(ctx, tx, scanInt, "SELECT COUNT(*) FROM person")
		if err != nil {
			return err
		}
		if n > 0 {
			return errLink()
		}
		if err := insertPerson(ctx, tx, p, hash, s.now()); err != nil {
			return err
		}
		if err := s.note(ctx, tx, p.Actor(), "account.create", p.ID, "name", p.Name, "role", string(p.Role)); err != nil {
			return err
		}
		e, err = s.open(ctx, tx, keys, opening{person: p, method: "link", from: from})
		return err
	})
	return e, err
}

// CheckSetup says whether the set-up link may still be used, without using it: nil, or Gone.
func (s *Service) CheckSetup(ctx context.Context, token string) (err error) {
	defer errs.Wrap(&err, "people.CheckSetup")
	_, err = s.findLink(ctx, s.db.Read(), purposeSetup, token)
	return err
}

// ResetPassword is Reset for the machine's console, where an account is known by its address. NotFound when no account has
// it.
func (s *Service) ResetPassword(ctx context.Context, email string) (token string, err error) {
	defer errs.Wrap(&err, "people.ResetPassword")
	return s.resetAt(ctx, email, false)
}

// ResetFactors is ResetPassword that takes the second factors away too, for somebody who has lost them all.
func (s *Service) ResetFactors(ctx context.Context, email string) (token string, err error) {
	defer errs.Wrap(&err, "people.ResetFactors")
	return s.resetAt(ctx, email, true)
}

func (s *Service) resetAt(ctx context.Context, email string, factors bool) (string, error) {
	personID, err := storage.One(ctx, s.db.Read(), scanText, "SELECT id FROM person WHERE email_key = $1", emailKey(email))
	if storage.IsMissing(err) {
		return "", errs.New(errs.NotFound, "people.error.no_account")
	}
	if err != nil {
		return "", err
	}
	return s.Reset(ctx, audit.Console, personID, factors)
}

// Reset takes the password away, and the second factors and the link to a provider if so asked, ends all sessions, and
// gives the token of a one-time link for setting a new password. The page is /staff/password/{token}.
func (s *Service) Reset(ctx context.Context, by audit.Actor, personID string, factors bool) (token string, err error) {
	defer errs.Wrap(&err, "people.Reset %s", personID)
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		token = ""
		p, err := personByID(ctx, tx, personID)
		if err != nil {
			return err
		}
		if err := endAll(ctx, tx, p.ID); err != nil {
			return err
		}
		if factors {
			if err := s.dropFactors(ctx, tx, by, p.ID); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "UPDATE person SET password = '' WHERE id = $1", p.ID); err != nil {
			return err
		}
		if err := s.note(ctx, tx, by, "password.reset", p.ID); err != nil {
			return err
		}
		token, err = s.newLink(ctx, tx, purposePassword, p.ID, linkLife)
		return err
	})
	return token, err
}

// InvitationSent notes that a one-time link went out by mail.
func (s *Service) InvitationSent(ctx context.Context, by audit.Actor, personID string) (err error) {
	defer errs.Wrap(&err, "people.InvitationSent %s", personID)
	return s.db.Write(ctx, func(tx storage.Querier) error {
		return s.note(ctx, tx, by, "invitation.sent", personID)
	})
}

// LinkPerson gives the person a password link is for, without using it up. Gone when it is used, old or unknown.
func (s *Service) LinkPerson(ctx context.Context, token string) (p Person, err error) {
	defer errs.Wrap(&err, "people.LinkPerson")
	personID, err := s.findLink(ctx, s.db.Read(), purposePassword, token)
	if err != nil {
		return Person{}, err
	}
	return personByID(ctx, s.db.Read(), personID)
}

// SetPassword sets a password by a one-time link, uses the link up and opens a session, full or half. No number of failed
// attempts at the account keeps anybody from it. Errors: Gone, Invalid.
func (s *Service) SetPassword(ctx context.Context, token, password string, from Client) (e Entry, err error) {
	defer errs.Wrap(&err, "people.SetPassword")
	p, err := s.LinkPerson(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	hash, err := s.newPassword(ctx, password, p.Email)
	if err != nil {
		return Entry{}, err
	}
	keys, err := s.ring(ctx)
	if err != nil {
		return Entry{}, err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := s.useLink(ctx, tx, purposePassword, token); err != nil {
			return err
		}
		if err := endAll(ctx, tx, p.ID); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE person SET password = $1 WHERE id = $2", hash, p.ID); err != nil {
			return err
		}
		if err := s.note(ctx, tx, p.Actor(), "password.changed", p.ID, "by", "link"); err != nil {
			return err
		}
		e, err = s.open(ctx, tx, keys, opening{person: p, method: "link", from: from})
		return err
	})
	return e, err
}

func errLink() error { return errs.New(errs.Gone, "people.error.link") }

// findLink gives whose link it is ("" for set-up), if it is good.
func (s *Service) findLink(ctx context.Context, q storage.Querier, purpose, token string) (string, error) {
	personID, err := storage.One(ctx, q, scanText,
		"SELECT COALESCE(l.person_id, '') FROM person_link l LEFT JOIN person p ON p.id = l.person_id"+
			" WHERE l.hash = $1 AND l.purpose = $2 AND l.expires_at > $3 AND p.disabled_at IS NULL",
		tokenHash(token), purpose, s.now())
	if storage.IsMissing(err) {
		return "", errLink()
	}
	return personID, err
}

// useLink is findLink that lets the link be found once only.
func (s *Service) useLink(ctx context.Context, tx storage.Querier, purpose, token string) (string, error) {
	personID, err := s.findLink(ctx, tx, purpose, token)
	if err != nil {
		return "", err
	}
	result, err := tx.ExecContext(ctx, "DELETE FROM person_link WHERE hash = $1", tokenHash(token))
	if err != nil {
		return "", err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return "", errLink() // another request was faster
	}
	return personID, nil
}
