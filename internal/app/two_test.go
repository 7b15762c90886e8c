package app

import (
	"errors"
	"log/slog"
	"testing"

	"adili/internal/app/folder"
	"adili/internal/kernel/clock"
)

// Two programs on one data folder: the second refuses to start, and may once
// the first has ended. Each would write answers into slots the other takes for
// free.
func TestTwoProgramsOnOneFolder(t *testing.T) {
	c := Config{Data: t.TempDir(), Clock: clock.System(), Log: slog.New(slog.DiscardHandler)}
	first, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Open(t.Context(), c); !errors.Is(err, folder.ErrInUse) {
		t.Errorf("a second program: %v, %v; want %v", second, err, folder.ErrInUse)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := Open(t.Context(), c)
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
}
