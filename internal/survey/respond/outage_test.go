package respond_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"adili/form"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/survey/respond"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// While the database is gone the questions can be answered. Sending says that
// it did not work and gives the form back, which works once the database is
// there again.
func TestDatabaseGoneDuringAnswering(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{})
	db, err := storage.Open(t.Context(), pgtest.Create(t, server.URL(), "outage", "", true))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := roundtest.Migrate(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s := newSiteOn(t, db, code.ByLink)
	if err := server.Stop(); err != nil {
		t.Fatal(err)
	}
	values := url.Values{"code": {s.codes[form.Official][0].String()}}
	var last string
	for range 40 {
		status, page, header := s.post(t, "fr", values)
		last = page
		if status == http.StatusServiceUnavailable {
			if header.Get("Retry-After") == "" || !strings.Contains(page, "Vos réponses sont toujours dans ce formulaire") {
				t.Fatalf("%v\n%s", header, page)
			}
			break
		}
		if status != http.StatusOK {
			t.Fatalf("status %d without a database\n%s", status, page)
		}
		values = url.Values{"STATE": {state(t, page)}, "NAV": {"next"}}
	}
	again := url.Values{"STATE": {state(t, last)}, "NAV": {"back"}}
	if status, _, _ := s.post(t, "fr", again); status != http.StatusOK {
		t.Errorf("going back from there: status %d", status)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	again.Set("NAV", "next")
	if status, page, _ := s.post(t, "fr", again); status != http.StatusOK || !strings.Contains(page, "data-done") {
		t.Fatalf("with the database back: status %d\n%s", status, page)
	}
	if err := s.service.CloseRound(t.Context(), roundtest.Manager, s.round, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	closed, err := s.service.Closed(t.Context(), roundtest.Manager, s.round)
	if err != nil || len(closed.Groups[0].Responses) != 1 {
		t.Errorf("%v, %v; want one answer", closed.Groups, err)
	}
}

// Every page of a trial says that it is one, in every language, and no page of
// a survey does.
func TestPilotIsMarkedOnEveryPage(t *testing.T) {
	s := newSiteOn(t, dbtest.SQLite(t, roundtest.Migrate), code.ByLink)
	draft, err := s.service.CreateRound(t.Context(), roundtest.Manager, roundtest.Basics())
	if err != nil {
		t.Fatal(err)
	}
	pilot, err := s.service.StartPilot(t.Context(), roundtest.Manager, draft.ID, roundtest.Passphrase)
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := i18n.Load(respond.Messages(), survey.Messages())
	if err != nil {
		t.Fatal(err)
	}
	real := s.round
	for _, lang := range i18n.Languages {
		mark := catalogue.Printer(lang).T("respond.pilot")
		s.round = pilot.ID
		for _, page := range []string{"", "/privacy"} {
			if body := get(t, s.address(lang)+page); !strings.Contains(body, mark) {
				t.Errorf("%s%s does not say that it is a trial", s.address(lang), page)
			}
		}
		values := url.Values{"OPEN": {string(form.Official)}}
		done := false
		for range 40 {
			_, body, _ := s.post(t, lang, values)
			if !strings.Contains(body, mark) {
				t.Fatalf("%s: a page does not say that it is a trial:\n%s", lang, body)
			}
			if done = strings.Contains(body, "data-done"); done {
				break
			}
			values = url.Values{"STATE": {state(t, body)}, "NAV": {"next"}}
		}
		if !done {
			t.Errorf("%s: never thanked", lang)
		}
		s.round = real
		if body := get(t, s.address(lang)); strings.Contains(body, mark) {
			t.Errorf("%s: a survey says that it is a trial", lang)
		}
	}
}

func get(t *testing.T, address string) string {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
