package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"adili/internal/app/option"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"
)

type trailCommand struct {
	Verify trailVerifyCommand `cmd:"" help:"Find out whether anything in the trail of staff actions was altered or taken away."`
	Export trailExportCommand `cmd:"" help:"Print the trail, so that anybody can verify it."`
}

type trailVerifyCommand struct {
	option.Flags `options:"storage"`
	Head         []string `help:"A head of the trail noted earlier, as this command and the server's log print it."`
}

// Run verifies the trail.
func (c trailVerifyCommand) Run(ctx context.Context, s streams) error {
	return withDatabase(ctx, c.Flags, func(o option.Options, db *storage.DB) error {
		known, err := audit.NewNotes(filepath.Join(o.Data, trailFile)).Heads()
		if err != nil {
			return err
		}
		for _, text := range c.Head {
			head, err := audit.ParseHead(text)
			if err != nil {
				return fmt.Errorf("--head %s: %w", text, err)
			}
			known = append(known, head)
		}
		head, err := audit.Verify(ctx, db.Read(), slices.Clip(known)...)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "whole %s\n", head)
		return err
	})
}

type trailExportCommand struct {
	option.Flags `options:"storage"`
	Format       string `help:"jsonl or csv." enum:"jsonl,csv" default:"jsonl"`
}

// Run prints the trail.
func (c trailExportCommand) Run(ctx context.Context, s streams) error {
	return withDatabase(ctx, c.Flags, func(_ option.Options, db *storage.DB) error {
		return audit.Export(ctx, db.Read(), s.out, c.Format)
	})
}

// withDatabase opens the database beside a program that may be running.
func withDatabase(ctx context.Context, flags option.Flags, f func(o option.Options, db *storage.DB) error) (err error) {
	o, err := flags.Options()
	if err != nil {
		return err
	}
	if err := there(o.Data, o.Database); err != nil {
		return err
	}
	db, err := openDatabase(ctx, Config{Data: o.Data, Database: o.Database, Clock: clock.System()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	st, err := db.Stand(ctx, migrate)
	if err != nil {
		return err
	}
	if st.Empty() {
		return fmt.Errorf("%w in the database", errNothing)
	}
	if err := fit(st, o.Data); err != nil {
		return err
	}
	return f(o, db)
}

// errNothing says that no program has been at work.
var errNothing = errors.New("there are no data of Adili")

// there refuses a folder in which no program has been at work: its name was
// mistyped, and opening it would make one. A database is told by its tables.
func there(data, database string) error {
	if database != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(data, databaseFile)); err != nil {
		return fmt.Errorf("%w in %s: %w", errNothing, data, err)
	}
	return nil
}
