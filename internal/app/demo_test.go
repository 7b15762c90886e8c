package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"adili/internal/demo"
	"adili/internal/testkit/pgtest"
)

// TestDemoStartsOver interrupts the making of the demonstration, makes it
// whole, and makes nothing the third time.
func TestDemoStartsOver(t *testing.T) {
	database := pgtest.Create(t, pgtest.URL(t), "demo", "", false)
	data := filepath.Join(t.TempDir(), "data")
	arguments := []string{"demo", "--seed-only", "--data", data, "--database", database}
	run := func(ctx context.Context) (code int, out, errOut string) {
		var o, e bytes.Buffer
		code = Run(ctx, arguments, &o, &e)
		return code, o.String(), e.String()
	}
	short, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if code, _, said := run(short); code == exitOK {
		t.Fatalf("the first start was not interrupted: %s", said)
	}
	if state, err := demo.Look(data); err != nil || state != demo.Half {
		t.Fatalf("state %d, error %v", state, err)
	}
	code, out, said := run(t.Context())
	if code != exitOK || !strings.Contains(said, "made anew") || !strings.Contains(out, "manager@customs.example") {
		t.Fatalf("second start: code %d\n%s\n%s", code, out, said)
	}
	before, err := os.ReadFile(filepath.Join(data, demo.FileName))
	if err != nil {
		t.Fatal(err)
	}
	code, _, said = run(t.Context())
	after, err := os.ReadFile(filepath.Join(data, demo.FileName))
	if code != exitOK || said != "" || err != nil || !bytes.Equal(before, after) {
		t.Fatalf("third start: code %d, error %v\n%s", code, err, said)
	}
	// The database now holds a demonstration that another folder must not take.
	arguments[3] = filepath.Join(t.TempDir(), "other")
	if code, _, said = run(t.Context()); code == exitOK || !strings.Contains(said, "not empty") {
		t.Fatalf("another folder: code %d\n%s", code, said)
	}
	if state, err := demo.Look(arguments[3]); err != nil || state != demo.Empty {
		t.Errorf("the other folder: state %d, error %v", state, err)
	}
}
