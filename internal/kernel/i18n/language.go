package i18n

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Languages are the languages of the program, in the order menus show them. The first is the one used when nothing matches.
var Languages = []string{"en", "fr", "es", "pt", "ar", "ru", "zh"}

// natives are the languages' names in themselves, as a reader looks for them in a menu.
var natives = map[string]string{
	"en": "English",
	"fr": "Français",
	"es": "Español",
	"pt": "Português",
	"ar": "العربية",
	"ru": "Русский",
	"zh": "中文",
}

// matcher finds the nearest of Languages, so that pt-BR and zh-Hant-TW find pt and zh.
var matcher = language.NewMatcher(tags())

func tags() []language.Tag {
	list := make([]language.Tag, len(Languages))
	for i, l := range Languages {
		list[i] = language.MustParse(l)
	}
	return list
}

// numberTag is the tag numbers are printed by: the language with Latin digits.
func numberTag(lang string) language.Tag { return language.MustParse(lang + "-u-nu-latn") }

// Known says whether lang is one of Languages, written exactly so.
func Known(lang string) bool { return slices.Contains(Languages, lang) }

// Native gives the language's name in itself ("Français"), or the tag when it is none of Languages.
func Native(lang string) string {
	if n, ok := natives[lang]; ok {
		return n
	}
	return lang
}

// Dir gives the direction the language is written in, "ltr" or "rtl", as the HTML attribute wants it.
func Dir(lang string) string {
	if lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

// Match gives the one of Languages that fits an Accept-Language header best, and the first of them when none fits or the
// header cannot be read.
func Match(acceptLanguage string) string {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return Languages[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return Languages[0]
	}
	return Languages[i]
}

// Digits turns Arabic-Indic and Persian digits into ASCII ones and leaves everything else as it is, so that a code or a
// number can be typed on any keyboard.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return '0' + r - '٠'
		case r >= '۰' && r <= '۹':
			return '0' + r - '۰'
		}
		return r
	}, s)
}

// Normal gives s in the form NFKC, in which two ways of typing the same text are the same bytes. NIST SP 800-63B asks it
// for passwords, which may be typed on different keyboards.
func Normal(s string) string { return norm.NFKC.String(s) }
