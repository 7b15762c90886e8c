package job

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestStatements(t *testing.T) { dbtest.PrepareAll(t, ".", Migrate) }

// counter counts runs by a word.
type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) add(word string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[string]int)
	}
	c.n[word]++
}

func (c *counter) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.n)
}

// newRunner gives a runner that looks often.
func newRunner(t testing.TB, db *storage.DB, clk clock.Clock, node string, jobs ...Job) *Runner {
	t.Helper()
	r := New(db, clk, slog.New(slog.DiscardHandler), node)
	r.zone, r.poll = time.UTC, 10*time.Millisecond
	for _, j := range jobs {
		if err := r.Add(j); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// hasty gives the runner a short lease.
func hasty(r *Runner) *Runner {
	r.lease, r.beat = time.Second, 50*time.Millisecond
	return r
}

// step lets the runners look once, all at the same time, and waits for what they started.
func step(ctx context.Context, runners ...*Runner) {
	var wg sync.WaitGroup
	for _, r := range runners {
		wg.Go(func() {
			r.look(ctx)
			r.running.Wait()
		})
	}
	wg.Wait()
}

// eventually waits until the condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	do := func(context.Context) error { return nil }
	r := newRunner(t, nil, nil, "a", Job{Name: "there", Every: time.Hour, Run: do})
	for _, j := range []Job{{Name: "there", Every: time.Hour, Run: do}, {Every: time.Hour, Run: do}, {Name: "x", Every: time.Hour}, {Name: "X y", Every: time.Hour, Run: do}, {Name: "x", At: "99", Run: do}} {
		if err := r.Add(j); err == nil {
			t.Errorf("%+v was taken", j)
		}
	}
}

// A job run by hand is noted like any other, uses up no due time, and does not run twice at a time.
func TestNow(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:10:00"))
		var fault error
		ran := 0
		var r *Runner
		r = newRunner(t, db, clk, "one", Job{Name: "daily", At: "12:15", Run: func(ctx context.Context) error {
			ran++
			if err := r.Now(ctx, "daily"); !errors.Is(err, errRunning) {
				t.Errorf("while it runs: %v", err)
			}
			return fault
		}})
		if err := r.Now(t.Context(), "nightly"); err == nil {
			t.Error("there is no such job")
		}
		if err := r.Now(t.Context(), "daily"); err != nil || ran != 1 { // before the first look
			t.Fatalf("ran %d times, %v", ran, err)
		}
		if run, err := r.Last(t.Context(), "daily"); err != nil || run.Error != "" || !run.Succeeded.Equal(clk.Now()) || !run.Due.Equal(at("2026-11-30 12:15:00")) {
			t.Errorf("%+v, %v", run, err)
		}
		fault = errors.New("no room")
		if err := r.Now(t.Context(), "daily"); !errors.Is(err, fault) {
			t.Errorf("a failure: %v", err)
		}
		clk.Set(at("2026-12-01 12:16:00"))
		step(t.Context(), r)
		step(t.Context(), r)
		if run, err := r.Last(t.Context(), "daily"); err != nil || ran != 3 || run.Failures != 2 {
			t.Errorf("ran %d times; %+v, %v", ran, run, err)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if err := r.Now(stopped, "daily"); err == nil {
			t.Error("a stopped one went well")
		}
	})
}

func TestRunsAndKeepsHowItEnded(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:10:00"))
		var fault error
		hourly, daily := 0, 0
		r := newRunner(t, db, clk, "one", Job{Name: "hourly", Every: time.Hour, Run: func(context.Context) error { hourly++; return fault }},
			Job{Name: "daily", At: "12:05", Run: func(context.Context) error { daily++; panic("oh") }})
		if run, err := r.Last(t.Context(), "hourly"); err != nil || run != (Run{Name: "hourly"}) {
			t.Errorf("before the first: %+v, %v", run, err)
		}
		step(t.Context(), r)
		step(t.Context(), r)
		step(t.Context(), r)
		if hourly != 1 || daily != 0 {
			t.Fatalf("hourly ran %d times, daily %d", hourly, daily)
		}
		run, err := r.Last(t.Context(), "hourly")
		now := clk.Now()
		want := Run{Name: "hourly", Due: at("2026-12-01 12:00:00"), Started: now, Ended: now, Node: "one", Succeeded: now}
		if diff := cmp.Diff(want, run); err != nil || diff != "" {
			t.Error(err, diff)
		}
		clk.Set(at("2026-12-02 12:05:00"))
		fault = errors.New("no room")
		step(t.Context(), r)
		if hourly != 2 || daily != 1 {
			t.Fatalf("hourly ran %d times, daily %d", hourly, daily)
		}
		all, err := r.All(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		if h := all[0]; h.Error != "no room" || h.Failures != 1 || !h.Succeeded.Equal(now) || !h.Ended.Equal(clk.Now()) {
			t.Errorf("after a failure: %+v", h)
		}
		if d := all[1]; !strings.HasPrefix(d.Error, "panic: oh at adili/internal/kernel/job") || d.Failures != 1 || !d.Succeeded.IsZero() {
			t.Errorf("after a panic: %+v", d)
		}
		clk.Advance(time.Hour)
		fault = nil
		step(t.Context(), r)
		if run, err := r.Last(t.Context(), "hourly"); err != nil || run.Error != "" || run.Failures != 1 || !run.Succeeded.Equal(clk.Now()) {
			t.Errorf("after it went well again: %+v, %v", run, err)
		}
	})
}

// Nodes and restarts at random, on a clock that goes on, jumps ahead, and is put back a little: each due time is run once
// by one node, and none that a node was up for is left out.
func TestEachDueTimeRunsOnce(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		checks := 0
		rapid.Check(t, func(rt *rapid.T) {
			checks++
			clk := clock.Fixed(at("2026-12-01 12:00:00"))
			var ran counter
			jobs := []Job{
				{Name: fmt.Sprintf("hourly.n%d", checks), Every: time.Hour},
				{Name: fmt.Sprintf("daily.n%d", checks), At: "02:30"},
			}
			schedules := []schedule{{every: time.Hour}, {hour: 2, minute: 30, zone: time.UTC}}
			for i := range jobs {
				jobs[i].Run = func(context.Context) error {
					ran.add(jobs[i].Name + " " + schedules[i].latest(clk.Now()).String())
					return nil
				}
			}
			nodes := make([]*Runner, rapid.IntRange(1, 4).Draw(rt, "nodes"))
			start := func(i int) { nodes[i] = newRunner(t, db, clk, fmt.Sprint("node", i), jobs...) }
			for i := range nodes {
				start(i)
			}
			step(t.Context(), nodes[0]) // makes the rows; the daily job waits for its time
			want, newest := map[string]int{}, clk.Now()
			last := []time.Time{{}, schedules[1].latest(clk.Now())}
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				switch rapid.IntRange(0, 5).Draw(rt, "what") {
				case 0: // by no more than the shorter period in all
					least := int(newest.Add(-59*time.Minute).Sub(clk.Now()) / time.Minute)
					clk.Advance(time.Duration(rapid.IntRange(min(least, 0), 0).Draw(rt, "minutes back")) * time.Minute)
				case 1:
					clk.Advance(time.Duration(rapid.IntRange(2, 999).Draw(rt, "hours")) * time.Hour)
				case 2:
					start(rapid.IntRange(0, len(nodes)-1).Draw(rt, "restarted"))
				default:
					clk.Advance(time.Duration(rapid.IntRange(1, 90).Draw(rt, "minutes")) * time.Minute)
				}
				if clk.Now().After(newest) {
					newest = clk.Now()
				}
				for i, s := range schedules {
					if slot := s.latest(clk.Now()); slot.After(last[i]) {
						last[i] = slot
						want[jobs[i].Name+" "+slot.String()]++
					}
				}
				step(t.Context(), nodes...)
			}
			if diff := cmp.Diff(want, ran.all()); diff != "" {
				rt.Fatalf("runs (-want +got):\n%s", diff)
			}
		})
	})
}

// Nodes that run for real, each in its own loop.
func TestManyRunnersAtOnce(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:00:00"))
		var ran counter
		job := Job{Name: "tick", Every: time.Minute, Run: func(context.Context) error {
			ran.add(clk.Now().String())
			time.Sleep(5 * time.Millisecond)
			return nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for i := range 5 {
			r := newRunner(t, db, clk, fmt.Sprint("node", i), job)
			wg.Go(func() { r.Run(ctx) })
		}
		const minutes = 10
		for i := range minutes {
			eventually(t, "the minute's run", func() bool { return len(ran.all()) == i+1 })
			eventually(t, "its end is noted", func() bool {
				all, err := rows(t.Context(), db.Read())
				return err == nil && all["tick"].holder == ""
			})
			clk.Advance(time.Minute)
		}
		time.Sleep(50 * time.Millisecond)
		cancel()
		wg.Wait()
		for when, n := range ran.all() {
			if n != 1 {
				t.Errorf("%s: %d runs", when, n)
			}
		}
		if n := len(ran.all()); n < minutes || n > minutes+1 {
			t.Errorf("%d due times were run", n)
		}
	})
}

// A node that dies half-way loses the run to another once the lease is over, and not before.
func TestDeadNodeIsTakenOver(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:00:00"))
		began, free := make(chan bool), make(chan bool)
		dead := newRunner(t, db, clk, "dead", Job{Name: "slow", Every: time.Hour, Run: func(context.Context) error {
			close(began)
			<-free
			return nil
		}})
		dead.beat, dead.lease = time.Hour, time.Hour // no sign of life, and it does not notice
		dead.look(t.Context())
		dead.look(t.Context())
		<-began
		var ran counter
		alive := newRunner(t, db, clk, "alive", Job{Name: "slow", Every: time.Hour, Run: func(context.Context) error {
			ran.add("alive")
			return nil
		}})
		hasty(alive)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		started := time.Now()
		go alive.Run(ctx)
		eventually(t, "taken over", func() bool { return len(ran.all()) > 0 })
		if took := time.Since(started); took < alive.lease {
			t.Errorf("taken over after %v, before the lease of %v was over", took, alive.lease)
		}
		eventually(t, "its end is noted", func() bool {
			run, err := alive.Last(t.Context(), "slow")
			return err == nil && !run.Ended.IsZero()
		})
		close(free) // the dead one was only halted, and must not write over what the other noted
		dead.running.Wait()
		run, err := alive.Last(t.Context(), "slow")
		if err != nil || run.Node != "alive" || run.Error != "" || !run.Due.Equal(clk.Now()) {
			t.Errorf("%+v, %v", run, err)
		}
		if n := ran.all()["alive"]; n != 1 {
			t.Errorf("%d runs", n)
		}
	})
}

// While a node lives it keeps a run that takes longer than the lease.
func TestLongRunIsKept(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:00:00"))
		var ran counter
		job := func(node string) Job {
			return Job{Name: "long", Every: time.Hour, Run: func(ctx context.Context) error {
				ran.add(node)
				select {
				case <-ctx.Done():
				case <-time.After(2500 * time.Millisecond):
				}
				return ctx.Err()
			}}
		}
		a, b := hasty(newRunner(t, db, clk, "a", job("a"))), hasty(newRunner(t, db, clk, "b", job("b")))
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { a.Run(ctx) })
		wg.Go(func() { b.Run(ctx) })
		eventually(t, "its end", func() bool {
			run, err := a.Last(t.Context(), "long")
			return err == nil && !run.Succeeded.IsZero()
		})
		cancel()
		wg.Wait()
		total := 0
		for _, n := range ran.all() {
			total += n
		}
		if total != 1 {
			t.Errorf("runs: %v", ran.all())
		}
	})
}

// A run whose node lost the database is told to stop before another node may begin.
func TestRunEndsWithoutDatabase(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	clk := clock.Fixed(at("2026-12-01 12:00:00"))
	why := make(chan error, 1)
	r := newRunner(t, db, clk, "a", Job{Name: "lost", Every: time.Hour, Run: func(ctx context.Context) error {
		if err := db.Close(); err != nil {
			return err
		}
		<-ctx.Done()
		why <- context.Cause(ctx)
		return ctx.Err()
	}})
	hasty(r)
	began := time.Now()
	step(t.Context(), r)
	step(t.Context(), r)
	if err := <-why; !errors.Is(err, errLost) {
		t.Errorf("ended by %v", err)
	}
	if took := time.Since(began); took > 2*r.lease {
		t.Errorf("took %v", took)
	}
}

// A run that another node took is ended at the next beat.
func TestRunEndsWhenTaken(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	clk := clock.Fixed(at("2026-12-01 12:00:00"))
	r := newRunner(t, db, clk, "a", Job{Name: "taken", Every: time.Hour, Run: func(ctx context.Context) error {
		err := db.Write(ctx, func(tx storage.Querier) error {
			_, err := tx.ExecContext(ctx, "UPDATE job SET holder = 'other', node = 'b'")
			return err
		})
		if err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}})
	r.beat = 50 * time.Millisecond
	step(t.Context(), r)
	step(t.Context(), r)
	all, err := rows(t.Context(), db.Read())
	if w := all["taken"]; err != nil || w.holder != "other" || w.node != "b" || !w.ended.IsZero() || w.failures != 0 {
		t.Errorf("%+v, %v", w, err)
	}
}

// Stopping the program ends a run, which is done again by the next who looks.
func TestStoppedRunIsDoneAgain(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		clk := clock.Fixed(at("2026-12-01 12:00:00"))
		began := make(chan bool)
		r := newRunner(t, db, clk, "a", Job{Name: "half", Every: time.Hour, Run: func(ctx context.Context) error {
			close(began)
			<-ctx.Done()
			return ctx.Err()
		}})
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-began
			cancel()
		}()
		r.Run(ctx)
		n := 0
		other := newRunner(t, db, clk, "b", Job{Name: "half", Every: time.Hour, Run: func(context.Context) error { n++; return nil }})
		step(t.Context(), other)
		step(t.Context(), other)
		run, err := other.Last(t.Context(), "half")
		if err != nil || n != 1 || run.Node != "b" || !run.Due.Equal(clk.Now()) || run.Failures != 0 {
			t.Errorf("%d runs, %+v, %v", n, run, err)
		}
	})
}

// A clock that was wrong by years is no reason to wait for years.
func TestClockPutRight(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	clk := clock.Fixed(at("2056-12-01 12:00:00"))
	n := 0
	r := newRunner(t, db, clk, "a", Job{Name: "hourly", Every: time.Hour, Run: func(context.Context) error { n++; return nil }})
	step(t.Context(), r)
	step(t.Context(), r)
	clk.Set(at("2026-12-01 12:00:00"))
	for range 3 {
		step(t.Context(), r)
	}
	if n != 2 {
		t.Errorf("%d runs, want one before and one after", n)
	}
}

func TestDatabaseGoneIsSaidOnce(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	var out strings.Builder
	r := newRunner(t, db, clock.System(), "a", Job{Name: "x", Every: time.Hour, Run: func(context.Context) error { return nil }})
	r.log = slog.New(slog.NewTextHandler(&out, nil))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.look(t.Context())
	}
	if n := strings.Count(out.String(), "jobs cannot be looked up"); n != 1 {
		t.Errorf("said %d times:\n%s", n, out.String())
	}
}

func TestText(t *testing.T) {
	for err, want := range map[error]string{nil: "", errors.New(""): "failed", errors.New("a\x00\xff"): "a\uFFFD", errors.New(strings.Repeat("é", 2000)): strings.Repeat("é", 1000)} {
		if got := text(err); got != want {
			t.Errorf("text(%v) = %q", err, got)
		}
	}
}
