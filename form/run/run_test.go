package run

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"adili/form"
	"adili/form/expr"
	"adili/form/script"
	"adili/internal/testkit/browsertest"
)

func parsed(t testing.TB, source string) *expr.Expr {
	t.Helper()
	e, err := expr.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func start(t testing.TB, q *form.Questionnaire) *Run {
	t.Helper()
	r, err := New(q, Settings{Now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// large is a questionnaire of items items with two expressions to most, as
// nested filters and sums make them.
func large(t testing.TB, items int) *form.Questionnaire {
	q := &form.Questionnaire{ID: "large", Lists: map[string][]form.Choice{"yn": {{ID: "y"}, {ID: "n"}}}}
	page := form.Page{ID: "p0"}
	for i := range items {
		it := form.Item{ID: fmt.Sprintf("q%d", i), Kind: form.Single, List: "yn"}
		switch i % 6 {
		case 1:
			it.Relevant = parsed(t, fmt.Sprintf("selected(${q%d}, 'y') or ${q0} = 'n'", i-1))
			it.Required = parsed(t, "true()")
		case 2:
			it.Kind, it.Constraint = form.Integer, parsed(t, ". >= 0 and . <= 120")
			it.Relevant = parsed(t, "${q0} = 'y'")
		case 3:
			it.Kind, it.Calculation = form.Calculate, parsed(t, fmt.Sprintf("coalesce(${q%d}, 0) + if(${q0} = 'y', 1, 0)", i-1))
			it.Relevant = parsed(t, "true()")
		case 4:
			it.Kind, it.Required = form.OpenAnswer, parsed(t, "${q0} = 'y'")
			it.Constraint = parsed(t, "string-length(.) < 200")
		case 5:
			it.Relevant = parsed(t, fmt.Sprintf("${q%d} > 3 and ${q0} != ''", i-2))
			it.Required = parsed(t, "${q0} = 'y'")
		}
		page.Items = append(page.Items, it)
		if len(page.Items) == 20 {
			q.Pages = append(q.Pages, page)
			page = form.Page{ID: fmt.Sprintf("p%d", len(q.Pages))}
		}
	}
	q.Pages = append(q.Pages, page)
	return q
}

// BenchmarkSet answers the question on which nearly all 1,000 expressions of a
// questionnaire of 600 items depend.
func BenchmarkSet(b *testing.B) {
	r := start(b, large(b, 600))
	answers := []string{"y", "n"}
	for i := 0; b.Loop(); i++ {
		if err := r.Set("q0", answers[i%2]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	q := large(b, 600)
	for b.Loop() {
		start(b, q)
	}
}

// BenchmarkSetInBrowser does the same in Chromium, six times slowed down.
func BenchmarkSetInBrowser(b *testing.B) {
	compiled, err := Script(large(b, 600))
	if err != nil {
		b.Fatal(err)
	}
	tab := browsertest.New(b, browsertest.Options{})
	browsertest.Eval[bool](tab, script.Source()+"; true")
	browsertest.Eval[bool](tab, fmt.Sprintf(`window.large = adiliForm.start(%s, {now: 0, zone: 0});
window.answered = times => {
  const from = performance.now();
  for (let i = 0; i < times; i++) large.set('q0', i %% 2 ? 'y' : 'n');
  return performance.now() - from;
}; true`, compiled))
	tab.Slow(6)
	b.ResetTimer()
	spent := browsertest.Eval[float64](tab, fmt.Sprintf("answered(%d)", b.N))
	b.ReportMetric(spent/float64(b.N), "ms/answer")
}

// answers are set one after another; after them the states are as said: value,
// then R for relevant, Q for required, V for valid.
func TestMeaning(t *testing.T) {
	yn := []form.Choice{{ID: "y", Label: form.Text{"en": "Yes", "fr": "Oui"}, Extra: map[string]string{"k": "1"}}, {ID: "n", Extra: map[string]string{"k": "2"}}}
	a := form.Item{ID: "a", Kind: form.Integer}
	e := func(source string) *expr.Expr { return parsed(t, source) }
	for _, c := range []struct {
		name  string
		items []form.Item
		set   []string // id=value
		want  map[string]string
	}{
		{"a value comes back with its relevance", []form.Item{a, {ID: "b", Kind: form.OpenAnswer, Relevant: e("${a} = 1")}, {ID: "c", Kind: form.Calculate, Calculation: e("concat('<', ${b}, '>')")}},
			[]string{"a=1", "b=x", "a=2", "a=1"}, map[string]string{"b": "x RV", "c": "<x> RV"}},
		{"not relevant counts as empty", []form.Item{a, {ID: "b", Kind: form.OpenAnswer, Relevant: e("${a} = 1"), Required: e("true()")}, {ID: "c", Kind: form.Calculate, Calculation: e("concat('<', ${b}, '>')")}},
			[]string{"a=1", "b=x", "a=2"}, map[string]string{"b": " V", "c": "<> RV"}},
		{"groups hand down relevance", []form.Item{a, {ID: "g", Kind: form.Group, Relevant: e("${a} = 1"), Items: []form.Item{{ID: "h", Kind: form.Group, Items: []form.Item{{ID: "b", Kind: form.OpenAnswer}}}}}},
			nil, map[string]string{"b": " V"}},
		{"required and empty", []form.Item{{ID: "b", Kind: form.OpenAnswer, Required: e("true()"), Constraint: e("false()")}}, nil, map[string]string{"b": " RQ"}},
		{"constraint", []form.Item{{ID: "b", Kind: form.Integer, Constraint: e(". < 10")}}, []string{"b=12"}, map[string]string{"b": "12 R"}},
		{"static and worked out defaults", []form.Item{{ID: "b", Kind: form.Integer, Default: e("7")}, {ID: "c", Kind: form.Date, Default: e("today()")}, {ID: "d", Kind: form.Integer, Default: e("${b} + 1")}},
			[]string{"b=1"}, map[string]string{"b": "1 RV", "c": "2026-11-24 RV", "d": "8 RV"}},
		{"an answer stands until the calculation changes", []form.Item{a, {ID: "b", Kind: form.Integer, Calculation: e("${a} * 2")}}, []string{"a=1", "b=9"}, map[string]string{"b": "9 RV"}},
		{"a calculation overwrites", []form.Item{a, {ID: "b", Kind: form.Integer, Calculation: e("${a} * 2")}}, []string{"b=9", "a=2"}, map[string]string{"b": "4 RV"}},
		{"what is no number is empty", []form.Item{a, {ID: "b", Kind: form.Calculate, Calculation: e("${a} * 2")}}, nil, map[string]string{"b": " RV"}},
		{"a choice comes back with its offer", []form.Item{a, {ID: "b", Kind: form.Single, List: "yn", Filter: e("k = ${a}")}}, []string{"a=1", "b=y", "a=2", "a=1"}, map[string]string{"b": "y RV"}},
		{"a choice not offered is none", []form.Item{a, {ID: "b", Kind: form.Single, List: "yn", Filter: e("k = ${a}")}}, []string{"a=1", "b=y", "a=2"}, map[string]string{"b": " RV"}},
		{"choices in the order of the list", []form.Item{{ID: "b", Kind: form.Multi, List: "yn"}}, []string{"b=n  nobody y"}, map[string]string{"b": "y n RV"}},
		{"an exclusive choice beside another", []form.Item{{ID: "b", Kind: form.Multi, Choices: []form.Choice{{ID: "x"}, {ID: "z", Exclusive: true}}}}, []string{"b=x z"}, map[string]string{"b": "x z R"}},
		{"a missing code satisfies and says nothing", []form.Item{{ID: "b", Kind: form.Single, List: "yn", Missing: []form.Code{form.PreferNot}, Required: e("true()")}, {ID: "c", Kind: form.Calculate, Calculation: e("concat('<', ${b}, '>')")}},
			[]string{"b=prefer_not"}, map[string]string{"b": "prefer_not RQV", "c": "<> RV"}},
		{"a code not offered as missing", []form.Item{{ID: "b", Kind: form.Single, List: "yn"}}, []string{"b=prefer_not"}, map[string]string{"b": " RV"}},
		{"labels in the language", []form.Item{{ID: "b", Kind: form.Single, List: "yn"}, {ID: "c", Kind: form.Calculate, Calculation: e("jr:choice-name(${b}, '${b}')")}}, []string{"b=y"}, map[string]string{"c": "Oui RV"}},
		{"numbers as typed", []form.Item{{ID: "b", Kind: form.Decimal}, {ID: "c", Kind: form.Integer}, {ID: "d", Kind: form.Decimal}}, []string{"b=٣٫٥", "c= 12.9 ", "d=3,25"}, map[string]string{"b": "3.5 RV", "c": "12 RV", "d": "3.25 RV"}},
		{"no numbers", []form.Item{{ID: "b", Kind: form.Decimal}, {ID: "c", Kind: form.Integer}, {ID: "d", Kind: form.Decimal}}, []string{"b=1,234", "c=9007199254740994", "d=1e999"}, map[string]string{"b": " RV", "c": " RV", "d": " RV"}},
		{"a range", []form.Item{{ID: "b", Kind: form.Range, Min: 1, Max: 5, Step: 1}, {ID: "c", Kind: form.Range, Min: 0, Max: 1, Step: 0.5}}, []string{"b=6", "c=0.5"}, map[string]string{"b": " RV", "c": "0.5 RV"}},
		{"dates", []form.Item{{ID: "b", Kind: form.Date}, {ID: "c", Kind: form.Date, Appearance: "month-year"}, {ID: "d", Kind: form.Date, Appearance: "year"}}, []string{"b=2023-02-29", "c=2024-05", "d=٢٠٢٤"}, map[string]string{"b": " RV", "c": "2024-05-01 RV", "d": "2024-01-01 RV"}},
		{"paths", []form.Item{a, {ID: "b", Kind: form.Calculate, Calculation: e("../a + /data/a")}}, []string{"a=2"}, map[string]string{"b": "4 RV"}},
		{"once", []form.Item{a, {ID: "b", Kind: form.Calculate, Calculation: e("once(${a})")}}, []string{"a=2", "a=3"}, map[string]string{"b": "2 RV"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := &form.Questionnaire{ID: "f", Source: "en", Languages: map[string]form.Status{"en": form.Draft, "fr": form.Draft},
				Lists: map[string][]form.Choice{"yn": yn}, Pages: []form.Page{{Items: c.items}}}
			r, err := New(q, Settings{Now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), Language: "fr"})
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.set {
				id, value, _ := strings.Cut(s, "=")
				if err := r.Set(id, value); err != nil {
					t.Fatal(err)
				}
			}
			for id, want := range c.want {
				if s, ok := r.State(id); !ok || s.words() != want {
					t.Errorf("%s is %q, want %q", id, s.words(), want)
				}
			}
		})
	}
}

func (s State) words() string {
	words := s.Value + " "
	for _, one := range []struct {
		letter string
		is     bool
	}{{"R", s.Relevant}, {"Q", s.Required}, {"V", s.Valid}} {
		if one.is {
			words += one.letter
		}
	}
	return words
}

func TestRefusedAnswers(t *testing.T) {
	r := start(t, &form.Questionnaire{Pages: []form.Page{{ID: "p", Items: []form.Item{{ID: "g", Kind: form.Group, ReadOnly: parsed(t, "true()"), Items: []form.Item{{ID: "a", Kind: form.Integer}}}}}}})
	for id, want := range map[string]string{"x": "no item", "g": "no item", "p": "no item", "": "no item", "a": "read-only"} {
		if err := r.Set(id, "1"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("setting %q: %v, want %q", id, err, want)
		}
	}
	if _, ok := r.State("g"); ok {
		t.Error("a group has a state")
	}
}

func TestCycle(t *testing.T) {
	item := func(id, relevant, calculation string) form.Item {
		it := form.Item{ID: id, Kind: form.Calculate}
		if relevant != "" {
			it.Relevant = parsed(t, relevant)
		}
		if calculation != "" {
			it.Calculation = parsed(t, calculation)
		}
		return it
	}
	for _, c := range []struct {
		name  string
		items []form.Item
		want  []string
	}{
		{"two", []form.Item{item("a", "", "${b} + 1"), item("b", "${a} > 1", "")}, []string{"a", "b", "a"}},
		{"itself", []form.Item{item("a", "", "${a} + 1")}, []string{"a", "a"}},
		{"by a path", []form.Item{item("a", "", "../b"), item("b", "", "/data/a")}, []string{"a", "b", "a"}},
		{"a group on what is in it", []form.Item{{ID: "g", Kind: form.Group, Relevant: parsed(t, "${a} = 1"), Items: []form.Item{item("a", "", "")}}}, []string{"g", "a", "g"}},
		{"none", []form.Item{item("a", "", "once(1)"), item("b", "", ". + ${a}")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(&form.Questionnaire{Pages: []form.Page{{Items: c.items}}}, Settings{})
			cycle, ok := errors.AsType[*CycleError](err)
			if ok != (c.want != nil) || ok && !slices.Equal(cycle.Path, c.want) {
				t.Errorf("got %v, want a cycle %v", err, c.want)
			}
		})
	}
}

// Only what depends on an answer is worked out again.
func TestIncremental(t *testing.T) {
	calls := 0
	q := &form.Questionnaire{Pages: []form.Page{{Items: []form.Item{{ID: "a", Kind: form.Integer}, {ID: "b", Kind: form.Integer},
		{ID: "c", Kind: form.Calculate, Calculation: parsed(t, "${a} + random()")}}}}}
	r, err := New(q, Settings{Random: func() float64 { calls++; return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []struct {
		id   string
		want int
	}{{"b", 1}, {"a", 2}, {"a", 2}} {
		if err := r.Set(s.id, "5"); err != nil {
			t.Fatal(err)
		}
		if calls != s.want {
			t.Errorf("after %s: c was worked out %d times, want %d", s.id, calls, s.want)
		}
	}
}

func TestScriptIsCanonical(t *testing.T) {
	for _, s := range bundled(t) {
		first, err := Script(s.q)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			if again, err := Script(s.q); err != nil || !bytes.Equal(first, again) {
				t.Fatalf("%s: two compilations differ (%v)", s.id, err)
			}
		}
		if bytes.ContainsAny(first, "<>") {
			t.Errorf("%s: the compiled questionnaire cannot stand in a script element", s.id)
		}
	}
}
