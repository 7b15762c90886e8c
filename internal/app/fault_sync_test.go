//go:build linux

package app

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"adili/internal/demo/phone"
	"adili/internal/survey/ballot"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// stage is a round with forms that are filled in but not sent, to be played
// again and again on copies of its data.
type stage struct {
	path    string // of the program
	data    string
	url     string
	address string // the forms are for
	round   string
	forms   []phone.Final
}

func newStage(t *testing.T, path, url string, n int) *stage {
	t.Helper()
	s := &stage{path: path, data: t.TempDir(), url: url, address: acmetest.FreeAddress(t)}
	round, codes := openNow(t, s.data, url, n)
	plan(t, s.data, url, 0)
	p := s.process(t, s.data, url)
	p.start()
	s.round, s.forms = round, walkAll(t, p.base, round, codes)
	p.stop()
	return s
}

// process is the program as it will serve data where the forms are for.
func (s *stage) process(t *testing.T, data, url string) *process {
	p := serveOn(t, s.path, data, url)
	p.arguments[4] = s.address
	return p
}

// copy makes a copy of data and database.
func (s *stage) copy(t *testing.T, name string) (data, address string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	if out, err := exec.Command("cp", "-a", s.data, data).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if s.url == "" {
		return data, ""
	}
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	template := strings.TrimPrefix(u.Path, "/")
	return data, pgtest.Create(t, pgtest.URL(t), template+name, template, false)
}

// injected counts the faults in the tracer's lines.
func injected(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Count(string(text), "(INJECTED)")
}

// The disk fails to confirm what was written to it: the n-th time in each
// thread, or from then on. Whoever is not told 503 is counted; after a restart
// everybody can send again, and each answer is there once.
func TestSyncFails(t *testing.T) {
	tracer(t)
	path := program(t)
	databases(t, func(t *testing.T, url string) {
		s := newStage(t, path, url, 18)
		whens := []string{"1", "3", "6", "2+", "5+3"}
		if url != "" {
			whens = []string{"1", "2+"}
		}
		if full() {
			for n := range 60 {
				whens = append(whens, strconv.Itoa(n+1), strconv.Itoa(n+1)+"+")
			}
		}
		for i, when := range whens {
			if faults := s.failSync(t, strconv.Itoa(i), when); full() && faults == 0 {
				t.Logf("no thread syncs %s times", when)
				break
			}
		}
	})
}

func (s *stage) failSync(t *testing.T, name, when string) (faults int) {
	t.Run("when="+when, func(t *testing.T) {
		data, url := s.copy(t, name)
		out := filepath.Join(t.TempDir(), "trace")
		p := s.process(t, data, url)
		p.traced(out, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when="+when)
		open := s.forms
		ready := p.tryStart()
		if ready {
			for range 3 {
				open = trySend(t, open)
			}
			p.kill()
		} else if log := p.log.String(); !strings.Contains(log, "adili: ") || strings.Contains(log, "goroutine ") {
			t.Errorf("the program does not say why it cannot start:\n%s", log)
		}
		faults = injected(t, out)
		box, err := ballot.Open(filepath.Join(data, "rounds", s.round, "answers.box"))
		if err != nil {
			t.Fatal(err)
		}
		acknowledged := len(s.forms) - len(open)
		if box.Len() < acknowledged {
			t.Errorf("%d answers on the disk, %d were acknowledged", box.Len(), acknowledged)
		}
		box.Close()
		p = s.process(t, data, url)
		p.start()
		sendAll(t, open)
		sendAll(t, s.forms[:4]) // once more, as after a reload
		p.stop()
		checkExactlyOnce(t, data, url, s.round, len(s.forms))
		t.Logf("%d faults, started %v, %d acknowledged before the restart", faults, ready, acknowledged)
	})
	return faults
}

// trySend sends forms and gives those that were refused, as is allowed with
// status 503 alone.
func trySend(t *testing.T, forms []phone.Final) (open []phone.Final) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan phone.Final)
	for range 3 {
		wg.Go(func() {
			for f := range next {
				err := f.Send(t.Context())
				if err == nil {
					continue
				}
				if !unavailable(err) {
					t.Errorf("instead of 503: %v", err)
				}
				mu.Lock()
				open = append(open, f)
				mu.Unlock()
			}
		})
	}
	for _, f := range forms {
		next <- f
	}
	close(next)
	wg.Wait()
	return open
}

// The disk fails while the round is being closed. Closing again finishes the
// work, before or after a restart, and no answer is missing.
func TestSyncFailsInClosing(t *testing.T) {
	tracer(t)
	s := newStage(t, program(t), "", 6)
	whens := []string{"1", "4", "7", "8", "1+", "5+"}
	if full() {
		whens = nil
		for n := range 16 {
			whens = append(whens, strconv.Itoa(n+1), strconv.Itoa(n+1)+"+")
		}
	}
	for i, when := range whens {
		t.Run("when="+when, func(t *testing.T) {
			data, url := s.copy(t, strconv.Itoa(i))
			p := s.process(t, data, url)
			p.start()
			sendAll(t, s.forms)
			d := p.desk(t)
			mend := p.attach("-e", "inject=fsync,fdatasync:error=EIO:when="+when)
			status, said := d.close(t, s.round, roundtest.Passphrase)
			if status != 303 && status != 503 {
				t.Errorf("closing gives %d: %s", status, said)
			}
			mend()
			first, again := status, i%2 == 0
			if again {
				p.kill()
				p.start()
				d = p.desk(t)
			}
			if first != 303 {
				status, said = d.close(t, s.round, roundtest.Passphrase)
				if status != 303 && (!again || status != 409) { // starting again may have finished it
					t.Errorf("closing again gives %d: %s", status, said)
				}
			}
			p.stop()
			checkClosed(t, data, url, s.round, len(s.forms))
			for _, name := range []string{"round.key", "form.key", "answers.box", "opinions.box"} {
				if _, err := os.Stat(filepath.Join(data, "rounds", s.round, name)); err == nil {
					t.Errorf("%s is left after closing", name)
				}
			}
			t.Logf("closing gave %d", first)
		})
	}
}

// The program is killed when an answer is written but the disk has not
// confirmed it. Whoever sends the form again, to the program started again, is
// acknowledged only when the disk has.
func TestKilledBeforeTheDiskConfirms(t *testing.T) {
	s := newStage(t, program(t), "", 3)
	data, url := s.copy(t, "")
	box := filepath.Join(data, "rounds", s.round, "answers.box")
	p := s.process(t, data, url)
	p.start()
	sendAll(t, s.forms[:1])
	p.attach("-P", box, "-e", "inject=fdatasync:signal=KILL")
	if err := s.forms[1].Send(t.Context()); err == nil || unavailable(err) {
		t.Fatalf("the program was not killed: %v", err)
	}
	p.kill()
	out := filepath.Join(t.TempDir(), "trace")
	p = s.process(t, data, url)
	p.traced(out, "-e", "trace=fsync,fdatasync")
	p.start()
	sendAll(t, s.forms[1:2])
	p.kill()
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "answers.box") {
		t.Errorf("the answer was acknowledged, but never brought to the disk:\n%s", text)
	}
}
