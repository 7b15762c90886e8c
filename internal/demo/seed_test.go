package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
	"adili/internal/survey"
	"adili/internal/survey/respond"
	"adili/internal/testkit/dbtest"
)

// migrate makes the tables of both rooms.
func migrate(ctx context.Context, db *storage.DB) error {
	if err := audit.Migrate(ctx, db); err != nil {
		return err
	}
	if err := people.Migrate(ctx, db); err != nil {
		return err
	}
	return survey.Migrate(ctx, db)
}

// stage is a small program that answers.
func stage(t *testing.T, db *storage.DB, size Size) Stage {
	t.Helper()
	catalogue, err := i18n.Load(web.Messages(), respond.Messages())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2031, 5, 20, 10, 0, 0, 0, time.UTC)
	clk := clock.Fixed(now)
	service := survey.New(db, clk, t.TempDir(), slog.New(slog.DiscardHandler))
	service.MarkInvented()
	if err := service.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	accounts := people.New(db, clk)
	pages := web.New(web.Options{Catalogue: catalogue, People: accounts, Clock: clk, Invented: true})
	pages.Mount(respond.New(service).Routes()...)
	server := httptest.NewServer(pages.Handler())
	t.Cleanup(server.Close)
	return Stage{
		People: accounts, Survey: service, Clock: clk, Base: server.URL, Now: now, Seed: Seed, Size: size,
		Report: func(round string) string { return "/report/" + round },
	}
}

func TestSeeding(t *testing.T) {
	dbtest.Each(t, migrate, func(t *testing.T, db *storage.DB) {
		size := Size{Officials: 20, Firms: 10, OpenOfficials: 12, OpenFirms: 8, Followers: 2, Cards: 9, Links: 4}
		var told bytes.Buffer
		s := stage(t, db, size)
		s.Progress = NewProgress(&told, size)
		f, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.At(s.Base)
		if !s.Clock.Now().Equal(s.Now) {
			t.Errorf("the clock stands at %v", s.Clock.Now())
		}
		if want := "92 answers given\n"; !strings.HasSuffix(told.String(), want) { // on a slow machine lines stand before it
			t.Errorf("progress told %q, want %q at the end", told.String(), want)
		}
		checkRounds(t, s, f)
		checkOpen(t, s, f)
	})
}

// checkRounds looks at the closed rounds as an analyst.
func checkRounds(t *testing.T, s Stage, f *File) {
	t.Helper()
	analyst := people.Person{ID: "x", Role: people.Analyst}
	rounds, err := s.Survey.Rounds(t.Context(), analyst)
	if err != nil {
		t.Fatal(err)
	}
	if len(rounds) != 3 || rounds[0].State != survey.OpenState || rounds[2].State != survey.ClosedState {
		t.Fatalf("rounds are %+v", rounds)
	}
	for _, r := range rounds {
		if !r.Invented {
			t.Errorf("round %d is not marked as invented", r.Iteration)
		}
	}
	for _, r := range rounds[1:] {
		c, err := s.Survey.Closed(t.Context(), analyst, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range c.Groups {
			want := map[form.Population]int{form.Official: 20 + 6*(r.Iteration-1), form.Private: 10 + 4*(r.Iteration-1)}[g.Kind]
			if len(g.Responses) != want {
				t.Errorf("round %d has %d answers of %s, want %d", r.Iteration, len(g.Responses), g.Kind, want)
			}
		}
	}
	for iteration, address := range f.Reports {
		if !strings.HasPrefix(address, s.Base+"/report/r_") {
			t.Errorf("the report of round %s is at %q", iteration, address)
		}
	}
	if len(f.Reports) != 2 {
		t.Errorf("there are %d reports", len(f.Reports))
	}
}

// checkOpen uses what the file says of the open round.
func checkOpen(t *testing.T, s Stage, f *File) {
	t.Helper()
	p := phone.New(phone.NewClient(2), s.Base)
	for _, kind := range kinds() {
		if n := len(f.OpenRound.Codes[kind]); n != 9 {
			t.Errorf("%d cards for %s", n, kind)
		}
		if n := len(f.OpenRound.LinkCodes[kind]); n < 4 {
			t.Errorf("%d links for %s", n, kind)
		}
		for _, code := range []string{f.OpenRound.Codes[kind][0], f.OpenRound.LinkCodes[kind][0]} {
			if err := p.Answer(t.Context(), "ar", f.OpenRound.ID, string(kind), code, phone.First); err != nil {
				t.Errorf("a code for %s: %v", kind, err)
			}
		}
	}
	for _, a := range []Account{f.Staff, f.Operator, f.Analyst} {
		if _, err := s.People.SignIn(t.Context(), a.Email, a.Password, people.Client{Key: "here"}); err != nil {
			t.Errorf("%s: %v", a.Email, err)
		}
	}
	var seen struct {
		Health    string `json:"health"`
		OpenRound struct {
			Links map[string]map[string]string `json:"links"`
		} `json:"open_round"`
	}
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &seen); err != nil {
		t.Fatal(err)
	}
	if got := seen.OpenRound.Links["private"]["fr"]; got != s.Base+"/fr/s/"+f.OpenRound.ID {
		t.Errorf("the link is %q", got)
	}
	if seen.Health != s.Base+"/healthz" {
		t.Errorf("health is at %q", seen.Health)
	}
}
