// Package audit keeps the trail of what staff did: one entry for each action, in the same transaction as the action, each
// holding the hash of the one before. Entries are only ever added. What respondents do is never in it, nor a code, a
// secret, or the text of a mail.
//
// The hash of an entry is the SHA-256 of the hash before, as 64 hexadecimal digits (64 zeros before the first entry),
// followed by the entry as JSON in the canonical form of RFC 8785: keys sorted, no white space, nothing escaped that
// need not be:
//
//	{"action":"round.open","actor":"Ada","actor_id":"person_…","at":"2026-12-01T08:00:00Z","detail":[["iteration","2"]],"object":"round_…","seq":7}
//
// Whoever can write to the database can still write the whole chain anew, or cut off its end. Against that the last number
// and hash, the Head, has to be kept in a second place: the server writes it into its log every day, and each backup
// carries it. Verify holds the trail against such heads.
package audit

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

//go:embed migration/*.sql
var migrations embed.FS

// Migrate brings the table up to date.
func Migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "audit", migrations)
}

// Actor is who did something.
type Actor struct {
	ID   string // of the account; empty for Console and System
	Name string
}

// Console is somebody at the machine's command line, System the program itself.
var (
	Console = Actor{Name: "console"}
	System  = Actor{Name: "system"}
)

// Pair is one detail of an entry.
type Pair struct{ Name, Value string }

// Entry is one thing that somebody did.
type Entry struct {
	Seq    int64     // 1, 2, 3, … without gaps
	At     time.Time // in UTC, to the second
	Actor  Actor
	Action string // such as "round.open"
	Object string // identifier of what it was done to
	Detail []Pair
	Hash   []byte
}

// Limits, so that nothing that was typed can bloat the trail. Longer text is cut.
const (
	maxName  = 200 // letters of an actor's name or an object
	maxValue = 500 // letters of a detail
)

var (
	actionForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$`)
	detailForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// Append adds an entry within the caller's transaction, which must be that of a storage.DB's Write: when the action is
// undone, so is its entry. The details are names and values, alternating. An action is a word for the room and a word for
// what was done, such as "account.create".
func Append(ctx context.Context, tx storage.Querier, at time.Time, by Actor, action, object string, detail ...string) (err error) {
	defer errs.Wrap(&err, "audit.Append %s", action)
	e, err := newEntry(at, by, action, object, detail)
	if err != nil {
		return err
	}
	last, err := end(ctx, tx)
	if err != nil {
		return err
	}
	e.Seq = last.Seq + 1
	e.Hash = e.sum(last.Hash)
	return insert(ctx, tx, e)
}

func newEntry(at time.Time, by Actor, action, object string, detail []string) (Entry, error) {
	switch {
	case !actionForm.MatchString(action):
		return Entry{}, fmt.Errorf("bad name of an action %q", action)
	case by.Name == "":
		return Entry{}, errors.New("nobody did it")
	case len(detail)%2 != 0:
		return Entry{}, fmt.Errorf("a detail without a value: %d words", len(detail))
	}
	e := Entry{
		At:     at.UTC().Truncate(time.Second),
		Actor:  Actor{ID: clean(by.ID, maxName), Name: clean(by.Name, maxName)},
		Action: action, Object: clean(object, maxName),
	}
	for i := 0; i < len(detail); i += 2 {
		if !detailForm.MatchString(detail[i]) {
			return Entry{}, fmt.Errorf("bad name of a detail %q", detail[i])
		}
		e.Detail = append(e.Detail, Pair{detail[i], clean(detail[i+1], maxValue)})
	}
	return e, nil
}

// clean gives s without what a database, a spreadsheet or a terminal would choke on, or what would make a line read other
// than it is written, cut to so many letters.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), r == '\u2028', r == '\u2029', // line ends
			r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // turn the direction of what follows
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if letters := []rune(s); len(letters) > most {
		s = string(letters[:most-1]) + "…"
	}
	return s
}
