package factor

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

func TestAll(t *testing.T) {
	all := All()
	if len(all) != 10 {
		t.Fatalf("All() has %d factors, want 10", len(all))
	}
	for i, f := range all {
		if f.Number != i+1 {
			t.Errorf("factor %d stands in place %d", f.Number, i+1)
		}
		if f.Link != "https://rad.wcoomd.org" {
			t.Errorf("factor %d: link %q", f.Number, f.Link)
		}
		got, ok := ByNumber(f.Number)
		if !ok || got.Slug != f.Slug {
			t.Errorf("ByNumber(%d) = %q, %v", f.Number, got.Slug, ok)
		}
		for _, s := range []string{f.Code, f.Slug} {
			if got, ok := ByCode(s); !ok || got.Number != f.Number {
				t.Errorf("ByCode(%q) = %d, %v; want %d", s, got.Number, ok, f.Number)
			}
		}
	}
	all[0] = Factor{}
	if f, _ := ByNumber(1); f.Slug != "leadership" {
		t.Error("changing the result of All changed the table")
	}
}

func TestUnknown(t *testing.T) {
	for _, n := range []int{-1, 0, 11} {
		if _, ok := ByNumber(n); ok {
			t.Errorf("ByNumber(%d) found a factor", n)
		}
	}
	if _, ok := ByCode("rad-11"); ok {
		t.Error("ByCode found rad-11")
	}
}

// script is the writing a language's text must contain, so that a text filed
// under the wrong language is found.
var script = map[string]*unicode.RangeTable{
	"en": unicode.Latin, "fr": unicode.Latin, "es": unicode.Latin, "pt": unicode.Latin,
	"ar": unicode.Arabic, "ru": unicode.Cyrillic, "zh": unicode.Han,
}

func TestLanguages(t *testing.T) {
	want := []string{"en", "fr", "es", "pt", "ar", "ru", "zh"}
	if diff := cmp.Diff(want, Languages()); diff != "" {
		t.Fatalf("Languages() (-want +got):\n%s", diff)
	}
	for _, lang := range want {
		seen := map[string]int{}
		check := func(f Factor, what, s, got string) {
			t.Helper()
			if got != lang || s == "" || strings.TrimSpace(s) != s {
				t.Errorf("factor %d %s in %s: %q in %q", f.Number, what, lang, s, got)
			}
			for _, r := range s {
				if unicode.IsLetter(r) && !unicode.Is(script[lang], r) {
					t.Errorf("factor %d %s in %s: letter %q of another script", f.Number, what, lang, r)
				}
			}
			if n := seen[s]; n != 0 {
				t.Errorf("factors %d and %d share a %s in %s", n, f.Number, what, lang)
			}
			seen[s] = f.Number
		}
		for _, f := range All() {
			name, got := f.Name(lang)
			check(f, "name", name, got)
			sentence, got := f.Description(lang)
			check(f, "description", sentence, got)
			if n := strings.Count(sentence, ".") + strings.Count(sentence, "。"); n != 1 {
				t.Errorf("factor %d description in %s has %d full stops, want one sentence", f.Number, lang, n)
			}
		}
	}
}

func TestFallback(t *testing.T) {
	tests := []struct{ lang, name, got string }{
		{"en", "Transparency", "en"},
		{"fr", "Transparence", "fr"},
		{"pt-BR", "Transparência", "pt"},
		{"zh-Hans-CN", "透明度", "zh"},
		{"sw", "Transparency", "en"},
		{"", "Transparency", "en"},
		{"-", "Transparency", "en"},
	}
	f, _ := ByNumber(3)
	for _, tt := range tests {
		if name, got := f.Name(tt.lang); name != tt.name || got != tt.got {
			t.Errorf("Name(%q) = %q, %q; want %q, %q", tt.lang, name, got, tt.name, tt.got)
		}
	}
	if name, got := (Factor{}).Name("en"); name != "" || got != "" {
		t.Errorf("the zero factor is called %q in %q", name, got)
	}
}

func TestArticles(t *testing.T) {
	tests := []struct {
		factor int
		want   string
	}{
		{1, "5 6"},
		{2, "5(3) 10(b) 65"},
		{3, "10 13 9"},
		{4, "9(2) 10"},
		{5, "5 10(b) 60"},
		{6, "9(2) 30 32 33 36 37 38 15 16 17 18 19 20"},
		{7, "8 8(4) 8(5) 8(6)"},
		{8, "7"},
		{9, "7(1) 8(1)"},
		{10, "12 13 21 26 39"},
		{Measurement, "61 5(3)"},
		{11, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, a := range Articles(tt.factor) {
			got = append(got, a.String())
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("Articles(%d) = %s, want %s", tt.factor, s, tt.want)
		}
	}
}

func TestCrosswalk(t *testing.T) {
	rows := Crosswalk()
	for i, m := range rows {
		if m.Relation != "related" || m.Authority != "Adili, indicative" || m.Provenance == "" || m.Article.Subject == "" {
			t.Errorf("row %d is not labelled as ours: %+v", i, m)
		}
		for _, lang := range Languages() {
			if label, got := m.Label(lang); label == "" || got != lang {
				t.Errorf("row %d: label in %s is %q in %q", i, lang, label, got)
			}
		}
		again := slices.IndexFunc(rows, func(n Mapping) bool { return n.Factor == m.Factor && n.Article == m.Article })
		if again != i {
			t.Errorf("rows %d and %d are the same", again, i)
		}
	}
	if label, _ := rows[0].Label("en"); label != "indicative, not a WCO text" {
		t.Errorf("label %q", label)
	}
}

func TestReadScheme(t *testing.T) {
	good := string(schemeJSON)
	tests := []struct{ name, old, new, want string }{
		{"syntax", `{"number": 1,`, `{"number": 1;`, "reading"},
		{"unknown field", `"slug": "leadership"`, `"slag": "leadership"`, "unknown field"},
		{"tail", good, good + "{}", "after the end"},
		{"format", "adili-factor/1", "adili-factor/9", "format"},
		{"no fallback", `["en", `, `["de", `, "languages"},
		{"order", `"number": 3, "code"`, `"number": 4, "code"`, "stands in place 3"},
		{"code", `"rad-4"`, `"rad-5"`, `code "rad-5"`},
		{"slug twice", `"slug": "automation"`, `"slug": "leadership"`, "used twice"},
		{"no name", `"ru": "Прозрачность"`, `"ru": ""`, `name: no text in "ru"`},
		{"one language too many", `"ru": "Прозрачность"`, `"ru": "Прозрачность", "de": "Transparenz"`, "languages"},
		{"no description", `"en": "Computer systems`, `"xx": "Computer systems`, "description"},
		{"no label", `"en": "indicative, not`, `"xx": "indicative, not`, "label"},
		{"unknown factor", `{"factor": 1, "article": 6`, `{"factor": 11, "article": 6`, "factor 11"},
		{"unknown article", `{"factor": 1, "article": 6`, `{"factor": 1, "article": 66`, "article 66"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := strings.Replace(good, tt.old, tt.new, 1)
			if bad == good {
				t.Fatal("the change did not apply")
			}
			_, err := readScheme([]byte(bad))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	defer func() {
		if recover() == nil {
			t.Error("mustScheme accepted an empty scheme")
		}
	}()
	mustScheme([]byte("{}"))
}
