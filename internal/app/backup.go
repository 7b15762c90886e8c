package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"adili/internal/app/folder"
	"adili/internal/app/option"
	"adili/internal/app/terminal"
	"adili/internal/backup"
	"adili/internal/backup/control"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
)

// progressEvery is how often a long piece of work says how far it is.
const progressEvery = 2 * time.Second

type backupCommand struct {
	Make backupMakeCommand `cmd:"" default:"withargs" help:"Write an encrypted backup, also while the server runs."`
	Key  backupKeyCommand  `cmd:"" help:"Make the key that opens backups. Keep it away from the server."`
	List backupListCommand `cmd:"" help:"List the backups the server has made by itself."`
}

type backupMakeCommand struct {
	option.Flags `options:"storage nodes backup log"`
	File         string `arg:"" optional:"" help:"File to write, or - for standard output; without it the server makes tonight's backup at once."`
}

// Help says what the command does beyond its one line.
func (backupMakeCommand) Help() string {
	return "Encrypts to the public keys of the option backup-recipient. Where the server runs on the data folder, it makes the backup; it goes on taking answers."
}

// Run writes the backup, whole or not at all.
func (c backupMakeCommand) Run(ctx context.Context, s streams) error {
	data, err := c.Data()
	if err != nil {
		return err
	}
	if c.File == "" {
		name, err := backup.Now(ctx, data)
		if err == nil {
			_, err = fmt.Fprintln(s.out, name)
		}
		return err
	}
	var warning, size string
	err = backup.WriteFile(c.File, s.out, func(w io.Writer) (err error) {
		counted := backup.NewProgress(w, s.err, progressEvery)
		defer func() { size = counted.String() }()
		if warning, err = backup.Fetch(ctx, data, c.Given("backup-recipient"), counted); errors.Is(err, control.ErrNoServer) {
			warning, err = c.make(ctx, s, counted)
		}
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "The backup is written: %s.\n", size)
	if warning != "" {
		fmt.Fprintln(s.err, warning)
	}
	return nil
}

// make makes the backup where no server is at work.
func (c backupMakeCommand) make(ctx context.Context, s streams, w io.Writer) (warning string, err error) {
	o, err := c.Options()
	if err != nil {
		return "", err
	}
	to, err := recipients(&o)
	if err != nil {
		return "", err
	}
	if len(to) == 0 {
		return "", errs.New(errs.Invalid, "backup.no_recipient")
	}
	config, err := configure(o, s.logger(o.LogFormat))
	if err != nil {
		return "", err
	}
	config.Existing = true // a backup of nothing would look like one
	a, err := Open(ctx, config)
	if err != nil {
		return "", err
	}
	m, err := a.Backup.Make(ctx, w, to)
	return m.Warning(), errors.Join(err, a.Close())
}

type backupKeyCommand struct {
	File       string `arg:"" help:"File to write the key to, which must not exist."`
	Passphrase bool   `help:"Protect the file with a passphrase, which is asked for."`
}

// Run makes a key.
func (c backupKeyCommand) Run(s streams) error {
	passphrase := ""
	if c.Passphrase {
		var err error
		if passphrase, err = terminal.Passphrase(s.err, "New passphrase: "); err != nil {
			return err
		}
		again, err := terminal.Passphrase(s.err, "Once more: ")
		if err != nil {
			return err
		}
		if passphrase == "" || passphrase != again {
			return errors.New("the passphrases differ, or are empty")
		}
	}
	recipient, err := backup.WriteKey(c.File, passphrase, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "Only %s opens the backups made for it. Keep it, and a copy of it on paper or another disk, away from the server; without it every backup is lost.\n"+
		"Give the server this public key (option backup-recipient):\n", c.File)
	_, err = fmt.Fprintln(s.out, recipient)
	return err
}

type backupListCommand struct {
	option.Flags `options:"storage nodes backup"`
}

// Run lists what is in the option backup-to.
func (c backupListCommand) Run(ctx context.Context, s streams) error {
	o, err := c.Options()
	if err != nil {
		return err
	}
	if o.BackupTo == "" {
		return errors.New("backup-to is not set: the server makes no backups by itself")
	}
	store, err := blob.Open(o.BackupTo, blob.Keys{ID: o.S3KeyID, Secret: o.S3Secret})
	if err != nil {
		return err
	}
	all, err := backup.List(ctx, store)
	if err != nil {
		return err
	}
	for _, b := range all {
		if _, err := fmt.Fprintf(s.out, "%s\t%d bytes\n", b.Name, b.Size); err != nil {
			return err
		}
	}
	return nil
}

type restoreCommand struct {
	option.Flags `options:"storage nodes log"`
	Identity     string `help:"Key file that opens the backup."`
	Undo         bool   `help:"Put back what the last restore with --replace moved aside, and move what is in use aside."`
	Replace      bool   `help:"Move what is in the data folder, or the database, aside and restore in its place."`
	Yes          bool   `help:"Do not ask before replacing data that have gone on since."`
	File         string `arg:"" optional:"" help:"The backup: a file, or s3://bucket/prefix/NAME?endpoint=https://host."`
}

// Help says what the command does beyond its one line.
func (restoreCommand) Help() string {
	return "The backup is read to its end before anything is changed. The same backup can be restored on SQLite and on PostgreSQL. No server may run on the data folder."
}

// Run restores.
func (c restoreCommand) Run(ctx context.Context, s streams) (err error) {
	o, err := c.Options()
	if err != nil {
		return err
	}
	if c.Undo {
		return c.undo(ctx, s, target(o))
	}
	if c.File == "" || c.Identity == "" {
		return errors.New("name the backup and, with --identity, the key that opens it")
	}
	open, err := backup.Locate(c.File, blob.Keys{ID: o.S3KeyID, Secret: o.S3Secret})
	if err != nil {
		return err
	}
	held, err := folder.Occupy(o.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	r := restoring{streams: s, target: target(o), open: open, identity: c.Identity, yes: c.Yes}
	r.target.Replace = c.Replace
	return r.run(ctx)
}

// undo takes the last restore back.
func (c restoreCommand) undo(ctx context.Context, s streams, t backup.Target) (err error) {
	if c.File != "" {
		return errors.New("--undo puts back what is in the data folder: name no backup")
	}
	held, err := folder.Occupy(t.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.Close()) }()
	back, aside, err := t.Undo(ctx)
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s is in use again; what was in use is in %s\n", back, aside)
	}
	return err
}

// target is where backups are restored to.
func target(o option.Options) backup.Target {
	return backup.Target{
		Data: o.Data, Database: o.Database, Files: keptFiles, Clock: clock.System(), Migrate: migrate,
		Count: func(ctx context.Context, q storage.Querier, dir string) ([]backup.Count, error) {
			accepted, err := survey.CountAccepted(ctx, q, dir)
			counts := make([]backup.Count, len(accepted))
			for i, a := range accepted {
				counts[i] = backup.Count{Round: backup.Round{ID: a.Round.ID, Name: a.Round.Name}, State: string(a.Round.State), Answers: a.Answers}
			}
			return counts, err
		},
	}
}

// restoring is a restore with somebody at the terminal.
type restoring struct {
	streams
	target   backup.Target
	open     backup.Open
	identity string
	yes      bool
}

func (r restoring) run(ctx context.Context) error {
	keys, err := backup.ReadKeys(r.identity, func() (string, error) { return terminal.Passphrase(r.err, "Passphrase of the key: ") })
	if err != nil {
		return err
	}
	report, err := r.target.Restore(ctx, r.open, keys, r.agree)
	if err != nil {
		return err
	}
	if report.Aside != "" {
		fmt.Fprintf(r.err, "What was there before has been moved to the folder %s", report.Aside)
		if r.target.Database != "" {
			fmt.Fprintf(r.err, ", and in the database to a schema (DROP SCHEMA %s CASCADE)", strings.ReplaceAll(filepath.Base(report.Aside), "-", "_"))
		}
		fmt.Fprintln(r.err, ". Delete it when it is not needed any more, at the latest when the round that was open, if there was one, is closed.")
	}
	_, err = fmt.Fprintln(r.out, "restored")
	return err
}

// agree tells what restoring means and asks, if something has gone on since.
func (r restoring) agree(report backup.Report) error {
	if err := errors.Join(report.Describe(r.err), report.Explain(r.err)); err != nil {
		return err
	}
	if r.yes || !report.GoneOn() || !r.target.Replace {
		return nil
	}
	if !terminal.There() {
		return errors.New("the data have gone on since the backup; to replace them nevertheless add --yes")
	}
	fmt.Fprint(r.err, "Replace the data nevertheless? Type yes: ")
	line, err := terminal.Line()
	if err != nil || strings.TrimSpace(line) != "yes" {
		return errors.New("nothing was changed")
	}
	return nil
}
