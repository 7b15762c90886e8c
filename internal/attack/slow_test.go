//go:build long

package attack

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Hundreds of connections that send or read as slowly as they can must not keep others from being served.
func TestSlow(t *testing.T) {
	program := tool(t, "slowhttptest")
	s := start(t)
	page := s.BaseURL + "/en/s/" + s.OpenRound.ID
	for _, test := range []struct {
		name      string
		least     int // connections that must have been held, or the attack did not take place
		arguments []string
	}{
		{"headers", 300, []string{"-H", "-i", "2", "-x", "24", "-u", page}},
		{"body", 300, []string{"-B", "-i", "2", "-x", "10", "-s", "60000", "-u", page}},
		{"too large", 0, []string{"-B", "-i", "2", "-x", "10", "-s", "8000000", "-u", s.BaseURL + "/staff/sign-in"}},
		{"reading", 300, []string{"-X", "-w", "1", "-y", "2", "-n", "2", "-z", "1", "-k", "3", "-u", page}},
		{"ranges", 0, []string{"-R", "-u", page, "-t", "HEAD"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder, output := run(t, 3*time.Minute, program, append([]string{"-c", "900", "-r", "300", "-l", "40", "-p", "3", "-g", "-o", "report", "-v", "1"}, test.arguments...)...)
			f, err := os.Open(filepath.Join(folder, "report.csv"))
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			defer f.Close()
			lines, err := csv.NewReader(f).ReadAll()
			if err != nil || len(lines) < 5 {
				t.Fatalf("%d lines, %v\n%s", len(lines), err, output)
			}
			most := 0
			for _, line := range lines[1:] { // seconds, closed, pending, connected, available
				connected, err := strconv.Atoi(line[3])
				if err != nil {
					t.Fatal(err)
				}
				most = max(most, connected)
				if line[4] == "0" {
					t.Errorf("not available after %s seconds, %s connected", line[0], line[3])
				}
			}
			t.Logf("at most %d connections at once", most)
			if most < test.least {
				t.Errorf("at most %d connections, want %d: the attack did not take place", most, test.least)
			}
		})
	}
}
