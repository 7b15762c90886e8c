package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Result is what a load took.
type Result struct {
	Sent   int           // requests that were answered as they should be
	Failed int           // all others
	Err    error         // the first failure
	Took   time.Duration // from the first request to the last answer
	Median time.Duration // of one request
	P99    time.Duration
	Worst  time.Duration
}

// PerSecond is how many requests a second were answered as they should be.
func (r Result) PerSecond() float64 { return float64(r.Sent) / r.Took.Seconds() }

// Load has clients send all requests, each as soon as its last one is
// answered.
func Load(ctx context.Context, clients int, requests []func(context.Context) error) Result {
	took := make([]time.Duration, len(requests))
	failed := make([]error, len(requests))
	next := make(chan int)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := range next {
				began := time.Now()
				failed[i] = requests[i](ctx)
				took[i] = time.Since(began)
			}
		})
	}
	began := time.Now()
	for i := range requests {
		next <- i
	}
	close(next)
	wg.Wait()
	r := Result{Took: time.Since(began)}
	for _, err := range failed {
		if err == nil {
			r.Sent++
			continue
		}
		if r.Failed++; r.Err == nil {
			r.Err = err
		}
	}
	slices.Sort(took)
	r.Median, r.P99, r.Worst = Quantile(took, 0.5), Quantile(took, 0.99), Quantile(took, 1)
	return r
}

// Quantile is the smallest of the sorted values that at least share of them do
// not exceed; 0 of none.
func Quantile(sorted []time.Duration, share float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	at := int(share*float64(len(sorted))+0.9999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}
