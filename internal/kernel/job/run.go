package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// consider starts the job if a due time is free to be taken.
func (r *Runner) consider(ctx context.Context, j *scheduled, rows map[string]row) error {
	now := r.clock.Now()
	seen := rows[j.Name]
	if !seen.stored {
		return r.introduce(ctx, j, now)
	}
	if seen.holder != j.seen.holder || seen.beat != j.seen.beat || j.since.IsZero() {
		j.since = time.Now()
	}
	j.seen = seen
	next := row{before: seen.due, node: r.node, started: now, holder: rand.Text()}
	slot, due := j.schedule.due(now, seen.due)
	next.due = slot
	if seen.holder != "" {
		if time.Since(j.since) < r.lease {
			return nil
		}
		// The node that ran it is gone. What it left undone is done now, unless a later due time has come meanwhile.
		if next.before = seen.before; !due {
			next.due = seen.due
		}
	} else if !due {
		return nil
	}
	if !j.take() {
		return nil
	}
	won, err := r.change(ctx, func(tx storage.Querier) (bool, error) { return claim(ctx, tx, j.Name, seen, next) })
	if !won || err != nil {
		j.leave()
		return err
	}
	if seen.holder != "" {
		r.log.WarnContext(ctx, "job taken over", "job", j.Name, "from", seen.node)
	}
	r.running.Go(func() {
		defer j.leave()
		_ = r.run(ctx, j, next) // it is logged and noted
	})
	return nil
}

// errRunning says that a job runs already.
var errRunning = errors.New("it is under way already")

// Now runs a job at once on this node and waits for its end. That uses up none of its due times.
func (r *Runner) Now(ctx context.Context, name string) (err error) {
	defer errs.Wrap(&err, "job %s", name)
	at := slices.IndexFunc(r.jobs, func(j *scheduled) bool { return j.Name == name })
	if at < 0 {
		return errors.New("there is none of this name")
	}
	j, now := r.jobs[at], r.clock.Now()
	if err := r.introduce(ctx, j, now); err != nil { // where it was never looked at
		return err
	}
	all, err := rows(ctx, r.db.Read())
	if err != nil {
		return err
	}
	seen := all[name]
	if seen.holder != "" || !j.take() {
		return errRunning
	}
	defer j.leave()
	next := row{due: seen.due, before: seen.due, node: r.node, started: now, holder: rand.Text()}
	won, err := r.change(ctx, func(tx storage.Querier) (bool, error) { return claim(ctx, tx, name, seen, next) })
	if err != nil {
		return err
	}
	if !won {
		return errRunning
	}
	return r.run(ctx, j, next)
}

// introduce puts a job into the table that was never there. What is done once a day waits for its time of day; the rest is
// due at the next look.
func (r *Runner) introduce(ctx context.Context, j *scheduled, now time.Time) error {
	var done time.Time
	if j.At != "" {
		done = j.schedule.latest(now)
	}
	_, err := r.change(ctx, func(tx storage.Querier) (bool, error) { return true, insert(ctx, tx, j.Name, done) })
	return err
}

// change runs f in a transaction.
func (r *Runner) change(ctx context.Context, f func(tx storage.Querier) (bool, error)) (done bool, err error) {
	err = r.db.Write(ctx, func(tx storage.Querier) (err error) {
		done, err = f(tx)
		return err
	})
	return done && err == nil, err
}

func (j *scheduled) take() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.busy {
		return false
	}
	j.busy = true
	return true
}

func (j *scheduled) leave() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.busy = false
}

// errLost says that another node may have taken the run over.
var errLost = errors.New("out of touch with the database for too long: another node may have taken the job over")

// run runs the job with beats beside it, notes how it ended, and gives its failure.
func (r *Runner) run(ctx context.Context, j *scheduled, held row) error {
	began := time.Now()
	work, cancel := context.WithCancelCause(ctx)
	beats := make(chan struct{})
	go func() {
		defer close(beats)
		r.keepUp(work, cancel, j.Name, held.holder)
	}()
	failure := protect(work, j.Run)
	if failure != nil && errors.Is(context.Cause(work), errLost) {
		failure = errors.Join(failure, errLost)
	}
	cancel(nil)
	<-beats
	stopped := failure != nil && ctx.Err() != nil
	err := r.note(ctx, j.Name, held.holder, failure, stopped)
	took := time.Since(began).Milliseconds()
	switch {
	case stopped:
		r.log.InfoContext(ctx, "job stopped half-way", "job", j.Name, "ms", took)
	case failure != nil:
		r.log.ErrorContext(ctx, "job failed", "job", j.Name, "ms", took, "error", failure.Error())
	default:
		r.log.InfoContext(ctx, "job done", "job", j.Name, "ms", took)
	}
	if err != nil {
		r.log.ErrorContext(ctx, "the end of a job cannot be noted: it will be run again", "job", j.Name, "error", err.Error())
	}
	return failure
}

// note writes down how a run ended, also when the program is being stopped. It tries for as long as the lease holds.
func (r *Runner) note(ctx context.Context, name, holder string, failure error, stopped bool) error {
	patience := r.lease / 2
	if ctx.Err() != nil {
		patience = min(patience, stopTime)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	for {
		_, err := r.change(ctx, func(tx storage.Querier) (bool, error) {
			if stopped {
				return release(ctx, tx, name, holder, r.clock.Now())
			}
			return finish(ctx, tx, name, holder, r.clock.Now(), text(failure))
		})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(r.lease / 20):
		}
	}
}

// keepUp shows that this node lives until the context ends. It ends it itself when the job was taken by another node, or
// may be soon since the database has not answered for most of the lease.
func (r *Runner) keepUp(ctx context.Context, cancel context.CancelCauseFunc, name, holder string) {
	ticker := time.NewTicker(r.beat)
	defer ticker.Stop()
	end := time.AfterFunc(r.lease*3/4, func() { cancel(errLost) })
	defer end.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		held, err := r.change(ctx, func(tx storage.Querier) (bool, error) { return keep(ctx, tx, name, holder) })
		if err == nil && !held {
			cancel(errLost)
			return
		}
		if err == nil {
			end.Reset(r.lease*3/4 - time.Since(asked))
		}
	}
}

// protect runs f and turns a panic into an error that tells where it was.
func protect(ctx context.Context, f func(context.Context) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v at %s", v, callers())
		}
	}()
	return f(ctx)
}

// callers gives the functions and lines below a panic, without arguments.
func callers() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var b strings.Builder
	for {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d; ", f.Function, f.Line)
		if !more {
			return b.String()
		}
	}
}

// text gives what is kept of a failure.
func text(err error) string {
	if err == nil {
		return ""
	}
	letters := []rune(strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "\uFFFD"))
	if len(letters) == 0 {
		return "failed"
	}
	return string(letters[:min(len(letters), 1000)])
}
