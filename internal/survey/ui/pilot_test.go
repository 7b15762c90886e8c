package ui

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/survey"
	"adili/internal/testkit/dbtest"
	"adili/internal/testkit/roundtest"
)

// TestPilot tries a round out: its pages say so in every language, the list
// does not show it, and it is gone when the round is opened.
func TestPilot(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	f.want(f.get(round), http.StatusOK, "Try the survey out", round+"/pilot")
	f.want(f.get(round+"/pilot"), http.StatusOK, "Start the pilot", `autocomplete="new-password"`)
	f.want(f.post(round+"/pilot", url.Values{"passphrase": {passphrase}, "again": {"other"}}), http.StatusBadRequest, "The two passphrases differ")
	f.want(f.post(round+"/pilot", url.Values{"passphrase": {"short"}, "again": {"short"}}), http.StatusBadRequest, "at least 15 characters")
	w := f.post(round+"/pilot", url.Values{"passphrase": {passphrase}, "again": {passphrase}})
	f.want(w, http.StatusSeeOther)
	pilot := strings.TrimSuffix(w.Header().Get("Location"), "/fieldwork")
	if pilot == round || !strings.HasPrefix(pilot, "/staff/rounds/r_") {
		t.Fatalf("the pilot is at %s", pilot)
	}
	f.want(f.get(round), http.StatusOK, pilot, "Taking answers", "Delete the pilot")
	f.lacks("/staff/rounds", pilot)
	catalogue, err := i18n.Load(Messages())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		mark := catalogue.Printer(lang).T("rounds.pilot_mark")
		for _, page := range []string{"", "/fieldwork", "/close"} {
			f.want(f.get(pilot+page), http.StatusOK, mark)
		}
		f.lacks(round, mark)
		f.want(f.get(round+"/pilot"), http.StatusOK)
		f.want(f.get(round), http.StatusOK, pilot)
	}
	f.token = "manager.en"
	f.want(f.get(pilot), http.StatusOK, "Back to the round", "<a href=\""+round+"\">")
	f.lacks(pilot, pilot+"/official/frame")
	f.want(f.post(pilot+"/close", url.Values{"passphrase": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(pilot), http.StatusOK, pilot+"/report")
	f.token = "analyst.en"
	f.want(f.post(round+"/pilot", url.Values{}), http.StatusForbidden)
	f.want(f.post(round+"/pilot/end", url.Values{"confirm": {"yes"}}), http.StatusForbidden)
	f.token = "manager.en"
	f.want(f.get(round+"/open"), http.StatusOK, "Opening deletes the pilot")
	f.want(f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(pilot), http.StatusNotFound)
	f.lacks(round, "pilot")
	f.want(f.get(round+"/pilot"), http.StatusConflict)
}

func TestPilotEnds(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	w := f.post(round+"/pilot", url.Values{"passphrase": {passphrase}, "again": {passphrase}})
	pilot := strings.TrimSuffix(w.Header().Get("Location"), "/fieldwork")
	f.want(f.post(round+"/pilot/end", url.Values{}), http.StatusSeeOther)
	f.want(f.get(pilot), http.StatusOK)
	f.want(f.post(round+"/pilot/end", url.Values{"confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(pilot), http.StatusNotFound)
	f.want(f.get(round), http.StatusOK, "Start the pilot")
	f.lacks(round+"/open", "Opening deletes")
}

// TestKeep states until when results are kept, warns before, and says when they
// are gone.
func TestKeep(t *testing.T) {
	f := newFixture(t, dbtest.SQLite(t, roundtest.Migrate))
	round := f.planned()
	f.want(f.get(round), http.StatusOK, "Results are kept until", "31 March 2030")
	values := basicsForm()
	values.Set("keep", "2027-03-31")
	f.want(f.post(round+"/basics", values), http.StatusBadRequest, "A day after the last day", `value="2027-03-31"`)
	values.Set("keep", "2028-06-30")
	f.want(f.post(round+"/basics", values), http.StatusSeeOther)
	f.want(f.get(round+"/basics"), http.StatusOK, `value="2028-06-30"`)
	f.want(f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.post(round+"/close", url.Values{"passphrase": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.lacks(round, "will be deleted after")
	f.clock.Set(time.Date(2028, 6, 5, 12, 0, 0, 0, time.UTC))
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		f.want(f.get(round), http.StatusOK, "2028")
	}
	f.token = "manager.en"
	f.want(f.get(round), http.StatusOK, "will be deleted after 30 June 2028")
	f.clock.Set(time.Date(2028, 7, 1, 12, 0, 0, 0, time.UTC))
	for day := range 3 {
		if err := f.service.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if day == 0 {
			f.want(f.get(round), http.StatusOK, "Today is 1 July 2028", "will be deleted on 3 July 2028")
			for _, lang := range i18n.Languages {
				f.token = "manager." + lang
				f.lacks(round, "keep_due")
			}
			f.token = "manager.en"
		}
		f.clock.Advance(24 * time.Hour)
	}
	f.want(f.get(round), http.StatusOK, "were deleted on 3 July 2028, as promised")
	f.lacks(round, round+"/report")
	f.want(f.get("/staff/rounds"), http.StatusOK, "Deleted on 3 July 2028, as promised")
	f.lacks("/staff/rounds", round+"/report")
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		f.want(f.get(round), http.StatusOK)
		f.want(f.get("/staff/rounds"), http.StatusOK)
	}
}

// interrupt begins to close a round and stops once this node has delivered.
func (f *fixture) interrupt(round, node string) {
	f.t.Helper()
	manager := people.Person{ID: "p_manager", Name: "Ada", Role: people.Manager}
	ctx, cancel := context.WithCancel(f.t.Context())
	defer cancel()
	closed := make(chan error, 1)
	go func() { closed <- f.service.CloseRound(ctx, manager, round, passphrase) }()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		nodes, err := f.service.Nodes(ctx, manager, round)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, n := range nodes {
			if n.Name == node && n.Delivered() {
				cancel()
				if err := <-closed; err == nil {
					f.t.Fatal("closed without the other machine")
				}
				return
			}
		}
	}
	f.t.Fatal("never delivered")
}

// TestForgetNode shows the machines a closing waits for, and gives one up.
func TestForgetNode(t *testing.T) {
	db := dbtest.SQLite(t, roundtest.Migrate)
	store, err := blob.Open(t.TempDir(), blob.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	f := newFixtureWith(t, db, func(s *survey.Service) error { return s.Join("north", store) })
	round := f.planned()
	f.want(f.post(round+"/open", url.Values{"passphrase": {passphrase}, "again": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	other := survey.New(db, f.clock, t.TempDir(), slog.New(slog.DiscardHandler))
	if err := other.Join("south", store); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	f.interrupt(strings.TrimPrefix(round, "/staff/rounds/"), "north")
	for _, lang := range i18n.Languages {
		f.token = "manager." + lang
		f.want(f.get(round), http.StatusOK, "north", "south", round+"/forget-node")
	}
	f.token = "analyst.en"
	f.lacks(round, "forget-node")
	f.want(f.post(round+"/forget-node", url.Values{"node": {"south"}, "confirm": {"yes"}}), http.StatusForbidden)
	f.token = "manager.en"
	f.want(f.get(round), http.StatusOK, "not handed over yet", "its disk is lost for ever")
	f.want(f.post(round+"/forget-node", url.Values{"node": {"south"}}), http.StatusSeeOther)
	f.want(f.get(round), http.StatusOK, "not handed over yet")
	f.want(f.post(round+"/forget-node", url.Values{"node": {"north"}, "confirm": {"yes"}}), http.StatusConflict, "Nobody is waiting for north")
	f.want(f.post(round+"/forget-node", url.Values{"node": {"south"}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(round), http.StatusOK, "given up")
	f.want(f.post(round+"/close", url.Values{"passphrase": {passphrase}, "confirm": {"yes"}}), http.StatusSeeOther)
	f.want(f.get(round), http.StatusOK, "A machine with answers was lost", "Used codes without an answer: 0")
}

// TestHandedOut notes in the trail how codes left the system.
func TestHandedOut(t *testing.T) {
	db := dbtest.SQLite(t, roundtest.Migrate)
	f := newFixture(t, db)
	round := f.planned() // prints cards of both populations
	f.want(f.post(round+"/"+string(form.Official)+"/invitations", url.Values{"output": {"link_csv"}, "count_1": {"3"}, "made_before": {"52"}}), http.StatusOK)
	var cards, links int
	err := db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FILTER (WHERE action = 'cards.printed'), COUNT(*) FILTER (WHERE action = 'invitations.exported') FROM audit_entry").Scan(&cards, &links)
	if err != nil || cards != 2 || links != 1 {
		t.Errorf("%d times cards, %d times links, %v; want 2 and 1", cards, links, err)
	}
}
