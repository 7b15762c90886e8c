// Package factor holds the ten key factors of the Revised Arusha Declaration as
// data: a number, a stable code, names and an original one-sentence description
// in seven languages, and an indicative crosswalk to the United Nations
// Convention against Corruption (UNCAC).
//
// The factors are the spine of Adili: questionnaire items, scores, resources
// and actions all point at a factor number. The descriptions are our own words;
// the official text is linked, never copied. The crosswalk is ours too and says
// so on every row (see [Mapping]).
//
// The data is scheme.json, embedded and checked when the package is loaded.
package factor

import (
	"maps"
	"slices"
	"strings"
)

// Fallback is the language used where a text is not available in the language
// asked for. Every text exists in it.
const Fallback = "en"

// Factor is one key factor. The zero value is no factor.
type Factor struct {
	Number int    // 1 to 10, the order of the Declaration
	Code   string // stable identifier for exports, "rad-1"
	Slug   string // stable identifier for addresses, "leadership"
	Link   string // the official text, outside Adili

	name, description text
}

// All returns the ten factors in the order of the Declaration. The slice is the
// caller's own.
func All() []Factor {
	return slices.Clone(arusha.factors)
}

// ByNumber returns the factor with the given number, 1 to 10.
func ByNumber(n int) (Factor, bool) {
	if n < 1 || n > len(arusha.factors) {
		return Factor{}, false
	}
	return arusha.factors[n-1], true
}

// ByCode returns the factor with the given code or slug, as read from an
// address or an uploaded file.
func ByCode(s string) (Factor, bool) {
	for _, f := range arusha.factors {
		if f.Code == s || f.Slug == s {
			return f, true
		}
	}
	return Factor{}, false
}

// Languages returns the language tags in which every text is available.
func Languages() []string {
	return slices.Clone(arusha.languages)
}

// Name returns the factor's name in lang, a BCP 47 tag, and the language it was
// found in. A regional tag falls back to its language ("pt-BR" to "pt") and
// anything unknown to English; got differs from lang then, and the page can
// mark the text with the language it really has.
func (f Factor) Name(lang string) (name, got string) {
	return f.name.in(lang)
}

// Description returns one sentence on what the factor is about, in Adili's own
// words, and the language it was found in; see [Factor.Name].
func (f Factor) Description(lang string) (sentence, got string) {
	return f.description.in(lang)
}

// text is one text by language tag.
type text map[string]string

func (t text) in(lang string) (s, got string) {
	for tag := lang; tag != ""; {
		if s, ok := t[tag]; ok {
			return s, tag
		}
		i := strings.LastIndexByte(tag, '-')
		if i < 0 {
			break
		}
		tag = tag[:i]
	}
	if s, ok := t[Fallback]; ok {
		return s, Fallback
	}
	return "", ""
}

func (t text) tags() []string {
	return slices.Sorted(maps.Keys(t))
}
