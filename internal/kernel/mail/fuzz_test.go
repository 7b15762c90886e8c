package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
)

// Whatever a person types as address, name, subject or text, a message that is sent has our headers and no other, goes to
// one address, and says what was typed.
func FuzzHeaders(f *testing.F) {
	f.Add("a@example.org", "Amina", "Subject", "Text")
	f.Add("a@example.org\r\nBcc: b@example.org", "A\r\nBcc: b@example.org", "S\nBcc: b@example.org\n\nbody", "T\r\n.\r\nMAIL FROM:<x>")
	f.Add("a@example.org", `"x" <b@example.org>,`, "=?utf-8?q?=0D=0ABcc:_b?=", "=3D\n..\n.")
	f.Add("a@example.org", strings.Repeat("é", 100), strings.Repeat("x ", 39)+strings.Repeat("y", 76)+"  "+strings.Repeat("z", 80), " \t \n")
	f.Add("a@example.org", "  ", " "+strings.Repeat("w", 76), strings.Repeat("=", 80))
	f.Add("a@example.org", "x =?utf-8?q?y?= z", "一"+strings.Repeat(" 王", 60), "\u2028")
	f.Add("0@0", "\\ئ", "S", "T")
	sender, err := New(Config{Address: "mail.example.org", From: "Adili <adili@example.org>"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, to, name, subject, text string) {
		raw, err := sender.compose(Message{To: to, Name: name, Subject: subject, Text: text})
		if err != nil {
			return
		}
		checkLines(t, raw)
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		checkHeaders(t, m.Header)
		list, err := m.Header.AddressList("To")
		if err != nil || len(list) != 1 || list[0].Address != to || list[0].Name != inHeader(name) {
			t.Errorf("To %q is read as %v, %v; want %q %q", m.Header.Get("To"), list, err, inHeader(name), to)
		}
		if strings.ContainsAny(to, " \t\r\n<>,;:\"()") {
			t.Errorf("%q passes as an address", to)
		}
		got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || got != oneSpace(subject) {
			t.Errorf("subject %q, %v; want %q", got, err, oneSpace(subject))
		}
		body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		want := strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n") + "\n"
		if err != nil || strings.ReplaceAll(string(body), "\r\n", "\n") != want {
			t.Errorf("text %q, %v; want %q", body, err, want)
		}
	})
}
