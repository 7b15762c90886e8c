package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/errs"

	"filippo.io/age"
)

// openKept is how many backups made while a round was open are kept. Whoever can read two of them sees which sealed
// answers came, and which codes were used, between the two: on a quiet day that may be one of each. Three are enough to
// survive a bad one; all go once a backup exists that was made when no round was open any more.
const openKept = 3

// storedName is what backups are called in a store: the time, in UTC, and whether a round was open.
var storedName = regexp.MustCompile(`^adili-(\d{8}T\d{6}Z)(-open)?\.adili$`)

const storedTime = "20060102T150405Z"

// Job is the name of the job that runs a Schedule.
const Job = "backup"

// Stored is a backup in a store.
type Stored struct {
	Name string
	Made time.Time
	Open bool // a round was open
	Size int64
}

// List gives the backups in a store, the newest first.
func List(ctx context.Context, store blob.Store) ([]Stored, error) {
	files, err := store.List(ctx, "adili-")
	if err != nil {
		return nil, err
	}
	var all []Stored
	for _, f := range files {
		part := storedName.FindStringSubmatch(f.Name)
		if part == nil {
			continue
		}
		if made, err := time.Parse(storedTime, part[1]); err == nil {
			all = append(all, Stored{f.Name, made, part[2] != "", f.Size})
		}
	}
	slices.SortFunc(all, func(a, b Stored) int { return cmp.Or(b.Made.Compare(a.Made), cmp.Compare(b.Name, a.Name)) })
	return all, nil
}

// Schedule makes backups into a store and removes old ones.
type Schedule struct {
	backup     *Backup
	store      blob.Store
	recipients []age.Recipient
	keep       int
	days       int

	mu     sync.Mutex
	status Status
}

// Status is what a Schedule has done since the program started. What earlier runs left is in the store: see List.
type Status struct {
	Name  string    // of the last good backup
	Good  time.Time // when it was made
	Size  int64     // of it
	Tried time.Time // when the last one was tried
	Error string    // why that failed; empty if it did not
}

// NewSchedule returns a Schedule that keeps at most so many backups, and none for longer than so many days; 0 is no limit.
// The newest is always kept.
func (b *Backup) NewSchedule(store blob.Store, recipients []age.Recipient, keep, days int) *Schedule {
	return &Schedule{backup: b, store: store, recipients: recipients, keep: keep, days: days}
}

// Status tells what has been done.
func (s *Schedule) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Run makes a backup, sees that the store has it whole, and removes old ones.
func (s *Schedule) Run(ctx context.Context) error {
	made, err := s.run(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Tried, s.status.Error = s.backup.Clock.Now(), ""
	if err != nil {
		s.status.Error = err.Error()
	}
	if made.Name != "" {
		s.status.Name, s.status.Good, s.status.Size = made.Name, made.Made, made.Size
	}
	return err
}

// run gives the backup it made, also when only the clearing away of others failed.
func (s *Schedule) run(ctx context.Context) (made Stored, err error) {
	defer errs.Wrap(&err, "scheduled backup")
	c, err := s.backup.Begin(ctx)
	if err != nil {
		return made, fault(err)
	}
	next := Stored{Made: c.Manifest.Made, Open: len(c.Manifest.Open) > 0}
	next.Name = "adili-" + next.Made.Format(storedTime)
	if next.Open {
		next.Name += "-open"
	}
	next.Name += ".adili"
	next.Size, err = s.send(ctx, c, next.Name)
	if err = errors.Join(err, c.Close()); err != nil {
		return made, fault(err)
	}
	all, err := List(ctx, s.store)
	if err != nil {
		return made, err
	}
	if !slices.ContainsFunc(all, func(s Stored) bool { return s.Name == next.Name && s.Size == next.Size }) {
		return made, fmt.Errorf("the store does not have %s with %d bytes", next.Name, next.Size)
	}
	made = next
	s.backup.note(ctx, c.Manifest, audit.System, made.Name)
	if missing := c.Manifest.Missing; len(missing) > 0 { // then older ones may be worth more
		return made, errs.New(errs.Unavailable, "backup.missing", "Nodes", strings.Join(missing, ", "))
	}
	for _, old := range outdated(all, s.keep, s.days, s.backup.Clock.Now()) {
		if err := s.store.Delete(ctx, old.Name); err != nil {
			return made, fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return made, nil
}

// send writes the copy into the store and gives its size.
func (s *Schedule) send(ctx context.Context, c *Copy, name string) (int64, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, w := io.Pipe()
	size := &counter{w: w}
	written := make(chan error, 1)
	go func() {
		err := c.WriteTo(ctx, size, s.recipients)
		w.CloseWithError(err) // a file that is not whole does not get its name
		written <- err
	}()
	err := s.store.Put(ctx, name, r, -1)
	r.CloseWithError(errors.New("the store takes no more"))
	if werr := <-written; err == nil {
		err = werr
	}
	return size.n, err
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// outdated lists what is not kept of all backups, which come newest first.
func outdated(all []Stored, keep, days int, now time.Time) []Stored {
	var old []Stored
	open, closed := 0, 0
	for i, s := range all {
		expired := days > 0 && now.Sub(s.Made) > time.Duration(days)*24*time.Hour
		if s.Open {
			open++
			expired = expired || open > openKept || closed > 0
		} else {
			closed++
			expired = expired || keep > 0 && closed > keep
		}
		if expired && i > 0 {
			old = append(old, s)
		}
	}
	return old
}
