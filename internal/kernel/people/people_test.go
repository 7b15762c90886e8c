package people

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

const goodPassword = "harbour lantern quince"

// start is when the tests' clock begins.
var start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// migrate makes the tables that accounts need.
func migrate(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	return Migrate(ctx, db)
}

// signIn is SignIn for a client of which only the key is known.
func (s *Service) signIn(ctx context.Context, email, password, client string) (token string, err error) {
	e, err := s.SignIn(ctx, email, password, Client{Key: client})
	return e.Token, err
}

func service(db *storage.DB) (*Service, *clock.Manual) {
	clk := clock.Fixed(start)
	return New(db, clk), clk
}

// must fails the test on an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantKind(t *testing.T, what string, err error, kind errs.Kind) {
	t.Helper()
	if err == nil || errs.KindOf(err) != kind {
		t.Errorf("%s: %v, want the kind %v", what, err, kind)
	}
}

func add(t *testing.T, s *Service, email string, role Role) Person {
	t.Helper()
	p, _, err := s.Create(t.Context(), NewPerson{Email: email, Name: "Name of " + email, Role: role, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCatalogue(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

func TestStatements(t *testing.T) { dbtest.PrepareAll(t, ".", migrate) }

func TestPermissionTable(t *testing.T) {
	var b strings.Builder
	for _, role := range append(slices.Clone(Roles), "") {
		for _, action := range Actions {
			word := "-"
			if May(role, action) {
				word = "may"
			}
			b.WriteString(string(role) + " " + string(action) + " " + word + "\n")
		}
	}
	want, err := os.ReadFile(filepath.Join("testdata", "permission.golden"))
	if err != nil || b.String() != string(want) {
		t.Errorf("the table differs from testdata/permission.golden (%v):\n%s", err, b.String())
	}
}

func TestSetup(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		old, needed, err := s.SetupLink(ctx)
		if err != nil || !needed || len(old) < 26 {
			t.Fatalf("link %q, needed %v, %v", old, needed, err)
		}
		token, _, err := s.SetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		wantKind(t, "earlier link", s.CheckSetup(ctx, old), errs.Gone)
		_, err = s.Setup(ctx, token, "Ada", "ada@example.org", "short", Client{})
		wantKind(t, "short password", err, errs.Invalid)
		clk.Advance(setupLife)
		wantKind(t, "old link", s.CheckSetup(ctx, token), errs.Gone)
		clk.Advance(-time.Minute)
		p, err := s.Setup(ctx, token, " Ada ", "Ada@Example.org", goodPassword, Client{})
		if err != nil || p.Role != Operator || p.Name != "Ada" {
			t.Fatalf("%+v, %v", p, err)
		}
		_, err = s.Setup(ctx, token, "Eve", "eve@example.org", goodPassword, Client{})
		wantKind(t, "second use", err, errs.Gone)
		if token, needed, err := s.SetupLink(ctx); needed || token != "" || err != nil {
			t.Errorf("a link %q is given although there is an account: %v", token, err)
		}
		if _, err := s.signIn(ctx, "ADA@example.org ", goodPassword, "c"); err != nil {
			t.Errorf("sign-in after set-up: %v", err)
		}
	})
}

func TestAccounts(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		operator := add(t, s, "op@example.org", Operator)
		p, token, err := s.Create(ctx, NewPerson{Email: "ana@example.org", Name: "Ana", Role: Analyst})
		if err != nil || token == "" {
			t.Fatal(err)
		}
		_, err = s.signIn(ctx, p.Email, "", "c")
		wantKind(t, "sign-in without a password", err, errs.Invalid)
		if got, err := s.LinkPerson(ctx, token); err != nil || got.ID != p.ID {
			t.Errorf("link of %+v, %v", got, err)
		}
		if _, err := s.SetPassword(ctx, token, goodPassword, Client{}); err != nil {
			t.Fatal(err)
		}
		_, err = s.SetPassword(ctx, token, goodPassword, Client{})
		wantKind(t, "second use of the link", err, errs.Gone)
		session := must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))

		if err := s.Disable(ctx, audit.Console, p.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Session(ctx, session)
		wantKind(t, "session of a disabled account", err, errs.SignInNeeded)
		_, err = s.signIn(ctx, p.Email, goodPassword, "c")
		wantKind(t, "sign-in to a disabled account", err, errs.Invalid)
		wantKind(t, "last operator", s.Disable(ctx, audit.Console, operator.ID), errs.Conflict)
		wantKind(t, "nobody", s.Disable(ctx, audit.Console, "person_none"), errs.NotFound)
		if err := s.Enable(ctx, audit.Console, p.ID); err != nil {
			t.Fatal(err)
		}
		session = must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))

		link := must[string](t)(s.ResetPassword(ctx, "Ana@example.org"))
		_, err = s.Session(ctx, session)
		wantKind(t, "session after a reset", err, errs.SignInNeeded)
		_, err = s.signIn(ctx, p.Email, goodPassword, "c")
		wantKind(t, "old password after a reset", err, errs.Invalid)
		_, err = s.ResetPassword(ctx, "nobody@example.org")
		wantKind(t, "reset of nobody", err, errs.NotFound)
		clk.Advance(linkLife)
		_, err = s.SetPassword(ctx, link, goodPassword, Client{})
		wantKind(t, "old link", err, errs.Gone)

		list := must[[]Account](t)(s.List(ctx))
		if len(list) != 2 || list[0].Name != "Ana" || list[0].HasPassword || !list[1].HasPassword || !list[1].Created.Equal(start) {
			t.Errorf("list %+v", list)
		}
	})
}

func TestCreateRefuses(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, _ := service(db)
		add(t, s, "ana@example.org", Analyst)
		_, _, err := s.Create(ctx, NewPerson{Email: "ANA@example.org", Name: "Ana", Role: Analyst})
		wantKind(t, "same address", err, errs.Conflict)
		for name, in := range map[string]NewPerson{
			"address":  {Email: "ana", Name: "Ana", Role: Analyst},
			"display":  {Email: "Ana <a@example.org>", Name: "Ana", Role: Analyst},
			"name":     {Email: "b@example.org", Name: " ", Role: Analyst},
			"role":     {Email: "b@example.org", Name: "B", Role: "chief"},
			"language": {Email: "b@example.org", Name: "B", Role: Analyst, Lang: "xx"},
			"password": {Email: "b@example.org", Name: "B", Role: Analyst, Password: "aaaaaaaaaaaaaaaaaaaa"},
		} {
			_, _, err := s.Create(ctx, in)
			wantKind(t, name, err, errs.Invalid)
		}
		if list := must[[]Account](t)(s.List(ctx)); len(list) != 1 {
			t.Errorf("%d accounts after refusals", len(list))
		}
	})
}

func TestSessionLife(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		p := add(t, s, "ana@example.org", Analyst)
		token := must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))
		for range 3 { // kept alive by requests
			clk.Advance(29 * time.Minute)
			if got, err := s.Session(ctx, token); err != nil || got != p {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		clk.Advance(30 * time.Minute)
		_, err := s.Session(ctx, token)
		wantKind(t, "idle for 30 minutes", err, errs.SignInNeeded)

		token = must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))
		for range 24 {
			clk.Advance(19*time.Minute + 59*time.Second)
			if _, err := s.Session(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		clk.Advance(time.Minute)
		_, err = s.Session(ctx, token)
		wantKind(t, "eight hours old", err, errs.SignInNeeded)

		token = must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))
		if n := must[int](t)(storage.One(ctx, db.Read(), scanInt, "SELECT COUNT(*) FROM person_session")); n != 1 {
			t.Errorf("%d sessions stored, want the last one", n)
		}
		if err := s.SignOut(ctx, token); err != nil {
			t.Fatal(err)
		}
		_, err = s.Session(ctx, token)
		wantKind(t, "signed out", err, errs.SignInNeeded)
		_, err = s.Session(ctx, "")
		wantKind(t, "no token", err, errs.SignInNeeded)
	})
}

func TestChangePassword(t *testing.T) {
	db := dbtest.SQLite(t, migrate)
	ctx := t.Context()
	s, _ := service(db)
	p := add(t, s, "ana@example.org", Analyst)
	other := must[string](t)(s.signIn(ctx, p.Email, goodPassword, "c"))
	_, err := s.ChangePassword(ctx, other, "not my password at all", "maple window ribbon", Client{})
	wantKind(t, "wrong present password", err, errs.Invalid)
	_, err = s.ChangePassword(ctx, other, goodPassword, p.Email, Client{})
	wantKind(t, "weak password", err, errs.Invalid)
	token := must[Entry](t)(s.ChangePassword(ctx, other, goodPassword, "maple window ribbon", Client{})).Token
	if _, err := s.Session(ctx, token); err != nil {
		t.Error(err)
	}
	_, err = s.Session(ctx, other)
	wantKind(t, "other device", err, errs.SignInNeeded)
	if _, err := s.signIn(ctx, p.Email, "maple window ribbon", "c"); err != nil {
		t.Error(err)
	}
	if err := s.SetLanguage(ctx, p.ID, "ar"); err != nil {
		t.Fatal(err)
	}
	if got := must[Person](t)(s.Session(ctx, token)); got.Lang != "ar" {
		t.Errorf("language %q", got.Lang)
	}
}
