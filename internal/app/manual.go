package app

import (
	"adili/internal/app/manual"
	"adili/internal/app/option"
)

type manCommand struct{}

// Help says how to read the page.
func (manCommand) Help() string { return "To read it: adili man | man -l -" }

// Run prints the manual page.
func (manCommand) Run(s streams) error {
	parser, err := newParser()
	if err != nil {
		return err
	}
	return manual.Page(s.out, parser.Model, "measures integrity in Customs", version(), []manual.Section{
		{Title: "Configuration", Text: []string{
			"Each option can be given as a flag, in the environment as ADILI_ and its name in capitals with _ for -, and in the configuration file as a line NAME = VALUE (TOML without tables). " +
				"A flag wins over the environment, the environment over the file, the file over the default. \"adili config\" shows what is in force and where it came from.",
			"A secret never stands in an option: an option whose name ends in -file names the file that holds it, which others on the machine must not be able to read.",
		}},
		{Title: "Files", Words: [][2]string{
			{option.SystemFile, "The configuration file of the machine."},
			{"DATA/adili.toml", "The configuration file where that one is not there."},
			{"DATA/adili.db", "The database, unless it is on PostgreSQL."},
			{"DATA/rounds", "The sealed answers of open rounds and the sorted answers of closed ones."},
		}},
		{Title: "Exit status", Words: [][2]string{
			{"0", "Done."}, {"1", "It could not be done; the reason is on standard error."}, {"2", "The command line was not understood."},
		}},
	})
}

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Help says what to do with the output.
func (completionCommand) Help() string {
	return "bash: adili completion bash > /etc/bash_completion.d/adili; zsh: adili completion zsh > /usr/local/share/zsh/site-functions/_adili; fish: adili completion fish > /etc/fish/completions/adili.fish"
}

// Run prints the completions.
func (c completionCommand) Run(s streams) error {
	parser, err := newParser()
	if err != nil {
		return err
	}
	return manual.Completion(s.out, parser.Model, c.Shell)
}
