// Package passkey holds the two ceremonies of WebAuthn: somebody makes a passkey, and shows later that they have it. It
// owns go-webauthn, keeps nothing and knows no account: what has to be remembered between the two halves of a ceremony is
// its State, which the caller keeps from being changed or used twice.
//
// The person must always prove themselves to the device as well, by a finger, a face or its PIN, so a passkey alone is two
// factors. Where it comes from is not asked (no attestation): any maker's will do.
package passkey

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Life is how long a browser waits for the person. A ceremony's State should be good for a little longer.
const Life = 5 * time.Minute

// Site is where passkeys are made for and asked for. A passkey made at one site is of no use at another.
type Site struct {
	ID     string // domain name
	Origin string // as the browser says it, such as "https://adili.example"
}

// At gives the site of a page, or says that browsers give no passkeys there. configured is the address the service is
// known by ("https://adili.example", or empty), here the one that the reader used. They must be the same, since whoever
// sends the request chooses what stands in here; only "localhost", which is nobody's, is taken from it.
func At(configured, here string) (Site, bool) {
	h, err := url.Parse(here)
	if err != nil {
		return Site{}, false
	}
	if h.Hostname() == "localhost" {
		return Site{ID: "localhost", Origin: h.Scheme + "://" + h.Host}, true
	}
	c, err := url.Parse(configured)
	if err != nil || c.Scheme != "https" || c.Hostname() == "" || net.ParseIP(c.Hostname()) != nil || !strings.EqualFold(c.Host, h.Host) {
		return Site{}, false
	}
	return Site{ID: strings.ToLower(c.Hostname()), Origin: "https://" + strings.ToLower(c.Host)}, true
}

// User is who a passkey is for. The browser shows name and label when it asks which one to take.
type User struct{ ID, Name, Label string }

// Key is what is kept of a passkey. There is nothing secret in it.
type Key struct {
	ID   []byte // the credential's, chosen by the device
	Data []byte // JSON: public key, counter, flags
}

// Ceremony is the first half of one.
type Ceremony struct {
	Options []byte // JSON for the browser
	State   []byte // for the second half
}

// ErrRefused is what the second half of a ceremony gives when what the browser sent proves nothing.
var ErrRefused = errors.New("the passkey proves nothing")

// refused keeps the library's reason, which its Error hides, for the log.
func refused(err error) error {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return fmt.Errorf("%w: %s: %s", ErrRefused, e.Details, e.DevInfo)
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

func (s Site) library() (*webauthn.WebAuthn, error) {
	wait := webauthn.TimeoutConfig{Timeout: Life, TimeoutUVD: Life}
	return webauthn.New(&webauthn.Config{
		RPID: s.ID, RPDisplayName: "Adili", RPOrigins: []string{s.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: wait, Registration: wait},
	})
}

// owner is a User with keys as the library wants it.
type owner struct {
	User
	keys []webauthn.Credential
}

func newOwner(u User, keys []Key) (owner, error) {
	o := owner{User: u}
	for _, k := range keys {
		var c webauthn.Credential
		if err := json.Unmarshal(k.Data, &c); err != nil {
			return owner{}, fmt.Errorf("reading a passkey: %w", err)
		}
		o.keys = append(o.keys, c)
	}
	return o, nil
}

// WebAuthnID implements webauthn.User.
func (o owner) WebAuthnID() []byte { return []byte(o.ID) }

// WebAuthnName implements webauthn.User.
func (o owner) WebAuthnName() string { return o.Name }

// WebAuthnDisplayName implements webauthn.User.
func (o owner) WebAuthnDisplayName() string { return o.Label }

// WebAuthnCredentials implements webauthn.User.
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.keys }

func newCeremony(options any, session *webauthn.SessionData) (c Ceremony, err error) {
	if c.Options, err = json.Marshal(options); err != nil {
		return Ceremony{}, err
	}
	c.State, err = json.Marshal(session)
	return c, err
}

func newKey(c *webauthn.Credential) (Key, error) {
	c.Attestation = webauthn.CredentialAttestation{} // nobody asked for it
	data, err := json.Marshal(c)
	return Key{ID: c.ID, Data: data}, err
}

// Make begins the making of a passkey. have are those the person has already: a device that holds one makes no second.
func (s Site) Make(u User, have []Key) (Ceremony, error) {
	library, err := s.library()
	if err != nil {
		return Ceremony{}, err
	}
	o, err := newOwner(u, have)
	if err != nil {
		return Ceremony{}, err
	}
	options, session, err := library.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.keys).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, err
	}
	return newCeremony(options.Response, session)
}

// Made ends the making of a passkey with what the browser sent. The error is ErrRefused when that will not do.
func (s Site) Made(u User, state, response []byte) (Key, error) {
	library, err := s.library()
	if err != nil {
		return Key{}, err
	}
	session, err := readState(state)
	if err != nil {
		return Key{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Key{}, refused(err)
	}
	credential, err := library.CreateCredential(owner{User: u}, session, parsed)
	if err != nil {
		return Key{}, refused(err)
	}
	return newKey(credential)
}

// Ask begins to ask for a passkey: for one of these keys of u, or, with no keys, for any the browser has for the site.
func (s Site) Ask(u User, keys []Key) (Ceremony, error) {
	library, err := s.library()
	if err != nil {
		return Ceremony{}, err
	}
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	must := webauthn.WithUserVerification(protocol.VerificationRequired)
	if len(keys) == 0 {
		options, session, err = library.BeginDiscoverableLogin(must)
	} else {
		var o owner
		if o, err = newOwner(u, keys); err == nil {
			options, session, err = library.BeginLogin(o, must)
		}
	}
	if err != nil {
		return Ceremony{}, err
	}
	return newCeremony(options.Response, session)
}

// Names gives the id of the passkey that the browser sent, proven by nothing yet. The error is ErrRefused when it sent none.
func Names(response []byte) (keyID []byte, err error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, refused(err)
	}
	return parsed.RawID, nil
}

// Shown ends the asking: u has shown that they have the key. It gives the key with its new counter. copied means that the
// counter went backwards, so there may be two of the device. The error is ErrRefused when nothing was proven.
func (s Site) Shown(u User, keys []Key, state, response []byte) (key Key, copied bool, err error) {
	library, err := s.library()
	if err != nil {
		return Key{}, false, err
	}
	session, err := readState(state)
	if err != nil {
		return Key{}, false, err
	}
	o, err := newOwner(u, keys)
	if err != nil {
		return Key{}, false, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return Key{}, false, refused(err)
	}
	var credential *webauthn.Credential
	if len(session.UserID) == 0 {
		credential, err = library.ValidateDiscoverableLogin(func(_, _ []byte) (webauthn.User, error) { return o, nil }, session, parsed)
	} else {
		credential, err = library.ValidateLogin(o, session, parsed)
	}
	if err != nil {
		return Key{}, false, refused(err)
	}
	copied = credential.Authenticator.CloneWarning
	key, err = newKey(credential)
	return key, copied, err
}

func readState(state []byte) (session webauthn.SessionData, err error) {
	if err := json.Unmarshal(state, &session); err != nil {
		return session, fmt.Errorf("reading the state of a ceremony: %w", err)
	}
	return session, nil
}
