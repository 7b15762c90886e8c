package clock

import (
	"testing"
	"time"
)

func TestManual(t *testing.T) {
	m := Fixed(time.Date(2026, 3, 1, 12, 0, 0, 1999, time.FixedZone("x", 3600)))
	if got, want := m.Now(), time.Date(2026, 3, 1, 11, 0, 0, 1000, time.UTC); got != want {
		t.Errorf("Now = %v, want %v", got, want)
	}
	m.Advance(time.Hour)
	if got, want := m.Now(), time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC); got != want {
		t.Errorf("after Advance Now = %v, want %v", got, want)
	}
}

func TestSystem(t *testing.T) {
	now := System().Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 || time.Since(now) > time.Minute {
		t.Errorf("System().Now() = %v", now)
	}
}
