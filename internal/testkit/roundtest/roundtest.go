// Package roundtest makes rounds of the survey for tests of the rooms around
// it: planned, invited, opened, answered and closed.
package roundtest

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/code"
)

// Passphrase locks the rounds made here.
const Passphrase = "a passphrase of some length"

// Now is the time in the rounds made here: the middle of fieldwork.
var Now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// Manager is somebody who may do everything with rounds.
var Manager = people.Person{ID: "p_manager", Name: "Manager", Role: people.Manager}

// Migrate makes the tables of the survey, and those of the trail that it writes.
func Migrate(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	return survey.Migrate(ctx, db)
}

// Service is a survey room on db with its files in a folder of the test.
func Service(t testing.TB, db *storage.DB) (*survey.Service, *clock.Manual) {
	t.Helper()
	clk := clock.Fixed(Now)
	s := survey.New(db, clk, filepath.Join(t.TempDir(), "rounds"), slog.New(slog.DiscardHandler))
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, clk
}

// Basics is a round of both populations in all languages, open in March 2026.
func Basics() survey.Basics {
	return survey.Basics{
		Name: "Round one", Iteration: 1, Zone: "Africa/Ouagadougou", Opens: "2026-03-01", Closes: "2026-03-31",
		Languages:   []string{"en", "fr", "es", "pt", "ar", "ru", "zh"},
		Populations: []form.Population{form.Official, form.Private},
		Notice:      survey.Notice{Controller: "Customs of Kavira", Contact: "survey@customs.example", LegalBasis: "Customs Act, section 4", Retention: "Five years"},
		Channels:    []survey.Channel{{Name: "Integrity line", Where: "0800 000 000"}},
	}
}

// Open makes and opens a round with a stratum "North" of 700 and one "South"
// of 600 officials and one of 800 brokers, with so many codes in each, and an
// open link for the private sector.
func Open(t testing.TB, s *survey.Service, carrier code.Carrier, codes int) (round string, made map[form.Population][]code.Code) {
	t.Helper()
	ctx := t.Context()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.CreateRound(ctx, Manager, Basics())
	fatal(err)
	frames := map[form.Population]survey.Frame{
		form.Official: {Dimensions: []string{"region"}, Cells: []survey.Cell{{Values: []string{"North"}, People: 700}, {Values: []string{"South"}, People: 600}}},
		form.Private:  {Dimensions: []string{"role"}, Cells: []survey.Cell{{Values: []string{"Brokers"}, People: 800}}},
	}
	counts := map[form.Population]map[int]int{form.Official: {1: codes, 2: codes}, form.Private: {101: codes}}
	made = map[form.Population][]code.Code{}
	for _, kind := range []form.Population{form.Official, form.Private} {
		fatal(s.SaveFrame(ctx, Manager, r.ID, kind, frames[kind]))
		fatal(s.SaveChoices(ctx, Manager, r.ID, kind, survey.Choices{
			Selection: survey.Everyone, Stratify: frames[kind].Dimensions[0], OpenLink: kind == form.Private, Margin: 0.05, Response: 0.6, DesignEffect: 1,
			Breakdown: survey.BreakdownStratum,
		}))
		fatal(s.SaveOffices(ctx, Manager, r.ID, kind, []survey.Office{{Label: "Port", People: 300}, {Label: "Airport", People: 200}}))
		batches, err := s.MakeCodes(ctx, Manager, r.ID, kind, carrier, counts[kind])
		fatal(err)
		for _, b := range batches {
			made[kind] = append(made[kind], b.Codes...)
		}
	}
	fatal(s.OpenRound(ctx, Manager, r.ID, Passphrase))
	return r.ID, made
}
