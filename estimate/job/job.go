// Package job runs job files: designs, and cases that ask for estimates on
// them, as statisticians write them who do not write Go. The grammar is
// documented in docs/guide/estimate.md.
//
// Nothing is guessed: an estimator, an argument, a column or a rule that does
// not exist is an error that lists what does. Data come through an Open
// function, so that the package reads no files.
package job

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/estimate/job/check"
	"adili/estimate/job/cips"
	"adili/estimate/job/describe"
	"adili/estimate/job/frame"
	"adili/estimate/job/indirect"
	"adili/estimate/job/modelling"
	"adili/estimate/job/resample"
	"adili/estimate/job/scaling"
	"adili/estimate/job/weighting"
)

// File is a job file.
type File struct {
	Meta    json.RawMessage             `json:"meta"` // not read
	Designs map[string]frame.DesignSpec `json:"designs"`
	Cases   []frame.Spec                `json:"cases"`
}

// Parse reads a job file. The error names the line.
func Parse(text []byte) (*File, error) {
	var f File
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("line %d: %w", line(text, err, d.InputOffset()), err)
	}
	if d.More() {
		return nil, fmt.Errorf("line %d: something follows the job", 1+bytes.Count(text[:d.InputOffset()], []byte{'\n'}))
	}
	if len(f.Cases) == 0 {
		return nil, errors.New("the job has no cases")
	}
	seen := map[string]bool{}
	for i, c := range f.Cases {
		if c.ID == "" {
			return nil, fmt.Errorf("case %d has no id", i+1)
		}
		if seen[c.ID] {
			return nil, fmt.Errorf("two cases have the id %s", c.ID)
		}
		seen[c.ID] = true
	}
	return &f, nil
}

// line is where a decoder stopped.
func line(text []byte, err error, offset int64) int {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = max(offset, kind.Offset)
	}
	return 1 + bytes.Count(text[:min(int(offset), len(text))], []byte{'\n'})
}

// Answer is the result of one case.
type Answer struct {
	ID     string         `json:"id"`
	Result map[string]any `json:"result,omitempty"` // numbers that are not finite are nil
	Error  string         `json:"error,omitempty"`

	Expected    bool     `json:"-"` // the case says what is expected
	Differences []string `json:"-"` // from that; none is a pass
}

// Run answers the cases in their order; tell is called before each. It ends early when the context does.
func (f *File) Run(ctx context.Context, open frame.Open, seed [2]uint64, tell func(done int, next string)) ([]Answer, error) {
	study := frame.NewStudy(f.Designs, open, seed)
	answers := make([]Answer, 0, len(f.Cases))
	for i, c := range f.Cases {
		if err := ctx.Err(); err != nil {
			return answers, fmt.Errorf("interrupted before case %s: %w", c.ID, err)
		}
		tell(i, c.ID)
		a, err := answer(study, c)
		if err != nil {
			return answers, fmt.Errorf("case %s: %w", c.ID, err)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// answer runs one case. The error is that of an expectation nobody can read.
func answer(study *frame.Study, c frame.Spec) (Answer, error) {
	result, failed := run(study, c)
	a := Answer{ID: c.ID}
	if failed != nil {
		a.Error = failed.Error()
	} else {
		a.Result = check.Clean(result).(map[string]any)
	}
	if len(c.Expect) > 0 {
		var err error
		a.Expected = true
		if a.Differences, err = check.Expected(c, result, failed); err != nil {
			return a, err
		}
	}
	return a, nil
}

func run(study *frame.Study, c frame.Spec) (map[string]any, error) {
	estimator := estimators[c.Estimator]
	if estimator == nil {
		return nil, fmt.Errorf("there is no estimator %q; there are: %s", c.Estimator, strings.Join(slices.Sorted(maps.Keys(estimators)), ", "))
	}
	ready, err := study.Case(c)
	if err != nil {
		return nil, err
	}
	return estimator(ready)
}

// estimators are all there are.
var estimators = merged(
	cips.Estimators(), describe.Estimators(), indirect.Estimators(), modelling.Estimators(),
	resample.Estimators(), scaling.Estimators(), weighting.Estimators(),
)

func merged(groups ...map[string]frame.Estimator) map[string]frame.Estimator {
	all := map[string]frame.Estimator{}
	for _, g := range groups {
		maps.Copy(all, g)
	}
	return all
}
