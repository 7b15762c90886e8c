package storage_test

import (
	"testing"
	"time"

	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

func TestFacts(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, db *storage.DB) {
		f, err := db.Facts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if f.Engine != db.Engine() || f.Version == "" || f.Size < 1 {
			t.Errorf("%+v", f)
		}
		if f.Engine == storage.Postgres && (f.Major < 13 || f.Used < 1 || f.Limit < f.Used || time.Since(f.Now).Abs() > time.Minute) {
			t.Errorf("%+v", f)
		}
	})
}
