package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"adili/internal/kernel/errs"
)

// skew is how far the provider's clock and ours may be apart.
const skew = 2 * time.Minute

// algorithms are those that sign with a key that only the provider has.
var algorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512,
}

// Finish takes the query that the browser brought back from the provider and says who signed in. Errors: Invalid when the
// answer does not belong to the state, came too late or cannot be trusted; Forbidden when the provider or the person said
// no; Unavailable when the provider cannot be asked or refuses this server.
func (p *Provider) Finish(ctx context.Context, state State, query url.Values) (who Identity, err error) {
	defer errs.Wrap(&err, "oidc.Finish")
	if state.State == "" || state.Nonce == "" || state.Verifier == "" || len(query["state"]) != 1 || !same(state.State, query.Get("state")) {
		return Identity{}, errs.New(errs.Invalid, "oidc.error.forged").Because(errors.New("the answer carries another state"))
	}
	if age := p.now().Sub(time.Unix(state.Begun, 0)); age > Life || age < -skew {
		return Identity{}, errs.New(errs.Invalid, "oidc.error.late").Because(fmt.Errorf("begun %v ago", age.Round(time.Second)))
	}
	d, err := p.directory(ctx)
	if err != nil {
		return Identity{}, err
	}
	// RFC 9207: an answer says whose it is, so that it cannot come from another provider in this one's name.
	if issuer := query.Get("iss"); issuer != p.config.Issuer && (issuer != "" || d.told.NamesSelf) {
		return Identity{}, p.refuse(fmt.Errorf("the answer is by %q", issuer))
	}
	if query.Has("error") {
		return Identity{}, p.declined(query)
	}
	if len(query["code"]) != 1 || query.Get("code") == "" {
		return Identity{}, p.refuse(errors.New("the answer has no code, or several"))
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := d.oauth.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(state.Verifier))
	if err != nil {
		return Identity{}, p.notExchanged(err)
	}
	claims, err := p.verify(ctx, d, token, state.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if claims.Email == "" && d.told.UserInfo != "" {
		if err := p.ask(ctx, d, token, claims); err != nil {
			return Identity{}, err
		}
	}
	return claims.identity(p.config.Issuer), nil
}

// same compares without telling by its time how much agrees.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// declined gives the error for an answer that is one (OpenID Connect Core 1.0, 3.1.2.6; RFC 6749, 4.1.2.1).
func (p *Provider) declined(query url.Values) error {
	code := query.Get("error")
	kind, key := errs.Unavailable, "oidc.error.settings"
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		kind, key = errs.Forbidden, "oidc.error.denied"
	case "server_error", "temporarily_unavailable":
		key = "oidc.error.unreachable"
	}
	return errs.New(kind, key, "Service", p.Label()).Because(fmt.Errorf("the provider answers %.100q", code))
}

// notExchanged gives the error for a code that the provider gave no token for.
func (p *Provider) notExchanged(err error) error {
	refused, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return p.explain("exchanging the code", err)
	}
	kind, key := errs.Unavailable, "oidc.error.settings"
	switch {
	case refused.Response != nil && refused.Response.StatusCode >= http.StatusInternalServerError:
		key = "oidc.error.unreachable"
	case refused.ErrorCode == "invalid_grant" || refused.ErrorCode == "invalid_request":
		kind, key = errs.Invalid, "oidc.error.late" // used before, too old, or begun by somebody else
	}
	e := errs.New(kind, key, "Service", p.Label())
	return e.Because(fmt.Errorf("the provider refuses the code: %.100q %.200q", refused.ErrorCode, refused.ErrorDescription))
}

// verify checks the identity token and gives what it claims.
func (p *Provider) verify(ctx context.Context, d *directory, token *oauth2.Token, nonce string) (*claims, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, p.refuse(errors.New("there is no identity token"))
	}
	now := p.now()
	keys := &watched{KeySet: d.keys}
	verifier := oidc.NewVerifier(p.config.Issuer, keys, &oidc.Config{
		ClientID: p.config.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return now.Add(-skew) },
	})
	id, err := verifier.Verify(ctx, raw)
	_, expired := errors.AsType[*oidc.TokenExpiredError](err)
	switch {
	case keys.away != nil:
		return nil, p.explain("fetching the provider's keys", keys.away)
	case expired || err == nil && id.IssuedAt.After(now.Add(skew)):
		return nil, errs.New(errs.Invalid, "oidc.error.clock", "Service", p.Label()).Because(errors.New("the identity token is not of this time"))
	case err != nil:
		return nil, p.refuse(err)
	case !same(id.Nonce, nonce):
		return nil, errs.New(errs.Invalid, "oidc.error.forged").Because(errors.New("the identity token carries another nonce"))
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, p.refuse(err)
		}
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return nil, p.refuse(err)
	}
	// OpenID Connect Core 1.0, 3.1.3.7: a token for several is for the one it was issued to.
	if c.Party != p.config.ClientID && (c.Party != "" || len(id.Audience) != 1) {
		return nil, p.refuse(fmt.Errorf("the identity token was issued to %.100q", c.Party))
	}
	if c.Subject == "" || len(c.Subject) > 255 {
		return nil, p.refuse(errors.New("the identity token names nobody"))
	}
	return &c, nil
}

// ask completes the claims by what the provider tells of the person on request: some keep the e-mail address for that.
func (p *Provider) ask(ctx context.Context, d *directory, token *oauth2.Token, c *claims) error {
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return p.explain("asking about the person", err)
	}
	if info.Subject != c.Subject {
		return p.refuse(errors.New("asked about the person, the provider tells of another"))
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return p.refuse(err)
	}
	c.Email, c.EmailVerified = more.Email, more.EmailVerified
	if c.Name == "" {
		c.Name = more.Name
	}
	return nil
}

// watched notices when keys could not be fetched, which go-oidc does not tell apart from a wrong signature.
type watched struct {
	oidc.KeySet
	away error
}

// VerifySignature implements oidc.KeySet.
func (w *watched) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := w.KeySet.VerifySignature(ctx, jwt)
	if err != nil && strings.HasPrefix(err.Error(), "fetching keys") {
		w.away = err
	}
	return payload, err
}
