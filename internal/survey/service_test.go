package survey

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/survey/plan"
	"adili/internal/testkit/dbtest"
)

const testPassphrase = "a passphrase of some length"

var (
	testManager  = people.Person{ID: "p_1", Name: "Ada", Role: people.Manager}
	testOperator = people.Person{ID: "p_2", Name: "Max", Role: people.Operator}
	testDay      = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
)

// migrateAll makes the tables of the survey and of the trail.
func migrateAll(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	return Migrate(ctx, db)
}

func newService(t testing.TB, db *storage.DB) (*Service, *clock.Manual) {
	t.Helper()
	return newServiceIn(t, db, filepath.Join(t.TempDir(), "rounds"))
}

func newServiceIn(t testing.TB, db *storage.DB, folder string) (*Service, *clock.Manual) {
	t.Helper()
	clk := clock.Fixed(testDay)
	s := New(db, clk, folder, slog.New(slog.DiscardHandler))
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, clk
}

func testBasics() Basics {
	return Basics{
		Name: "Round one", Iteration: 1, Zone: "Africa/Ouagadougou", Opens: "2026-03-01", Closes: "2026-03-31", Languages: []string{"en", "ar"},
		Populations: []form.Population{form.Official, form.Private}, Notice: Notice{Controller: "Customs of Kavira", LegalBasis: "Customs Act", Retention: "Five years"},
		Channels: []Channel{{Name: "Integrity line", Where: "0800 000 000"}},
	}
}

// openRound makes a round with two strata of officials and one of the private
// sector, codes for all, and opens it.
func openRound(t testing.TB, s *Service, codes int) (Round, map[form.Population][]code.Code) {
	t.Helper()
	return openRoundWith(t, s, codes, false)
}

// openRoundWith is openRound, with an open link for the private sector or not.
func openRoundWith(t testing.TB, s *Service, codes int, link bool) (Round, map[form.Population][]code.Code) {
	t.Helper()
	ctx := t.Context()
	r, err := s.CreateRound(ctx, testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	frames := map[form.Population]Frame{
		form.Official: {Dimensions: []string{"region"}, Cells: []Cell{{Values: []string{"North"}, People: 700}, {Values: []string{"South"}, People: 600}}},
		form.Private:  {Dimensions: []string{"role"}, Cells: []Cell{{Values: []string{"Brokers"}, People: 800}}},
	}
	made := map[form.Population][]code.Code{}
	for _, kind := range []form.Population{form.Official, form.Private} {
		if err := s.SaveFrame(ctx, testManager, r.ID, kind, frames[kind]); err != nil {
			t.Fatal(err)
		}
		if link && kind == form.Private {
			choices := Choices{Selection: Everyone, Stratify: "role", OpenLink: true, Margin: 0.05, Response: 0.6, DesignEffect: 1, Breakdown: BreakdownStratum}
			if err := s.SaveChoices(ctx, testManager, r.ID, kind, choices); err != nil {
				t.Fatal(err)
			}
		}
		first := plan.FirstStratum(kind)
		count := map[int]int{first: codes}
		if kind == form.Official {
			count[first+1] = codes
		}
		batches, err := s.MakeCodes(ctx, testManager, r.ID, kind, code.ByLink, count)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range batches {
			made[kind] = append(made[kind], b.Codes...)
		}
	}
	if err := s.OpenRound(ctx, testManager, r.ID, testPassphrase); err != nil {
		t.Fatal(err)
	}
	return r, made
}

// filled begins a draft for code and answers the first page.
func filled(t testing.TB, in *Intake, invitation code.Code, answer string) *paper.Draft {
	t.Helper()
	d, err := in.Begin(invitation.String())
	if err != nil {
		t.Fatal(err)
	}
	q := in.Questionnaire(d.Kind)
	id := q.Pages[0].Items[0].ID
	if d.Answers, err = q.Accept(0, d.Answers, map[string][]string{id: {answer}}); err != nil {
		t.Fatal(err)
	}
	return d
}

func mustPopulations(t testing.TB, s *Service, round string) []Population {
	t.Helper()
	_, populations, err := s.Round(t.Context(), testManager, round)
	if err != nil {
		t.Fatal(err)
	}
	return populations
}

func takes(t testing.TB, s *Service, round string) *Intake {
	t.Helper()
	in, err := s.Intake(t.Context(), round)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func responses(t testing.TB, s *Service, round string) map[form.Population][]Response {
	t.Helper()
	if err := s.CloseRound(t.Context(), testManager, round, testPassphrase); err != nil {
		t.Fatal(err)
	}
	closed, err := s.Closed(t.Context(), testManager, round)
	if err != nil {
		t.Fatal(err)
	}
	all := map[form.Population][]Response{}
	for _, g := range closed.Groups {
		all[g.Kind] = append(all[g.Kind], g.Responses...)
	}
	return all
}

func TestOneCodeCountsOnceUnderParallelSubmissions(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		var wg sync.WaitGroup
		var taken, refused atomic.Int32
		for range 200 {
			d := filled(t, in, codes[form.Official][0], "5")
			wg.Go(func() {
				switch err := s.Submit(context.Background(), in, d); {
				case err == nil:
					taken.Add(1)
				case errors.Is(err, ErrCode):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 || refused.Load() != 199 {
			t.Errorf("%d taken, %d refused; want 1 and 199", taken.Load(), refused.Load())
		}
		if got := len(responses(t, s, r.ID)[form.Official]); got != 1 {
			t.Errorf("%d answers counted, want 1", got)
		}
	})
}

func TestTheSameFormSentAgainCountsOnce(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		d := filled(t, in, codes[form.Private][0], "2")
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if err := s.Submit(context.Background(), in, d); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if !in.Sent(d) {
			t.Error("Sent is false after sending")
		}
		got := responses(t, s, r.ID)
		if len(got[form.Private]) != 1 || len(got[form.Official]) != 0 {
			t.Fatalf("counted %d and %d answers, want 1 and 0", len(got[form.Private]), len(got[form.Official]))
		}
		if st := got[form.Private][0].Stratum; st != 101 {
			t.Errorf("stratum %d, want %d", st, 101)
		}
	})
}

// A crash after the code was promised, or after the answer was written, leaves
// the code to this form only, and sending the form again completes it.
func TestInterruptedSubmissionIsCompletedByTheSameForm(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		for i, stop := range []string{"after the promise", "after the answer"} {
			c := codes[form.Official][i]
			d := filled(t, in, c, "4")
			mark := d.Mark("code")
			if err := s.claim(r.ID, c.Selector(), mark[:]); err != nil {
				t.Fatal(err)
			}
			if stop == "after the answer" {
				if err := in.Put(d, d.Stratum); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Submit(t.Context(), in, filled(t, in, c, "1")); !errors.Is(err, ErrCode) {
				t.Errorf("%s another form: %v, want %v", stop, err, ErrCode)
			}
			if err := s.Submit(t.Context(), in, d); err != nil {
				t.Errorf("%s the same form: %v", stop, err)
			}
		}
		counts, err := countCodes(t.Context(), db.Read(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if counts[0].used != 2 {
			t.Errorf("%d codes used, want 2", counts[0].used)
		}
		if got := len(responses(t, s, r.ID)[form.Official]); got != 2 {
			t.Errorf("%d answers, want 2", got)
		}
	})
}

// An unknown and a used code are refused alike, and only at the end.
func TestUnknownAndUsedCodesAreRefusedAlike(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, _ := newService(t, db)
	r, codes := openRound(t, s, 3)
	in := takes(t, s, r.ID)
	used := codes[form.Official][0]
	if err := s.Submit(t.Context(), in, filled(t, in, used, "3")); err != nil {
		t.Fatal(err)
	}
	table := plan.Table(r, mustPopulations(t, s, r.ID))
	unknown, err := table.Draw(form.Official, 1, code.ByLink)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]code.Code{"used": used, "unknown": unknown} {
		d := filled(t, in, c, "3")
		if _, label := in.Crowd(d); label == "" {
			t.Errorf("a %s code shows no stratum on the first page", name)
		}
		if err := s.Submit(t.Context(), in, d); !errors.Is(err, ErrCode) {
			t.Errorf("a %s code: %v, want %v", name, err, ErrCode)
		}
	}
}

func TestNothingIsReadableBeforeClosing(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, _ := newService(t, db)
	r, _ := openRound(t, s, 3)
	if _, err := s.Closed(t.Context(), testManager, r.ID); errs.KindOf(err) != errs.Conflict {
		t.Errorf("Closed of an open round: %v, want a conflict", err)
	}
	if err := s.CloseRound(t.Context(), testManager, r.ID, "another passphrase"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("closing with a wrong passphrase: %v, want invalid", err)
	}
	if _, err := s.Intake(t.Context(), r.ID); err != nil {
		t.Errorf("after a wrong passphrase the round takes no answers: %v", err)
	}
	if _, err := s.Closed(t.Context(), testOperator, r.ID); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("the operator reads answers: %v, want forbidden", err)
	}
}

func TestIntakeKeepsTheDays(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, clk := newService(t, db)
	r, _ := openRound(t, s, 3)
	for at, key := range map[string]string{
		"2026-02-28T23:59:59Z": "survey.intake.not_yet", "2026-03-01T00:00:00Z": "", "2026-03-31T23:59:59Z": "", "2026-04-01T00:00:00Z": "survey.intake.over",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		clk.Set(now)
		_, err = s.Intake(t.Context(), r.ID)
		if e, _ := errs.Find(err); (e == nil) != (key == "") || e != nil && e.Key != key {
			t.Errorf("at %s: %v, want key %q", at, err, key)
		}
	}
}

// Closing can be interrupted anywhere and done again.
func TestInterruptedClosingIsFinished(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		for _, c := range codes[form.Official] {
			if err := s.Submit(t.Context(), in, filled(t, in, c, "3")); err != nil {
				t.Fatal(err)
			}
		}
		// As far as the answers written, the state not yet changed.
		if err := s.setState(t.Context(), r.ID, ClosingState, OpenState); err != nil {
			t.Fatal(err)
		}
		s.stopIntake(r.ID)
		opener, err := s.unlock(t.Context(), r.ID, testPassphrase)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := s.files.Collect(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.writeClosed(t.Context(), r.ID, sealed, opener); err != nil {
			t.Fatal(err)
		}
		s.Close()
		again := New(db, clock.Fixed(testDay), filepath.Dir(s.files.Folder("x")), s.log)
		t.Cleanup(func() { again.Close() })
		if err := again.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := len(responses(t, again, r.ID)[form.Official]); got != 6 {
			t.Errorf("%d answers, want 6", got)
		}
	})
}

func TestFieldworkIsCoarse(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, clk := newService(t, db)
	r, codes := openRound(t, s, 60)
	in := takes(t, s, r.ID)
	for i, c := range codes[form.Official] {
		if i < 47 || i >= 60 && i < 80 { // 47 of the first stratum, 20 of the second
			if err := s.Submit(t.Context(), in, filled(t, in, c, "3")); err != nil {
				t.Fatal(err)
			}
		}
	}
	progress := func() []Progress {
		all, err := s.Fieldwork(t.Context(), testManager, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if p := progress()[0]; p.Used != 0 || !p.Hidden {
		t.Errorf("today's answers show: %+v", p)
	}
	clk.Advance(24 * time.Hour)
	if err := s.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	first, second := progress()[0], progress()[1]
	if first.Used != 40 || first.Hidden || first.Day != "2026-03-10" {
		t.Errorf("47 used: %+v, want 40 as of 2026-03-10", first)
	}
	if second.Used != 0 || !second.Hidden {
		t.Errorf("20 used: %+v, want hidden", second)
	}
}

func TestEveryStatementIsUnderstoodByBothEngines(t *testing.T) {
	for _, dir := range []string{".", "vault"} {
		dbtest.PrepareAll(t, dir, Migrate)
	}
}
