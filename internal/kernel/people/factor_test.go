package people

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"

	"github.com/pquerna/otp/totp"
)

// code gives what an authenticator app shows.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	return must[string](t)(totp.GenerateCode(secret, at))
}

// addApp sets an authenticator app up.
func addApp(t *testing.T, s *Service, clk clock.Clock, token string) (done Enrolled, secret string) {
	t.Helper()
	o := must[AppOffer](t)(s.OfferApp(t.Context(), token, "adili.example:8443"))
	return must[Enrolled](t)(s.ConfirmApp(t.Context(), token, o.State, code(t, o.Secret, clk.Now()), Client{})), o.Secret
}

// enter signs in with the password.
func enter(t *testing.T, s *Service, p Person, stage Stage) Entry {
	t.Helper()
	e := must[Entry](t)(s.SignIn(t.Context(), p.Email, goodPassword, Client{Key: "c", Device: "Firefox/Linux"}))
	if e.Stage != stage {
		t.Fatalf("stage %d after the password, want %d", e.Stage, stage)
	}
	return e
}

func TestOperatorsMustEnrol(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		s.RequireSecondFactor()
		link, _, err := s.SetupLink(ctx)
		if err != nil {
			t.Fatal(err)
		}
		half := must[Entry](t)(s.Setup(ctx, link, "Ada", "ada@example.org", goodPassword, Client{}))
		if half.Stage != Enrol || half.Known != "" {
			t.Fatalf("after the set-up: %+v", half)
		}
		_, err = s.Session(ctx, half.Token)
		wantKind(t, "half a session", err, errs.SignInNeeded)
		_, err = s.Sessions(ctx, half.Token)
		wantKind(t, "sessions of half a session", err, errs.SignInNeeded)
		wantKind(t, "removing by half a session", s.RemoveApp(ctx, half.Token), errs.SignInNeeded)

		done, secret := addApp(t, s, clk, half.Token)
		if done.Stage != Full || done.Token == half.Token || done.Known == "" || len(done.Codes) != 10 {
			t.Fatalf("after enrolling: %+v", done)
		}
		if p := must[Person](t)(s.Session(ctx, done.Token)); p.Name != "Ada" {
			t.Errorf("session of %+v", p)
		}
		_, err = s.Visit(ctx, half.Token)
		wantKind(t, "the old token", err, errs.SignInNeeded)
		wantKind(t, "removing the last factor", s.RemoveApp(ctx, done.Token), errs.Conflict)

		half = enter(t, s, done.Person, Second)
		_, err = s.Session(ctx, half.Token)
		wantKind(t, "session before the code", err, errs.SignInNeeded)
		_, err = s.OfferApp(ctx, half.Token, "x")
		wantKind(t, "enrolling before the code", err, errs.SignInNeeded)
		_, err = s.SecondCode(ctx, half.Token, code(t, secret, clk.Now()), Client{})
		wantKind(t, "the code that confirmed the app", err, errs.Invalid)
		clk.Advance(30 * time.Second)
		typed := code(t, secret, clk.Now())
		full := must[Entry](t)(s.SecondCode(ctx, half.Token, " "+typed[:3]+" "+typed[3:], Client{}))
		if full.Stage != Full || full.Token == half.Token {
			t.Errorf("after the code: %+v", full)
		}
		clk.Advance(29 * time.Minute)
		wantKind(t, "removing half an hour later", s.RemoveApp(ctx, full.Token), errs.Conflict)
	})
}

func TestCodesAreGoodOnce(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		other := New(db, clk) // another node
		p := add(t, s, "ana@example.org", Analyst)
		first := enter(t, s, p, Full)
		phone := enter(t, s, p, Full)
		done, secret := addApp(t, s, clk, first.Token)
		if v := must[Visit](t)(s.Visit(ctx, phone.Token)); v.Stage != Second {
			t.Errorf("the other device is not asked: stage %d", v.Stage)
		}
		clk.Advance(time.Minute)
		now := code(t, secret, clk.Now())
		a, b := enter(t, s, p, Second), enter(t, other, p, Second)
		must[Entry](t)(s.SecondCode(ctx, a.Token, now, Client{}))
		_, err := other.SecondCode(ctx, b.Token, now, Client{})
		wantKind(t, "the same code on another node", err, errs.Invalid)
		_, err = s.SecondCode(ctx, b.Token, code(t, secret, clk.Now().Add(-30*time.Second)), Client{})
		wantKind(t, "an earlier code", err, errs.Invalid)
		must[Entry](t)(other.SecondCode(ctx, b.Token, code(t, secret, clk.Now().Add(30*time.Second)), Client{})) // a clock ahead

		for i, again := range []string{done.Codes[0], strings.ToUpper(strings.ReplaceAll(done.Codes[1], "-", " "))} {
			half := enter(t, s, p, Second)
			if e := must[Entry](t)(s.SecondCode(ctx, half.Token, again, Client{})); e.Stage != Full {
				t.Errorf("recovery code %d: stage %d", i, e.Stage)
			}
			half = enter(t, s, p, Second)
			_, err = other.SecondCode(ctx, half.Token, again, Client{})
			wantKind(t, "a recovery code used twice", err, errs.Invalid)
		}
		if f := must[Factors](t)(s.Factors(ctx, p.ID)); !f.App || f.Codes != 8 || !f.Any() {
			t.Errorf("factors %+v", f)
		}
	})
}

// Two nodes get the same code at the same moment.
func TestCodesAreGoodOnceAtOnce(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		s, clk := service(db)
		nodes := []*Service{s, New(db, clk)}
		p := add(t, s, "ana@example.org", Analyst)
		done, secret := addApp(t, s, clk, enter(t, s, p, Full).Token)
		clk.Advance(time.Minute)
		for _, typed := range []string{code(t, secret, clk.Now()), done.Codes[0]} {
			var all sync.WaitGroup
			var let atomic.Int32
			for i := range 4 {
				half := enter(t, nodes[i%2], p, Second)
				all.Go(func() {
					if _, err := nodes[i%2].SecondCode(t.Context(), half.Token, typed, Client{}); err == nil {
						let.Add(1)
					} else if errs.KindOf(err) != errs.Invalid {
						t.Errorf("refused with %v", err)
					}
				})
			}
			all.Wait()
			if let.Load() != 1 {
				t.Errorf("a code let %d in", let.Load())
			}
		}
	})
}

func TestSecondStepLimit(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	p := add(t, s, "ana@example.org", Analyst)
	done, secret := addApp(t, s, clk, enter(t, s, p, Full).Token)
	clk.Advance(time.Minute)
	half := enter(t, s, p, Second)
	for range 5 {
		_, err := s.SecondCode(ctx, half.Token, "000000", Client{})
		wantKind(t, "a guess", err, errs.Invalid)
	}
	_, err := s.SecondCode(ctx, half.Token, code(t, secret, clk.Now()), Client{})
	wantKind(t, "after five guesses", err, errs.TooMany)
	_, err = s.SecondCode(ctx, half.Token, done.Codes[0], Client{})
	wantKind(t, "a recovery code after five guesses", err, errs.TooMany)
	if _, err := s.SecondCode(ctx, half.Token, code(t, secret, clk.Now()), Client{Known: done.Known}); err != nil {
		t.Errorf("the owner's own browser: %v", err)
	}
}

func TestOfferedApp(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	ana, eve := enter(t, s, add(t, s, "ana@example.org", Analyst), Full), enter(t, s, add(t, s, "eve@example.org", Analyst), Full)
	o := must[AppOffer](t)(s.OfferApp(ctx, ana.Token, "adili.example:8443"))
	if !strings.HasPrefix(o.URL, "otpauth://totp/Adili%20adili.example%208443:ana@example.org?") || len(o.Secret) != 32 {
		t.Errorf("offer %+v", o)
	}
	_, err := s.ConfirmApp(ctx, ana.Token, o.State, "123", Client{})
	wantKind(t, "wrong code", err, errs.Invalid)
	_, err = s.ConfirmApp(ctx, eve.Token, o.State, code(t, o.Secret, clk.Now()), Client{})
	wantKind(t, "somebody else's offer", err, errs.Invalid)
	if again := must[AppOffer](t)(s.OfferedApp(ctx, ana.Token, "adili.example:8443", o.State)); again != o {
		t.Errorf("offered again: %+v", again)
	}
	must[Enrolled](t)(s.ConfirmApp(ctx, ana.Token, o.State, code(t, o.Secret, clk.Now()), Client{}))
	clk.Advance(31 * time.Minute)
	ana = enter(t, s, ana.Person, Second)
	_, err = s.OfferedApp(ctx, eve.Token, "x", o.State)
	wantKind(t, "half an hour later", err, errs.SignInNeeded)
}

func TestResetFactors(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		s.RequireSecondFactor()
		p := add(t, s, "ada@example.org", Operator)
		addApp(t, s, clk, enter(t, s, p, Enrol).Token)
		if a := must[Account](t)(s.Account(ctx, p.ID)); !a.HasFactor || !a.HasPassword {
			t.Errorf("account %+v", a)
		}
		link := must[string](t)(s.ResetPassword(ctx, p.Email))
		if e := must[Entry](t)(s.SetPassword(ctx, link, goodPassword, Client{})); e.Stage != Second {
			t.Errorf("a reset of the password leads past the second factor: stage %d", e.Stage)
		}
		link = must[string](t)(s.ResetFactors(ctx, "ADA@example.org"))
		if e := must[Entry](t)(s.SetPassword(ctx, link, goodPassword, Client{})); e.Stage != Enrol {
			t.Errorf("after a reset of everything: stage %d", e.Stage)
		}
		if f := must[Factors](t)(s.Factors(ctx, p.ID)); f.Any() || f.Codes != 0 {
			t.Errorf("factors left: %+v", f)
		}
		_, err := s.ResetFactors(ctx, "nobody@example.org")
		wantKind(t, "reset of nobody", err, errs.NotFound)
	})
}

func TestRemoveAndRenew(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	p := add(t, s, "ana@example.org", Analyst)
	e := enter(t, s, p, Full)
	_, err := s.NewCodes(ctx, e.Token)
	wantKind(t, "codes without a factor", err, errs.Conflict)
	done, _ := addApp(t, s, clk, e.Token)
	again, secret := addApp(t, s, clk, done.Token) // another phone
	if len(again.Codes) != 0 {
		t.Error("new recovery codes although there are some")
	}
	codes := must[[]string](t)(s.NewCodes(ctx, again.Token))
	if len(codes) != 10 || slices.Contains(codes, done.Codes[0]) {
		t.Errorf("codes %v", codes)
	}
	clk.Advance(time.Minute)
	half := enter(t, s, p, Second)
	_, err = s.SecondCode(ctx, half.Token, done.Codes[0], Client{})
	wantKind(t, "an old recovery code", err, errs.Invalid)
	full := must[Entry](t)(s.SecondCode(ctx, half.Token, code(t, secret, clk.Now()), Client{}))
	for range 2 { // a second click does nothing
		if err := s.RemoveApp(ctx, full.Token); err != nil {
			t.Fatal(err)
		}
	}
	if f := must[Factors](t)(s.Factors(ctx, p.ID)); f.Any() || f.Codes != 0 {
		t.Errorf("left: %+v", f)
	}
	enter(t, s, p, Full)
}

// TestFactorsAtRest reads all that the database holds.
func TestFactorsAtRest(t *testing.T) {
	db := dbtest.SQLite(t, migrate)
	s, clk := service(db)
	ctx := t.Context()
	key := NewKey()
	if err := s.UseKey(ctx, key); err != nil {
		t.Fatal(err)
	}
	p := add(t, s, "ana@example.org", Analyst)
	done, _ := addApp(t, s, clk, enter(t, s, p, Full).Token)
	sealed := must[[]byte](t)(storage.One(ctx, db.Read(), scanBytes, "SELECT secret FROM person_totp"))
	if len(sealed) < 40 {
		t.Errorf("%d bytes: not sealed", len(sealed))
	}
	hashes := must[[]string](t)(storage.All(ctx, db.Read(), scanText, "SELECT hash FROM person_recovery"))
	text := strings.Join(hashes, "\n")
	if len(hashes) != 10 || strings.Contains(text, done.Codes[0]) || !strings.HasPrefix(text, "$argon2id$") {
		t.Errorf("recovery codes: %s", text)
	}
	root := must[[]byte](t)(storage.One(ctx, db.Read(), scanBytes, "SELECT value FROM person_key"))
	if bytes.Contains(root, key) || bytes.Contains(sealed, key) {
		t.Error("the file key is in the database")
	}

	if err := New(db, clk).UseKey(ctx, key); err != nil {
		t.Errorf("the same key on another node: %v", err)
	}
	wrong := New(db, clk)
	wantKind(t, "another key", wrong.UseKey(ctx, NewKey()), errs.Conflict)
	clk.Advance(time.Minute)
	half := enter(t, wrong, p, Second)
	_, err := wrong.SecondCode(ctx, half.Token, "123456", Client{})
	wantKind(t, "a code without its key", err, errs.Unavailable)
	if _, err := wrong.SecondCode(ctx, half.Token, done.Codes[3], Client{}); err != nil {
		t.Errorf("a recovery code without the key: %v", err)
	}
	if err := wrong.UseKey(ctx, []byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}

func TestAudit(t *testing.T) {
	db := dbtest.SQLite(t, migrate)
	s, clk := service(db)
	ctx := t.Context()
	ada := add(t, s, "ada@example.org", Operator)
	p, link, err := s.Create(ctx, NewPerson{Email: "ana@example.org", Name: "Ana", Role: Analyst, By: ada.Actor()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.InvitationSent(ctx, ada.Actor(), p.ID); err != nil {
		t.Fatal(err)
	}
	e := must[Entry](t)(s.SetPassword(ctx, link, goodPassword, Client{Key: "192.0.2.1"}))
	done, secret := addApp(t, s, clk, e.Token)
	clk.Advance(time.Minute)
	must[Entry](t)(s.SecondCode(ctx, enter(t, s, p, Second).Token, code(t, secret, clk.Now()), Client{}))
	if err := s.SignOutOthers(ctx, done.Token); err != nil {
		t.Fatal(err)
	}
	must[Entry](t)(s.ChangePassword(ctx, done.Token, goodPassword, "maple window ribbon", Client{}))
	for _, do := range []func() error{
		func() error { return s.SetRole(ctx, ada.Actor(), p.ID, Manager) },
		func() error { return s.SetRole(ctx, ada.Actor(), p.ID, Manager) }, // nothing changes
		func() error { return s.Disable(ctx, ada.Actor(), p.ID) },
		func() error { return s.Disable(ctx, ada.Actor(), p.ID) },
		func() error { return s.Enable(ctx, ada.Actor(), p.ID) },
		func() error { _, err := s.ResetFactors(ctx, p.Email); return err },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	_, err = s.SignIn(ctx, "victim@example.org", "wrong", Client{})
	wantKind(t, "failure", err, errs.Invalid)
	var lines []string
	for _, e := range must[[]audit.Entry](t)(audit.Entries(ctx, db.Read(), 0, 100)) {
		line := e.Actor.Name + " " + e.Action
		for _, d := range e.Detail {
			line += fmt.Sprintf(" %s=%s", d.Name, d.Value)
		}
		lines = append(lines, line)
	}
	const name = "Name of ada@example.org"
	want := []string{
		"system account.create name=" + name + " role=operator", name + " account.create name=Ana role=analyst", name + " invitation.sent",
		"Ana password.changed by=link", "Ana session.signin method=link",
		"Ana factor.add kind=totp", "Ana factor.add kind=recovery", "Ana session.signin method=password+totp",
		"Ana session.signout_others ended=1", "Ana password.changed",
		name + " account.role from=analyst to=manager", name + " account.disable", name + " account.enable",
		"console factor.remove kind=all", "console password.reset",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("audit:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// TestUndo takes the tables of second factors away again, as going back to an earlier version does.
func TestUndo(t *testing.T) {
	text := string(must[[]byte](t)(migrations.ReadFile("migration/00002_factor.sql")))
	_, down, ok := strings.Cut(text, "-- +goose Down\n")
	if !ok {
		t.Fatal("no way back")
	}
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		s, clk := service(db)
		addApp(t, s, clk, enter(t, s, add(t, s, "ana@example.org", Analyst), Full).Token)
		err := db.Write(t.Context(), func(tx storage.Querier) error {
			for statement := range strings.SplitSeq(strings.TrimSpace(down), ";") {
				if _, err := tx.ExecContext(t.Context(), statement); err != nil {
					return fmt.Errorf("%s: %w", statement, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		const before = "SELECT p.email FROM person p JOIN person_session s ON s.person_id = p.id"
		if email := must[string](t)(storage.One(t.Context(), db.Read(), scanText, before)); email != "ana@example.org" {
			t.Errorf("left: %q", email)
		}
		if err := db.Check(t.Context(), "SELECT strong FROM person_session"); err == nil {
			t.Error("a column is left")
		}
	})
}
