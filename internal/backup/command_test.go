package backup

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"adili/internal/backup/control"

	"filippo.io/age"
)

// A command has the running server make the backup.
func TestFetch(t *testing.T) {
	p := newPlace(t, "", 200)
	if _, err := Fetch(t.Context(), p.data, "", nil); !errors.Is(err, control.ErrNoServer) {
		t.Fatalf("without a server: %v", err)
	}
	b := p.backup(someFiles)
	failure := errors.New("the disk is full")
	var schedule *Schedule
	run := func(_ context.Context, name string) error {
		if name != Job {
			t.Errorf("runs the job %s", name)
		}
		return failure
	}
	if _, err := Now(t.Context(), p.data); !errors.Is(err, control.ErrNoServer) {
		t.Fatalf("without a server: %v", err)
	}
	say := func(err error) string { return "In words: " + err.Error() }
	serve := func(usual []age.Recipient) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		socket, err := control.Listen(p.data)
		if err != nil {
			t.Fatal(err)
		}
		go func() { done <- socket.Serve(ctx, b.Handler(usual, schedule, run, say)) }()
		return func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	stop := serve(nil)
	var out bytes.Buffer
	if _, err := Fetch(t.Context(), p.data, "", &out); err == nil || !strings.Contains(err.Error(), "In words: invalid (backup.no_recipient)") || out.Len() > 0 {
		t.Errorf("without a recipient: %v", err)
	}
	if _, err := Fetch(t.Context(), p.data, "age1nonsense", &out); err == nil || !strings.Contains(err.Error(), "In words: invalid (backup.recipient)") || out.Len() > 0 {
		t.Errorf("with a bad recipient: %v", err)
	}
	warning, err := Fetch(t.Context(), p.data, key.Recipient().String(), &out)
	if err != nil || !strings.HasPrefix(warning, "A round is open") {
		t.Errorf("%q, %v", warning, err)
	}
	if s, err := Verify(t.Context(), from(out.Bytes()), identities()); err != nil || s.Count() != 200+67+1 {
		t.Errorf("the backup: %v", err)
	}
	if _, err := Now(t.Context(), p.data); err == nil || !strings.Contains(err.Error(), "backup-to is not set") {
		t.Errorf("without a schedule: %v", err)
	}
	b.Source = failing{}
	if _, err := Fetch(t.Context(), p.data, key.Recipient().String(), &out); err == nil || !strings.Contains(err.Error(), "In words: begin a backup: the files cannot be read") {
		t.Errorf("a failure in the server: %v", err)
	}
	stop()
	b.Source = files{}
	schedule = &Schedule{status: Status{Name: "adili-20261005T023000Z.adili"}}
	stop = serve(recipients())
	if _, err := Now(t.Context(), p.data); err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("tonight's at once: %v", err)
	}
	failure = nil
	if name, err := Now(t.Context(), p.data); err != nil || name != "adili-20261005T023000Z.adili" {
		t.Errorf("tonight's at once: %q, %v", name, err)
	}
	out.Reset()
	progress := NewProgress(&out, nil, 0)
	if warning, err := Fetch(t.Context(), p.data, "", progress); err != nil || warning != "" || progress.String() != "1.0 MB" {
		t.Errorf("to the server's own recipient: %q, %v, %s", warning, err, progress)
	}
	if _, err := Verify(t.Context(), from(out.Bytes()), identities()); err != nil {
		t.Error(err)
	}
	// A command that goes away, and a disk that is full, end the backup in the server too: the next has its turn.
	if _, err := Fetch(t.Context(), p.data, "", &failAfter{100}); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fetch(ended, p.data, "", &out); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if _, err := Fetch(t.Context(), p.data, "", &out); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	stop()
}
