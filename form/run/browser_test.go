package run

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form/script"
	"adili/internal/testkit/browsertest"
)

// walkScript gives answers to a compiled questionnaire and lists the states
// after each, and before the first.
const walkScript = `window.walk = (compiled, answers, settings) => {
  let seed = 11;
  settings.random = () => (seed = seed * 16807 % 2147483647) / 2147483647;
  const run = adiliForm.start(compiled, settings);
  const all = [run.states()];
  for (const [id, value] of answers) all.push(run.set(id, value) ? run.states() : []);
  return all;
}; true`

// chance is the same in Go.
func chance() func() float64 {
	seed := 11
	return func() float64 {
		seed = seed * 16807 % 2147483647
		return float64(seed) / 2147483647
	}
}

// browserState is a state as the browser has it.
type browserState struct {
	ID, Value                                       string
	Relevant, Required, Valid, Calculated, ReadOnly bool
	Offered                                         []string
}

func (r *Run) inBrowser() []browserState {
	var all []browserState
	for _, s := range r.States() {
		offered := append([]string{}, r.Offered(s.ID)...)
		all = append(all, browserState{s.ID, s.Value, s.Relevant, s.Required, s.Valid, s.Calculated, s.ReadOnly, offered})
	}
	return all
}

// The runner on a phone has the states of the one in Go, after every answer,
// for the questionnaires that come with Adili, those of others, and many made
// by chance.
func TestBrowserAgrees(t *testing.T) {
	tab := browsertest.New(t, browsertest.Options{})
	browsertest.Eval[bool](tab, script.Source()+"; true")
	browsertest.Eval[bool](tab, walkScript)
	samples := slices.Concat(bundled(t), generated(t, 300), imported(t))
	now := time.Date(2026, 11, 24, 10, 30, 0, 0, time.FixedZone("", 3*3600))
	steps := 0
	for n, s := range samples {
		r, err := New(s.q, Settings{Now: now, Random: chance()})
		if err != nil {
			t.Fatalf("%s: %v", s.id, err)
		}
		compiled, err := Script(s.q)
		if err != nil {
			t.Fatalf("%s: %v", s.id, err)
		}
		states := [][]browserState{r.inBrowser()}
		answers := [][2]string{}
		fields := r.answerable()
		by := newWalker(r.plan, uint64(n))
		for range 20 {
			if len(fields) == 0 {
				break
			}
			f := &r.fields[fields[by.r.IntN(len(fields))]]
			value := by.typed(f)
			answers = append(answers, [2]string{f.id, value})
			if err := r.Set(f.id, value); err != nil {
				states = append(states, nil)
				continue
			}
			states = append(states, r.inBrowser())
		}
		steps += len(answers)
		raw, err := json.Marshal(answers)
		if err != nil {
			t.Fatal(err)
		}
		got := browsertest.Eval[[][]browserState](tab, fmt.Sprintf("walk(%s, %s, {now: %d, zone: 180})", compiled, raw, now.UnixMilli()))
		compareWalks(t, s, r, answers, states, got)
	}
	t.Logf("%d questionnaires, %d answers", len(samples), steps)
}

func compareWalks(t *testing.T, s sample, r *Run, answers [][2]string, want, got [][]browserState) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d states in Go, %d in Chromium", s.id, len(want), len(got))
		return
	}
	for step := range want {
		if len(want[step]) != len(got[step]) {
			t.Errorf("%s after %q: %d items in Go, %d in Chromium", s.id, answers[:step], len(want[step]), len(got[step]))
			return
		}
		for i, w := range want[step] {
			if g := got[step][i]; fmt.Sprint(w) != fmt.Sprint(g) {
				t.Errorf("%s after %q:\n in Go       %v\n in Chromium %v\n %s", s.id, answers[:step], w, g, r.sources(w.ID))
				return
			}
		}
	}
}

// sources are the expressions of an item, for messages.
func (r *Run) sources(id string) string {
	f := &r.fields[r.byID[id]]
	var all []string
	for _, e := range []struct {
		name string
		e    interface{ Source() string }
		ok   bool
	}{
		{"relevant", f.relevant, f.relevant != nil}, {"filter", f.filter, f.filter != nil}, {"calculation", f.calculation, f.calculation != nil},
		{"required", f.required, f.required != nil}, {"constraint", f.constraint, f.constraint != nil}, {"default", f.initial, f.initial != nil},
	} {
		if e.ok {
			all = append(all, e.name+": "+e.e.Source())
		}
	}
	return strings.Join(all, "; ")
}
