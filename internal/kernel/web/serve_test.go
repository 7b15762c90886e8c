package web

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
)

func TestPermissions(t *testing.T) {
	f := newFixture(t, nil)
	for _, test := range []struct {
		name     string
		q        request
		status   int
		location string
	}{
		{"nobody, page", request{url: "/staff/rounds?x=1"}, 303, "/staff/sign-in?next=%2Fstaff%2Frounds%3Fx%3D1"},
		{"nobody, form", request{method: "POST", url: "/staff/rounds"}, 303, "/staff/sign-in"},
		{"old session", request{url: "/staff/rounds", token: "stale"}, 303, "/staff/sign-in?next=%2Fstaff%2Frounds"},
		{"database gone", request{url: "/staff/rounds", token: "broken"}, 503, ""},
		{"operator sees", request{url: "/staff/rounds", token: "operator"}, 200, ""},
		{"operator plans not", request{method: "POST", url: "/staff/rounds", token: "operator"}, 403, ""},
		{"manager plans", request{method: "POST", url: "/staff/rounds", token: "manager"}, 303, "/staff/rounds"},
		{"signed in", request{url: "/staff/me", token: "analyst"}, 200, ""},
		{"public under staff", request{url: "/staff/sign-in"}, 200, ""},
		{"respondent", request{url: "/ar/s/abc"}, 200, ""},
		{"unknown language", request{url: "/xx/s/abc"}, 404, ""},
		{"no such page", request{url: "/en/nothing/here/at/all"}, 404, ""},
		{"no such staff page", request{url: "/staff/nothing"}, 404, ""},
		{"wrong method", request{method: "POST", url: "/en/about"}, 405, ""},
		{"root", request{url: "/", header: map[string]string{"Accept-Language": "pt-BR"}}, 303, "/pt/"},
		{"home", request{url: "/zh/"}, 200, ""},
	} {
		w := f.do(test.q)
		if w.Code != test.status || w.Header().Get("Location") != test.location {
			t.Errorf("%s: %d to %q, want %d to %q", test.name, w.Code, w.Header().Get("Location"), test.status, test.location)
		}
	}
}

func TestCrossSite(t *testing.T) {
	f := newFixture(t, nil)
	for _, test := range []struct {
		name   string
		url    string
		header map[string]string
		status int
	}{
		{"staff, other site", "/staff/rounds", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"staff, same site", "/staff/rounds", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"staff, origin null", "/staff/rounds", map[string]string{"Origin": "null"}, 403},
		{"staff, same origin", "/staff/rounds", map[string]string{"Sec-Fetch-Site": "same-origin"}, 303},
		{"sign-in, other site", "/staff/session", map[string]string{"Origin": "https://elsewhere.example"}, 403},
		{"respondent, origin null", "/en/s/abc", map[string]string{"Origin": "null"}, 200},
		{"respondent, other site", "/en/s/abc", map[string]string{"Sec-Fetch-Site": "cross-site"}, 200},
	} {
		if w := f.do(request{method: "POST", url: test.url, token: "manager", header: test.header, body: "a=1"}); w.Code != test.status {
			t.Errorf("%s: %d, want %d", test.name, w.Code, test.status)
		}
	}
}

func TestHeaders(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Secure = true })
	for _, url := range []string{"/", "/en/", "/en/s/x", "/en/nothing", "/staff/rounds", "/staff/sign-in", "/staff/fail/internal", "/staff/file",
		"/healthz", "/readyz", "/robots.txt", "/assets/none.css", f.assets.address["adili.css"], "/en/crash/x", "/staff"} {
		h := f.do(request{url: url, token: "manager"}).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; connect-src 'self'; require-trusted-types-for 'script'; frame-ancestors 'none'",
			"X-Frame-Options":         "DENY",
			"Referrer-Policy":         "no-referrer", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=63072000", "Cache-Control": "no-store",
		} {
			if url == f.assets.address["adili.css"] && name == "Cache-Control" {
				want = "public, max-age=31536000, immutable"
			}
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", url, name, got, want)
			}
		}
		if h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: no Permissions-Policy", url)
		}
		if !strings.HasPrefix(url, "/staff/") && h.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", url)
		}
	}
}

func TestCookies(t *testing.T) {
	f := newFixture(t, nil)
	if got, want := f.do(request{method: "POST", url: "/staff/session"}).Header().Get("Set-Cookie"), "__Host-adili=tok; Path=/; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("session cookie %q, want %q", got, want)
	}
	w := f.do(request{method: "POST", url: "/staff/rounds", token: "manager"})
	if got, want := w.Header().Get("Set-Cookie"), "__Host-adili-flash=web.skip; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"; got != want {
		t.Errorf("flash cookie %q, want %q", got, want)
	}
	w = f.do(request{url: "/staff/rounds", header: map[string]string{"Cookie": "__Host-adili=manager; __Host-adili-flash=web.skip"}})
	if !strings.Contains(w.Body.String(), `role="status">Aller au contenu`) || !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("flash not shown or not cleared: %q", w.Header().Get("Set-Cookie"))
	}
	w = f.do(request{url: "/staff/rounds", header: map[string]string{"Cookie": "__Host-adili=manager; __Host-adili-flash=made.up"}})
	if strings.Contains(w.Body.String(), "made.up") {
		t.Error("an unknown flash message is shown")
	}
	if w := f.do(request{url: "/ar/s/abc", token: "manager"}); w.Header().Get("Set-Cookie") != "" || strings.Contains(w.Body.String(), "Ada") {
		t.Error("a respondent page knows the session")
	}
}

func TestLanguage(t *testing.T) {
	f := newFixture(t, nil)
	for _, test := range []struct {
		q          request
		attributes string
	}{
		{request{url: "/ar/s/abc"}, `<html lang="ar" dir="rtl">`},
		{request{url: "/ru/about", header: map[string]string{"Accept-Language": "fr"}}, `<html lang="ru" dir="ltr">`},
		{request{url: "/staff/sign-in", header: map[string]string{"Accept-Language": "es"}}, `<html lang="es" dir="ltr">`},
		{request{url: "/staff/sign-in?lang=zh", header: map[string]string{"Accept-Language": "es"}}, `<html lang="zh" dir="ltr">`},
		{request{url: "/staff/rounds", token: "manager", header: map[string]string{"Accept-Language": "es"}}, `<html lang="fr" dir="ltr">`},
		{request{url: "/staff/rounds?lang=ar", token: "manager"}, `<html lang="ar" dir="rtl">`},
		{request{url: "/pt/nothing"}, `<html lang="pt" dir="ltr">`},
	} {
		if body := f.do(test.q).Body.String(); !strings.Contains(body, test.attributes) {
			t.Errorf("%s: no %s", test.q.url, test.attributes)
		}
	}
	body := f.do(request{url: "/fr/s/abc?x=1"}).Body.String()
	for _, link := range []string{`<a href="/ar/s/abc?x=1" lang="ar" hreflang="ar" dir="rtl">العربية</a>`, `lang="fr" hreflang="fr" dir="ltr" aria-current="true">Français`} {
		if !strings.Contains(body, link) {
			t.Errorf("no %s in\n%s", link, body)
		}
	}
}

func TestFrame(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.Invented = true })
	for _, q := range []request{{url: "/en/s/abc"}, {url: "/en/about"}, {url: "/en/nothing"}, {url: "/staff/rounds?lang=en", token: "manager"},
		{url: "/en/fail/unavailable"}, {url: "/staff/fail/conflict?lang=en", token: "analyst"}} {
		body := f.do(q).Body.String()
		for _, want := range []string{"not affiliated with or endorsed by the World Customs Organization", "Invented data", `class="skip" href="#main"`, `<main id="main"`} {
			if strings.Count(body, want) != 1 {
				t.Errorf("%s: %d times %q", q.url, strings.Count(body, want), want)
			}
		}
		if strings.Contains(body, "«") || strings.Contains(body, "<no value>") || strings.Count(body, "<h1") != 1 {
			t.Errorf("%s: a text is missing, or not one h1", q.url)
		}
	}
	operator := f.do(request{url: "/staff/me", token: "operator"}).Body.String()
	analyst := f.do(request{url: "/staff/me", token: "analyst"}).Body.String()
	if !strings.Contains(operator, "/staff/people") || strings.Contains(analyst, "/staff/people") {
		t.Error("the navigation does not follow the permission table")
	}
}

func TestProblems(t *testing.T) {
	f := newFixture(t, nil)
	for kind, status := range map[string]int{"internal": 500, "invalid": 400, "not_found": 404, "conflict": 409, "forbidden": 403,
		"gone": 410, "too_many": 429, "too_large": 413, "unavailable": 503} {
		for _, url := range []string{"/en/fail/" + kind, "/staff/fail/" + kind} {
			w := f.do(request{url: url, token: "analyst"})
			if w.Code != status {
				t.Errorf("%s: %d, want %d", url, w.Code, status)
			}
			if strings.Contains(w.Body.String(), "4711") {
				t.Errorf("%s shows the technical text", url)
			}
			if retry := w.Header().Get("Retry-After") != ""; retry != (status == 503 || status == 429) {
				t.Errorf("%s: Retry-After %v", url, retry)
			}
		}
	}
	body := f.do(request{url: "/staff/fail/invalid?lang=en", token: "analyst"}).Body.String()
	if !strings.Contains(body, "<strong><bdi>frame.csv</bdi>, row 7, <bdi>size</bdi></strong>") {
		t.Errorf("details are not shown:\n%s", body)
	}
	if w := f.do(request{url: "/en/crash/x"}); w.Code != 500 || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("panic: %d", w.Code)
	}
}

func TestLog(t *testing.T) {
	f := newFixture(t, nil)
	for range 11 {
		for _, url := range []string{"/en/s/abc", "/en/crash/code-9x", "/en/fail/unavailable", "/en/fail/internal", "/en/fail/gone", "/en/none/code-9x", "/ar/about"} {
			f.do(request{url: url})
		}
	}
	f.do(request{url: "/staff/sign-in"})
	if got := f.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "pattern=/staff/sign-in") {
		t.Errorf("on the day itself the log holds more than the staff request:\n%s", got)
	}
	f.log.Reset()
	f.clock.(*clock.Manual).Advance(24 * time.Hour)
	f.do(request{url: "/en/fail/unavailable"})
	if f.log.Len() > 0 {
		t.Errorf("a respondent's request of the next day is timed by what it has written:\n%s", f.log)
	}
	f.rare.flush(false)
	got := f.log.String()
	for _, word := range []string{"code-9x", "4711", "secret", "192.0.2.1", "/s/", "13:14", "request"} {
		if strings.Contains(got, word) {
			t.Errorf("the log of respondent requests holds %q:\n%s", word, got)
		}
	}
	if n := strings.Count(got, "\n"); n != 3 || strings.Count(got, "time=2026-12-01T00:00:00.000Z") != 3 || strings.Count(got, "at_most=20") != 3 || !strings.Contains(got, "store.full") || !strings.Contains(got, "stack=") {
		t.Errorf("want three lines dated with the day alone, have:\n%s", got)
	}
	f.log.Reset()
	f.Close()
	if got := f.log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "store.full at_most=10") || !strings.Contains(got, "time=2026-12-02T00:00:00.000Z") {
		t.Errorf("the next day's fault is not logged when the server closes:\n%s", got)
	}
	f.log.Reset()
	f.do(request{url: "/staff/rounds?secret=1", token: "manager"})
	f.do(request{url: "/staff/fail/internal", token: "manager"})
	f.do(request{url: "/staff/crash/x", token: "manager"})
	got = f.log.String()
	for _, want := range []string{"msg=request method=GET pattern=/staff/rounds status=200 ms=", "disk serial 4711", "reference=", "pattern=/staff/fail/{kind} status=500", "msg=panic"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log of staff requests lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "192.0.2.1") || strings.Contains(got, "secret=1") || strings.Contains(got, "example.org") {
		t.Errorf("the log of staff requests holds an address or a query:\n%s", got)
	}
}

func TestObserve(t *testing.T) {
	var seen []string
	f := newFixture(t, func(o *Options) {
		o.Observe = func(method, pattern string, status int, _ time.Duration) { seen = append(seen, method+" "+pattern) }
	})
	f.do(request{url: "/en/s/abc"})
	f.do(request{url: "/staff/me", token: "analyst"})
	if len(seen) != 1 || seen[0] != "GET /staff/me" {
		t.Errorf("observed %v", seen)
	}
}

func TestReady(t *testing.T) {
	f := newFixture(t, func(o *Options) {
		o.Ready = func(context.Context) error { return errs.New(errs.Unavailable, errs.Unavailable.Key()) }
	})
	if w := f.do(request{url: "/readyz"}); w.Code != 503 {
		t.Errorf("readyz %d", w.Code)
	}
	if w := f.do(request{url: "/healthz"}); w.Code != 200 {
		t.Errorf("healthz %d", w.Code)
	}
}

func TestFormLimits(t *testing.T) {
	f := newFixture(t, nil)
	for _, test := range []struct {
		name, body, contentType string
		status                  int
	}{
		{"usual", "a=1&b=2", "", 200},
		{"too large", "a=" + strings.Repeat("x", DefaultBody), "", 413},
		{"too many fields", strings.Repeat("a=1&", 500), "", 413},
		{"broken escape", "a=%zz", "", 400},
		{"wrong type", "{}", "application/json", 400},
		{"no boundary", "x", "multipart/form-data", 400},
	} {
		header := map[string]string{}
		if test.contentType != "" {
			header["Content-Type"] = test.contentType
		}
		if w := f.do(request{method: "POST", url: "/en/s/x", body: test.body, header: header}); w.Code != test.status {
			t.Errorf("%s: %d, want %d", test.name, w.Code, test.status)
		}
	}
}

func TestUpload(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	f := newFixture(t, nil)
	form := func(size int) (string, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("a", "1")
		part, _ := w.CreateFormFile("file", "../frame.csv")
		_, _ = part.Write(bytes.Repeat([]byte("x"), size))
		_ = w.Close()
		return b.String(), w.FormDataContentType()
	}
	for _, test := range []struct {
		name      string
		size, cut int
		status    int
	}{
		{"usual", 300_000, 0, 200},
		{"empty", 0, 0, 400},
		{"cut off", 300_000, 150_000, 400},
		{"too large", 3 << 20, 0, 413},
	} {
		body, contentType := form(test.size)
		w := f.do(request{method: "POST", url: "/staff/upload", token: "manager", body: body[:len(body)-test.cut], header: map[string]string{"Content-Type": contentType}})
		if w.Code != test.status || (w.Code == 200 && w.Body.String() != "frame.csv xx") {
			t.Errorf("%s: %d %.40q, want %d", test.name, w.Code, w.Body.String(), test.status)
		}
		if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*")); len(left) != 0 {
			t.Errorf("%s: left behind %v", test.name, left)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/staff/rounds?x=1": "/staff/rounds?x=1", "": "/f", "//evil.example/staff/": "/f", "https://evil.example/staff/": "/f",
		"/en/": "/f", "/staff/../en": "/f", `/staff/\evil`: "/f", "/staff/\r\nX: y": "/f", "staff/": "/f",
	} {
		if got := LocalPath(in, "/f"); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFileReply(t *testing.T) {
	w := newFixture(t, nil).do(request{url: "/staff/file", token: "manager"})
	if got := w.Header().Get("Content-Disposition"); got != "attachment; filename*=utf-8''r%C3%A9ponses.csv" || w.Body.String() != "a,b" {
		t.Errorf("%q %q", got, w.Body.String())
	}
}

func TestServerLimits(t *testing.T) {
	s := newFixture(t, nil).HTTPServer("127.0.0.1:0")
	if s.ReadHeaderTimeout != 5*time.Second || s.ReadTimeout != time.Minute || s.WriteTimeout != time.Minute || s.IdleTimeout != time.Minute || s.MaxHeaderBytes != 16<<10 || s.ErrorLog == nil {
		t.Errorf("limits %+v", s)
	}
	var _ http.Handler = s.Handler
}

func TestKnownLanguagesHavePages(t *testing.T) {
	f := newFixture(t, nil)
	for _, lang := range i18n.Languages {
		for _, url := range []string{"/" + lang + "/", "/" + lang + "/fail/invalid", "/staff/fail/internal?lang=" + lang} {
			body := f.do(request{url: url, token: "manager"}).Body.String()
			if strings.Contains(body, "«web") || strings.Contains(body, "«error") || !strings.Contains(body, `lang="`+lang+`"`) {
				t.Errorf("%s lacks a text", url)
			}
		}
	}
}
