package formtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"adili/form/xlsform"
)

// Case is one form of pyxform's tests.
type Case struct {
	ID    string // the test's name; the second form of a test has #2 behind it
	Name  string // of the root element, "test_name" where the case says none
	XForm string // as pyxform writes it, "" where it refuses the form
	Error string

	Sheets []xlsform.Sheet
	Source string // the form as a person would read it
}

type line struct {
	ID   string
	Args struct {
		MD          string
		Name        string
		SSStructure map[string][]map[string]string `json:"ss_structure"`
	}
	XForm string
	Error string
}

// Cases are the forms that were recorded from pyxform's tests. They are kept
// beside the repository; ADILI_CONFORMANCE names their folder otherwise, and
// the test is skipped where they are not.
func Cases(t testing.TB) []Case {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join(root(t), "..", "shared", "conformance")
	}
	f, err := os.Open(filepath.Join(folder, "xlsform", "cases.jsonl"))
	if err != nil {
		t.Skipf("no forms to compare with (set ADILI_CONFORMANCE): %v", err)
	}
	defer f.Close()
	var all []Case
	seen := map[string]int{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		c := l.form()
		if seen[l.ID]++; seen[l.ID] > 1 {
			c.ID = fmt.Sprintf("%s#%d", l.ID, seen[l.ID])
		}
		all = append(all, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// root is the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		up := filepath.Dir(folder)
		if up == folder {
			t.Fatal("the module has no root")
		}
		folder = up
	}
}

func (l line) form() Case {
	c := Case{ID: l.ID, Name: l.Args.Name, XForm: l.XForm, Error: l.Error, Source: l.Args.MD, Sheets: xlsform.ReadMarkdown(l.Args.MD)}
	if c.Name == "" {
		c.Name = "test_name"
	}
	for name, rows := range l.Args.SSStructure {
		s := sheet(name, rows)
		c.Sheets = append(c.Sheets, s)
		for _, row := range s.Rows {
			c.Source += "|" + strings.Join(row, "|") + "|\n"
		}
	}
	return c
}

// sheet puts rows given by column into a sheet.
func sheet(name string, rows []map[string]string) xlsform.Sheet {
	var headers []string
	for _, row := range rows {
		for header := range row {
			if !slices.Contains(headers, header) {
				headers = append(headers, header)
			}
		}
	}
	slices.Sort(headers)
	s := xlsform.Sheet{Name: name, Rows: [][]string{headers}}
	for _, row := range rows {
		var cells []string
		for _, header := range headers {
			cells = append(cells, row[header])
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}

// outOfScope says by which feature a case is left out, as the tests of package
// xlsform do; docs/guide/xlsform.md explains each. The first that fits counts.
var outOfScope = []struct {
	reason  string
	pattern *regexp.Regexp
}{
	{"no form in the case", regexp.MustCompile(`^\s*$`)},
	{"entities", regexp.MustCompile(`(?i)\|\s*entities\s*\||save_to`)},
	{"repeats and loops", regexp.MustCompile(`(?i)begin[ _](repeat|loop|lgroup|looped)`)},
	{"choices in files", regexp.MustCompile(`(?i)from[ _]file|select_one_external|external_choices`)},
	{"external data files", regexp.MustCompile(`(?i)xml-external|csv-external`)},
	{"pulldata() and search()", regexp.MustCompile(`pulldata\(|search\(`)},
	{"choices made of answers", regexp.MustCompile(`\|\s*(select|rank)[a-z_ ]* \$\{`)},
	{"the id of a device's form", regexp.MustCompile(`\$\{instanceID\}`)},
	{"answers of an earlier person", regexp.MustCompile(`last-saved`)},
	{"no expression, though in its column", regexp.MustCompile(`\|\s*\$\(\w+\)=`)},
	{"map features", regexp.MustCompile(`\|\s*osm\b`)},
}

// OutOfScope is the feature by which c is left out, "" for none.
func (c Case) OutOfScope() string {
	for _, o := range outOfScope {
		if o.pattern.MatchString(c.Source) {
			return o.reason
		}
	}
	return ""
}
