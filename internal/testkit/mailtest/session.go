package mailtest

import (
	"bytes"
	"io"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// session is one connection.
type session struct {
	server   *Server
	signedIn bool
	from     string
	to       []string
}

func (s *Server) session(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

// saw notes the command and gives the answer that refuses it, if there is one.
func (s *session) saw(command, rest string) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.seen = append(s.server.seen, command+rest)
	if answer, ok := s.server.options.Refuse[command]; ok {
		return &smtp.SMTPError{Code: answer.Code, EnhancedCode: smtp.NoEnhancedCode, Message: answer.Text}
	}
	return nil
}

// AuthMechanisms implements smtp.AuthSession.
func (s *session) AuthMechanisms() []string {
	if s.server.options.User == "" {
		return nil
	}
	return s.server.options.Ways
}

// Auth implements smtp.AuthSession.
func (s *session) Auth(way string) (sasl.Server, error) {
	if err := s.saw("AUTH", " "+way); err != nil {
		return nil, err
	}
	check := func(user, password string) error {
		if user != s.server.options.User || password != s.server.options.Password {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	switch way {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
	case sasl.Login:
		return &login{check: check}, nil
	}
	return nil, smtp.ErrAuthUnknownMechanism
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if err := s.saw("MAIL", ""); err != nil {
		return err
	}
	if s.server.options.User != "" && !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.from = from
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return s.saw("RCPT", "")
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return err
	}
	if err := s.saw("DATA", ""); err != nil {
		return err
	}
	return s.server.keep(s.from, s.to, b.Bytes())
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }

// login is the server's side of LOGIN, which asks for the user and then for the password.
type login struct {
	check func(user, password string) error
	asked int
	user  string
}

// Next implements sasl.Server.
func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
