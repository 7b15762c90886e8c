package questionnaire

import (
	"adili/form"
	"adili/form/translation"
	"adili/internal/kernel/errs"
)

// Summary is a questionnaire as the list shows it.
type Summary struct {
	ID, Name   string
	Population form.Population // "" for none yet
	Questions  int             // of the draft
	Languages  []string        // of the draft, English first
	Version    string          // published last; "" for never
	Day        string          // when, as 2026-12-01
	Changed    bool            // the draft differs from that version, or there is none
}

// Draft is the state of a questionnaire that is being worked on.
type Draft struct {
	ID, Name      string
	Questionnaire *form.Questionnaire
	Ledger        translation.Ledger
	Revision      int           // hand it back with a change
	Faults        form.Faults   // of form.Obstacles: why it cannot be published, and warnings
	Warnings      []errs.Detail // what the file it came from left doubtful
	Undo, Redo    string        // what would be undone and done again, as given to Change; "" for nothing
	CanUndo       bool
	CanRedo       bool
	Published     string // the version published last; "" for never: only then items can be renamed
}

// Version is a published version.
type Version struct {
	Version   string
	Day       string
	By        string // who published it
	Questions int
	Languages []string
}

// Frozen is a published version with its texts.
type Frozen struct {
	Version
	Questionnaire *form.Questionnaire
	Text          []byte // as form.Write wrote it
	Ledger        translation.Ledger
}

// Published is a version that a round can take.
type Published struct {
	ID, Name, Version, Day string
	Population             form.Population
	Questions              int
	Languages              []string
}

// Gap is what a language lacks before it should be offered to respondents.
type Gap struct {
	Lang    string
	Percent int                // of the required texts, 100 for all
	Open    []translation.Role // who has not signed for the questions
	Screens int                // percent of the screens' texts
	Unread  []translation.Role // who has not signed for the screens: consent and promise
}

// Lacks reports whether anything does.
func (g Gap) Lacks() bool {
	return g.Percent < 100 || len(g.Open) > 0 || g.Screens < 100 || len(g.Unread) > 0
}

// Translation is one text as a translator leaves it.
type Translation struct {
	Unit   string
	Was    string // the text that was shown to be changed
	Text   string // "" takes the translation away
	Back   string // translated back
	Status translation.Status
}

// File is a file to take away.
type File struct {
	Name, Type string
	Data       []byte
}

// Taken says what a file of translations brought.
type Taken struct {
	Lang     string
	Texts    int           // of the questionnaire
	Screens  int           // of the respondent's screens
	Problems []errs.Detail // rows that were left out, and warnings
}

// Language is a further language of the respondent's screens, beyond those the
// program ships.
type Language struct {
	Tag   string
	Name  string            // in the language itself
	Texts map[string]string // by key of the screens; those missing are in English
}
