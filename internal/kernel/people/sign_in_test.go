package people

import (
	"fmt"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

// Whoever guesses from many places cannot keep the owner out of a browser they have signed in from, nor from a passkey, nor
// from a one-time link; and a known browser is no licence to guess.
func TestOwnerIsNotLockedOut(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	p := add(t, s, "ana@example.org", Analyst)
	other := add(t, s, "bob@example.org", Analyst)
	known := must[Entry](t)(s.SignIn(ctx, p.Email, goodPassword, Client{Key: "home"})).Known
	foreign := must[Entry](t)(s.SignIn(ctx, other.Email, goodPassword, Client{Key: "eve"})).Known
	if known == "" || foreign == "" {
		t.Fatal("no device cookie")
	}
	if again := must[Entry](t)(s.SignIn(ctx, p.Email, goodPassword, Client{Key: "home", Known: known})); again.Known != "" {
		t.Error("a good device cookie is replaced")
	}
	attack := func() (tries int) {
		for i := range 300 {
			from := Client{Key: fmt.Sprint("bot", i)}
			if i%3 == 0 {
				from.Known = foreign // of another account
			}
			_, err := s.SignIn(ctx, p.Email, "a guess that is wrong", from)
			if errs.KindOf(err) == errs.Invalid {
				tries++
			}
		}
		return tries
	}
	if n := attack(); n != 50 {
		t.Errorf("%d guesses were allowed, want 50", n)
	}
	_, err := s.SignIn(ctx, p.Email, goodPassword, Client{Key: "new place"})
	wantKind(t, "a browser that nothing is known of", err, errs.TooMany)
	for range 3 {
		must[Entry](t)(s.SignIn(ctx, p.Email, goodPassword, Client{Key: "home", Known: known}))
	}
	d, e := addPasskey(t, s, enterKnown(t, s, p, known).Token, "n")
	if e := must[Entry](t)(s.SignInPasskey(ctx, site, d.show(must[Question](t)(s.AskPasskey(ctx, site))), Client{Key: "new place"})); e.Stage != Full {
		t.Errorf("passkey: stage %d", e.Stage)
	}
	if _, err := s.ChangePassword(ctx, e.Token, goodPassword, "maple window ribbon", Client{Key: "bot1"}); err != nil {
		t.Errorf("changing the password meanwhile: %v", err)
	}
	link := must[string](t)(s.ResetPassword(ctx, p.Email))
	must[Entry](t)(s.SetPassword(ctx, link, goodPassword, Client{Key: "bot1"}))

	for i := range 10 {
		_, err := s.SignIn(ctx, p.Email, "a guess that is wrong", Client{Key: fmt.Sprint("thief", i), Known: known})
		wantKind(t, "a guess from the known browser", err, errs.Invalid)
	}
	_, err = s.SignIn(ctx, p.Email, goodPassword, Client{Key: "thief", Known: known})
	wantKind(t, "the known browser after ten guesses", err, errs.TooMany)
	clk.Advance(time.Minute)
	enterKnown(t, s, p, known)
}

func enterKnown(t *testing.T, s *Service, p Person, known string) Entry {
	t.Helper()
	return must[Entry](t)(s.SignIn(t.Context(), p.Email, goodPassword, Client{Known: known}))
}

func TestSessionsOfOnesOwn(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		op := add(t, s, "ada@example.org", Operator)
		p := add(t, s, "ana@example.org", Analyst)
		old := enter(t, s, p, Full)
		clk.Advance(10 * time.Minute)
		phone := must[Entry](t)(s.SignIn(ctx, p.Email, goodPassword, Client{Device: "Safari/iPhone"}))
		enter(t, s, op, Full)
		list := must[[]OwnSession](t)(s.Sessions(ctx, old.Token))
		if len(list) != 2 || !list[0].This || list[1].This || list[1].Device != "Safari/iPhone" || !list[0].Started.Equal(start) || !list[1].Seen.Equal(clk.Now()) {
			t.Fatalf("sessions %+v", list)
		}
		again := must[Entry](t)(s.SignIn(ctx, p.Email, goodPassword, Client{Session: phone.Token})) // in the same browser
		if _, err := s.Session(ctx, phone.Token); errs.KindOf(err) != errs.SignInNeeded {
			t.Error("the browser's earlier session goes on")
		}
		if err := s.SignOutOthers(ctx, old.Token); err != nil {
			t.Fatal(err)
		}
		_, err := s.Session(ctx, again.Token)
		wantKind(t, "another device", err, errs.SignInNeeded)
		if _, err := s.Session(ctx, old.Token); err != nil {
			t.Error(err)
		}
		if err := s.SetRole(ctx, op.Actor(), p.ID, Manager); err != nil {
			t.Fatal(err)
		}
		_, err = s.Session(ctx, old.Token)
		wantKind(t, "after a change of role", err, errs.SignInNeeded)
		if e := enter(t, s, p, Full); e.Role != Manager {
			t.Errorf("role %s", e.Role)
		}
		wantKind(t, "no role", s.SetRole(ctx, op.Actor(), p.ID, "chief"), errs.Invalid)
		wantKind(t, "the last operator", s.SetRole(ctx, op.Actor(), op.ID, Analyst), errs.Conflict)
		wantKind(t, "nobody", s.SetRole(ctx, op.Actor(), "person_none", Analyst), errs.NotFound)
		wantKind(t, "signing out others with nothing", s.SignOutOthers(ctx, "nothing"), errs.SignInNeeded)
	})
}

func TestSignInBy(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		s.RequireSecondFactor()
		op, ana := add(t, s, "ada@example.org", Operator), add(t, s, "ana@example.org", Analyst)
		late, _, err := s.Create(ctx, NewPerson{Email: "late@example.org", Name: "Late", Role: Analyst}) // has no password
		if err != nil {
			t.Fatal(err)
		}
		gone := add(t, s, "gone@example.org", Analyst)
		if err := s.Disable(ctx, audit.Console, gone.ID); err != nil {
			t.Fatal(err)
		}
		addApp(t, s, clk, enter(t, s, add(t, s, "app@example.org", Analyst), Full).Token)
		const issuer = "https://login.example"
		for _, c := range []struct {
			name   string
			who    Identity
			person string
			stage  Stage
		}{
			{"address not verified", Identity{Issuer: issuer, Subject: "1", Email: "ana@example.org"}, "", Out},
			{"no account", Identity{Issuer: issuer, Subject: "1", Email: "nobody@example.org", EmailVerified: true}, "", Out},
			{"no address", Identity{Issuer: issuer, Subject: "1", EmailVerified: true}, "", Out},
			{"nobody", Identity{Email: "ana@example.org", EmailVerified: true}, "", Out},
			{"first time", Identity{Issuer: issuer, Subject: "1", Email: "ANA@example.org", EmailVerified: true}, ana.ID, Full},
			{"the address has changed", Identity{Issuer: issuer, Subject: "1", Email: "new@example.org"}, ana.ID, Full},
			{"the address of somebody else", Identity{Issuer: issuer, Subject: "1", Email: "ada@example.org", EmailVerified: true}, ana.ID, Full},
			{"the address was given to somebody else", Identity{Issuer: issuer, Subject: "2", Email: "ana@example.org", EmailVerified: true}, "", Out},
			{"the same subject elsewhere", Identity{Issuer: "https://other.example", Subject: "1", Email: "ana@example.org", EmailVerified: true}, ana.ID, Full},
			{"without a password", Identity{Issuer: issuer, Subject: "3", Email: late.Email, EmailVerified: true}, late.ID, Full},
			{"disabled", Identity{Issuer: issuer, Subject: "4", Email: gone.Email, EmailVerified: true}, "", Out},
			{"an operator, one factor", Identity{Issuer: issuer, Subject: "5", Email: op.Email, EmailVerified: true}, op.ID, Enrol},
			{"an operator, more", Identity{Issuer: issuer, Subject: "5", MFA: true}, op.ID, Full},
		} {
			e, err := s.SignInBy(ctx, c.who, Client{})
			if c.person == "" {
				wantKind(t, c.name, err, errs.Forbidden)
				continue
			}
			if err != nil || e.ID != c.person || e.Stage != c.stage {
				t.Errorf("%s: %+v, %v", c.name, e, err)
			}
		}
		if e := must[Entry](t)(s.SignInBy(ctx, Identity{Issuer: issuer, Subject: "6", Email: "app@example.org", EmailVerified: true}, Client{})); e.Stage != Second {
			t.Errorf("somebody with an app: stage %d", e.Stage)
		}
		if err := s.Disable(ctx, audit.Console, ana.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.SignInBy(ctx, Identity{Issuer: issuer, Subject: "1", Email: ana.Email, EmailVerified: true}, Client{})
		wantKind(t, "disabled after it was linked", err, errs.Forbidden)
	})
}
