package web

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"adili/internal/kernel/clock"
)

// rareLog holds what happens on respondent routes until it can be written without showing when: between two staff lines, or
// with the stamp that the machine's own log adds, a line would time a respondent. So nothing is written before the day (UTC)
// is over, or the server closes; then each different line once, sorted, dated with the day alone, and with its count rounded
// up to tens, as a burst of faults must not tell how many were answering.
type rareLog struct {
	log   *slog.Logger
	clock clock.Clock

	mu    sync.Mutex
	lines map[string]*rareLine // by day and text
	timer *time.Timer          // set while there are lines
}

// rareLine is one line of a day.
type rareLine struct {
	day   time.Time
	text  string
	attrs []slog.Attr
	count int
}

// countStep is what counts of lines are rounded up to.
const countStep = 10

func newRareLog(log *slog.Logger, clk clock.Clock) *rareLog {
	return &rareLog{log: log, clock: clk, lines: make(map[string]*rareLine)}
}

// add counts a line. It writes nothing, not even lines of an earlier day: that would time this one.
func (l *rareLog) add(text string, attrs ...slog.Attr) {
	now := l.clock.Now()
	day := now.UTC().Truncate(24 * time.Hour)
	key := fmt.Sprint(day.Format(time.DateOnly), text, attrs)
	l.mu.Lock()
	defer l.mu.Unlock()
	line := l.lines[key]
	if line == nil {
		line = &rareLine{day: day, text: text, attrs: attrs}
		l.lines[key] = line
	}
	line.count++
	l.arm(now)
}

// arm sets the timer for shortly after midnight, for servers that no staff uses.
func (l *rareLog) arm(now time.Time) {
	if l.timer != nil {
		return
	}
	next := now.UTC().Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute)
	l.timer = time.AfterFunc(next.Sub(now), func() { l.flush(false) })
}

// flush writes the lines of the days that are over, or of all days.
func (l *rareLog) flush(all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		return
	}
	now := l.clock.Now()
	today := now.UTC().Truncate(24 * time.Hour)
	for _, key := range slices.Sorted(maps.Keys(l.lines)) {
		if line := l.lines[key]; all || line.day.Before(today) {
			l.write(line)
			delete(l.lines, key)
		}
	}
	l.timer.Stop()
	l.timer = nil
	if len(l.lines) > 0 {
		l.arm(now)
	}
}

func (l *rareLog) write(line *rareLine) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, slog.LevelError) {
		return
	}
	record := slog.NewRecord(line.day, slog.LevelError, line.text, 0)
	record.AddAttrs(line.attrs...)
	record.AddAttrs(slog.Int("at_most", (line.count+countStep-1)/countStep*countStep))
	_ = l.log.Handler().Handle(ctx, record) // a log that cannot be written cannot be logged
}

// Close writes what the log still holds back about respondent routes. Call it when no request is served any more.
func (s *Server) Close() { s.rare.flush(true) }
