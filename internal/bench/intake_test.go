package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"adili/form"
	"adili/internal/app"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/survey"
	"adili/internal/survey/code"
	"adili/internal/testkit/pgtest"
	"adili/internal/testkit/roundtest"
)

// submissions is how many questionnaires are sent, by clients at a time.
const (
	submissions = 2400
	clients     = 16
)

// BenchmarkIntake measures durable, complete submissions.
func BenchmarkIntake(b *testing.B) {
	program := build(b)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "database\tsubmissions\tclients\ta second\tp50 ms\tp99 ms\tworst ms\tpeak MiB\t")
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			database := ""
			if engine == "postgres" {
				server := pgtest.New(b, pgtest.Options{Fsync: true})
				database = pgtest.Create(b, server.URL(), "bench", "", true)
			}
			for b.Loop() {
				result, peak := intake(b, program, database)
				b.ReportMetric(result.PerSecond(), "submissions/s")
				b.ReportMetric(peak, "peak-MiB")
				fmt.Fprintf(table, "%s\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t%.0f\t\n", engine, result.Sent, clients,
					result.PerSecond(), milliseconds(result.Median), milliseconds(result.P99), milliseconds(result.Worst), peak)
			}
		})
	}
	fmt.Println()
	table.Flush()
	fmt.Println()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// intake makes a round, walks the questionnaires and measures sending them.
func intake(b *testing.B, program, database string) (Result, float64) {
	data := b.TempDir()
	round, codes := openRound(b, data, database)
	arguments := []string{"serve", "--data", data, "--listen", "127.0.0.1:0"}
	if database != "" {
		arguments = append(arguments, "--database", database)
	}
	server := run(b, program, arguments...)
	p := phone.New(phone.NewClient(clients), server.base)
	p.Plain = true
	finals := walk(b, p, round, codes)
	result := Load(b.Context(), clients, finals)
	if result.Failed > 0 {
		b.Errorf("%d of %d failed, the first: %v", result.Failed, len(finals), result.Err)
	}
	return result, server.peak()
}

// openRound makes a round with a link code for each submission and opens it.
func openRound(b *testing.B, data, database string) (round string, codes []code.Code) {
	b.Helper()
	ctx := b.Context()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	a, err := app.Open(ctx, app.Config{Data: data, Database: database, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	must(err)
	defer func() { must(a.Close()) }()
	return newRound(b, a, 1, submissions, rand.Text())
}

// newRound makes a round with so many link codes and opens it.
func newRound(b *testing.B, a *app.App, iteration, n int, passphrase string) (round string, codes []code.Code) {
	b.Helper()
	ctx := b.Context()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	now := time.Now().UTC()
	day := func(t time.Time) survey.Day { return survey.Day(t.Format("2006-01-02")) }
	basics := roundtest.Basics()
	basics.Name, basics.Iteration = "Load", iteration
	basics.Opens, basics.Closes, basics.Populations = day(now.AddDate(0, 0, -2)), day(now.AddDate(0, 0, 30)), []form.Population{form.Official}
	r, err := a.Survey.CreateRound(ctx, roundtest.Manager, basics)
	must(err)
	frame := survey.Frame{Dimensions: []string{"Region"}, Cells: []survey.Cell{{Values: []string{"All"}, People: 2 * n}}}
	must(a.Survey.SaveFrame(ctx, roundtest.Manager, r.ID, form.Official, frame))
	batches, err := a.Survey.MakeCodes(ctx, roundtest.Manager, r.ID, form.Official, code.ByLink, map[int]int{1: n})
	must(err)
	must(a.Survey.OpenRound(ctx, roundtest.Manager, r.ID, passphrase))
	return r.ID, batches[0].Codes
}

// walk fills the questionnaires in and returns their last requests.
func walk(b *testing.B, p *phone.Phone, round string, codes []code.Code) []func(context.Context) error {
	b.Helper()
	finals := make([]func(context.Context) error, len(codes))
	next := make(chan int)
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for i := range next {
				final, err := one(b.Context(), p, round, codes[i].String())
				if err != nil {
					b.Errorf("questionnaire %d: %v", i, err)
					final = func(context.Context) error { return err }
				}
				finals[i] = final
			}
		})
	}
	for i := range codes {
		next <- i
	}
	close(next)
	wg.Wait()
	return finals
}

// one walks one questionnaire.
func one(ctx context.Context, p *phone.Phone, round, invitation string) (func(context.Context) error, error) {
	v, err := p.Open(ctx, "en", round)
	if err != nil {
		return nil, err
	}
	if err := v.Enter(ctx, invitation); err != nil {
		return nil, err
	}
	if err := v.WalkToSummary(ctx, phone.First); err != nil {
		return nil, err
	}
	final, err := v.Final()
	return final.Send, err
}
