package xlsform_test

import (
	"reflect"
	"strings"
	"testing"

	"adili/form"
	"adili/form/xlsform"
	"adili/instrument"
	"adili/internal/testkit/formtest"
)

// again writes a questionnaire and reads what was written, as cells and as
// Markdown.
func again(t *testing.T, name string, q *form.Questionnaire) {
	t.Helper()
	sheets := xlsform.Write(q)
	text := xlsform.WriteMarkdown(sheets)
	for how, s := range map[string][]xlsform.Sheet{"cells": sheets, "markdown": xlsform.ReadMarkdown(text)} {
		got, problems := xlsform.Read(s)
		if errs := onlyErrors(problems); len(errs) > 0 {
			t.Errorf("%s, %s: what was written is refused: %v\n%s", name, how, errs, text)
			continue
		}
		if !reflect.DeepEqual(q, got) {
			t.Errorf("%s, %s: %s", name, how, difference(reflect.ValueOf(q), reflect.ValueOf(got), ""))
		}
	}
}

// difference says where two values differ first.
func difference(a, b reflect.Value, path string) string {
	switch {
	case a.IsValid() != b.IsValid() || a.IsValid() && a.Kind() != b.Kind():
		return path + ": kinds differ"
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		return difference(a.Elem(), b.Elem(), path)
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if d := difference(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); d != "" {
				return d
			}
		}
		return ""
	case a.Kind() == reflect.Slice && a.Len() == b.Len() && a.IsNil() == b.IsNil():
		for i := range a.Len() {
			if d := difference(a.Index(i), b.Index(i), path+"[]"); d != "" {
				return d
			}
		}
		return ""
	case a.Kind() == reflect.Map && a.Len() == b.Len() && a.IsNil() == b.IsNil():
		for _, key := range a.MapKeys() {
			if d := difference(a.MapIndex(key), b.MapIndex(key), path+"."+key.String()); d != "" {
				return d
			}
		}
		return ""
	case a.CanInterface() && reflect.DeepEqual(a.Interface(), b.Interface()), !a.CanInterface() && a.Equal(b):
		return ""
	case a.CanInterface():
		return path + ": " + describe(a) + " became " + describe(b)
	}
	return path + ": differs"
}

func describe(v reflect.Value) string {
	if v.Kind() == reflect.String {
		return `"` + v.String() + `"`
	}
	if (v.Kind() == reflect.Map || v.Kind() == reflect.Slice || v.Kind() == reflect.Pointer) && v.IsNil() {
		return "nil"
	}
	return v.Type().String()
}

func TestRoundTripOfCases(t *testing.T) {
	n := 0
	for _, c := range formtest.Cases(t) {
		q, problems := xlsform.Read(c.Sheets)
		if len(onlyErrors(problems)) > 0 {
			continue
		}
		n++
		again(t, c.ID, q)
	}
	if n < 230 {
		t.Errorf("%d forms made the round trip, want at least 230", n)
	}
	t.Logf("%d forms", n)
}

func TestRoundTripOfBundled(t *testing.T) {
	for name, data := range map[string][]byte{"official": instrument.Official(), "private": instrument.Private()} {
		q, err := form.Read(data)
		if err != nil {
			t.Fatal(err)
		}
		again(t, name, q)
	}
}

// everything is a form with every column that Adili knows.
const everything = `
| survey |
| | type | name | label::English (en) | label::Gondorian | hint::English (en) | guidance_hint::English (en) | kind | role | factor | reverse_scored | sensitive | required | required_message::English (en) | relevant | constraint | constraint_message::English (en) | readonly | calculation | default | choice_filter | choices_from | missing | appearance | parameters | image::English (en) | audio::English (en) | window_months | max_length | action | equivalent | pair_statement::English (en) | pair_known | pair_anchor | pair_practice::English (en) | bind::odk:length | my column |
| | begin_group | g1 | Group | G | Intro | | | | | | | | | true() | | | | | | | | | field-list | | | | | | | | | | | | | |
| | select_one five | a1 | Fair \| square | F | | | agreement | perception | 3 | yes | personal | | | | | | | | | | | dont_know prefer_not | | | | | | | | v1 v2:a0 | | | | | | |
| | select_one five | a2 | Bribes | B | | | agreement | experience | 4 | | high | | | | | | | | | | | prefer_not | | | | | 12 | | report | | Born in May | 0.0833 | yes | Try it | | |
| | select_multiple many or_other | m1 | Which | W | Several | Ask all | | profile | | | | yes | Please | ${a1} > 2 | count-selected(.) < 3 | At most 2 | | | | | | | minimal | randomize=true seed=42 | m.png | m.mp3 | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | |
| | select_one adili_choices_s1 | s1 | One | O | | | | | | | | | | | | | | | y | place = ${t1} | | | | | | | | | | | | | | | | |
| | select_one adili_choices_office | office | Office | O | | | | profile | | | | | | | | | | | | | office_groups | | | | | | | | | | | | | | | |
| | text | t1 | Words | W | | | | open | | | | | | | | | | | it's | | | | multiline | rows=4 | | | | 200 | | | | | | | 9 | kept |
| | range | r1 | How much | H | | | | | | | | | | | | | | | 5 | | | | | start=0 end=10.0 step=0.5 | | | | | | | | | | | | |
| | integer | c1 | | | | | | | | | | | | | | | | 1 + ${r1} | | | | | | | | | | | | | | | | | | |
| | date | d1 | Day | D | | | | | | | | | | | | | | | today() | | | | | | | | | | | | | | | | | |
| | begin_group | g2 | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | w | |
| | text | t1 | Words again | W | | | | | | | | | | | | | true() | | | | | | | | | | | | | | | | | | | |
| | end_group | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | | |

| choices |
| | list_name | name | label::English (en) | label::Gondorian | exclusive | fixed | audio::English (en) | place |
| | five | 1 | Never | N | | | | |
| | five | 2 | Rarely | R | | | | |
| | five | 3 | Sometimes | S | | | | |
| | five | 4 | Often | O | | | | |
| | five | 5 | Always | A | | | | |
| | many | x | X | X | | | x.mp3 | |
| | many | y | Y | Y | | | | |
| | many | none | None | None | yes | yes | | |
| | adili_choices_s1 | y | Yes | Y | | | | port |
| | adili_choices_s1 | n | No | N | | | | gate |
| | unused | u | U | U | | | | |
| | adili_missing | dont_know | Don't know | D | | | | |
| | adili_missing | prefer_not | No answer | N | | | | |

| settings |
| | form_title | form_title::Gondorian | form_id | version | population | default_language | reviewed | instance_name | style |
| | All of it | Everything | all | 3 | official | English (en) | en | concat(${s1}, '-') | pages |
`

func TestRoundTripOfEverything(t *testing.T) {
	text := strings.ReplaceAll(everything, "${t1} |", "'port' |") // t1 stands in two groups
	q, problems := xlsform.Read(xlsform.ReadMarkdown(text))
	if errs := onlyErrors(problems); len(errs) > 0 {
		t.Fatal(errs)
	}
	again(t, "everything", q)
	a2 := q.Pages[0].Items[1]
	if a2.Kind != form.Agreement || a2.Scale != "five" || len(q.Scales["five"].Points) != 5 || a2.Factor != 4 || a2.Window != 12 ||
		a2.Sensitivity != form.HighSensitive || a2.Pair == nil || !a2.Pair.Anchor || a2.Pair.Known != 0.0833 || a2.Missing[0] != form.PreferNot {
		t.Errorf("got %+v, pair %+v", a2, a2.Pair)
	}
	m1, other := q.Pages[0].Items[2], q.Pages[0].Items[3]
	if !m1.Random || m1.Seed != "42" || len(m1.Choices) != 4 || !m1.Choices[2].Exclusive || m1.Choices[3].ID != "other" || other.ID != "m1_other" {
		t.Errorf("got %+v and %+v", m1, other)
	}
	last := q.Pages[1].Items[len(q.Pages[1].Items)-1]
	if last.Kind != form.Group || last.Items[0].ID != "t1_2" || last.Items[0].Extra["name"] != "t1" {
		t.Errorf("got %+v", last)
	}
	if q.Source != "en" || q.Names["x-gondoria"] != "Gondorian" || q.Languages["en"] != form.Reviewed || q.Title["x-gondoria"] != "Everything" {
		t.Errorf("got source %s, names %v, languages %v, title %v", q.Source, q.Names, q.Languages, q.Title)
	}
	if _, there := q.Lists["five"]; there || len(q.Lists["unused"]) != 1 || q.Missing[form.DontKnow]["en"] != "Don't know" {
		t.Errorf("got lists %v, missing %v", q.Lists, q.Missing)
	}
}
