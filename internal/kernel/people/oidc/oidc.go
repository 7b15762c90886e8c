// Package oidc signs staff in with the administration's own OpenID Connect provider: the authorization code flow with PKCE,
// state and nonce, and nothing else of the protocol. It says who came back; whether that person has an account, and what the
// person may do, is for package people to say.
//
// The provider may be away: its addresses are asked for when somebody wants to sign in, and again later, never at the start
// of the program. Nothing is kept between Begin and Finish but what the browser brings back.
package oidc

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/x509"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"adili/internal/kernel/errs"
)

//go:embed message/*.json
var messages embed.FS

// Messages has the texts of this package's errors.
func Messages() fs.FS { return messages }

// Config says which provider is asked, and as whom.
type Config struct {
	Issuer       string // the provider's address, to the letter as it gives it itself
	ClientID     string
	ClientSecret string // empty for a client that has none and relies on PKCE
	Redirect     string // where the provider sends the browser back to, as registered there
	Label        string // the provider's name on the button; the host of the issuer when empty
	Roots        []byte // certificates in PEM of an authority of one's own, trusted besides the system's; may be empty
}

// Provider is the provider as far as it is known. It is safe for use by several goroutines.
type Provider struct {
	config Config
	fault  error // of the configuration
	client *http.Client
	now    func() time.Time

	turn    chan struct{} // held while the provider's addresses are looked up
	known   *directory
	failed  error // of the last look-up
	lookups time.Time
}

// State is what Finish must know of Begin. It belongs to one browser: keep it in a sealed cookie that lives no longer than
// Life, and clear that before Finish is called, so that an answer is taken once.
type State struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Begun    int64  `json:"t"` // seconds since 1970
}

// Life is how long a person may take at the provider.
const Life = 15 * time.Minute

// New makes the provider. It asks nothing of it; a configuration that cannot work is reported by every method, and by
// Config.Valid beforehand.
func New(c Config) *Provider {
	p := &Provider{config: c, fault: c.Valid(), now: time.Now, turn: make(chan struct{}, 1)}
	if p.fault == nil {
		p.client = newClient(c.pool())
	}
	return p
}

// Valid checks the configuration by itself. Errors: Invalid.
func (c Config) Valid() error {
	invalid := func(key, text string) error {
		return errs.New(errs.Invalid, key).Because(errors.New(text))
	}
	switch {
	case !isSafe(c.Issuer) || strings.ContainsAny(c.Issuer, "?#"):
		return invalid("oidc.error.config_issuer", "the issuer must be an address that begins with https://, without ? and #")
	case c.ClientID == "":
		return invalid("oidc.error.config_client", "there is no client ID")
	case !isSafe(c.Redirect) || strings.Contains(c.Redirect, "#"):
		return invalid("oidc.error.config_redirect", "the address to come back to must begin with https://")
	case len(c.Roots) > 0 && !x509.NewCertPool().AppendCertsFromPEM(c.Roots):
		return invalid("oidc.error.config_roots", "there is no certificate in PEM among the roots")
	}
	return nil
}

// pool gives the authorities that are trusted; nil stands for the system's.
func (c Config) pool() *x509.CertPool {
	if len(c.Roots) == 0 {
		return nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without certificates of its own: those given must do
	}
	pool.AppendCertsFromPEM(c.Roots)
	return pool
}

// isSafe accepts addresses with TLS, and without it those of this machine.
func isSafe(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// Label gives the provider's name for the button.
func (p *Provider) Label() string {
	if u, err := url.Parse(p.config.Issuer); err == nil {
		return cmp.Or(p.config.Label, u.Hostname())
	}
	return p.config.Label
}

// Check looks the provider up anew, for a page that says whether all is well. It signs nobody in, so it cannot tell whether
// the provider knows the client. Errors: Invalid for the configuration, Unavailable for the provider.
func (p *Provider) Check(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "oidc.Check")
	if p.fault != nil {
		return p.fault
	}
	_, err = p.lookup(ctx)
	return err
}

// Begin gives the address that the browser is sent to, and what Finish will need. Errors: Unavailable.
func (p *Provider) Begin(ctx context.Context) (address string, state State, err error) {
	defer errs.Wrap(&err, "oidc.Begin")
	d, err := p.directory(ctx)
	if err != nil {
		return "", State{}, err
	}
	state = State{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Begun: p.now().Unix()}
	return d.oauth.AuthCodeURL(state.State, oidc.Nonce(state.Nonce), oauth2.S256ChallengeOption(state.Verifier)), state, nil
}
