// Package calculate runs a job of estimates from files, for the command line.
package calculate

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"adili/estimate/data"
	"adili/estimate/job"
)

var (
	// ErrUnreadable says that the job was not understood.
	ErrUnreadable = errors.New("not understood")
	// ErrFailed says that cases failed, each of which was told.
	ErrFailed = errors.New("some cases failed")
)

// progressEvery is how often a long job says how far it is.
const progressEvery = 2 * time.Second

// Task is what is to be calculated.
type Task struct {
	Job  string // file
	Data string // folder with the files that the job names; nothing beside it is read
	Out  string // file, a tidy table if its name ends in .csv; "" for standard output
	Seed uint64
}

// Run answers the job. Results go to out where no file is named, else how many passed; progress goes to the other. The error is ErrUnreadable
// or ErrFailed, or says what else is wrong.
func (t Task) Run(ctx context.Context, out, progress io.Writer) error {
	text, err := os.ReadFile(t.Job)
	if err != nil {
		return errors.Join(ErrUnreadable, err)
	}
	file, err := job.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", t.Job, ErrUnreadable, err)
	}
	folder, err := os.OpenRoot(t.Data) // a job of somebody else's reads nothing beside the folder
	if err != nil {
		return errors.Join(ErrUnreadable, err)
	}
	defer folder.Close() // it was only read
	open := func(name string) (*data.Table, error) {
		f, err := folder.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close() // it was only read
		return data.Read(name, f)
	}
	answers, err := file.Run(ctx, open, [2]uint64{t.Seed, 0}, t.progress(progress, len(file.Cases)))
	if err != nil {
		return err
	}
	if err := t.write(out, answers); err != nil {
		return err
	}
	if t.Out == "" {
		out = progress // the results are on standard output
	}
	return judge(out, answers)
}

// progress tells every other second how far a long job is.
func (t Task) progress(w io.Writer, cases int) func(done int, next string) {
	last := time.Now()
	return func(done int, next string) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			fmt.Fprintf(w, "%d of %d cases done, now %s\n", done, cases, next)
		}
	}
}

// write writes the results in the form that was asked for.
func (t Task) write(out io.Writer, answers []job.Answer) (err error) {
	if t.Out != "" {
		f, err := os.Create(t.Out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	w := bufio.NewWriter(out)
	if strings.HasSuffix(t.Out, ".csv") {
		err = job.WriteCSV(w, answers)
	} else {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		err = e.Encode(map[string]any{"cases": answers})
	}
	return errors.Join(err, w.Flush())
}

// judge says how many cases met what they expect, and what those that did not gave instead.
func judge(w io.Writer, answers []job.Answer) error {
	passed, failed := 0, 0
	for _, a := range answers {
		switch {
		case len(a.Differences) > 0:
			failed++
			for _, d := range a.Differences {
				fmt.Fprintf(w, "%s: %s\n", a.ID, d)
			}
		case a.Expected:
			passed++
		case a.Error != "":
			failed++
			fmt.Fprintf(w, "%s: %s\n", a.ID, a.Error)
		}
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
	if failed > 0 {
		return ErrFailed
	}
	return nil
}
