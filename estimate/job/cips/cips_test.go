package cips_test

import (
	"encoding/json"
	"strings"
	"testing"

	"adili/estimate/job/cips"
	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, cips.Estimators()) }

// TestRefuses: what does not exist is an error that says what there is.
func TestRefuses(t *testing.T) {
	folder := frametest.Folder(t)
	designs, _ := frametest.Job(t, folder, "cips")
	study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{})
	everyone := `"contrast":{"plus":{},"minus":{}}`
	for _, test := range []struct{ estimator, design, args, want string }{
		{"factor_score", "w1", `{"factor":"F1","scale":5}`, "factor"},
		{"factor_score", "w1", `{"factor":"F11"}`, "no factor F11"},
		{"factor_score", "w1", `{"factor":"F1","df":"residual"}`, "there are: design"},
		{"factor_score", "w1", `{"factor":"F1","rescale":[1]}`, "lowest and the highest"},
		{"factor_score", "w1", `{"factor":"F1","rescale":[1,1]}`, "rescale from"},
		{"factor_score", "issued1", `{"factor":"F1"}`, "no instrument"},
		{"factor_score_by", "w1", `{"factor":"F1","by":["sex"]}`, "no column sex"},
		{"factor_agree_ratio", "w1", `{"factor":"F11","agree":[4,5]}`, "no factor F11"},
		{"factor_agree_ratio", "issued1", `{"factor":"F1","agree":[4,5]}`, "no instrument"},
		{"gap", "w1", `{"factor":"F1","contrast":{"plus":{}}}`, "plus and minus"},
		{"gap_family", "w1", `{"factors":["F1"],"adjust":["bh"],` + everyone + `}`, "holm, hochberg"},
		{"gap_family", "w1", `{"factors":[],` + everyone + `}`, "comparison does not fit"},
		{"item_agree", "w1", `{"item":"q99","agree":[4]}`, "no item q99"},
		{"item_agree", "w1", `{"item":"q01","agree":[4],"methods":["exact"]}`, "there are: logit"},
		{"item_distribution", "w1", `{"item":"q99","categories":{"1":[1]}}`, "no column q99"},
	} {
		c, err := study.Case(frame.Spec{ID: "x", Design: test.design, Estimator: test.estimator, Args: json.RawMessage(test.args)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = cips.Estimators()[test.estimator](c); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %v, want %q", test.estimator, test.args, err, test.want)
		}
	}
}

// TestContrastInsideDomain: a contrast is taken within the domain of the case, and one without difference is nothing.
func TestContrastInsideDomain(t *testing.T) {
	folder := frametest.Folder(t)
	designs, _ := frametest.Job(t, folder, "cips")
	study := frame.NewStudy(designs, frametest.Open(folder), [2]uint64{})
	answer := func(args string) map[string]any {
		c, err := study.Case(frame.Spec{ID: "x", Design: "w1", Estimator: "gap", Args: json.RawMessage(args)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := cips.Estimators()["gap"](c)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	within := answer(`{"factor":"F1","domain":{"population":["official"]},"contrast":{"plus":{"gender":["F"]},"minus":{"gender":["M"]}},"df":"domain"}`)
	apart := answer(`{"factor":"F1","contrast":{"plus":{"gender":["F"],"population":["official"]},"minus":{"gender":["M"],"population":["official"]}},"df":"domain"}`)
	for _, key := range []string{"est", "se", "df", "cov", "p"} {
		if within[key] != apart[key] {
			t.Errorf("%s: %v within the domain, %v without", key, within[key], apart[key])
		}
	}
	none := answer(`{"factor":"F1","contrast":{"plus":{},"minus":{}}}`)
	if none["est"] != 0.0 || none["se"] != 0.0 || none["p"] != 1.0 {
		t.Errorf("everyone less everyone: %v", none)
	}
}
