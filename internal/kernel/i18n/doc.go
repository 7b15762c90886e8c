// Package i18n says things in the reader's language: message catalogues with plural forms, numbers, percentages and dates,
// matching of languages and direction of writing. It owns go-i18n and x/text; other packages see only strings.
//
// A catalogue is one flat JSON file a language, en.json, fr.json and so on:
//
//	{"round.title": "Round {{.Number}}",
//	 "round.answers": {"one": "{{.N}} answer", "other": "{{.N}} answers"}}
//
// A key has one text or the plural forms its language needs. Check, called from a test beside every catalogue, keeps the
// seven languages complete. Digits are Latin in every language for now: which Arabic-writing region uses which digits is
// the administration's choice, and a mixture of both in one table is worse than either.
package i18n
