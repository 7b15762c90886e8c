package app

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/people"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

const day = 24 * time.Hour

// house is the program on a clock of its own, with an account for the desk.
type house struct {
	*App
	clk  *clock.Manual
	base string
	log  *lockedBuffer
}

func newHouse(t *testing.T, url string) *house {
	t.Helper()
	h := &house{clk: clock.Fixed(roundtest.Now), log: &lockedBuffer{}}
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Database: url, Clock: h.clk, Log: slog.New(slog.NewTextHandler(h.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	h.App = a
	if _, _, err := a.People.Create(t.Context(), people.NewPerson{Email: deskEmail, Name: "Manager", Role: people.Manager, Password: deskPassword}); err != nil {
		t.Fatal(err)
	}
	base, stop, err := a.answer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
	h.base = base
	t.Cleanup(func() {
		if strings.Contains(h.log.String(), "panic") {
			t.Errorf("something panicked:\n%s", h.log)
		}
	})
	return h
}

// signIn gives a desk.
func (h *house) signIn(t *testing.T) *desk { return signIn(t, h.base, deskEmail, deskPassword) }

// The clock is put back, by a day and by less, and then right again: nobody is
// locked out, not even where passwords were mistyped before. Put right by a
// minute, it signs nobody out.
func TestClockPutBack(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		for range 3 {
			if d := signIn(t, h.base, deskEmail, "a wrong password of length"); d.cookie != "" {
				t.Error("a wrong password signs in")
			}
		}
		before := h.signIn(t)
		h.clk.Advance(-time.Minute)
		if !before.in(t) {
			t.Error("a clock put right by a minute signs people out")
		}
		for _, jump := range []time.Duration{-day, -time.Hour, -time.Minute} {
			h.clk.Set(roundtest.Now.Add(jump))
			if d := h.signIn(t); !d.in(t) {
				t.Errorf("with the clock put back by %v, nobody can sign in", -jump)
			}
			h.clk.Set(roundtest.Now)
		}
		if _, err := audit.Verify(t.Context(), h.DB.Read()); err != nil {
			t.Errorf("the trail of what staff did: %v", err)
		}
	})
}

// The clock goes forward by a month: sessions end, and signing in works. What
// was begun while the clock was ahead does not outlive the hours of a session
// once it is put right.
func TestClockAhead(t *testing.T) {
	for name, c := range map[string]struct{ every, until time.Duration }{
		"in use":   {10 * time.Minute, 8*time.Hour + 15*time.Minute},
		"not used": {45 * time.Minute, 46 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "")
			before := h.signIn(t)
			h.clk.Set(roundtest.Now.Add(31 * day))
			if before.in(t) {
				t.Error("a session lives a month")
			}
			ahead := h.signIn(t)
			if !ahead.in(t) {
				t.Error("nobody can sign in with the clock ahead")
			}
			h.clk.Set(roundtest.Now)
			if d := h.signIn(t); !d.in(t) {
				t.Error("nobody can sign in with the clock put right")
			}
			for h.clk.Now().Before(roundtest.Now.Add(c.until)) {
				h.clk.Advance(c.every)
				in := ahead.in(t)
				if past := h.clk.Now().Sub(roundtest.Now); in && past > c.until-c.every {
					t.Errorf("a session begun with the clock ahead lives on %v after it was put right", past)
				}
			}
			h.clk.Set(roundtest.Now.Add(31*day + time.Minute))
			if ahead.in(t) {
				t.Error("a session begun with the clock ahead comes back when its time has come")
			}
		})
	}
}

// The clock jumps about during fieldwork: across the closing day, and back. No
// answer is lost, and the counts that are shown tell nothing of a day before
// it is over.
func TestClockJumpsDuringFieldwork(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		const none = "" // as of which day does not matter
		h := newHouse(t, url)
		round, made := roundtest.Open(t, h.Survey, code.ByLink, 45)
		p := phone.New(phone.NewClient(4), h.base)
		p.Plain = true
		var forms []phone.Final
		for i, c := range made[form.Official][:45] {
			f, err := walk(t.Context(), p, "en", round, c, i)
			if err != nil {
				t.Fatal(err)
			}
			forms = append(forms, f)
		}
		h.shows(t, round, "at noon of the 10th", none, 0)
		sendAll(t, forms[:31])
		h.shows(t, round, "with answers of the same day", none, 0)
		h.clk.Set(roundtest.Now.Add(-day))
		h.shows(t, round, "put back by a day", none, 0)
		sendAll(t, forms[31:33])
		h.clk.Set(roundtest.Now)
		h.shows(t, round, "put right again", none, 0)
		h.clk.Set(roundtest.Now.Add(31 * day))
		over, ok := errors.AsType[*phone.StatusError](forms[33].Send(t.Context()))
		if !ok || over.Status != http.StatusGone {
			t.Errorf("after the closing day an answer gives %v", over)
		}
		if err := h.Survey.Snapshot(t.Context()); err != nil {
			t.Error(err)
		}
		h.clk.Set(roundtest.Now.Add(time.Hour))
		h.shows(t, round, "put right", none, 0)
		sendAll(t, forms[33:43])
		h.shows(t, round, "later that day", none, 0)
		h.clk.Set(roundtest.Now.Add(12*time.Hour + time.Minute))
		h.shows(t, round, "after midnight", none, 0) // of which day the answers are is no longer known for sure
		h.clk.Set(roundtest.Now.Add(36*time.Hour + time.Minute))
		h.shows(t, round, "after the next midnight", "2026-03-11", 40)
		sendAll(t, forms)
		h.clk.Set(roundtest.Now.Add(20 * day))
		if numbers := closeAndRead(t, h.App, round); len(numbers) != len(forms) {
			t.Errorf("%d answers, want %d", len(numbers), len(forms))
		}
	})
}

// The clock is years ahead for two days, past the time for which answers are
// kept, and put right. The answers of the round that is open are still there.
func TestClockAheadDeletesNothing(t *testing.T) {
	databases(t, func(t *testing.T, url string) {
		h := newHouse(t, url)
		round, made := roundtest.Open(t, h.Survey, code.ByLink, 3)
		p := phone.New(phone.NewClient(1), h.base)
		p.Plain = true
		var forms []phone.Final
		for i, c := range made[form.Official][:3] {
			f, err := walk(t.Context(), p, "en", round, c, i)
			if err != nil {
				t.Fatal(err)
			}
			forms = append(forms, f)
		}
		sendAll(t, forms[:2])
		for ahead := range 3 {
			h.clk.Set(roundtest.Now.AddDate(10, 0, ahead))
			if err := h.Survey.Expire(t.Context()); err != nil {
				t.Error(err)
			}
		}
		h.clk.Set(roundtest.Now.Add(time.Hour))
		if err := h.Survey.Expire(t.Context()); err != nil {
			t.Error(err)
		}
		sendAll(t, forms)
		if numbers := closeAndRead(t, h.App, round); len(numbers) != len(forms) {
			t.Errorf("%d answers, want %d", len(numbers), len(forms))
		}
	})
}

// shows lets the program count, and looks at what is shown of the first
// stratum.
func (h *house) shows(t *testing.T, round, when string, asOf survey.Day, used int) {
	t.Helper()
	if err := h.Survey.Snapshot(t.Context()); err != nil {
		t.Errorf("%s: %v", when, err)
	}
	progress, err := h.Survey.Fieldwork(t.Context(), roundtest.Manager, round)
	if err != nil {
		t.Fatal(err)
	}
	if p := progress[0]; p.Used != used || used > 0 && p.Day != asOf || p.Hidden != (used == 0) {
		t.Errorf("%s %d answers are shown as of %s, want %d as of %s", when, p.Used, p.Day, used, asOf)
	}
}
