package form

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Code is one closed answer as it is stored: 1 to 250 is a scale point or the
// position of a choice, the rest are the kinds of missing answer.
type Code uint8

// The codes that are not an answer. Unanswered is zero so that an empty record
// says nothing about anybody.
const (
	Unanswered    Code = 0
	NotAsked      Code = 251
	NotApplicable Code = 252
	PreferNot     Code = 253
	DontKnow      Code = 254
)

var missingNames = map[string]Code{"dont_know": DontKnow, "prefer_not": PreferNot, "not_applicable": NotApplicable}

// Name is the word for a missing code in files and forms, empty for others.
func (c Code) Name() string {
	for name, code := range missingNames {
		if code == c {
			return name
		}
	}
	return ""
}

// Valid reports whether c is a scale point or a choice.
func (c Code) Valid() bool { return c > 0 && c <= maxChoice }

const (
	maxChoice = 250
	maxMulti  = 16 // choices of a multi item; they are kept as bits
)

// Answer is the answer to one item.
type Answer struct {
	Code Code   // scale point, choice position from 1, or missing code; 1 for a multi item with a Set
	Set  uint16 // chosen positions of a multi item: bit 0 is the first
	Text string // open answer
}

// Answers are the answers of one person by item id.
type Answers map[string]Answer

// An AnswerError says which item was answered in a way the questionnaire does
// not allow. A form sent by our own pages never causes one.
type AnswerError struct {
	Item    string
	Problem string
}

func (e *AnswerError) Error() string { return fmt.Sprintf("answer to %q: %s", e.Item, e.Problem) }

// Asked reports whether it is asked of somebody who gave answers so far.
func (q *Questionnaire) Asked(it Item, answers Answers) bool {
	if it.When == nil {
		return true
	}
	source, ok := q.Item(it.When.Item)
	if !ok {
		return false
	}
	given := answers[source.ID]
	for i, c := range source.Choices {
		if !slices.Contains(it.When.Any, c.ID) {
			continue
		}
		if source.Kind == Multi && given.Code == 1 && given.Set&(1<<i) != 0 {
			return true
		}
		if source.Kind == Single && int(given.Code) == i+1 {
			return true
		}
	}
	return false
}

// AskedOn lists the items of page that are asked after answers.
func (q *Questionnaire) AskedOn(page int, answers Answers) []Item {
	var items []Item
	for _, it := range q.Pages[page].Items {
		if q.Asked(it, answers) {
			items = append(items, it)
		}
	}
	return items
}

// Step returns the page after (by = 1) or before (by = -1) page on which
// anything is asked, or -1 before the first and len(q.Pages) after the last.
func (q *Questionnaire) Step(page, by int, answers Answers) int {
	for page += by; page >= 0 && page < len(q.Pages); page += by {
		if len(q.AskedOn(page, answers)) > 0 {
			return page
		}
	}
	return page
}

// Accept checks the values sent for a page and returns answers with that
// page's answers replaced. The values of one item stand under its id. A name
// that is not an item of the page, or a value the item does not offer, is an
// *AnswerError and nothing is taken.
func (q *Questionnaire) Accept(page int, answers Answers, values map[string][]string) (Answers, error) {
	asked := q.AskedOn(page, answers)
	next := make(Answers, len(answers)+len(asked))
	for id, a := range answers {
		next[id] = a
	}
	known := map[string]bool{}
	for _, it := range asked {
		known[it.ID] = true
		a, err := q.accept(it, values[it.ID])
		if err != nil {
			return nil, err
		}
		if a == (Answer{}) {
			delete(next, it.ID)
			continue
		}
		next[it.ID] = a
	}
	for name := range values {
		if !known[name] {
			return nil, &AnswerError{name, "is not asked on this page"}
		}
	}
	return next, nil
}

func (q *Questionnaire) accept(it Item, values []string) (Answer, error) {
	switch {
	case it.Kind == Multi:
		return acceptMulti(it, values)
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return Answer{}, nil
	case len(values) > 1:
		return Answer{}, &AnswerError{it.ID, "has more than one value"}
	case it.Kind == OpenAnswer:
		return acceptText(it, values[0])
	}
	if code, ok := missingNames[values[0]]; ok && slices.Contains(it.Missing, code) {
		return Answer{Code: code}, nil
	}
	if it.Kind == Agreement {
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 1 || n > q.Points(it) || strconv.Itoa(n) != values[0] {
			return Answer{}, &AnswerError{it.ID, "is outside the scale"}
		}
		return Answer{Code: Code(n)}, nil
	}
	if i := choiceIndex(it, values[0]); i >= 0 {
		return Answer{Code: Code(i + 1)}, nil
	}
	return Answer{}, &AnswerError{it.ID, "is not one of the choices"}
}

func choiceIndex(it Item, id string) int {
	return slices.IndexFunc(it.Choices, func(c Choice) bool { return c.ID == id })
}

func acceptMulti(it Item, values []string) (Answer, error) {
	var set uint16
	var missing Code
	for _, v := range values {
		if code, ok := missingNames[v]; ok && slices.Contains(it.Missing, code) {
			missing = code
			continue
		}
		i := choiceIndex(it, v)
		if i < 0 {
			return Answer{}, &AnswerError{it.ID, "is not one of the choices"}
		}
		set |= 1 << i
	}
	// Without a script a person can tick "none of these" beside others; what
	// was said by ticking something specific counts, the exclusive tick is dropped.
	if bits.OnesCount16(set) > 1 {
		for i, c := range it.Choices {
			if c.Exclusive {
				set &^= 1 << i
			}
		}
	}
	switch {
	case set != 0:
		return Answer{Code: 1, Set: set}, nil
	case missing != 0:
		return Answer{Code: missing}, nil
	}
	return Answer{}, nil
}

func acceptText(it Item, s string) (Answer, error) {
	if !utf8.ValidString(s) {
		return Answer{}, &AnswerError{it.ID, "is not valid text"}
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	s = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > it.MaxLength {
		return Answer{}, &AnswerError{it.ID, "is longer than allowed"}
	}
	if s == "" {
		return Answer{}, nil
	}
	return Answer{Code: 1, Text: s}, nil
}

// Settle returns answers as they are stored: items that are not asked in the
// end (because a filter answer was changed) are dropped.
func (q *Questionnaire) Settle(answers Answers) Answers {
	settled := make(Answers, len(answers))
	for _, it := range q.Items() { // in order, so a filter is settled before what hangs on it
		if a, ok := answers[it.ID]; ok && q.Asked(it, settled) {
			settled[it.ID] = a
		}
	}
	return settled
}
