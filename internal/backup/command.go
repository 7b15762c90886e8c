package backup

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"adili/internal/backup/control"
	"adili/internal/kernel/errs"

	"filippo.io/age"
)

// controlPath is where the server makes a backup for a command.
const controlPath = "/backup"

// Handler makes backups for commands on this machine: see Fetch. A command that names no recipients gets the backup
// encrypted to those given here.
func (b *Backup) Handler(usual []age.Recipient) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+controlPath, func(w http.ResponseWriter, r *http.Request) {
		recipients := usual
		if text := r.PostFormValue("recipients"); text != "" {
			var err error
			if recipients, err = ParseRecipients(text); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		if len(recipients) == 0 {
			http.Error(w, errs.New(errs.Invalid, "backup.no_recipient").Error(), http.StatusBadRequest)
			return
		}
		err := control.Stream(w, func(w io.Writer) (string, error) {
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
