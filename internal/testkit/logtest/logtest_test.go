package logtest

import (
	"regexp"
	"testing"
)

// What is planted is found, and what belongs into a log is not.
func TestPersonal(t *testing.T) {
	for _, planted := range []string{
		"to ada@example.org", "from 203.0.113.7", "from [2001:db8::17]:51234", "person_k3x9q2",
		"session 4GF7KX2QJ9ZT5M8N3P6R1W0C", "link /staff/password/qh2k6v9d3f8x1m5p7r4t0w", "7f3a91c0b2d84e65f1a09c3d7b82e416", "name Lovelace", "LOVELACE",
	} {
		if found := Personal("level=INFO msg=x text="+planted+"\n", nil, "Lovelace", ""); len(found) == 0 {
			t.Errorf("%q is not found", planted)
		}
	}
	clean := `time=2026-12-01T08:00:00.123Z level=INFO msg=request method=GET pattern=/staff/rounds/{id}/invitations status=200 ms=12
level=ERROR msg=panic stack="adili/internal/kernel/web.(*Server).recover:97; runtime.gopanic:787; net/http.HandlerFunc.ServeHTTP:2220; "
level=INFO msg=ready address=http://127.0.0.1:8080 reference=k3x9q2ab
level=ERROR msg=fault pattern=/staff/people error="storage.Open: adili_job_last_success_timestamp_seconds"
`
	if found := Personal(clean, nil, "Lovelace"); found != nil {
		t.Errorf("found %q", found)
	}
	head := "msg=\"trail verified\" head=7:7f3a91c0b2d84e65f1a09c3d7b82e4167f3a91c0b2d84e65f1a09c3d7b82e416 round=round_k3x9q2ab7c1d5e8f2g4h\n"
	if found := Personal(head, nil); len(found) != 2 {
		t.Errorf("found %q", found)
	}
	if found := Personal(head, regexp.MustCompile(`^round_|^[0-9a-f]{64}$`)); found != nil {
		t.Errorf("found %q", found)
	}
}
