// Package mail sends plain-text mail through the administration's own mail server: invitations, lost sign-ins, warnings to
// the operator. It never writes to respondents, whose addresses Adili does not have.
//
// One message goes to one address, over a connection of its own: what is sent is little, and a server that fails in
// between then fails one message. The connection is encrypted unless the server is this very machine, and a password is
// sent over nothing else. Errors are errs.E with a text for the person at the page that says what to do; the log learns the
// server's codes only, since servers like to repeat the address in their answers.
package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"errors"
	"io/fs"
	"net"
	"net/mail"
	"strconv"
	"strings"

	"adili/internal/kernel/errs"
)

//go:embed message/*.json
var messages embed.FS

// Messages has the texts of this package's errors.
func Messages() fs.FS { return messages }

// The values of Config.TLS.
const (
	StartTLS = "starttls" // encryption begins after the greeting, or nothing is sent
	Implicit = "tls"      // the connection is encrypted from its first byte
	None     = "none"     // no encryption: only to a server on this machine
)

// defaultPorts are taken for an address without one.
var defaultPorts = map[string]string{StartTLS: "587", Implicit: "465", None: "25"}

// Config says which server takes the mail and as whom.
type Config struct {
	Address  string // host:port, such as "mail.example.org:587"
	User     string // empty: the server takes mail from this machine without signing in
	Password string
	From     string // address, or name and address, of the sender
	TLS      string // StartTLS (also when empty), Implicit or None
	Roots    []byte // certificates in PEM of an authority of one's own, trusted besides the system's; may be empty
}

// Sender sends mail through one server. It is safe for use by several goroutines.
type Sender struct {
	host, port     string
	user, password string
	from           mail.Address
	mode           string
	tls            *tls.Config
}

// New checks the configuration; it does not connect, so that the program starts while the mail server is away.
// Errors: Invalid.
func New(c Config) (*Sender, error) {
	s := &Sender{user: c.User, password: c.Password, mode: cmp.Or(c.TLS, StartTLS)}
	if defaultPorts[s.mode] == "" {
		return nil, errs.New(errs.Invalid, "mail.error.tls").Because(errors.New("TLS must be starttls, tls or none"))
	}
	var err error
	if s.host, s.port, err = server(c.Address, defaultPorts[s.mode]); err != nil {
		return nil, errs.New(errs.Invalid, "mail.error.server").Because(err)
	}
	if s.mode == None && !isLoopback(s.host) {
		return nil, errs.New(errs.Invalid, "mail.error.plain").Because(errors.New("TLS may be none only for a server on this machine"))
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil || checkAddress(from.Address) != nil || checkLine(from.Name, maxName) != nil {
		return nil, errs.New(errs.Invalid, "mail.error.from").Because(errors.New("the sender must be one e-mail address, with a name or without"))
	}
	s.from = mail.Address{Name: inHeader(from.Name), Address: from.Address}
	if (c.User == "") != (c.Password == "") {
		return nil, errs.New(errs.Invalid, "mail.error.half").Because(errors.New("user and password belong together"))
	}
	if s.tls, err = trust(s.host, c.Roots); err != nil {
		return nil, errs.New(errs.Invalid, "mail.error.roots").Because(err)
	}
	return s, nil
}

// server splits host:port and checks both.
func server(address, port string) (string, string, error) {
	host := address
	if h, p, err := net.SplitHostPort(address); err == nil {
		host, port = h, p
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return "", "", errors.New("the port must be a number from 1 to 65535")
	}
	if net.ParseIP(host) == nil && !isDomain(host) {
		return "", "", errors.New("the server must be given as host:port")
	}
	return host, port, nil
}

// trust gives what a certificate is checked by.
func trust(host string, roots []byte) (*tls.Config, error) {
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
	if len(roots) == 0 {
		return config, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without certificates of its own: those given must do
	}
	if !pool.AppendCertsFromPEM(roots) {
		return nil, errors.New("there is no certificate in PEM among the roots")
	}
	config.RootCAs = pool
	return config, nil
}

// isLoopback reports whether the host is by its name this machine. Connecting checks the address it stands for.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Server gives the server's host and port, for a page that says where mail goes.
func (s *Sender) Server() string { return net.JoinHostPort(s.host, s.port) }

// Send hands the message to the server. When it gives no error the server has taken charge of it, which does not mean
// that it has arrived. Errors: Invalid when the address, a name or a text cannot be used or the server refuses the
// recipient; Unavailable for whatever else keeps the server from taking it.
func (s *Sender) Send(ctx context.Context, m Message) (err error) {
	defer errs.Wrap(&err, "mail.Send")
	written, err := s.compose(m)
	if err != nil {
		return err
	}
	return s.connected(ctx, func(c *conversation) error { return c.deliver(s.from.Address, m.To, written) })
}

// Test connects, encrypts and signs in, and asks whether mail from the sender would be taken. It sends nothing.
// Errors: Unavailable.
func (s *Sender) Test(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "mail.Test")
	return s.connected(ctx, func(c *conversation) error { return c.announce(s.from.Address) })
}
