package bench

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

func TestLoad(t *testing.T) {
	wrong := errors.New("wrong")
	var now, most atomic.Int64
	requests := make([]func(context.Context) error, 40)
	for i := range requests {
		requests[i] = func(context.Context) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Millisecond)
			if i%10 == 3 {
				return wrong
			}
			return nil
		}
	}
	r := Load(t.Context(), 4, requests)
	if r.Sent != 36 || r.Failed != 4 || !errors.Is(r.Err, wrong) {
		t.Errorf("result is %+v", r)
	}
	if most.Load() > 4 {
		t.Errorf("%d requests at a time", most.Load())
	}
	if r.Median < time.Millisecond || r.P99 < r.Median || r.Worst < r.P99 || r.PerSecond() <= 0 {
		t.Errorf("times are %+v", r)
	}
}

func TestQuantile(t *testing.T) {
	sorted := []time.Duration{1, 2, 3, 4}
	for _, test := range []struct {
		share float64
		want  time.Duration
	}{{0.5, 2}, {0.51, 3}, {0.99, 4}, {1, 4}, {0, 1}} {
		if got := Quantile(sorted, test.share); got != test.want {
			t.Errorf("quantile %v is %v, want %v", test.share, got, test.want)
		}
	}
	if got := Quantile(nil, 0.5); got != 0 {
		t.Errorf("quantile of nothing is %v", got)
	}
}
