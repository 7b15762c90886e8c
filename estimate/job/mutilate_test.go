package job

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

// wrong are what a value is replaced by, besides being left out.
var wrong = []any{-1.0, 0.0, 0.3, 1e9, "", "nothing", "api00", []any{}, map[string]any{}, nil, true}

// mutilated lists versions of a JSON value with one part replaced or left out.
func mutilated(x any) (all []any) {
	all = append(all, wrong...)
	switch x := x.(type) {
	case map[string]any:
		for _, key := range keys(x) {
			without := map[string]any{}
			for k, y := range x {
				if k != key {
					without[k] = y
				}
			}
			all = append(all, without)
			for _, m := range mutilated(x[key]) {
				other := map[string]any{key: m}
				for k, y := range without {
					other[k] = y
				}
				all = append(all, other)
			}
		}
	case []any:
		for i, y := range x[:min(len(x), 2)] {
			all = append(all, append(slices.Clone(x[:i]), x[i+1:]...))
			for _, m := range mutilated(y) {
				other := slices.Clone(x)
				other[i] = m
				all = append(all, other)
			}
		}
	}
	return all
}

// A reference case with something wrong in it gives a result or an error, soon; never a panic.
func TestMutilatedCases(t *testing.T) {
	folder := frametest.Folder(t)
	seen, runs := map[string]int{}, 0
	for _, name := range []string{"survey", "cips", "sensitive", "psychometrics", "imputation", "planning"} {
		designs, cases := frametest.Job(t, folder, name)
		study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{1, 2})
		for _, c := range cases {
			if seen[c.Estimator]++; seen[c.Estimator] > 1 {
				continue
			}
			var args any
			if err := json.Unmarshal(c.Args, &args); err != nil {
				t.Fatal(err)
			}
			for _, m := range mutilated(args) {
				text, err := json.Marshal(m)
				if err != nil {
					t.Fatal(err)
				}
				c.Args = text
				runs++
				if problem := survive(study, c); problem != "" {
					t.Errorf("%s with %.300s: %s", c.ID, text, problem)
				}
			}
		}
	}
	t.Logf("%d runs", runs)
}

func survive(study *frame.Study, c frame.Spec) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			problem = fmt.Sprintf("panic: %v\n%.1500s", p, debug.Stack())
		}
	}()
	began := time.Now()
	if _, err := answer(study, frame.Spec{ID: c.ID, Design: c.Design, Estimator: c.Estimator, Derive: c.Derive, Args: c.Args}); err != nil {
		return err.Error()
	}
	if took := time.Since(began); took > patience {
		return fmt.Sprintf("it took %v", took)
	}
	return ""
}
