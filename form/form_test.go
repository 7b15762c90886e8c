package form_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adili/form"
	"adili/instrument"
)

func read(t testing.TB, data []byte) *form.Questionnaire {
	t.Helper()
	q, err := form.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return q.WithOffices([]form.Choice{{ID: "g1", Label: form.Text{"en": "North"}}, {ID: "g2", Label: form.Text{"en": "South"}}})
}

func TestBundledInstrumentsRead(t *testing.T) {
	official, private := read(t, instrument.Official()), read(t, instrument.Private())
	if n := len(form.Matched(official, private)); n < 18 {
		t.Errorf("%d matched items, want at least 18", n)
	}
	for _, q := range []*form.Questionnaire{official, private} {
		if tags := q.LanguageTags(); len(tags) != 7 || tags[0] != "en" {
			t.Errorf("%s: languages %v", q.ID, tags)
		}
	}
}

const small = `{
 "format":"adili-instrument/1","id":"test","version":"1","population":"official","title":{"en":"Test"},
 "languages":{"en":"draft"},
 "scales":{"agree":{"points":[{"en":"1"},{"en":"2"},{"en":"3"},{"en":"4"},{"en":"5"}]}},
 "missing":{"dont_know":{"en":"?"},"prefer_not":{"en":"-"},"not_applicable":{"en":"n/a"}},
 "pages":[
  {"id":"one","title":{"en":"One"},"items":[
   {"id":"lead","type":"agreement","role":"perception","factor":1,"text":{"en":"A"},"scale":"agree","missing":["dont_know"]},
   {"id":"contact","type":"single","role":"experience","factor":10,"text":{"en":"B"},"choices":[{"id":"yes","label":{"en":"Yes"}},{"id":"no","label":{"en":"No"}}]},
   {"id":"know","type":"multi","role":"knowledge","factor":6,"text":{"en":"C"},"choices":[{"id":"aa","label":{"en":"A"}},{"id":"bb","label":{"en":"B"}},{"id":"none","label":{"en":"None"},"exclusive":true}],"missing":["prefer_not"]}
  ]},
  {"id":"two","title":{"en":"Two"},"items":[
   {"id":"paid","type":"single","role":"experience","factor":10,"text":{"en":"D"},"choices":[{"id":"yes","label":{"en":"Yes"}},{"id":"no","label":{"en":"No"}}],"missing":["prefer_not"],"when":{"item":"contact","any":["yes"]},"window_months":12,"sensitivity":"high"}
  ]},
  {"id":"three","title":{"en":"Three"},"items":[{"id":"open","type":"text","role":"open","text":{"en":"E"},"max_length":20}]}
 ]
}`

// Each fault is found, named by its line and field, and carries a message.
func TestFaultsNameLineAndField(t *testing.T) {
	for _, c := range []struct {
		name, old, new, field, key string
		line                       int
	}{
		{"syntax", `"version":"1",`, `"version":"1"`, "", "form.fault.syntax", 2},
		{"cut off", "]}\n ]\n}", "]}", "", "form.fault.syntax", 15},
		{"trailing", " ]\n}", " ]\n}{}", "", "form.fault.trailing", 17},
		{"duplicate field", `"version":"1",`, `"version":"1","version":"2",`, "version", "form.fault.duplicate_key", 2},
		{"unknown field", `"version":"1",`, `"version":"1","colour":"red",`, "colour", "form.fault.unknown_field", 2},
		{"format", "adili-instrument/1", "adili-instrument/9", "format", "form.fault.format", 2},
		{"population", `"population":"official"`, `"population":"trader"`, "population", "form.fault.choice", 2},
		{"language lacking", `"languages":{"en":"draft"}`, `"languages":{"en":"draft","fr":"draft"}`, "title", "form.fault.language", 2},
		{"language extra", `"text":{"en":"A"}`, `"text":{"en":"A","de":"A"}`, "pages[0].items[0].text.de", "form.fault.language_extra", 8},
		{"status", `"en":"draft"`, `"en":"fine"`, "languages.en", "form.fault.choice", 3},
		{"one point", `[{"en":"1"},{"en":"2"},{"en":"3"},{"en":"4"},{"en":"5"}]`, `[{"en":"1"}]`, "scales.agree", "form.fault.scale_points", 4},
		{"id", `"id":"lead"`, `"id":"Lead it"`, "pages[0].items[0].id", "form.fault.id", 8},
		{"id twice", `"id":"contact","type"`, `"id":"lead","type"`, "pages[0].items[1].id", "form.fault.duplicate_id", 9},
		{"page twice", `"id":"two"`, `"id":"one"`, "pages[1].id", "form.fault.duplicate_id", 12},
		{"type", `"type":"text"`, `"type":"photo"`, "pages[2].items[0].type", "form.fault.choice", 15},
		{"no factor", `"role":"perception","factor":1,`, `"role":"perception",`, "pages[0].items[0].factor", "form.fault.factor", 8},
		{"factor 11", `"factor":1,`, `"factor":11,`, "pages[0].items[0].factor", "form.fault.factor", 8},
		{"scale", `"scale":"agree"`, `"scale":"agre"`, "pages[0].items[0].scale", "form.fault.scale", 8},
		{"foreign field", `"scale":"agree"`, `"scale":"agree","max_length":3`, "pages[0].items[0].max_length", "form.fault.not_here", 8},
		{"no text", `"text":{"en":"B"},`, ``, "pages[0].items[1].text", "form.fault.required", 9},
		{"empty text", `"text":{"en":"B"}`, `"text":{"en":" "}`, "pages[0].items[1].text.en", "form.fault.required", 9},
		{"number as text", `"window_months":12`, `"window_months":"12"`, "pages[1].items[0].window_months", "form.fault.want_number", 13},
		{"looks ahead", `"factor":10,"text":{"en":"B"},`, `"factor":10,"text":{"en":"B"},"when":{"item":"paid","any":["yes"]},`, "pages[0].items[1].when.item", "form.fault.when_item", 9},
		{"no such choice", `"any":["yes"]`, `"any":["maybe"]`, "pages[1].items[0].when.any[0]", "form.fault.when_choice", 13},
		{"length", `"max_length":20`, `"max_length":20000`, "pages[2].items[0].max_length", "form.fault.length", 15},
		{"missing code", `"missing":["dont_know"]}`, `"missing":["dunno"]}`, "pages[0].items[0].missing[0]", "form.fault.choice", 8},
		{"bool", `"exclusive":true`, `"exclusive":"yes"`, "pages[0].items[2].choices[2].exclusive", "form.fault.want_bool", 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := strings.Replace(small, c.old, c.new, 1)
			if data == small {
				t.Fatalf("%q does not stand in the file", c.old)
			}
			q, err := form.Read([]byte(data))
			faults, ok := errors.AsType[form.Faults](err)
			if !ok || q != nil {
				t.Fatalf("Read: %v, %v; want faults and no questionnaire", q, err)
			}
			for _, f := range faults {
				if f.Key == c.key && f.Field == c.field && f.Line == c.line {
					if strings.Contains(f.String(), "{{") || form.FaultKeys()[f.Key] == "" {
						t.Errorf("message is not complete: %s", f)
					}
					return
				}
			}
			t.Errorf("want line %d, %s: %s; got\n%v", c.line, c.field, c.key, err)
		})
	}
}

func TestTooLargeFileIsRefused(t *testing.T) {
	_, err := form.Read(make([]byte, form.MaxBytes+1))
	if faults, ok := errors.AsType[form.Faults](err); !ok || faults[0].Key != "form.fault.too_large" {
		t.Errorf("Read: %v", err)
	}
}

func TestAccept(t *testing.T) {
	q := read(t, []byte(small))
	for _, c := range []struct {
		name   string
		page   int
		before form.Answers
		values map[string][]string
		want   form.Answers
		bad    string // item of the error
	}{
		{"nothing", 0, nil, nil, form.Answers{}, ""},
		{"all kinds", 0, nil, map[string][]string{"lead": {"4"}, "contact": {"no"}, "know": {"aa", "bb"}},
			form.Answers{"lead": {Code: 4}, "contact": {Code: 2}, "know": {Code: 1, Set: 3}}, ""},
		{"does not know", 0, nil, map[string][]string{"lead": {"dont_know"}}, form.Answers{"lead": {Code: form.DontKnow}}, ""},
		{"taken back", 0, form.Answers{"lead": {Code: 4}}, map[string][]string{}, form.Answers{}, ""},
		{"other pages stay", 2, form.Answers{"lead": {Code: 4}}, map[string][]string{"open": {" x\r\ny\x00 "}},
			form.Answers{"lead": {Code: 4}, "open": {Code: 1, Text: "x\ny"}}, ""},
		{"none beside others", 0, nil, map[string][]string{"know": {"aa", "none"}}, form.Answers{"know": {Code: 1, Set: 1}}, ""},
		{"none alone", 0, nil, map[string][]string{"know": {"none"}}, form.Answers{"know": {Code: 1, Set: 4}}, ""},
		{"prefers not", 0, nil, map[string][]string{"know": {"prefer_not"}}, form.Answers{"know": {Code: form.PreferNot}}, ""},
		{"out of scale", 0, nil, map[string][]string{"lead": {"6"}}, nil, "lead"},
		{"zero", 0, nil, map[string][]string{"lead": {"0"}}, nil, "lead"},
		{"not a number", 0, nil, map[string][]string{"lead": {"+4"}}, nil, "lead"},
		{"code not offered", 0, nil, map[string][]string{"lead": {"not_applicable"}}, nil, "lead"},
		{"two values", 0, nil, map[string][]string{"lead": {"1", "2"}}, nil, "lead"},
		{"unknown choice", 0, nil, map[string][]string{"contact": {"maybe"}}, nil, "contact"},
		{"unknown item", 0, nil, map[string][]string{"hidden": {"1"}}, nil, "hidden"},
		{"item of another page", 0, nil, map[string][]string{"open": {"x"}}, nil, "open"},
		{"filtered item", 1, form.Answers{"contact": {Code: 2}}, map[string][]string{"paid": {"yes"}}, nil, "paid"},
		{"asked item", 1, form.Answers{"contact": {Code: 1}}, map[string][]string{"paid": {"yes"}},
			form.Answers{"contact": {Code: 1}, "paid": {Code: 1}}, ""},
		{"too long", 2, nil, map[string][]string{"open": {strings.Repeat("é", 21)}}, nil, "open"},
		{"not text", 2, nil, map[string][]string{"open": {"\xff"}}, nil, "open"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := maps.Clone(c.before)
			got, err := q.Accept(c.page, c.before, c.values)
			var bad *form.AnswerError
			if errors.As(err, &bad) && bad.Item != c.bad || (err == nil) != (c.bad == "") {
				t.Fatalf("error %v, want one about %q", err, c.bad)
			}
			if diff := cmp.Diff(c.want, got); c.bad == "" && diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(before, c.before); diff != "" {
				t.Errorf("the answers before were changed: %s", diff)
			}
		})
	}
}

func TestStepSkipsPagesWithNothingToAsk(t *testing.T) {
	q := read(t, []byte(small))
	for _, c := range []struct{ contact, from, by, want int }{{1, 0, 1, 1}, {2, 0, 1, 2}, {0, 0, 1, 2}, {2, 2, -1, 0}, {1, 2, -1, 1}, {1, 2, 1, 3}, {1, 0, -1, -1}, {1, -1, 1, 0}} {
		if got := q.Step(c.from, c.by, form.Answers{"contact": {Code: form.Code(c.contact)}}); got != c.want {
			t.Errorf("contact %d, from %d by %d: %d, want %d", c.contact, c.from, c.by, got, c.want)
		}
	}
}

// An answer behind a filter goes when the filter answer is changed.
func TestSettleDropsWhatIsNoLongerAsked(t *testing.T) {
	q := read(t, []byte(small))
	got, err := q.Unpack(q.Pack(form.Answers{"contact": {Code: 2}, "paid": {Code: 1}}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (form.Answers{"contact": {Code: 2}, "paid": {Code: form.NotAsked}}); !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
	// And is asked afresh when it is changed back.
	got["contact"] = form.Answer{Code: 1}
	if got, err = q.Unpack(q.Pack(got)); err != nil || got["paid"] != (form.Answer{}) {
		t.Errorf("paid = %v, %v; want unanswered", got["paid"], err)
	}
}

// Whatever is answered, the record has one size and gives the answers back.
func TestPackGivesAnswersBack(t *testing.T) {
	for _, data := range [][]byte{instrument.Official(), instrument.Private()} {
		q := read(t, data)
		rapid.Check(t, func(t *rapid.T) {
			answers := form.Answers{}
			for page := range q.Pages {
				values := map[string][]string{}
				for _, it := range q.AskedOn(page, answers) {
					values[it.ID] = drawValues(t, q, it)
				}
				var err error
				if answers, err = q.Accept(page, answers, values); err != nil {
					t.Fatal(err)
				}
			}
			record := q.Pack(answers)
			if len(record) != q.RecordSize() {
				t.Fatalf("%d bytes, want %d", len(record), q.RecordSize())
			}
			got, err := q.Unpack(record)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range q.Items() {
				want := answers[it.ID]
				if !q.Asked(it, answers) {
					want = form.Answer{Code: form.NotAsked}
				}
				if it.Kind != form.OpenAnswer && got[it.ID] != want {
					t.Fatalf("%s: %v, want %v", it.ID, got[it.ID], want)
				}
			}
		})
	}
}

func drawValues(t *rapid.T, q *form.Questionnaire, it form.Item) []string {
	var offered []string
	for i := range q.Points(it) {
		offered = append(offered, fmt.Sprint(i+1))
	}
	for _, c := range it.Choices {
		offered = append(offered, c.ID)
	}
	for _, m := range it.Missing {
		offered = append(offered, m.Name())
	}
	switch {
	case it.Kind == form.OpenAnswer:
		return []string{rapid.StringN(0, it.MaxLength, -1).Draw(t, it.ID)}
	case rapid.Bool().Draw(t, "skip "+it.ID):
		return nil
	case it.Kind == form.Multi:
		return rapid.SliceOfDistinct(rapid.SampledFrom(offered), rapid.ID[string]).Draw(t, it.ID)
	}
	return []string{rapid.SampledFrom(offered).Draw(t, it.ID)}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(small))
	f.Add(instrument.Private())
	f.Add([]byte(`{"pages":[[[[{}]]]]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := form.Read(data)
		if (q == nil) == (err == nil) {
			t.Fatalf("Read: %v, %v", q, err)
		}
		if q != nil {
			if _, err := q.Unpack(q.Pack(form.Answers{})); err != nil {
				t.Error(err)
			}
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add([]byte(whole))
	f.Add(instrument.Official())
	f.Add([]byte(`{"format":"adili-instrument/2","id":"x","source":"en","languages":{"en":"draft"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := form.Read(data)
		if err != nil {
			return
		}
		written := form.Write(q)
		again, err := form.Read(written)
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if got := form.Write(again); string(got) != string(written) {
			t.Fatalf("%s\nbecame\n%s", written, got)
		}
		paged := q.Paged()
		_ = form.Obstacles(q)
		if _, err := paged.Unpack(paged.Pack(form.Answers{})); err != nil {
			t.Error(err)
		}
	})
}
