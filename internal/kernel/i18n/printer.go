package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"adili/internal/kernel/errs"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

//go:embed message/*.json
var messages embed.FS

// Messages is the catalogue of this package: month names and the order of a date. Load reads it by itself.
func Messages() fs.FS { return messages }

// Catalogue holds the texts of all languages. It does not change after Load and may be used by many goroutines.
type Catalogue struct {
	printers map[string]*Printer
}

// Load reads the catalogues in fsys, beside its own and that of package errs. In each, a language's file lies at the root or
// in the folder "message". A key that stands twice, in one file or in two catalogues, is an error: somebody's text would be
// lost.
func Load(fsys ...fs.FS) (*Catalogue, error) {
	bundle := i18n.NewBundle(language.English)
	c := &Catalogue{printers: make(map[string]*Printer)}
	all := append([]fs.FS{messages, errs.Messages()}, fsys...)
	for _, lang := range Languages {
		p := &Printer{lang: lang, plain: make(map[string]string), filled: make(map[string]bool)}
		for _, files := range all {
			list, err := readLanguage(files, lang)
			if err != nil {
				return nil, err
			}
			for _, m := range list {
				if p.Has(m.ID) {
					return nil, fmt.Errorf("catalogue %s: key %q stands in two catalogues", lang, m.ID)
				}
				p.add(m)
			}
			if err := bundle.AddMessages(language.MustParse(lang), list...); err != nil {
				return nil, fmt.Errorf("catalogue %s: %w", lang, err)
			}
		}
		c.printers[lang] = p
	}
	for lang, p := range c.printers {
		p.localizer = i18n.NewLocalizer(bundle, lang)
		p.numbers = message.NewPrinter(numberTag(lang))
	}
	return c, nil
}

// Printer gives the printer of the language, and that of the first of Languages when lang is none of them.
func (c *Catalogue) Printer(lang string) *Printer {
	if p, ok := c.printers[lang]; ok {
		return p
	}
	return c.printers[Languages[0]]
}

// Printer says things in one language. It may be used by many goroutines.
type Printer struct {
	lang      string
	plain     map[string]string // texts with nothing to fill in, which are most: no template is run for them
	filled    map[string]bool   // keys of the others, which the localizer holds
	localizer *i18n.Localizer
	numbers   *message.Printer
}

func (p *Printer) add(m *i18n.Message) {
	if forms := texts(m); len(forms) == 1 && !strings.Contains(m.Other, "{{") {
		p.plain[m.ID] = m.Other
		return
	}
	p.filled[m.ID] = true
}

// Lang gives the printer's language, one of Languages.
func (p *Printer) Lang() string { return p.lang }

// Dir gives the direction of writing, "ltr" or "rtl".
func (p *Printer) Dir() string { return Dir(p.lang) }

// Has says whether there is a text for the key.
func (p *Printer) Has(key string) bool {
	_, ok := p.plain[key]
	return ok || p.filled[key]
}

// T gives the text of the key. args are names and values to fill in, alternating. A key without a text comes back in
// guillemets, so that it is seen on the page and found by tests.
func (p *Printer) T(key string, args ...any) string {
	if text, ok := p.plain[key]; ok {
		return text
	}
	return p.fill(&i18n.LocalizeConfig{MessageID: key, TemplateData: pairs(args)})
}

// N gives the text of the key in the plural form for n, which is filled in as {{.N}} in the language's way of writing
// numbers. args are further names and values.
func (p *Printer) N(key string, n int, args ...any) string {
	if text, ok := p.plain[key]; ok {
		return text
	}
	data := pairs(args)
	data["N"] = p.Int(n)
	return p.fill(&i18n.LocalizeConfig{MessageID: key, PluralCount: n, TemplateData: data})
}

func (p *Printer) fill(config *i18n.LocalizeConfig) string {
	if !p.filled[config.MessageID] {
		return "«" + config.MessageID + "»"
	}
	text, err := p.localizer.Localize(config)
	if err != nil && text == "" {
		return "«" + config.MessageID + "»"
	}
	return text
}

// pairs turns name, value, name, value into a map. A last name without a value is dropped.
func pairs(args []any) map[string]any {
	data := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		if name, ok := args[i].(string); ok {
			data[name] = args[i+1]
		}
	}
	return data
}

// Int writes a whole number with the language's grouping.
func (p *Printer) Int(n int) string { return p.numbers.Sprint(number.Decimal(n)) }

// Decimal writes x with so many digits after the decimal sign.
func (p *Printer) Decimal(x float64, digits int) string {
	return p.numbers.Sprint(number.Decimal(x, number.Scale(digits)))
}

// Percent writes a share between 0 and 1 as a percentage, with so many digits after the decimal sign.
func (p *Printer) Percent(x float64, digits int) string {
	return p.numbers.Sprint(number.Percent(x, number.Scale(digits)))
}

// Date writes the day of t, in t's own time zone, in the long form without a time of day, such as "1 December 2026".
func (p *Printer) Date(t time.Time) string {
	key := "date.long"
	if t.Day() == 1 {
		key = "date.long_first" // French and Portuguese write the first as an ordinal
	}
	return p.T(key, "Day", t.Day(), "Month", p.T(fmt.Sprintf("date.month_%d", t.Month())), "Year", t.Year())
}

// Error says err in words for anyone: the text of its message key, or the general words for its kind when the key has no
// text. The technical text never appears.
func (p *Printer) Error(err error) string {
	e, ok := errs.Find(err)
	if !ok {
		return p.T(errs.Internal.Key())
	}
	if e.Kind != errs.Internal && p.Has(e.Key) {
		return p.T(e.Key, e.Args...)
	}
	return p.T(e.Kind.Key())
}

// Explain says an error to whoever runs the program: what it means and what to do, where it was made for readers, and below
// that the technical text.
func (p *Printer) Explain(err error) string {
	e, ok := errs.Find(err)
	if !ok || e.Key == e.Kind.Key() || !p.Has(e.Key) {
		return err.Error()
	}
	return p.T(e.Key, e.Args...) + "\n" + err.Error()
}
