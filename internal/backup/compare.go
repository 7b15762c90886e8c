package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"adili/internal/kernel/storage"
)

// Count is how far a round has come.
type Count struct {
	Round
	State   string // draft, open, closing, closed
	Answers int    // accepted
}

// Lost is a round that has gone on since the backup was made.
type Lost struct {
	Round
	Then    string // its state in the backup; empty if it is not in it
	Now     string // its state in the data that are replaced; empty if there are none
	Answers int    // accepted since, rounded up to ten
}

// Report says what a restore does.
type Report struct {
	Summary
	Lost   []Lost
	Unread error  // why the data that are replaced could not be looked at
	Aside  string // folder in the data folder where they went; on PostgreSQL the schema is called alike
}

// GoneOn tells whether something would be set aside that is not in the backup, as far as rounds show.
func (r Report) GoneOn() bool {
	return r.Unread != nil || slices.ContainsFunc(r.Lost, func(l Lost) bool {
		return l.Now != "" && (l.Now != l.Then || l.Answers > 0)
	})
}

// compare tells what has been accepted since the backup was made.
func (t Target) compare(ctx context.Context, s Summary, staged *storage.DB, old bool) ([]Lost, error) {
	unknown := make([]Lost, len(s.Open))
	for i, r := range s.Open {
		unknown[i] = Lost{Round: r, Then: "open"}
	}
	if !old || t.Count == nil {
		return unknown, nil
	}
	after, err := t.Count(ctx, staged.Read(), t.path(stageName+"/rounds"))
	if err != nil {
		return unknown, err
	}
	present, err := t.openOld(ctx)
	if err != nil {
		return unknown, err
	}
	before, err := t.Count(ctx, present.Read(), t.path("rounds"))
	if err = errors.Join(err, present.Close()); err != nil {
		return unknown, err
	}
	return difference(before, after), nil
}

// difference lists the rounds of the old data that the new ones lack or have in an earlier state.
func difference(before, after []Count) []Lost {
	var lost []Lost
	for _, b := range before {
		var then Count
		for _, a := range after {
			if a.ID == b.ID {
				then = a
			}
		}
		if then.State == b.State && b.State != "open" {
			continue
		}
		since := max(0, b.Answers-then.Answers)
		lost = append(lost, Lost{Round: b.Round, Then: then.State, Now: b.State, Answers: (since + 9) / 10 * 10})
	}
	return lost
}

// Describe says in words what is in the backup.
func (s Summary) Describe(w io.Writer) error {
	_, err := fmt.Fprintf(w, "The backup was made on %s by Adili %s on %s. It is whole: %d tables with %d rows, %d files.\n",
		s.when(), s.Program, engineName(s.Engine), len(s.Tables), s.Count(), len(s.Files))
	return err
}

func (s Summary) when() string { return s.Made.UTC().Format("2 January 2006 at 15:04 UTC") }

func engineName(engine string) string {
	if engine == storage.Postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

// Explain says in words what restoring means for whoever answered since, and for the staff.
func (r Report) Explain(w io.Writer) error {
	var b strings.Builder
	if r.Unread != nil {
		fmt.Fprintf(&b, "The data that are replaced cannot be read (%v), so nobody can say what was accepted since.\n", r.Unread)
	}
	for _, l := range r.Lost {
		fmt.Fprintf(&b, "Round %q: %s\n", l.Name, l.text(r.when()))
	}
	if len(r.Open) > 0 {
		b.WriteString("Codes that were used since are unused again. Nothing is counted twice: the backup shows one moment, in which every " +
			"answer has its code used and no unused code has an answer; whoever answers again is counted by that answer alone.\n" +
			"Tell the people invited that whoever answered after the backup was made may answer again, with the same code.\n")
	}
	fmt.Fprintf(&b, "All staff must sign in again, and one-time links sent before are void. Changes made by staff after %s are not in the backup.\n",
		r.Made.UTC().Format(time.DateTime+" UTC"))
	_, err := io.WriteString(w, b.String())
	return err
}

func (l Lost) text(made string) string {
	switch {
	case l.Now == "":
		return fmt.Sprintf("it was open. Answers accepted after %s are not in the backup.", made)
	case l.Then == "":
		return fmt.Sprintf("it is not in the backup at all. It is %s and stays only in what is moved aside.", l.Now)
	case l.Now == "open" && l.Answers == 0:
		return "no answer has been accepted since."
	case l.Now == "open":
		return fmt.Sprintf("up to %d answers have been accepted since. They are not in the backup and stay only in what is moved aside.", l.Answers)
	}
	return fmt.Sprintf("it was %s in the backup and is %s now. Restoring takes it back; what came after stays only in what is moved aside.", l.Then, l.Now)
}
