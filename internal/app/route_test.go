package app

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"

	"adili/internal/kernel/clock"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/web"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden list of routes")

// Every address with what it asks for and the most bytes it takes. A change is
// a change of the program's surface: look at it before you take it.
func TestRoutesGolden(t *testing.T) {
	const path = "testdata/route.golden"
	a, err := Open(t.Context(), Config{Data: t.TempDir(), Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var b strings.Builder
	for _, r := range a.Web.Routes() {
		fmt.Fprintf(&b, "%-4s %-60s %-16s", r.Method, r.Pattern, r.Permission)
		if r.Method == "POST" {
			fmt.Fprintf(&b, " %5d KiB", r.MaxBody>>10)
		}
		b.WriteByte('\n')
		checkRoute(t, r)
	}
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("the routes differ from %s (-want +got), see make golden:\n%s", path, diff)
	}
}

// checkRoute holds what is true of every route: the addresses that never move,
// and that whoever is not signed in changes nothing but their own answer.
func checkRoute(t *testing.T, r web.Route) {
	t.Helper()
	respondent := strings.HasPrefix(r.Pattern, "/{lang}/s/{round}")
	staff := strings.HasPrefix(r.Pattern, "/staff/")
	switch {
	case respondent != (r.Permission == web.Respondent):
		t.Errorf("%s %s has permission %s", r.Method, r.Pattern, r.Permission)
	case !staff && !respondent && (r.Method != "GET" || r.Permission != web.Public):
		t.Errorf("%s %s: a public page that is no page to read", r.Method, r.Pattern)
	case r.MaxBody <= 0 || r.MaxBody > 16<<20 || respondent && r.MaxBody > web.DefaultBody:
		t.Errorf("%s %s takes %d bytes", r.Method, r.Pattern, r.MaxBody)
	}
}

// All catalogues together load, and every language has every key.
func TestCatalogues(t *testing.T) {
	catalogue, err := i18n.Load(catalogues()...)
	if err != nil {
		t.Fatal(err)
	}
	keys := 0
	for i, room := range catalogues() {
		if err := i18n.Check(room); err != nil {
			t.Errorf("catalogue %d: %v", i, err)
		}
		for _, key := range keysOf(t, room) {
			keys++
			for _, lang := range i18n.Languages {
				if !catalogue.Printer(lang).Has(key) {
					t.Errorf("%s lacks %s", lang, key)
				}
			}
		}
	}
	if keys < 300 {
		t.Errorf("only %d keys: is a catalogue missing?", keys)
	}
}

// keysOf are the keys of a room in English.
func keysOf(t *testing.T, room fs.FS) (keys []string) {
	t.Helper()
	err := fs.WalkDir(room, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "en.json" {
			return err
		}
		text, err := fs.ReadFile(room, path)
		if err != nil {
			return err
		}
		var all map[string]any
		if err := json.Unmarshal(text, &all); err != nil {
			return err
		}
		for key := range all {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
