package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fence is a block of the guide that is a file.
var fence = regexp.MustCompile("(?s)```(?:csv (\\S+)|json job)\n(.*?)```")

// Every job in the guide runs, and gives what it says.
func TestEstimateGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guide/estimate.md")
	if err != nil {
		t.Fatal(err)
	}
	folder, jobs := t.TempDir(), 0
	for _, block := range fence.FindAllSubmatch(guide, -1) {
		if name := string(block[1]); name != "" {
			put(t, filepath.Join(folder, name), string(block[2]))
			continue
		}
		jobs++
		file := put(t, filepath.Join(folder, "job.json"), string(block[2]))
		if code, out, said := command(t, "estimate", file, "--data", folder); code != exitOK || !strings.HasSuffix(said, " passed, 0 failed\n") || !json.Valid([]byte(out)) {
			t.Errorf("job %d: exit code %d: %s\n%s", jobs, code, said, out)
		}
	}
	if jobs < 2 {
		t.Errorf("%d jobs in the guide", jobs)
	}
}

// What a user may get wrong, and what the program says.
func TestEstimateCommand(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "d.csv"), "y,g\n1,a\n2,b\n4,a\n")
	put(t, filepath.Join(filepath.Dir(folder), "secret.csv"), "y\n1\n")
	run := func(cases string) (int, string, string) {
		job := put(t, filepath.Join(folder, "job.json"), `{"designs":{"d":{"data":"d.csv"},"out":{"data":"../secret.csv"},"no":{"data":"no.csv"}},"cases":[`+cases+`]}`)
		return command(t, "estimate", job, "--data", folder)
	}
	for _, c := range []struct {
		cases string
		code  int
		said  string
	}{
		{`{"id":"a","design":"d","estimator":"mean","args":{"vars":"y"}}`, exitOK, "0 passed, 0 failed"},
		{`{"id":"a","design":"d","estimator":"mean","args":{"vars":"y"},"expect":{"est":{"y":3}}}`, exitError, "a: est.y: 2.3333"},
		{`{"id":"a","design":"d","estimator":"mode","args":{"vars":"y"}}`, exitError, `there is no estimator "mode"; there are: `},
		{`{"id":"a","design":"d","estimator":"mean","args":{"var":"y"}}`, exitError, `"var" is not known here; there are: vars`},
		{`{"id":"a","design":"d","estimator":"mean","args":{"vars":"z"}}`, exitError, "there is no column z in d.csv"},
		{`{"id":"a","design":"e","estimator":"mean","args":{"vars":"y"}}`, exitError, `no design "e"`},
		{`{"id":"a","design":"no","estimator":"mean","args":{"vars":"y"}}`, exitError, "no.csv"},
		{`{"id":"a","design":"out","estimator":"mean","args":{"vars":"y"}}`, exitError, "escapes"},
		{`{"id":"a","design":"d","estimator":"mean"},{"id":"a","design":"d","estimator":"mean"}`, exitUsage, "two cases have the id a"},
		{`{"id":"a","desing":"d"}`, exitUsage, `unknown field "desing"`},
		{`{"id":`, exitUsage, "line 1"},
		{``, exitUsage, "no cases"},
	} {
		if code, _, said := run(c.cases); code != c.code || !strings.Contains(said, c.said) {
			t.Errorf("%s: exit code %d, want %d: %s\nwant %q", c.cases, code, c.code, said, c.said)
		}
	}
	table := filepath.Join(folder, "out.csv")
	must(t, "estimate", filepath.Join(put(t, filepath.Join(folder, "job.json"), `{"designs":{"d":{"data":"d.csv"}},"cases":[{"id":"a","design":"d","estimator":"domain_mean","args":{"vars":"y","by":["g"]}}]}`)), "--data", folder, "--out", table)
	text, err := os.ReadFile(table)
	if err != nil || !bytes.HasPrefix(text, []byte("case,key,name,column,value\n")) || !bytes.Contains(text, []byte("a,est,b,,2\n")) {
		t.Errorf("the table is\n%s%v", text, err)
	}
}
