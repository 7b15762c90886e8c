//go:build long

package attack

import (
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// sqlmap tries every field of the forms, and gives its findings: one line for each field that can be made to run SQL.
func sqlmap(t *testing.T, program, log, technique string) (findings [][]string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "forms.log")
	write(t, file, []byte(log))
	folder, output := run(t, 20*time.Minute, program, "-l", file, "--batch", "--disable-coloring", "--level=2", "--risk=2", "--technique="+technique,
		"--time-sec=2", "--threads=4", "--timeout=10", "--retries=1", "--ignore-code=*", "--ignore-redirects", "--output-dir=out", "--results-file=results.csv",
		"--flush-session", "--ignore-stdin")
	if !strings.Contains(output, "ending @") || strings.Contains(output, "CRITICAL] unable to connect") {
		t.Fatalf("sqlmap did not come to its end:\n%s", output)
	}
	f, err := os.Open(filepath.Join(folder, "results.csv"))
	if errors.Is(err, fs.ErrNotExist) { // nothing to attack was found
		t.Fatalf("sqlmap tried nothing:\n%s", output)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := csv.NewReader(f)
	lines.FieldsPerRecord = -1
	all, err := lines.ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, line := range all[1:] { // below the headings
		if len(line) > 3 && line[2] != "" {
			findings = append(findings, line)
		}
	}
	return findings
}

func TestSQLMap(t *testing.T) {
	program := tool(t, "sqlmap")
	s := start(t)
	for _, test := range []struct {
		name, email, password string
		technique             string
		pages                 []string
		least                 int // forms that must be found
	}{
		{"nobody", "", "", "BEUT", []string{"/en/s/" + s.OpenRound.ID, "/staff/sign-in"}, 2},
		{"manager", s.Staff.Email, s.Staff.Password, "BEU", []string{"/staff/rounds/" + s.OpenRound.ID, "/staff/rounds/new", "/staff/rounds"}, 5},
		{"operator", s.Operator.Email, s.Operator.Password, "BEU", []string{"/staff/people"}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := s.open(t, test.email, test.password)
			forms := g.crawl(t, test.pages...)
			var kinds []string
			for _, f := range forms {
				kinds = append(kinds, f.kind())
			}
			t.Logf("forms: %v", kinds)
			if len(forms) < test.least {
				t.Fatalf("only %d forms", len(forms))
			}
			for _, finding := range sqlmap(t, program, g.log(forms), test.technique) {
				t.Errorf("sqlmap: %v", finding)
			}
			var reached []string
			for _, f := range forms {
				reached = append(reached, f.method+" "+f.address)
			}
			g.check(t, reached...)
		})
	}
}

// What sqlmap finds in a bad program is a finding here too.
func TestSQLMapFinds(t *testing.T) {
	program := tool(t, "sqlmap")
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('Ada')"); err != nil {
		t.Fatal(err)
	}
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var name string
		err := db.QueryRow("SELECT name FROM person WHERE name = '" + r.FormValue("q") + "'").Scan(&name)
		fmt.Fprintf(w, `<form method="post"><input name="q" value="Ada"></form>%s %v`, name, err)
	}))
	defer bad.Close()
	g := &gate{Server: bad}
	if findings := sqlmap(t, program, g.log(g.crawl(t, "/")), "BEU"); len(findings) == 0 {
		t.Error("a planted fault is not found")
	}
}
