package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Notes are the heads of the trail that were noted in a file of the data folder: a second place, which whoever can write
// to the database only does not reach. Each line holds a time and a head. Notes are safe for use by several goroutines.
type Notes struct {
	path string
	mu   sync.Mutex
}

// NewNotes gives the notes in the file, which need not be there yet.
func NewNotes(path string) *Notes { return &Notes{path: path} }

// Heads gives what was noted, oldest first.
func (n *Notes) Heads() ([]Head, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.heads()
}

// heads reads the file. A last line that a crash cut short counts as not written.
func (n *Notes) heads() (heads []Head, err error) {
	defer errs.Wrap(&err, "reading the notes on the trail")
	text, err := os.ReadFile(n.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(whole(text))) {
		_, noted, _ := strings.Cut(line, " ")
		head, err := ParseHead(noted)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", len(heads)+1, err)
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// whole gives the lines that have an end.
func whole(text []byte) []byte { return text[:bytes.LastIndexByte(text, '\n')+1] }

// note adds a line.
func (n *Notes) note(at time.Time, head Head) (err error) {
	defer errs.Wrap(&err, "noting the head of the trail")
	text, err := os.ReadFile(n.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(n.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	end := int64(len(whole(text)))
	err = f.Truncate(end)
	if err == nil {
		_, err = f.WriteAt([]byte(stamp(at)+" "+head.String()+"\n"), end)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Verify walks the whole trail, holding it against what was noted, and gives its head. Like the function Verify it gives a
// *Broken when the trail is not what was written.
func (n *Notes) Verify(ctx context.Context, q storage.Querier) (Head, error) {
	known, err := n.Heads()
	if err != nil {
		return Head{}, err
	}
	return Verify(ctx, q, known...)
}

// Check does what Verify does, notes the head if that is a new one, and writes it into the log, from where it may be
// carried to a third place. It is meant to run once a day.
func (n *Notes) Check(ctx context.Context, q storage.Querier, at time.Time, log *slog.Logger) error {
	head, err := n.Verify(ctx, q)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "trail verified", "head", head.String())
	n.mu.Lock()
	defer n.mu.Unlock()
	known, err := n.heads()
	if err != nil || head.Seq == 0 || len(known) > 0 && known[len(known)-1].Seq >= head.Seq {
		return err // nothing happened since, or somebody else was faster
	}
	return n.note(at, head)
}
