package paper

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adili/form"
	"adili/instrument"
	"adili/internal/survey/code"
)

func questionnaires(t testing.TB) map[form.Population]*form.Questionnaire {
	t.Helper()
	all := map[form.Population]*form.Questionnaire{}
	for kind, data := range map[form.Population][]byte{form.Official: instrument.Official(), form.Private: instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		all[kind] = q.WithOffices([]form.Choice{{ID: "g1", Label: form.Text{"en": "Port"}}})
	}
	return all
}

func newKey(t testing.TB, round string) *Key {
	t.Helper()
	k, err := NewKey(bytes.Repeat([]byte{7}, 32), round)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func draft(q *form.Questionnaire) *Draft {
	d := &Draft{Kind: q.Population, Stratum: 101, Code: code.Code("0123456789ABCDEF"), Page: 3, Answers: form.Answers{
		q.Pages[0].Items[0].ID: {Code: 4}, "open_change": {Code: 1, Text: "plus de transparence — شفافية"},
	}}
	rand.Read(d.Number[:])
	return d
}

func TestDraftComesBackAsItWas(t *testing.T) {
	all := questionnaires(t)
	find := func(kind form.Population) *form.Questionnaire { return all[kind] }
	k := newKey(t, "r_1")
	for _, q := range all {
		want := draft(q)
		sealed, err := k.Seal(want, q)
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Open(sealed, find)
		if err != nil {
			t.Fatal(err)
		}
		// What a filter leads past comes back as not asked.
		for id, a := range got.Answers {
			if a.Code == form.NotAsked {
				delete(got.Answers, id)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if strings.Contains(sealed, "0123456789ABCDEF") {
			t.Error("the code can be read in the sealed draft")
		}
	}
}

// No character of a sealed draft can be changed, and no other round takes it.
func TestAlteredDraftIsRefused(t *testing.T) {
	all := questionnaires(t)
	find := func(kind form.Population) *form.Questionnaire { return all[kind] }
	k := newKey(t, "r_1")
	sealed, err := k.Seal(draft(all[form.Private]), all[form.Private])
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		changed := []byte(sealed)
		changed[i] = map[bool]byte{true: 'A', false: 'B'}[changed[i] != 'A']
		if _, err := k.Open(string(changed), find); i < len(sealed)-1 && !errors.Is(err, ErrDraft) {
			t.Fatalf("character %d changed: %v, want %v", i, err, ErrDraft)
		}
	}
	if _, err := newKey(t, "r_2").Open(sealed, find); !errors.Is(err, ErrDraft) {
		t.Errorf("another round's draft: %v, want %v", err, ErrDraft)
	}
	for _, short := range []string{"", "AAAA", sealed[:40]} {
		if _, err := k.Open(short, find); !errors.Is(err, ErrDraft) {
			t.Errorf("%q: %v, want %v", short, err, ErrDraft)
		}
	}
}

// The length of a draft tells little about how much was answered.
func TestDraftsHaveFewLengths(t *testing.T) {
	all := questionnaires(t)
	q := all[form.Official]
	k := newKey(t, "r_1")
	empty := draft(q)
	empty.Answers = form.Answers{}
	full := draft(q)
	for _, it := range q.Items() {
		if it.Kind == form.Agreement {
			full.Answers[it.ID] = form.Answer{Code: 5}
		}
	}
	a, err := k.Seal(empty, q)
	if err != nil {
		t.Fatal(err)
	}
	b, err := k.Seal(full, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != len(b) {
		t.Errorf("an empty draft has %d characters, a full one %d", len(a), len(b))
	}
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	all := questionnaires(t)
	for kind, q := range all {
		d := draft(q)
		record := PackAnswers(d, 102, q, AnswerSize(all))
		if len(record) != AnswerSize(all) {
			t.Fatalf("%d bytes, want %d", len(record), AnswerSize(all))
		}
		gotKind, stratum, answers, err := UnpackAnswers(record, all)
		if err != nil || gotKind != kind || stratum != 102 || answers[q.Pages[0].Items[0].ID].Code != 4 {
			t.Errorf("%s: %s, %d, %v, %v", kind, gotKind, stratum, answers, err)
		}
		if bytes.Contains(record, d.Number[:8]) || bytes.Contains(record, []byte("transparence")) {
			t.Error("the record holds the form's number or an open answer")
		}
		opinions := PackOpinions(d, q, OpinionSize(all))
		if len(opinions) != 1 || len(opinions[0].Record) != OpinionSize(all) {
			t.Fatalf("%d open answers, want one of %d bytes", len(opinions), OpinionSize(all))
		}
		o, err := UnpackOpinion(opinions[0].Record)
		if want := (Opinion{kind, "open_change", "plus de transparence — شفافية"}); err != nil || o != want {
			t.Errorf("%v, %v; want %v", o, err, want)
		}
	}
}

// The marks of one form for different purposes have nothing in common.
func TestMarksDiffer(t *testing.T) {
	d := &Draft{Number: [16]byte{1}}
	if d.Mark("code") == d.Mark("answer") || d.Mark("answer") != (&Draft{Number: [16]byte{1}}).Mark("answer") {
		t.Error("marks of different purposes are equal, or of the same purpose differ")
	}
}

func FuzzOpen(f *testing.F) {
	all := questionnaires(f)
	f.Add([]byte("o0123456789012345"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		d, err := decodeDraft(plain, func(kind form.Population) *form.Questionnaire { return all[kind] })
		if err == nil && d.Page > len(all[d.Kind].Pages) {
			t.Errorf("page %d", d.Page)
		}
	})
}

// Numbers and dates travel in the draft as they were typed, and in records of
// one size.
func TestNumbersTravel(t *testing.T) {
	q, err := form.Read([]byte(`{"format":"adili-instrument/2","id":"n","population":"official","source":"en","languages":{"en":"draft"},"pages":[{"items":[
		{"id":"often","type":"integer","text":{"en":"Often?"}},{"id":"paid","type":"decimal","text":{"en":"Paid?"}},
		{"id":"day","type":"date","text":{"en":"Day?"}},{"id":"seen","type":"acknowledge","text":{"en":"Seen"}},{"id":"why","type":"text","text":{"en":"Why?"}}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	q = q.Paged()
	all := map[form.Population]*form.Questionnaire{form.Official: q}
	k := newKey(t, "r_1")
	want := &Draft{Kind: form.Official, Stratum: 1, Page: 0, Answers: form.Answers{
		"often": {Code: 1, Number: -3}, "paid": {Code: 1, Number: 0.1}, "day": {Code: form.PreferNot}, "seen": {Code: 1}, "why": {Code: 1, Text: "٣"}}}
	sealed, err := k.Seal(want, q)
	if err != nil {
		t.Fatal(err)
	}
	got, err := k.Open(sealed, func(form.Population) *form.Questionnaire { return q })
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	size := AnswerSize(all)
	if a, b := PackAnswers(want, 1, q, size), PackAnswers(&Draft{Kind: form.Official}, 1, q, size); len(a) != size || len(b) != size {
		t.Errorf("records of %d and %d bytes, want %d", len(a), len(b), size)
	}
	_, _, answers, err := UnpackAnswers(PackAnswers(want, 1, q, size), all)
	if err != nil || answers["paid"].Number != 0.1 || answers["day"].Code != form.PreferNot {
		t.Errorf("%v, %v", answers, err)
	}
}
