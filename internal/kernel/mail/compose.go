package mail

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"adili/internal/kernel/errs"
)

// Message is a plain-text mail to one person.
type Message struct {
	To      string // one bare address
	Name    string // the person's name; may be empty
	Subject string
	Text    string
}

// Limits of what is sent. They are far above what a person writes.
const (
	maxAddress = 254 // RFC 5321, 4.5.3.1
	maxLocal   = 64
	maxName    = 200 // characters
	maxSubject = 400
	maxText    = 256 << 10 // bytes
)

// compose writes the message as it goes over the wire.
func (s *Sender) compose(m Message) ([]byte, error) {
	if err := checkAddress(m.To); err != nil {
		return nil, errs.New(errs.Invalid, "mail.error.address", "Address", quotable(m.To)).Because(err)
	}
	if err := errors.Join(checkLine(m.Name, maxName), checkLine(m.Subject, maxSubject), checkText(m.Text)); err != nil {
		return nil, errs.New(errs.Invalid, "mail.error.text").Because(err)
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP))
	from := s.from
	msg.FromMailAddress(&from)
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderTo, &mail.Address{Name: inHeader(m.Name), Address: m.To})
	msg.Subject(oneSpace(m.Subject))
	msg.SetDateWithValue(time.Now().UTC())
	_, domain, _ := strings.Cut(s.from.Address, "@")
	msg.SetMessageIDWithValue(strings.ToLower(rand.Text()) + "@" + domain)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no reply from a machine, please
	msg.SetBodyString(gomail.TypeTextPlain, strings.TrimRight(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n")+"\n")
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("writing the message: %w", err)
	}
	return b.Bytes(), nil
}

// atoms are what mailboxes and hosts are made of in practice. Quoted names, comments, address literals and letters beyond
// ASCII are not sent to: not every server on the way takes them, and each has been a way to smuggle something in.
var (
	local = regexp.MustCompile(`^[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+(\.[A-Za-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+)*$`)
	label = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)
)

// checkAddress accepts one bare address.
func checkAddress(address string) error {
	name, domain, found := strings.Cut(address, "@")
	if !found || len(address) > maxAddress || len(name) > maxLocal || !local.MatchString(name) || !isDomain(domain) {
		return errors.New("not one plain e-mail address")
	}
	return nil
}

// isDomain reports whether the name of a host is well formed; an administration's own network may do without dots.
func isDomain(name string) bool {
	if len(name) > 253 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if !label.MatchString(part) {
			return false
		}
	}
	return true
}

// checkLine accepts what fits in one header: any language, no line breaks or other controls.
func checkLine(line string, most int) error {
	switch {
	case !utf8.ValidString(line):
		return errors.New("a name or subject is not UTF-8")
	case utf8.RuneCountInString(line) > most:
		return errors.New("a name or subject is too long")
	case strings.ContainsFunc(line, isControl):
		return errors.New("a name or subject holds a line break or another control character")
	case strings.Contains(line, "=?"): // RFC 2047: would be read as something else than what it says
		return errors.New("a name or subject looks like an encoded word")
	}
	return nil
}

// checkText accepts lines of text.
func checkText(text string) error {
	switch {
	case !utf8.ValidString(text):
		return errors.New("the text is not UTF-8")
	case len(text) > maxText:
		return errors.New("the text is too long")
	case strings.TrimSpace(text) == "":
		return errors.New("the text is empty")
	}
	lines := strings.NewReplacer("\r\n", "", "\n", "", "\t", "")
	if strings.ContainsFunc(lines.Replace(text), isControl) {
		return errors.New("the text holds a control character")
	}
	return nil
}

// isControl finds what may end a line somewhere on the way: controls and the separators of lines and paragraphs.
func isControl(r rune) bool { return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) }

// oneSpace puts one space for any run of them, since a header may be folded at each.
func oneSpace(line string) string { return strings.Join(strings.Fields(line), " ") }

// inHeader gives a person's name as it can stand before an address. net/mail leaves a backslash as it is when it encodes a
// name beyond ASCII, and readers then refuse the whole header; nobody is called by one.
func inHeader(name string) string { return strings.ReplaceAll(oneSpace(name), `\`, "/") }

// quotable gives a text from outside such that it can stand in a sentence on a page: one line of at most 200 characters.
func quotable(text string) string {
	text = oneSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text))
	if runes := []rune(text); len(runes) > 200 {
		return string(runes[:200]) + "…"
	}
	return text
}
