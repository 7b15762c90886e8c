package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"adili/internal/app/option"
	"adili/internal/backup/control"
	"adili/internal/readiness"
)

// errNotReady ends the check command with an exit code scripts can use.
var errNotReady = errors.New("the server is not ready")

type checkCommand struct {
	option.Flags `options:"storage network nodes backup mail sign-in log"`
	Lang         string `help:"Language of the findings: en, fr, es, pt, ar, ru or zh; without it that of the environment."`
	JSON         bool   `name:"json" help:"Print them for programs."`
}

// Help says what the command does beyond its one line.
func (checkCommand) Help() string {
	return "Looks at everything a round needs and says what to do about each thing that is not as it should be. The exit code is 1 when something is bad. The same is a page of the server: /staff/ready."
}

// Run looks at everything, itself or through the server that runs.
func (c checkCommand) Run(ctx context.Context, s streams) error {
	data, err := c.Data()
	if err != nil {
		return err
	}
	lang := readiness.Language(c.Lang, os.LookupEnv)
	client, err := control.Dial(ctx, data)
	if err == nil {
		note, err := client.Post(ctx, checkPath, url.Values{"lang": {lang}, "json": {strconv.FormatBool(c.JSON)}}, s.out)
		return verdict(note, err)
	}
	if !errors.Is(err, control.ErrNoServer) {
		return err
	}
	o, err := c.Options()
	if err != nil {
		return err
	}
	config, err := configure(o, s.logger(o.LogFormat))
	if err != nil {
		return err
	}
	a, err := Open(ctx, config)
	if err != nil {
		return err
	}
	note, err := a.tell(ctx, s.out, lang, c.JSON)
	return errors.Join(verdict(note, err), a.Close())
}

// checkPath is where the server looks for the check command.
const checkPath = "/check"

// notReady is the note that makes the command end with an error.
const notReady = "bad"

func verdict(note string, err error) error {
	if err == nil && note == notReady {
		return errNotReady
	}
	return err
}

// tell writes the findings, and gives notReady when one is bad.
func (a *App) tell(ctx context.Context, w io.Writer, lang string, asJSON bool) (note string, err error) {
	findings, p := a.ready(ctx), a.catalogue.Printer(lang)
	write := readiness.Write
	if asJSON {
		write = readiness.WriteJSON
	}
	if readiness.Worst(findings) == readiness.Bad {
		note = notReady
	}
	return note, write(w, p, findings)
}

// commands answers the commands of this machine that ask the server at work.
func (a *App) commands() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", a.Backup.Handler(a.config.Recipients, a.schedule, a.Jobs.Now, inWords))
	mux.HandleFunc("POST "+checkPath, func(w http.ResponseWriter, r *http.Request) {
		err := control.Stream(w, inWords, func(w io.Writer) (string, error) {
			return a.tell(r.Context(), w, readiness.Language(r.PostFormValue("lang"), os.LookupEnv), r.PostFormValue("json") == "true")
		})
		if err != nil {
			a.config.Log.Warn("a command was not answered", "error", err)
		}
	})
	return mux
}
