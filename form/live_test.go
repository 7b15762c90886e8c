package form_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adili/form"
)

func shape(q *form.Questionnaire) []string {
	var pages []string
	for _, p := range q.Pages {
		ids := []string{p.ID + ":"}
		for _, it := range p.Items {
			ids = append(ids, it.ID)
		}
		pages = append(pages, strings.Join(ids, " "))
	}
	return pages
}

// A page is split before what an answer on it decides, also by way of a
// calculation or of a name in a text; what is never asked is gone.
func TestPaged(t *testing.T) {
	q := readTwo(t, whole)
	before := form.Write(q)
	paged := q.Paged()
	want := []string{"one: met", "one_2: Visits.n often", "one_3: g why rate seen", ": day lead pay end_note"}
	if diff := cmp.Diff(want, shape(paged)); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(before, form.Write(q)) {
		t.Error("the questionnaire itself was changed")
	}
	why, _ := paged.Item("why")
	if why.Relevant == nil || why.MaxLength == 0 {
		t.Errorf("why: relevant %v, at most %d characters", why.Relevant, why.MaxLength)
	}
	if met, _ := paged.Item("met"); !slices.Contains(met.Missing, form.PreferNot) {
		t.Error("who has to answer cannot prefer not to")
	}
}

func TestPagedKeepsFiveAtATime(t *testing.T) {
	q := readTwo(t, whole)
	q.Pages = q.Pages[1:2]
	q.Pages[0].ID, q.Pages[0].Items = "long", nil
	for i := range 12 {
		q.Pages[0].Items = append(q.Pages[0].Items, form.Item{ID: fmt.Sprintf("n%d", i), Kind: form.Integer, Text: form.Text{"en": "N"}})
	}
	if got := q.Paged().Pages; len(got) != 3 || len(got[0].Items) != 5 || got[2].ID != "long_3" {
		t.Errorf("pages %v", shape(q.Paged()))
	}
	q.Pages[0].Appearance = "field-list"
	if got := q.Paged().Pages; len(got) != 1 {
		t.Errorf("a page kept together became %v", shape(q.Paged()))
	}
}

// No page of any questionnaire asks what another answer on it decides, and
// every question stands on one page.
func TestPagesNeedNoScript(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := draw(t)
		if len(form.Check(q)) > 0 {
			t.Skip("faulty")
		}
		paged := q.Paged()
		if q.Questions() != paged.Questions() {
			t.Fatalf("%d questions became %d", q.Questions(), paged.Questions())
		}
		for _, p := range paged.Pages {
			on := map[string]bool{}
			for _, it := range p.Items {
				for _, name := range it.RelevantNames() {
					if on[name] && (it.Kind.Answered() || it.Kind == form.Note) {
						t.Fatalf("%s hangs on %s of its own page", it.ID, name)
					}
				}
				on[it.ID] = it.Kind.Answered()
			}
		}
		record := paged.Pack(form.Answers{})
		if _, err := paged.Unpack(record); err != nil || len(record) != paged.RecordSize() {
			t.Fatal(err)
		}
	})
}

func TestAcceptNewKinds(t *testing.T) {
	q := readTwo(t, whole).Paged()
	on := time.Date(2026, 5, 20, 10, 0, 0, 0, time.UTC)
	often := form.Answers{"met": {Code: 1}, "Visits.n": {Code: 1, Number: 12}}
	for _, c := range []struct {
		item, value string
		want        form.Answer
		reason      form.Reason
	}{
		{"Visits.n", "12", form.Answer{Code: 1, Number: 12}, ""},
		{"Visits.n", " ١٢ ", form.Answer{Code: 1, Number: 12}, ""},
		{"Visits.n", "۴۵", form.Answer{Code: 1, Number: 45}, ""},
		{"Visits.n", "0", form.Answer{Code: 1}, ""},
		{"Visits.n", "51", form.Answer{}, form.Violated},
		{"Visits.n", "-1", form.Answer{}, form.Violated},
		{"Visits.n", "1.5", form.Answer{}, form.NotWhole},
		{"Visits.n", "1,500", form.Answer{}, form.NoNumber},
		{"Visits.n", "many", form.Answer{}, form.NoNumber},
		{"Visits.n", "0x10", form.Answer{}, form.NoNumber},
		{"Visits.n", "1e2", form.Answer{}, form.NoNumber},
		{"pay", "٣٫٥", form.Answer{Code: 1, Number: 3.5}, ""},
		{"pay", "3,5", form.Answer{Code: 1, Number: 3.5}, ""},
		{"pay", "-0", form.Answer{Code: 1}, ""},
		{"rate", "-0.5", form.Answer{Code: 1, Number: -0.5}, ""},
		{"rate", "0.3", form.Answer{}, form.OutOfRange},
		{"rate", "2", form.Answer{}, form.OutOfRange},
		{"day", "1970-01-02", form.Answer{Code: 1, Number: 1}, ""},
		{"day", "٢٠٢٦-٠٥-٢٠", form.Answer{Code: 1, Number: 20593}, ""},
		{"day", "2026-05-21", form.Answer{}, form.Violated},
		{"day", "2026-02-30", form.Answer{}, form.NoDate},
		{"seen", "OK", form.Answer{Code: 1}, ""},
	} {
		page := slices.IndexFunc(q.Pages, func(p form.Page) bool {
			return slices.ContainsFunc(p.Items, func(it form.Item) bool { return it.ID == c.item })
		})
		got, err := q.AcceptAt(on, page, often, map[string][]string{c.item: {c.value}})
		objections, _ := errors.AsType[form.Objections](err)
		if o, _ := objections.Of(c.item); o.Reason != c.reason || got == nil || got[c.item] != c.want {
			t.Errorf("%s %q: %v, %v; want %v, %q", c.item, c.value, got[c.item], err, c.want, c.reason)
		}
	}
	if _, err := q.Accept(1, often, map[string][]string{"often": {"x"}}); err == nil || errors.As(err, new(form.Objections)) {
		t.Errorf("an answer to a calculation: %v", err)
	}
}

// Blanks are asked about once more, never more than that: the other answers
// are taken beside the objection.
func TestRequiredAsksOnceMore(t *testing.T) {
	q := readTwo(t, whole).Paged()
	got, err := q.Accept(0, nil, nil)
	objections, ok := errors.AsType[form.Objections](err)
	if !ok || objections[0].Reason != form.Required || got == nil {
		t.Fatalf("%v, %v", got, err)
	}
	if got, err = q.Accept(0, nil, map[string][]string{"met": {"prefer_not"}}); err != nil || got["met"].Code != form.PreferNot {
		t.Errorf("who prefers not to say is asked again: %v, %v", got, err)
	}
	got, err = q.Accept(1, form.Answers{"met": {Code: 1}}, map[string][]string{"Visits.n": {"99"}})
	if objections, ok = errors.AsType[form.Objections](err); !ok || objections[0].Message["en"] != "0 to 50" || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWhatHangsOnCalculations(t *testing.T) {
	q := readTwo(t, whole).Paged()
	for visits, want := range map[float64]bool{3: false, 12: true} {
		answers := form.Answers{"met": {Code: 1}, "Visits.n": {Code: 1, Number: visits}, "why": {Code: 1, Text: "x"}, "rate": {Code: 1, Number: 0.5}}
		if got := q.Step(1, 1, answers) == 2; got != want {
			t.Errorf("%g visits: page 3 shown is %v", visits, got)
		}
		if _, kept := q.Settle(answers)["why"]; kept != want {
			t.Errorf("%g visits: answer kept is %v", visits, kept)
		}
		back, err := q.Unpack(q.Pack(answers))
		if err != nil || want && back["rate"].Number != 0.5 || !want && back["rate"] != (form.Answer{Code: form.NotAsked}) {
			t.Errorf("%g visits: %v, %v", visits, back, err)
		}
		answers["met"] = form.Answer{Code: 2} // nothing behind the first question is asked any more
		if settled := q.Settle(answers); len(settled) != 1 {
			t.Errorf("settled: %v", settled)
		}
	}
}

func TestSay(t *testing.T) {
	q := readTwo(t, whole).Paged()
	why, _ := q.Item("why")
	answers := form.Answers{"met": {Code: 1}, "Visits.n": {Code: 1, Number: 12}}
	if got := q.Say(why.Text["en"], "fr", answers); got != "Why often, after Oui?" {
		t.Errorf("said %q", got)
	}
	if got := q.Say("${day}", "en", nil); got != "…" {
		t.Errorf("said %q of no answer", got)
	}
}

func TestObstacles(t *testing.T) {
	for _, c := range []struct {
		name, old, new, key string
		warning             bool
	}{
		{"place", "", "", "form.obstacle.place", false},
		{"device", `"was": "geopoint"`, `"was": "deviceid"`, "form.obstacle.device", false},
		{"spaces", `"was": "geopoint"`, `"was": "phone number"`, "form.obstacle.unasked", true},
		{"audit", `"was": "geopoint"`, `"was": "audit"`, "form.obstacle.audit", false},
		{"time", `"was": "geopoint"`, `"was": "start"`, "form.obstacle.time", false},
		{"not asked", `"was": "geopoint"`, `"was": "rank"`, "form.obstacle.unasked", true},
		{"population", `"population": "private",`, ``, "form.obstacle.population", false},
		{"factor", `"factor": 3,`, ``, "form.fault.factor", false},
		{"exact", "", "", "form.obstacle.exact", true},
		{"clock", `"if(${Visits.n} > 10, 'often', 'rarely')"`, `"string(now())"`, "form.obstacle.clock", false},
		{"mark", `"if(${Visits.n} > 10, 'often', 'rarely')"`, `"uuid()"`, "form.obstacle.chance", false},
		{"path", `"if(${Visits.n} > 10, 'often', 'rarely')"`, `"/data/met"`, "form.obstacle.path", false},
		{"source", `"text": {"en": "Rate"}`, `"text": {"fr": "Note"}`, "form.obstacle.text", false},
	} {
		q := readTwo(t, strings.Replace(whole, c.old, c.new, 1))
		faults := form.Obstacles(q)
		i := slices.IndexFunc(faults, func(f form.Fault) bool { return f.Key == c.key })
		if i < 0 || faults[i].Warning != c.warning || strings.Contains(faults[i].String(), "{{") {
			t.Errorf("%s: %v", c.name, faults)
		}
	}
	clean := readTwo(t, strings.Replace(whole, `"was": "geopoint"`, `"was": "rank"`, 1))
	if grave := form.Obstacles(clean).Grave(); len(grave) > 0 {
		t.Errorf("%v", grave)
	}
}

func BenchmarkUnpack(b *testing.B) {
	q := readTwo(b, whole).Paged()
	record := q.Pack(form.Answers{"met": {Code: 1}})
	for b.Loop() {
		if _, err := q.Unpack(record); err != nil {
			b.Fatal(err)
		}
	}
}
