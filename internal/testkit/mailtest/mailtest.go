// Package mailtest is a mail server inside the test process: it speaks SMTP over a real socket, encrypts with a certificate
// of its own, asks for a password if told to, refuses what it is told to refuse, and keeps the messages.
package mailtest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Encryption is how the server encrypts.
type Encryption int

// The ways.
const (
	StartTLS Encryption = iota // offered after the greeting
	Implicit                   // from the first byte
	None                       // not at all
)

// Answer is what the server says instead of taking what it is given.
type Answer struct {
	Code int
	Text string
}

// Options are what a server may be told. The zero value is a server with STARTTLS that asks for no password.
type Options struct {
	Encryption     Encryption
	User, Password string            // when set, mail is taken after signing in only
	Ways           []string          // of signing in: PLAIN and LOGIN when empty
	Refuse         map[string]Answer // by the command that is refused: AUTH, MAIL, RCPT or DATA
	Certificate    Certificate
}

// Server takes mail until the test ends.
type Server struct {
	Address string // host:port
	Roots   []byte // the certificate of the authority behind the server's own, in PEM

	options Options
	mu      sync.Mutex
	kept    []Message
	given   int           // how many of them by Next
	arrived chan struct{} // holds one when there may be more
	seen    []string
}

// Message is a mail as it arrived.
type Message struct {
	From    string   // of the envelope
	To      []string // of the envelope
	Raw     []byte
	Header  mail.Header
	Subject string // decoded
	Text    string // decoded, with line ends as \n
}

// New starts a server on a free port of this machine.
func New(t testing.TB, options Options) *Server {
	t.Helper()
	pair, roots := options.Certificate.make(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if len(options.Ways) == 0 {
		options.Ways = []string{sasl.Plain, sasl.Login}
	}
	s := &Server{Address: listener.Addr().String(), Roots: roots, options: options, arrived: make(chan struct{}, 1)}
	server := smtp.NewServer(smtp.BackendFunc(s.session))
	server.Domain = "mail.example.org"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.AllowInsecureAuth = options.Encryption == None
	server.ReadTimeout, server.WriteTimeout = 30*time.Second, 30*time.Second
	certificates := &tls.Config{Certificates: []tls.Certificate{pair}}
	switch options.Encryption {
	case StartTLS:
		server.TLSConfig = certificates
	case Implicit:
		listener = tls.NewListener(listener, certificates)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(listener); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Errorf("mail server: %v", err)
		}
	}()
	t.Cleanup(func() {
		server.Close()
		<-done
	})
	return s
}

// Messages gives what has arrived so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.kept)
}

// Next waits for a message that has not been given by Next before; ten seconds are too long.
func (s *Server) Next(t testing.TB) Message {
	t.Helper()
	late := time.After(10 * time.Second)
	for {
		if m, ok := s.next(); ok {
			return m
		}
		select {
		case <-s.arrived:
		case <-late:
			t.Fatal("no mail arrived")
		}
	}
}

func (s *Server) next() (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == len(s.kept) {
		return Message{}, false
	}
	s.given++
	return s.kept[s.given-1], true
}

// Commands gives the commands that reached the server, such as "AUTH PLAIN", "MAIL", "RCPT", "DATA" and "RSET".
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

// Silent gives the address of a server that accepts connections and says nothing.
func Silent(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(io.Discard, conn) // until the other side hangs up
			}()
		}
	}()
	return listener.Addr().String()
}

// keep reads a message apart and keeps it.
func (s *Server) keep(from string, to []string, raw []byte) error {
	m := Message{From: from, To: to, Raw: raw}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	m.Header = parsed.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return err
	}
	body := parsed.Body
	if strings.EqualFold(parsed.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	m.Text = strings.ReplaceAll(string(text), "\r\n", "\n")
	s.mu.Lock()
	s.kept = append(s.kept, m)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default: // Next knows already
	}
	return nil
}
