package survey

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/code"
	"adili/internal/survey/vault"
	"adili/internal/testkit/dbtest"
)

// fields are the fields an error's details name.
func fields(err error) []string {
	e, ok := errs.Find(err)
	if !ok {
		return nil
	}
	var names []string
	for _, d := range e.Details {
		names = append(names, d.Field)
	}
	return names
}

func TestBasicsAreChecked(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	for name, c := range map[string]struct {
		change func(*Basics)
		field  string
	}{
		"no name":           {func(b *Basics) { b.Name = "  " }, "name"},
		"iteration 0":       {func(b *Basics) { b.Iteration = 0 }, "iteration"},
		"no such zone":      {func(b *Basics) { b.Zone = "Africa/Nowhere" }, "zone"},
		"local zone":        {func(b *Basics) { b.Zone = "Local" }, "zone"},
		"no such day":       {func(b *Basics) { b.Opens = "2026-02-30" }, "opens"},
		"closes before":     {func(b *Basics) { b.Closes = "2026-02-01" }, "closes"},
		"no language":       {func(b *Basics) { b.Languages = nil }, "languages"},
		"unknown language":  {func(b *Basics) { b.Languages = []string{"tlh"} }, "languages"},
		"no population":     {func(b *Basics) { b.Populations = nil }, "populations"},
		"nobody in charge":  {func(b *Basics) { b.Notice.Controller = "" }, "controller"},
		"no legal basis":    {func(b *Basics) { b.Notice.LegalBasis = "" }, "legal_basis"},
		"no retention":      {func(b *Basics) { b.Notice.Retention = " " }, "retention"},
		"a very long name":  {func(b *Basics) { b.Name = strings.Repeat("x", 300) }, "name"},
		"unreadable day":    {func(b *Basics) { b.Closes = "31 March" }, "closes"},
		"iteration 100,000": {func(b *Basics) { b.Iteration = 100_000 }, "iteration"},
	} {
		b := testBasics()
		c.change(&b)
		if _, err := s.CreateRound(t.Context(), testManager, b); !slices.Contains(fields(err), c.field) {
			t.Errorf("%s: %v names %v, want %s", name, err, fields(err), c.field)
		}
	}
	if all, err := s.Rounds(t.Context(), testManager); err != nil || len(all) != 0 {
		t.Errorf("%d rounds were made, %v", len(all), err)
	}
}

func TestOnlyManagersPlan(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	for _, who := range []people.Person{{}, testOperator, {Role: people.Analyst}} {
		if _, err := s.CreateRound(t.Context(), who, testBasics()); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%q makes a round: %v", who.Role, err)
		}
	}
}

func TestSmallStrataMustBeJoined(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, err := s.CreateRound(t.Context(), testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	frame := Frame{Dimensions: []string{"region"}, Cells: []Cell{{Values: []string{"North"}, People: 200}, {Values: []string{"Islands"}, People: 49}, {Values: []string{"Hills"}, People: 10}}}
	if err := s.SaveFrame(t.Context(), testManager, r.ID, form.Official, frame); err != nil {
		t.Fatal(err)
	}
	makeCodes := func() error {
		_, err := s.MakeCodes(t.Context(), testManager, r.ID, form.Official, code.ByLink, map[int]int{1: 5})
		return err
	}
	if e, _ := errs.Find(makeCodes()); e == nil || e.Key != "survey.plan.stratum_too_small" {
		t.Errorf("codes for strata of 49 and 10 people: %v", e)
	}
	merge := Choices{Selection: Everyone, Stratify: "region", Merge: map[string]string{"Hills": "Islands", "Islands": "North"}, Margin: 0.05, Response: 0.6, DesignEffect: 1}
	if err := s.SaveChoices(t.Context(), testManager, r.ID, form.Official, merge); err != nil {
		t.Fatal(err)
	}
	if err := makeCodes(); err != nil {
		t.Fatal(err)
	}
	_, populations, err := s.Round(t.Context(), testManager, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := populations[0].Plan.Strata; len(got) != 1 || got[0].People != 259 || got[0].Label != "North + Islands + Hills" {
		t.Errorf("strata %+v", got)
	}
	// Once codes are made, what they were made for stands, until they are void.
	if err := s.SaveFrame(t.Context(), testManager, r.ID, form.Official, frame); errs.KindOf(err) != errs.Conflict {
		t.Errorf("the frame was changed under the codes: %v", err)
	}
	if err := s.VoidCodes(t.Context(), testManager, r.ID, form.Official); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveFrame(t.Context(), testManager, r.ID, form.Official, frame); err != nil {
		t.Errorf("after voiding the codes: %v", err)
	}
	if counts, err := countCodes(t.Context(), s.db.Read(), r.ID); err != nil || len(counts) != 0 {
		t.Errorf("void codes are left: %v, %v", counts, err)
	}
}

// Circles of merges end somewhere, and every value of a circle at the same.
func TestMergesInACircle(t *testing.T) {
	p := Plan{Selection: Everyone, Stratify: "r", Merge: map[string]string{"A": "B", "B": "C", "C": "A", "D": "A"},
		Frame: Frame{Dimensions: []string{"r"}, Cells: []Cell{{Values: []string{"A"}, People: 30}, {Values: []string{"B"}, People: 30}, {Values: []string{"C"}, People: 30}, {Values: []string{"D"}, People: 30}}}}
	strata, small := p.Split(form.Official)
	if len(strata) != 1 || strata[0].People != 120 || len(small) != 0 {
		t.Errorf("%+v, too small: %v; want one stratum of 120", strata, small)
	}
}

func TestCodesAreBounded(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, _ := openRound(t, s, 3)
	for name, count := range map[string]map[int]int{
		"none": {}, "of no stratum": {77: 1}, "more than people and spares": {1: 768}, "negative": {1: -1}, "too many at once": {1: 600, 2: 590, 3: 5000},
	} {
		if _, err := s.MakeCodes(t.Context(), testManager, r.ID, form.Official, code.ByLink, count); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	// An open round can have more cards, and they work at once.
	batches, err := s.MakeCodes(t.Context(), testManager, r.ID, form.Official, code.ByCard, map[int]int{2: 1})
	if err != nil {
		t.Fatal(err)
	}
	in := takes(t, s, r.ID)
	d := filled(t, in, batches[0].Codes[0], "5")
	if n, label := in.Crowd(d); n != 4 || label != "South" {
		t.Errorf("one of %d for %q, want 4 for South", n, label)
	}
	if err := s.Submit(t.Context(), in, d); err != nil {
		t.Error(err)
	}
}

func TestObstaclesAreNamed(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	b := testBasics()
	b.Channels = nil
	r, err := s.CreateRound(t.Context(), testManager, b)
	if err != nil {
		t.Fatal(err)
	}
	err = s.OpenRound(t.Context(), testManager, r.ID, testPassphrase)
	e, _ := errs.Find(err)
	if e == nil || len(e.Details) != 3 {
		t.Fatalf("%v: want three obstacles: no channel, and no frame twice", err)
	}
	if err := s.OpenRound(t.Context(), testManager, r.ID, "short"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a short passphrase: %v", err)
	}
	if entries, err := os.ReadDir(filepath.Dir(s.files.Folder("x"))); err != nil || len(entries) != 0 {
		t.Errorf("files were made: %v, %v", entries, err)
	}
}

func TestOfficesAreLargeEnough(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, err := s.CreateRound(t.Context(), testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	save := func(offices ...Office) error {
		return s.SaveOffices(t.Context(), testManager, r.ID, form.Official, offices)
	}
	if err := save(Office{Label: "Port", People: 19}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("an office of 19 people: %v", err)
	}
	if err := save(Office{Label: "Port", People: 20}, Office{Label: "Airport", People: 30}, Office{ID: "g1", Label: "Rail", People: 40}); err != nil {
		t.Fatal(err)
	}
	_, populations, err := s.Round(t.Context(), testManager, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, o := range populations[0].Plan.Offices {
		ids[o.ID] = true
	}
	if len(ids) != 3 || !ids["g1"] {
		t.Errorf("ids %v, want three different ones with g1 kept", ids)
	}
}

func TestInstrumentFaultsNameLineAndField(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, err := s.CreateRound(t.Context(), testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	err = s.SaveInstrument(t.Context(), testManager, r.ID, form.Official, "mine.json", []byte("{\n \"format\": \"adili-instrument/9\"\n}"))
	e, _ := errs.Find(err)
	if e == nil || !slices.ContainsFunc(e.Details, func(d errs.Detail) bool { return d.File == "mine.json" && d.Row == 2 && d.Field == "format" }) {
		t.Errorf("%v", err)
	}
	if err := s.SaveInstrument(t.Context(), testManager, r.ID, form.Official, "x.json", bundled(form.Private)); errs.KindOf(err) != errs.Invalid {
		t.Errorf("the other population's questionnaire: %v", err)
	}
	if err := s.SaveInstrument(t.Context(), testManager, r.ID, form.Official, "x.json", bundled(form.Official)); err != nil {
		t.Error(err)
	}
}

// What a closing left behind is cleared away at the next start.
func TestStartFinishesForgetting(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		r, codes := openRound(t, s, 3)
		in := takes(t, s, r.ID)
		if err := s.Submit(t.Context(), in, filled(t, in, codes[form.Official][0], "3")); err != nil {
			t.Fatal(err)
		}
		key, err := os.ReadFile(filepath.Join(s.files.Folder(r.ID), vault.KeyFile))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CloseRound(t.Context(), testManager, r.ID, testPassphrase); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{vault.KeyFile, vault.AnswerFile} {
			if err := os.WriteFile(filepath.Join(s.files.Folder(r.ID), name), key, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		again := New(db, clock.Fixed(testDay), filepath.Dir(s.files.Folder("x")), s.log)
		t.Cleanup(func() { again.Close() })
		if err := again.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(s.files.Folder(r.ID))
		if err != nil || len(entries) != 2 {
			t.Errorf("%v, %v; want only the closed answers", entries, err)
		}
	})
}

func TestOpinionsAreHandedOutOnlyInNumbers(t *testing.T) {
	s, _ := newService(t, dbtest.SQLite(t, migrateAll))
	r, codes := openRound(t, s, 30)
	in := takes(t, s, r.ID)
	for i, c := range codes[form.Official][:25] {
		d := filled(t, in, c, "3")
		d.Answers["open_change"] = form.Answer{Code: 1, Text: "more training"}
		if i < 19 {
			d.Answers["open_keep"] = form.Answer{Code: 1, Text: "the help desk"}
		}
		if err := s.Submit(t.Context(), in, d); err != nil {
			t.Fatal(err)
		}
	}
	responses(t, s, r.ID)
	all, err := s.Opinions(t.Context(), testManager, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if o.Item != "open_change" {
			t.Errorf("19 answers to %s were handed out", o.Item)
		}
	}
	if len(all) != 25 {
		t.Errorf("%d open answers, want 25", len(all))
	}
}

// Two people opening, closing or making codes at the same moment, or one who
// clicks twice, do no harm.
func TestTwoAtOnce(t *testing.T) {
	dbtest.Each(t, migrateAll, func(t *testing.T, db *storage.DB) {
		s, _ := newService(t, db)
		twice := func(f func() error) (done int) {
			t.Helper()
			var wg sync.WaitGroup
			var n atomic.Int32
			for range 4 {
				wg.Go(func() {
					switch err := f(); {
					case err == nil:
						n.Add(1)
					case errs.KindOf(err) != errs.Conflict && errs.KindOf(err) != errs.Invalid:
						t.Error(err)
					}
				})
			}
			wg.Wait()
			return int(n.Load())
		}
		b := testBasics()
		b.Populations = []form.Population{form.Official}
		r, err := s.CreateRound(t.Context(), testManager, b)
		if err != nil {
			t.Fatal(err)
		}
		frame := Frame{Dimensions: []string{"region"}, Cells: []Cell{{Values: []string{"North"}, People: 100}}}
		if err := s.SaveFrame(t.Context(), testManager, r.ID, form.Official, frame); err != nil {
			t.Fatal(err)
		}
		var codes []code.Code
		if n := twice(func() error {
			batches, err := s.MakeCodes(context.Background(), testManager, r.ID, form.Official, code.ByLink, map[int]int{1: 60})
			if err == nil {
				codes = batches[0].Codes
			}
			return err
		}); n != 1 {
			t.Errorf("60 codes for 100 people were made %d times", n)
		}
		if n := twice(func() error { return s.OpenRound(context.Background(), testManager, r.ID, testPassphrase) }); n != 1 {
			t.Errorf("the round was opened %d times", n)
		}
		in := takes(t, s, r.ID)
		for _, c := range codes[:10] {
			if err := s.Submit(t.Context(), in, filled(t, in, c, "3")); err != nil {
				t.Fatal(err)
			}
		}
		if n := twice(func() error { return s.CloseRound(context.Background(), testManager, r.ID, testPassphrase) }); n != 1 {
			t.Errorf("the round was closed %d times", n)
		}
		closed, err := s.Closed(t.Context(), testManager, r.ID)
		if err != nil || len(closed.Groups[0].Responses) != 10 || closed.Round.Closes != "2026-03-10" {
			t.Errorf("%v: want 10 answers, until the day of closing", err)
		}
	})
}

// A round whose files are broken keeps neither the program nor other rounds
// from working.
func TestBrokenRoundIsSkipped(t *testing.T) {
	db := dbtest.SQLite(t, migrateAll)
	s, clk := newService(t, db)
	r, _ := openRound(t, s, 3)
	s.Close()
	if err := os.Remove(filepath.Join(s.files.Folder(r.ID), vault.FormKeyFile)); err != nil {
		t.Fatal(err)
	}
	again := New(db, clk, filepath.Dir(s.files.Folder("x")), s.log)
	t.Cleanup(func() { again.Close() })
	if err := again.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Intake: %v, want unavailable", err)
	}
}
