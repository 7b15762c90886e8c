package attack

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"adili/internal/app"
	"adili/internal/kernel/clock"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// mark is what one rule of MDN's HTTP Observatory (version 1.4, its chart of scores) gives an answer. Marks above zero count
// only when nothing is amiss.
type mark struct {
	rule  string
	score int
}

// best is the sum that an answer of ours reaches when nothing is amiss: A+ begins at 100.
const best = 100 + 10 + 5 + 5 + 10

// grade judges an answer that came by HTTPS.
func grade(h http.Header, cookies []*http.Cookie) (score int, marks []mark) {
	add := func(rule string, score int) { marks = append(marks, mark{rule, score}) }
	policy, single := directives(h)
	add("content-security-policy", gradePolicy(policy, single))
	add("x-frame-options", either(slices.Equal(policy["frame-ancestors"], []string{"'none'"}), 5, either(h.Get("X-Frame-Options") == "DENY", 0, -20)))
	add("referrer-policy", either(slices.Contains([]string{"no-referrer", "same-origin", "strict-origin"}, h.Get("Referrer-Policy")), 5, -5))
	add("x-content-type-options", either(h.Get("X-Content-Type-Options") == "nosniff", 0, -5))
	add("cross-origin-resource-policy", either(h.Get("Cross-Origin-Resource-Policy") == "same-origin", 10, -5))
	add("cross-origin-resource-sharing", either(h.Get("Access-Control-Allow-Origin") == "", 0, -50))
	add("strict-transport-security", gradeHSTS(h.Values("Strict-Transport-Security")))
	for _, c := range cookies {
		add("cookie "+c.Name, either(c.Secure && c.HttpOnly && (c.SameSite == http.SameSiteLaxMode || c.SameSite == http.SameSiteStrictMode), 0, -40))
	}
	score = 100
	for _, m := range marks {
		score += min(m.score, 0)
	}
	if score >= 90 {
		for _, m := range marks {
			score += max(m.score, 0)
		}
	}
	return score, marks
}

func either(is bool, yes, no int) int {
	if is {
		return yes
	}
	return no
}

// directives reads the policy, and says whether it is one header with each directive once.
func directives(h http.Header) (map[string][]string, bool) {
	all, single := make(map[string][]string), len(h.Values("Content-Security-Policy")) == 1
	for part := range strings.SplitSeq(h.Get("Content-Security-Policy"), ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		single = single && all[words[0]] == nil
		all[words[0]] = words[1:]
	}
	return all, single
}

// gradePolicy gives full marks only for a policy that allows nothing it does not name, and nothing that could run or lead away.
func gradePolicy(p map[string][]string, single bool) int {
	if len(p) == 0 || !single {
		return -25
	}
	self := func(name string) bool { return len(p[name]) == 1 && (p[name][0] == "'self'" || p[name][0] == "'none'") }
	for name, sources := range p {
		for _, s := range sources {
			if strings.Contains(s, "unsafe") || strings.Contains(s, "http") || s == "*" || s == "data:" && name != "img-src" {
				return -20
			}
		}
	}
	return either(slices.Equal(p["default-src"], []string{"'none'"}) && self("form-action") && self("script-src") && self("style-src") && slices.Equal(p["base-uri"], []string{"'none'"}), 10, 0)
}

// gradeHSTS wants six months at least.
func gradeHSTS(values []string) int {
	if len(values) != 1 {
		return -20
	}
	for part := range strings.SplitSeq(values[0], ";") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(part), "max-age="); ok {
			age, err := strconv.Atoi(text)
			return either(err == nil && age >= 15768000, 0, -10)
		}
	}
	return -20
}

// secured is the whole program with an open round, over HTTPS.
func secured(t *testing.T) (base string, client *http.Client, a *app.App, round string) {
	t.Helper()
	a, err := app.Open(t.Context(), app.Config{
		Data: filepath.Join(t.TempDir(), "data"), Clock: clock.Fixed(roundtest.Now), Log: slog.New(slog.DiscardHandler), Secure: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	round, _ = roundtest.Open(t, a.Survey, code.ByCard, 2)
	server := httptest.NewUnstartedServer(a.Web.Handler())
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client = server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return server.URL, client, a, round
}

func TestHeadersAreGradedBest(t *testing.T) {
	base, client, a, round := secured(t)
	token, _, err := a.People.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made, err := client.PostForm(base+"/staff/setup/"+token, url.Values{
		"name": {"Ada"}, "email": {"ada@example.org"}, "password": {"a long password of words"}, "again": {"a long password of words"}, "lang": {"en"},
	})
	if err != nil {
		t.Fatal(err)
	}
	made.Body.Close()
	signedIn := session(t, made)
	judge(t, "POST /staff/setup", made)
	values := strings.NewReplacer("{lang}", "fr", "{round}", round, "{$}", "", "{token}", "x", "{id}", "p_none", "{file}", "x", "{place}", "x")
	addresses := []string{"GET /", "GET /staff", "GET /nothing", "GET /en/nothing", "GET /staff/nothing", "GET /robots.txt", "GET /healthz", "GET /readyz", "GET /assets/none.css", "PUT /en/", "POST /en/s/" + round}
	for _, route := range a.Web.Routes() {
		addresses = append(addresses, route.Method+" "+values.Replace(route.Pattern))
	}
	if len(addresses) < 60 {
		t.Fatalf("only %d addresses", len(addresses))
	}
	for _, address := range addresses {
		method, path, _ := strings.Cut(address, " ")
		for _, cookie := range []*http.Cookie{nil, signedIn} {
			r, err := http.NewRequest(method, base+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if cookie != nil && path != "/staff/sign-out" {
				r.AddCookie(cookie)
			}
			answer, err := client.Do(r)
			if err != nil {
				t.Fatalf("%s: %v", address, err)
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			judge(t, address, answer)
		}
	}
}

// judge grades an answer and looks at what the observatory does not.
func judge(t *testing.T, address string, r *http.Response) {
	t.Helper()
	cookies := r.Cookies()
	if score, marks := grade(r.Header, cookies); score != best {
		t.Errorf("%s: %d points, want %d: %v", address, score, best, marks)
	}
	for _, c := range cookies {
		if !strings.HasPrefix(c.Name, "__Host-") || c.Path != "/" || c.Domain != "" || !strings.Contains(address, " /staff") {
			t.Errorf("%s sets the cookie %s", address, c.Name)
		}
	}
	for _, name := range []string{"Server", "X-Powered-By", "Via", "Etag", "Last-Modified"} {
		if r.Header.Get(name) != "" {
			t.Errorf("%s: %s: %s tells what need not be told", address, name, r.Header.Get(name))
		}
	}
	asset := strings.Contains(address, " /assets/") && r.StatusCode == http.StatusOK
	if r.Header.Get("Cache-Control") != "no-store" && !asset || r.Header.Get("Content-Type") == "" && r.StatusCode == http.StatusOK {
		t.Errorf("%s: Cache-Control %q, Content-Type %q", address, r.Header.Get("Cache-Control"), r.Header.Get("Content-Type"))
	}
}

// The grader finds what is amiss.
func TestGrade(t *testing.T) {
	good := func() http.Header {
		return http.Header{
			"Content-Security-Policy": {"default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
			"Referrer-Policy":         {"no-referrer"}, "X-Content-Type-Options": {"nosniff"}, "Cross-Origin-Resource-Policy": {"same-origin"},
			"Strict-Transport-Security": {"max-age=63072000"},
		}
	}
	if score, marks := grade(good(), nil); score != best {
		t.Errorf("%d points, want %d: %v", score, best, marks)
	}
	if score, _ := grade(http.Header{}, nil); score >= 50 {
		t.Errorf("%d points for nothing", score)
	}
	for name, value := range map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":              "unsafe-url",
		"X-Content-Type-Options":       "",
		"Cross-Origin-Resource-Policy": "",
		"Strict-Transport-Security":    "max-age=3600",
		"Access-Control-Allow-Origin":  "*",
	} {
		h := good()
		h.Set(name, value)
		if score, _ := grade(h, nil); score == best {
			t.Errorf("%s: %s is not noticed", name, value)
		}
	}
	if score, _ := grade(good(), []*http.Cookie{{Name: "id", Secure: true, HttpOnly: true}}); score == best {
		t.Error("a cookie for other sites is not noticed")
	}
}

// session finds the cookie of a session that an answer began.
func session(t *testing.T, answer *http.Response) *http.Cookie {
	t.Helper()
	for _, c := range answer.Cookies() {
		if c.Name == "__Host-adili" && c.Value != "" {
			return c
		}
	}
	t.Fatalf("no session: %s", answer.Status)
	return nil
}
