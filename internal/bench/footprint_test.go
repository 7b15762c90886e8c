package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"adili/form"
	"adili/internal/app"
	"adili/internal/kernel/clock"
	"adili/internal/survey/code"
	"adili/internal/testkit/roundtest"
)

// What the program may take on a small server.
const (
	maxMemory = 60e6 // bytes resident when nobody uses it
	maxStart  = 300 * time.Millisecond
	maxBinary = 45e6 // bytes
)

const (
	closedAnswers = 1000
	idleTime      = 5 * time.Second // after which memory is looked at
	starts        = 9               // its time is the median
)

// figures are the lines printed at the very end.
var figures []string

func TestMain(m *testing.M) {
	status := m.Run()
	for _, line := range figures {
		fmt.Println(line)
	}
	os.Exit(status)
}

// figure keeps a line for the end. Above its target it is said to be, and no
// more: another machine is another figure.
func figure(name string, value, target float64, unit string) {
	verdict := "within"
	if value >= target {
		verdict = "OVER"
	}
	figures = append(figures, fmt.Sprintf("%s: %.1f %s (%s the target of %.0f %s)", name, value, unit, verdict, target, unit))
}

// BenchmarkFootprint measures what the program takes before anybody uses it,
// on a data folder with a closed round of 1,000 answers and an open one: its
// size, the time from being executed to "ready", and the memory it rests in.
func BenchmarkFootprint(b *testing.B) {
	program := build(b, "-trimpath", "-ldflags=-s -w")
	data := b.TempDir()
	furnish(b, data)
	for b.Loop() {
		info, err := os.Stat(program)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
		figure("binary, stripped", float64(info.Size())/1e6, maxBinary/1e6, "MB")
		var took []time.Duration
		for range starts {
			p := run(b, program, "serve", "--data", data, "--listen", "127.0.0.1:0")
			took = append(took, p.ready)
			p.end()
		}
		slices.Sort(took)
		start := milliseconds(Quantile(took, 0.5))
		b.ReportMetric(start, "start-ms")
		b.ReportMetric(milliseconds(Quantile(took, 1)), "worst-start-ms")
		figure("start on an existing data folder", start, milliseconds(maxStart), "ms")
		p := run(b, program, "serve", "--data", data, "--listen", "127.0.0.1:0")
		time.Sleep(idleTime)
		memory := p.memory("VmRSS:") / 1e6
		p.end()
		b.ReportMetric(memory, "idle-MB")
		figure("memory when idle", memory, maxMemory/1e6, "MB")
	}
}

// furnish makes a closed round and an open one in the data folder.
func furnish(b *testing.B, data string) {
	b.Helper()
	a, err := app.Open(b.Context(), app.Config{Data: data, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	round, codes := newRound(b, a, 1, closedAnswers, roundtest.Passphrase)
	next := make(chan code.Code)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for c := range next {
				if err := submit(b.Context(), a, round, c); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, c := range codes {
		next <- c
	}
	close(next)
	wg.Wait()
	if err := a.Survey.CloseRound(b.Context(), roundtest.Manager, round, roundtest.Passphrase); err != nil {
		b.Fatal(err)
	}
	newRound(b, a, 2, closedAnswers, roundtest.Passphrase)
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
}

// submit puts an answer in without the pages.
func submit(ctx context.Context, a *app.App, round string, c code.Code) error {
	in, err := a.Survey.Intake(ctx, round)
	if err != nil {
		return err
	}
	draft, err := in.Begin(c.String())
	if err != nil {
		return err
	}
	for _, it := range in.Questionnaire(form.Official).Items() {
		if it.Kind == form.Agreement {
			draft.Answers[it.ID] = form.Answer{Code: 4}
		}
	}
	return a.Survey.Submit(ctx, in, draft)
}
