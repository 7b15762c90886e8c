package people

import (
	"context"
	"database/sql"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/id"
	"adili/internal/kernel/storage"
)

// NewPerson is what an account is made of.
type NewPerson struct {
	Email, Name string
	Role        Role
	Lang        string      // empty: as the browser asks
	Password    string      // empty: the person sets it by a one-time link
	By          audit.Actor // who makes it; the zero value is audit.System
}

// Account is a person as the list of accounts shows them.
type Account struct {
	Person
	Created     time.Time
	Disabled    bool
	HasPassword bool
	HasFactor   bool // a passkey or an authenticator app
}

// Create makes an account. Without a password in it, it gives the token of a one-time link for setting one, good for
// linkLife. Errors: Invalid; Conflict when the e-mail address has an account already.
func (s *Service) Create(ctx context.Context, in NewPerson) (p Person, token string, err error) {
	defer errs.Wrap(&err, "people.Create")
	p, err = in.person()
	if err != nil {
		return Person{}, "", err
	}
	by := in.By
	if by == (audit.Actor{}) {
		by = audit.System
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
		if err := s.note(ctx, tx, by, "account.create", p.ID, "name", p.Name, "role", string(p.Role)); err != nil {
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

// account is the columns of an Account.
const account = "SELECT p.id, p.email, p.name, p.role, p.lang, p.created_at, p.disabled_at IS NOT NULL, p.password <> ''," +
	" EXISTS (SELECT 1 FROM person_passkey k WHERE k.person_id = p.id) OR EXISTS (SELECT 1 FROM person_totp t WHERE t.person_id = p.id)" +
	" FROM person p"

// List gives all accounts, by name in the order of the letters' code points.
func (s *Service) List(ctx context.Context) (list []Account, err error) {
	defer errs.Wrap(&err, "people.List")
	list, err = storage.All(ctx, s.db.Read(), scanAccount, account+" ORDER BY p.id")
	slices.SortStableFunc(list, func(a, b Account) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, err
}

// Account gives the account of the person with the id; NotFound when there is none.
func (s *Service) Account(ctx context.Context, personID string) (a Account, err error) {
	defer errs.Wrap(&err, "people.Account")
	a, err = storage.One(ctx, s.db.Read(), scanAccount, account+" WHERE p.id = $1", personID)
	if storage.IsMissing(err) {
		err = errs.New(errs.NotFound, "people.error.no_account")
	}
	return a, err
}

// keepsOperator gives Conflict when there is no operator but this person: nobody could mend from a browser what that one's
// leaving breaks.
func keepsOperator(ctx context.Context, tx storage.Querier, p Person) error {
	others, err := storage.One(ctx, tx, scanInt,
		"SELECT COUNT(*) FROM person WHERE role = $1 AND disabled_at IS NULL AND id <> $2", string(Operator), p.ID)
	if err == nil && p.Role == Operator && others == 0 {
		err = errs.New(errs.Conflict, "people.error.last_operator")
	}
	return err
}

// Disable ends all sessions and links of the account and lets nobody in by it again. The last operator cannot be disabled
// (Conflict).
func (s *Service) Disable(ctx context.Context, by audit.Actor, personID string) (err error) {
	defer errs.Wrap(&err, "people.Disable %s", personID)
	return s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := personByID(ctx, tx, personID)
		if err != nil {
			return err
		}
		if err := keepsOperator(ctx, tx, p); err != nil {
			return err
		}
		if err := endAll(ctx, tx, personID); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "UPDATE person SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL", s.now(), personID)
		return s.noteIf(ctx, tx, result, err, by, "account.disable", personID)
	})
}

// Enable lets a disabled account in again, with the password and factors it had.
func (s *Service) Enable(ctx context.Context, by audit.Actor, personID string) (err error) {
	defer errs.Wrap(&err, "people.Enable %s", personID)
	return s.db.Write(ctx, func(tx storage.Querier) error {
		if _, err := personByID(ctx, tx, personID); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "UPDATE person SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL", personID)
		return s.noteIf(ctx, tx, result, err, by, "account.enable", personID)
	})
}

// SetRole gives a person another role, which ends their sessions. The last operator stays one (Conflict).
func (s *Service) SetRole(ctx context.Context, by audit.Actor, personID string, role Role) (err error) {
	defer errs.Wrap(&err, "people.SetRole %s", personID)
	if !slices.Contains(Roles, role) {
		return errs.New(errs.Invalid, "people.error.role")
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := personByID(ctx, tx, personID)
		if err != nil || p.Role == role {
			return err
		}
		if err := keepsOperator(ctx, tx, p); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM person_session WHERE person_id = $1", personID); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "UPDATE person SET role = $1 WHERE id = $2", string(role), personID)
		return s.noteIf(ctx, tx, result, err, by, "account.role", personID, "from", string(p.Role), "to", string(role))
	})
}

// noteIf appends to the audit when a statement changed a row.
func (s *Service) noteIf(ctx context.Context, tx storage.Querier, result sql.Result, err error, by audit.Actor, action, object string, detail ...string) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.note(ctx, tx, by, action, object, detail...)
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
