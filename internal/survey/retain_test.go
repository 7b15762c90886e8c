package survey

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
	"adili/internal/testkit/dbtest"
)

func day(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// expire runs the daily job on so many days, today being the first.
func expire(t testing.TB, s *Service, clk *clock.Manual, days int) {
	t.Helper()
	for i := range days {
		if i > 0 {
			clk.Advance(24 * time.Hour)
		}
		if err := s.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// Results are kept until the end of the last day stated, and no longer.
func TestExpire(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, clk := newService(t, db)
		r, codes := openRound(t, s, 3)
		if r.Keep != "2029-03-31" {
			t.Errorf("kept until %s, want three years after the last day", r.Keep)
		}
		in := takes(t, s, r.ID)
		submit(t, s, in, filled(t, in, codes[form.Official][0], "3"))
		responses(t, s, r.ID)
		open, _ := openRound(t, s, 3) // nobody ever closes this one
		clk.Set(day(t, "2029-03-31T23:59:59Z"))
		if err := s.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Closed(t.Context(), testManager, r.ID); err != nil {
			t.Fatalf("on the last day: %v", err)
		}
		clk.Set(day(t, "2029-04-01T00:00:00Z"))
		expire(t, s, clk, 32)
		gone := map[string]Day{r.ID: "2029-04-03", open.ID: "2029-04-30"} // the third day found due; the thirtieth
		for _, id := range []string{r.ID, open.ID} {
			if entries, err := os.ReadDir(s.files.Folder(id)); len(entries) != 0 || err != nil && !os.IsNotExist(err) {
				t.Errorf("files are left: %v, %v", entries, err)
			}
			for _, table := range []string{"population", "code", "fieldwork", "tally"} {
				var n int
				if err := db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM "+table+" WHERE round_id = $1", id).Scan(&n); err != nil || n != 0 {
					t.Errorf("%d rows left in %s (%v)", n, table, err)
				}
			}
			left, _, err := s.Round(t.Context(), testManager, id)
			if err != nil || left.State != ClosedState || left.Expired != gone[id] || left.Overdue != (plan.Overdue{}) || left.Name != "Round one" {
				t.Errorf("what is left of the round: %+v, %v", left, err)
			}
			_, err = s.Closed(t.Context(), testManager, id)
			if e, _ := errs.Find(err); e == nil || e.Kind != errs.Gone || e.Key != "survey.round.expired" {
				t.Errorf("its results: %v, want that they were deleted", err)
			}
			if _, err := s.Opinions(t.Context(), testManager, id); errs.KindOf(err) != errs.Gone {
				t.Errorf("its open answers: %v", err)
			}
			if _, err := s.Intake(t.Context(), id); errs.KindOf(err) != errs.Gone {
				t.Errorf("its intake: %v", err)
			}
		}
		if n := strings.Count(strings.Join(trail(t, db), "\n"), "system round.expired"); n != 2 {
			t.Errorf("noted %d times, want twice", n)
		}
		if _, err := s.Copy(t.Context(), into(t, t.TempDir()), func() error { return nil }); err != nil {
			t.Errorf("a backup afterwards: %v", err)
		}
		s.Close()
		again, _ := newServiceIn(t, db, s.files.Folder(""))
		if list, err := again.Rounds(t.Context(), testManager); err != nil || len(list) != 2 {
			t.Errorf("after a restart: %v, %v", list, err)
		}
	})
}

func TestExpireOnTwoNodes(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, codes := openRound(t, a, 3)
	in := takes(t, b, r.ID)
	submit(t, b, in, filled(t, in, codes[form.Official][0], "3"))
	responses(t, a, r.ID)
	if _, err := b.Closed(t.Context(), testManager, r.ID); err != nil { // b remembers them
		t.Fatal(err)
	}
	open, _ := openRound(t, a, 3)
	takes(t, b, open.ID)
	c.clock.Set(day(t, "2029-04-01T00:00:00Z"))
	expire(t, a, c.clock, 30)
	if _, err := b.Closed(t.Context(), testManager, r.ID); errs.KindOf(err) != errs.Gone {
		t.Errorf("on the other node: %v, want gone", err)
	}
	c.eventually("nothing is left", func() bool {
		store := slices.ContainsFunc(c.inStore(), func(name string) bool { return strings.Contains(name, "rounds/") })
		return !store && len(c.left("a", open.ID))+len(c.left("b", open.ID)) == 0
	})
}

// A trial of a round that is never opened is not kept for ever.
func TestPilotExpires(t *testing.T) {
	s, clk := newService(t, dbtest.SQLite(t, migrateAll))
	r := readyDraft(t, s)
	pilot := mustPilot(t, s, r.ID)
	clk.Advance((plan.TrialDays + plan.TrialKeep + 1) * 24 * time.Hour)
	expire(t, s, clk, 3)
	if _, there, err := s.Pilot(t.Context(), testManager, r.ID); there || err != nil {
		t.Errorf("the trial is still there (%v)", err)
	}
	if _, err := os.Stat(s.files.Folder(pilot.ID)); !os.IsNotExist(err) {
		t.Errorf("its folder: %v", err)
	}
	if left, _, err := s.Round(t.Context(), testManager, r.ID); err != nil || left.State != DraftState {
		t.Errorf("the draft: %+v, %v", left, err)
	}
}

// One reading of the clock deletes nothing, nor do two that are years apart: it
// takes a look on several days, and the clock put right withdraws them.
func TestExpireDoubtsTheClock(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, clk := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		submit(t, s, in, filled(t, in, codes[form.Official][0], "3"))
		responses(t, s, r.ID)
		open, _ := openRound(t, s, 3)
		look := func(at string, closed int, deletion, openDeletion Day) {
			t.Helper()
			clk.Set(day(t, at))
			if err := s.Expire(t.Context()); err != nil {
				t.Fatal(err)
			}
			for id, want := range map[string]struct {
				days int
				on   Day
			}{r.ID: {closed, deletion}, open.ID: {closed, openDeletion}} {
				got, _, err := s.Round(t.Context(), testManager, id)
				if err != nil || got.Expired != "" || got.Overdue.Days != want.days || got.Deletion(clk.Now()) != want.on {
					t.Errorf("at %s: deleted on %q, found due on %+v, to be deleted on %q (%v); want %+v", at, got.Expired, got.Overdue, got.Deletion(clk.Now()), err, want)
				}
			}
		}
		look("2026-03-11T12:00:00Z", 0, "", "")
		look("2036-01-01T23:59:00Z", 1, "2036-01-03", "2036-01-30") // at start, before the clock is put right
		look("2036-01-01T23:59:30Z", 1, "2036-01-03", "2036-01-30")
		look("2036-01-02T00:00:10Z", 2, "2036-01-03", "2036-01-30")
		look("2026-03-11T12:01:00Z", 0, "", "")
		look("2036-01-01T00:00:00Z", 1, "2036-01-03", "2036-01-30")
		look("2041-01-01T00:00:00Z", 1, "2041-01-03", "2041-01-30") // at the next start it is elsewhere
		look("2044-01-01T00:00:00Z", 1, "2044-01-03", "2044-01-30")
		look("2043-01-01T00:00:00Z", 1, "2043-01-03", "2043-01-30")
		look("2043-01-02T00:00:00Z", 2, "2043-01-03", "2043-01-30")
		look("2026-03-12T12:00:00Z", 0, "", "")
		if _, err := s.Closed(t.Context(), testManager, r.ID); err != nil {
			t.Error(err)
		}
		takes(t, s, open.ID)
	})
}

func TestKeepIsChecked(t *testing.T) {
	s, clk := newService(t, dbtest.SQLite(t, migrateAll))
	for keep, ok := range map[Day]bool{"": true, "2026-04-01": true, "2026-03-31": false, "2026-01-01": false, "soon": false} {
		basics := testBasics()
		basics.Keep = keep
		_, err := s.CreateRound(t.Context(), testManager, basics)
		if e, _ := errs.Find(err); (err == nil) != ok || err != nil && (len(e.Details) != 1 || e.Details[0].Field != "keep") {
			t.Errorf("kept until %q: %v", keep, err)
		}
	}
	basics := testBasics()
	basics.Notice.Retention = " "
	if _, err := s.CreateRound(t.Context(), testManager, basics); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a word on it in the notice: %v", err)
	}
	r := Round{State: ClosedState, RoundDetail: RoundDetail{Zone: "Africa/Ouagadougou", Keep: "2029-03-31"}}
	for at, warns := range map[string]bool{"2029-03-01T12:00:00Z": false, "2029-03-02T12:00:00Z": true, "2029-04-05T12:00:00Z": true} {
		clk.Set(day(t, at))
		if r.Warns(clk.Now()) != warns {
			t.Errorf("at %s it warns: %v, want %v", at, !warns, warns)
		}
	}
	if r.State = DraftState; r.Warns(clk.Now()) || r.Due(clk.Now()) {
		t.Error("a draft is to be deleted")
	}
	if r.State, r.Keep = ClosedState, ""; r.Warns(clk.Now()) || r.Due(clk.Now()) {
		t.Error("a round without a day is to be deleted")
	}
}
