package people

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/id"
	"adili/internal/kernel/storage"
)

// NewPerson is what an account is made of.
type NewPerson struct {
	Email, Name string
	Role        Role
	Lang        string // empty: as the browser asks
	Password    string // empty: the person sets it by a one-time link
}

// Account is a person as the list of accounts shows them.
type Account struct {
	Person
	Created     time.Time
	Disabled    bool
	HasPassword bool
}

// Create makes an account. Without a password in it, it gives the token of a one-time link for setting one, good for
// linkLife. Errors: Invalid; Conflict when the e-mail address has an account already.
func (s *Service) Create(ctx context.Context, in NewPerson) (p Person, token string, err error) {
	defer errs.Wrap(&err, "people.Create")
	p, err = in.person()
	if err != nil {
		return Person{}, "", err
	}
	var hash string
	if in.Password != "" {
		if hash, err = s.newPassword(ctx, in.Password, p.Email); err != nil {
			return Person{}, "", err
		}
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		token = ""
		if err := insertPerson(ctx, tx, p, hash, s.now()); err != nil {
			return err
		}
		if hash == "" {
			token, err = s.newLink(ctx, tx, purposePassword, p.ID, linkLife)
		}
		return err
	})
	if err != nil {
		return Person{}, "", err
	}
	return p, token, nil
}

// person checks what was typed and gives it an id.
func (in NewPerson) person() (Person, error) {
	p := Person{ID: id.New("person"), Name: strings.TrimSpace(in.Name), Role: in.Role, Lang: in.Lang}
	email := strings.TrimSpace(in.Email)
	switch address, err := mail.ParseAddress(email); {
	case err != nil || address.Address != email || len(email) > 254:
		return Person{}, errs.New(errs.Invalid, "people.error.email")
	case p.Name == "" || utf8.RuneCountInString(p.Name) > 100 || strings.ContainsFunc(p.Name, unicode.IsControl):
		return Person{}, errs.New(errs.Invalid, "people.error.name")
	case !slices.Contains(Roles, in.Role):
		return Person{}, errs.New(errs.Invalid, "people.error.role")
	case in.Lang != "" && !i18n.Known(in.Lang):
		return Person{}, errs.New(errs.Invalid, "people.error.lang")
	}
	p.Email = email
	return p, nil
}

// emailKey folds an e-mail address so that it is found however it is typed.
func emailKey(email string) string {
	return strings.ToLower(i18n.Normal(strings.TrimSpace(email)))
}

// newPassword checks a new password and gives its hash.
func (s *Service) newPassword(ctx context.Context, password, email string) (string, error) {
	if err := checkPassword(password, email); err != nil {
		return "", err
	}
	return s.hasher.hash(ctx, password)
}

// List gives all accounts, by name in the order of the letters' code points.
func (s *Service) List(ctx context.Context) (list []Account, err error) {
	defer errs.Wrap(&err, "people.List")
	list, err = storage.All(ctx, s.db.Read(), scanAccount,
		"SELECT id, email, name, role, lang, created_at, disabled_at IS NOT NULL, password <> '' FROM person ORDER BY id")
	slices.SortStableFunc(list, func(a, b Account) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, err
}

// Disable ends all sessions and links of the account and lets nobody in by it again. The last operator cannot be disabled
// (Conflict): nobody could mend that from a browser.
func (s *Service) Disable(ctx context.Context, personID string) (err error) {
	defer errs.Wrap(&err, "people.Disable %s", personID)
	return s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := personByID(ctx, tx, personID)
		if err != nil {
			return err
		}
		others, err := storage.One(ctx, tx, scanInt,
			"SELECT COUNT(*) FROM person WHERE role = $1 AND disabled_at IS NULL AND id <> $2", string(Operator), personID)
		if err != nil {
			return err
		}
		if p.Role == Operator && others == 0 {
			return errs.New(errs.Conflict, "people.error.last_operator")
		}
		if err := endAll(ctx, tx, personID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE person SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL", s.now(), personID)
		return err
	})
}

// Enable lets a disabled account in again, with the password it had.
func (s *Service) Enable(ctx context.Context, personID string) (err error) {
	defer errs.Wrap(&err, "people.Enable %s", personID)
	return s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := personByID(ctx, tx, personID); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE person SET disabled_at = NULL WHERE id = $1", personID)
		return err
	})
}

// SetLanguage keeps the language a person chose for the pages.
func (s *Service) SetLanguage(ctx context.Context, personID, lang string) (err error) {
	defer errs.Wrap(&err, "people.SetLanguage")
	if !i18n.Known(lang) {
		return errs.New(errs.Invalid, "people.error.lang")
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		_, err := tx.ExecContext(ctx, "UPDATE person SET lang = $1 WHERE id = $2", lang, personID)
		return err
	})
}

// Find gives the person with the id, disabled or not; NotFound when there is none.
func (s *Service) Find(ctx context.Context, personID string) (p Person, err error) {
	defer errs.Wrap(&err, "people.Find")
	return personByID(ctx, s.db.Read(), personID)
}
