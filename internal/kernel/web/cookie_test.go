package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adili/internal/kernel/i18n"
)

// A further cookie is for staff only, like the session's; a page can name a further asset.
func TestStaffCookie(t *testing.T) {
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	s := New(Options{Catalogue: catalogue, People: fakeSessions{}})
	page := NewPage[struct{}](Staff, fstest.MapFS{"a.html": {Data: []byte(`{{define "head"}}<script src="{{.Asset "passkey.js"}}"></script>{{end}}{{define "main"}}x{{end}}`)}}, "a.html")
	give := func(r *Request) (Reply, error) {
		if r.StaffCookie("device") != "" {
			return StaffCookie(Redirect("/staff/"), "device", "", 0), nil
		}
		return StaffCookie(page.Reply(r, "web.skip", struct{}{}), "device", "v", time.Hour), nil
	}
	s.Mount(Route{Method: "GET", Pattern: "/staff/a", Permission: Public, Handle: give}, Route{Method: "GET", Pattern: "/{lang}/s/{round}", Permission: Respondent, Handle: give})
	ask := func(path, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w
	}
	w := ask("/staff/a", "")
	if got := w.Header().Get("Set-Cookie"); got != "__Host-adili-device=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax" {
		t.Errorf("cookie %q", got)
	}
	if !strings.Contains(w.Body.String(), `<script src="/assets/passkey.`) {
		t.Errorf("no further script in\n%s", w.Body)
	}
	if got := ask("/staff/a", "__Host-adili-device=v").Header().Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("it is not taken away: %q", got)
	}
	if w := ask("/en/s/x", ""); w.Code != http.StatusInternalServerError || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a respondent gets a cookie: %d %v", w.Code, w.Header())
	}
}
