// Package clock gives the time, so that rules and tests never ask the machine directly and golden files hold still.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	// Now gives the present time in UTC, cut to the microsecond, which is what the database keeps.
	Now() time.Time
}

type system struct{}

// System gives the machine's clock.
func System() Clock { return system{} }

// Now implements Clock.
func (system) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Manual is a clock that stands still until it is moved. It is safe for use by several goroutines.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// Fixed gives a clock that stands at t.
func Fixed(t time.Time) *Manual {
	m := new(Manual)
	m.Set(t)
	return m
}

// Now implements Clock.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Set puts the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = t.UTC().Truncate(time.Microsecond)
}

// Advance moves the clock by d.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d).Truncate(time.Microsecond)
}
