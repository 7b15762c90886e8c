package app

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

// errUnreadable ends a command with the exit code for what was not understood.
var errUnreadable = errors.New("not understood")

type estimateCommand struct {
	Job  string `arg:"" help:"Job file: designs, and cases that ask for estimates."`
	Data string `default:"." help:"Folder with the data files that the job names."`
	Out  string `help:"File for the results: JSON, or a tidy table if the name ends in .csv. Without it JSON goes to standard output."`
	Seed uint64 `default:"1" help:"Seed of what is drawn, such as bootstrap replicates."`
}

// Help says what the command does beyond its one line.
func (estimateCommand) Help() string {
	return "The grammar of job files is in the guide, estimate.md. Cases that say what they expect are compared. Exit code 0: all passed; 1: some failed; 2: the job cannot be read."
}

// Run answers a job.
func (c estimateCommand) Run(ctx context.Context, s streams) error {
	text, err := os.ReadFile(c.Job)
	if err != nil {
		return errors.Join(errUnreadable, err)
	}
	file, err := job.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", c.Job, errUnreadable, err)
	}
	folder, err := os.OpenRoot(c.Data) // a job of somebody else's reads nothing beside the folder
	if err != nil {
		return errors.Join(errUnreadable, err)
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
	answers, err := file.Run(ctx, open, [2]uint64{c.Seed, 0}, c.progress(s.err, len(file.Cases)))
	if err != nil {
		return err
	}
	if err := c.write(s.out, answers); err != nil {
		return err
	}
	return judge(s.err, answers)
}

// progress tells every other second how far a long job is.
func (c estimateCommand) progress(w io.Writer, cases int) func(done int, next string) {
	last := time.Now()
	return func(done int, next string) {
		if now := time.Now(); now.Sub(last) >= progressEvery {
			last = now
			fmt.Fprintf(w, "%d of %d cases done, now %s\n", done, cases, next)
		}
	}
}

// write writes the results in the form that was asked for.
func (c estimateCommand) write(out io.Writer, answers []job.Answer) (err error) {
	if c.Out != "" {
		f, err := os.Create(c.Out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	w := bufio.NewWriter(out)
	if strings.HasSuffix(c.Out, ".csv") {
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
		return errFailed
	}
	return nil
}

// errFailed says that cases failed, each of which was told.
var errFailed = errors.New("some cases failed")
