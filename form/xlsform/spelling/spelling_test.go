package spelling_test

import (
	"testing"

	"adili/form/xlsform/spelling"
)

func TestCalculated(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "a": false, "two words": false, "5": false, "-5": false, "1.5": false, "5-3": false, "a-b": false, "a.b": false,
		"2020-01-01": false, "2020-01-01T10:00:00Z": false, "10:00:00": false, "https://example.org/a": false, "'1 + 1'": false,
		"1 + 1": true, "1 - 1": true, "a * b": true, "4 div 2": true, "4 mod 2": true, "now()": true, "jr:itext('a')": true,
		"${a}": true, "${a b}": false, "a | b": true, "don't": false, "${last-saved#a}": true, "é - è": true,
	} {
		if got := spelling.Calculated(value, "text"); got != want {
			t.Errorf("%q: got %v", value, got)
		}
	}
	if spelling.Calculated("2020 - 01", "date") {
		t.Error("a minus sign in a date is no subtraction")
	}
}

func TestLanguageTag(t *testing.T) {
	for text, want := range map[string]string{
		"French (fr)": "fr", "Français (fr)": "fr", "French": "fr", "français": "fr", "fr": "fr", "eng": "en", "English": "en",
		"Arabic (ar)": "ar", "Chinese (zh-Hant)": "zh-Hant", "Mooré (mos)": "mos", "Dari (prs)": "prs", "Gondorian": "x-gondoria",
		"Old Speech 2": "x-old-speech-2", "default": "und",
	} {
		if got := spelling.LanguageTag(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if a, b := spelling.LanguageTag("語"), spelling.LanguageTag("国"); a == b || len(a) > 10 {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestColumn(t *testing.T) {
	for header, want := range map[string]spelling.Column{
		"Label":                    {Field: "label", Known: true},
		"label::French (fr)":       {Field: "label", Language: "French (fr)", Known: true},
		"media::image::fr":         {Field: "image", Language: "fr", Known: true},
		"media:image:fr":           {Field: "image", Language: "fr", Known: true},
		"bind:jr:constraintMsg:fr": {Field: "constraint_message", Language: "fr", Known: true},
		"bind::relevant":           {Field: "relevant", Known: true},
		"bind::odk:length":         {Field: "bind::odk:length", Known: true},
		"body::accuracyThreshold":  {Field: "body::accuracyThreshold", Known: true},
		"control::appearance":      {Field: "appearance", Known: true},
		"Relevance":                {Field: "relevant", Known: true},
		"guidance hint":            {Field: "guidance_hint", Known: true},
		"read_only":                {Field: "readonly", Known: true},
		"My column":                {Field: "My column"},
		"type::fr":                 {Field: "type::fr"},
	} {
		want.Header = header
		if !want.Known {
			want.Field, want.Language = header, ""
		}
		if got := spelling.SurveyHeaders.Column(header, false); got != want {
			t.Errorf("%s: got %+v, want %+v", header, got, want)
		}
	}
}

func TestSelect(t *testing.T) {
	for text, want := range map[string]spelling.Choosing{
		"select_one yn":                 {Name: "select_one", List: "yn"},
		"select one from yn":            {Name: "select_one", List: "yn"},
		"select all that apply from yn": {Name: "select_multiple", List: "yn"},
		"select_multiple yn or_other":   {Name: "select_multiple", List: "yn", OrOther: true},
		"rank yn":                       {Name: "rank", List: "yn"},
		"select_one":                    {},
		"select_one yn or":              {},
	} {
		if got, _ := spelling.ParseSelect(text); got != want {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}
