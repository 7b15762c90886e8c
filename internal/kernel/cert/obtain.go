package cert

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"

	"golang.org/x/crypto/acme"
)

// The sorts of challenge.
const (
	tlsALPN01 = "tls-alpn-01"
	http01    = "http-01"
)

// obtain gets a certificate for one name. It says which challenge it used, or failed at; "" when none was needed or when it
// did not come that far.
func (a *authority) obtain(ctx context.Context, name string, s state) (method string, _ *tls.Certificate, err error) {
	client, err := a.account(ctx)
	if err != nil {
		return "", nil, err
	}
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		return "", nil, err
	}
	method = a.method(s)
	for _, url := range order.AuthzURLs {
		if err := a.authorize(ctx, client, name, method, url); err != nil {
			return method, nil, err
		}
	}
	if order, err = client.WaitOrder(ctx, order.URI); err != nil {
		return "", nil, err
	}
	cert, err := a.finish(ctx, client, name, order)
	if err != nil {
		return "", nil, err
	}
	return method, cert, nil
}

// account makes the account, or finds it again. It does so for each attempt: months lie between two of them, in which an
// authority may have moved or have been set up anew.
func (a *authority) account(ctx context.Context) (*acme.Client, error) {
	key, err := a.folder.accountKey()
	if err != nil {
		return nil, err
	}
	client := &acme.Client{DirectoryURL: a.directory, HTTPClient: a.client, Key: key, UserAgent: "adili", RetryBackoff: retry}
	account := new(acme.Account)
	if a.email != "" {
		account.Contact = []string{"mailto:" + a.email}
	}
	if _, err := client.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, err
	}
	return client, nil
}

// method chooses the challenge: the one that worked last, first; after each refusal the other one, when there is one.
func (a *authority) method(s state) string {
	if !a.http01.Load() {
		return tlsALPN01
	}
	list := []string{tlsALPN01, http01}
	if s.Method == http01 {
		list = []string{http01, tlsALPN01}
	}
	return list[s.Refused%2]
}

// authorize answers one authorization's challenge.
func (a *authority) authorize(ctx context.Context, client *acme.Client, name, method, url string) error {
	authorization, err := client.GetAuthorization(ctx, url)
	if err != nil || authorization.Status == acme.StatusValid {
		return err
	}
	for _, c := range authorization.Challenges {
		if c.Type != method {
			continue
		}
		remove, err := a.prepare(client, name, c)
		if err != nil {
			return err
		}
		defer remove()
		if _, err := client.Accept(ctx, c); err != nil {
			return err
		}
		_, err = client.WaitAuthorization(ctx, url)
		return err
	}
	return fmt.Errorf("the authority does not offer %s", method)
}

// prepare puts the answer to a challenge where the authority will look for it.
func (a *authority) prepare(client *acme.Client, name string, c *acme.Challenge) (remove func(), err error) {
	if c.Type == http01 {
		answer, err := client.HTTP01ChallengeResponse(c.Token)
		if err != nil {
			return nil, err
		}
		return offer(a, a.tokens, client.HTTP01ChallengePath(c.Token), answer), nil
	}
	cert, err := client.TLSALPN01ChallengeCert(c.Token, name)
	if err != nil {
		return nil, err
	}
	return offer(a, a.challenges, name, &cert), nil
}

// offer puts a value into one of a's maps until remove is called.
func offer[V any](a *authority, m map[string]V, key string, value V) (remove func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m[key] = value
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(m, key)
	}
}

// finish makes a new key and has the authority sign it.
func (a *authority) finish(ctx context.Context, client *acme.Client, name string, order *acme.Order) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}, key)
	if err != nil {
		return nil, err
	}
	chain, _, err := client.CreateCertFromOrder(ctx, order, request, true)
	if err != nil {
		return nil, err
	}
	text, err := encode(key, chain)
	if err != nil {
		return nil, err
	}
	cert, err := parseCertificate(name, text)
	if err != nil {
		return nil, fmt.Errorf("what the authority sent: %w", err)
	}
	if !a.clock.Now().Before(cert.Leaf.NotAfter) {
		return nil, errors.New("the authority sent a certificate that has ended: is the clock right?")
	}
	return cert, nil
}
