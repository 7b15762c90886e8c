package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"adili/internal/demo"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/journal"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/kernel/web"
)

type demoCommand struct {
	Data     string `help:"Folder of the demonstration." default:"demo-data" type:"path" env:"ADILI_DATA"`
	Database string `help:"PostgreSQL address of an empty database, postgres://…; without it an SQLite file in the data folder." env:"ADILI_DATABASE"`
	Listen   string `help:"Address to serve on, on this machine only." default:"127.0.0.1:8080" env:"ADILI_LISTEN"`
	Admin    string `name:"admin-listen" help:"Address for metrics; without it there are none." env:"ADILI_ADMIN_LISTEN"`
	SeedOnly bool   `help:"Make the demonstration and exit."`
}

// Run makes the demonstration, unless the data folder holds one, and serves it.
func (c demoCommand) Run(ctx context.Context, s streams) error {
	if err := web.CheckPlain(c.Listen, nil); err != nil {
		return err
	}
	state, err := demo.Look(c.Data)
	if err != nil {
		return err
	}
	if !c.SeedOnly {
		if err := free(c.Listen); err != nil { // better said before seeding than after
			return err
		}
	}
	switch state {
	case demo.Foreign:
		return fmt.Errorf("%s holds something else than a demonstration; name another folder with --data", c.Data)
	case demo.Half:
		fmt.Fprintln(s.err, "The demonstration in", c.Data, "was not finished; it is made anew.")
		if err := c.clear(ctx); err != nil {
			return fmt.Errorf("clear the unfinished demonstration away: %w", err)
		}
		fallthrough
	case demo.Empty:
		if err := c.seed(ctx, s); err != nil {
			return err
		}
	}
	if c.SeedOnly {
		f, err := demo.Load(c.Data)
		if err != nil {
			return err
		}
		return tell(s.out, f, c.Data)
	}
	return c.serve(ctx, s)
}

// free says whether the address can be listened on.
func free(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return l.Close()
}

// databaseNote is what the mark of an unfinished demonstration says of its
// database: it was empty before, so it may be emptied again. The address, which
// may hold a password, is not kept.
func (c demoCommand) databaseNote() string {
	sum := sha256.Sum256([]byte(c.Database))
	return "began in the empty database " + hex.EncodeToString(sum[:])
}

// clear removes what an unfinished demonstration made.
func (c demoCommand) clear(ctx context.Context) error {
	note, err := demo.Note(c.Data)
	if err != nil {
		return err
	}
	if c.Database != "" && note == c.databaseNote() {
		if err := dropTables(ctx, c.Database); err != nil {
			return err
		}
	}
	return demo.Clear(c.Data)
}

// dropTables removes every table of every room, those that others point at
// last.
func dropTables(ctx context.Context, address string) (err error) {
	db, err := storage.Open(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := tablesOf(ctx, db)
	if err != nil {
		return err
	}
	return db.Write(ctx, func(tx storage.Querier) error {
		for _, table := range slices.Backward(tables) {
			if _, err := tx.ExecContext(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
				return err
			}
		}
		return nil
	})
}

// tablesOf lists every table of every room, those that others point at first.
func tablesOf(ctx context.Context, db *storage.DB) (names []string, err error) {
	d, err := db.BeginDump(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range d.Tables() {
		names = append(names, t.Name)
	}
	for room := range d.Versions() {
		names = append(names, room+"_version")
	}
	return names, d.Close()
}

// errNotEmpty is returned for a database that holds data.
var errNotEmpty = errors.New("the database is not empty; the demonstration needs one of its own")

// seed makes the demonstration in an empty data folder, with a clock of its
// own, on an address of its own.
func (c demoCommand) seed(ctx context.Context, s streams) (err error) {
	now := clock.System().Now()
	clk := clock.Fixed(now)
	log := journal.New(s.err, "text", slog.LevelWarn)
	if err := c.checkEmpty(ctx); err != nil {
		return err
	}
	if err := demo.Begin(c.Data, c.databaseNote()); err != nil {
		return err
	}
	fmt.Fprintln(s.err, "Making the demonstration: an invented Customs administration answers its survey.")
	a, err := Open(ctx, Config{Data: c.Data, Database: c.Database, Clock: clk, Log: log, Invented: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	base, stop, err := a.answer()
	if err != nil {
		return err
	}
	f, err := demo.Stage{
		People: a.People, Survey: a.Survey, Clock: clk, Base: base, Now: now, Seed: demo.Seed, Size: demo.Full(),
		Progress: demo.NewProgress(s.err, demo.Full()),
		Report:   func(round string) string { return "/staff/rounds/" + round + "/report" },
	}.Run(ctx)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	f.SignIn = demo.SignIn{Address: web.SignInPath, EmailField: "email", PasswordField: "password"}
	f.At("http://" + c.Listen)
	if err := f.Save(c.Data); err != nil {
		return err
	}
	fmt.Fprintf(s.err, "Made in %.0f seconds.\n", time.Since(now).Seconds())
	return demo.End(c.Data)
}

// checkEmpty returns errNotEmpty for a PostgreSQL database that holds data. The
// SQLite file lies in the data folder, which is empty.
func (c demoCommand) checkEmpty(ctx context.Context) error {
	if c.Database == "" {
		return nil
	}
	db, err := storage.Open(ctx, c.Database)
	if err != nil {
		return err
	}
	empty, err := db.Empty(ctx)
	if err == nil && !empty {
		err = errNotEmpty
	}
	return errors.Join(err, db.Close())
}

// empty returns errNotEmpty where there is an account or a round.
func (a *App) empty(ctx context.Context) error {
	accounts, err := a.People.List(ctx)
	if err != nil {
		return err
	}
	rounds, err := a.Survey.Rounds(ctx, people.Person{Role: people.Analyst})
	if err == nil && len(accounts)+len(rounds) > 0 {
		return errNotEmpty
	}
	return err
}

// answer serves on a free address of this machine until stop is called.
func (a *App) answer() (base string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	server := a.Web.HTTPServer("")
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		<-ended // only says that it was closed
		return err
	}
	return "http://" + listener.Addr().String(), stop, nil
}

// serve serves the demonstration by the real clock until the context ends.
func (c demoCommand) serve(ctx context.Context, s streams) (err error) {
	f, err := demo.Load(c.Data)
	if err != nil {
		return err
	}
	log := s.logger("text")
	a, err := Open(ctx, Config{Data: c.Data, Database: c.Database, Clock: clock.System(), Log: log, Invented: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.empty(ctx); err == nil {
		return fmt.Errorf("the demonstration in %s was made with another --database", c.Data)
	} else if !errors.Is(err, errNotEmpty) {
		return err
	}
	return a.serve(ctx, listen{Listen: c.Listen, Admin: c.Admin}, log, func(base string) error {
		f.At(base)
		if err := f.Save(c.Data); err != nil {
			return err
		}
		if err := tell(s.out, f, c.Data); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "ready %s\n", base)
		return err
	})
}

// tell prints the addresses and the accounts of the demonstration.
func tell(out io.Writer, f *demo.File, data string) error {
	open := f.OpenRound
	_, err := fmt.Fprintf(out, `All data are invented.
Start page        %[1]s/en/
Staff sign-in     %[1]s%[2]s
  survey manager  %[3]s  %[4]s
  analyst         %[5]s  %[6]s
  operator        %[7]s  %[8]s
Reports           %[9]s
                  %[10]s
Answer a survey   %[1]s/en/s/%[11]s
  code, official  %[12]s
  code, firm      %[13]s
More codes are in %[14]s in %[15]s; the passphrase that closes the open round is %[16]s
`, f.BaseURL, f.SignIn.Address, f.Staff.Email, f.Staff.Password, f.Analyst.Email, f.Analyst.Password,
		f.Operator.Email, f.Operator.Password, f.Reports["1"], f.Reports["2"], open.ID,
		open.Codes["official"][0], open.Codes["private"][0], demo.FileName, data, open.Passphrase)
	return err
}
