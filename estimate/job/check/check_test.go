package check

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"adili/estimate/job/frame"
)

func TestExpected(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name, expect, tolerance string
		result                  map[string]any
		err                     error
		want                    string // part of the difference; "" none
	}{
		{"the same", `{"est":1.5,"names":["a"]}`, ``, map[string]any{"est": 1.5, "names": []string{"a"}, "more": 1}, nil, ""},
		{"close enough", `{"est":1}`, ``, map[string]any{"est": 1 + 9e-11}, nil, ""},
		{"too far", `{"est":1}`, ``, map[string]any{"est": 1 + 2e-10}, nil, "est: "},
		{"a standard error", `{"se":1}`, ``, map[string]any{"se": 1 + 9e-10}, nil, ""},
		{"a key that is missing", `{"est":1}`, ``, map[string]any{}, nil, "est: nothing, want 1"},
		{"null is NaN", `{"est":null}`, ``, map[string]any{"est": nan}, nil, ""},
		{"a number for null", `{"est":null}`, ``, map[string]any{"est": 1.0}, nil, "want <nil>"},
		{"NaN for a number", `{"est":1}`, ``, map[string]any{"est": nan}, nil, "nothing"},
		{"by category", `{"est":{"a":1,"b":2}}`, ``, map[string]any{"est": map[string]float64{"a": 1, "b": 3}}, nil, "est.b: 3, want 2"},
		{"a matrix", `{"v":{"rows":["a"],"cols":["a"],"values":[[2]]}}`, ``, map[string]any{"v": frame.NewMatrix([]string{"a"}, [][]float64{{3}})}, nil, "v.values[0][0]"},
		{"residue of zero", `{"se":{"a":1e-17,"b":1}}`, ``, map[string]any{"se": map[string]float64{"a": 0, "b": 1}}, nil, ""},
		{"a small p is not residue of 1", `{"p":1e-8}`, ``, map[string]any{"p": 2e-8}, nil, "p: "},
		{"own tolerance", `{"est":1}`, `0.1`, map[string]any{"est": 1.05}, nil, ""},
		{"own tolerance of a key", `{"est":1,"se":1}`, `{"est":0.1}`, map[string]any{"est": 1.05, "se": 1.05}, nil, "se: "},
		{"of all keys", `{"est":1,"se":1}`, `{"*":{"abs":0.1}}`, map[string]any{"est": 1.05, "se": 1.05}, nil, ""},
		{"not compared", `{"n":1}`, `{"n":null}`, map[string]any{"n": 5}, nil, ""},
		{"an error is expected", `{"error":true}`, ``, nil, errors.New("lonely"), ""},
		{"and there is none", `{"error":true}`, ``, map[string]any{}, nil, "an error is expected"},
		{"an error is not", `{"est":1}`, ``, nil, errors.New("lonely"), "error: lonely"},
		{"fewer values", `{"p":[1,2]}`, ``, map[string]any{"p": []float64{1}}, nil, "want 2 values"},
	} {
		got, err := Expected(frame.Spec{Expect: json.RawMessage(c.expect), Tolerance: json.RawMessage(c.tolerance)}, c.result, c.err)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		text := strings.Join(got, "; ")
		if c.want == "" && text != "" || !strings.Contains(text, c.want) {
			t.Errorf("%s: differs by %q, want %q", c.name, text, c.want)
		}
	}
	for _, tolerance := range []string{`"x"`, `{"est":{"rel":1}}`, `[1]`} {
		if _, err := Expected(frame.Spec{Expect: json.RawMessage(`{}`), Tolerance: json.RawMessage(tolerance)}, nil, nil); err == nil {
			t.Errorf("the tolerance %s is accepted", tolerance)
		}
	}
}
