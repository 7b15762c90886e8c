package people

import (
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people/passkey"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"

	"github.com/descope/virtualwebauthn"
)

var site = passkey.Site{ID: "adili.example", Origin: "https://adili.example"}

// device is a phone with one passkey in it.
type device struct {
	t          *testing.T
	party      virtualwebauthn.RelyingParty
	holder     virtualwebauthn.Authenticator
	credential virtualwebauthn.Credential
}

func newDevice(t *testing.T) *device {
	return &device{
		t: t, party: virtualwebauthn.RelyingParty{Name: "Adili", ID: site.ID, Origin: site.Origin},
		holder: virtualwebauthn.NewAuthenticator(), credential: newCredential(),
	}
}

// make answers the question that makes a passkey.
func (d *device) make(q Question) Answer {
	d.t.Helper()
	options := must[*virtualwebauthn.AttestationOptions](d.t)(virtualwebauthn.ParseAttestationOptions(q.Options))
	d.holder.Options.UserHandle = []byte(options.UserID)
	return Answer{State: q.State, Response: virtualwebauthn.CreateAttestationResponse(d.party, d.holder, d.credential, *options)}
}

// show answers the question for a passkey.
func (d *device) show(q Question) Answer {
	d.t.Helper()
	options := must[*virtualwebauthn.AssertionOptions](d.t)(virtualwebauthn.ParseAssertionOptions(q.Options))
	return Answer{State: q.State, Response: virtualwebauthn.CreateAssertionResponse(d.party, d.holder, d.credential, *options)}
}

// addPasskey makes a passkey on a new device.
func addPasskey(t *testing.T, s *Service, token, name string) (*device, Enrolled) {
	t.Helper()
	d := newDevice(t)
	return d, must[Enrolled](t)(s.AddPasskey(t.Context(), token, site, name, d.make(must[Question](t)(s.OfferPasskey(t.Context(), token, site))), Client{}))
}

func TestPasskeys(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		ctx := t.Context()
		s, clk := service(db)
		other := New(db, clk) // another node
		s.RequireSecondFactor()
		p := add(t, s, "ada@example.org", Operator)
		phone, done := addPasskey(t, s, enter(t, s, p, Enrol).Token, " Phone ")
		if done.Stage != Full || len(done.Codes) != 10 {
			t.Fatalf("after the first passkey: %+v", done)
		}
		clk.Advance(time.Second)
		key, more := addPasskey(t, s, done.Token, "Key")
		if len(more.Codes) != 0 {
			t.Error("recovery codes a second time")
		}
		clk.Advance(26 * time.Hour)

		q := must[Question](t)(s.AskPasskey(ctx, site))
		if strings.Contains(q.Options, "allowCredentials") || !strings.Contains(q.Options, `"userVerification":"required"`) {
			t.Errorf("the question to anybody: %s", q.Options)
		}
		a := phone.show(q)
		e := must[Entry](t)(other.SignInPasskey(ctx, site, a, Client{}))
		if e.Stage != Full || e.Person != p || e.Known == "" {
			t.Errorf("signed in by a passkey: %+v", e)
		}
		_, err := s.SignInPasskey(ctx, site, a, Client{})
		wantKind(t, "the same answer again", err, errs.Invalid)

		half := enter(t, s, p, Second)
		q = must[Question](t)(s.AskSecond(ctx, half.Token, site))
		if n := strings.Count(q.Options, `"type":"public-key"`); n != 2 {
			t.Errorf("%d passkeys asked for: %s", n, q.Options)
		}
		if e := must[Entry](t)(s.SecondPasskey(ctx, half.Token, site, key.show(q), Client{})); e.Stage != Full || e.Token == half.Token {
			t.Errorf("after the second step: %+v", e)
		}

		f := must[Factors](t)(s.Factors(ctx, p.ID))
		if len(f.Passkeys) != 2 || f.Passkeys[0].Name != "Phone" || f.Passkeys[0].Used.IsZero() || f.Passkeys[0].Host != site.ID || f.App {
			t.Fatalf("factors %+v", f)
		}
		for i, want := range []error{nil, errs.New(errs.Conflict, "")} {
			err := s.RemovePasskey(ctx, e.Token, f.Passkeys[i].ID)
			if (want == nil) != (err == nil) || want != nil && errs.KindOf(err) != errs.Conflict {
				t.Errorf("removing passkey %d: %v", i, err)
			}
		}
		_, err = s.SignInPasskey(ctx, site, phone.show(must[Question](t)(s.AskPasskey(ctx, site))), Client{})
		wantKind(t, "a removed passkey", err, errs.Invalid)
		add(t, s, "second@example.org", Operator)
		if err := s.Disable(ctx, audit.Console, p.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.SignInPasskey(ctx, site, key.show(must[Question](t)(s.AskPasskey(ctx, site))), Client{})
		wantKind(t, "a disabled account", err, errs.Invalid)
	})
}

func TestPasskeyRefusals(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	ana, eve := enter(t, s, add(t, s, "ana@example.org", Analyst), Full), enter(t, s, add(t, s, "eve@example.org", Analyst), Full)
	offer := func(token string) Question { return must[Question](t)(s.OfferPasskey(ctx, token, site)) }
	refused := func(what string, token, name string, a Answer) {
		t.Helper()
		_, err := s.AddPasskey(ctx, token, site, name, a, Client{})
		wantKind(t, what, err, errs.Invalid)
	}
	refused("no name", ana.Token, " ", newDevice(t).make(offer(ana.Token)))
	refused("a long name", ana.Token, strings.Repeat("n", 61), newDevice(t).make(offer(ana.Token)))
	refused("somebody else's offer", eve.Token, "n", newDevice(t).make(offer(ana.Token)))
	refused("no answer", ana.Token, "n", Answer{State: offer(ana.Token).State, Response: "{}"})
	elsewhere := newDevice(t)
	elsewhere.party.Origin = "https://evil.example"
	refused("another origin", ana.Token, "n", elsewhere.make(offer(ana.Token)))
	unverified := newDevice(t)
	unverified.holder.Options.UserNotVerified = true
	refused("person not verified", ana.Token, "n", unverified.make(offer(ana.Token)))
	late := newDevice(t).make(offer(ana.Token))
	clk.Advance(ceremonyLife)
	refused("too late", ana.Token, "n", late)

	d, done := addPasskey(t, s, ana.Token, "n")
	refused("a passkey that somebody has", eve.Token, "n", d.make(offer(eve.Token)))
	ask := func() Question { return must[Question](t)(s.AskPasskey(ctx, site)) }
	d.holder.Options.UserHandle = []byte(ana.ID) // as it was before somebody else's offer
	for what, spoil := range map[string]func(*device, *Answer){
		"origin":      func(d *device, a *Answer) { d.party.Origin = "https://evil.example"; *a = d.show(ask()) },
		"party":       func(d *device, a *Answer) { d.party.ID = "example"; *a = d.show(ask()) },
		"verified":    func(d *device, a *Answer) { d.holder.Options.UserNotVerified = true; *a = d.show(ask()) },
		"other key":   func(d *device, a *Answer) { d.credential.Key = newDevice(t).credential.Key; *a = d.show(ask()) },
		"unknown key": func(d *device, a *Answer) { *a = newDevice(t).show(ask()) },
		"other user":  func(d *device, a *Answer) { d.holder.Options.UserHandle = []byte(eve.ID); *a = d.show(ask()) },
		"challenge":   func(d *device, a *Answer) { a.State = ask().State },
		"second step": func(d *device, a *Answer) { a.State = offer(done.Token).State },
		"no answer":   func(d *device, a *Answer) { a.Response = "null" },
	} {
		spoilt := *d
		a := d.show(ask())
		spoil(&spoilt, &a)
		_, err := s.SignInPasskey(ctx, site, a, Client{})
		wantKind(t, what, err, errs.Invalid)
	}
	must[Entry](t)(s.SignInPasskey(ctx, site, d.show(ask()), Client{}))
	elsewhereSite := passkey.Site{ID: "localhost", Origin: "http://localhost:8080"}
	if q := must[Question](t)(s.AskSecond(ctx, enter(t, s, ana.Person, Second).Token, elsewhereSite)); q.State != "" {
		t.Error("a passkey of one address is asked for at another")
	}
}

func TestCopiedPasskey(t *testing.T) {
	s, clk := service(dbtest.SQLite(t, migrate))
	ctx := t.Context()
	p := add(t, s, "ana@example.org", Analyst)
	d, done := addPasskey(t, s, enter(t, s, p, Full).Token, "n")
	use := func(counter uint32) error {
		d.credential.Counter = counter
		_, err := s.SignInPasskey(ctx, site, d.show(must[Question](t)(s.AskPasskey(ctx, site))), Client{})
		return err
	}
	if err := use(5); err != nil {
		t.Fatal(err)
	}
	err := use(5)
	if e, _ := errs.Find(err); e == nil || e.Key != "people.error.copied" {
		t.Errorf("a counter that stands still: %v", err)
	}
	wantKind(t, "the marked passkey", use(9), errs.Invalid)
	if f := must[Factors](t)(s.Factors(ctx, p.ID)); !f.Passkeys[0].Copied {
		t.Error("it is not marked")
	}
	clk.Advance(time.Minute)
	half := enter(t, s, p, Second)
	if q := must[Question](t)(s.AskSecond(ctx, half.Token, site)); q.State != "" {
		t.Error("it is asked for")
	}
	must[Entry](t)(s.SecondCode(ctx, half.Token, done.Codes[9], Client{}))
	list := must[[]audit.Entry](t)(audit.Entries(ctx, s.db.Read(), 0, 100))
	if len(list) < 2 || list[len(list)-2].Action != "factor.copied" {
		t.Errorf("audit %+v", list)
	}
}

// newCredential makes a key whose two coordinates are of full length: the library writes short ones without the zeros that
// belong there, once in 128 times, and they are rightly refused.
func newCredential() virtualwebauthn.Credential {
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == 77 {
			return c
		}
	}
}
