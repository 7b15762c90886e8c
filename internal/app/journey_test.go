package app

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/web"
	"adili/internal/testkit/browsertest"
)

// journey is one administration's first round, done in the browser by the
// people who would do it.
type journey struct {
	t    *testing.T
	app  *App
	base string
	lang string
}

const (
	journeyPassword   = "a password of some length"
	journeyPassphrase = "a passphrase of some length"
)

var printedCode = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{4}(?: [0-9A-HJKMNP-TV-Z]{4}){3}\b`)

// The whole path in the browser: the operator's first start, a manager's round
// from plan to cards, an official's answers, closing, and the report, in
// English on a desk and in Arabic on a phone.
func TestFirstRoundInTheBrowser(t *testing.T) {
	for lang, o := range map[string]browsertest.Options{"en": {Width: 1200, Height: 900}, "ar": {Width: 360, Height: 740, Mobile: true}} {
		t.Run(lang, func(t *testing.T) {
			a, err := Open(t.Context(), Config{Data: t.TempDir(), Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			base, stop, err := a.answer()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { stop() })
			j := &journey{t, a, base, lang}
			link := j.operator(browsertest.New(t, o))
			manager := browsertest.New(t, o)
			j.arrive(manager, link)
			round := j.plan(manager)
			official, private := j.invite(manager, round, "official"), j.invite(manager, round, "private")
			j.open(manager, round)
			j.answer(browsertest.New(t, browsertest.Options{Width: 320, Height: 640, Mobile: true}), round, official[0])
			for _, code := range append(official[1:30], private[:30]...) {
				if err := phone.New(phone.NewClient(1), base).Answer(t.Context(), lang, round, "", code, phone.First); err != nil {
					t.Fatal(err)
				}
			}
			j.close(manager, round)
		})
	}
}

func (j *journey) goTo(tab *browsertest.Tab, path string) { tab.Go(j.base + path + "?lang=" + j.lang) }

// operator makes the first account and one for the manager, and returns the
// manager's one-time link.
func (j *journey) operator(tab *browsertest.Tab) string {
	j.t.Helper()
	token, needed, err := j.app.People.SetupLink(j.t.Context())
	if err != nil || !needed {
		j.t.Fatalf("no set-up link at the first start: %v", err)
	}
	j.goTo(tab, "/staff/setup/"+token)
	tab.Fill("#name", "Operator")
	tab.Fill("#email", "operator@customs.example")
	tab.Fill("#password", journeyPassword)
	tab.Fill("#again", journeyPassword)
	tab.Submit("main form button")
	j.goTo(tab, "/staff/people")
	tab.Fill("#name", "Manager")
	tab.Fill("#email", "manager@customs.example")
	tab.Set("input[name=role][value=manager]", "on")
	tab.Submit("form:has([name=role]) button")
	link := regexp.MustCompile(`/staff/password/\w+`).FindString(browsertest.Eval[string](tab, "document.documentElement.outerHTML"))
	if link == "" {
		j.t.Fatalf("no link for the manager:\n%s", tab.Text())
	}
	return link
}

// arrive follows the link, chooses a password and signs in.
func (j *journey) arrive(tab *browsertest.Tab, link string) {
	j.t.Helper()
	j.goTo(tab, link)
	tab.Fill("#password", journeyPassword)
	tab.Fill("#again", journeyPassword)
	tab.Submit("main form button")
	j.goTo(tab, web.SignInPath)
	if tab.Has("#email") { // not signed in by the link
		tab.Fill("#email", "manager@customs.example")
		tab.Fill("#password", journeyPassword)
		tab.Submit("main form button")
	}
}

// plan makes a round and types its frames.
func (j *journey) plan(tab *browsertest.Tab) (round string) {
	j.t.Helper()
	j.goTo(tab, "/staff/rounds/new")
	today := time.Now().UTC()
	for selector, value := range map[string]string{
		"[name=name]": "First round", "[name=iteration]": "1", "[name=zone]": "UTC",
		"[name=opens]": today.AddDate(0, 0, -1).Format(time.DateOnly), "[name=closes]": today.AddDate(0, 0, 9).Format(time.DateOnly),
		"[name=controller]": "Customs of Kavira", "[name=legal_basis]": "Customs Act", "[name=retention]": "Five years",
		"[name=channel_name_1]": "Ombudsman", "[name=channel_where_1]": "0800 000",
		"[name=population][value=official]": "on", "[name=population][value=private]": "on",
		"[name=language][value=en]": "on", "[name=language][value=ar]": "on",
	} {
		tab.Set(selector, value)
	}
	tab.Submit("form:has([name=controller]) .actions button")
	round = regexp.MustCompile(`r_[a-z0-9]{26}`).FindString(tab.Location())
	if round == "" {
		j.t.Fatalf("no round was made:\n%s", tab.Text())
	}
	for _, kind := range []string{"official", "private"} {
		j.goTo(tab, "/staff/rounds/"+round+"/"+kind+"/frame")
		tab.Set("[name=c0_1]", "Region")
		tab.Set("[name=c1_1]", "North")
		tab.Set("[name=c1_5]", "70")
		tab.Set("[name=c2_1]", "South")
		tab.Set("[name=c2_5]", "60")
		tab.Submit("form:has([name=c0_1]) .actions button")
		j.goTo(tab, "/staff/rounds/"+round+"/"+kind+"/plan")
		if !strings.Contains(tab.Text(), "North") || !strings.Contains(tab.Text(), "130") {
			j.t.Fatalf("the planner does not show the frame:\n%s", tab.Text())
		}
		tab.Submit("form:has([name=selection]) .actions button")
	}
	return round
}

// invite makes the cards and reads the codes off the printed sheet.
func (j *journey) invite(tab *browsertest.Tab, round, kind string) []string {
	j.t.Helper()
	j.goTo(tab, "/staff/rounds/"+round+"/"+kind+"/invitations")
	tab.Submit("form:has([name=made_before]) .actions button")
	codes := printedCode.FindAllString(tab.Text(), -1)
	if len(codes) != 130 {
		j.t.Fatalf("%d codes on the sheet, want 130", len(codes))
	}
	return codes
}

func (j *journey) open(tab *browsertest.Tab, round string) {
	j.t.Helper()
	j.goTo(tab, "/staff/rounds/"+round+"/open")
	tab.Fill("[name=passphrase]", journeyPassphrase)
	tab.Fill("[name=again]", journeyPassphrase)
	tab.Set("[name=confirm]", "on")
	tab.Submit("form:has([name=passphrase]) .actions button")
	j.goTo(tab, "/staff/rounds/"+round+"/fieldwork")
	if !strings.Contains(tab.Text(), "/"+j.lang+"/s/"+round) {
		j.t.Fatalf("no address of the survey:\n%s", tab.Text())
	}
}

// answer is one official with a card and an old phone.
func (j *journey) answer(tab *browsertest.Tab, round, code string) {
	j.t.Helper()
	tab.Go(j.base + "/" + j.lang + "/s/" + round)
	tab.Fill("#code", code)
	tab.Submit("main form button")
	if text := tab.Text(); !strings.Contains(text, "North") && !strings.Contains(text, "South") {
		j.t.Errorf("the first screen does not say the stratum:\n%s", text)
	}
	for range 40 {
		tab.Submit("#answers button.button[value=next]")
		if tab.Has("[data-done]") {
			return
		}
		if tab.Has("input[type=radio]") {
			tab.Click("input[type=radio]")
		}
	}
	j.t.Fatal("no thank-you page after 40 pages")
}

// close closes the round and reads the report.
func (j *journey) close(tab *browsertest.Tab, round string) {
	j.t.Helper()
	j.goTo(tab, "/staff/rounds/"+round+"/close")
	tab.Fill("[name=passphrase]", journeyPassphrase)
	if tab.Has("[name=confirm]") {
		tab.Set("[name=confirm]", "on")
	}
	tab.Submit("form:has([name=passphrase]) .actions button")
	j.goTo(tab, "/staff/rounds/"+round+"/report")
	if n := browsertest.Eval[int](tab, "document.querySelectorAll('svg[role=img]').length"); n < 10 {
		j.t.Errorf("%d charts in the report", n)
	}
	for _, fault := range tab.Axe() {
		j.t.Errorf("report: %s", fault)
	}
	tab.Picture(fmt.Sprintf("journey-%s-report", j.lang))
}
