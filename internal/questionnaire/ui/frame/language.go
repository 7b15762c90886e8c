package frame

import (
	"slices"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"adili/internal/kernel/i18n"
)

// fromRight are the scripts written from right to left (Unicode Standard Annex 9).
var fromRight = []string{"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"}

// Direction is how a language is written, as the HTML attribute wants it.
func Direction(tag string) string {
	parsed, err := language.Parse(tag)
	if err != nil {
		return "ltr"
	}
	if script, _ := parsed.Script(); slices.Contains(fromRight, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// Native is a language's name in itself, or its tag.
func Native(tag string) string {
	if i18n.Known(tag) {
		return i18n.Native(tag)
	}
	parsed, err := language.Parse(tag)
	if err != nil {
		return tag
	}
	if name := display.Self.Name(parsed); name != "" {
		return name
	}
	if name := display.English.Tags().Name(parsed); name != "" {
		return name
	}
	return tag
}
