package app

import (
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/demo"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/testkit/browsertest"
	"adili/internal/testkit/roundtest"
)

// staged is the demonstration served to a test.
type staged struct {
	*App
	file *demo.File
	base string
}

// stageDemo makes the demonstration: small for most tests, full for pictures.
func stageDemo(t *testing.T, size demo.Size) *staged {
	t.Helper()
	now := clock.System().Now()
	clk := clock.Fixed(now)
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Clock: clk, Log: slog.New(slog.DiscardHandler), Invented: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	base, stop, err := a.answer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
	f, err := demo.Stage{
		People: a.People, Survey: a.Survey, Clock: clk, Base: base, Now: now, Seed: demo.Seed, Size: size,
		Report: func(round string) string { return "/staff/rounds/" + round + "/report" },
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.At(base)
	return &staged{a, f, base}
}

// small is large enough for every part of a report to be shown.
var small = demo.Size{Officials: 120, Firms: 40, OpenOfficials: 40, OpenFirms: 10, Followers: 2, Cards: 3, Links: 3}

func (s *staged) signIn(tab *browsertest.Tab, who demo.Account) {
	tab.Go(s.base + web.SignInPath)
	tab.Fill("input[name=email]", who.Email)
	tab.Fill("input[name=password]", who.Password)
	tab.Submit("main form button")
}

// pages follows the links of the staff pages from the start, inside the site,
// and names each kind of page once.
func (s *staged) pages(tab *browsertest.Tab) []string {
	kind := func(path string) string {
		parts := strings.Split(path, "/")
		for i, p := range parts {
			if strings.HasPrefix(p, "r_") {
				parts[i] = "R"
			}
			if p == "private" { // the same pages as for officials
				parts[i] = "official"
			}
		}
		return strings.Join(parts, "/")
	}
	var order []string
	seen, queue := map[string]bool{}, []string{"/staff/", "/staff/rounds/" + s.file.OpenRound.ID}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[kind(path)] {
			continue
		}
		seen[kind(path)] = true
		order = append(order, path)
		tab.Go(s.base + path)
		for _, link := range browsertest.Eval[[]string](tab, "[...document.querySelectorAll('main a[href], nav a[href]')].filter(a => !a.hreflang && !a.hasAttribute('download')).map(a => a.href)") {
			u, err := url.Parse(link)
			if err == nil && u.Scheme+"://"+u.Host == s.base && strings.HasPrefix(u.Path, "/staff/") && u.RawQuery == "" && !download(u.Path) {
				queue = append(queue, u.Path)
			}
		}
	}
	return order
}

// Every staff page, found by following links: no fault by axe, no sideways
// scrolling, nothing untranslated, nothing loaded from elsewhere, and the
// words that must be on every page.
func TestEveryStaffPage(t *testing.T) {
	s := stageDemo(t, small)
	for _, who := range []struct {
		role    string
		account demo.Account
	}{{"manager", s.file.Staff}, {"operator", s.file.Operator}} {
		tab := browsertest.New(t, browsertest.Options{Width: 1200, Height: 900})
		s.signIn(tab, who.account)
		pages := s.pages(tab)
		if want := map[string]int{"manager": 14, "operator": 4}[who.role]; len(pages) < want {
			t.Errorf("%s: only %d pages found: %v", who.role, len(pages), pages)
		}
		for _, view := range []struct {
			lang string
			o    browsertest.Options
		}{{"en", browsertest.Options{Width: 1200, Height: 900}}, {"ar", browsertest.Options{Width: 360, Height: 740, Mobile: true, Dark: true}}} {
			tab := browsertest.New(t, view.o)
			s.signIn(tab, who.account)
			for _, path := range pages {
				s.look(t, tab, who.role, view.lang, path)
			}
		}
	}
}

func (s *staged) look(t *testing.T, tab *browsertest.Tab, role, lang, path string) {
	t.Helper()
	tab.Go(s.base + path + "?lang=" + lang)
	name := role + " " + lang + " " + strings.ReplaceAll(path, s.file.OpenRound.ID, "R")
	for _, fault := range tab.Axe() {
		t.Errorf("%s: %s", name, fault)
	}
	if tab.Sideways() {
		t.Errorf("%s scrolls sideways", name)
	}
	text := tab.Text()
	if strings.Contains(text, "«") && lang == "en" {
		t.Errorf("%s shows a message key", name)
	}
	for lang, words := range map[string][]string{"en": {"Invented data", "not affiliated with or endorsed by the World Customs Organization"}, "ar": {"منظمة الجمارك العالمية"}} {
		for _, w := range words {
			if lang == browsertest.Eval[string](tab, "document.documentElement.lang") && !strings.Contains(text, w) {
				t.Errorf("%s lacks %q", name, w)
			}
		}
	}
	for _, address := range browsertest.Eval[[]string](tab, "performance.getEntriesByType('resource').map(e => e.name)") {
		if !strings.HasPrefix(address, s.base+"/") && !strings.HasPrefix(address, "data:") {
			t.Errorf("%s loads %s", name, address)
		}
	}
	tab.Picture(strings.Trim(strings.NewReplacer("/", "-", s.file.OpenRound.ID, "R", " ", "-").Replace(role+"-"+lang+path), "-"))
}

// The planning pages while there is something to plan: an empty round, and one
// whose strata are too small.
func TestPagesOfADraft(t *testing.T) {
	s := stageDemo(t, demo.Size{Officials: 10, Firms: 10, OpenOfficials: 2, OpenFirms: 2, Cards: 1, Links: 1})
	r, err := s.Survey.CreateRound(t.Context(), roundtest.Manager, roundtest.Basics())
	if err != nil {
		t.Fatal(err)
	}
	frame := survey.Frame{Dimensions: []string{"Region", "Rank"}, Cells: []survey.Cell{
		{Values: []string{"North", "Senior"}, People: 4}, {Values: []string{"North", "Junior"}, People: 300}, {Values: []string{"Islands", "Junior"}, People: 20},
	}}
	if err := s.Survey.SaveFrame(t.Context(), roundtest.Manager, r.ID, form.Private, frame); err != nil {
		t.Fatal(err)
	}
	for _, view := range []struct {
		lang string
		o    browsertest.Options
	}{{"en", browsertest.Options{Width: 360, Height: 740, Mobile: true}}, {"ar", browsertest.Options{Width: 1200, Height: 900}}} {
		tab := browsertest.New(t, view.o)
		s.signIn(tab, s.file.Staff)
		for _, path := range []string{"", "/basics", "/official/frame", "/official/plan", "/official/offices", "/official/invitations",
			"/private/frame", "/private/plan", "/private/offices", "/private/questionnaire", "/private/invitations", "/open"} {
			s.look(t, tab, "draft", view.lang, "/staff/rounds/"+r.ID+path)
		}
	}
}

// The pages for anybody, and the pages about what went wrong.
func TestPublicPages(t *testing.T) {
	s := stageDemo(t, demo.Size{Officials: 10, Firms: 10, OpenOfficials: 2, OpenFirms: 2, Cards: 1, Links: 1})
	closed := strings.Split(s.file.Reports["1"], "/")[5]
	for _, view := range []struct {
		lang string
		o    browsertest.Options
	}{{"en", browsertest.Options{Width: 320, Height: 640, Mobile: true}}, {"ar", browsertest.Options{Width: 1200, Height: 900, Dark: true}}} {
		tab := browsertest.New(t, view.o)
		for name, path := range map[string]string{
			"home": "/" + view.lang + "/", "sign-in": web.SignInPath + "?lang=" + view.lang, "missing": "/" + view.lang + "/nothing",
			"over": "/" + view.lang + "/s/" + closed, "set-up": "/staff/setup/none?lang=" + view.lang, "staff": "/staff/rounds?lang=" + view.lang,
		} {
			s.look(t, tab, "anybody "+name, view.lang, strings.TrimSuffix(path, "?lang="+view.lang))
		}
	}
}

// TestScreenshots makes the picture of the README and one of every page, for
// make screenshots.
func TestScreenshots(t *testing.T) {
	if os.Getenv("ADILI_SCREENSHOTS") == "" {
		return // asked for by make screenshots only
	}
	s := stageDemo(t, demo.Full())
	for _, view := range []struct {
		lang string
		o    browsertest.Options
	}{{"en", browsertest.Options{Width: 1100, Height: 1250}}, {"ar", browsertest.Options{Width: 360, Height: 1000, Mobile: true}}} {
		tab := browsertest.New(t, view.o)
		s.signIn(tab, s.file.Analyst)
		tab.Go(s.file.Reports["2"] + "?lang=" + view.lang)
		for i := range browsertest.Eval[int](tab, "document.querySelectorAll('main h2').length") {
			browsertest.Eval[bool](tab, fmt.Sprintf("document.querySelectorAll('main h2')[%d].scrollIntoView() === undefined", i))
			tab.View(fmt.Sprintf("report-%s-%02d", view.lang, i))
		}
	}
}

// download reports whether the path is a file and no page.
func download(path string) bool {
	return strings.HasSuffix(path, ".csv") || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".jsonl") || strings.HasSuffix(path, "/file")
}
