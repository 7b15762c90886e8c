package mail

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/testkit/mailtest"
)

func TestMessages(t *testing.T) {
	if err := i18n.Check(Messages()); err != nil {
		t.Error(err)
	}
}

// letters are subjects and texts as they are sent.
var letters = map[string]Message{
	"en": {Name: "Amina O'Neil, Head", Subject: "Your account", Text: "Welcome.\n.\n..dots\nFrom here\n"},
	"fr": {Name: "Éléonore Lefèvre", Subject: "Votre compte à l’administration des douanes : première connexion", Text: "Bienvenue à l’équipe.\n"},
	"es": {Name: "José Núñez", Subject: "Su cuenta: ¿qué hacer ahora?", Text: "¡Bienvenida!\n"},
	"pt": {Name: "João Conceição", Subject: "A sua conta", Text: "Olá, João.\nAté já.\n"},
	"ar": {Name: "أمينة الحسن", Subject: "حسابك في نظام استطلاع النزاهة في إدارة الجمارك", Text: "مرحبًا بك.\nافتح هذا الرابط: https://adili.example.org/link?x=1\n"},
	"ru": {Name: "Айгуль Серикова", Subject: "Ваша учётная запись в системе опросов таможенной службы", Text: "Добро пожаловать.\n"},
	"zh": {Name: "王小明", Subject: "您的账户", Text: "欢迎。\n"},
	"long": {Subject: strings.Repeat("word ", 70), Text: strings.Repeat("a long line without any break, ", 100) +
		"https://adili.example.org/" + strings.Repeat("x", 1500) + "\n"},
}

func TestMessageArrivesAsWritten(t *testing.T) {
	for name, encryption := range map[string]mailtest.Encryption{StartTLS: mailtest.StartTLS, Implicit: mailtest.Implicit, None: mailtest.None} {
		for _, way := range []string{"PLAIN", "LOGIN", ""} {
			t.Run(name+way, func(t *testing.T) {
				options := mailtest.Options{Encryption: encryption}
				if way != "" {
					options.User, options.Password, options.Ways = "adili", "a pass word", []string{"GSSAPI", way}
				}
				server := mailtest.New(t, options)
				sender := newSender(t, Config{Address: server.Address, User: options.User, Password: options.Password, From: "Adili Ünit <noreply@customs.example.org>", TLS: name, Roots: server.Roots})
				for lang, m := range letters {
					m.To = "amina+adili@example.org"
					if err := sender.Send(t.Context(), m); err != nil {
						t.Fatalf("%s: %v", lang, err)
					}
					checkArrived(t, server.Next(t), m)
				}
				if way != "" && !slices.Contains(server.Commands(), "AUTH "+way) {
					t.Errorf("nobody signed in: %q", server.Commands())
				}
			})
		}
	}
}

func newSender(t *testing.T, c Config) *Sender {
	t.Helper()
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checkArrived(t *testing.T, got mailtest.Message, want Message) {
	t.Helper()
	if got.From != "noreply@customs.example.org" || !slices.Equal(got.To, []string{want.To}) {
		t.Errorf("envelope from %q to %q", got.From, got.To)
	}
	if got.Subject != oneSpace(want.Subject) || got.Text != want.Text {
		t.Errorf("subject %q, text %q\nwant    %q, text %q", got.Subject, got.Text, want.Subject, want.Text)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != want.To || to[0].Name != want.Name {
		t.Errorf("To: %v, %v; want %q", to, err, want.Name)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Adili Ünit" {
		t.Errorf("From: %v, %v", from, err)
	}
	date, err := got.Header.Date()
	if err != nil || time.Since(date).Abs() > time.Minute || !strings.HasSuffix(got.Header.Get("Date"), "+0000") {
		t.Errorf("Date: %q, %v", got.Header.Get("Date"), err)
	}
	if id := got.Header.Get("Message-Id"); !strings.HasSuffix(id, "@customs.example.org>") || len(id) < 40 {
		t.Errorf("Message-ID: %q", id)
	}
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || params["charset"] != "UTF-8" || got.Header.Get("Mime-Version") != "1.0" {
		t.Errorf("Content-Type %q, MIME-Version %q, %v", got.Header.Get("Content-Type"), got.Header.Get("Mime-Version"), err)
	}
	checkHeaders(t, got.Header)
	checkLines(t, got.Raw)
}

// checkHeaders finds headers that nobody meant to send.
func checkHeaders(t *testing.T, header mail.Header) {
	t.Helper()
	known := []string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
	for name, values := range header {
		if !slices.Contains(known, name) || len(values) != 1 {
			t.Errorf("header %s: %q", name, values)
		}
	}
	if len(header) != len(known) {
		t.Errorf("headers %v", header)
	}
}

// checkLines finds what SMTP does not carry.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) {
		t.Errorf("a lone CR or LF in %q", raw)
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
		for _, b := range line {
			if b >= 0x80 || b < ' ' && b != '\t' {
				t.Errorf("byte %#x in %q", b, line)
				break
			}
		}
	}
}

func TestConfig(t *testing.T) {
	good := Config{Address: "mail.example.org:587", From: "Adili <adili@example.org>"}
	if s := newSender(t, good); s.mode != StartTLS || s.Server() != "mail.example.org:587" {
		t.Errorf("%+v", s)
	}
	for address, want := range map[string]string{"mail.example.org": "mail.example.org:587", "[::1]:2525": "[::1]:2525", "::1": "[::1]:587", "relay:25": "relay:25"} {
		if s := newSender(t, Config{Address: address, From: good.From}); s.Server() != want {
			t.Errorf("%s: %s", address, s.Server())
		}
	}
	bad := map[string][]Config{
		"mail.error.server": {{Address: ""}, {Address: "mail example:25"}, {Address: "mail:0"}, {Address: "mail:99999"}, {Address: "http://mail:25"}, {Address: "mail:25\r\n"}},
		"mail.error.tls":    {{Address: "mail:25", TLS: "ssl"}},
		"mail.error.plain":  {{Address: "mail:25", TLS: None}, {Address: "10.0.0.1:25", TLS: None}, {Address: "localhost.example.org:25", TLS: None}},
		"mail.error.from":   {{Address: "mail:25"}, {Address: "mail:25", From: "a@b, c@d"}, {Address: "mail:25", From: "Adili"}, {Address: "mail:25", From: "A <a@b>\r\nBcc: x@y"}},
		"mail.error.half":   {{Address: "mail:25", From: good.From, User: "u"}, {Address: "mail:25", From: good.From, Password: "p"}},
		"mail.error.roots":  {{Address: "mail:25", From: good.From, Roots: []byte("no certificate")}},
	}
	for key, list := range bad {
		for _, c := range list {
			_, err := New(c)
			if e, ok := errs.Find(err); !ok || e.Key != key || e.Kind != errs.Invalid {
				t.Errorf("%+v: %v, want %s", c, err, key)
			}
		}
	}
}

func TestUnusableMessages(t *testing.T) {
	sender := newSender(t, Config{Address: "127.0.0.1:1", From: "a@example.org"}) // where nobody listens
	good := Message{To: "b@example.org", Name: "B", Subject: "S", Text: "T"}
	change := func(f func(*Message)) Message { m := good; f(&m); return m }
	for _, to := range []string{"", "b", "b@", "@example.org", "b@example.org, c@example.org", "B <b@example.org>", "b@example.org\r\nRCPT TO:<c@example.org>",
		"b@example.org>", "<b@example.org>", `"b c"@example.org`, "b@[127.0.0.1]", "b b@example.org", "b@exa mple.org", "b@example..org", "friends:b@example.org;",
		"b(c)@example.org", "b@пример.рф", "ü@example.org", strings.Repeat("b", 65) + "@example.org", "b@" + strings.Repeat("a.", 130) + "org", "b@example.org\x00", ".b@example.org"} {
		err := sender.Send(t.Context(), change(func(m *Message) { m.To = to }))
		if e, ok := errs.Find(err); !ok || e.Key != "mail.error.address" || e.Kind != errs.Invalid {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, line := range []string{"a\r\nBcc: c@example.org", "a\nb", "a\rb", "a\x00", "a\u2028b", "a\u0085b", "a\xff", "=?utf-8?q?=0D=0A?=", strings.Repeat("a", 401)} {
		for _, m := range []Message{change(func(m *Message) { m.Subject = line }), change(func(m *Message) { m.Name = line })} {
			if e, ok := errs.Find(sender.Send(t.Context(), m)); !ok || e.Key != "mail.error.text" {
				t.Errorf("line %q is sent", line)
			}
		}
	}
	for _, text := range []string{"", " \n", "a\x00b", "a\rb", "\xff", strings.Repeat("a", maxText+1)} {
		if e, ok := errs.Find(sender.Send(t.Context(), change(func(m *Message) { m.Text = text }))); !ok || e.Key != "mail.error.text" {
			t.Errorf("text %.10q is sent", text)
		}
	}
}

func TestWhatTheServerRefuses(t *testing.T) {
	const to = "amina@example.org"
	refuse := func(command string, code int) mailtest.Options {
		return mailtest.Options{Refuse: map[string]mailtest.Answer{command: {Code: code, Text: "5.1.1 <" + to + "> is not\nwanted"}}}
	}
	tests := []struct {
		name    string
		options mailtest.Options
		change  func(*Config)
		key     string
		kind    errs.Kind
	}{
		{"no STARTTLS", mailtest.Options{Encryption: mailtest.None, User: "u", Password: "p"}, nil, "mail.error.no_starttls", errs.Unavailable},
		{"wrong password", mailtest.Options{User: "u", Password: "other"}, nil, "mail.error.sign_in", errs.Unavailable},
		{"wrong password, LOGIN", mailtest.Options{User: "u", Password: "other", Ways: []string{"LOGIN"}}, nil, "mail.error.sign_in", errs.Unavailable},
		{"no way to sign in", mailtest.Options{User: "u", Password: "p", Ways: []string{"XOAUTH2"}}, nil, "mail.error.no_sign_in", errs.Unavailable},
		{"signing in needed", mailtest.Options{User: "u", Password: "p"}, func(c *Config) { c.User, c.Password = "", "" }, "mail.error.needs_sign_in", errs.Unavailable},
		{"unknown authority", mailtest.Options{}, func(c *Config) { c.Roots = nil }, "mail.error.certificate", errs.Unavailable},
		{"another name", mailtest.Options{Certificate: mailtest.Certificate{OtherName: true}}, nil, "mail.error.certificate", errs.Unavailable},
		{"expired", mailtest.Options{Certificate: mailtest.Certificate{Expired: true}}, nil, "mail.error.certificate", errs.Unavailable},
		{"unknown authority from the start", mailtest.Options{Encryption: mailtest.Implicit}, func(c *Config) { c.TLS, c.Roots = Implicit, nil }, "mail.error.certificate", errs.Unavailable},
		{"TLS at the port for STARTTLS", mailtest.Options{}, func(c *Config) { c.TLS = Implicit }, "mail.error.not_tls", errs.Unavailable},
		{"sender", refuse("MAIL", 550), nil, "mail.error.sender", errs.Unavailable},
		{"recipient", refuse("RCPT", 550), nil, "mail.error.recipient", errs.Invalid},
		{"recipient for now", refuse("RCPT", 450), nil, "mail.error.later", errs.Unavailable},
		{"message", refuse("DATA", 554), nil, "mail.error.refused", errs.Unavailable},
		{"message for now", refuse("DATA", 452), nil, "mail.error.later", errs.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := mailtest.New(t, test.options)
			c := Config{Address: server.Address, From: "adili@example.org", Roots: server.Roots}
			if test.options.User != "" {
				c.User, c.Password = "u", "p"
			}
			if test.change != nil {
				test.change(&c)
			}
			err := newSender(t, c).Send(t.Context(), Message{To: to, Subject: "S", Text: "T"})
			e, ok := errs.Find(err)
			if !ok || e.Key != test.key || e.Kind != test.kind {
				t.Fatalf("%v, want %s", err, test.key)
			}
			if strings.Contains(err.Error(), to) {
				t.Errorf("the log would learn the address: %v", err)
			}
			if text := fmt.Sprint(e.Args); strings.ContainsAny(text, "\r\n") {
				t.Errorf("%q has lines", text)
			}
			if n := len(server.Messages()); n != 0 {
				t.Errorf("%d messages arrived", n)
			}
		})
	}
}

// A password goes over an encrypted connection to the right server, or not at all.
func TestPasswordIsNotSentInTheClear(t *testing.T) {
	for name, options := range map[string]mailtest.Options{
		"no STARTTLS":  {Encryption: mailtest.None},
		"wrong name":   {Certificate: mailtest.Certificate{OtherName: true}},
		"not trusted":  {},
		"other server": {Encryption: mailtest.Implicit, Certificate: mailtest.Certificate{OtherName: true}},
	} {
		options.User, options.Password = "u", "p"
		server := mailtest.New(t, options)
		c := Config{Address: server.Address, From: "adili@example.org", User: "u", Password: "p", Roots: server.Roots}
		if name == "not trusted" {
			c.Roots = nil
		}
		if options.Encryption == mailtest.Implicit {
			c.TLS = Implicit
		}
		if err := newSender(t, c).Send(t.Context(), Message{To: "b@example.org", Subject: "S", Text: "T"}); err == nil {
			t.Errorf("%s: sent", name)
		}
		if got := server.Commands(); len(got) != 0 {
			t.Errorf("%s: the server was told %q", name, got)
		}
	}
}

func TestTestSendsNothing(t *testing.T) {
	server := mailtest.New(t, mailtest.Options{User: "u", Password: "p"})
	c := Config{Address: server.Address, From: "adili@example.org", User: "u", Password: "p", Roots: server.Roots}
	if err := newSender(t, c).Test(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := server.Commands(), []string{"AUTH PLAIN", "MAIL"}; !slices.Equal(got, want) {
		t.Errorf("commands %q, want %q", got, want)
	}
	c.Password = "q"
	if e, ok := errs.Find(newSender(t, c).Test(t.Context())); !ok || e.Key != "mail.error.sign_in" {
		t.Errorf("a wrong password passes the test: %v", e)
	}
}

func TestServersThatDoNotAnswer(t *testing.T) {
	m := Message{To: "b@example.org", Subject: "S", Text: "T"}
	send := func(ctx context.Context, address, mode string) (*errs.E, time.Duration) {
		t.Helper()
		start := time.Now()
		e, ok := errs.Find(newSender(t, Config{Address: address, From: "a@example.org", TLS: mode}).Send(ctx, m))
		if !ok {
			t.Fatal("sent")
		}
		return e, time.Since(start)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	for mode, key := range map[string]string{StartTLS: "mail.error.silent", Implicit: "mail.error.encrypting", None: "mail.error.silent"} {
		if e, took := send(ctx, mailtest.Silent(t), mode); e.Key != key && e.Key != "mail.error.unreachable" || took > 5*time.Second {
			t.Errorf("%s: %v after %v", mode, e, took)
		}
	}
	if e, _ := send(t.Context(), "127.0.0.1:1", StartTLS); e.Key != "mail.error.unreachable" {
		t.Errorf("nobody listens: %v", e)
	}
	// A server that never stops greeting is left.
	if e, took := send(t.Context(), endless(t), None); e.Key != "mail.error.silent" || took > 5*time.Second {
		t.Errorf("endless: %v after %v", e, took)
	}
	if e, _ := send(t.Context(), scripted(t, "421 too busy\r\n"), None); e.Key != "mail.error.later" {
		t.Errorf("busy: %v", e)
	}
	if e, _ := send(t.Context(), scripted(t, "220 hello\r\n", "250 hello\r\n"), None); e.Key != "mail.error.broken_off" {
		t.Errorf("hung up: %v", e)
	}
	// Once the message is taken, nothing that follows makes it unsent: it would be sent twice.
	taken := scripted(t, "220 hello\r\n", "250 hello\r\n", "250 sender\r\n", "250 recipient\r\n", "354 go on\r\n", "250 taken\r\n")
	if err := newSender(t, Config{Address: taken, From: "a@example.org", TLS: None}).Send(t.Context(), m); err != nil {
		t.Errorf("taken, then hung up: %v", err)
	}
}

// endless gives the address of a server that greets for as long as anybody listens.
func endless(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		for err == nil {
			_, err = io.WriteString(conn, strings.Repeat("220-welcome and welcome again\r\n", 100))
		}
	}()
	return listener.Addr().String()
}

// scripted gives the address of a server that answers line by line, and hangs up after its last answer.
func scripted(t *testing.T, answers ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		for i, answer := range answers {
			if i > 0 && !lines.Scan() {
				return
			}
			for strings.HasPrefix(answers[max(i-1, 0)], "354") && lines.Text() != "." {
				lines.Scan()
			}
			if _, err := io.WriteString(conn, answer); err != nil {
				return
			}
		}
	}()
	return listener.Addr().String()
}
