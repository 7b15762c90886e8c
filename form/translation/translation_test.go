package translation

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"adili/form"
	"adili/instrument"
)

func official(t testing.TB) *form.Questionnaire {
	t.Helper()
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	q.Source = "en"
	return q
}

// small is a questionnaire with a placeholder, a shared list, and a group.
func small() *form.Questionnaire {
	yesno := []form.Choice{{ID: "yes", Label: form.Text{"en": "Yes"}}, {ID: "no", Label: form.Text{"en": "No"}}}
	return &form.Questionnaire{
		ID: "small", Version: "1", Source: "en", Languages: map[string]form.Status{"en": form.Reviewed}, Title: form.Text{"en": "A small one"},
		Lists: map[string][]form.Choice{"yesno": yesno},
		Pages: []form.Page{{Items: []form.Item{
			{ID: "port", Kind: form.OpenAnswer, MaxLength: 40, Text: form.Text{"en": "Which port?"}},
			{ID: "g", Kind: form.Group, Items: []form.Item{
				{ID: "seen", Kind: form.Single, List: "yesno", Choices: yesno, Text: form.Text{"en": "Did you go to ${port} & \"back\" <today>?\nThink."}, Guidance: form.Text{"en": "Read out."}},
			}},
		}}},
	}
}

func TestEveryTextIsAUnit(t *testing.T) {
	b := Of(official(t))
	seen := map[string]bool{}
	for _, u := range b.Units {
		if seen[u.ID] {
			t.Errorf("%s twice", u.ID)
		}
		seen[u.ID] = true
	}
	text := string(instrument.Official())
	if n := strings.Count(text, `"en": "`) - strings.Count(text, `"en": "draft"`); len(b.Units) != n {
		t.Errorf("%d units, %d English texts in the file", len(b.Units), n)
	}
	var l Ledger
	for _, tag := range []string{"fr", "ar", "zh"} {
		if c := l.Covered(b, tag); c.Percent() != 100 {
			t.Errorf("%s: %+v", tag, c)
		}
	}
	if c := l.Covered(b, "mos"); c.Done != 0 || c.Percent() != 0 {
		t.Errorf("mos: %+v", c)
	}
}

func TestPut(t *testing.T) {
	q := small()
	next, err := Put(q, "fr", map[string]string{"item:seen:text": "Vers ${port} ?", "list:yesno:choice:no": "Non", "title": ""})
	if err != nil {
		t.Fatal(err)
	}
	inner := next.Pages[0].Items[1].Items[0]
	if inner.Text["fr"] != "Vers ${port} ?" || inner.Choices[1].Label["fr"] != "Non" || next.Lists["yesno"][1].Label["fr"] != "Non" || next.Languages["fr"] != form.Draft {
		t.Errorf("%+v", next)
	}
	if !reflect.DeepEqual(q, small()) {
		t.Error("the questionnaire given was changed")
	}
	if _, err := Put(q, "fr", map[string]string{"item:gone:text": "x"}); err == nil || !strings.Contains(err.Error(), "item:gone:text") {
		t.Error(err)
	}
}

// worked is a ledger with all that it can hold.
func worked(t *testing.T) (*form.Questionnaire, *Ledger) {
	t.Helper()
	q, err := Put(small(), "ar", map[string]string{"item:seen:text": "هل ذهبت إلى ${port}؟\nفكّر \\ \"جيدا\" & <b>", "item:port:text": "أي ميناء؟", "title": "صغير"})
	if err != nil {
		t.Fatal(err)
	}
	return q, &Ledger{Entries: map[string]map[string]Entry{"ar": {
		"item:seen:text": {Of: q.Pages[0].Items[1].Items[0].Text["en"], Status: Adjudicated, Back: "Have you gone to ${port}?", Comments: []Comment{{"Amina", "Plural or singular?"}}},
		"item:port:text": {Of: "Which port?", Status: Reviewed},
		"title":          {Of: "The old title", Status: Reviewed},
	}}}
}

// Every format brings back the texts, statuses, comments and back translations it was given.
func TestThereAndBack(t *testing.T) {
	q, ledger := worked(t)
	b := Of(q)
	formats := map[string]func() ([]Row, string){
		"xliff": func() ([]Row, string) {
			rows, tag, err := ReadXLIFF(ledger.XLIFF(b, "ar"))
			if err != nil {
				t.Fatal(err)
			}
			return rows, tag
		},
		"po": func() ([]Row, string) {
			rows, tag, err := ReadPO(ledger.PO(b, "ar"))
			if err != nil {
				t.Fatal(err)
			}
			return rows, tag
		},
		"table": func() ([]Row, string) {
			rows, tag, problems := ReadTable(ledger.Table(b, "ar"))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			return rows, tag
		},
	}
	for name, read := range formats {
		rows, tag := read()
		if tag != "ar" || len(rows) != len(b.Units) {
			t.Errorf("%s: %q, %d rows of %d", name, tag, len(rows), len(b.Units))
		}
		var fresh Ledger
		texts, problems := fresh.Merge(Of(small()), "ar", "Amina", rows)
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		got, err := Put(small(), "ar", texts)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, q) {
			t.Errorf("%s: texts differ\n%v", name, texts)
		}
		entries := maps.Clone(ledger.Entries["ar"])
		entries["title"] = Entry{Of: "A small one", Status: Translated} // it was stale: whoever sends it back has seen the new text
		for id, want := range entries {
			if e := fresh.Entries["ar"][id]; !reflect.DeepEqual(e, want) {
				t.Errorf("%s: %s: %+v, want %+v", name, id, e, want)
			}
		}
	}
}

func TestXLIFFGuardsPlaceholders(t *testing.T) {
	q, ledger := worked(t)
	text := string(ledger.XLIFF(Of(q), "ar"))
	for _, want := range []string{`version="2.1" srcLang="en" trgLang="ar"`, `<ph id="1" disp="${port}" equiv="port"/>`, `<unit id="item:seen:text">`, `state="final"`, `subState="adili:stale"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func TestMergeSaysWhatIsWrong(t *testing.T) {
	var l Ledger
	texts, problems := l.Merge(Of(small()), "fr", "Ali", []Row{
		{Line: 2, ID: "item:gone:text", Target: "x"},
		{Line: 3, ID: "item:seen:text", Source: small().Pages[0].Items[1].Items[0].Text["en"], Target: "Vers le port ?"},
		{Line: 4, ID: "title", Source: "An older title", Target: "Un petit"},
		{Line: 5, ID: "title", Source: "A small one", Target: "Encore"},
		{Line: 6, ID: "item:port:text", Source: "Which port?"},
	})
	keys := []string{}
	for _, p := range problems {
		keys = append(keys, p.Key)
		if p.Line == 0 || strings.Contains(p.String(), "{{") || p.String() == "" {
			t.Errorf("%+v: %s", p, p)
		}
	}
	if want := []string{"translation.unknown", "translation.placeholder", "translation.source", "translation.twice"}; !slices.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
	if len(texts) != 1 || texts["title"] != "Un petit" {
		t.Errorf("%v", texts)
	}
	q, err := Put(small(), "fr", texts)
	if err != nil {
		t.Fatal(err)
	}
	if lines := l.Lines(Of(q), "fr"); !lines[0].Stale || lines[0].Done() {
		t.Errorf("%+v", lines[0])
	}
}

func TestSignatures(t *testing.T) {
	q := official(t)
	b := Of(q)
	var l Ledger
	for _, step := range []struct {
		role Role
		by   string
		want error
	}{{Translator, "Amina", nil}, {Reviewer, "Amina", ErrSamePerson}, {Reviewer, "Ben", nil}, {Translator, "Ben", ErrSamePerson}, {"boss", "Cy", ErrRole}} {
		if err := l.Sign(b, "fr", step.role, step.by, "2026-11-23"); err != step.want && !strings.Contains(err.Error(), step.want.Error()) {
			t.Errorf("%v: %v", step, err)
		}
	}
	if hold, open := l.Signed(b, "fr"); len(hold) != 2 || !slices.Equal(open, []Role{Adjudicator}) {
		t.Errorf("%v, open %v", hold, open)
	}
	if _, open := l.Signed(b, "en"); !slices.Equal(open, []Role{Adjudicator}) {
		t.Errorf("source language: open %v", open)
	}
	if err := l.Sign(b, "mos", Translator, "Amina", "2026-11-23"); err != ErrIncomplete {
		t.Errorf("an empty translation: %v", err)
	}
	changed, err := Put(q, "fr", map[string]string{"title": "Autrement"})
	if err != nil {
		t.Fatal(err)
	}
	if hold, open := l.Signed(Of(changed), "fr"); len(hold) != 0 || len(open) != 3 {
		t.Errorf("after a change the signatures hold: %v", hold)
	}
	if hold, _ := l.Signed(Of(changed), "es"); len(hold) != 0 {
		t.Error("es")
	}
}

func TestBadFiles(t *testing.T) {
	for _, s := range []string{"", "<a/>", `<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"/>`, `<xliff version="2.1"><source>x</source></xliff>`, `<xliff version="2.1"><unit id="a"><segment><source>`} {
		if rows, _, err := ReadXLIFF([]byte(s)); err == nil {
			t.Errorf("%q: %v", s, rows)
		}
	}
	for _, s := range []string{"msgid \"a\"\nmsgid_plural \"b\"\n", "hello", "msgid \"a", `"a"`} {
		if rows, _, err := ReadPO([]byte(s)); err == nil {
			t.Errorf("%q: %v", s, rows)
		}
	}
	if _, _, problems := ReadTable([][]string{{"id", "target (fr)"}}); len(problems) != 1 || problems[0].Key != "translation.column" {
		t.Error(problems)
	}
}

func FuzzRead(f *testing.F) {
	q, ledger := small(), &Ledger{}
	f.Add(ledger.XLIFF(Of(q), "fr"))
	f.Add(ledger.PO(Of(q), "fr"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func([]byte) ([]Row, string, error){ReadXLIFF, ReadPO} {
			rows, _, err := read(data)
			if err != nil {
				continue
			}
			var l Ledger
			texts, _ := l.Merge(Of(small()), "fr", "", rows)
			if _, err := Put(small(), "fr", texts); err != nil {
				t.Error(err)
			}
		}
	})
}
