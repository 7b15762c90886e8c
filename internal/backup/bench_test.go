package backup

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"adili/internal/kernel/storage"
	"adili/internal/testkit/pgtest"
)

// BenchmarkHundredThousandRows makes and restores a backup of 100,000 rows, on each engine.
func BenchmarkHundredThousandRows(b *testing.B) {
	for engine, database := range map[string]func() string{
		storage.SQLite: func() string { return "" },
		storage.Postgres: func() string {
			return pgtest.Create(b, pgtest.URL(b), "b"+time.Now().Format("150405000000000"), "", false)
		},
	} {
		b.Run(engine, func(b *testing.B) {
			p := newPlace(b, database(), 75_000) // and 25,000 loans
			source := p.backup(files{})
			var data []byte
			b.Run("make", func(b *testing.B) {
				for b.Loop() {
					var out bytes.Buffer
					if _, err := source.Make(b.Context(), &out, recipients()); err != nil {
						b.Fatal(err)
					}
					data = out.Bytes()
				}
				b.ReportMetric(float64(len(data))/1e6, "MB")
				b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
			b.Run("verify", func(b *testing.B) {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for b.Loop() {
					if _, err := Verify(b.Context(), from(data), identities()); err != nil {
						b.Fatal(err)
					}
				}
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.Sys-before.Sys)/1e6, "MB-more")
			})
			b.Run("restore", func(b *testing.B) {
				for b.Loop() {
					if _, err := newPlace(b, database(), 0).target(false).Restore(b.Context(), from(data), identities(), nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		})
	}
}
