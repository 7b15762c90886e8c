package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"adili/internal/app/folder"
	"adili/internal/app/option"
	"adili/internal/backup"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
)

// upgradeFile in the data folder says how the last upgrade can be undone.
const upgradeFile = "upgrade.json"

// upgradeNote is what stands in it.
type upgradeNote struct {
	Backup string           `json:"backup"` // made before
	Tables map[string]int64 `json:"tables"` // versions they had
}

type upgradeCommand struct {
	option.Flags `options:"storage nodes backup log"`
	File         string `help:"File for the backup that is made first; without it one in the data folder." type:"path"`
	WhileOpen    bool   `help:"Upgrade although a round is open."`
	Undo         bool   `help:"Go back to before the last upgrade, for the earlier program."`
	Identity     string `help:"Key file that opens the backup, for --undo." type:"path"`
	Yes          bool   `help:"Do not ask before --undo replaces data that have gone on since."`
}

// Help says what the command does beyond its one line.
func (upgradeCommand) Help() string {
	return "Stop the server, put the new program in place of the old, run this, start the server. " +
		"A backup encrypted to the option backup-recipient is made before anything is changed."
}

// Run upgrades, or goes back.
func (c upgradeCommand) Run(ctx context.Context, s streams) (err error) {
	o, err := c.Options()
	if err != nil {
		return err
	}
	if _, err := os.Stat(o.Data); err != nil {
		return fmt.Errorf("%w: %w", errNothing, err)
	}
	held, err := folder.Occupy(o.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	if c.Undo {
		return c.undo(ctx, s, o)
	}
	config, err := configure(o, s.logger(o.LogFormat))
	if err != nil {
		return err
	}
	if err := backup.Complete(ctx, o.Data, o.Database); err != nil {
		return err
	}
	if err := there(o.Data, o.Database); err != nil {
		return err
	}
	db, err := openDatabase(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	st, err := db.Stand(ctx, migrate)
	if err != nil {
		return err
	}
	switch {
	case st.Newer():
		return fit(st, o.Data)
	case st.Empty():
		return fmt.Errorf("%w in the database", errNothing)
	case !st.Older():
		_, err := fmt.Fprintln(s.out, "up to date")
		return err
	}
	return c.upgrade(ctx, s, &o, config, db, st)
}

// upgrade makes a backup and brings the tables up to date.
func (c upgradeCommand) upgrade(ctx context.Context, s streams, o *option.Options, config Config, db *storage.DB, st storage.Standing) error {
	if err := c.warn(ctx, s, db, config); err != nil {
		return err
	}
	file := c.File
	if file == "" {
		file = filepath.Join(o.Data, "before-upgrade-"+time.Now().UTC().Format("20060102T150405Z")+".adili")
	}
	if err := backUp(ctx, s, o, config, db, file); err != nil {
		return fmt.Errorf("backup before the upgrade (nothing was changed): %w", err)
	}
	note, err := json.Marshal(upgradeNote{Backup: file, Tables: st.Applied})
	if err != nil {
		return err
	}
	folder, err := blob.Open(o.Data, blob.Keys{})
	if err != nil {
		return err
	}
	if err := blob.WriteFile(ctx, folder, upgradeFile, note); err != nil {
		return err
	}
	if err := migrate(ctx, db); err != nil {
		return fmt.Errorf("the tables could not be brought up to date; go back with adili upgrade --undo --identity KEY --data %s: %w", o.Data, err)
	}
	fmt.Fprintf(s.err, "The data are up to date. To go back: adili upgrade --undo --identity KEY --data %s, and start the earlier program.\n", o.Data)
	_, err = fmt.Fprintln(s.out, "upgraded")
	return err
}

// warn says which rounds are open, and stops there unless that is known.
func (c upgradeCommand) warn(ctx context.Context, s streams, db *storage.DB, config Config) error {
	rounds, err := survey.CountAccepted(ctx, db.Read(), filepath.Join(config.Data, roundFolder))
	if err != nil {
		return err
	}
	var open []string
	for _, r := range rounds {
		if r.Round.State == survey.OpenState || r.Round.State == survey.ClosingState {
			open = append(open, fmt.Sprintf("%q", r.Round.Name))
		}
	}
	if len(open) == 0 {
		return nil
	}
	names := strings.Join(open, ", ")
	if config.Shared != nil {
		return fmt.Errorf("a round is open (%s) and several nodes hold its answers: close it before you upgrade, or go on with the earlier program until then", names)
	}
	if !c.WhileOpen {
		return fmt.Errorf("a round is open (%s): people who answer meanwhile find the pages closed, and going back would lose what is accepted after the upgrade. Wait until it is closed, or add --while-open", names)
	}
	fmt.Fprintf(s.err, "A round is open (%s). Its answers stay sealed where they are.\n", names)
	return nil
}

// backUp writes a backup of data on which no program is at work and whose
// tables may be those of an earlier one.
func backUp(ctx context.Context, s streams, o *option.Options, config Config, db *storage.DB, file string) error {
	to, err := recipients(o)
	if err != nil {
		return err
	}
	if len(to) == 0 {
		return errs.New(errs.Invalid, "backup.no_recipient")
	}
	here, err := blob.Open(o.Data, blob.Keys{})
	if err != nil {
		return err
	}
	source := backup.Resting{here}
	if config.Shared != nil {
		source = append(source, config.Shared)
	}
	b := backup.New(backup.Options{
		DB: db, Source: source, Data: o.Data, Files: keptFiles, Passing: passing, Version: version(), Clock: clock.System(), Log: config.Log,
		Name: func(ctx context.Context, round string) (string, error) {
			names, err := survey.Names(ctx, db.Read())
			return names[round], err
		},
	})
	return backup.WriteFile(file, s.out, func(w io.Writer) error {
		counted := backup.NewProgress(w, s.err, progressEvery)
		m, err := b.Make(ctx, counted, to)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.err, "The backup is in %s: %s. %s\n", file, counted, m.Warning())
		return nil
	})
}

// undo restores the backup made before the last upgrade.
func (c upgradeCommand) undo(ctx context.Context, s streams, o option.Options) error {
	text, err := os.ReadFile(filepath.Join(o.Data, upgradeFile))
	if err != nil {
		return fmt.Errorf("nothing says that there was an upgrade: %w", err)
	}
	var note upgradeNote
	if err := json.Unmarshal(text, &note); err != nil {
		return fmt.Errorf("%s: %w", upgradeFile, err)
	}
	if c.Identity == "" {
		return errors.New("name the key file that opens the backup: --identity KEY")
	}
	open, err := backup.Locate(note.Backup, blob.Keys{})
	if err != nil {
		return err
	}
	r := restoring{streams: s, target: target(o), open: open, identity: c.Identity, yes: c.Yes}
	r.target.Replace, r.target.Exact = true, true
	if err := r.run(ctx); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(o.Data, upgradeFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	fmt.Fprintln(s.err, "The data are as they were before the upgrade. Start the earlier program with them.")
	return nil
}
