package cert

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"adili/internal/kernel/clock"
)

// rereadEvery is how often the files are looked at.
const rereadEvery = 5 * time.Second

// pair serves a certificate from two files.
type pair struct {
	certFile, keyFile string
	clock             clock.Clock
	log               *slog.Logger

	mu      sync.RWMutex
	present *tls.Certificate
	trouble string // why the files as they are now are not served

	// What look alone touches: the contents in force, and those that did not fit when it looked last.
	served, refused contents
	logged          bool // refused was logged
}

// contents are those of both files.
type contents struct{ cert, key []byte }

func (c contents) equal(d contents) bool {
	return bytes.Equal(c.cert, d.cert) && bytes.Equal(c.key, d.key)
}

func newPair(c Config) (*pair, error) {
	if c.CertFile == "" || c.KeyFile == "" {
		return nil, fmt.Errorf("--cert and --key go together: one of them is missing")
	}
	p := &pair{certFile: c.CertFile, keyFile: c.KeyFile, clock: c.Clock, log: c.Log}
	read, err := p.read()
	if err != nil {
		return nil, err
	}
	if p.present, err = p.parse(read); err != nil {
		return nil, err
	}
	p.served = read
	return p, nil
}

func (p *pair) read() (c contents, err error) {
	if c.cert, err = os.ReadFile(p.certFile); err != nil {
		return c, fmt.Errorf("reading --cert: %w", err)
	}
	if c.key, err = os.ReadFile(p.keyFile); err != nil {
		return c, fmt.Errorf("reading --key: %w", err)
	}
	return c, nil
}

// parse makes a certificate of the contents, when they fit each other.
func (p *pair) parse(c contents) (*tls.Certificate, error) {
	cert, err := tls.X509KeyPair(c.cert, c.key)
	if err != nil {
		return nil, fmt.Errorf("--cert %s with --key %s: %w", p.certFile, p.keyFile, err)
	}
	return &cert, nil
}

// look reads the files again. Programs that renew certificates write one file after the other, so what does not fit is said
// only when it is still there at the next look.
func (p *pair) look(context.Context) time.Duration {
	read, err := p.read()
	if err == nil && read.equal(p.served) {
		p.refused, p.logged = contents{}, false
		p.set(nil, "")
		return rereadEvery
	}
	var cert *tls.Certificate
	if err == nil {
		cert, err = p.parse(read)
	}
	if err == nil && !p.clock.Now().Before(cert.Leaf.NotAfter) {
		err = fmt.Errorf("--cert %s ended on %s", p.certFile, cert.Leaf.NotAfter.Format(time.DateOnly))
	}
	switch {
	case err == nil:
		p.served, p.refused, p.logged = read, contents{}, false
		p.set(cert, "")
		p.log.Info("certificate read again", "names", names(cert.Leaf), "until", cert.Leaf.NotAfter.Format(time.DateOnly))
	case !p.logged && p.trouble != "" && read.equal(p.refused):
		p.logged = true
		p.log.Warn("the new certificate is not used, the former one is still served", "error", err.Error())
		p.set(nil, err.Error())
	default:
		p.logged = p.logged && read.equal(p.refused)
		p.refused = read
		p.set(nil, err.Error())
	}
	return rereadEvery
}

// set notes the outcome of a look, and a new certificate unless it is nil.
func (p *pair) set(cert *tls.Certificate, trouble string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = trouble
	if cert != nil {
		p.present = cert
	}
}

func (p *pair) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.present, nil
}

func (p *pair) known(host string) bool {
	cert, _ := p.certificate(nil)
	return cert.Leaf.VerifyHostname(host) == nil
}

func (p *pair) status() Status {
	p.mu.RLock()
	defer p.mu.RUnlock()
	s := Status{Names: names(p.present.Leaf), NotAfter: p.present.Leaf.NotAfter, Issuer: issuer(p.present.Leaf), LastError: p.trouble}
	if s.LastError != "" {
		s.NextTry = p.clock.Now().Add(rereadEvery)
	}
	return s
}

// names lists the names and addresses a certificate is for.
func names(leaf *x509.Certificate) []string {
	list := append([]string(nil), leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		list = append(list, ip.String())
	}
	return list
}

// issuer says who signed a certificate.
func issuer(leaf *x509.Certificate) string {
	if len(leaf.Issuer.Organization) > 0 {
		return leaf.Issuer.Organization[0] + " " + leaf.Issuer.CommonName
	}
	return leaf.Issuer.CommonName
}
