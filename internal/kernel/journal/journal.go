// Package journal is the program's log: text or JSON lines, with what tells of a person taken out. The program does not
// write such things on purpose; but errors of other programs do, such as a mail server that repeats the address it refused,
// or a connection that names the machine it was from.
package journal

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"regexp"
	"strings"
)

// The formats.
const (
	Text = "text"
	JSON = "json"
)

// New gives a log of what is at least of the level: JSON lines when that is the format, else text.
func New(w io.Writer, format string, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: mask}
	if format == JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// mask takes what tells of a person out of one value.
func mask(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(Mask(a.Value.String()))
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(Mask(err.Error()))
		} else if s, ok := a.Value.Any().(fmt.Stringer); ok {
			a.Value = slog.StringValue(Mask(s.String()))
		}
	}
	return a
}

var (
	email = regexp.MustCompile(`[\pL\pN._%+'-]+(@|%40)[\pL\pN-]+(\.[\pL\pN-]+)+`)
	// address finds what may be an address of IP version 4 or 6; netip.ParseAddr tells.
	address = regexp.MustCompile(`(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}`)
)

// Mask replaces e-mail addresses and the addresses of other machines in s. The address of a server that cannot be reached
// ("dial tcp 192.0.2.1:5432: …") stays, since nobody could mend the fault otherwise.
func Mask(s string) string {
	s = email.ReplaceAllString(s, "[e-mail]")
	return replaceAddresses(s, "[address]")
}

// dialled are the words before an address that this program asked for.
var dialled = regexp.MustCompile(`(?:dial|lookup|listen) (?:tcp|udp)[46]? \[?$|\bon $|host=$`)

func replaceAddresses(s, with string) string {
	var b strings.Builder
	end := 0
	for _, at := range address.FindAllStringIndex(s, -1) {
		ip, err := netip.ParseAddr(strings.Trim(s[at[0]:at[1]], "[]"))
		if err != nil || ip.IsLoopback() || ip.IsUnspecified() || !apart(s, at) || dialled.MatchString(s[:at[0]]) {
			continue
		}
		b.WriteString(s[end:at[0]] + with)
		end = at[1]
	}
	return b.String() + s[end:]
}

// apart reports whether what was found is not part of a longer word, such as a version or a time.
func apart(s string, at []int) bool {
	word := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
	}
	return (at[0] == 0 || !word(s[at[0]-1])) && (at[1] == len(s) || !word(s[at[1]]))
}
