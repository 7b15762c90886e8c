//go:build long

package xform

import (
	"strings"
	"testing"

	"adili/form"
	"adili/internal/testkit/formtest"
)

// unloadable lists the forms in scope that ODK's engine cannot load, with the
// reason.
var unloadable = map[string]string{
	"tests.test_group.TestGroupParsing.test_empty_group__no_question__error": "the engine wants a question in every group",
	"tests.test_notes.TestNotes.test_instance_expression__permutations#29":   notXPath,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#30":   notXPath,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#31":   notXPath,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#32":   notXPath,
	"tests.test_notes.TestNotes.test_instance_expression__permutations#33":   notXPath,
}

const notXPath = "a label holds an expression with <>, which is no XPath"

func TestEngine(t *testing.T) {
	engine := formtest.Start(t)
	t.Run("cases", func(t *testing.T) { loadCases(t, engine) })
	t.Run("effects", func(t *testing.T) { effects(t, engine) })
	t.Run("bundled", func(t *testing.T) { answerBundled(t, engine) })
}

// loadCases: ODK's own engine takes every form that we write, and its questions
// are ours.
func loadCases(t *testing.T, engine *formtest.Engine) {
	loaded := 0
	for _, c := range formtest.Cases(t) {
		if c.XForm == "" || c.OutOfScope() != "" {
			continue
		}
		q := read(t, c)
		if q == nil {
			t.Errorf("%s: not imported", c.ID)
			continue
		}
		out, err := Write(q)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		states, err := engine.Load(out)
		reason, listed := unloadable[c.ID]
		switch {
		case err == nil && listed:
			t.Errorf("%s loads now; take it off the list (%s)", c.ID, reason)
		case err != nil && !listed:
			t.Errorf("%s: %v\n%s", c.ID, err, c.Source)
		case err == nil:
			loaded++
			if len(states) == 0 || !strings.HasPrefix(states[0].Path, "/"+q.Settings["name"]+"/") {
				t.Errorf("%s: no states of the form: %v", c.ID, states)
			}
		}
	}
	t.Logf("%d forms loaded", loaded)
	if loaded < least {
		t.Errorf("%d forms loaded, want at least %d", loaded, least)
	}
}

// answerBundled: the questionnaires that come with Adili run there too, and
// take answers.
func answerBundled(t *testing.T, engine *formtest.Engine) {
	for name, q := range bundled(t) {
		out, err := Write(q)
		if err != nil {
			t.Fatal(err)
		}
		states, err := engine.Load(out)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answered := 0
		for _, s := range states {
			if s.Kind != "select" || len(s.Options) == 0 || !s.Relevant {
				continue
			}
			answered++
			after, err := engine.Set(s.Path, s.Options[0])
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, now := range after {
				if now.Path == s.Path && now.Value != s.Options[0] {
					t.Errorf("%s: %s is %q after answering %q", name, s.Path, now.Value, s.Options[0])
				}
			}
		}
		t.Logf("%s: %d questions, %d answered", name, len(states), answered)
		if answered < 20 {
			t.Errorf("%s: %d questions could be answered", name, answered)
		}
	}
}

// step is one answer and what the engine says of other questions then.
type step struct {
	set, value string
	want       map[string]formtest.State
}

// effects: logic that we write has the effect in ODK's engine that it has here.
func effects(t *testing.T, engine *formtest.Engine) {
	list := []form.Choice{{ID: "x", Label: und("X")}, {ID: "y", Label: und("Y"), Extra: map[string]string{"on": "1"}}, {ID: "z", Label: und("Z"), Exclusive: true}}
	q := one(
		form.Item{ID: "n", Kind: form.Integer, Text: und("N"), Required: parsed(t, "true()"), Constraint: parsed(t, ". < 10"), ConstraintMessage: und("below 10")},
		form.Item{ID: "r", Kind: form.Range, Text: und("R"), Min: 0, Max: 1, Step: 0.5},
		form.Item{ID: "d", Kind: form.Date, Text: und("D"), Relevant: parsed(t, "${n} > 3")},
		form.Item{ID: "c", Kind: form.Calculate, Calculation: parsed(t, "concat(${n}, '/', ${d})")},
		form.Item{ID: "m", Kind: form.Multi, Text: und("M"), Choices: list},
		form.Item{ID: "s", Kind: form.Single, Text: und("S"), Choices: list, Filter: parsed(t, "on = ${n}"), Relevant: parsed(t, "selected(${m}, 'x')")},
		form.Item{ID: "k", Kind: form.Acknowledge, Text: und("K")},
		form.Item{ID: "t", Kind: form.OpenAnswer, Text: und("T"), MaxLength: 3, Default: parsed(t, "'ab'")},
	)
	out, err := Write(q)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Load(out); err != nil {
		t.Fatal(err)
	}
	for i, s := range []step{
		{"/data/n", "12", map[string]formtest.State{"/data/n": {Value: "12", Relevant: true, Required: true, Violation: "constraint"}, "/data/t": {Value: "ab", Relevant: true}}},
		{"/data/n", "", map[string]formtest.State{"/data/n": {Relevant: true, Required: true, Violation: "required"}, "/data/d": {}}},
		{"/data/n", "5", map[string]formtest.State{"/data/n": {Value: "5", Relevant: true, Required: true}, "/data/d": {Relevant: true}}},
		{"/data/d", "2024-02-29", map[string]formtest.State{"/data/c": {Value: "5/2024-02-29", Relevant: true}}},
		{"/data/n", "1", map[string]formtest.State{"/data/d": {Value: ""}, "/data/c": {Value: "1/", Relevant: true}}},
		{"/data/m", "y z", map[string]formtest.State{"/data/m": {Value: "y z", Relevant: true, Violation: "constraint"}, "/data/s": {}}},
		{"/data/m", "x y", map[string]formtest.State{"/data/m": {Value: "x y", Relevant: true}, "/data/s": {Relevant: true}}},
		{"/data/s", "y", map[string]formtest.State{"/data/s": {Value: "y", Relevant: true}}},
		{"/data/r", "0.5", map[string]formtest.State{"/data/r": {Value: "0.5", Relevant: true}}},
		{"/data/k", "OK", map[string]formtest.State{"/data/k": {Value: "OK", Relevant: true}}},
		{"/data/t", "abcd", map[string]formtest.State{"/data/t": {Value: "abcd", Relevant: true, Violation: "constraint"}}},
	} {
		states, err := engine.Set(s.set, s.value)
		if err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		for _, got := range states {
			want, ok := s.want[got.Path]
			if ok && (got.Value != want.Value || got.Relevant != want.Relevant || got.Required != want.Required || got.Violation != want.Violation) {
				t.Errorf("step %d: %s is %+v, want %+v", i, got.Path, got, want)
			}
		}
	}
}
