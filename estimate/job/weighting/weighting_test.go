package weighting

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, Estimators()) }

// The case about weighting compares sums; every weight of both waves is in a file.
func TestEveryWeight(t *testing.T) {
	folder := frametest.Folder(t)
	designs, cases := frametest.Job(t, folder, "cips")
	study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{})
	for wave, design := range map[string]string{"1": "w1", "2": "w2"} {
		for _, spec := range cases {
			if spec.Estimator != "weighting" {
				continue
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, spec.Args); err != nil {
				t.Fatal(err)
			}
			spec.Design = design
			spec.Args = json.RawMessage(strings.ReplaceAll(compact.String(), `"wave":[2]`, `"wave":[`+wave+`]`))
			c, err := study.Case(spec)
			if err != nil {
				t.Fatal(err)
			}
			result, err := Estimators()["weighting"](c)
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range []string{"w_nr", "w_rake"} {
				want, err := c.Weights(c.View, frame.Weights{File: "cips_weights_expected.csv", Key: []string{"wave", "rid"}, Column: column})
				if err != nil {
					t.Fatal(err)
				}
				for r, w := range result[column].([]float64) {
					if math.Abs(w-want[r]) > 1e-9*want[r] {
						t.Fatalf("wave %s, %s, row %d: %v, want %v", wave, column, r+1, w, want[r])
					}
				}
			}
		}
	}
}

// What a job asks for and cannot have is an error that says what there is.
func TestRefusals(t *testing.T) {
	folder := frametest.Folder(t)
	designs, _ := frametest.Job(t, folder, "survey")
	study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{})
	for _, c := range []struct{ name, estimator, args, says string }{
		{"argument", "rake", `{"margin":[]}`, "margins"},
		{"distance", "calibrate", `{"x":[{"term":"api99"}],"totals":{"api99":1},"distance":"cubic"}`, "linear_bounded"},
		{"total missing", "calibrate", `{"x":[{"term":"api99"}],"totals":{"(Intercept)":6194}}`, "api99"},
		{"total of nothing", "calibrate", `{"x":[{"term":"api99"}],"totals":{"api99":1,"stypeE":3}}`, "stypeE"},
		{"bounds", "calibrate", `{"x":[{"term":"api99"}],"totals":{"api99":1},"distance":"logit","bounds":[1]}`, "two are needed"},
		{"empty category", "poststratify", `{"by":["stype"],"totals":{"E":4421,"H":755,"M":1018,"K":9}}`, `"K"`},
		{"unknown category", "poststratify", `{"by":["stype"],"totals":{"E":4421,"H":755}}`, "M"},
		{"counts", "weights_by_cell", `{"cells":[{"a":1}],"sample":[1,2],"population":[3],"method":{"kind":"rake"}}`, "as many"},
		{"method", "weights_by_cell", `{"cells":[{"a":1}],"sample":[1],"population":[3],"method":{"kind":"guess"}}`, "poststratify, rake, calibrate"},
		{"columns", "weights_by_cell", `{"cells":[{"a":1},{"b":1}],"sample":[1,1],"population":[3,3],"method":{"kind":"rake"}}`, "cell 2"},
		{"margins", "weights_by_cell", `{"cells":[{"a":1}],"sample":[1],"population":[3],"method":{"kind":"rake"}}`, "margins"},
		{"trim", "trim_weights", `{"lower":50,"upper":60}`, "bounds"},
		{"no weights", "weighting", `{"base_weight":"pw","issued":{"data":"apiclus1.csv","responded":"pw"}}`, "classes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ready, err := study.Case(frame.Spec{ID: c.name, Design: "clus1", Estimator: c.estimator, Args: json.RawMessage(c.args)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Estimators()[c.estimator](ready); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %q", err, c.says)
			}
		})
	}
}
