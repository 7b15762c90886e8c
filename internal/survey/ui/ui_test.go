package ui

import (
	"bytes"
	"context"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/sheet"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

// sessions knows a person for each role by the token "role language".
type sessions struct{}

func (sessions) Session(_ context.Context, token string) (people.Person, error) {
	role, lang, ok := strings.Cut(token, ".")
	if !ok {
		return people.Person{}, errs.New(errs.SignInNeeded, errs.SignInNeeded.Key())
	}
	return people.Person{ID: "p_" + role, Name: "Ada", Email: role + "@example.org", Role: people.Role(role), Lang: lang}, nil
}

type fixture struct {
	t       *testing.T
	service *survey.Service
	clock   *clock.Manual
	room    *Room
	handler http.Handler
	token   string
}

func newFixture(t *testing.T, db *storage.DB) *fixture {
	t.Helper()
	return newFixtureWith(t, db, func(*survey.Service) error { return nil })
}

func newFixtureWith(t *testing.T, db *storage.DB, prepare func(*survey.Service) error) *fixture {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), Messages(), survey.Messages(), sheet.Messages())
	if err != nil {
		t.Fatal(err)
	}
	clk := clock.Fixed(time.Date(2027, 3, 10, 12, 0, 0, 0, time.UTC))
	service := survey.New(db, clk, t.TempDir(), slog.New(slog.DiscardHandler))
	if err := prepare(service); err != nil {
		t.Fatal(err)
	}
	if err := service.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	room := New(service, clk)
	server := web.New(web.Options{Catalogue: catalogue, People: sessions{}, Clock: clk})
	server.Mount(room.Routes()...)
	server.AddNav(room.NavItems()...)
	return &fixture{t: t, service: service, clock: clk, room: room, handler: server.Handler(), token: "manager.en"}
}

func (f *fixture) send(r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Cookie", "__Host-adili="+f.token)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Host = "customs.example"
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	if found := regexp.MustCompile(`«(rounds|survey|web|form|sheet|error)\.[a-z_0-9.]*»`).FindString(w.Body.String()); found != "" {
		f.t.Errorf("%s %s: no text for %s", r.Method, r.URL, found)
	}
	return w
}

func (f *fixture) get(address string) *httptest.ResponseRecorder {
	return f.send(httptest.NewRequest("GET", address, nil))
}

func (f *fixture) post(address string, values url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", address, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return f.send(r)
}

func (f *fixture) upload(address, name string, data []byte) *httptest.ResponseRecorder {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		f.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		f.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", address, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return f.send(r)
}

func (f *fixture) want(w *httptest.ResponseRecorder, code int, texts ...string) {
	f.t.Helper()
	if w.Code != code {
		f.t.Fatalf("status %d, want %d: %s", w.Code, code, w.Body)
	}
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			f.t.Errorf("the page lacks %q:\n%s", text, w.Body)
		}
	}
}

func basicsForm() url.Values {
	return url.Values{
		"name": {"Integrity survey 2027"}, "iteration": {"١"}, "population": {"official", "private"}, "language": {"en", "ar"},
		"zone": {"Africa/Nairobi"}, "opens": {"2027-03-10"}, "closes": {"2027-03-31"}, "controller": {"Customs of Somewhere"}, "legal_basis": {"Customs Act"}, "retention": {"Five years"},
		"channel_name_1": {"Ombudsman"}, "channel_where_1": {"0800 100 200"},
	}
}

// made creates a round through the form and gives its address.
func (f *fixture) made() string {
	f.t.Helper()
	w := f.post("/staff/rounds/new", basicsForm())
	f.want(w, http.StatusSeeOther)
	return w.Header().Get("Location")
}

// planned has frames and codes for both populations.
func (f *fixture) planned() string {
	f.t.Helper()
	round := f.made()
	frame := "Region,Rank,People\nNorth,senior,40\nNorth,staff,260\nSouth,senior,6\nSouth,staff,150\nIslands,staff,30\n"
	for _, kind := range kinds {
		base := round + "/" + string(kind)
		f.want(f.upload(base+"/frame/upload", "frame.csv", []byte(frame)), http.StatusSeeOther)
		f.want(f.post(base+"/plan", url.Values{"selection": {"listed"}, "stratify": {"Region"}, "merge_2": {"South"}, "margin": {"5"}, "response": {"60"}, "design_effect": {"2"}, "breakdown": {"stratum"}, "open_link": {"yes"}}), http.StatusSeeOther)
		first, second := "1", "2"
		if kind == form.Private {
			first, second = "101", "102"
		}
		f.want(f.post(base+"/invitations", url.Values{"output": {"cards"}, "count_" + first: {"12"}, "count_" + second: {"40"}}), http.StatusOK, "<svg", "World Customs Organization", "This card is one of 12 for: North")
	}
	return round
}

var passphrase = "correct horse battery staple"

func TestWholeRound(t *testing.T) {
	dbtest.Each(t, roundtest.Migrate, func(t *testing.T, db *storage.DB) {
		f := newFixture(t, db)
		round := f.planned()
		f.want(f.get(round), http.StatusOK, "Everything needed is there", "Codes made: 52")
		f.want(f.get(round+"/open"), http.StatusOK, "draft, not yet reviewed by a native speaker", "South", "autocomplete=\"new-password\"")
		w := f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {"something else entirely"}})
		f.want(w, http.StatusBadRequest, "The two passphrases differ", "Tick the box")
		if strings.Contains(w.Body.String(), passphrase) {
			t.Error("the passphrase is sent back")
		}
		f.want(f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
		f.want(f.get(round+"/fieldwork"), http.StatusOK, "Not counted yet", "https://customs.example/ar/s/")
		f.want(f.get(round+"/official/frame"), http.StatusOK, "no longer being planned")
		f.clock.Advance(24 * time.Hour)
		if err := f.service.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.want(f.get(round+"/fieldwork"), http.StatusOK, "fewer than 30", "As of the end of 10 March 2027")
		f.want(f.get(round+"/close"), http.StatusOK, "is not over")
		f.want(f.post(round+"/close", url.Values{"passphrase": {"wrong horse battery staple"}, "confirm": {"yes"}}), http.StatusBadRequest, "This is not the passphrase")
		f.want(f.post(round+"/close", url.Values{"passphrase": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
		f.want(f.get(round), http.StatusOK, round+"/report")
		f.want(f.get("/staff/rounds"), http.StatusOK, round+"/report", "Closed")
	})
}

// TestPages shows every page in every language; send finds texts that are missing.
func TestPages(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	pages := []string{"/staff/rounds", "/staff/rounds/new", round, round + "/basics", round + "/open"}
	for _, kind := range kinds {
		for _, page := range []string{"frame", "plan", "offices", "questionnaire", "invitations"} {
			pages = append(pages, round+"/"+string(kind)+"/"+page)
		}
	}
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		for _, page := range pages {
			f.want(f.get(page), http.StatusOK, `lang="`+lang+`"`)
		}
		f.want(f.post(round+"/open", url.Values{}), http.StatusBadRequest)
		f.want(f.post("/staff/rounds/new", url.Values{"zone": {"Mars/Olympus"}, "name": {"kept <b>"}}), http.StatusBadRequest, "Mars/Olympus", "kept &lt;b&gt;", `aria-invalid="true"`)
		f.want(f.post(round+"/private/plan", url.Values{"margin": {"zero"}}), http.StatusBadRequest, `value="zero"`)
	}
}

func TestPermissions(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	for _, c := range []struct {
		role, method, page string
		code               int
	}{
		{"analyst", "GET", "", 200}, {"analyst", "GET", "/official/frame", 200}, {"analyst", "GET", "/open", 403}, {"analyst", "GET", "/close", 403},
		{"analyst", "GET", "/official/invitations", 403}, {"analyst", "POST", "/official/frame", 403}, {"analyst", "POST", "/delete", 403},
		{"operator", "GET", "", 200}, {"operator", "GET", "/fieldwork", 403}, {"operator", "POST", "/basics", 403}, {"operator", "POST", "/open", 403},
		{"operator", "POST", "/private/invitations/void", 403}, {"manager", "GET", "/fieldwork", 409}, {"manager", "GET", "/close", 409},
	} {
		f.token = c.role + ".en"
		var w *httptest.ResponseRecorder
		if c.method == "GET" {
			w = f.get(round + c.page)
		} else {
			w = f.post(round+c.page, url.Values{"confirm": {"yes"}})
		}
		if w.Code != c.code {
			t.Errorf("%s: %s %s: status %d, want %d", c.role, c.method, c.page, w.Code, c.code)
		}
		if c.role != "manager" && c.method == "GET" && w.Code == 200 && strings.Contains(w.Body.String(), `>Save</button>`) {
			t.Errorf("%s may save %s", c.role, c.page)
		}
	}
	f.token = "nobody"
	f.want(f.get(round), http.StatusSeeOther)
	f.token = "manager.en"
	f.want(f.get("/staff/rounds/r_nothere"), http.StatusNotFound)
}

func TestCatalogue(t *testing.T) {
	for name, files := range map[string]error{"ui": i18n.Check(Messages()), "survey": i18n.Check(survey.Messages())} {
		if files != nil {
			t.Errorf("%s: %v", name, files)
		}
	}
}

func TestTemplates(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	check := func(name string, err error) {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := f.room.page
	check("list", templatecheck.CheckHTMLStrict(p.list.Parts()))
	check("basics", templatecheck.CheckHTMLStrict(p.basics.Parts()))
	check("overview", templatecheck.CheckHTMLStrict(p.overview.Parts()))
	check("frame", templatecheck.CheckHTMLStrict(p.frame.Parts()))
	check("plan", templatecheck.CheckHTMLStrict(p.plan.Parts()))
	check("offices", templatecheck.CheckHTMLStrict(p.offices.Parts()))
	check("questionnaire", templatecheck.CheckHTMLStrict(p.questionnaire.Parts()))
	check("invitations", templatecheck.CheckHTMLStrict(p.invitations.Parts()))
	check("cards", templatecheck.CheckHTMLStrict(p.cards.Parts()))
	check("open", templatecheck.CheckHTMLStrict(p.open.Parts()))
	check("fieldwork", templatecheck.CheckHTMLStrict(p.fieldwork.Parts()))
	check("closing", templatecheck.CheckHTMLStrict(p.closing.Parts()))
	check("pilot", templatecheck.CheckHTMLStrict(p.pilot.Parts()))
}

// TestKeys finds every message key written in Go and in pages, and the faults
// of questionnaire files, in the catalogues.
func TestKeys(t *testing.T) {
	catalogue, err := i18n.Load(web.Messages(), Messages(), survey.Messages())
	if err != nil {
		t.Fatal(err)
	}
	p := catalogue.Printer("en")
	key := regexp.MustCompile(`"((?:rounds|survey)\.[a-z0-9_.]+[a-z0-9])"`)
	for _, pattern := range []string{"*.go", "fields/*.go", "page/*.html", "../*.go", "../plan/*.go", "../intake/*.go", "../vault/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range key.FindAllSubmatch(text, -1) {
				if k := string(found[1]); !p.Has(k) {
					t.Errorf("%s: no text for %s", name, k)
				}
			}
		}
	}
	for k := range form.FaultKeys() {
		if !p.Has(k) {
			t.Errorf("no text for %s", k)
		}
	}
}

func TestZones(t *testing.T) {
	for _, zone := range strings.Fields(zones) {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", zone, err)
		}
	}
}
