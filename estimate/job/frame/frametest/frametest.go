// Package frametest runs estimators on the reference cases.
package frametest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"adili/estimate/data"
	"adili/estimate/job/check"
	"adili/estimate/job/frame"
)

// files are those that a job file could be made of.
var files = []string{"survey", "cips", "sensitive", "psychometrics", "imputation", "planning"}

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	for up := "."; ; up = filepath.Join("..", up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			return up
		}
		if abs, err := filepath.Abs(up); err != nil || abs == filepath.Dir(abs) {
			t.Fatal("the module has no root")
		}
	}
}

// row is a line of the list of cases that cannot be met.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.+) \\|$")

// Known lists the cases whose expectation cannot be met, with the reason, as docs/conformance.md has them.
func Known(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "conformance.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		known[m[1]] = m[2]
	}
	return known
}

// Folder is where the reference values are, or the test is skipped.
func Folder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join(root(t), "..", "shared", "conformance")
	}
	folder = filepath.Join(folder, "stats")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the reference values are not here; set ADILI_CONFORMANCE to their folder")
	}
	return folder
}

// Job reads one of the files with reference cases.
func Job(t *testing.T, folder, name string) (designs map[string]frame.DesignSpec, cases []frame.Spec) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "expected", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var job struct {
		Designs map[string]frame.DesignSpec
		Cases   []frame.Spec
	}
	if err := json.Unmarshal(text, &job); err != nil {
		t.Fatal(err)
	}
	return job.Designs, job.Cases
}

// Open reads data files of a folder.
func Open(folder string) frame.Open {
	return func(name string) (*data.Table, error) {
		f, err := os.Open(filepath.Join(folder, "data", name))
		if err != nil {
			return nil, err
		}
		defer f.Close() // it was only read
		return data.Read(name, f)
	}
}

// Run runs every reference case that one of the estimators answers, as a subtest.
func Run(t *testing.T, estimators map[string]frame.Estimator) {
	t.Helper()
	folder := Folder(t)
	count, known := map[string]int{}, Known(t)
	for _, name := range files {
		designs, cases := Job(t, folder, name)
		study := frame.NewStudy(designs, Open(folder), [2]uint64{1, 2})
		for _, c := range cases {
			estimator := estimators[c.Estimator]
			if estimator == nil {
				continue
			}
			count[c.Estimator]++
			t.Run(name+"/"+c.ID, func(t *testing.T) { one(t, study, c, estimator, known[c.ID] != "") })
		}
	}
	for name := range estimators { // a renamed kind must not turn this into a test of nothing
		if count[name] == 0 {
			t.Errorf("there is no case of %s", name)
		}
	}
	t.Logf("cases: %v", count)
}

func one(t *testing.T, study *frame.Study, c frame.Spec, estimator frame.Estimator, known bool) {
	t.Helper()
	ready, err := study.Case(c)
	var result map[string]any
	if err == nil {
		result, err = estimator(ready)
	}
	differences, wrong := check.Expected(c, result, err)
	if wrong != nil {
		t.Fatal(wrong)
	}
	if known && len(differences) == 0 {
		t.Error("docs/conformance.md says that this cannot be met, and it is")
	}
	for _, d := range differences {
		if known {
			t.Log(d)
			continue
		}
		t.Error(d)
	}
}
