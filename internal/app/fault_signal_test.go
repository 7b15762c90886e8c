//go:build linux

package app

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"adili/internal/demo/phone"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/pgtest"
)

// The program is stopped for some seconds while answers come in, as by a
// machine that is put to sleep or moved, and goes on. Nobody has to send
// again but those who left or were cut off; nothing is lost, nothing counts twice.
func TestStoppedDuringIntake(t *testing.T) {
	path := program(t)
	databases(t, func(t *testing.T, url string) {
		const each = 40
		pause := map[bool]time.Duration{false: 3 * time.Second, true: 25 * time.Second}[full()]
		data := t.TempDir()
		round, codes := openNow(t, data, url, 3*each)
		p := &process{t: t, path: path, arguments: []string{"serve", "--data", data, "--listen", acmetest.FreeAddress(t)}}
		if url != "" {
			p.arguments = append(p.arguments, "--database", url)
		}
		t.Cleanup(p.kill)
		p.start()
		forms := walkAll(t, p.base, round, codes)
		var late []phone.Final
		for i := range 3 {
			batch := forms[i*each : (i+1)*each]
			waited, left := p.pause(t, batch, pause)
			late = append(late, left...)
			t.Logf("stopped for %v: %d waited, %d left", pause, waited, len(left))
		}
		for i, f := range late {
			if err := f.Send(t.Context()); err != nil {
				t.Errorf("form %d of %d that left: %v", i, len(late), err)
			}
		}
		p.stop()
		checkExactlyOnce(t, data, url, round, len(forms))
	})
}

// headerTime is how long the server waits for a request's header. A connection that was open for longer when the program
// goes on may be cut off: its sender knows that nothing was acknowledged, and sends again.
const headerTime = 5 * time.Second

// pause sends the forms while the program is stopped for some time. Every
// other sender leaves before it goes on; the others must be acknowledged.
func (p *process) pause(t *testing.T, batch []phone.Final, pause time.Duration) (waited int, left []phone.Final) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i, f := range batch {
		if i == len(batch)/3 {
			p.signal(syscall.SIGSTOP)
			time.AfterFunc(pause, func() { p.signal(syscall.SIGCONT) })
		}
		wg.Go(func() {
			ctx := t.Context()
			if i%2 == 1 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, pause/3)
				defer cancel()
			}
			err := f.Send(ctx)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				waited++
			case i%2 == 1 && errors.Is(err, context.DeadlineExceeded), pause > headerTime && errors.Is(err, syscall.ECONNRESET):
				left = append(left, f)
			default:
				t.Errorf("form %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	return waited, left
}

// signal sends a signal to the program alone.
func (p *process) signal(s syscall.Signal) {
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Errorf("%v: %v", s, err)
	}
}

// PostgreSQL hangs while answers come in: it is there but says nothing, as on
// a disk that does not answer. Respondents are told to try again within half a
// minute, and the rest of the program goes on; so does everything once the
// server does.
func TestPostgresHangs(t *testing.T) {
	server := pgtest.New(t, pgtest.Options{Fsync: true})
	address := pgtest.Create(t, server.URL(), "fault", "", true)
	data := t.TempDir()
	round, codes := openNow(t, data, address, 12)
	p := &process{t: t, path: program(t), arguments: []string{"serve", "--data", data, "--database", address, "--listen", acmetest.FreeAddress(t)}}
	t.Cleanup(p.kill)
	p.start()
	forms := walkAll(t, p.base, round, codes)
	if err := forms[0].Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	goOn := hang(t, address)
	var wg sync.WaitGroup
	for i, f := range forms[1:9] {
		wg.Go(func() {
			began := time.Now()
			err := f.Send(t.Context())
			refusal, ok := errors.AsType[*phone.StatusError](err)
			if took := time.Since(began); !ok || refusal.Status != http.StatusServiceUnavailable || took > 35*time.Second {
				t.Errorf("form %d on a database that hangs: %v after %v", i, err, took)
			}
		})
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 503, "/en/s/" + round: 200} {
		began := time.Now()
		if got := p.status(t, path); got != want || time.Since(began) > 15*time.Second {
			t.Errorf("%s while the database hangs: %d after %v, want %d", path, got, time.Since(began), want)
		}
	}
	wg.Wait()
	goOn()
	deadline := time.Now().Add(20 * time.Second)
	for p.status(t, "/readyz") != http.StatusOK && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	for i, f := range forms {
		if err := f.Send(t.Context()); err != nil {
			t.Errorf("form %d with the database back: %v", i, err)
		}
	}
	p.stop()
	checkExactlyOnce(t, data, address, round, len(forms))
}

// status gets a page, and 0 when there is no answer within 40 seconds.
func (p *process) status(t *testing.T, path string) int {
	t.Helper()
	client := http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(p.base + path)
	if err != nil {
		t.Logf("%s: %v", path, err)
		return 0
	}
	answer.Body.Close()
	return answer.StatusCode
}

// hang stops the server of a database, and all its processes, until the
// function it gives is called.
func hang(t *testing.T, address string) (goOn func()) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(u.Query().Get("host"), "data", "postmaster.pid"))
	if err != nil {
		t.Skip("the database server is not on this machine")
	}
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	stopped := []int{postmaster}
	send := func(pid int, s syscall.Signal) {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Errorf("%v to %d: %v", s, pid, err)
		}
	}
	send(postmaster, syscall.SIGSTOP) // first, so that it makes no more children
	for _, pid := range children(t, postmaster) {
		send(pid, syscall.SIGSTOP)
		stopped = append(stopped, pid)
	}
	goOn = sync.OnceFunc(func() {
		for _, pid := range stopped {
			send(pid, syscall.SIGCONT)
		}
	})
	t.Cleanup(goOn)
	return goOn
}

// children lists the processes that a process has started.
func children(t *testing.T, parent int) (pids []int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ") // after the name: state, parent
		if field := strings.Fields(rest); len(field) > 1 && field[1] == strconv.Itoa(parent) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}
