// Package spelling knows how XLSForm spells things: types of questions, headers
// of columns, names, languages, and the names that Adili reserves.
package spelling

import (
	"strings"

	"adili/form/expr"
)

// The sheets a form can have.
const (
	SurveySheet   = "survey"
	ChoicesSheet  = "choices"
	SettingsSheet = "settings"
)

// What or_other adds: a choice, and a question for its words.
const (
	OtherChoice = "other"
	OtherSuffix = "_other"
	OtherLabel  = "Specify other."
)

// ExactTexts is a setting that keeps texts as they stand: no quotes are
// straightened and no spaces taken out.
const ExactTexts = "exact_texts"

// MissingList is the list that holds the words for answers that say nothing.
const MissingList = "adili_missing"

// OwnList names the list of an item whose choices belong to it alone.
func OwnList(id string) string { return "adili_choices_" + id }

// OtherRelevant is when that question is asked, of the item with that id.
func OtherRelevant(id string) string { return "selected(${" + id + "}, '" + OtherChoice + "')" }

// RangeDefaults are the three numbers of a range that says nothing.
var RangeDefaults = []struct{ Name, Value string }{{"start", "1"}, {"end", "10"}, {"step", "1"}}

// Quote writes a text as a literal of an expression.
func Quote(s string) string {
	switch {
	case !strings.Contains(s, "'"):
		return "'" + s + "'"
	case !strings.Contains(s, `"`):
		return `"` + s + `"`
	}
	return "concat('" + strings.ReplaceAll(s, "'", `', "'", '`) + "')"
}

// Unquote is the text of a literal, if e is nothing else.
func Unquote(e *expr.Expr) (string, bool) {
	s := e.Source()
	if len(s) < 2 || s[0] != '\'' && s[0] != '"' || strings.IndexByte(s[1:], s[0]) != len(s)-2 {
		return "", false
	}
	return s[1 : len(s)-1], true
}
