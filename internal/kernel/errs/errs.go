// Package errs holds the one error type of the program. An error has a kind, which decides the HTTP status and the exit
// code, and a message key, which lets the page say it in the reader's language; its technical text goes to the log only.
package errs

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what sort of trouble an error is. The zero value is Internal, so that whatever nobody classified is a fault of
// ours and is never shown to a reader.
type Kind uint8

// The kinds. Each has a default message key, "error.<kind>" (see Key).
const (
	Internal     Kind = iota // a fault of the program: shown as a reference number only
	Invalid                  // what was sent cannot be used; the sender can mend it
	NotFound                 // there is no such thing
	Conflict                 // it does not fit the present state, such as a second opening
	Forbidden                // this person may not do it
	SignInNeeded             // nobody is signed in
	Gone                     // it was there and is no longer, such as a closed round
	TooMany                  // too many attempts: try later
	TooLarge                 // more bytes or rows than allowed
	Unavailable              // the database is locked, full or gone: try again
)

var kindNames = [...]string{"internal", "invalid", "not_found", "conflict", "forbidden", "sign_in", "gone", "too_many", "too_large", "unavailable"}

// String gives the kind's short name as used in logs and message keys, such as "not_found".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Key gives the message key that says this kind in general words, such as "error.not_found". Messages has its texts.
func (k Kind) Key() string { return "error." + k.String() }

// Detail is one fault in something a person sent, so that a list of them can be shown with the place and the remedy.
type Detail struct {
	File  string // name of the file as sent; empty for a form
	Row   int    // row as a spreadsheet counts, from 1; 0 when the fault is not in a row
	Field string // column heading or field name; empty when the fault is not in a field
	Key   string // message key, which says the remedy too
	Args  []any  // name, value pairs for the message
}

// E is an error of the program.
type E struct {
	Kind    Kind
	Key     string // message key; its text may be shown to anyone
	Args    []any  // name, value pairs for the message
	Op      string // what was being done, for the log
	Err     error  // the cause, for the log
	Details []Detail
}

// New returns an error of the kind with a message key and its name, value pairs.
func New(kind Kind, key string, args ...any) *E {
	return &E{Kind: kind, Key: key, Args: args}
}

// Because sets the cause and returns the error, so that it can be made in one line.
func (e *E) Because(cause error) *E {
	e.Err = cause
	return e
}

// Error gives the text for the log: what was being done, kind, key, the number of details and the cause. The Args are
// left out: they may hold what a person typed.
func (e *E) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.Kind.String())
	if e.Key != "" && e.Key != e.Kind.Key() {
		b.WriteString(" (" + e.Key + ")")
	}
	if n := len(e.Details); n > 0 {
		fmt.Fprintf(&b, ", %d details", n)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *E) Unwrap() error { return e.Err }

// Wrap puts what was being done in front of *perr, if there is an error. Used deferred, at the top of a function:
//
//	defer errs.Wrap(&err, "survey.OpenRound %s", id)
func Wrap(perr *error, format string, args ...any) {
	if *perr != nil {
		*perr = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *perr)
	}
}

// Find gives the outermost E in err's chain, which is the one that should be shown.
func Find(err error) (*E, bool) {
	return errors.AsType[*E](err)
}

// KindOf gives the kind of the outermost E in err's chain, and Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := Find(err); ok {
		return e.Kind
	}
	return Internal
}
