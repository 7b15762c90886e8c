package app

import (
	"errors"
	"fmt"
	"os"

	"adili/internal/app/option"
)

type configCommand struct {
	option.Flags `options:"storage network nodes backup mail sign-in log"`
	JSON         bool `name:"json" help:"Print it for programs."`
}

// Help says what the command does beyond its one line.
func (configCommand) Help() string {
	return "Prints every option with its value and where the value came from: a flag, the environment, a line of the configuration file, or the default. " +
		"No secret is printed. What is wrong with the options is said on standard error, and the exit code is then 1."
}

// Run prints what is in force, and what is wrong with it.
func (c configCommand) Run(s streams) error {
	r, err := c.Resolve(option.System())
	if r == nil {
		return err
	}
	if err == nil {
		err = r.Check()
	}
	for _, note := range option.Unknown(os.Environ()) {
		fmt.Fprintln(s.err, "adili:", note)
	}
	show := r.Print
	if c.JSON {
		show = r.PrintJSON
	}
	return errors.Join(show(s.out), err)
}
