package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"adili/estimate/data"
	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

const people = "id,office,region,w,N,y,z,q1,q2\n" +
	"1,a,n,2,4,1,0,5,1\n2,a,n,2,4,2,1,4,2\n3,b,n,1,4,4,1,3,\n4,b,n,1,4,,0,2,4\n" +
	"5,c,s,3,5,3,1,1,5\n6,c,s,3,5,5,0,9,3\n7,d,s,2,5,2,1,4,2\n8,d,s,2,5,6,1,5,1\n"

func open(name string) (*data.Table, error) {
	if name != "people.csv" {
		return nil, errors.New(name + ": there is no such file")
	}
	return data.Read(name, strings.NewReader(people))
}

func silent(int, string) {}

const small = `{"designs":{"d":{"data":"people.csv","ids":["office"],"strata":["region"],"weights":"w"}},"cases":[
 {"id":"m","design":"d","estimator":"mean","args":{"vars":["y","z"]},"expect":{"est":{"y":3.2}},"tolerance":{"est":{"abs":1}}},
 {"id":"v","design":"d","estimator":"domain_mean","args":{"vars":"y","by":["region"]}},
 {"id":"x","design":"d","estimator":"mean","args":{"vars":"nothing"}}]}`

func TestRun(t *testing.T) {
	f, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	answers, err := f.Run(t.Context(), open, [2]uint64{}, func(done int, next string) { told = append(told, next) })
	if err != nil || len(answers) != 3 || strings.Join(told, "") != "mvx" {
		t.Fatalf("%d answers, %v, told %v", len(answers), err, told)
	}
	if a := answers[0]; !a.Expected || len(a.Differences) != 0 || a.Error != "" {
		t.Errorf("the mean: %+v", a)
	}
	if a := answers[2]; a.Expected || a.Result != nil || !strings.Contains(a.Error, "there is no column nothing") {
		t.Errorf("a column nobody has: %+v", a)
	}
	var table bytes.Buffer
	if err := WriteCSV(&table, answers); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"case,key,name,column,value\n", "\nm,est,y,,", "\nv,se,n,,", "\nv,vcov,n,s,", "\nx,error,,,\"expression"} {
		if !strings.Contains(table.String(), line) {
			t.Errorf("the table lacks %q:\n%s", line, table.String())
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if answers, err = f.Run(ended, open, [2]uint64{}, silent); !errors.Is(err, context.Canceled) || len(answers) != 0 {
		t.Errorf("interrupted: %d answers, %v", len(answers), err)
	}
}

// A quantile among the estimates of a case is the one that the case of its own gives.
func TestQuantileOfEstimates(t *testing.T) {
	f, err := Parse([]byte(`{"designs":{"d":{"data":"people.csv","ids":["office"],"strata":["region"],"weights":"w"}},"cases":[
 {"id":"own","design":"d","estimator":"quantile_ci","args":{"vars":"y","p":[0.5],"rule":"hf7","interval":"mean","level":0.95,"df":"design"}},
 {"id":"among","design":"d","estimator":"two_stage","args":{"estimates":[{"key":"med","stat":"quantile","var":"y","p":0.5,"rule":"hf7"},{"key":"by","stat":"quantile","var":"y","p":0.5,"by":["region"]}]}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	answers, err := f.Run(t.Context(), open, [2]uint64{}, silent)
	if err != nil || answers[0].Error+answers[1].Error != "" {
		t.Fatalf("%v: %+v", err, answers)
	}
	own, among := answers[0].Result, answers[1].Result
	if want := own["est"].([]any)[0]; among["med"] != want || among["med_se"] != own["se"].([]any)[0] {
		t.Errorf("%v (%v) among others, %v (%v) alone", among["med"], among["med_se"], want, own["se"])
	}
	if by := among["by"].(map[string]any); by["n"] != 2.0 || by["s"] != 3.0 {
		t.Errorf("by region: %v", by)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "line 1",
		"{\n\"cases\": [\n{\"id\": 1}]}":    "line 3",
		`{"cases":[]}`:                      "no cases",
		`{"cases":[{}]}`:                    "case 1 has no id",
		`{"cases":[{"id":"a"},{"id":"a"}]}`: "two cases have the id a",
		`{"cases":[{"id":"a","args2":{}}]}`: `unknown field "args2"`,
		`{"cases":[{"id":"a"}]} {}`:         "something follows",
		`{"designs":{"d":{"data":5}},"cases":[{"id":"a"}]}`: "data",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// Every estimator is named in the guide, and answers some reference case.
func TestEstimators(t *testing.T) {
	folder := frametest.Folder(t)
	seen := map[string]bool{}
	for _, name := range []string{"survey", "cips", "sensitive", "psychometrics", "imputation", "planning"} {
		_, cases := frametest.Job(t, folder, name)
		for _, c := range cases {
			seen[c.Estimator] = true
			if estimators[c.Estimator] == nil {
				t.Errorf("nobody answers %s", c.Estimator)
			}
		}
	}
	for name := range estimators {
		if !seen[name] {
			t.Errorf("%s has no reference case", name)
		}
	}
}

// patience is how long one case on a few rows may take.
const patience = 20 * time.Second

// FuzzRun looks for jobs that panic or hang.
func FuzzRun(f *testing.F) {
	f.Add("mean", `{"vars":"y"}`, "office", "region", "y+z")
	for name := range estimators {
		f.Add(name, `{"vars":"y","var":"y","by":["region"],"p":[0.5],"rows":"z","cols":"region","items":["q1","q2"]}`, "office", "", "q1*2")
	}
	f.Fuzz(func(t *testing.T, estimator, args, ids, strata, derived string) {
		if !json.Valid([]byte(args)) || len(args) > 1000 {
			return
		}
		design := frame.DesignSpec{Data: frame.Source{Files: []string{"people.csv"}}, Derive: map[string]string{"e": derived}}
		if ids != "" {
			design.IDs = []frame.Names{{ids}}
		}
		if strata != "" {
			design.Strata = []frame.Names{{strata}}
		}
		file := File{Designs: map[string]frame.DesignSpec{"d": design}, Cases: []frame.Spec{{ID: "a", Design: "d", Estimator: estimator, Args: json.RawMessage(args)}}}
		began := time.Now()
		answers, err := file.Run(t.Context(), open, [2]uint64{1, 2}, silent)
		if took := time.Since(began); took > patience {
			t.Errorf("%s %s took %v", estimator, args, took)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(answers); err != nil {
			t.Errorf("%s %s: %v", estimator, args, err)
		}
	})
}
