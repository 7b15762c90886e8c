package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Only a page that says so is framed, and only by this program.
func TestFrames(t *testing.T) {
	for name, test := range map[string]struct {
		reply            Reply
		ancestors, frame string
		options          string
	}{
		"framing": {Framing(Redirect("/staff/")), "frame-ancestors 'none'", "frame-src 'self'", "DENY"},
		"framed":  {Framed(Redirect("/staff/")), "frame-ancestors 'self'", "", "SAMEORIGIN"},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("X-Frame-Options", "DENY")
		if err := test.reply.send(w, &Request{}); err != nil {
			t.Fatal(err)
		}
		got := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(got, policy) || !strings.HasSuffix(got, test.ancestors) || !strings.Contains(got, test.frame) ||
			test.frame == "" && strings.Contains(got, "frame-src") {
			t.Errorf("%s: policy %q", name, got)
		}
		if got := w.Header().Get("X-Frame-Options"); got != test.options {
			t.Errorf("%s: X-Frame-Options %q, want %q", name, got, test.options)
		}
	}
}
