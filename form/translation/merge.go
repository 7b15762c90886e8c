package translation

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Errors of signing.
var (
	ErrRole       = errors.New("no such role: use translator, reviewer or adjudicator")
	ErrIncomplete = errors.New("the translation is not complete: texts are missing, stale, or their ${…} differ from the source")
	ErrSamePerson = errors.New("the reviewer and the translator have to be two people")
)

// Row is one translation as it came from a file.
type Row struct {
	Line    int    // in the file, from 1
	ID      string // of the unit
	Source  string // as it stood when the file was written
	Target  string
	Status  Status // "" where the file says nothing
	Back    string
	Comment string
}

// Problem is what is wrong with a row of a file.
type Problem struct {
	Line    int
	ID      string
	Key     string // one of ProblemKeys
	Args    []any
	Warning bool // the row was taken all the same
}

// String is the problem in English.
func (p Problem) String() string {
	s := problemText[p.Key]
	for i := 0; i+1 < len(p.Args); i += 2 {
		s = strings.ReplaceAll(s, "{{."+p.Args[i].(string)+"}}", p.Args[i+1].(string))
	}
	return s
}

// ProblemKeys lists the keys of problems with their English text.
func ProblemKeys() map[string]string { return maps.Clone(problemText) }

var problemText = map[string]string{
	"translation.unknown":     "The questionnaire has no text “{{.ID}}”. It was removed since the file was written; the row is left out.",
	"translation.twice":       "The text “{{.ID}}” stands twice in the file. The first is taken.",
	"translation.source":      "The source text of “{{.ID}}” changed since the file was written. The translation is taken and marked stale; compare it with the new text.",
	"translation.placeholder": "The translation of “{{.ID}}” must have the same ${…} as the source text: {{.Names}}. It is left out.",
	"translation.language":    "The file is a translation into “{{.Got}}”, not into “{{.Want}}”. Nothing was taken.",
	"translation.syntax":      "The file cannot be read: {{.Detail}}",
	"translation.column":      "The table has no column “{{.Column}}”. Keep the header row of the file that was given out.",
	"translation.status":      "The status “{{.Value}}” is none of initial, translated, reviewed, final. “translated” is taken.",
}

// Merge takes the rows of a file for tag into the ledger and returns the
// translations they bring, by unit, and what was wrong. A row without a
// translation changes no text.
func (l *Ledger) Merge(b Book, tag, by string, rows []Row) (texts map[string]string, problems []Problem) {
	lines := map[string]Line{}
	for _, line := range l.Lines(b, tag) {
		lines[line.ID] = line
	}
	texts = map[string]string{}
	entries := map[string]Entry{}
	for _, row := range rows {
		note := func(key string, warning bool, args ...any) {
			problems = append(problems, Problem{row.Line, row.ID, key, append([]any{"ID", row.ID}, args...), warning})
		}
		line, ok := lines[row.ID]
		if !ok {
			note("translation.unknown", false)
			continue
		}
		if _, twice := entries[row.ID]; twice {
			note("translation.twice", false)
			continue
		}
		lack, extra := Placeholders(line.Source, row.Target)
		if row.Target != "" && len(lack)+len(extra) > 0 {
			note("translation.placeholder", false, "Names", strings.Join(slices.Concat(lack, extra), ", "))
			continue
		}
		entry := line.Entry
		if row.Target != "" {
			texts[row.ID] = row.Target
			entry.Of = row.Source
			if row.Source != line.Source {
				note("translation.source", true)
			}
			if row.Target != line.Target && row.Status == "" {
				entry.Status = Translated
			}
		}
		entries[row.ID] = row.onto(entry, by)
	}
	l.note(tag, entries)
	return texts, problems
}

// onto adds to an entry what the row says of it.
func (r Row) onto(e Entry, by string) Entry {
	if r.Status != "" && (r.Target != "" || r.Status == Untranslated) {
		e.Status = r.Status
	}
	if r.Target != "" && e.Status == Untranslated {
		e.Status = Translated
	}
	if r.Back != "" {
		e.Back = r.Back
	}
	said := func(c Comment) bool { return c.Text == r.Comment }
	if r.Comment != "" && !slices.ContainsFunc(e.Comments, said) {
		e.Comments = append(slices.Clone(e.Comments), Comment{by, r.Comment})
	}
	return e
}

func (l *Ledger) note(tag string, entries map[string]Entry) {
	if l.Entries == nil {
		l.Entries = map[string]map[string]Entry{}
	}
	if l.Entries[tag] == nil {
		l.Entries[tag] = map[string]Entry{}
	}
	maps.Copy(l.Entries[tag], entries)
}
