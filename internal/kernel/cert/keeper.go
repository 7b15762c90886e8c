package cert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"adili/internal/kernel/clock"
)

// Config says where certificates come from: Domains by ACME, or CertFile and KeyFile.
type Config struct {
	Domains   []string // names to obtain a certificate for, each its own
	Directory string   // address of the authority's directory; "" is LetsEncrypt
	Roots     string   // PEM file of the roots the authority's own HTTPS is checked against; "" is the system's
	Email     string   // where the authority may write to about the account; may be ""
	Folder    string   // where account key and certificates are kept; made when there is something to keep

	CertFile, KeyFile string // PEM, the certificate with its chain

	Port  string       // port of the public https address when it is not 443, for redirects
	Clock clock.Clock  // nil is the machine's
	Log   *slog.Logger // nil logs nothing
}

// LetsEncrypt is the directory asked when none is given.
const LetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

// Status is what is known of the certificates.
type Status struct {
	Names     []string  // what is served, or to be served
	Missing   []string  // those of them that have no certificate yet
	NotAfter  time.Time // when the first of the certificates ends; zero when there is none
	Issuer    string    // who signed it
	LastError string    // why something could not be obtained, renewed or read again; "" when all is well
	NextTry   time.Time // when it will be tried again; zero when nothing failed
}

// source is one way to come by certificates.
type source interface {
	certificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
	look(context.Context) time.Duration // does what is due, and says how long nothing will be
	known(host string) bool
	status() Status
}

// Keeper keeps certificates and hands them to handshakes. It is safe for use by several goroutines.
type Keeper struct {
	source    source
	authority *authority // the source when it is one, otherwise nil
	port      string
}

// New reads what is there already. It asks no authority and writes nothing: Run does. So it also serves a program that only
// wants the Status of the one that runs. Files that cannot be used are an error; missing certificates of an authority are not.
func New(c Config) (*Keeper, error) {
	if c.Clock == nil {
		c.Clock = clock.System()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{port: c.Port}
	switch files := c.CertFile != "" || c.KeyFile != ""; {
	case files && len(c.Domains) > 0:
		return nil, errors.New("certificates come from an authority or from files, not from both: give either --domain, or --cert and --key")
	case files:
		p, err := newPair(c)
		if err != nil {
			return nil, err
		}
		k.source = p
	case len(c.Domains) > 0:
		a, err := newAuthority(c)
		if err != nil {
			return nil, err
		}
		k.source, k.authority = a, a
	default:
		return nil, errors.New("neither a domain nor a certificate file is given")
	}
	return k, nil
}

// longest is how long Run sleeps at most, so that a clock that was put forward or a machine that slept does no harm.
var longest = time.Minute // a test's is shorter

// Run obtains, renews and reads certificates again until the context ends. Exactly one Run must be at work for a Keeper whose
// handshakes are served.
func (k *Keeper) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			timer.Reset(min(k.source.look(ctx), longest))
		}
	}
}

// Status says what is served and until when.
func (k *Keeper) Status() Status { return k.source.status() }

// Known reports whether host, with or without a port, is a name that certificates are kept for.
func (k *Keeper) Known(host string) bool { return k.source.known(hostname(host)) }

// suites are those of TLS 1.2 that have forward secrecy and authenticated encryption. TLS 1.3 has no others.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// TLSConfig gives the configuration of the HTTPS server.
func (k *Keeper) TLSConfig() *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS12, CipherSuites: suites, NextProtos: []string{"h2", "http/1.1"},
		SessionTicketsDisabled: true, GetCertificate: k.source.certificate,
	}
	if k.authority != nil {
		c.GetConfigForClient = k.authority.challengeConfig
	}
	return c
}

// HTTPHandler serves plain HTTP, usually port 80: the authority's challenges, and a redirect to https for known names.
// Everything else goes to fallback; nil is a bare 404. It keeps and logs nothing.
func (k *Keeper) HTTPHandler(fallback http.Handler) http.Handler {
	if fallback == nil {
		fallback = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusNotFound, "not found\n") })
	}
	if k.authority != nil {
		k.authority.http01.Store(true)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if k.authority != nil {
			if answer, ok := k.authority.token(r.URL.Path); ok {
				plain(w, http.StatusOK, answer)
				return
			}
		}
		switch host := hostname(r.Host); {
		case !k.source.known(host):
			fallback.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			// A form that was sent in the clear is not sent on: its sender has to see that something is wrong.
			plain(w, http.StatusForbidden, "use https\n")
		default:
			if k.port != "" && k.port != "443" {
				host += ":" + k.port
			}
			w.Header().Set("Location", "https://"+host+r.URL.RequestURI())
			w.WriteHeader(http.StatusMovedPermanently) // which the oldest phones know; 308 they do not
		}
	})
}

func plain(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_, _ = fmt.Fprint(w, text) // a reader that went away is no fault
}
