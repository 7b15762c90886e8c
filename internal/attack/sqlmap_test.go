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

// sqlmap tries every form and address it finds from a page, and gives its findings: one line for each parameter that can be
// made to run SQL.
func sqlmap(t *testing.T, program, address, technique string) (findings [][]string) {
	t.Helper()
	folder, output := run(t, 15*time.Minute, program, "-u", address, "--forms", "--crawl=2", "--crawl-exclude=lang=|/report|/assets|\\.csv",
		"--batch", "--disable-coloring", "--level=2", "--risk=2", "--technique="+technique, "--time-sec=2", "--threads=4", "--timeout=10", "--retries=1",
		"--ignore-code=*", "--output-dir=out", "--results-file=results.csv", "--flush-session", "--answers=follow=N,redirect=N,normalize=Y,blank=Y")
	if !strings.Contains(output, "ending @") || strings.Contains(output, "CRITICAL] unable to connect") {
		t.Fatalf("sqlmap did not come to its end:\n%s", output)
	}
	f, err := os.Open(filepath.Join(folder, "results.csv"))
	if errors.Is(err, fs.ErrNotExist) { // nothing to attack was found
		t.Fatalf("sqlmap found no form:\n%s", output)
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
		name, email, password, path string
	}{
		{"respondent", "", "", "/en/s/" + s.OpenRound.ID},
		{"sign-in", "", "", "/staff/sign-in"},
		{"manager", s.Staff.Email, s.Staff.Password, "/staff/rounds/" + s.OpenRound.ID},
		{"new round", s.Staff.Email, s.Staff.Password, "/staff/rounds/new"},
		{"operator", s.Operator.Email, s.Operator.Password, "/staff/people"},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := s.open(t, test.email, test.password)
			for _, finding := range sqlmap(t, program, g.URL+test.path, "BEUT") {
				t.Errorf("sqlmap: %v", finding)
			}
			g.check(t, "GET "+test.path, "POST "+test.path)
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
	if findings := sqlmap(t, program, bad.URL+"/", "BEU"); len(findings) == 0 {
		t.Error("a planted fault is not found")
	}
}
