package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/alecthomas/kong"

	"adili/internal/app/calculate"
	"adili/internal/app/formfile"
	"adili/internal/app/option"
	"adili/internal/app/service"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/journal"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

// Exit codes of the program.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// commands is the command line: each field is a command. One that needs the
// configuration embeds option.Flags.
type commands struct {
	Serve      serveCommand      `cmd:"" help:"Serve the survey."`
	Demo       demoCommand       `cmd:"" help:"Serve an invented administration with two closed rounds and an open one."`
	User       userCommand       `cmd:"" help:"Manage accounts from this machine."`
	Check      checkCommand      `cmd:"" help:"Say whether everything a round needs is ready."`
	Backup     backupCommand     `cmd:"" help:"Make encrypted backups."`
	Restore    restoreCommand    `cmd:"" help:"Restore a backup, also on the other database engine."`
	Upgrade    upgradeCommand    `cmd:"" help:"Bring the data up to date with this program, after a backup, or go back."`
	Trail      trailCommand      `cmd:"" help:"Verify or export the trail of staff actions."`
	Estimate   estimateCommand   `cmd:"" help:"Run a job of design-based estimates, and hold it against what it expects."`
	Form       formfile.Commands `cmd:"" help:"Check, convert and try out questionnaire files."`
	Config     configCommand     `cmd:"" help:"Show the options in force and where each came from."`
	Health     healthCommand     `cmd:"" help:"Ask the server on this machine whether it is ready."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
	Man        manCommand        `cmd:"" help:"Print the manual page."`
	Completion completionCommand `cmd:"" help:"Print the completions for a shell."`
	service.Commands
}

// streams are where a command writes: what scripts read goes to out, progress
// and the log to err.
type streams struct{ out, err io.Writer }

// logger writes log lines in the form of the option log-format.
func (s streams) logger(format string) *slog.Logger {
	return journal.New(s.err, format, slog.LevelInfo)
}

// Run runs the command line and returns the exit code. The context ends the
// command.
func Run(ctx context.Context, args []string, out, errOut io.Writer) int {
	ended, code := false, exitOK
	parser, err := newParser(kong.Writers(out, errOut), kong.Exit(func(n int) { ended, code = true, n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{out, errOut}, formfile.Streams{Out: out, Err: errOut}, service.Program(Run)))
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
	err = parsed.Run()
	if errors.Is(err, calculate.ErrFailed) || errors.Is(err, formfile.ErrFaulty) { // it has been told, and ends with the count
		return exitError
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		for line := range strings.Lines(inWords(err)) {
			fmt.Fprintln(errOut, "adili:", strings.TrimSuffix(line, "\n"))
		}
		if errors.Is(err, calculate.ErrUnreadable) {
			return exitUsage
		}
		return exitError
	}
	return exitOK
}

// newParser makes the command line.
func newParser(options ...kong.Option) (*kong.Kong, error) {
	var c commands
	if err := option.Prepare(&c); err != nil {
		return nil, err
	}
	return kong.New(&c, append(options, kong.Name("adili"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("Adili measures integrity in Customs and helps to raise it. It is not affiliated with or endorsed by the World Customs Organization."))...)
}

type userCommand struct {
	Reset userResetCommand `cmd:"" help:"Print a one-time link by which somebody sets a new password."`
}

type userResetCommand struct {
	option.Flags `options:"storage network nodes log"`
	Factors      bool   `help:"Take passkeys and the authenticator app away too, when they are lost."`
	Email        string `arg:"" help:"E-mail address of the account."`
}

// Run prints the link.
func (c userResetCommand) Run(ctx context.Context, s streams) error {
	return withDatabase(ctx, c.Flags, func(o option.Options, db *storage.DB) error {
		accounts := people.New(db, clock.System())
		reset := accounts.ResetPassword
		if c.Factors {
			reset = accounts.ResetFactors
		}
		token, err := reset(ctx, c.Email)
		if errs.KindOf(err) == errs.NotFound {
			return fmt.Errorf("no account has the address %s", c.Email)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "Open %s/staff/password/%s on this server within seven days, once.\n", o.Address, token)
		return err
	})
}
