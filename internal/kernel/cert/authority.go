package cert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"adili/internal/kernel/clock"

	"golang.org/x/crypto/acme"
)

// authority obtains certificates by ACME and serves them.
type authority struct {
	names     []string
	directory string
	client    *http.Client
	folder    folder
	email     string
	clock     clock.Clock
	log       *slog.Logger
	http01    atomic.Bool // plain HTTP is served too

	mu         sync.RWMutex
	held       map[string]*holding         // by name
	challenges map[string]*tls.Certificate // of tls-alpn-01, by name
	tokens     map[string]string           // of http-01: what is answered at a path
}

// holding is what there is for a name.
type holding struct {
	cert   *tls.Certificate // nil before the first
	state  state
	logged string // what was logged last about trouble with it
}

// state is what is remembered of attempts for a name, also from one start of the program to the next.
type state struct {
	Method  string             `json:"method,omitempty"` // the sort of challenge that worked last
	Tried   time.Time          `json:"tried,omitzero"`
	Next    time.Time          `json:"next,omitzero"` // not before this
	Limited bool               `json:"limited,omitempty"`
	Failed  int                `json:"failed,omitempty"`  // attempts in a row
	Refused int                `json:"refused,omitempty"` // of those, how many came as far as a challenge
	Trouble map[string]trouble `json:"trouble,omitempty"` // by challenge, or "order" before that
}

// trouble is why an attempt failed.
type trouble struct {
	Text string `json:"text"`
	Sort string `json:"sort"` // the same each time the same thing is wrong
}

// explain makes a trouble of an error. Texts of an authority hold random marks, times and numbers; its sorts of problem do not.
func explain(err error) trouble {
	t := trouble{Text: strings.Join(strings.Fields(err.Error()), " ")}
	refused := []error{err}
	if refusal, ok := errors.AsType[*acme.AuthorizationError](err); ok {
		refused = refusal.Errors
	}
	for _, err := range refused {
		if problem, ok := errors.AsType[*acme.Error](err); ok {
			t.Sort += problem.ProblemType
		} else {
			t.Sort += digits.ReplaceAllString(err.Error(), "")
		}
	}
	return t
}

var digits = regexp.MustCompile(`[0-9]+`)

// text says all that is wrong, and sort the same in a form that is compared.
func (s state) text() (text, sort string) {
	var texts, sorts []string
	for _, stage := range slices.Sorted(maps.Keys(s.Trouble)) {
		texts = append(texts, stage+": "+s.Trouble[stage].Text)
		sorts = append(sorts, stage+s.Trouble[stage].Sort)
	}
	return strings.Join(texts, "; "), strings.Join(sorts, " ")
}

func newAuthority(c Config) (*authority, error) {
	list, err := domains(c.Domains)
	if err != nil {
		return nil, err
	}
	if c.Directory == "" {
		c.Directory = LetsEncrypt
	}
	if !strings.HasPrefix(c.Directory, "https://") {
		return nil, fmt.Errorf("--acme-directory %s does not begin with https://", c.Directory)
	}
	client, err := newClient(c.Roots)
	if err != nil {
		return nil, err
	}
	a := &authority{
		names: list, directory: c.Directory, client: client, folder: newFolder(c.Folder, c.Directory), email: c.Email, clock: c.Clock, log: c.Log,
		held: make(map[string]*holding), challenges: make(map[string]*tls.Certificate), tokens: make(map[string]string),
	}
	for _, name := range list {
		h := new(holding)
		if h.cert, h.state, err = a.folder.load(name); err != nil {
			a.log.Warn("what was kept of a certificate cannot be read, so another will be obtained", "name", name, "error", err.Error())
		}
		// Who starts the program again has perhaps mended something: only what the authority itself put off stays put off.
		if again := h.state.Tried.Add(waits[0]); !h.state.Limited && h.state.Next.After(again) {
			h.state.Next = again
		}
		a.held[name] = h
	}
	return a, nil
}

func newClient(roots string) (*http.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = 30 * time.Second
	if roots != "" {
		pem, err := os.ReadFile(roots)
		if err != nil {
			return nil, fmt.Errorf("reading --acme-roots: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--acme-roots %s holds no certificate", roots)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: time.Minute}, nil
}

// retry says how long to wait within one attempt. "Too many requests" ends the attempt, as the authority says when to come again.
func retry(n int, _ *http.Request, r *http.Response) time.Duration {
	switch {
	case r.StatusCode == http.StatusTooManyRequests || n > 5:
		return 0
	case r.StatusCode == http.StatusBadRequest: // a worn-out nonce
		return 100 * time.Millisecond
	}
	return time.Duration(n) * time.Second
}

// waits are how long after each failed attempt in a row the next follows; the last counts for all further ones. They keep
// below the five failed checks an hour at which Let's Encrypt stops listening.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// longestWait bounds what an authority may ask for.
const longestWait = 24 * time.Hour

// renewAt gives the time from which a certificate is renewed: when a third of its life is left, or thirty days.
func renewAt(leaf *x509.Certificate) time.Time {
	return leaf.NotAfter.Add(-min(leaf.NotAfter.Sub(leaf.NotBefore)/3, 30*24*time.Hour))
}

// due says when something is to be done for what is held.
func (h *holding) due() time.Time {
	var at time.Time
	if h.cert != nil {
		at = renewAt(h.cert.Leaf)
	}
	if h.state.Next.After(at) {
		at = h.state.Next
	}
	return at
}

// look obtains and renews what is due, one name after the other.
func (a *authority) look(ctx context.Context) time.Duration {
	next := longest
	for _, name := range a.names {
		h := a.held[name] // look alone changes it, so it may read without the lock
		now := a.clock.Now()
		if !now.Before(h.due()) || h.state.Next.After(now.Add(longestWait)) { // the clock was wrong when Next was set
			a.attempt(ctx, name, h)
		}
		next = min(next, max(h.due().Sub(a.clock.Now()), 0))
	}
	return next
}

// attemptTime bounds one attempt.
const attemptTime = 5 * time.Minute

func (a *authority) attempt(ctx context.Context, name string, h *holding) {
	limited, cancel := context.WithTimeout(ctx, attemptTime)
	defer cancel()
	method, cert, err := a.obtain(limited, name, h.state)
	if ctx.Err() != nil {
		return // the program stops, which is nobody's fault
	}
	next := state{Method: method, Tried: a.clock.Now()}
	if err == nil {
		// With a clock that goes ahead a new certificate seems due at once, and a weekly limit would be used up in a minute.
		next.Next = next.Tried.Add(min(longestWait, cert.Leaf.NotAfter.Sub(next.Tried)/3))
		err = a.folder.saveCertificate(name, cert)
		// It is served even when it could not be kept. Then the state says so, and nothing is asked for again before its time.
		if err != nil {
			next.Trouble = map[string]trouble{"keeping": explain(err)}
		}
	} else {
		next = a.failed(h.state, method, err)
	}
	a.mu.Lock()
	h.state = next
	if cert != nil {
		h.cert = cert
	}
	a.mu.Unlock()
	if err := a.folder.saveState(name, next); err != nil {
		a.log.Warn("the state of a certificate cannot be kept", "name", name, "error", err.Error())
	}
	a.report(name, h, cert != nil)
}

// failed gives the state after a failed attempt. Method is the challenge it failed at, or "" before any.
func (a *authority) failed(s state, method string, err error) state {
	now := a.clock.Now()
	next := state{Method: s.Method, Tried: now, Failed: s.Failed + 1, Refused: s.Refused, Trouble: make(map[string]trouble)}
	wait := waits[min(s.Failed, len(waits)-1)]
	if problem, ok := errors.AsType[*acme.Error](err); ok {
		if after, limited := acme.RateLimit(problem); limited {
			wait, next.Limited = min(max(wait, after), longestWait), true
		}
	}
	stage := "order"
	if method != "" {
		stage = method
		next.Refused++
		maps.Copy(next.Trouble, s.Trouble)
		delete(next.Trouble, "order")
	}
	next.Trouble[stage] = explain(err)
	next.Next = now.Add(wait)
	return next
}

// soon is how near the end of a certificate that is not renewed is worth another line in the log.
const soon = 7 * 24 * time.Hour

// report logs what has changed: each sort of trouble once, once more when the end of the present certificate is near, and a
// certificate that was obtained.
func (a *authority) report(name string, h *holding, obtained bool) {
	until, level := "none", slog.LevelWarn
	text, sort := h.state.text()
	if h.cert != nil {
		until = h.cert.Leaf.NotAfter.Format(time.DateOnly)
		if left := h.cert.Leaf.NotAfter.Sub(a.clock.Now()); text != "" && left < min(soon, h.cert.Leaf.NotAfter.Sub(h.cert.Leaf.NotBefore)/6) {
			sort, level = sort+" soon", slog.LevelError
		}
	}
	if obtained {
		a.log.Info("certificate obtained", "name", name, "until", until)
	}
	if text != "" && sort != h.logged {
		a.log.Log(context.Background(), level, "certificate not obtained; the present one, if any, is still served",
			"name", name, "error", text, "present_until", until, "next", h.state.Next.Format(time.RFC3339))
	}
	h.logged = sort
}

func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if h := a.held[hostname(hello.ServerName)]; h != nil {
		return h.cert, nil
	}
	return nil, nil // crypto/tls answers "unrecognized name"
}

// challengeConfig answers the authority's visits for tls-alpn-01, and leaves all others to the server's own configuration.
func (a *authority) challengeConfig(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	if len(hello.SupportedProtos) != 1 || hello.SupportedProtos[0] != acme.ALPNProto {
		return nil, nil
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	cert := a.challenges[hostname(hello.ServerName)]
	if cert == nil {
		return nil, nil // refused: the server's own configuration does not speak this protocol
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{acme.ALPNProto}, Certificates: []tls.Certificate{*cert}, SessionTicketsDisabled: true,
	}, nil
}

// token gives the answer to an http-01 challenge at a path.
func (a *authority) token(path string) (string, bool) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	answer, ok := a.tokens[path]
	return answer, ok
}

func (a *authority) known(host string) bool { return slices.Contains(a.names, host) }

func (a *authority) status() Status {
	a.mu.RLock()
	defer a.mu.RUnlock()
	s := Status{Names: slices.Clone(a.names)}
	var errs []string
	for _, name := range a.names {
		h := a.held[name]
		if h.cert == nil {
			s.Missing = append(s.Missing, name)
		} else if end := h.cert.Leaf.NotAfter; s.NotAfter.IsZero() || end.Before(s.NotAfter) {
			s.NotAfter, s.Issuer = end, issuer(h.cert.Leaf)
		}
		if text, _ := h.state.text(); text != "" {
			errs = append(errs, name+": "+text)
			if s.NextTry.IsZero() || h.state.Next.Before(s.NextTry) {
				s.NextTry = h.state.Next
			}
		}
	}
	s.LastError = strings.Join(errs, "; ")
	return s
}
