package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"adili/internal/backup/control"
	"adili/internal/kernel/errs"

	"filippo.io/age"
)

// controlPath and nowPath are where the server makes a backup for a command, and one for itself.
const (
	controlPath = "/backup"
	nowPath     = "/backup/now"
)

// Handler makes backups for commands on this machine: see Fetch and Now. A command that names no recipients gets the backup
// encrypted to those given here. The schedule is nil where there is none; run runs a job at once; say puts an error into words.
func (b *Backup) Handler(usual []age.Recipient, schedule *Schedule, run func(ctx context.Context, job string) error, say func(error) string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+nowPath, func(w http.ResponseWriter, r *http.Request) {
		_ = control.Stream(w, say, func(io.Writer) (string, error) { // the job's failure is in the log
			if schedule == nil {
				return "", errors.New("backup-to is not set: set it, or name a file")
			}
			err := run(r.Context(), Job)
			return schedule.Status().Name, err
		})
	})
	mux.HandleFunc("POST "+controlPath, func(w http.ResponseWriter, r *http.Request) {
		recipients := usual
		if text := r.PostFormValue("recipients"); text != "" {
			var err error
			if recipients, err = ParseRecipients(text); err != nil {
				http.Error(w, say(err), http.StatusBadRequest)
				return
			}
		}
		if len(recipients) == 0 {
			http.Error(w, say(errs.New(errs.Invalid, "backup.no_recipient")), http.StatusBadRequest)
			return
		}
		err := control.Stream(w, say, func(w io.Writer) (string, error) {
			m, err := b.Make(r.Context(), w, recipients)
			return m.Warning(), err
		})
		if err != nil {
			b.Log.Error("a backup failed", "error", err)
		}
	})
	return mux
}

// Fetch has the server that runs on the data folder make a backup, and copies it to w. The error is control.ErrNoServer when
// none runs: then the caller opens the folder itself. Without recipients it is encrypted to those the server knows.
func Fetch(ctx context.Context, dir, recipients string, w io.Writer) (warning string, err error) {
	client, err := control.Dial(ctx, dir)
	if err != nil {
		return "", err
	}
	return client.Post(ctx, controlPath, url.Values{"recipients": {recipients}}, w)
}

// Now has the server that runs on the data folder make tonight's backup at once, and gives its name. The error is
// control.ErrNoServer when none runs.
func Now(ctx context.Context, dir string) (name string, err error) {
	client, err := control.Dial(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("name a file for the backup: %w", err)
	}
	return client.Post(ctx, nowPath, nil, io.Discard)
}

// Warning says what whoever made the backup should know; it is empty when there is nothing.
func (m Manifest) Warning() string {
	var all []string
	if len(m.Open) > 0 {
		all = append(all, "A round is open: destroy this backup when the round is closed, or the backups of several days tell which answers came in between.")
	}
	if len(m.Missing) > 0 {
		all = append(all, "The answers of these nodes could not be had and are not in it: "+strings.Join(m.Missing, ", ")+".")
	}
	return strings.Join(all, " ")
}
