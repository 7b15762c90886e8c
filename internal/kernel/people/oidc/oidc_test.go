package oidc

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

func TestValid(t *testing.T) {
	good := Config{Issuer: "https://id.example.org/realm", ClientID: "adili", Redirect: back}
	if err := good.Valid(); err != nil {
		t.Error(err)
	}
	change := func(f func(*Config)) Config { c := good; f(&c); return c }
	if err := change(func(c *Config) { c.Issuer, c.Redirect = "http://127.0.0.1:5556/dex", "http://localhost:8080/x" }).Valid(); err != nil {
		t.Error(err)
	}
	bad := map[string][]Config{
		"oidc.error.config_issuer": {change(func(c *Config) { c.Issuer = "" }), change(func(c *Config) { c.Issuer = "http://id.example.org" }),
			change(func(c *Config) { c.Issuer = "id.example.org" }), change(func(c *Config) { c.Issuer = "https://u:p@id.example.org" }), change(func(c *Config) { c.Issuer += "?x" })},
		"oidc.error.config_client":   {change(func(c *Config) { c.ClientID = "" })},
		"oidc.error.config_redirect": {change(func(c *Config) { c.Redirect = "/back" }), change(func(c *Config) { c.Redirect = "http://adili.example.org/back" })},
		"oidc.error.config_roots":    {change(func(c *Config) { c.Roots = []byte("no certificate") })},
	}
	for key, list := range bad {
		for _, c := range list {
			wantFault(t, c.Valid(), errs.Invalid, key)
			p := New(c)
			_, _, err := p.Begin(t.Context())
			wantFault(t, err, errs.Invalid, key)
			wantFault(t, p.Check(t.Context()), errs.Invalid, key)
			p.Label()
		}
	}
	if got := New(good).Label(); got != "id.example.org" {
		t.Errorf("label %q", got)
	}
}

func with(f *forger) *Provider {
	return New(Config{Issuer: f.URL, ClientID: "adili", ClientSecret: "s:e c", Redirect: back, Label: "Test"})
}

// pass signs in at the forger, which lets everybody in.
func pass(t *testing.T, f *forger, p *Provider) (Identity, error) {
	t.Helper()
	address, state, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	f.nonce = u.Query().Get("nonce")
	return p.Finish(t.Context(), state, url.Values{"state": {u.Query().Get("state")}, "code": {"c0de"}})
}

func TestBegin(t *testing.T) {
	f := newForger(t, false)
	p := with(f)
	address, state, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	sum := sha256.Sum256([]byte(state.Verifier))
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "adili", "redirect_uri": back, "scope": "openid profile email",
		"state": state.State, "nonce": state.Nonce, "code_challenge": text(sum[:]), "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if len(state.State) < 26 || len(state.Nonce) < 26 || len(state.Verifier) < 43 || strings.Contains(address, state.Verifier) {
		t.Errorf("%+v in %s", state, address)
	}
	if _, another, _ := p.Begin(t.Context()); another.State == state.State || another.Nonce == state.Nonce || another.Verifier == state.Verifier {
		t.Error("two sign-ins share a secret")
	}
	// What the cookie holds comes back as it was.
	data, err := json.Marshal(state)
	var read State
	if err != nil || json.Unmarshal(data, &read) != nil || read != state || len(data) > 250 {
		t.Errorf("%d bytes %s, %v", len(data), data, err)
	}
	if _, err := pass(t, f, p); err != nil {
		t.Fatal(err)
	}
	if f.form.Get("code_verifier") == "" || f.form.Get("grant_type") != "authorization_code" || !f.basic {
		t.Errorf("%v, in the header: %v", f.form, f.basic)
	}
	f.told["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	if _, err := pass(t, f, with(f)); err != nil || f.basic || f.form.Get("client_secret") != "s:e c" {
		t.Errorf("%v, %v, in the header: %v", err, f.form, f.basic)
	}
}

func TestForgedTokens(t *testing.T) {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	claim := func(name string, value any) func(*forger) { return func(f *forger) { f.change[name] = value } }
	tests := []struct {
		name   string
		change func(*forger)
		kind   errs.Kind
		key    string
	}{
		{"other client's", claim("aud", "other"), errs.Invalid, "oidc.error.answer"},
		{"for two, issued to nobody", claim("aud", []string{"adili", "other"}), errs.Invalid, "oidc.error.answer"},
		{"for two, issued to the other", func(f *forger) { f.change["aud"], f.change["azp"] = []string{"adili", "other"}, "other" }, errs.Invalid, "oidc.error.answer"},
		{"issued to another", claim("azp", "other"), errs.Invalid, "oidc.error.answer"},
		{"other provider's", claim("iss", "https://evil.example.org"), errs.Invalid, "oidc.error.answer"},
		{"other nonce", claim("nonce", "another"), errs.Invalid, "oidc.error.forged"},
		{"no nonce", claim("nonce", nil), errs.Invalid, "oidc.error.forged"},
		{"expired", claim("exp", now-180), errs.Invalid, "oidc.error.clock"},
		{"no end", claim("exp", nil), errs.Invalid, "oidc.error.clock"},
		{"from tomorrow", claim("iat", now+24*3600), errs.Invalid, "oidc.error.clock"},
		{"not before tomorrow", claim("nbf", now+24*3600), errs.Invalid, "oidc.error.answer"},
		{"nobody's", claim("sub", nil), errs.Invalid, "oidc.error.answer"},
		{"endless name", claim("sub", strings.Repeat("x", 256)), errs.Invalid, "oidc.error.answer"},
		{"neither true nor false", claim("email_verified", "perhaps"), errs.Invalid, "oidc.error.answer"},
		{"other access token's", claim("at_hash", "AAAA"), errs.Invalid, "oidc.error.answer"},
		{"stranger's key", func(f *forger) {
			f.sign = func(h, c map[string]any) string { return rsaToken(stranger, h, c) }
		}, errs.Invalid, "oidc.error.answer"},
		{"unsigned", func(f *forger) { f.sign = unsigned }, errs.Invalid, "oidc.error.answer"},
		{"signed with the secret", func(f *forger) { f.sign = hs256("shared", []byte("s:e c")) }, errs.Invalid, "oidc.error.answer"},
		{"signed with the public key", func(f *forger) { f.sign = hs256("rsa", x509.MarshalPKCS1PublicKey(&f.rsa.PublicKey)) }, errs.Invalid, "oidc.error.answer"},
		{"no token", func(f *forger) { f.sign = func(_, _ map[string]any) string { return "" } }, errs.Invalid, "oidc.error.answer"},
		{"no keys", func(f *forger) { f.ill["/keys"] = 503 }, errs.Unavailable, "oidc.error.unreachable"},
		{"token endpoint ill", func(f *forger) { f.ill["/token"] = 502 }, errs.Unavailable, "oidc.error.unreachable"},
		{"token endpoint closed", func(f *forger) { f.ill["/token"] = 403 }, errs.Unavailable, "oidc.error.settings"},
		{"nothing told", func(f *forger) { f.change["email"] = nil; f.ill["/info"] = 500 }, errs.Unavailable, "oidc.error.unreachable"},
		{"another person told of", func(f *forger) {
			f.change["email"] = nil
			f.info = map[string]any{"sub": "p2", "email": "x@example.org"}
		}, errs.Invalid, "oidc.error.answer"},
		{"answers without saying whose", func(f *forger) { f.told["authorization_response_iss_parameter_supported"] = true }, errs.Invalid, "oidc.error.answer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newForger(t, false)
			test.change(f)
			who, err := pass(t, f, with(f))
			wantFault(t, err, test.kind, test.key)
			if who != (Identity{}) {
				t.Errorf("%+v", who)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	f := newForger(t, false)
	for name, sign := range map[string]func(_, _ map[string]any) string{"RS256": f.rs256, "PS256": f.ps256, "ES256": f.es256} {
		f.sign = sign
		if who, err := pass(t, f, with(f)); err != nil || who != (Identity{Issuer: f.URL, Subject: "p1", Email: "amina@example.org", EmailVerified: true, Name: "Amina"}) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	tests := []struct {
		change, info map[string]any
		want         Identity
	}{
		{map[string]any{"email_verified": "true"}, nil, Identity{Email: "amina@example.org", EmailVerified: true, Name: "Amina"}},
		{map[string]any{"email_verified": false}, nil, Identity{Email: "amina@example.org", Name: "Amina"}},
		{map[string]any{"email_verified": nil}, nil, Identity{Email: "amina@example.org", Name: "Amina"}},
		{map[string]any{"email": nil}, map[string]any{"sub": "p1"}, Identity{Name: "Amina"}}, // nobody's address is verified
		{map[string]any{"email": nil, "name": nil}, map[string]any{"sub": "p1", "email": "a@example.org", "email_verified": true, "name": "A"}, Identity{Email: "a@example.org", EmailVerified: true, Name: "A"}},
		{map[string]any{"aud": []string{"other", "adili"}, "azp": "adili"}, nil, Identity{Email: "amina@example.org", EmailVerified: true, Name: "Amina"}},
		{map[string]any{"amr": []string{"pwd", "otp"}}, nil, Identity{Email: "amina@example.org", EmailVerified: true, Name: "Amina", MFA: true}},
		{map[string]any{"acr": "https://refeds.org/profile/mfa"}, nil, Identity{Email: "amina@example.org", EmailVerified: true, Name: "Amina", MFA: true}},
	}
	for _, test := range tests {
		f.change, f.info = test.change, test.info
		test.want.Issuer, test.want.Subject = f.URL, "p1"
		if who, err := pass(t, f, with(f)); err != nil || who != test.want {
			t.Errorf("%v: %+v, %v; want %+v", test.change, who, err, test.want)
		}
	}
}

func TestMFA(t *testing.T) {
	for data, want := range map[string]bool{
		`{}`: false, `{"amr":null}`: false, `{"amr":[]}`: false, `{"amr":""}`: false, `{"amr":["pwd"]}`: false, `{"amr":["otp"]}`: false,
		`{"amr":["pwd","pin"]}`: false, `{"amr":["hwk","otp"]}`: false, `{"amr":["pwd","rba","user","geo"]}`: false, `{"acr":"0"}`: false, `{"acr":"2"}`: false,
		`{"amr":"mfa"}`: true, `{"amr":["mfa"]}`: true, `{"amr":["pwd","otp"]}`: true, `{"amr":["hwk","pin"]}`: true, `{"amr":["fpt","swk"]}`: true,
		`{"acr":"http://schemas.openid.net/pape/policies/2007/06/multi-factor"}`: true, `{"amr":["pwd","http://schemas.microsoft.com/claims/multipleauthn"]}`: true,
	} {
		var c claims
		if err := json.Unmarshal([]byte(data), &c); err != nil || c.mfa() != want {
			t.Errorf("%s: %v, %v", data, c.mfa(), err)
		}
	}
}

func TestDirectory(t *testing.T) {
	for name, told := range map[string]map[string]any{
		"keys without TLS":   {"jwks_uri": "http://id.example.org/keys"},
		"token without TLS":  {"token_endpoint": "http://id.example.org/token"},
		"auth without TLS":   {"authorization_endpoint": "http://id.example.org/auth"},
		"info without TLS":   {"userinfo_endpoint": "http://id.example.org/info"},
		"script for sign-in": {"authorization_endpoint": "javascript:alert(1)"},
		"no keys":            {"jwks_uri": ""},
	} {
		f := newForger(t, false)
		f.told = told
		if e, ok := errs.Find(with(f).Check(t.Context())); !ok || e.Key != "oidc.error.answer" {
			t.Errorf("%s: %v", name, e)
		}
	}
	f := newForger(t, false)
	f.told["issuer"] = f.URL + "/"
	wantFault(t, with(f).Check(t.Context()), errs.Unavailable, "oidc.error.issuer")
	f.told["issuer"], f.told["padding"] = f.URL, strings.Repeat("x", maxBody)
	err := with(f).Check(t.Context())
	wantFault(t, err, errs.Unavailable, "oidc.error.unreachable")
	if len(err.Error()) > 1000 {
		t.Errorf("an error of %d bytes", len(err.Error()))
	}
}

// A provider with a certificate of the administration's own authority.
func TestRoots(t *testing.T) {
	f := newForger(t, true)
	wantFault(t, with(f).Check(t.Context()), errs.Unavailable, "oidc.error.certificate")
	c := with(f).config
	c.Roots = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if who, err := pass(t, f, New(c)); err != nil || who.Subject != "p1" {
		t.Errorf("%+v, %v", who, err)
	}
}

// The secret does not travel to where the provider points on.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	pointing := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer pointing.Close()
	f := newForger(t, false)
	f.told["token_endpoint"] = pointing.URL
	if _, err := pass(t, f, with(f)); err == nil || asked.Load() != 0 {
		t.Errorf("%v; asked %d times", err, asked.Load())
	}
}

// A provider that hangs holds nobody up for long, however many ask; and one who hangs up does not spoil it for the others.
func TestProviderHangs(t *testing.T) {
	var asked atomic.Int32
	release := make(chan struct{})
	f := newForger(t, false)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-release
		io.WriteString(w, "{}")
	}))
	defer slow.Close()
	defer close(release)
	p := New(Config{Issuer: slow.URL, ClientID: "adili", Redirect: back})
	p.client.Timeout = 300 * time.Millisecond
	start := time.Now()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, _, err := p.Begin(t.Context())
			wantFault(t, err, errs.Unavailable, "oidc.error.unreachable")
		})
	}
	all.Wait()
	if took := time.Since(start); asked.Load() != 1 || took > 3*time.Second {
		t.Errorf("asked %d times in %v", asked.Load(), took)
	}
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	if _, _, err := with(f).Begin(gone); err != nil && errs.KindOf(err) != errs.Unavailable {
		t.Error(err)
	}
}

// What is known is asked for once an hour, and then once.
func TestDirectoryIsKept(t *testing.T) {
	f := newForger(t, false)
	var asked atomic.Int32
	inner := f.Config.Handler
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/.well-known/") {
			asked.Add(1)
		}
		inner.ServeHTTP(w, r)
	})
	p := with(f)
	start := time.Now()
	for hour, want := range []int32{1, 2, 3} {
		p.now = func() time.Time { return start.Add(time.Duration(hour)*fresh + time.Duration(hour)*time.Second) }
		for range 3 {
			if _, _, err := p.Begin(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if asked.Load() != want {
			t.Errorf("in hour %d asked %d times", hour, asked.Load())
		}
	}
}
