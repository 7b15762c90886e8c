//go:build long

package run

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/form/xform"
	"adili/internal/testkit/formtest"
)

// explained lists the forms on which ODK's engine and this package differ on
// purpose, with the reason. A form on it has to differ.
var explained = map[string]string{
	"tests.test_randomize_itemsets.RandomizeItemsetsTest.test_randomized_seeded_select_one_nameset_seed":      "it calculates with the time, and that passes",
	"tests.test_typed_calculates.TypedCalculatesTest.test_calculate_without_calculation_with_dynamic_default": "its default is a random number",
}

const leastSteps = 10_000

// TestEngineWalk answers forms in ODK's own engine and here, in step, and
// compares after each answer what is relevant, required, violated, worked out
// and offered.
func TestEngineWalk(t *testing.T) {
	engine := formtest.Start(t)
	samples := slices.Concat(bundled(t), imported(t), generated(t, 150))
	total := 0
	differ := map[string]bool{}
	forms := 0
	for i, s := range samples {
		w := &engineWalk{t: t, engine: engine, sample: s}
		steps := w.walk(uint64(i), 30)
		total += steps
		if steps > 0 {
			forms++
		}
		if len(w.differences) > 0 {
			differ[s.id] = true
			if explained[s.id] == "" {
				t.Errorf("%s:\n%s", s.id, strings.Join(w.differences[:min(4, len(w.differences))], "\n"))
			}
		}
	}
	for id := range maps.Keys(explained) {
		if !differ[id] {
			t.Errorf("%s does not differ: take it off the list", id)
		}
	}
	t.Logf("%d forms, %d answers, %d forms differ as explained", forms, total, len(explained))
	if total < leastSteps {
		t.Errorf("%d answers, want %d", total, leastSteps)
	}
}

type engineWalk struct {
	t           *testing.T
	engine      *formtest.Engine
	sample      sample
	run         *Run
	said        []string
	differences []string
}

// walk returns the number of answers given; none for a form that the engine
// cannot load, which the tests of package xform list.
func (w *engineWalk) walk(seed uint64, steps int) int {
	xml, err := xform.Write(w.sample.q)
	if err != nil {
		w.t.Logf("%s: %v", w.sample.id, err)
		return 0
	}
	states, err := w.engine.Load(xml)
	if err != nil {
		w.t.Logf("%s: %v", w.sample.id, err)
		return 0
	}
	w.run, err = New(w.sample.q, Settings{Now: time.Now()})
	if err != nil {
		w.t.Errorf("%s: %v", w.sample.id, err)
		return 0
	}
	w.compare(states)
	fields := w.run.answerable()
	if len(fields) == 0 {
		return 0
	}
	by := newWalker(w.run.plan, seed)
	given := 0
	for range steps {
		i := fields[by.r.IntN(len(fields))]
		f := &w.run.fields[i]
		value := by.answer(f)
		w.said = append(w.said, f.id+"="+value)
		ours := w.run.Set(f.id, value)
		theirs, err := w.engine.Set(w.run.path(i), value)
		if (ours == nil) != (err == nil) {
			w.differences = append(w.differences, "set "+f.id+" to "+value+": here "+text(ours)+", in the engine "+text(err))
			return given
		}
		if err == nil {
			given++
			w.compare(theirs)
		}
		if len(w.differences) > 0 {
			break
		}
	}
	return given
}

// inOrder lists codes without the order that chance gives them.
func inOrder(codes ...[]string) string {
	all := slices.Concat(codes...)
	slices.Sort(all)
	return strings.Join(all, " ")
}

func text(err error) string {
	if err == nil {
		return "taken"
	}
	return err.Error()
}

func (w *engineWalk) compare(states []formtest.State) {
	theirs := map[string]formtest.State{}
	for _, s := range states {
		theirs[s.Path] = s
	}
	for i := range w.run.fields {
		f := &w.run.fields[i]
		if it, _ := w.run.q.Item(f.id); f.kind == groupKind || it.Kind == form.Unasked {
			continue
		}
		their, ok := theirs[w.run.path(i)]
		if !ok {
			w.differ(f.id, "", "not there")
			continue
		}
		our := w.run.state(i)
		w.note(f.id+" value", our.Value, their.Value, f.kind == numberKind || f.kind == rangeKind)
		w.note(f.id+" relevant", strconv.FormatBool(our.Relevant), strconv.FormatBool(their.Relevant), false)
		w.note(f.id+" required", strconv.FormatBool(our.Required), strconv.FormatBool(their.Relevant && their.Required), false)
		w.note(f.id+" valid", strconv.FormatBool(our.Valid), strconv.FormatBool(their.Violation == ""), false)
		if f.list != "" {
			w.note(f.id+" offered", inOrder(w.run.now[i].offered, f.missing), inOrder(their.Options), false)
		}
	}
}

func (w *engineWalk) note(what, our, their string, number bool) {
	if our == their {
		return
	}
	if a, err := strconv.ParseFloat(our, 64); err == nil && number {
		if b, err := strconv.ParseFloat(their, 64); err == nil && a == b {
			return
		}
	}
	w.differ(what, our, their)
}

func (w *engineWalk) differ(what, our, their string) {
	id, _, _ := strings.Cut(what, " ")
	it, _ := w.run.q.Item(id)
	w.differences = append(w.differences, "  "+what+" ("+string(it.Kind)+" "+it.Type+"): here "+strconv.Quote(our)+", in the engine "+strconv.Quote(their)+"  "+w.run.sources(id)+" after "+strings.Join(w.said, ", "))
}
