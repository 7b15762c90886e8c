package survey

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
	"adili/internal/kernel/storage"
	"adili/internal/survey/code"
	"adili/internal/survey/plan"
	"adili/internal/testkit/dbtest"
)

// readyDraft is a draft that could be opened.
func readyDraft(t testing.TB, s *Service) Round {
	t.Helper()
	r, err := s.CreateRound(t.Context(), testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	for kind, first := range map[form.Population]int{form.Official: 1, form.Private: 101} {
		frame := Frame{Dimensions: []string{"region"}, Cells: []Cell{{Values: []string{"North"}, People: 300}}}
		if err := s.SaveFrame(t.Context(), testManager, r.ID, kind, frame); err != nil {
			t.Fatal(err)
		}
		if err := s.SaveOffices(t.Context(), testManager, r.ID, kind, []Office{{Label: "Port", People: 100}, {Label: "Airport", People: 200}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.MakeCodes(t.Context(), testManager, r.ID, kind, code.ByLink, map[int]int{first: 30}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// try answers a trial through its link.
func try(t testing.TB, s *Service, pilot string, n int) {
	t.Helper()
	in := takes(t, s, pilot)
	for range n {
		d, err := in.BeginOpen(form.Official)
		if err != nil {
			t.Fatal(err)
		}
		d.Answers = numbered(in.Questionnaire(form.Official), 7)
		d.Answers["open_change"] = form.Answer{Code: 1, Text: "a remark in the trial"}
		submit(t, s, in, d)
	}
}

func mustPilot(t testing.TB, s *Service, round string) Round {
	t.Helper()
	pilot, err := s.StartPilot(t.Context(), testManager, round, testPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	return pilot
}

// A trial is answered, closed and reported like a round, and nothing of it is
// left once the round itself is open.
func TestPilot(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r := readyDraft(t, s)
		pilot := mustPilot(t, s, r.ID)
		if pilot.PilotOf != r.ID || !pilot.Pilot() {
			t.Errorf("a trial of %q", pilot.PilotOf)
		}
		if _, err := s.StartPilot(t.Context(), testManager, r.ID, testPassphrase); errs.KindOf(err) != errs.Conflict {
			t.Errorf("a second trial: %v, want a conflict", err)
		}
		for id, kind := range map[string]errs.Kind{pilot.ID: errs.Conflict, "r_none": errs.NotFound} {
			if _, err := s.StartPilot(t.Context(), testManager, id, testPassphrase); errs.KindOf(err) != kind {
				t.Errorf("a trial of %s: %v, want %v", id, err, kind)
			}
		}
		if err := s.OpenRound(t.Context(), testManager, pilot.ID, testPassphrase); errs.KindOf(err) != errs.Conflict {
			t.Errorf("opening the trial: %v, want a conflict", err)
		}
		list, err := s.Rounds(t.Context(), testManager)
		if err != nil || len(list) != 1 || list[0].ID != r.ID {
			t.Errorf("the list of rounds: %+v, %v", list, err)
		}
		try(t, s, pilot.ID, 12)
		if err := s.CloseRound(t.Context(), testManager, pilot.ID, testPassphrase); err != nil {
			t.Fatal(err)
		}
		closed, err := s.Closed(t.Context(), testManager, pilot.ID)
		if err != nil || len(closed.Groups) != 2 || len(closed.Groups[0].Responses) != 12 || !closed.Groups[0].Open || !closed.Round.Pilot() {
			t.Fatalf("%+v, %v", closed, err)
		}
		if err := s.OpenRound(t.Context(), testManager, r.ID, testPassphrase); err != nil {
			t.Fatal(err)
		}
		if _, there, err := s.Pilot(t.Context(), testManager, r.ID); there || err != nil {
			t.Errorf("the trial is still there (%v)", err)
		}
		if _, err := s.Closed(t.Context(), testManager, pilot.ID); errs.KindOf(err) != errs.NotFound {
			t.Errorf("its results: %v, want not found", err)
		}
		if _, err := os.Stat(s.files.Folder(pilot.ID)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its folder: %v", err)
		}
		for _, table := range []string{"population", "code", "fieldwork", "tally", "answer_box"} {
			var n int
			if err := db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE round_id = $1", pilot.ID).Scan(&n); err != nil || n != 0 {
				t.Errorf("%d rows left in %s (%v)", n, table, err)
			}
		}
		in := takes(t, s, r.ID)
		if n := in.Taken(); n != 0 {
			t.Errorf("%d answers in the round", n)
		}
	})
}

// Nothing of a trial is left in the bytes of the database's files either.
func TestPilotIsScrubbed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "adili.db")
	db, err := storage.Open(t.Context(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if err := migrateAll(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	s, _ := newService(t, db)
	r := readyDraft(t, s)
	holds := func(text string) (found []string) {
		for _, name := range []string{path, path + "-wal"} {
			data, err := os.ReadFile(name)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			if bytes.Contains(data, []byte(text)) {
				found = append(found, filepath.Base(name))
			}
		}
		return found
	}
	for _, how := range []string{"opened", "ended", "deleted"} {
		pilot := mustPilot(t, s, r.ID)
		try(t, s, pilot.ID, 3)
		if len(holds("pilot_of")) == 0 {
			t.Fatal("a trial leaves no trace while it is there: this test proves nothing")
		}
		switch how {
		case "ended":
			err = s.EndPilot(t.Context(), testManager, r.ID)
		case "opened":
			err = s.OpenRound(t.Context(), testManager, r.ID, testPassphrase)
		case "deleted":
			err = s.DeleteRound(t.Context(), testManager, r.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if found := holds("pilot_of"); len(found) > 0 {
			t.Errorf("%s: left in %v", how, found)
		}
		entries, err := os.ReadDir(filepath.Dir(s.files.Folder("x")))
		if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == pilot.ID }) {
			t.Errorf("%s: %v, %v", how, entries, err)
		}
		if how == "opened" {
			r = readyDraft(t, s)
		}
	}
}

// On several nodes each clears away its part.
func TestPilotOnTwoNodes(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r := readyDraft(t, a)
	pilot := mustPilot(t, a, r.ID)
	try(t, a, pilot.ID, 6)
	try(t, b, pilot.ID, 6)
	if err := b.OpenRound(t.Context(), testManager, r.ID, testPassphrase); err != nil {
		t.Fatal(err)
	}
	c.eventually("nothing is left of the trial", func() bool {
		var n int
		err := c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM answer_box WHERE round_id = $1", pilot.ID).Scan(&n)
		inStore := slices.ContainsFunc(c.inStore(), func(name string) bool { return strings.Contains(name, pilot.ID) })
		return err == nil && n == 0 && !inStore && len(c.left("a", pilot.ID))+len(c.left("b", pilot.ID)) == 0
	})
	if _, err := a.Intake(t.Context(), pilot.ID); errs.KindOf(err) != errs.NotFound {
		t.Errorf("the trial takes answers still: %v", err)
	}
}

// An interrupted start is begun anew, and an interrupted deletion finished.
func TestPilotInterrupted(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, _ := newService(t, db)
	r := readyDraft(t, s)
	half, populations := plan.Trial(id.New("r"), r, mustPopulations(t, s, r.ID), s.clock.Now())
	err := db.Write(t.Context(), func(tx storage.Querier) error {
		if err := insertRound(t.Context(), tx, half); err != nil {
			return err
		}
		return savePopulation(t.Context(), tx, half.ID, populations[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	pilot := mustPilot(t, s, r.ID)
	if err := s.files.DiscardFiles(t.Context(), pilot.ID); err != nil { // and there the power failed
		t.Fatal(err)
	}
	s.Close()
	s, _ = newServiceIn(t, db, filepath.Dir(s.files.Folder("x")))
	if err := s.OpenRound(t.Context(), testManager, r.ID, testPassphrase); err != nil {
		t.Fatal(err)
	}
	all, err := loadRounds(t.Context(), db.Read())
	if err != nil || len(all) != 1 {
		t.Errorf("%d rounds are left, want one (%v)", len(all), err)
	}
}

// What names no round ends no round.
func TestPilotOfNothing(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, _ := openRound(t, s, 3)
	if err := s.EndPilot(t.Context(), testManager, ""); errs.KindOf(err) != errs.NotFound {
		t.Errorf("%v, want not found", err)
	}
	if _, there, err := s.Pilot(t.Context(), testManager, ""); there || errs.KindOf(err) != errs.NotFound {
		t.Errorf("a trial: %v, %v", there, err)
	}
	takes(t, s, r.ID)
}

// A trial is made only of what could be opened, apart from frame and codes.
func TestPilotNeedsWhatOpeningNeeds(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	basics := testBasics()
	basics.Channels = nil
	r, err := s.CreateRound(t.Context(), testManager, basics)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.StartPilot(t.Context(), testManager, r.ID, testPassphrase)
	if e, _ := errs.Find(err); e == nil || len(e.Details) != 1 || e.Details[0].Key != "survey.open.no_channel" {
		t.Errorf("%v, want that a channel is missing", err)
	}
	if _, err := s.StartPilot(t.Context(), testManager, r.ID, "short"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a short passphrase: %v", err)
	}
	if _, err := s.StartPilot(t.Context(), testOperator, r.ID, testPassphrase); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("the operator: %v", err)
	}
	basics.Channels = testBasics().Channels
	if err := s.SaveBasics(t.Context(), testManager, r.ID, basics); err != nil {
		t.Fatal(err)
	}
	mustPilot(t, s, r.ID)
}

// trail lists the actions in the trail with their details.
func trail(t testing.TB, db *storage.DB) []string {
	t.Helper()
	entries, err := audit.Entries(t.Context(), db.Read(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		line := e.Actor.Name + " " + e.Action
		for _, d := range e.Detail {
			line += " " + d.Name + "=" + d.Value
		}
		all = append(all, line)
	}
	return all
}

// The trail tells what staff did with a round, and nothing of those who answer.
func TestTrail(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, clk := newService(t, db)
		ctx := context.Background()
		r := readyDraft(t, s)
		pilot := mustPilot(t, s, r.ID)
		if err := s.SaveBasics(ctx, testManager, r.ID, testBasics()); err != nil {
			t.Fatal(err)
		}
		if err := s.HandedOut(ctx, testManager, r.ID, form.Official, CardsPrinted, 30); err != nil {
			t.Fatal(err)
		}
		if err := s.OpenRound(ctx, testManager, r.ID, testPassphrase); err != nil {
			t.Fatal(err)
		}
		before := len(trail(t, db))
		in := takes(t, s, r.ID)
		batches, err := s.MakeCodes(ctx, testManager, r.ID, form.Official, code.ByLink, map[int]int{1: 1})
		if err != nil {
			t.Fatal(err)
		}
		submit(t, s, in, filled(t, in, batches[0].Codes[0], "3"))
		if n := len(trail(t, db)); n != before+1 {
			t.Errorf("an answer left %d entries", n-before-1)
		}
		if err := s.CloseRound(ctx, testManager, r.ID, "another passphrase"); err == nil {
			t.Fatal("closed")
		}
		if err := s.CloseRound(ctx, testManager, r.ID, testPassphrase); err != nil {
			t.Fatal(err)
		}
		if err := s.Taken(ctx, testManager, r.ID, "report.exported", "items"); err != nil {
			t.Fatal(err)
		}
		clk.Advance(4 * 366 * 24 * time.Hour)
		expire(t, s, clk, 3)
		got := strings.Join(trail(t, db), "\n")
		want := []string{
			"Ada round.create name=Round one iteration=1", "Ada round.frame population=", "Ada round.offices population=",
			"Ada codes.made population=", "Ada pilot.start pilot=" + pilot.ID, "Ada round.edit name=Round one",
			"Ada cards.printed population=official codes=30", "Ada pilot.end pilot=" + pilot.ID, "Ada round.open opens=2026-03-01 closes=2026-03-31",
			"Ada codes.made population=official for=link codes=1", "Ada round.close lost_nodes=0", "Ada report.exported table=items",
			"system round.expired keep=2029-03-31",
		}
		at := 0
		for _, line := range want {
			i := strings.Index(got[at:], line)
			if i < 0 {
				t.Fatalf("no %q, in this order, in\n%s", line, got)
			}
			at += i
		}
		if _, err := audit.Verify(ctx, db.Read()); err != nil {
			t.Error(err)
		}
	})
}
