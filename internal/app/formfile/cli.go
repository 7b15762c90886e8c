package formfile

import (
	"io"
	"math/rand/v2"
	"time"

	"adili/form/run"
)

// Streams are where the commands write: findings and values to Out, what went
// wrong on the way to Err.
type Streams struct{ Out, Err io.Writer }

// Commands are the form commands of the command line.
type Commands struct {
	Check   checkCommand   `cmd:"" help:"Say what is wrong with a questionnaire file, a line for each error."`
	Convert convertCommand `cmd:"" help:"Write a questionnaire file in another format."`
	Eval    evalCommand    `cmd:"" help:"Answer a questionnaire and show what is asked, valid and calculated."`
}

type checkCommand struct {
	File  string `arg:"" help:"The form: .xlsx (XLSForm), .md (XLSForm as Markdown tables) or .json (Adili)."`
	Round bool   `help:"Count as errors, too, what keeps the form out of an anonymous round."`
}

// Run checks a form.
func (c checkCommand) Run(s Streams) error { return Check(s.Out, c.File, c.Round) }

type convertCommand struct {
	In  string `arg:"" help:"The form: .xlsx, .md or .json."`
	Out string `arg:"" help:"The file to write: .xlsx, .md, .json or .xml (XForm, for ODK and KoboToolbox)."`
}

// Run converts a form.
func (c convertCommand) Run(s Streams) error { return Convert(s.Err, c.In, c.Out) }

type evalCommand struct {
	File string   `arg:"" help:"The form: .xlsx, .md or .json."`
	More []string `arg:"" optional:"" name:"name=value" help:"Further answers, as with --set."`
	Set  []string `sep:"none" placeholder:"NAME=VALUE" help:"An answer: text, a number, a date as 2026-11-23, or codes of choices with spaces between. Answers are given in this order."`
	JSON bool     `name:"json" help:"Write JSON in place of a table."`
	Now  string   `placeholder:"TIME" help:"What today() and now() are, as 2026-11-23 or 2026-11-23T10:00:00Z. Without it, the time it is."`
	Lang string   `placeholder:"TAG" help:"Language of labels that expressions look up; the form's own without it."`
	Seed uint64   `default:"1" help:"Seed of random()."`
}

// Run answers a form.
func (c evalCommand) Run(s Streams) error {
	now, err := moment(c.Now)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(c.Seed, 0))
	settings := run.Settings{Now: now, Random: random.Float64, Language: c.Lang}
	return Evaluate(s.Out, s.Err, c.File, append(c.Set, c.More...), c.JSON, settings)
}

// moment reads a time or a civil date; nothing is now.
func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}
