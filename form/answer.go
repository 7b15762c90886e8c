package form

import (
	"fmt"
	"maps"
	"slices"
	"time"
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
	maxMulti  = 64 // choices of a multi item; they are kept as bits
	narrow    = 16 // choices of a multi item that need two bytes only
)

// Answer is the answer to one item.
type Answer struct {
	Code   Code    // scale point, choice position from 1, or missing code; 1 for every other answer
	Set    uint64  // chosen positions of a multi item: bit 0 is the first
	Number float64 // of a numeric item; of a date, days since 1970-01-01
	Text   string  // open answer
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

// Reason is why an answer is objected to.
type Reason string

// The reasons. The first two are of the questionnaire's own words.
const (
	Required   Reason = "required"   // left blank; asked once more
	Violated   Reason = "constraint" // does not meet the item's constraint
	NoNumber   Reason = "number"     // cannot be read as a number
	NotWhole   Reason = "whole"      // is no whole number, or too large
	OutOfRange Reason = "range"      // is not from the range, or not one of its steps
	NoDate     Reason = "date"       // cannot be read as a date
)

// Objection is about one answer that a person may want to give otherwise. She
// can always go on without.
type Objection struct {
	Item    string
	Reason  Reason
	Message Text // of the questionnaire; may be empty
}

// Objections are those of one page, in the order of its items.
type Objections []Objection

func (o Objections) Error() string {
	return fmt.Sprintf("%d answers objected to, the first to %q: %s", len(o), o[0].Item, o[0].Reason)
}

// Of is the objection to an item's answer.
func (o Objections) Of(item string) (Objection, bool) {
	i := slices.IndexFunc(o, func(one Objection) bool { return one.Item == item })
	if i < 0 {
		return Objection{}, false
	}
	return o[i], true
}

// Asked reports whether it is asked of somebody who gave answers so far.
func (q *Questionnaire) Asked(it Item, answers Answers) bool {
	return it.Relevant == nil || q.sit(answers).isAsked(&it)
}

// AskedOn lists the items of page that are asked or shown after answers.
func (q *Questionnaire) AskedOn(page int, answers Answers) []Item {
	return q.sit(answers).on(page)
}

func (s *sitting) on(page int) []Item {
	var items []Item
	walk(s.q.Pages[page].Items, "", func(it *Item, _ string) {
		if (it.Kind.Answered() || it.Kind == Note) && s.isAsked(it) {
			items = append(items, *it)
		}
	})
	return items
}

// Step returns the page after (by = 1) or before (by = -1) page on which
// anything is asked, or -1 before the first and len(q.Pages) after the last.
func (q *Questionnaire) Step(page, by int, answers Answers) int {
	s := q.sit(answers)
	for page += by; page >= 0 && page < len(q.Pages); page += by {
		if len(s.on(page)) > 0 {
			return page
		}
	}
	return page
}

// Accept checks the values sent for a page and returns answers with that
// page's answers replaced. The values of one item stand under its id. A name
// that is not an item of the page, or a value the item does not offer, is an
// *AnswerError and nothing is taken. An answer that a person may want to
// correct is among the Objections; the other answers are returned beside them,
// so that she can go on without. A constraint that looks at the clock is met.
func (q *Questionnaire) Accept(page int, answers Answers, values map[string][]string) (Answers, error) {
	return q.AcceptAt(time.Time{}, page, answers, values)
}

// AcceptAt is Accept with a clock for constraints such as "not after today".
func (q *Questionnaire) AcceptAt(now time.Time, page int, answers Answers, values map[string][]string) (Answers, error) {
	s := q.sit(answers)
	asked := s.on(page)
	next := maps.Clone(answers)
	if next == nil {
		next = Answers{}
	}
	known := map[string]bool{}
	var objections Objections
	for i := range asked {
		it := &asked[i]
		known[it.ID] = it.Kind.Answered()
		a, reason, err := s.accept(it, values[it.ID])
		if err != nil {
			return nil, err
		}
		if reason != "" {
			objections = append(objections, Objection{Item: it.ID, Reason: reason})
		}
		delete(next, it.ID)
		if a != (Answer{}) {
			next[it.ID] = a
		}
	}
	for name := range values {
		if !known[name] {
			return nil, &AnswerError{name, "is not asked on this page"}
		}
	}
	if objections = q.object(now, asked, next, objections); len(objections) > 0 {
		return next, objections
	}
	return next, nil
}

// object adds what constraints and required answers object to, and takes the
// answers that violate a constraint out.
func (q *Questionnaire) object(now time.Time, asked []Item, next Answers, before Objections) Objections {
	s := q.sit(maps.Clone(next)) // all answers of the page are seen, those objected to too
	s.now = now
	var all Objections
	for i := range asked {
		it := &asked[i]
		if o, ok := before.Of(it.ID); ok {
			all = append(all, o)
			continue
		}
		value := s.text(it, next[it.ID])
		ctx := s.context(it)
		ctx.Node.SetText(value)
		switch {
		case !it.Kind.Answered():
		case value != "" && it.Constraint != nil && !(now.IsZero() && timed(it.Constraint)) && !it.Constraint.Bool(ctx):
			all = append(all, Objection{it.ID, Violated, it.ConstraintMessage})
			delete(next, it.ID)
		case next[it.ID].Code == Unanswered && it.Required != nil && it.Required.Bool(ctx):
			all = append(all, Objection{it.ID, Required, it.RequiredMessage})
		}
	}
	return all
}

// Settle returns answers as they are stored: items that are not asked in the
// end (because a filter answer was changed) are dropped.
func (q *Questionnaire) Settle(answers Answers) Answers {
	s := q.sit(answers)
	settled := make(Answers, len(answers))
	for id, a := range answers {
		if it, ok := s.items[id]; ok && s.isAsked(it) {
			settled[id] = a
		}
	}
	return settled
}
