package survey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/survey/vault"
	"adili/internal/testkit/dbtest"
)

// quickPace lets tests of several nodes wait for milliseconds.
var quickPace = pace{
	minute: time.Minute, tend: 5 * time.Millisecond, again: 5 * time.Millisecond, look: 5 * time.Millisecond, patience: 20 * time.Second,
	ask: 10 * time.Second, hold: 15 * time.Second,
}

// cluster is several nodes on one database in one process.
type cluster struct {
	t      testing.TB
	db     *storage.DB
	clock  *clock.Manual
	shared string // folder
	folder map[string]string
	nodes  map[string]*running
}

// running is a node that has not been stopped.
type running struct {
	*Service
	stop context.CancelFunc
	done chan struct{}
}

func newCluster(t testing.TB, db *storage.DB, names ...string) *cluster {
	t.Helper()
	c := &cluster{t: t, db: db, clock: clock.Fixed(testDay), shared: t.TempDir(), folder: map[string]string{}, nodes: map[string]*running{}}
	t.Cleanup(func() {
		for name := range c.nodes {
			c.stop(name)
		}
	})
	for _, name := range names {
		c.start(name)
	}
	return c
}

// node makes a service in the node's folder without starting it.
func (c *cluster) node(name string) *Service {
	c.t.Helper()
	if c.folder[name] == "" {
		c.folder[name] = filepath.Join(c.t.TempDir(), "rounds")
	}
	store, err := blob.Open(c.shared, blob.Keys{})
	if err != nil {
		c.t.Fatal(err)
	}
	s := New(c.db, c.clock, c.folder[name], slog.New(slog.DiscardHandler))
	s.pace = quickPace
	if err := s.Join(name, store); err != nil {
		c.t.Fatal(err)
	}
	return s
}

// start starts a node, for the first time or again.
func (c *cluster) start(name string) *Service {
	c.t.Helper()
	s := c.node(name)
	if err := s.Start(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{Service: s, stop: stop, done: make(chan struct{})}
	go func() {
		s.Watch(ctx)
		close(r.done)
	}()
	c.nodes[name] = r
	return s
}

// stop ends a node. Its folder stays as it is.
func (c *cluster) stop(name string) {
	r := c.nodes[name]
	delete(c.nodes, name)
	r.stop()
	<-r.done
	r.Close()
}

func (c *cluster) eventually(what string, holds func() bool) {
	c.t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(end) {
			c.t.Fatalf("still not: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// twin gives the same form in the hands of another node.
func twin(t testing.TB, from, to *Intake, d *paper.Draft) *paper.Draft {
	t.Helper()
	sealed, err := from.Seal(d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := to.Open(sealed)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func submit(t testing.TB, s *Service, in *Intake, d *paper.Draft) {
	t.Helper()
	if err := s.Submit(t.Context(), in, d); err != nil {
		t.Fatal(err)
	}
}

// left is what lies in a node's folder of a round.
func (c *cluster) left(name, round string) []string {
	entries, err := os.ReadDir(filepath.Join(c.folder[name], round))
	if err != nil && !os.IsNotExist(err) {
		c.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (c *cluster) inStore() []string {
	store, err := blob.Open(c.shared, blob.Keys{})
	if err != nil {
		c.t.Fatal(err)
	}
	all, err := store.List(c.t.Context(), "")
	if err != nil {
		c.t.Fatal(err)
	}
	var names []string
	for _, info := range all {
		names = append(names, info.Name)
	}
	return names
}

// Both nodes take answers; closing on one counts those of both, and afterwards
// nothing is left on either by which an answer could be opened or recognised.
func TestTwoNodesTakeAnswersOfOneRound(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, codes := openRound(t, a, 10)
	inA, inB := takes(t, a, r.ID), takes(t, b, r.ID)
	for i, invitation := range codes[form.Official] {
		if i%2 == 0 {
			submit(t, a, inA, filled(t, inA, invitation, "3"))
		} else {
			submit(t, b, inB, filled(t, inB, invitation, "3"))
		}
	}
	if err := b.Submit(t.Context(), inB, filled(t, inB, codes[form.Official][0], "1")); !errors.Is(err, ErrCode) {
		t.Errorf("a code that was used on the other node: %v, want %v", err, ErrCode)
	}
	if n, m := inA.Taken(), inB.Taken(); n != 10 || m != 10 {
		t.Errorf("%d and %d answers in the two files, want 10 each", n, m)
	}
	got := responses(t, b, r.ID)
	if len(got[form.Official]) != 20 || len(got[form.Private]) != 0 {
		t.Errorf("%d answers, want 20", len(got[form.Official]))
	}
	c.eventually("both nodes have cleared away", func() bool { return len(c.left("a", r.ID))+len(c.left("b", r.ID)) == 0 })
	want := []string{"rounds/" + r.ID + "/answers.closed", "rounds/" + r.ID + "/opinions.json"}
	if got := c.inStore(); !slices.Equal(got, want) {
		t.Errorf("in the shared store: %v, want %v", got, want)
	}
	if closed, err := a.Closed(t.Context(), testManager, r.ID); err != nil || closed.Round.Lost != 0 || closed.Round.LostNodes != 0 {
		t.Errorf("on the other node: %+v, %v", closed, err)
	}
	c.eventually("no node is noted any more", func() bool {
		nodes, err := a.Nodes(t.Context(), testManager, r.ID)
		return err == nil && len(nodes) == 0
	})
}

// A form whose node was stopped after the answer was taken, before the person
// was told, is thanked for by the other node and counted once.
func TestTheSameFormOnTwoNodesCountsOnce(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	basics := testBasics()
	basics.Name = "with a link"
	r, codes := openRound(t, a, 10)
	inA, inB := takes(t, a, r.ID), takes(t, b, r.ID)
	for i, stop := range []string{"spent", "written", "promised"} {
		d := filled(t, inA, codes[form.Official][i], "4")
		mark := d.Mark("code")
		switch stop {
		case "spent":
			submit(t, a, inA, d)
		case "written":
			if err := a.claim(r.ID, d.Code.Selector(), mark[:]); err != nil {
				t.Fatal(err)
			}
			if err := inA.Put(d, d.Stratum); err != nil {
				t.Fatal(err)
			}
		case "promised":
			if err := a.claim(r.ID, d.Code.Selector(), mark[:]); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			submit(t, b, inB, twin(t, inA, inB, d))
		}
		if err := b.Submit(t.Context(), inB, filled(t, inB, codes[form.Official][i], "1")); !errors.Is(err, ErrCode) {
			t.Errorf("%s: another form with the code: %v, want %v", stop, err, ErrCode)
		}
	}
	var used, kept int
	if err := c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FILTER (WHERE state = 2), COUNT(pending) FILTER (WHERE state > 0) FROM code").Scan(&used, &kept); err != nil || used != 3 || kept != 3 {
		t.Errorf("%d codes used, %d remember their form; want 3 and 3 (%v)", used, kept, err)
	}
	if n := len(responses(t, a, r.ID)[form.Official]); n != 3 {
		t.Errorf("%d answers, want 3", n)
	}
}

// Closing names the node that is gone, and goes on once it is back.
func TestClosingWaitsForANodeThatIsStopped(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	a.pace.patience = 300 * time.Millisecond
	r, codes := openRound(t, a, 10)
	inB := takes(t, b, r.ID)
	submit(t, b, inB, filled(t, inB, codes[form.Official][0], "3"))
	c.stop("b")
	err := a.CloseRound(t.Context(), testManager, r.ID, testPassphrase)
	if e, _ := errs.Find(err); e == nil || e.Key != "survey.close.nodes" || fmt.Sprint(e.Args) != "[Names b]" {
		t.Fatalf("closing without b: %v", err)
	}
	if _, err := a.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Gone {
		t.Errorf("answers are still taken: %v", err)
	}
	nodes, err := a.Nodes(t.Context(), testManager, r.ID)
	if err != nil || len(nodes) != 2 || !nodes[0].Delivered() || nodes[1].Delivered() {
		t.Errorf("nodes: %+v, %v", nodes, err)
	}
	c.start("b")
	a.pace.patience = quickPace.patience
	if n := len(responses(t, a, r.ID)[form.Official]); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
	c.eventually("the node that came back has cleared away", func() bool { return len(c.left("b", r.ID)) == 0 })
}

// A node that is lost for ever can be given up; what it took is missing, and
// the round says how much that is.
func TestForgetNode(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	a.pace.patience = 300 * time.Millisecond
	r, codes := openRound(t, a, 10)
	inA, inB := takes(t, a, r.ID), takes(t, b, r.ID)
	for _, invitation := range codes[form.Official][:4] {
		submit(t, a, inA, filled(t, inA, invitation, "3"))
	}
	for _, invitation := range codes[form.Official][4:7] {
		submit(t, b, inB, filled(t, inB, invitation, "3"))
	}
	open := filled(t, inB, codes[form.Official][8], "3")
	if err := a.ForgetNode(t.Context(), testManager, r.ID, "b"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("giving a node up while the round is open: %v, want a conflict", err)
	}
	c.nodes["b"].stop() // it stands still, and its intake still is open
	<-c.nodes["b"].done
	if err := a.CloseRound(t.Context(), testManager, r.ID, testPassphrase); errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("closing without b: %v", err)
	}
	if err := a.ForgetNode(t.Context(), testOperator, r.ID, "b"); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("the operator gives a node up: %v, want forbidden", err)
	}
	if err := a.ForgetNode(t.Context(), testManager, r.ID, "a"); errs.KindOf(err) != errs.Conflict {
		t.Errorf("giving up a node that has delivered: %v, want a conflict", err)
	}
	if err := a.ForgetNode(t.Context(), testManager, r.ID, "b"); err != nil {
		t.Fatal(err)
	}
	if err := b.Submit(t.Context(), inB, open); err == nil {
		t.Error("a node that was given up acknowledges an answer")
	}
	a.pace.patience = quickPace.patience
	if n := len(responses(t, a, r.ID)[form.Official]); n != 4 {
		t.Errorf("%d answers, want 4", n)
	}
	closed, err := a.Closed(t.Context(), testManager, r.ID)
	if err != nil || closed.Round.LostNodes != 1 || closed.Round.Lost != 3 {
		t.Errorf("lost: %d on %d nodes, %v", closed.Round.Lost, closed.Round.LostNodes, err)
	}
	c.stop("b")
	c.start("b") // it comes back after all, too late
	if got := c.left("b", r.ID); len(got) != 0 {
		t.Errorf("left on the node that came back: %v", got)
	}
}

// A node that was given up too early is counted if it comes back in time.
func TestForgottenNodeThatComesBack(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	a.pace.patience = 300 * time.Millisecond
	r, codes := openRound(t, a, 10)
	inB := takes(t, b, r.ID)
	submit(t, b, inB, filled(t, inB, codes[form.Official][0], "3"))
	c.stop("b")
	if err := a.CloseRound(t.Context(), testManager, r.ID, testPassphrase); errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("closing without b: %v", err)
	}
	if err := a.ForgetNode(t.Context(), testManager, r.ID, "b"); err != nil {
		t.Fatal(err)
	}
	b = c.start("b")
	c.eventually("b has delivered", func() bool {
		nodes, err := b.Nodes(t.Context(), testManager, r.ID)
		return err == nil && len(nodes) == 2 && nodes[1].Delivered()
	})
	a.pace.patience = quickPace.patience
	if n := len(responses(t, a, r.ID)[form.Official]); n != 1 {
		t.Errorf("%d answers, want 1", n)
	}
}

// A node whose files are gone, or are not those it had, takes no answers; it
// does not begin anew as if nothing had been there.
func TestLostFilesAreNotMadeAnew(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, codes := openRound(t, a, 10)
	inB := takes(t, b, r.ID)
	submit(t, b, inB, filled(t, inB, codes[form.Official][0], "3"))
	c.stop("b")
	box := filepath.Join(c.folder["b"], r.ID, vault.AnswerFile)
	if err := os.Rename(box, box+".away"); err != nil {
		t.Fatal(err)
	}
	b = c.start("b")
	if _, err := b.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("without its file: %v, want unavailable", err)
	}
	c.stop("b")
	if err := ballot.Create(box, 100, 10); err != nil {
		t.Fatal(err)
	}
	b = c.start("b")
	if _, err := b.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("with another file: %v, want unavailable", err)
	}
	c.stop("b")
	if err := os.Rename(box+".away", box); err != nil {
		t.Fatal(err)
	}
	b = c.start("b")
	if _, err := b.Intake(t.Context(), r.ID); err != nil {
		t.Errorf("with its own file: %v", err)
	}
	alone := New(c.db, c.clock, c.folder["a"], a.log)
	defer alone.Close()
	if err := alone.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := alone.Intake(t.Context(), r.ID); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("started without the shared store: %v, want unavailable", err)
	}
}

// A round that was opened on one machine goes on when a second one joins.
func TestOneMachineBecomesTwo(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll))
	c.folder["a"] = filepath.Join(t.TempDir(), "rounds")
	alone := New(c.db, c.clock, c.folder["a"], slog.New(slog.DiscardHandler))
	if err := alone.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, codes := openRound(t, alone, 10)
	old := takes(t, alone, r.ID)
	first := filled(t, old, codes[form.Official][0], "3")
	submit(t, alone, old, first)
	early, codesEarly := openRound(t, alone, 3)
	in := takes(t, alone, early.ID)
	submit(t, alone, in, filled(t, in, codesEarly[form.Private][0], "2"))
	if n := len(responses(t, alone, early.ID)[form.Private]); n != 1 {
		t.Fatalf("%d answers", n)
	}
	alone.Close()
	a, b := c.start("a"), c.start("b")
	inA, inB := takes(t, a, r.ID), takes(t, b, r.ID)
	submit(t, a, inA, twin(t, old, inA, first))
	submit(t, a, inA, filled(t, inA, codes[form.Official][1], "3"))
	submit(t, b, inB, filled(t, inB, codes[form.Official][2], "3"))
	if n := len(responses(t, b, r.ID)[form.Official]); n != 3 {
		t.Errorf("%d answers, want 3", n)
	}
	if closed, err := b.Closed(t.Context(), testManager, early.ID); err != nil || len(closed.Groups) == 0 {
		t.Errorf("a round that was closed before, on the new node: %v", err)
	}
	if got := c.left("a", early.ID); len(got) != 0 {
		t.Errorf("left in the old place: %v", got)
	}
}

// Plans and codes are made on all nodes, one after the other.
func TestTheDeskIsShared(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	a, b := c.nodes["a"].Service, c.nodes["b"].Service
	r, err := a.CreateRound(t.Context(), testManager, testBasics())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.SaveFrame(t.Context(), testManager, r.ID, form.Official, Frame{Dimensions: []string{"x"}, Cells: []Cell{{Values: []string{"All"}, People: 100}}}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, s := range []*Service{a, b, a, b} {
		all.Go(func() {
			if _, err := s.MakeCodes(context.Background(), testManager, r.ID, form.Official, code.ByLink, map[int]int{1: 25}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p := mustPopulations(t, a, r.ID)[0]; p.Plan.Invited[1] != 100 {
		t.Errorf("%d codes counted, want 100", p.Plan.Invited[1])
	}
	if err := a.Join("bad name", nil); err == nil {
		t.Error("a bad name was taken")
	}
}

// That a code remembers the form that spent it, until the round is closed,
// puts nothing into the database that is in the answer files.
func TestRememberedFormsShareNothingWithTheFiles(t *testing.T) {
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a")
	a := c.nodes["a"].Service
	r, codes := openRound(t, a, 20)
	in := takes(t, a, r.ID)
	for _, invitation := range codes[form.Official] {
		submit(t, a, in, filled(t, in, invitation, "3"))
	}
	kept, err := storage.All(t.Context(), c.db.Read(), func(row storage.Row) (mark []byte, err error) { return mark, row.Scan(&mark) },
		"SELECT pending FROM code WHERE state = 2")
	if err != nil || len(kept) != 40 {
		t.Fatalf("%d remembered, %v; want 40", len(kept), err)
	}
	for _, name := range []string{vault.AnswerFile, vault.OpinionFile} {
		data, err := os.ReadFile(filepath.Join(c.folder["a"], r.ID, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range kept {
			if bytes.Contains(data, mark[:8]) {
				t.Fatalf("%s holds a part of what a code remembers", name)
			}
		}
	}
	responses(t, a, r.ID)
	var left int
	if err := c.db.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM code").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d codes left after closing (%v)", left, err)
	}
}
