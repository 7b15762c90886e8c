package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
)

// Exit codes of the program.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// commands is the command line: each field is a command or an option of all.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Serve the survey."`
	Demo    demoCommand    `cmd:"" help:"Serve an invented administration with two closed rounds and an open one."`
	User    userCommand    `cmd:"" help:"Manage accounts from this machine."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// streams are where a command writes: what scripts read goes to out, progress
// and the log to err.
type streams struct{ out, err io.Writer }

func (s streams) logger() *slog.Logger { return slog.New(slog.NewTextHandler(s.err, nil)) }

// Run runs the command line and returns the exit code. The context ends the
// command.
func Run(ctx context.Context, args []string, out, errOut io.Writer) int {
	var c commands
	ended, code := false, exitOK
	parser, err := kong.New(&c, kong.Name("adili"),
		kong.Description("Adili measures integrity in Customs and helps to raise it. It is not affiliated with or endorsed by the World Customs Organization."),
		kong.Writers(out, errOut), kong.Exit(func(n int) { ended, code = true, n }), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{out, errOut}))
	if err != nil {
		fmt.Fprintln(errOut, "adili:", err)
		return exitError
	}
	parsed, err := parser.Parse(args)
	if ended { // --help has been answered
		return code
	}
	if err != nil {
		fmt.Fprintln(errOut, "adili:", err)
		return exitUsage
	}
	if err := parsed.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(errOut, "adili:", err)
		return exitError
	}
	return exitOK
}

// store is where a command finds its data.
type store struct {
	Data     string `help:"Folder of everything that is kept." default:"data" type:"path" env:"ADILI_DATA"`
	Database string `help:"PostgreSQL address, postgres://…; without it an SQLite file in the data folder." env:"ADILI_DATABASE"`
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "adili", version())
	return err
}

// version is the release the program was built as, or the commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "development"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "development " + setting.Value
		}
	}
	return "development"
}

type userCommand struct {
	Reset userResetCommand `cmd:"" help:"Print a one-time link by which somebody sets a new password."`
}

type userResetCommand struct {
	store
	Email string `arg:"" help:"E-mail address of the account."`
}

// Run prints the link.
func (c userResetCommand) Run(ctx context.Context, s streams) (err error) {
	db, accounts, err := openAccounts(ctx, Config{Data: c.Data, Database: c.Database, Clock: clock.System()})
	if db != nil {
		defer func() { err = errors.Join(err, db.Close()) }()
	}
	if err != nil {
		return err
	}
	token, err := accounts.ResetPassword(ctx, c.Email)
	if errs.KindOf(err) == errs.NotFound {
		return fmt.Errorf("no account has the address %s", c.Email)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "Open /staff/password/%s on this server within seven days, once.\n", token)
	return err
}
