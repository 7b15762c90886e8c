package frametest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Printed is a set of figures printed in a book or a manual.
type Printed struct {
	ID     string
	Data   json.RawMessage
	Checks []struct {
		What      string
		Published []float64
		Tolerance float64
		RValue    []float64 `json:"r_value"` // all digits, by R
	}
}

// Published reads the figures that books and manuals print, or skips the test.
func Published(t *testing.T) []Printed {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Folder(t), "expected", "published.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []Printed }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

// PublishedCase is one of them.
func PublishedCase(t *testing.T, id string) Printed {
	t.Helper()
	for _, c := range Published(t) {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("nothing is published as %s", id)
	return Printed{}
}

// Read reads the data that are printed with the figures.
func (p Printed) Read(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(p.Data, into); err != nil {
		t.Fatal(err)
	}
}
