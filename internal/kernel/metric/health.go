package metric

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Probe finds out whether one thing works that pages need.
type Probe struct {
	Name  string
	Check func(ctx context.Context) error
}

// Limits of the probes.
const (
	probeLimit = 1500 * time.Millisecond // for all of them
	fresh      = time.Second             // how long it stands that all is well
)

// Health tells whether the program can do its work: the database answers and takes changes, each open round can take
// answers, the disk has room. Outsiders get a yes or no; why not is said on the admin address only. The probes run once for
// all who ask at the same time, so that asking often costs nothing. It is safe for use by several goroutines.
type Health struct {
	probes []Probe
	busy   []sync.Mutex // one for each probe, held while it runs
	limit  time.Duration

	mu     sync.Mutex
	flight *flight   // under way
	well   time.Time // when all probes last went well
	last   []result  // of that time
}

// flight is one run of all probes, for everybody who waits for it.
type flight struct {
	done    chan struct{}
	results []result
}

// result is how one probe ended.
type result struct {
	Name  string `json:"name"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Ms    int64  `json:"ms"`
}

// NewHealth gives the health as the probes find it.
func NewHealth(probes ...Probe) *Health {
	return &Health{probes: probes, busy: make([]sync.Mutex, len(probes)), limit: probeLimit}
}

// Ready gives the first thing that does not work, or nil.
func (h *Health) Ready(ctx context.Context) error {
	results, err := h.check(ctx)
	if err != nil {
		return err
	}
	for _, r := range results {
		if !r.OK {
			return fmt.Errorf("%s: %s", r.Name, r.Error)
		}
	}
	return nil
}

// check runs the probes, or waits for those that run.
func (h *Health) check(ctx context.Context) ([]result, error) {
	h.mu.Lock()
	if h.last != nil && time.Since(h.well) < fresh {
		defer h.mu.Unlock()
		return h.last, nil
	}
	f := h.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		h.flight = f
		go h.run(f)
	}
	h.mu.Unlock()
	select {
	case <-f.done:
		return f.results, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run runs all probes side by side. It depends on nobody's request: who asked first may have gone.
func (h *Health) run(f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), h.limit)
	defer cancel()
	f.results = make([]result, len(h.probes))
	var wg sync.WaitGroup
	for i, p := range h.probes {
		wg.Go(func() { f.results[i] = p.run(ctx, &h.busy[i]) })
	}
	wg.Wait()
	well := true
	for _, r := range f.results {
		well = well && r.OK
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.flight, h.last = nil, nil
	if well {
		h.last, h.well = f.results, time.Now()
	}
	close(f.done)
}

// run gives an answer also when the probe hangs; while it does, it is not started again.
func (p Probe) run(ctx context.Context, busy *sync.Mutex) result {
	began := time.Now()
	failed := make(chan error, 1)
	if busy.TryLock() {
		go func() {
			err := p.safely(ctx)
			busy.Unlock()
			failed <- err
		}()
	} else {
		failed <- errors.New("the last try still hangs")
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = errors.New("no answer in time")
	}
	r := result{Name: p.Name, OK: err == nil, Ms: time.Since(began).Milliseconds()}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// safely turns a panic into an error.
func (p Probe) safely(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	return p.Check(ctx)
}

// alive says that the process answers.
func alive(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") }

// serve says whether all is well, with ?verbose what is not, as JSON.
func (h *Health) serve(w http.ResponseWriter, r *http.Request) {
	results, err := h.check(r.Context())
	ready := err == nil
	for _, one := range results {
		ready = ready && one.OK
	}
	status, word := http.StatusOK, "ok\n"
	if !ready {
		status, word = http.StatusServiceUnavailable, "unavailable\n"
	}
	if !r.URL.Query().Has("verbose") {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, word) // whoever asked may have gone
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // whoever asked may have gone
		Ready  bool     `json:"ready"`
		Checks []result `json:"checks"`
	}{ready, results})
}
