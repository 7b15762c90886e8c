package oidc

import (
	"net/url"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/testkit/oidctest"
)

const back = "https://adili.example.org/sign-in/back"

var (
	amina  = oidctest.Person{ID: "08a8684b", Email: "amina@customs.example.org", Name: "Amina", Password: "correct horse"}
	ours   = oidctest.Client{ID: "adili", Secret: "a secret/with=odd+signs", Redirect: back}
	others = oidctest.Client{ID: "other", Secret: "other secret", Redirect: back}
)

func startDex(t *testing.T, options oidctest.Options) *oidctest.Provider {
	t.Helper()
	options.Clients, options.People = []oidctest.Client{ours, others}, []oidctest.Person{amina}
	return oidctest.Start(t, options)
}

func at(p *oidctest.Provider, c oidctest.Client) *Provider {
	return New(Config{Issuer: p.Issuer, ClientID: c.ID, ClientSecret: c.Secret, Redirect: c.Redirect})
}

// signIn goes to the provider and comes back.
func signIn(t *testing.T, dex *oidctest.Provider, p *Provider) (State, url.Values) {
	t.Helper()
	address, state, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	query, ok := dex.SignIn(t, address, amina.Email, amina.Password)
	if !ok {
		t.Fatal("the provider keeps the browser")
	}
	return state, query
}

func wantFault(t *testing.T, err error, kind errs.Kind, key string) {
	t.Helper()
	e, ok := errs.Find(err)
	if !ok || e.Kind != kind || e.Key != key {
		t.Errorf("%v, want %v %s", err, kind, key)
	}
}

func TestSignInWithDex(t *testing.T) {
	dex := startDex(t, oidctest.Options{})
	p := at(dex, ours)
	if err := p.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	state, query := signIn(t, dex, p)
	who, err := p.Finish(t.Context(), state, query)
	if err != nil {
		t.Fatal(err)
	}
	if who.Issuer != dex.Issuer || who.Subject == "" || who.Email != amina.Email || !who.EmailVerified || who.Name != amina.Name || who.MFA {
		t.Errorf("%+v", who)
	}
	state, query = signIn(t, dex, p)
	if again, err := p.Finish(t.Context(), state, query); err != nil || again != who {
		t.Errorf("the second time %+v, %v", again, err)
	}
	// A code is good for one sign-in.
	_, err = p.Finish(t.Context(), state, query)
	wantFault(t, err, errs.Invalid, "oidc.error.late")
}

func TestDexKeepsWhoHasNoPassword(t *testing.T) {
	dex := startDex(t, oidctest.Options{})
	p := at(dex, ours)
	address, _, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for email, password := range map[string]string{amina.Email: "wrong", "nobody@example.org": amina.Password} {
		if query, ok := dex.SignIn(t, address, email, password); ok {
			t.Errorf("%s comes back with %v", email, query)
		}
	}
	// A client that is not registered, or comes back elsewhere, gets nobody either.
	for _, c := range []oidctest.Client{{ID: "unknown", Secret: "s", Redirect: back}, {ID: ours.ID, Secret: ours.Secret, Redirect: "https://evil.example.org/"}} {
		address, _, err := at(dex, c).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if query, ok := dex.SignIn(t, address, amina.Email, amina.Password); ok {
			t.Errorf("%+v gets %v", c, query)
		}
	}
}

func TestForgedAnswersFromDex(t *testing.T) {
	dex := startDex(t, oidctest.Options{})
	p, other := at(dex, ours), at(dex, others)
	tests := []struct {
		name   string
		change func(*State, url.Values)
		kind   errs.Kind
		key    string
	}{
		{"altered state", func(_ *State, q url.Values) { q.Set("state", q.Get("state")+"x") }, errs.Invalid, "oidc.error.forged"},
		{"no state", func(_ *State, q url.Values) { q.Del("state") }, errs.Invalid, "oidc.error.forged"},
		{"two states", func(_ *State, q url.Values) { q.Add("state", "x") }, errs.Invalid, "oidc.error.forged"},
		{"empty cookie", func(s *State, q url.Values) { *s = State{}; q.Set("state", "") }, errs.Invalid, "oidc.error.forged"},
		{"other nonce", func(s *State, _ url.Values) { s.Nonce = "another" }, errs.Invalid, "oidc.error.forged"},
		{"other verifier", func(s *State, _ url.Values) { s.Verifier += "x" }, errs.Invalid, "oidc.error.late"},
		{"begun long ago", func(s *State, _ url.Values) { s.Begun -= int64(Life/time.Second) + 5 }, errs.Invalid, "oidc.error.late"},
		{"begun tomorrow", func(s *State, _ url.Values) { s.Begun += 24 * 3600 }, errs.Invalid, "oidc.error.late"},
		{"altered code", func(_ *State, q url.Values) { q.Set("code", q.Get("code")[1:]) }, errs.Invalid, "oidc.error.late"},
		{"no code", func(_ *State, q url.Values) { q.Del("code") }, errs.Invalid, "oidc.error.answer"},
		{"two codes", func(_ *State, q url.Values) { q.Add("code", "x") }, errs.Invalid, "oidc.error.answer"},
		{"another provider", func(_ *State, q url.Values) { q.Set("iss", "https://evil.example.org") }, errs.Invalid, "oidc.error.answer"},
		{"declined", func(_ *State, q url.Values) { q.Set("error", "access_denied") }, errs.Forbidden, "oidc.error.denied"},
		{"unfit", func(_ *State, q url.Values) { q.Set("error", "invalid_scope") }, errs.Unavailable, "oidc.error.settings"},
		{"ill", func(_ *State, q url.Values) { q.Set("error", "server_error") }, errs.Unavailable, "oidc.error.unreachable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state, query := signIn(t, dex, p)
			test.change(&state, query)
			who, err := p.Finish(t.Context(), state, query)
			wantFault(t, err, test.kind, test.key)
			if who != (Identity{}) {
				t.Errorf("%+v", who)
			}
		})
	}
	t.Run("other client's code", func(t *testing.T) {
		state, query := signIn(t, dex, other)
		_, err := p.Finish(t.Context(), state, query)
		wantFault(t, err, errs.Unavailable, "oidc.error.unreachable") // dex calls it a fault of its own
	})
	t.Run("other browser's answer", func(t *testing.T) {
		mine, _ := signIn(t, dex, p)
		_, theirs := signIn(t, dex, p)
		_, err := p.Finish(t.Context(), mine, theirs)
		wantFault(t, err, errs.Invalid, "oidc.error.forged")
	})
	t.Run("wrong secret", func(t *testing.T) {
		wrong := ours
		wrong.Secret = "not it"
		state, query := signIn(t, dex, at(dex, wrong))
		_, err := at(dex, wrong).Finish(t.Context(), state, query)
		wantFault(t, err, errs.Unavailable, "oidc.error.settings")
	})
}

// The program starts while the provider is down, and notices when it is back, or has come back with other keys.
func TestDexIsAwayAndComesBack(t *testing.T) {
	dex := startDex(t, oidctest.Options{})
	p := at(dex, ours)
	start := time.Now()
	p.now = func() time.Time { return start }
	dex.Stop()
	_, _, err := p.Begin(t.Context())
	wantFault(t, err, errs.Unavailable, "oidc.error.unreachable")

	dex.Restart(t)
	_, _, err = p.Begin(t.Context())
	wantFault(t, err, errs.Unavailable, "oidc.error.unreachable") // nobody asks again so soon
	p.now = func() time.Time { return start.Add(pause) }
	for range 3 { // with new keys each time
		state, query := signIn(t, dex, p)
		if _, err := p.Finish(t.Context(), state, query); err != nil {
			t.Fatal(err)
		}
		dex.Restart(t)
	}

	// Away in the middle of a sign-in: said so, and another one goes well.
	state, query := signIn(t, dex, p)
	dex.Stop()
	_, err = p.Finish(t.Context(), state, query)
	wantFault(t, err, errs.Unavailable, "oidc.error.unreachable")
	p.now = func() time.Time { return start.Add(2 * fresh) } // what is known is old, and what is old still serves
	if _, _, err := p.Begin(t.Context()); err != nil {
		t.Error(err)
	}
	p.now = time.Now
	dex.Restart(t)
	state, query = signIn(t, dex, p)
	if _, err := p.Finish(t.Context(), state, query); err != nil {
		t.Error(err)
	}
}

// The clocks of two servers may differ a little.
func TestExpiredTokenFromDex(t *testing.T) {
	dex := startDex(t, oidctest.Options{Life: time.Minute})
	for _, test := range []struct {
		ahead time.Duration
		fits  bool
	}{{0, true}, {2 * time.Minute, true}, {4 * time.Minute, false}, {-time.Minute, true}, {-4 * time.Minute, false}} {
		p := at(dex, ours)
		p.now = func() time.Time { return time.Now().Add(test.ahead) }
		state, query := signIn(t, dex, p)
		_, err := p.Finish(t.Context(), state, query)
		if test.fits && err != nil {
			t.Errorf("%v ahead: %v", test.ahead, err)
		} else if !test.fits {
			wantFault(t, err, errs.Invalid, "oidc.error.clock")
		}
	}
}
