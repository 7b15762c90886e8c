package app

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// intake is a program that takes answers, with the limits it has in life.
type intake struct {
	*App
	round string
	base  string
	codes []code.Code // of officials
	phone *phone.Phone
	last  *witness
	log   *lockedBuffer
}

// newIntake makes a round with n codes in each stratum and serves it.
func newIntake(t *testing.T, data, url string, carrier code.Carrier, n int) *intake {
	t.Helper()
	log := &lockedBuffer{}
	a, err := Open(t.Context(), Config{Data: data, Database: url, Clock: clock.Fixed(roundtest.Now), Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	round, codes := roundtest.Open(t, a.Survey, carrier, n)
	base, stop, err := a.answer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop() })
	client := phone.NewClient(killClients)
	last := &witness{RoundTripper: client.Transport}
	t.Cleanup(client.Transport.(*http.Transport).CloseIdleConnections)
	client.Transport = last
	s := &intake{App: a, round: round, base: base, codes: codes[form.Official], phone: phone.New(client, base), last: last, log: log}
	s.phone.Plain = true
	return s
}

// witness is a transport that keeps the last answer.
type witness struct {
	http.RoundTripper
	mu     sync.Mutex
	header http.Header
	body   string
}

// RoundTrip implements http.RoundTripper.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(strings.NewReader(string(body)))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.header, w.body = answer.Header, string(body)
	return answer, nil
}

// walked fills in a questionnaire in French for each code.
func (s *intake) walked(t *testing.T) []phone.Final {
	t.Helper()
	forms := make([]phone.Final, len(s.codes))
	for i, c := range s.codes {
		var err error
		if forms[i], err = walk(t.Context(), s.phone, "fr", s.round, c, i); err != nil {
			t.Fatal(err)
		}
	}
	return forms
}

// take sends forms that must be taken at the first try.
func (s *intake) take(t *testing.T, forms []phone.Final) {
	t.Helper()
	for i, f := range forms {
		if err := f.Send(t.Context()); err != nil {
			t.Fatalf("form %d of %d: %v\n%s", i, len(forms), err, s.log)
		}
	}
}

// status gets a page that is no survey page.
func (s *intake) status(t *testing.T, path string) int {
	t.Helper()
	answer, err := http.Get(s.base + path)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// refused reports whether err is status 503, with a plain page in French that
// says when to try again.
func (s *intake) refused(t *testing.T, err error) bool {
	t.Helper()
	refusal, ok := errors.AsType[*phone.StatusError](err)
	if !ok || refusal.Status != http.StatusServiceUnavailable {
		return false
	}
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		t.Fatal(err)
	}
	s.last.mu.Lock()
	defer s.last.mu.Unlock()
	page := html.UnescapeString(s.last.body)
	for _, part := range []string{`<html lang="fr" dir="ltr">`, "<h1", catalogue.Printer("fr").T(errs.Unavailable.Key())} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q:\n%s", part, page)
		}
	}
	if s.last.header.Get("Retry-After") == "" || !strings.HasPrefix(s.last.header.Get("Content-Type"), "text/html") {
		t.Errorf("headers are %v", s.last.header)
	}
	return true
}

// exactlyOnce closes the round, in which the answers 0 to n-1 must be, each
// once.
func (s *intake) exactlyOnce(t *testing.T, n int) {
	t.Helper()
	numbers := closeAndRead(t, s.App, s.round)
	slices.Sort(numbers)
	if len(numbers) != n || len(slices.Compact(numbers)) != n {
		t.Errorf("the answers are %v, want each of %d once", numbers, n)
	}
}

// PostgreSQL is stopped as by a crash while answers come in, and started
// again.
func TestPostgresStoppedDuringIntake(t *testing.T) {
	const idle = 1500 * time.Millisecond // connections that nobody used for a second are tried before they are used
	server := pgtest.New(t, pgtest.Options{Fsync: true})
	s := newIntake(t, t.TempDir(), pgtest.Create(t, server.URL(), "fault", "", true), code.ByLink, 50)
	forms := s.walked(t)
	forms, late := forms[:90], forms[90:]
	var mu sync.Mutex
	var open []phone.Final
	acknowledged := 0
	next := make(chan phone.Final)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for f := range next {
				err := f.Send(t.Context())
				mu.Lock()
				if err == nil {
					acknowledged++
				} else {
					open = append(open, f)
				}
				mu.Unlock()
				if refusal, ok := errors.AsType[*phone.StatusError](err); err != nil && (!ok || refusal.Status != http.StatusServiceUnavailable) {
					t.Errorf("instead of 503: %v", err)
				}
			}
		})
	}
	stopped := make(chan error, 1)
	stopAt := 20 + rand.IntN(20)
	for i, f := range forms {
		if i == stopAt {
			go func() { stopped <- server.Stop() }()
		}
		if i == stopAt+20 { // so that the rest find no server
			for s.status(t, "/readyz") != http.StatusServiceUnavailable {
				time.Sleep(10 * time.Millisecond)
			}
		}
		next <- f
	}
	close(next)
	wg.Wait()
	if len(open) == 0 || !s.refused(t, open[0].Send(t.Context())) {
		t.Errorf("%d forms not acknowledged, of which the first is not refused with 503", len(open))
	}
	if ready, health, start := s.status(t, "/readyz"), s.status(t, "/healthz"), s.status(t, "/fr/s/"+s.round); ready != 503 || health != 200 || start != 200 {
		t.Errorf("while there is no database: /readyz %d, /healthz %d, start page %d", ready, health, start)
	}
	if err := errors.Join(<-stopped, server.Start()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(idle)
	if ready := s.status(t, "/readyz"); ready != http.StatusOK {
		t.Errorf("/readyz %d with the database back", ready)
	}
	t.Logf("%d acknowledged, %d refused and sent again", acknowledged, len(open))
	s.take(t, open)
	if err := errors.Join(server.Stop(), server.Start()); err != nil { // while nobody answers: all connections are dead
		t.Fatal(err)
	}
	time.Sleep(idle)
	s.take(t, late)
	s.exactlyOnce(t, len(forms)+len(late))
}

// Another connection keeps the SQLite file locked: for a moment, which is
// waited for, and for long, which is refused.
func TestSQLiteLocked(t *testing.T) {
	data := t.TempDir()
	s := newIntake(t, data, "", code.ByLink, 2)
	forms := s.walked(t)
	release := lockSQLite(t, data)
	time.AfterFunc(time.Second, release)
	if err := forms[0].Send(t.Context()); err != nil {
		t.Errorf("locked for a second: %v", err)
	}
	release = lockSQLite(t, data)
	began := time.Now()
	if err := forms[1].Send(t.Context()); !s.refused(t, err) {
		t.Errorf("locked for long: %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("refused after %v", took)
	}
	if ready, start := s.status(t, "/readyz"), s.status(t, "/fr/s/"+s.round); ready != 200 || start != 200 {
		t.Errorf("while locked: /readyz %d, start page %d", ready, start)
	}
	release()
	s.take(t, forms[1:])
	s.exactlyOnce(t, len(forms))
}

// lockSQLite begins a writing transaction on a connection of its own.
func lockSQLite(t *testing.T, data string) (release func()) {
	t.Helper()
	db, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(data, "adili.db"))
	if err != nil {
		t.Fatal(err)
	}
	locked, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		err := db.Write(context.Background(), func(storage.Querier) error {
			close(locked)
			<-free
			return nil
		})
		done <- errors.Join(err, db.Close())
	}()
	<-locked
	release = sync.OnceFunc(func() {
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(release)
	return release
}

// smallDisk mounts a file system of so many KiB.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	folder := t.TempDir()
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dk", size), "adili-test", folder).CombinedOutput()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mounting a small disk: %v\n%s", err, out)
		}
		t.Skip("mounting a small disk is not permitted here; CI does it")
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", folder).CombinedOutput(); err != nil {
			t.Errorf("unmounting: %v\n%s", err, out)
		}
	})
	return folder
}

// fill leaves not a byte free on the disk, until the function it gives is
// called.
func fill(t *testing.T, folder string) (empty func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		err = nil
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// The disk runs full: first while answers come in, then before closing.
func TestDiskFull(t *testing.T) {
	data := smallDisk(t, 64<<10)
	s := newIntake(t, data, "", code.ByLink, 6)
	forms := s.walked(t)
	s.take(t, forms[:3])
	if err := s.DB.Scrub(t.Context(), "code"); err != nil { // so that there is no room left in SQLite's journal
		t.Fatal(err)
	}
	empty := fill(t, data)
	for i, f := range forms[3:6] {
		if err := f.Send(t.Context()); !s.refused(t, err) {
			t.Errorf("form %d on a full disk: %v", i, err)
		}
	}
	if health, start := s.status(t, "/healthz"), s.status(t, "/fr/s/"+s.round); health != 200 || start != 200 {
		t.Errorf("on a full disk: /healthz %d, start page %d", health, start)
	}
	empty()
	s.take(t, forms)
	if err := s.DB.Scrub(t.Context(), "code"); err != nil {
		t.Fatal(err)
	}
	empty = fill(t, data)
	if err := s.Survey.CloseRound(t.Context(), roundtest.Manager, s.round, roundtest.Passphrase); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("closing on a full disk: %v", err)
	}
	empty()
	s.exactlyOnce(t, len(forms))
}

// The answer file grows when it is full of answers. On a full disk it cannot,
// keeps what it has, and goes on when there is room.
func TestAnswerFileOnFullDisk(t *testing.T) {
	folder := smallDisk(t, 1<<10)
	path := filepath.Join(folder, "answers.box")
	if err := ballot.Create(path, 200, 8); err != nil {
		t.Fatal(err)
	}
	box, err := ballot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { box.Close() }()
	put := func(n int) error { return box.Put(ballot.Mark{byte(n)}, make([]byte, 200)) }
	empty := fill(t, folder)
	for n := range 8 {
		if err := put(n); err != nil {
			t.Fatalf("answer %d, which has its place: %v", n, err)
		}
	}
	for range 2 {
		if err := put(8); err == nil {
			t.Error("an answer without a place is acknowledged")
		}
	}
	empty()
	if err := put(8); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := box.Close(); err != nil {
		t.Fatal(err)
	}
	if box, err = ballot.Open(path); err != nil {
		t.Fatal(err)
	}
	if box.Len() != 9 {
		t.Errorf("%d answers, want 9", box.Len())
	}
}
