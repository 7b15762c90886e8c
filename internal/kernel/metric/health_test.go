package metric

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func well(context.Context) error { return nil }

func TestReady(t *testing.T) {
	fault := errors.New("pq: secret detail")
	var err error
	h := NewHealth(Probe{"database", well}, Probe{"disk", func(context.Context) error { return err }}, Probe{"panics", func(context.Context) error {
		if err != nil {
			panic("oh")
		}
		return nil
	}})
	s := New("x")
	s.Watch(Sources{}, h)
	get := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		s.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		return answer.Code, answer.Body.String()
	}
	if status, text := get("/healthz"); status != 200 || text != "ok\n" {
		t.Errorf("/healthz: %d %q", status, text)
	}
	if status, text := get("/readyz"); status != 200 || text != "ok\n" {
		t.Errorf("/readyz: %d %q", status, text)
	}
	h.last = nil // as if some time had passed
	err = fault
	if status, text := get("/readyz"); status != 503 || text != "unavailable\n" {
		t.Errorf("/readyz: %d %q", status, text)
	}
	if status, _ := get("/healthz"); status != 200 {
		t.Errorf("/healthz: %d", status)
	}
	if got := h.Ready(t.Context()); got == nil || got.Error() != "disk: pq: secret detail" {
		t.Errorf("Ready = %v", got)
	}
	status, text := get("/readyz?verbose")
	var seen struct {
		Ready  bool
		Checks []struct {
			Name, Error string
			OK          bool
		}
	}
	if err := json.Unmarshal([]byte(text), &seen); err != nil || status != 503 {
		t.Fatalf("%d %s: %v", status, text, err)
	}
	if seen.Ready || len(seen.Checks) != 3 || !seen.Checks[0].OK || seen.Checks[1].Error != fault.Error() || seen.Checks[2].Error != "panic: oh" {
		t.Errorf("verbose: %s", text)
	}
	err = nil
	if status, text := get("/readyz?verbose"); status != 200 || !strings.Contains(text, `"ready":true`) {
		t.Errorf("once it works again: %d %s", status, text)
	}
}

// However many ask, the probes run once a second; a failure is asked after at once.
func TestAskingOftenCostsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		var bad atomic.Bool
		h := NewHealth(Probe{"slow", func(context.Context) error {
			runs.Add(1)
			time.Sleep(100 * time.Millisecond)
			if bad.Load() {
				return errors.New("bad")
			}
			return nil
		}})
		crowd := func() {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if err := h.Ready(t.Context()); (err != nil) != bad.Load() {
						t.Errorf("Ready = %v", err)
					}
				})
			}
			wg.Wait()
		}
		for range 3 {
			crowd()
		}
		if n := runs.Load(); n != 1 {
			t.Errorf("%d runs for 150 questions", n)
		}
		time.Sleep(2 * time.Second)
		bad.Store(true)
		for range 2 {
			crowd()
		}
		if n := runs.Load(); n != 3 {
			t.Errorf("%d runs with two crowds while it failed", n)
		}
	})
}

func TestProbeThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan bool)
		var runs atomic.Int64
		h := NewHealth(Probe{"fine", well}, Probe{"disk", func(context.Context) error { runs.Add(1); <-free; return nil }})
		began := time.Now()
		if err := h.Ready(t.Context()); err == nil || err.Error() != "disk: no answer in time" {
			t.Errorf("Ready = %v", err)
		}
		if took := time.Since(began); took != probeLimit {
			t.Errorf("took %v", took)
		}
		if err := h.Ready(t.Context()); err == nil || err.Error() != "disk: the last try still hangs" || runs.Load() != 1 {
			t.Errorf("Ready = %v after %d runs", err, runs.Load())
		}
		close(free)
		synctest.Wait()
		if err := h.Ready(t.Context()); err != nil {
			t.Errorf("Ready = %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		h.last = nil
		if err := h.Ready(ctx); err == nil {
			t.Error("whoever went away got an answer")
		}
		synctest.Wait()
	})
}
