package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// placeholder finds the parts of a text that are filled in.
var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// formNames are the CLDR names of the plural forms x/text computes.
var formNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

// Check reports everything that is missing from the catalogue in fsys: a language without a file, a key that a language
// lacks or has beyond the others, a placeholder that is not the same in all languages, a plural form that whole numbers up
// to 1,000 need, and braces that are no placeholder. It is meant for a test beside each catalogue.
func Check(fsys fs.FS) error {
	all := make(map[string]map[string]*i18n.Message) // language, key
	keys := make(map[string]bool)
	var faults []error
	for _, lang := range Languages {
		list, err := readLanguage(fsys, lang)
		if err != nil {
			faults = append(faults, err)
		}
		all[lang] = make(map[string]*i18n.Message)
		for _, m := range list {
			all[lang][m.ID] = m
			keys[m.ID] = true
		}
	}
	if len(keys) == 0 && len(faults) == 0 {
		return errors.New("no messages found")
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		faults = append(faults, checkKey(key, all)...)
	}
	return errors.Join(faults...)
}

func checkKey(key string, all map[string]map[string]*i18n.Message) (faults []error) {
	var names []string // of the first language that has the key
	plurals := isPlural(key, all)
	for _, lang := range Languages {
		m, ok := all[lang][key]
		if !ok {
			faults = append(faults, fmt.Errorf("%s: key %q is missing", lang, key))
			continue
		}
		found, err := placeholders(m)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: key %q: %w", lang, key, err))
		}
		if names == nil {
			names = found
		}
		if !slices.Equal(names, found) {
			faults = append(faults, fmt.Errorf("%s: key %q: placeholders %v, elsewhere %v", lang, key, found, names))
		}
		if !plurals {
			continue
		}
		have := texts(m)
		for _, form := range neededForms(lang) {
			if have[form] == "" {
				faults = append(faults, fmt.Errorf("%s: key %q: plural form %q is missing", lang, key, form))
			}
		}
	}
	return faults
}

// isPlural says whether any language has more than one form of the key. Chinese alone never tells.
func isPlural(key string, all map[string]map[string]*i18n.Message) bool {
	for _, lang := range Languages {
		if m, ok := all[lang][key]; ok && len(texts(m)) > 1 {
			return true
		}
	}
	return false
}

// placeholders gives the sorted names in all forms of the message together: a language may leave {{.N}} out of the form
// for one, but not out of all forms.
func placeholders(m *i18n.Message) ([]string, error) {
	set := make(map[string]bool)
	for _, text := range texts(m) {
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			set[found[1]] = true
		}
		if rest := placeholder.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			return nil, fmt.Errorf("braces that are no placeholder in %q", text)
		}
	}
	return append([]string{}, slices.Sorted(maps.Keys(set))...), nil
}

// neededForms gives the plural forms that whole numbers from 0 to 1,000 take in the language.
func neededForms(lang string) []string {
	set := make(map[string]bool)
	tag := language.MustParse(lang)
	for n := range 1001 {
		set[formNames[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]] = true
	}
	return slices.Sorted(maps.Keys(set))
}
