// Package job runs what has to be done from time to time: backups, deletions, checks. Several nodes on one database share
// the work: each due time is taken by one of them, once. A node shows that it lives by a number that goes up while it runs a
// job; when that number has stood still for the length of the lease, another node takes the run over. How long it stood
// still each node measures for itself, so that clocks that differ, or jump, do not matter there.
//
// A run may still happen twice for one due time: when a node dies half-way, when it was halted for longer than the lease
// and wakes up, or when the clock was put back by more than a period. What a job does must bear that.
package job

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

//go:embed migration/*.sql
var migrations embed.FS

// Migrate brings the table up to date.
func Migrate(ctx context.Context, db *storage.DB) error {
	return storage.Migrate(ctx, db, "job", migrations)
}

// Job is something to be done from time to time: at whole multiples of a duration, or once a day.
type Job struct {
	Name  string        // such as "backup"
	Every time.Duration // counted from midnight UTC where a day is a multiple of it; or
	At    string        // time of day on the server's wall clock, such as "02:30"
	// Run does it. It must end soon after the context does: when the program stops, or when this node was out of touch
	// with the database for so long that another may have begun.
	Run func(ctx context.Context) error
}

// Times a runner keeps to.
const (
	leaseTime = time.Minute      // how long a number stands still before its node counts as dead
	beatTime  = 15 * time.Second // between two beats
	pollTime  = 10 * time.Second // between two looks at the table
	stopTime  = 5 * time.Second  // given to runs under way when the program stops
)

// Runner runs jobs on one node. Its jobs are added before Run is called.
type Runner struct {
	db    *storage.DB
	clock clock.Clock
	log   *slog.Logger
	node  string
	jobs  []*scheduled

	zone              *time.Location
	lease, beat, poll time.Duration
	offline           bool           // the last look at the table failed
	running           sync.WaitGroup // runs on this node
}

// scheduled is a job with what this node knows about it.
type scheduled struct {
	Job
	schedule schedule
	seen     row       // as of the last look
	since    time.Time // since when the row's holder and beat have stood as they do, by this process's own time
	mu       sync.Mutex
	busy     bool // it runs on this node
}

// New gives a runner for the node, whose name is shown where a run is.
func New(db *storage.DB, clk clock.Clock, log *slog.Logger, node string) *Runner {
	return &Runner{db: db, clock: clk, log: log, node: node, zone: time.Local, lease: leaseTime, beat: beatTime, poll: pollTime}
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)

// Add adds a job. One that cannot be is a fault of the program, or of the configuration where At comes from, and refused.
func (r *Runner) Add(j Job) (err error) {
	defer errs.Wrap(&err, "job %s", j.Name)
	if !nameForm.MatchString(j.Name) || j.Run == nil {
		return fmt.Errorf("no name, or nothing to do")
	}
	for _, other := range r.jobs {
		if other.Name == j.Name {
			return fmt.Errorf("there are two of this name")
		}
	}
	s, err := newSchedule(j, r.zone)
	if err != nil {
		return err
	}
	r.jobs = append(r.jobs, &scheduled{Job: j, schedule: s})
	return nil
}

// Run runs the jobs as they become due, until the context ends. It returns when the runs under way have ended too, or
// after five seconds.
func (r *Runner) Run(ctx context.Context) {
	ticker := time.NewTicker(r.poll)
	defer ticker.Stop()
	for {
		r.look(ctx)
		select {
		case <-ctx.Done():
			r.drain()
			return
		case <-ticker.C:
		}
	}
}

func (r *Runner) drain() {
	ended := make(chan struct{})
	go func() {
		r.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(stopTime):
		r.log.Warn("a job does not stop")
	}
}

// look reads the table once and starts what is due and free.
func (r *Runner) look(ctx context.Context) {
	rows, err := rows(ctx, r.db.Read())
	if err == nil {
		for _, j := range r.jobs {
			if err = r.consider(ctx, j, rows); err != nil {
				err = fmt.Errorf("job %s: %w", j.Name, err)
				break
			}
		}
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !r.offline:
		r.log.ErrorContext(ctx, "jobs cannot be looked up", "error", err.Error())
		r.offline = true
	case err == nil:
		r.offline = false
	}
}

// Run is what is known of a job's last run. Times are zero for what has not happened.
type Run struct {
	Name           string
	Due            time.Time
	Started, Ended time.Time // Ended is zero while it runs
	Error          string    // of the last run that ended; empty when it went well
	Node           string
	Succeeded      time.Time // when a run last went well
	Failures       int64     // how many runs failed, ever
}

// Last gives what is known of the job's last run, and the zero value when it never ran.
func (r *Runner) Last(ctx context.Context, name string) (run Run, err error) {
	defer errs.Wrap(&err, "job.Last %s", name)
	all, err := rows(ctx, r.db.Read())
	return all[name].run(name), err
}

// All gives the last run of each job that was added, in that order.
func (r *Runner) All(ctx context.Context) (runs []Run, err error) {
	defer errs.Wrap(&err, "job.All")
	all, err := rows(ctx, r.db.Read())
	for _, j := range r.jobs {
		runs = append(runs, all[j.Name].run(j.Name))
	}
	return runs, err
}
