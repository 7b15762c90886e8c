package spelling

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"adili/form"
)

var inBrackets = regexp.MustCompile(`\(([^()]*)\)$`)

// LanguageCode is the valid code in brackets at the end of a language's name.
func LanguageCode(text string) string {
	m := inBrackets.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return validTag(m[1])
}

func validTag(code string) string {
	if len(code) > 35 {
		return ""
	}
	tag, err := language.Parse(code)
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}

// LanguageTag gives every language a tag: that of its code, of its name in
// English or in itself, or a private one made of its letters.
func LanguageTag(text string) string {
	if tag := LanguageCode(text); tag != "" {
		return tag
	}
	if tag := languageNames()[strings.ToLower(text)]; tag != "" {
		return tag
	}
	if text == "default" {
		return form.Undetermined
	}
	if tag := validTag(text); tag != "" {
		return tag
	}
	return privateTag(text)
}

// languageNames lists tags by the name of the language, in small letters.
var languageNames = sync.OnceValue(func() map[string]string {
	names := make(map[string]string)
	english := display.English.Languages()
	for _, base := range display.Supported.BaseLanguages() {
		tag, err := language.Compose(base)
		if err != nil || tag == language.Und {
			continue
		}
		for _, name := range []string{display.Self.Name(tag), english.Name(tag)} {
			if name != "" {
				names[strings.ToLower(name)] = tag.String()
			}
		}
	}
	return names
})

func privateTag(text string) string {
	parts := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if len(parts) == 0 {
		h := fnv.New32a()
		h.Write([]byte(text))
		return fmt.Sprintf("x-%07x", h.Sum32()>>4)
	}
	tag := "x"
	for _, part := range parts[:min(len(parts), 4)] {
		tag += "-" + part[:min(len(part), 8)]
	}
	return tag
}
