package journal

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "nothing to hide": "nothing to hide",
		"550 <ada.lovelace@example.org> unknown":               "550 <[e-mail]> unknown",
		"to=ada%40example.org":                                 "to=[e-mail]",
		"élodie+x@douane.example.fr refused":                   "[e-mail] refused",
		"read tcp 10.0.0.1:443->203.0.113.7:51234: i/o":        "read tcp [address]:443->[address]:51234: i/o",
		"from [2001:db8::17]:443 and ::ffff:192.0.2.1":         "from [[address]]:443 and [address]",
		"dial tcp 192.0.2.1:5432: connect: connection refused": "dial tcp 192.0.2.1:5432: connect: connection refused",
		"dial tcp [2001:db8::1]:5432: connect: refused":        "dial tcp [2001:db8::1]:5432: connect: refused",
		"127.0.0.1:8080, ::1, 0.0.0.0:80":                      "127.0.0.1:8080, ::1, 0.0.0.0:80",
		"at 12:30:45, version 1.2.3.400, 2026-12-01T08:00:00Z": "at 12:30:45, version 1.2.3.400, 2026-12-01T08:00:00Z",
		"sum ab:cd:ef, round_1.2.3.4x, x::y, a::b::c":          "sum ab:cd:ef, round_1.2.3.4x, x::y, a::b::c",
		"adili/internal/kernel/web.(*Server).serve:97":         "adili/internal/kernel/web.(*Server).serve:97",
	} {
		if got := Mask(in); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNew(t *testing.T) {
	for _, format := range []string{Text, "", JSON} {
		var b strings.Builder
		log := New(&b, format, slog.LevelInfo)
		log.Debug("nothing")
		secret := errors.New("refused ada@example.org from 203.0.113.7")
		log.With("to", "max@example.org").WithGroup("g").Error("to eve@example.org", "error", secret, "text", secret.Error(), "n", 7, "took", time.Second,
			slog.Group("deep", "who", "joe@example.org"))
		line := b.String()
		if strings.Count(line, "\n") != 1 {
			t.Errorf("%s: not one line: %s", format, line)
		}
		if strings.Contains(line, "@") || strings.Contains(line, "203.") || strings.Count(line, "[e-mail]") != 5 {
			t.Errorf("%s: %s", format, line)
		}
		if format == JSON {
			var entry struct {
				G struct{ N int }
			}
			if err := json.Unmarshal([]byte(line), &entry); err != nil || entry.G.N != 7 {
				t.Errorf("%v: %s", err, line)
			}
		}
	}
}
