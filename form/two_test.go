package form_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"adili/form"
	"adili/form/expr"
	"adili/instrument"
)

const whole = `{
  "format": "adili-instrument/2",
  "id": "whole",
  "population": "private",
  "title": {"en": "All there is"},
  "source": "en",
  "languages": {"en": "reviewed", "fr": "draft"},
  "names": {"fr": "French (fr)"},
  "scales": {"agree": {"points": [{"en": "1"}, {"en": "2"}, {"en": "3"}, {"en": "4"}, {"en": "5"}]}},
  "lists": {"yn": [{"id": "yes", "label": {"en": "Yes", "fr": "Oui"}}, {"id": "no", "label": {"en": "No"}, "extra": {"zone": "a"}}]},
  "missing": {"prefer_not": {"en": "Rather not"}},
  "settings": {"style": "pages"},
  "pages": [
    {"id": "one", "title": {"en": "One"}, "items": [
      {"id": "met", "type": "single", "text": {"en": "Met?", "fr": "Rencontre ?"}, "list": "yn", "missing": ["prefer_not"], "required": "true()"},
      {"id": "Visits.n", "type": "integer", "text": {"en": "Visits?"}, "relevant": "${met} = 'yes'", "constraint": ". >= 0 and . <= 50", "constraint_message": {"en": "0 to 50"}},
      {"id": "often", "type": "calculate", "calculation": "if(${Visits.n} > 10, 'often', 'rarely')"},
      {"id": "g", "type": "group", "text": {"en": "More"}, "relevant": "${often} = 'often'", "items": [
        {"id": "why", "type": "text", "text": {"en": "Why ${often}, after ${met}?"}},
        {"id": "rate", "type": "range", "text": {"en": "Rate"}, "min": -1, "max": 1, "step": 0.5},
        {"id": "seen", "type": "acknowledge", "text": {"en": "Seen"}}
      ]}
    ]},
    {"items": [
      {"id": "day", "type": "date", "text": {"en": "Day?"}, "constraint": ". <= today()"},
      {"id": "lead", "type": "agreement", "factor": 3, "reverse": true, "text": {"en": "Fair"}, "scale": "agree"},
      {"id": "where", "type": "unasked", "was": "geopoint", "text": {"en": "Where?"}},
      {"id": "pay", "type": "decimal", "text": {"en": "Paid"}},
      {"id": "end_note", "type": "note", "text": {"en": "Thank you."}}
    ]}
  ]
}`

func TestFormatTwoRoundTrip(t *testing.T) {
	for name, data := range map[string][]byte{"whole": []byte(whole), "official": instrument.Official(), "private": instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		written := form.Write(q)
		again, err := form.Read(written)
		if err != nil {
			t.Fatalf("%s: what was written cannot be read: %v", name, err)
		}
		if !form.Equal(q, again) || !bytes.Equal(written, form.Write(again)) {
			t.Errorf("%s: changed on the way", name)
		}
		if faults := form.Check(again); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
		if again.Pages[0].Items[0].ID != q.Pages[0].Items[0].ID || len(again.Items()) != len(q.Items()) {
			t.Errorf("%s: items lost", name)
		}
	}
}

// Each fault of format 2 is named by line and field, and Check finds it too.
func TestFaultsOfFormatTwo(t *testing.T) {
	for _, c := range []struct {
		name, old, new, field, key string
		line                       int
	}{
		{"expression", `"${met} = 'yes'"`, `"${met} = "`, "pages[0].items[1].relevant", "form.fault.expression", 16},
		{"unknown item", `${met} = 'yes'`, `${mett} = 'yes'`, "pages[0].items[1].relevant", "form.fault.expression", 16},
		{"unknown function", `. <= today()`, `. <= todey()`, "pages[1].items[0].constraint", "form.fault.expression", 25},
		{"piped", `after ${met}?`, `after ${nobody}?`, "pages[0].items[3].items[0].text.en", "form.fault.reference", 19},
		{"cycle", `"${often} = 'often'"`, `"${why} = 'often'"`, "pages[0].items[3].items[0]", "form.fault.cycle", 19},
		{"twice", `"id": "rate"`, `"id": "why"`, "pages[0].items[3].items[1].id", "form.fault.duplicate_id", 20},
		{"name", `"id": "rate"`, `"id": "1 rate"`, "pages[0].items[3].items[1].id", "form.fault.name", 20},
		{"kind", `"type": "date"`, `"type": "day"`, "pages[1].items[0].type", "form.fault.choice", 25},
		{"list", `"list": "yn"`, `"list": "ny"`, "pages[0].items[0].list", "form.fault.list", 15},
		{"language", `"text": {"en": "Rate"}`, `"text": {"xx": "Rate"}`, "pages[0].items[3].items[1].text.xx", "form.fault.language_extra", 20},
		{"scale", `"scale": "agree"`, `"scale": "disagree"`, "pages[1].items[1].scale", "form.fault.scale", 26},
		{"not here", `"id": "pay",`, `"id": "pay", "scale": "agree",`, "pages[1].items[3].scale", "form.fault.not_here", 28},
		{"unasked as what", `"was": "geopoint",`, ``, "pages[1].items[2].was", "form.fault.required", 27},
		{"number", `"min": -1`, `"min": "a"`, "pages[0].items[3].items[1].min", "form.fault.want_amount", 20},
		{"missing label", `"missing": {"prefer_not": {"en": "Rather not"}},`, ``, "missing.prefer_not", "form.fault.required", 1},
		{"source", `"source": "en"`, `"source": "de"`, "source", "form.fault.language_extra", 6},
		{"unknown field", `"step": 0.5`, `"step": 0.5, "colour": "red"`, "pages[0].items[3].items[1].colour", "form.fault.unknown_field", 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := strings.Replace(whole, c.old, c.new, 1)
			if data == whole {
				t.Fatalf("%q does not stand in the file", c.old)
			}
			_, err := form.Read([]byte(data))
			faults, _ := errors.AsType[form.Faults](err)
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

func TestCycleIsToldByItsPath(t *testing.T) {
	q := readTwo(t, whole)
	for i, relevant := range []string{"${end_note} = 1", "${pay} > 1"} {
		e, err := expr.Parse(relevant)
		if err != nil {
			t.Fatal(err)
		}
		q.Pages[1].Items[3+i].Relevant = e
	}
	faults := form.Check(q)
	if len(faults) != 1 || !strings.Contains(faults[0].String(), "pay → end_note → pay") || form.Order(q) != nil {
		t.Errorf("faults: %v", faults)
	}
}

func TestOrderPutsNeedsFirst(t *testing.T) {
	at := map[string]int{}
	for i, id := range form.Order(readTwo(t, whole)) {
		at[id] = i
	}
	if len(at) != 12 {
		t.Errorf("%d items in order, want 12", len(at))
	}
	for _, pair := range [][2]string{{"met", "Visits.n"}, {"Visits.n", "often"}, {"often", "g"}, {"often", "why"}} {
		if at[pair[0]] >= at[pair[1]] {
			t.Errorf("%s does not stand before %s", pair[0], pair[1])
		}
	}
}

func readTwo(t testing.TB, text string) *form.Questionnaire {
	t.Helper()
	q, err := form.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Whatever questionnaire Check finds no fault with is read back as written.
func TestWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := draw(t)
		if faults := form.Check(q); len(faults) > 0 {
			t.Skip(faults)
		}
		again, err := form.Read(form.Write(q))
		if err != nil {
			t.Fatalf("%v\n%s", err, form.Write(q))
		}
		if !form.Equal(q, again) {
			t.Fatalf("%s\nbecame\n%s", form.Write(q), form.Write(again))
		}
	})
}

// draw makes a questionnaire of all kinds whose items look at earlier ones.
func draw(t *rapid.T) *form.Questionnaire {
	text := func(label string) form.Text {
		words := form.Text{"en": rapid.StringMatching(`[A-Za-zé"\\<&عم\n]{1,12}`).Draw(t, label)}
		if rapid.Bool().Draw(t, label+" fr") {
			words["fr"] = "Ça"
		}
		return words
	}
	point := form.Text{"en": "p"}
	q := &form.Questionnaire{ID: "drawn", Source: "en", Languages: map[string]form.Status{"en": form.Draft, "fr": form.Reviewed},
		Scales: map[string]form.Scale{"s": {Points: []form.Text{point, point, point, point, point}}},
		Lists:  map[string][]form.Choice{"l": {{ID: "a", Label: text("a")}, {ID: "b", Extra: map[string]string{"k": "v"}}}}}
	if rapid.Bool().Draw(t, "population") {
		q.Population = form.Private
	}
	kinds := []form.Kind{form.Agreement, form.Single, form.Multi, form.OpenAnswer, form.Integer, form.Decimal, form.Range, form.Date,
		form.Acknowledge, form.Note, form.Calculate, form.Hidden, form.Unasked, form.Group}
	n := 0
	var items func(depth int) []form.Item
	items = func(depth int) []form.Item {
		var list []form.Item
		for range rapid.IntRange(1, 4).Draw(t, "items") {
			n++
			it := form.Item{ID: fmt.Sprintf("q%d", n), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Text: text("text")}
			if n > 1 && rapid.Bool().Draw(t, "relevant") {
				it.Relevant, _ = expr.Parse(fmt.Sprintf("${q%d} != 'a'", rapid.IntRange(1, n-1).Draw(t, "source")))
			}
			switch it.Kind {
			case form.Agreement:
				it.Scale, it.Factor, it.Reverse = "s", n%11, n%2 == 0
			case form.Single:
				it.List, it.Choices = "l", q.Lists["l"]
			case form.Multi:
				it.Choices = []form.Choice{{ID: "x", Label: text("x"), Exclusive: true}, {ID: "y"}}
			case form.Calculate:
				it.Calculation, _ = expr.Parse("1 + 1")
			case form.Range:
				it.Min, it.Max, it.Step = -rapid.Float64().Draw(t, "min"), 5, 0.1
			case form.Unasked:
				it.Type = "geopoint"
			case form.Group:
				if depth < 3 {
					it.Items = items(depth + 1)
				}
			}
			list = append(list, it)
		}
		return list
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "pages") {
		q.Pages = append(q.Pages, form.Page{ID: []string{"", "p", "r"}[i], Title: text("title"), Items: items(0)})
	}
	return q
}
