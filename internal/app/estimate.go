package app

import (
	"context"

	"adili/internal/app/calculate"
)

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
	return calculate.Task{Job: c.Job, Data: c.Data, Out: c.Out, Seed: c.Seed}.Run(ctx, s.out, s.err)
}
