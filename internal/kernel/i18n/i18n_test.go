package i18n

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"adili/internal/kernel/errs"
)

// sample is a small catalogue: every language has the same texts but for the plural forms.
func sample() fstest.MapFS {
	files := fstest.MapFS{}
	for _, lang := range Languages {
		files[lang+".json"] = &fstest.MapFile{Data: []byte(`{"plain": "Plain ` + lang + `", "hello": "Hello {{.Name}}",
			"answers": {"zero": "none {{.N}}", "one": "{{.N}} one", "two": "two {{.N}}", "few": "{{.N}} few", "many": "{{.N}} many", "other": "{{.N}} other"}}`)}
	}
	return files
}

func load(t testing.TB, fsys ...fs.FS) *Catalogue {
	t.Helper()
	c, err := Load(fsys...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOwnCatalogue(t *testing.T) {
	if err := Check(Messages()); err != nil {
		t.Error(err)
	}
	if err := Check(errs.Messages()); err != nil {
		t.Error(err)
	}
}

func TestText(t *testing.T) {
	c := load(t, sample())
	for _, test := range []struct{ name, got, want string }{
		{"plain", c.Printer("fr").T("plain"), "Plain fr"},
		{"filled", c.Printer("fr").T("hello", "Name", "A & B"), "Hello A & B"},
		{"missing", c.Printer("fr").T("nothing"), "«nothing»"},
		{"missing plural", c.Printer("fr").N("nothing", 3), "«nothing»"},
		{"unknown language", c.Printer("xx").T("plain"), "Plain en"},
		{"english one", c.Printer("en").N("answers", 1), "1 one"},
		{"english many", c.Printer("en").N("answers", 1234), "1,234 other"},
		{"french zero is one", c.Printer("fr").N("answers", 0), "0 one"},
		{"arabic zero", c.Printer("ar").N("answers", 0), "none 0"},
		{"arabic two", c.Printer("ar").N("answers", 2), "two 2"},
		{"arabic few", c.Printer("ar").N("answers", 103), "103 few"},
		{"arabic many", c.Printer("ar").N("answers", 11), "11 many"},
		{"arabic other", c.Printer("ar").N("answers", 100), "100 other"},
		{"russian one", c.Printer("ru").N("answers", 21), "21 one"},
		{"russian few", c.Printer("ru").N("answers", 3), "3 few"},
		{"chinese", c.Printer("zh").N("answers", 1), "1 other"},
	} {
		if test.got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, test.got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	c := load(t)
	bare := strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u200e", "", "\u200f", "")
	for _, test := range []struct{ lang, integer, decimal, percent string }{
		{"en", "12,345", "6.5", "45%"},
		{"fr", "12 345", "6,5", "45 %"},
		{"es", "12.345", "6,5", "45 %"},
		{"pt", "12.345", "6,5", "45%"},
		{"ar", "12,345", "6.5", "45%"},
		{"ru", "12 345", "6,5", "45 %"},
		{"zh", "12,345", "6.5", "45%"},
	} {
		p := c.Printer(test.lang)
		if got := bare.Replace(p.Int(12345)); got != test.integer {
			t.Errorf("%s: Int %q, want %q", test.lang, got, test.integer)
		}
		if got := bare.Replace(p.Decimal(6.45001, 1)); got != test.decimal {
			t.Errorf("%s: Decimal %q, want %q", test.lang, got, test.decimal)
		}
		if got := bare.Replace(p.Percent(0.4499, 0)); got != test.percent {
			t.Errorf("%s: Percent %q, want %q", test.lang, got, test.percent)
		}
	}
}

func TestDate(t *testing.T) {
	c := load(t)
	day := time.Date(2026, 12, 23, 23, 59, 0, 0, time.UTC)
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ lang, day, first string }{
		{"en", "23 December 2026", "1 January 2026"},
		{"fr", "23 décembre 2026", "1er janvier 2026"},
		{"es", "23 de diciembre de 2026", "1 de enero de 2026"},
		{"pt", "23 de dezembro de 2026", "1.º de janeiro de 2026"},
		{"ar", "23 ديسمبر 2026", "1 يناير 2026"},
		{"ru", "23 декабря 2026 г.", "1 января 2026 г."},
		{"zh", "2026年12月23日", "2026年1月1日"},
	} {
		if got := c.Printer(test.lang).Date(day); got != test.day {
			t.Errorf("%s: %q, want %q", test.lang, got, test.day)
		}
		if got := c.Printer(test.lang).Date(first); got != test.first {
			t.Errorf("%s: %q, want %q", test.lang, got, test.first)
		}
	}
}

func TestMatch(t *testing.T) {
	for _, test := range []struct{ header, want string }{
		{"", "en"},
		{"fr-CA,fr;q=0.9,en;q=0.8", "fr"},
		{"sw, pt-BR;q=0.7", "pt"},
		{"zh-Hant-TW", "zh"},
		{"ar-EG", "ar"},
		{"kn", "en"},
		{";;;q=", "en"},
	} {
		if got := Match(test.header); got != test.want {
			t.Errorf("Match(%q) = %q, want %q", test.header, got, test.want)
		}
	}
}

func TestDigits(t *testing.T) {
	if got := Digits("٠١٢-۳۴٥ Ab9"); got != "012-345 Ab9" {
		t.Errorf("got %q", got)
	}
}

func TestError(t *testing.T) {
	p := load(t, sample()).Printer("en")
	for _, test := range []struct {
		err  error
		want string
	}{
		{errs.New(errs.Invalid, "hello", "Name", "you"), "Hello you"},
		{errs.New(errs.NotFound, "no.such.key"), p.T("error.not_found")},
		{errs.New(errs.Internal, "hello", "Name", "you"), p.T("error.internal")},
		{errors.New("secret text"), p.T("error.internal")},
	} {
		if got := p.Error(test.err); got != test.want {
			t.Errorf("%v: got %q, want %q", test.err, got, test.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"twice":        `{"a": "x", "a": "y"}`,
		"known":        `{"date.long": "x"}`,
		"not text":     `{"a": 1}`,
		"empty":        `{"a": " "}`,
		"unknown form": `{"a": {"lots": "x", "other": "y"}}`,
		"no other":     `{"a": {"one": "x"}}`,
		"no object":    `["a"]`,
		"cut off":      `{"a": "x"`,
		"rest":         `{"a": "x"} {}`,
	} {
		if _, err := Load(fstest.MapFS{"message/en.json": {Data: []byte(text)}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCheckFinds(t *testing.T) {
	for _, test := range []struct{ name, lang, text, want string }{
		{"missing file", "ru", ``, `ru: key "plain" is missing`},
		{"extra key", "fr", `{"plain": "x", "hello": "{{.Name}}", "more": "y", "answers": {"one": "{{.N}}", "other": "x"}}`, `en: key "more" is missing`},
		{"placeholder", "es", `{"plain": "x", "hello": "{{.Nom}}", "answers": {"one": "{{.N}}", "other": "x"}}`, `placeholders [Nom]`},
		{"plural form", "ar", `{"plain": "x", "hello": "{{.Name}}", "answers": {"one": "{{.N}}", "other": "x"}}`, `plural form "few"`},
		{"braces", "zh", `{"plain": "{{ x", "hello": "{{.Name}}", "answers": {"other": "{{.N}}"}}`, `no placeholder`},
	} {
		files := sample()
		files[test.lang+".json"] = &fstest.MapFile{Data: []byte(test.text)}
		if test.text == "" {
			delete(files, test.lang+".json")
		}
		if err := Check(files); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	if err := Check(sample()); err != nil {
		t.Errorf("complete catalogue: %v", err)
	}
	if err := Check(fstest.MapFS{}); err == nil {
		t.Error("an empty folder passes")
	}
}

func BenchmarkHundredTexts(b *testing.B) {
	p := load(b, sample()).Printer("ar")
	for b.Loop() {
		for range 60 {
			p.T("plain")
		}
		for range 30 {
			p.T("hello", "Name", "x")
		}
		for range 10 {
			p.N("answers", 12)
		}
	}
}
