package respond_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/jba/templatecheck"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/respond"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

type site struct {
	*httptest.Server
	service *survey.Service
	round   string
	codes   map[form.Population][]code.Code
}

func newSite(t *testing.T, carrier code.Carrier) *site {
	t.Helper()
	return newSiteOn(t, dbtest.SQLite(t, roundtest.Migrate), carrier)
}

func newSiteOn(t *testing.T, db *storage.DB, carrier code.Carrier) *site {
	t.Helper()
	service, clk := roundtest.Service(t, db)
	catalogue, err := i18n.Load(web.Messages(), survey.Messages(), respond.Messages())
	if err != nil {
		t.Fatal(err)
	}
	server := web.New(web.Options{Catalogue: catalogue, Clock: clk})
	server.Mount(respond.New(service).Routes()...)
	round, codes := roundtest.Open(t, service, carrier, 3)
	s := &site{httptest.NewServer(server.Handler()), service, round, codes}
	t.Cleanup(s.Close)
	return s
}

func (s *site) address(lang string) string { return s.URL + "/" + lang + "/s/" + s.round }

// post sends a form the way a browser of the strictest kind does.
func (s *site) post(t *testing.T, lang string, values url.Values) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, s.address(lang), strings.NewReader(values.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "null")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body), res.Header
}

var (
	statePattern = regexp.MustCompile(`name="STATE" value="([^"]+)"`)
	radioPattern = regexp.MustCompile(`<input type="radio" name="([a-z0-9_]+)" value="([^"]+)"( checked)?>`)
)

func state(t *testing.T, page string) string {
	t.Helper()
	m := statePattern.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no form state in\n%s", page)
	}
	return m[1]
}

// An answer from a page without Sec-Fetch headers and with Origin: null, as
// old browsers and privacy modes send it, arrives.
func TestAnswerWithOriginNull(t *testing.T) {
	s := newSite(t, code.ByCard)
	values := url.Values{"code": {s.codes[form.Official][0].Groups()}}
	for range 40 {
		status, page, header := s.post(t, "en", values)
		if status != http.StatusOK {
			t.Fatalf("status %d\n%s", status, page)
		}
		if len(header.Values("Set-Cookie")) > 0 || header.Get("Cache-Control") != "no-store" {
			t.Fatalf("headers %v: want no cookie and no-store", header)
		}
		if strings.Contains(page, "data-done") {
			if !strings.Contains(page, "Integrity line") || header.Get("Clear-Site-Data") != `"cache"` {
				t.Errorf("thank-you page without channels or Clear-Site-Data: %v", header)
			}
			return
		}
		values = url.Values{"STATE": {state(t, page)}, "NAV": {"next"}}
	}
	t.Fatal("no thank-you page after 40 pages")
}

func TestBackLanguageAndReloadKeepAnswers(t *testing.T) {
	s := newSite(t, code.ByLink)
	_, page, _ := s.post(t, "en", url.Values{"code": {s.codes[form.Official][0].String()}})
	_, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}, "NAV": {"next"}})
	first := radioPattern.FindStringSubmatch(page)
	answer := url.Values{"STATE": {state(t, page)}, first[1]: {"4"}}
	checked := `name="` + first[1] + `" value="4" checked`
	steps := []struct {
		name, lang, nav string
		shown           bool
	}{{"next", "en", "next", false}, {"back", "en", "back", true}, {"language", "ar", "stay", true}, {"reload", "ar", "stay", true}}
	values := answer
	for _, step := range steps {
		values.Set("NAV", step.nav)
		status, page, _ := s.post(t, step.lang, values)
		if status != http.StatusOK || strings.Contains(page, checked) != step.shown {
			t.Fatalf("%s: status %d, answer shown %v, want %v", step.name, status, !step.shown, step.shown)
		}
		if step.lang == "ar" && (!strings.Contains(page, `lang="ar" dir="rtl"`) || strings.Contains(page, "«")) {
			t.Errorf("%s: not an Arabic page", step.name)
		}
		values = url.Values{"STATE": {state(t, page)}}
		if step.shown {
			values.Set(first[1], "4")
		}
	}
}

// Whoever does not wish to take part is asked once more, on a page without
// answers; going back from it loses none, in whatever language.
func TestDecline(t *testing.T) {
	s := newSite(t, code.ByLink)
	_, page, _ := s.post(t, "en", url.Values{"code": {s.codes[form.Official][0].String()}})
	_, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}, "NAV": {"next"}})
	first := radioPattern.FindStringSubmatch(page)
	checked := `name="` + first[1] + `" value="4" checked`
	asks := func(page string) bool {
		return strings.Contains(page, `value="stop"`) && strings.Contains(page, `value="resume"`) && !radioPattern.MatchString(page)
	}
	_, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}, first[1]: {"4"}, "NAV": {"decline"}})
	if !asks(page) || !strings.Contains(page, "close the browser") {
		t.Fatalf("not asked whether to stop:\n%s", page)
	}
	if _, page, _ = s.post(t, "ar", url.Values{"STATE": {state(t, page)}, "NAV": {"ask"}}); !asks(page) || !strings.Contains(page, `lang="ar" dir="rtl"`) {
		t.Fatalf("not asked in Arabic:\n%s", page)
	}
	if _, back, _ := s.post(t, "en", url.Values{"STATE": {state(t, page)}, "NAV": {"resume"}}); !strings.Contains(back, checked) {
		t.Errorf("back at the questions the answer is gone:\n%s", back)
	}
	status, end, header := s.post(t, "en", url.Values{"STATE": {state(t, page)}, "NAV": {"stop"}})
	if status != http.StatusOK || !strings.Contains(end, "data-done") || !strings.Contains(end, "close the browser") ||
		header.Get("Clear-Site-Data") != `"cache"` || statePattern.MatchString(end) {
		t.Errorf("status %d, headers %v, want the last page without the draft\n%s", status, header, end)
	}
}

// The first button of a page is the one that Enter presses.
func TestFirstButtonGoesOn(t *testing.T) {
	s := newSite(t, code.ByLink)
	button := regexp.MustCompile(`<button[^>]* name="NAV" value="(\w+)"`)
	_, page, _ := s.post(t, "en", url.Values{"code": {s.codes[form.Official][0].String()}})
	for range 40 {
		_, inside, _ := strings.Cut(page, `<form id="answers"`)
		for _, part := range []string{page, inside} { // with a browser that knows form="answers", and with one that does not
			if first := button.FindStringSubmatch(part); first == nil || first[1] != "next" {
				t.Fatalf("the first button is %v, want next\n%s", first, part)
			}
		}
		if _, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}}); strings.Contains(page, "data-done") {
			return
		}
	}
	t.Fatal("no thank-you page after 40 pages")
}

func TestMistypedCodeIsSaidAtOnce(t *testing.T) {
	s := newSite(t, code.ByCard)
	code := []byte(s.codes[form.Official][0].String())
	code[7] = map[bool]byte{true: '3', false: '2'}[code[7] == '2']
	status, page, _ := s.post(t, "en", url.Values{"code": {string(code)}})
	if status != http.StatusBadRequest || !strings.Contains(page, "mistyped") || !strings.Contains(page, string(code)) {
		t.Errorf("status %d, want 400 with the word and what was typed\n%s", status, page)
	}
}

// Used and unknown codes get the same pages and status to the last byte that
// does not change by chance.
func TestUsedAndUnknownCodesLookAlike(t *testing.T) {
	s := newSite(t, code.ByCard)
	used := s.codes[form.Official][0]
	if err := phone.New(s.Client(), s.URL).Answer(t.Context(), "en", s.round, "", used.String(), phone.First); err != nil {
		t.Fatal(err)
	}
	walk := func(code string) (pages []string) {
		values := url.Values{"code": {code}}
		for range 40 {
			status, page, _ := s.post(t, "en", values)
			masked := statePattern.ReplaceAllString(page, "STATE")
			pages = append(pages, http.StatusText(status)+masked)
			if status != http.StatusOK {
				return pages
			}
			values = url.Values{"STATE": {state(t, page)}, "NAV": {"next"}}
		}
		t.Fatalf("code %s was never refused", code)
		return nil
	}
	a, b := walk(used.String()), walk(unknownLike(t, used))
	if len(a) != len(b) {
		t.Fatalf("%d pages for a used code, %d for an unknown one", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("page %d differs:\n%s\n%s", i, a[i], b[i])
		}
	}
	if last := a[len(a)-1]; !strings.Contains(last, "may already have served") || !strings.Contains(last, "STATE") {
		t.Errorf("the last page does not say so, or has lost the answers:\n%s", last)
	}
}

// unknownLike is a well-formed code of the same stratum that was never made:
// exchanging secrets of codes would give one, so does searching.
func unknownLike(t *testing.T, like code.Code) string {
	t.Helper()
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	raw := []byte(like)
	for _, a := range alphabet {
		for _, b := range alphabet {
			raw[8], raw[15] = byte(a), byte(b)
			if parsed, err := code.Parse(string(raw)); err == nil && parsed != like {
				return string(raw)
			}
		}
	}
	t.Fatal("no other code found")
	return ""
}

func TestTamperedFormsAreRefused(t *testing.T) {
	s := newSite(t, code.ByLink)
	_, page, _ := s.post(t, "en", url.Values{"code": {s.codes[form.Official][0].String()}})
	_, page, _ = s.post(t, "en", url.Values{"STATE": {state(t, page)}, "NAV": {"next"}})
	good := state(t, page)
	item := radioPattern.FindStringSubmatch(page)[1]
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	for name, values := range map[string]url.Values{
		"altered state":      {"STATE": {string(flipped)}},
		"cut state":          {"STATE": {good[:20]}},
		"no base64":          {"STATE": {"%%%"}},
		"unknown item":       {"STATE": {good}, "salary": {"1"}},
		"out of scale":       {"STATE": {good}, item: {"6"}},
		"two values":         {"STATE": {good}, item: {"1", "2"}},
		"unknown step":       {"STATE": {good}, "NAV": {"submit"}},
		"item of other page": {"STATE": {good}, "open_change": {"x"}},
	} {
		status, page, _ := s.post(t, "en", values)
		if status != http.StatusBadRequest || statePattern.MatchString(page) || !strings.Contains(page, "<h1") {
			t.Errorf("%s: status %d, want 400 and a clear page", name, status)
		}
	}
}

// After sending, going back and sending an older page again leads to the
// thank-you page and shows no answer.
func TestOlderPagesShowNothingAfterSending(t *testing.T) {
	s := newSite(t, code.ByLink)
	_, page, _ := s.post(t, "en", url.Values{"code": {s.codes[form.Private][0].String()}})
	values := url.Values{"STATE": {state(t, page)}, "NAV": {"next"}}
	var older []url.Values
	for range 40 {
		older = append(older, values)
		_, page, _ = s.post(t, "en", values)
		if strings.Contains(page, "data-done") {
			break
		}
		values = url.Values{"STATE": {state(t, page)}, "NAV": {"next"}}
		if m := radioPattern.FindStringSubmatch(page); m != nil {
			values.Set(m[1], m[2])
		}
	}
	for i, values := range older {
		status, page, _ := s.post(t, "en", values)
		if status != http.StatusOK || !strings.Contains(page, "data-done") || strings.Contains(page, "checked") {
			t.Errorf("page %d sent again: status %d, want the thank-you page", i, status)
		}
	}
}

func TestOpenLinkNeedsNoCode(t *testing.T) {
	s := newSite(t, code.ByLink)
	if err := phone.New(s.Client(), s.URL).Answer(t.Context(), "fr", s.round, "private", "", phone.First); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := s.post(t, "en", url.Values{"OPEN": {"official"}}); status != http.StatusNotFound {
		t.Errorf("an open link that does not exist: status %d, want 404", status)
	}
}

func TestOutsideTheDaysThePageSaysSo(t *testing.T) {
	s := newSite(t, code.ByLink)
	if err := s.service.CloseRound(t.Context(), roundtest.Manager, s.round, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/privacy"} {
		res, err := http.Get(s.address("en") + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusGone {
			t.Errorf("%s of a closed round: status %d, want 410", path, res.StatusCode)
		}
	}
	if res, err := http.Get(s.URL + "/en/s/r_none"); err != nil || res.StatusCode != http.StatusNotFound {
		t.Errorf("no such round: %v, %v, want 404", res.StatusCode, err)
	}
}

func TestTemplatesFitTheirViews(t *testing.T) {
	for name, check := range respond.Checks(nil) {
		tmpl, view := check()
		if err := templatecheck.CheckHTMLStrict(tmpl, view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
