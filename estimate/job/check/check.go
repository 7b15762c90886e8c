// Package check compares the results of a job with what its cases expect.
package check

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"adili/estimate/job/frame"
)

// Relative tolerances where a case has none of its own, as the authors of the
// reference values suggest.
const (
	closedForm = 1e-10
	linearised = 1e-9
	iterated   = 1e-8
)

// byEstimator are the tolerances of estimators that iterate.
var byEstimator = map[string]float64{
	"poststratify": iterated, "rake": iterated, "calibrate": iterated, "weights_by_cell": iterated, "trim_weights": iterated, "weighting": iterated,
	"glm": iterated, "regression_term_test": iterated, "rr_logistic": iterated, "rr_logistic_design": iterated, "crosswise_logistic": iterated,
	"replicate_raked": iterated, "ordinal_logit": 1e-4, "omega_one_factor": 1e-5, "cfa": 1e-5, "invariance": 1e-5, "ordinal_one_factor": 1e-4,
	"graded_response": 1e-3, "polychoric": 1e-5,
}

// byKey are those of single results.
var byKey = map[string]float64{"likelihood": 1e-5, "saddlepoint": 1e-6, "se_calibrated": iterated}

// estimates are the keys of closed-form estimates; what else a case has is a standard error or made of one.
var estimates = []string{"est", "n", "psus", "sum_weights", "df", "counts", "coef"}

// residue is below what a value that is exactly 0 comes out as, for values of about 1.
const residue = 1e-10

// tolerance is how far a value may be from what is expected.
type tolerance struct {
	relative, absolute float64
	any                bool // not compared
}

// Expected compares a result with the case's expectation. It gives a line for each value that differs; none means that all
// agree. A result may have more than is expected.
func Expected(c frame.Spec, result map[string]any, failed error) ([]string, error) {
	var want map[string]any
	if err := json.Unmarshal(c.Expect, &want); err != nil {
		return nil, fmt.Errorf("expect: %w", err)
	}
	if want["error"] == true {
		if failed == nil {
			return []string{"an error is expected, and there was none"}, nil
		}
		return nil, nil
	}
	if failed != nil {
		return []string{"error: " + failed.Error()}, nil
	}
	text, err := json.Marshal(Clean(result))
	if err != nil {
		return nil, err
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		return nil, err
	}
	rules, err := rules(c)
	if err != nil {
		return nil, err
	}
	var differences []string
	scale := largest(want)
	for _, key := range sorted(want) {
		differences = append(differences, differ(key, got[key], want[key], rules(key), scale)...)
	}
	return differences, nil
}

// rules gives the tolerance of each key of a case.
func rules(c frame.Spec) (func(key string) tolerance, error) {
	usual := func(key string) tolerance {
		if t, ok := byKey[key]; ok {
			return tolerance{relative: t}
		}
		if t, ok := byEstimator[c.Estimator]; ok {
			return tolerance{relative: t}
		}
		if slices.Contains(estimates, key) {
			return tolerance{relative: closedForm}
		}
		return tolerance{relative: linearised}
	}
	if len(c.Tolerance) == 0 {
		return usual, nil
	}
	if own, err := read(c.Tolerance); err == nil {
		return func(string) tolerance { return own }, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(c.Tolerance, &fields); err != nil {
		return nil, fmt.Errorf("tolerance: %w", err)
	}
	own := map[string]tolerance{}
	for key, raw := range fields {
		t, err := read(raw)
		if err != nil {
			return nil, fmt.Errorf("tolerance of %s: %w", key, err)
		}
		own[key] = t
	}
	return func(key string) tolerance {
		if t, ok := own[key]; ok {
			return t
		}
		if t, ok := own["*"]; ok {
			return t
		}
		return usual(key)
	}, nil
}

// read reads a number, {"abs":a} or null.
func read(raw json.RawMessage) (tolerance, error) {
	if bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return tolerance{any: true}, nil
	}
	var t tolerance
	if json.Unmarshal(raw, &t.relative) == nil {
		return t, nil
	}
	var x struct {
		Abs *float64 `json:"abs"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil || x.Abs == nil {
		return t, fmt.Errorf("a number, {\"abs\":a} or null is expected, not %s", raw)
	}
	t.absolute = *x.Abs
	return t, nil
}

// differ compares a value with the expected one, part by part.
func differ(key string, got, want any, t tolerance, scale float64) []string {
	if t.any {
		return nil
	}
	switch want := want.(type) {
	case float64:
		x, ok := got.(float64)
		if !ok || !near(x, want, t, scale) {
			return []string{fmt.Sprintf("%s: %v, want %v", key, show(got), want)}
		}
		return nil
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return []string{fmt.Sprintf("%s: %v, want %d values", key, show(got), len(want))}
		}
		var all []string
		for i := range want {
			all = append(all, differ(fmt.Sprintf("%s[%d]", key, i), list[i], want[i], t, scale)...)
		}
		return all
	case map[string]any:
		fields, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: %v, want %s", key, show(got), strings.Join(sorted(want), ", "))}
		}
		var all []string
		for _, name := range sorted(want) {
			all = append(all, differ(key+"."+name, fields[name], want[name], t, scale)...)
		}
		return all
	}
	if !reflect.DeepEqual(got, want) {
		return []string{fmt.Sprintf("%s: %v, want %v", key, show(got), want)}
	}
	return nil
}

func near(x, want float64, t tolerance, scale float64) bool {
	d := math.Abs(x - want)
	if t.absolute > 0 {
		return d <= t.absolute
	}
	if d <= t.relative*math.Abs(want) {
		return true
	}
	return math.Abs(want) < residue && math.Abs(x) < residue*scale
}

// largest is the largest number in an expectation, at least 1.
func largest(want any) float64 {
	top := 1.0
	switch want := want.(type) {
	case float64:
		return math.Abs(want)
	case []any:
		for _, x := range want {
			top = max(top, largest(x))
		}
	case map[string]any:
		for _, x := range want {
			top = max(top, largest(x))
		}
	}
	return top
}

func show(x any) string {
	text := fmt.Sprint(x)
	if x == nil {
		return "nothing"
	}
	if len(text) > 80 {
		text = text[:80] + "…"
	}
	return text
}

func sorted(m map[string]any) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Clean makes of a result what JSON can hold: a number that is not finite becomes null.
func Clean(x any) any {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Float64:
		if y := v.Float(); math.IsNaN(y) || math.IsInf(y, 0) {
			return nil
		}
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = Clean(v.Index(i).Interface())
		}
		return list
	case reflect.Map:
		fields := make(map[string]any, v.Len())
		for _, k := range v.MapKeys() {
			fields[fmt.Sprint(k.Interface())] = Clean(v.MapIndex(k).Interface())
		}
		return fields
	}
	if m, ok := x.(frame.Matrix); ok {
		return map[string]any{"rows": m.Rows, "cols": m.Cols, "values": Clean(m.Values)}
	}
	return x
}
