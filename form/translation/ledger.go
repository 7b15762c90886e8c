package translation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Status is how far the work on one text has come.
type Status string

// The statuses, in order. The words in brackets are the states of XLIFF 2.1.
const (
	Untranslated Status = "initial"
	Translated   Status = "translated"
	Reviewed     Status = "reviewed"
	Adjudicated  Status = "final"
)

// Statuses lists the statuses in order.
var Statuses = []Status{Untranslated, Translated, Reviewed, Adjudicated}

// Role is a part in TRAPD that a person signs for.
type Role string

// The roles, in the order they sign.
const (
	Translator  Role = "translator"
	Reviewer    Role = "reviewer"
	Adjudicator Role = "adjudicator"
)

// Roles lists the roles in order.
var Roles = []Role{Translator, Reviewer, Adjudicator}

// Comment is what somebody said about one text.
type Comment struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// Entry is what is known of the translation of one text.
type Entry struct {
	Of       string    `json:"of"` // the source text that was translated
	Status   Status    `json:"status"`
	Back     string    `json:"back,omitempty"` // translated back, by somebody who had not seen the source
	Comments []Comment `json:"comments,omitempty"`
}

// Signature is a person's word for a language. Texts is a digest of what was
// signed; it lapses when that changes.
type Signature struct {
	Role  Role   `json:"role"`
	By    string `json:"by"`
	Day   string `json:"day"`
	Texts string `json:"texts"`
}

// Ledger is what people noted about the translations of one book.
type Ledger struct {
	Entries    map[string]map[string]Entry `json:"entries,omitempty"`    // by language, by unit
	Signatures map[string][]Signature      `json:"signatures,omitempty"` // by language
}

// Line is one text with its translation and what is known of it.
type Line struct {
	Unit
	Source, Target string
	Entry
	Stale       bool // the source text changed since it was translated
	Lack, Extra []string
}

// Done reports whether a respondent can be shown the translation.
func (l Line) Done() bool {
	return l.Target != "" && !l.Stale && len(l.Lack)+len(l.Extra) == 0
}

// Lines sets the texts of b beside their translations into tag.
func (l *Ledger) Lines(b Book, tag string) []Line {
	lines := make([]Line, len(b.Units))
	for i, u := range b.Units {
		line := Line{Unit: u, Source: u.Texts[b.Source], Target: u.Texts[tag], Entry: l.Entries[tag][u.ID]}
		if line.Status == "" {
			line.Status = Untranslated
			if line.Target != "" {
				line.Status = Translated
			}
		}
		if line.Target != "" {
			line.Stale = line.Of != "" && line.Of != line.Source
			line.Lack, line.Extra = Placeholders(line.Source, line.Target)
		}
		lines[i] = line
	}
	return lines
}

// Coverage counts the texts that respondents need: how many there are and how
// many are done.
type Coverage struct {
	Need, Done, Stale, Faulty int
}

// Percent is the share done, rounded down so that 100 means all.
func (c Coverage) Percent() int {
	if c.Need == 0 {
		return 100
	}
	return 100 * c.Done / c.Need
}

// Covered says how much of tag is done.
func (l *Ledger) Covered(b Book, tag string) Coverage {
	var c Coverage
	for _, line := range l.Lines(b, tag) {
		if !line.Required {
			continue
		}
		c.Need++
		switch {
		case line.Done():
			c.Done++
		case line.Stale:
			c.Stale++
		case line.Target != "":
			c.Faulty++
		}
	}
	return c
}

// Sign adds by's signature for a role, in place of an earlier one of that role.
// The reviewer has to be somebody else than the translator, and the translation
// complete.
func (l *Ledger) Sign(b Book, tag string, role Role, by, day string) error {
	if !slices.Contains(Roles, role) {
		return fmt.Errorf("sign as %q: %w", role, ErrRole)
	}
	if l.Covered(b, tag).Percent() < 100 {
		return ErrIncomplete
	}
	kept := slices.DeleteFunc(slices.Clone(l.Signatures[tag]), func(s Signature) bool { return s.Role == role })
	for _, s := range kept {
		if s.By == by && (s.Role == Translator && role == Reviewer || s.Role == Reviewer && role == Translator) {
			return ErrSamePerson
		}
	}
	if l.Signatures == nil {
		l.Signatures = map[string][]Signature{}
	}
	kept = append(kept, Signature{role, by, day, digest(b, tag)})
	slices.SortFunc(kept, func(a, b Signature) int { return slices.Index(Roles, a.Role) - slices.Index(Roles, b.Role) })
	l.Signatures[tag] = kept
	return nil
}

// Signed lists the signatures that still hold for tag, and the roles that are
// not signed for. In the source language there is nothing to translate: only
// the adjudicator signs.
func (l *Ledger) Signed(b Book, tag string) (hold []Signature, open []Role) {
	now := digest(b, tag)
	for _, role := range Roles {
		if tag == b.Source && role != Adjudicator {
			continue
		}
		i := slices.IndexFunc(l.Signatures[tag], func(s Signature) bool { return s.Role == role && s.Texts == now })
		if i < 0 {
			open = append(open, role)
			continue
		}
		hold = append(hold, l.Signatures[tag][i])
	}
	return hold, open
}

// digest stands for everything that is signed for in a language.
func digest(b Book, tag string) string {
	h := sha256.New()
	for _, u := range b.Units {
		fmt.Fprintf(h, "%q %q %q\n", u.ID, u.Texts[b.Source], u.Texts[tag])
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
