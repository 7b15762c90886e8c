package xlsform

import (
	"maps"
	"slices"

	"adili/form/xlsform/spelling"
)

// languages turns what headers say after :: into language tags.
type languages struct {
	plain string            // tag of texts in columns without a language
	main  string            // what the settings call the default language
	tags  map[string]string // tag by header text
	names map[string]string // header text by tag, where it is not the tag itself
	order []string          // tags in the order met
}

// tag finds the tag of a header text, and says whether another text has it.
func (l *languages) tag(text string) (tag, other string) {
	if tag, ok := l.tags[text]; ok {
		return tag, ""
	}
	tag = spelling.LanguageTag(text)
	if text == "default" {
		tag = l.plain
	}
	for _, seen := range slices.Sorted(maps.Keys(l.tags)) {
		if l.tags[seen] == tag && seen != l.main && text != "default" && seen != "default" {
			other = seen
		}
	}
	l.tags[text] = tag
	if other == "" && text != "default" {
		delete(l.names, tag)
		if text != tag {
			l.names[tag] = text
		}
	}
	l.met(tag)
	return tag, other
}

func (l *languages) met(tag string) {
	if !slices.Contains(l.order, tag) {
		l.order = append(l.order, tag)
	}
}
