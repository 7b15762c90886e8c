// Package edit changes questionnaires. Every operation returns a questionnaire
// of its own and leaves the one it was given as it is, so that an editor can
// keep what was there before. What cannot be done is refused with a *Refusal,
// which says why in a message key: removing a question that others refer to,
// for example.
//
// The package also compares two versions, offers the questions of the bundled
// instruments as templates, and says simple conditions in words.
package edit

import (
	"fmt"
	"maps"
	"strings"
)

// Refusal is why a change was not made.
type Refusal struct {
	Key  string // one of RefusalKeys
	Args []any  // name, value pairs for the message
}

// Error is the refusal in English.
func (r *Refusal) Error() string {
	s := refusalText[r.Key]
	for i := 0; i+1 < len(r.Args); i += 2 {
		s = strings.ReplaceAll(s, fmt.Sprintf("{{.%v}}", r.Args[i]), fmt.Sprint(r.Args[i+1]))
	}
	return s
}

// RefusalKeys lists every key of a Refusal with its English text.
func RefusalKeys() map[string]string { return maps.Clone(refusalText) }

var refusalText = map[string]string{
	"edit.refusal.no_page":         "There is no such page any more. Load the questionnaire anew.",
	"edit.refusal.no_item":         "There is no question “{{.ID}}” any more. Load the questionnaire anew.",
	"edit.refusal.no_group":        "“{{.ID}}” is not a group. Choose a page or a group to put the question in.",
	"edit.refusal.taken":           "The name “{{.ID}}” is taken. Choose another one.",
	"edit.refusal.used":            "“{{.ID}}” cannot be removed: {{.By}} refer to it. Change those first.",
	"edit.refusal.used_choice":     "The choice “{{.Choice}}” of “{{.ID}}” cannot be removed: {{.By}} refer to it. Change those first.",
	"edit.refusal.inside":          "A group cannot be put inside itself.",
	"edit.refusal.no_list":         "There is no list “{{.ID}}”.",
	"edit.refusal.no_choices":      "“{{.ID}}” has no choices of its own. Change its list, or give it choices.",
	"edit.refusal.source_language": "The texts were written in “{{.Lang}}”, so this language stays. Make another language the source first.",
	"edit.refusal.language_there":  "The questionnaire has the language “{{.Lang}}” already.",
	"edit.refusal.no_language":     "The questionnaire has no language “{{.Lang}}”. Add it first.",
	"edit.refusal.tag":             "“{{.Lang}}” is not a language tag. Write it as in “fr”, “ha” or “pt-BR”.",
	"edit.refusal.incomplete":      "“{{.Lang}}” cannot become the source: {{.N}} texts have no version in it.",
	"edit.refusal.no_text":         "The questionnaire has no text “{{.ID}}”.",
	"edit.refusal.expression":      "The condition of “{{.ID}}” cannot be kept with the new name: {{.Detail}}",
}

func refuse(key string, args ...any) *Refusal { return &Refusal{"edit.refusal." + key, args} }
