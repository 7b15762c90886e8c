package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/testkit/dbtest"
)

// fill adds entries with whatever makes encodings differ.
func fill(t *testing.T, db *storage.DB) {
	t.Helper()
	do(t, db, Console, "account.create", "person_1", "role", "operator")
	do(t, db, Actor{"person_1", "'=Ada, \"A\" \\ </x> & é عربي 中文 😀 \u00a0"}, "round.open", "=1+1", "name", "+@-", "empty", "")
	do(t, db, Actor{"person_2", "＝cmd"}, "round.close", "'", "a", "1", "b", "\x7f\u2029\t")
	do(t, db, System, "backup.made", "")
}

// verifyLines is the recipe of docs/guide/trail.md in Go, without anything of this package: JSON sorts keys of maps, and
// of what it escapes beyond the canonical form nothing is left in these entries but the separators of lines, which
// Append takes out.
func verifyLines(text string) (string, error) {
	before := strings.Repeat("0", 64)
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			return "", err
		}
		hash := entry["hash"]
		delete(entry, "hash")
		var canonical bytes.Buffer
		encoder := json.NewEncoder(&canonical)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(entry); err != nil {
			return "", err
		}
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(before+strings.TrimSuffix(canonical.String(), "\n"))))
		if entry["seq"] != float64(i+1) || sum != hash {
			return "", fmt.Errorf("broken at line %d", i+1)
		}
		before = sum
	}
	return before, nil
}

func export(t *testing.T, db *storage.DB, format string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Export(t.Context(), db.Read(), &b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExportCanBeVerifiedByAnybody(t *testing.T) {
	dbtest.Each(t, Migrate, func(t *testing.T, db *storage.DB) {
		fill(t, db)
		head, err := Verify(t.Context(), db.Read())
		if err != nil {
			t.Fatal(err)
		}
		lines := export(t, db, JSONL)
		last, err := verifyLines(lines)
		if err != nil || last != fmt.Sprintf("%x", head.Hash) {
			t.Errorf("the lines give %s, %v\n%s", last, err, lines)
		}
		if _, err := verifyLines(strings.Replace(lines, "round.open", "round.shut", 1)); err == nil {
			t.Error("altered lines pass")
		}
	})
}

// The script in the guide is run as it stands there, on both formats, and on forgeries.
func TestScriptOfTheGuide(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	guide, err := os.ReadFile("../../../docs/guide/trail.md")
	if err != nil {
		t.Fatal(err)
	}
	script := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(guide)
	if script == nil {
		t.Fatal("the guide has no script")
	}
	db := dbtest.SQLite(t, Migrate)
	fill(t, db)
	head, err := Verify(t.Context(), db.Read())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "verify.py")
	if err := os.WriteFile(program, script[1], 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(format, text string) string {
		file := filepath.Join(dir, "trail."+format)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), python, program, file).CombinedOutput()
		if err != nil && !strings.Contains(string(out), "broken") {
			t.Fatalf("%v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	for _, format := range []string{JSONL, CSV} {
		text := export(t, db, format)
		if out := run(format, text); out != "whole, head "+head.String() {
			t.Errorf("%s: %s", format, out)
		}
		if out := run(format, strings.Replace(text, "person_2", "person_3", 1)); out != "broken at entry 3" {
			t.Errorf("%s: altered: %s", format, out)
		}
		rows := strings.SplitAfter(text, "\n")
		if out := run(format, strings.Join(append(rows[:2:2], rows[3:]...), "")); !strings.HasPrefix(out, "broken at entry") {
			t.Errorf("%s: a line taken out: %s", format, out)
		}
	}
}

func TestExportCSV(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	fill(t, db)
	rows, err := csv.NewReader(strings.NewReader(export(t, db, CSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 5 || rows[2][5] != "'=1+1" || rows[2][3][:3] != "''=" || rows[3][3] != "'＝cmd" || rows[3][5] != "''" {
		t.Errorf("rows: %q", rows)
	}
	for _, row := range rows[1:] {
		for _, text := range row {
			if strings.HasPrefix(text, "=") || strings.HasPrefix(text, "＝") {
				t.Errorf("a spreadsheet would run %q", text)
			}
		}
	}
	if err := Export(t.Context(), db.Read(), &bytes.Buffer{}, "xlsx"); errs.KindOf(err) != errs.Invalid {
		t.Errorf("another format: %v", err)
	}
}

// Text that somebody else put into the table cannot break out of its line.
func TestExportOfForgedText(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	fill(t, db)
	alter(t, db, "UPDATE audit_entry SET object = $1 WHERE seq = 2", "x\n{\"seq\":9}\r\b\f\t\x01\"\\")
	lines := strings.Split(strings.TrimSpace(export(t, db, JSONL)), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines", len(lines))
	}
	var entry struct{ Object string }
	if err := json.Unmarshal([]byte(lines[1]), &entry); err != nil || entry.Object != "x\n{\"seq\":9}\r\b\f\t\x01\"\\" {
		t.Errorf("%s: %q, %v", lines[1], entry.Object, err)
	}
}

// No statement of the whole program changes or removes an entry.
func TestNothingChangesAnEntry(t *testing.T) {
	change := regexp.MustCompile(`(?is)(UPDATE|DELETE\s+FROM|DROP\s+TABLE|TRUNCATE|ALTER\s+TABLE|REPLACE\s+INTO)\s+(TABLE\s+)?(ONLY\s+)?"?audit_`)
	if !change.MatchString("delete from audit_entry") || !change.MatchString("ALTER TABLE audit_entry") || change.MatchString("INSERT INTO audit_entry") {
		t.Fatal("the pattern finds nothing")
	}
	seen, named := 0, 0
	err := filepath.WalkDir("../../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == ".git" || name == "bin" || name == "node_modules") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(path); ext != ".go" && ext != ".sql" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		up, _, _ := strings.Cut(string(text), "-- +goose Down") // an upgrade is undone by restoring a backup
		seen++
		if strings.Contains(up, "audit_entry") {
			named++
		}
		if found := change.FindString(up); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		return nil
	})
	if err != nil || seen < 100 || named < 2 {
		t.Errorf("read %d files, %d of which name the table: %v", seen, named, err)
	}
}

func TestNotes(t *testing.T) {
	db := dbtest.SQLite(t, Migrate)
	path := filepath.Join(t.TempDir(), "trail.heads")
	notes := NewNotes(path)
	var out strings.Builder
	log := slog.New(slog.NewTextHandler(&out, nil))
	check := func() error { return notes.Check(t.Context(), db.Read(), noon, log) }
	if err := check(); err != nil {
		t.Errorf("an empty trail: %v", err)
	}
	fill(t, db)
	for range 2 { // the second time nothing is new
		if err := check(); err != nil {
			t.Fatal(err)
		}
	}
	head, err := Verify(t.Context(), db.Read())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if want := noon.Format(time.RFC3339) + " " + head.String() + "\n"; err != nil || string(text) != want {
		t.Errorf("noted %q, %v; want %q", text, err, want)
	}
	if n := strings.Count(out.String(), head.String()); n != 2 {
		t.Errorf("logged %d times:\n%s", n, out.String())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info.Mode(), err)
	}
	torn := append(text, "2026-12-02T12:00:00Z 9:ab"...) // a crash in the middle of a line
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, db, ada, "round.open", "")
	if err := check(); err != nil {
		t.Fatal(err)
	}
	if heads, err := notes.Heads(); err != nil || len(heads) != 2 || heads[1].Seq != 5 {
		t.Errorf("heads %v, %v", heads, err)
	}
	alter(t, db, "DELETE FROM audit_entry WHERE seq > 3")
	if err := check(); err == nil || !strings.Contains(err.Error(), "ends before entry 4") {
		t.Errorf("a cut trail: %v", err)
	}
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := check(); err == nil {
		t.Error("notes that cannot be read are no notes")
	}
}
