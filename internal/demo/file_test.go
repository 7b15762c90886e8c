package demo

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"adili/form"

	"github.com/google/go-cmp/cmp"
)

func TestFileMovesWithTheServer(t *testing.T) {
	folder := t.TempDir()
	f := newFile()
	f.OpenRound.ID = "r_1"
	f.OpenRound.Codes[form.Official] = []string{"A"}
	f.Reports["1"] = "/staff/rounds/r_0/report"
	f.At("http://127.0.0.1:1")
	if err := f.Save(folder); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(folder, FileName))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	read, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, read); diff != "" {
		t.Errorf("read something else (-saved +read):\n%s", diff)
	}
	read.At("http://127.0.0.1:2")
	if got := read.Reports["1"]; got != "http://127.0.0.1:2/staff/rounds/r_0/report" {
		t.Errorf("the report is at %q", got)
	}
	if got := read.OpenRound.Links[form.Private]["zh"]; got != "http://127.0.0.1:2/zh/s/r_1" {
		t.Errorf("the link is %q", got)
	}
	if read.Health != "http://127.0.0.1:2/healthz" {
		t.Errorf("health is at %q", read.Health)
	}
}

func TestLook(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	look := func(when string, want State) {
		t.Helper()
		got, err := Look(folder)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s the state is %d, want %d", when, got, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	look("before anything", Empty)
	must(Begin(folder, "note"))
	look("while it is made", Half)
	if note, err := Note(folder); err != nil || note != "note" {
		t.Errorf("note %q, error %v", note, err)
	}
	must(os.MkdirAll(filepath.Join(folder, "rounds", "r_1"), 0o700))
	must(newFile().Save(folder))
	look("before the mark is gone", Half)
	must(Clear(folder))
	look("after clearing", Empty)
	if _, err := Load(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("loading from an empty folder: %v", err)
	}
	must(Begin(folder, ""))
	must(newFile().Save(folder))
	must(End(folder))
	look("at the end", Made)
	must(Clear(folder))
	must(os.WriteFile(filepath.Join(folder, "adili.db"), nil, 0o600))
	look("with somebody's data", Foreign)
}
