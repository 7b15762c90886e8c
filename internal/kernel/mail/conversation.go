package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	limit     = 30 * time.Second // for the whole of a conversation
	dialLimit = 10 * time.Second
	maxAnswer = 256 << 10 // bytes that a server may say in one conversation
)

// conversation is one connection to the server, greeted, encrypted and signed in.
type conversation struct {
	server string
	client *smtp.Client
}

// connected connects, calls talk and takes leave.
func (s *Sender) connected(ctx context.Context, talk func(*conversation) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return fault{s.Server(), atConnect, err}.explain(ctx)
	}
	defer conn.Close()
	// Whatever waits for the server is freed by closing the connection under it.
	defer context.AfterFunc(ctx, func() { conn.Close() })()

	c := &conversation{server: s.Server()}
	if err := s.begin(ctx, c, conn); err != nil {
		return explain(ctx, err)
	}
	if err := talk(c); err != nil {
		return explain(ctx, err)
	}
	c.client.Quit() // the message is the server's by now: whatever it answers changes nothing
	return nil
}

// explain turns a fault of a step into an error for the page.
func explain(ctx context.Context, err error) error {
	if f, ok := errors.AsType[fault](err); ok {
		return f.explain(ctx)
	}
	return err
}

// dial connects; without encryption to this machine only, whatever its name resolves to.
func (s *Sender) dial(ctx context.Context) (net.Conn, error) {
	dialer := net.Dialer{Timeout: dialLimit}
	conn, err := dialer.DialContext(ctx, "tcp", s.Server())
	if err != nil {
		return nil, err
	}
	if to, ok := conn.RemoteAddr().(*net.TCPAddr); s.mode == None && (!ok || !to.IP.IsLoopback()) {
		conn.Close()
		return nil, fmt.Errorf("%s is not this machine", s.host)
	}
	return &bounded{Conn: conn, left: maxAnswer}, nil
}

// begin greets the server, encrypts the connection and signs in.
func (s *Sender) begin(ctx context.Context, c *conversation, conn net.Conn) error {
	var err error
	if s.mode == Implicit {
		encrypted := tls.Client(conn, s.tls)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return fault{c.server, atTLS, err}
		}
		conn = encrypted
	}
	if c.client, err = smtp.NewClient(conn, s.host); err != nil {
		return fault{c.server, atGreeting, err}
	}
	c.client.SkipSMTPUTF8(true) // addresses are ASCII and headers encoded: nothing needs it
	_, domain, _ := strings.Cut(s.from.Address, "@")
	if err := c.client.Hello(domain); err != nil { // not this machine's name, which is nobody's business
		return fault{c.server, atGreeting, err}
	}
	if s.mode == StartTLS {
		if offered, _ := c.client.Extension("STARTTLS"); !offered {
			return fault{c.server, atStartTLS, errors.New("STARTTLS is not offered")}
		}
		if err := c.client.StartTLS(s.tls); err != nil {
			return fault{c.server, atTLS, err}
		}
	}
	return s.signIn(c)
}

// signIn sends user and password, if there are any. The connection is encrypted or stays on this machine, so the password
// itself may be sent, which is what every server understands.
func (s *Sender) signIn(c *conversation) error {
	if s.user == "" {
		return nil
	}
	_, offered := c.client.Extension("AUTH")
	var auth smtp.Auth
	switch ways := strings.Fields(strings.ToUpper(offered)); {
	case slices.Contains(ways, "PLAIN"):
		auth = smtp.PlainAuth("", s.user, s.password, s.host, s.mode == None)
	case slices.Contains(ways, "LOGIN"):
		auth = smtp.LoginAuth(s.user, s.password, s.host, s.mode == None)
	default:
		return fault{c.server, atWays, fmt.Errorf("AUTH offers %q", offered)}
	}
	if err := c.client.Auth(auth); err != nil {
		return fault{c.server, atSignIn, err}
	}
	return nil
}

// announce says from whom mail comes.
func (c *conversation) announce(from string) error {
	if err := c.client.Mail("<" + from + ">"); err != nil {
		return fault{c.server, atSender, err}
	}
	return nil
}

// deliver hands over one message.
func (c *conversation) deliver(from, to string, message []byte) error {
	if err := c.announce(from); err != nil {
		return err
	}
	if err := c.client.Rcpt("<" + to + ">"); err != nil {
		return fault{c.server, atRecipient, err}
	}
	w, err := c.client.Data()
	if err != nil {
		return fault{c.server, atMessage, err}
	}
	if _, err := w.Write(message); err != nil {
		return fault{c.server, atMessage, err}
	}
	if err := w.Close(); err != nil {
		return fault{c.server, atMessage, err}
	}
	return nil
}

// bounded is a connection whose other end may say so much and no more.
type bounded struct {
	net.Conn
	left int
}

// Read reads up to the bound.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("the server says more than mail needs")
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
