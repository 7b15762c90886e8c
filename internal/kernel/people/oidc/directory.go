package oidc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"adili/internal/kernel/errs"
)

const (
	patience = 10 * time.Second // for one answer of the provider
	maxBody  = 1 << 20
	fresh    = time.Hour       // after which the addresses are asked for again
	pause    = 5 * time.Second // after a look-up that failed
)

// directory is what the provider says of itself.
type directory struct {
	provider *oidc.Provider
	keys     oidc.KeySet
	oauth    oauth2.Config
	told     document
	at       time.Time
}

// document is the part of the discovery document that go-oidc does not read.
type document struct {
	Authorize string   `json:"authorization_endpoint"`
	Token     string   `json:"token_endpoint"`
	Keys      string   `json:"jwks_uri"`
	UserInfo  string   `json:"userinfo_endpoint"`
	Methods   []string `json:"token_endpoint_auth_methods_supported"`
	NamesSelf bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
}

// directory gives what is known of the provider, asking it if that is nothing or old. Of several who ask at once, one goes
// and the others wait; when the provider is away, they are told so without each waiting for it anew.
func (p *Provider) directory(ctx context.Context) (*directory, error) {
	if p.fault != nil {
		return nil, p.fault
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, p.explain("waiting for the provider", ctx.Err())
	}
	now := p.now()
	if p.known != nil && now.Sub(p.known.at) < fresh {
		return p.known, nil
	}
	if p.failed == nil || now.Sub(p.lookups) >= pause {
		p.lookups = now
		// Others wait for the answer: it is not given up because this one has hung up.
		found, err := p.lookup(context.WithoutCancel(ctx))
		p.failed = err
		if err == nil {
			p.keep(found)
		}
	}
	if p.known != nil {
		return p.known, nil // old, but addresses seldom change
	}
	return nil, p.failed
}

// keep replaces what is known; the keys stay while they come from the same address, since they know which are new.
func (p *Provider) keep(found *directory) {
	if p.known != nil && p.known.told.Keys == found.told.Keys {
		found.keys = p.known.keys
	}
	p.known = found
}

// lookup asks the provider for its addresses.
func (p *Provider) lookup(ctx context.Context) (*directory, error) {
	const op = "looking the provider up"
	ctx = oidc.ClientContext(ctx, p.client)
	provider, err := oidc.NewProvider(ctx, p.config.Issuer)
	if err != nil {
		return nil, p.explain(op, err)
	}
	d := &directory{provider: provider, at: p.now()}
	if err := provider.Claims(&d.told); err != nil {
		return nil, p.explain(op, err)
	}
	for _, address := range []string{d.told.Authorize, d.told.Token, d.told.Keys} {
		if !isSafe(address) {
			return nil, p.refuse(fmt.Errorf("the provider names an address without TLS, or none: %q", address))
		}
	}
	if d.told.UserInfo != "" && !isSafe(d.told.UserInfo) {
		return nil, p.refuse(fmt.Errorf("the provider names an address without TLS: %q", d.told.UserInfo))
	}
	d.keys = oidc.NewRemoteKeySet(ctx, d.told.Keys)
	d.oauth = oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.config.Redirect,
		Endpoint: provider.Endpoint(), Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
	d.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInHeader // what a provider that names no method takes
	if p.config.ClientSecret == "" || len(d.told.Methods) > 0 && !slices.Contains(d.told.Methods, "client_secret_basic") {
		d.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return d, nil
}

// refuse gives the error for an answer that is not to be trusted.
func (p *Provider) refuse(cause error) error {
	return errs.New(errs.Invalid, "oidc.error.answer", "Service", p.Label()).Because(brief(cause))
}

// explain gives the error for a provider that could not be asked, or does not answer as one.
func (p *Provider) explain(op string, err error) error {
	key := "oidc.error.unreachable"
	if _, ok := errors.AsType[*oidc.IssuerMismatchError](err); ok {
		key = "oidc.error.issuer"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		key = "oidc.error.certificate"
	}
	e := errs.New(errs.Unavailable, key, "Service", p.Label()).Because(brief(err))
	e.Op = op
	return e
}

// brief shortens an error: go-oidc puts whole pages of the provider into its own.
func brief(err error) error {
	const most = 400
	if text := err.Error(); len(text) > most {
		return fmt.Errorf("%.400q and so on", text)
	}
	return err
}

// newClient gives a client that neither waits nor reads for ever. It follows no redirects: nothing here needs them, and the
// client's secret would go along.
func newClient(roots *x509.CertPool) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	transport.MaxResponseHeaderBytes = 64 << 10
	return &http.Client{
		Transport:     bounded{transport},
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded limits the size of what is answered.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, maxBody)
	return answer, nil
}
