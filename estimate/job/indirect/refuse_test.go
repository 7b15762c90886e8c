package indirect_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"adili/estimate/data"
	"adili/estimate/job/frame"
	"adili/estimate/job/indirect"
)

// table is a small file with all that a case may ask for.
const table = `id,group,y,same,anchor,count,arm,size,w
1,a,1,1,1,2,c,5,1
2,a,0,0,1,1,c,3,2
3,b,1,1,0,3,t,9,1
4,b,0,1,1,0,t,1,3
5,b,0,1,1,0,t,1,3
`

// filled are imputed values for it.
const filled = `id,item,imputation,value
1,y,1,0
1,y,2,1
2,nothing,1,0
`

func study(t *testing.T) *frame.Study {
	t.Helper()
	var designs map[string]frame.DesignSpec
	if err := json.Unmarshal([]byte(`{"none":{},"few":{"data":"few.csv","weights":"w"}}`), &designs); err != nil {
		t.Fatal(err)
	}
	return frame.NewStudy(designs, func(name string) (*data.Table, error) {
		switch name {
		case "few.csv":
			return data.Read(name, strings.NewReader(table))
		case "filled.csv":
			return data.Read(name, strings.NewReader(filled))
		case "good.csv":
			return data.Read(name, strings.NewReader(strings.ReplaceAll(filled, "2,nothing", "9,y")))
		}
		return nil, fs.ErrNotExist
	}, [2]uint64{1, 2})
}

func answer(t *testing.T, s *frame.Study, design, kind, args string) (map[string]any, error) {
	t.Helper()
	c, err := s.Case(frame.Spec{ID: kind, Design: design, Estimator: kind, Args: json.RawMessage(args)})
	if err != nil {
		return nil, err
	}
	return indirect.Estimators()[kind](c)
}

// Arguments that are missing, unknown or impossible are errors that name them,
// whatever the kind of case, with data and without.
func TestRefuses(t *testing.T) {
	s := study(t)
	for kind := range indirect.Estimators() {
		for _, design := range []string{"none", "few"} {
			if kind == "indirect_efficiency" || kind == "design_effect" || kind == "allocation" {
				continue // nothing asked, nothing answered
			}
			if got, err := answer(t, s, design, kind, `{}`); err == nil {
				t.Errorf("%s on %s without arguments: %v", kind, design, got)
			}
		}
		if _, err := answer(t, s, "few", kind, `{"colour":3}`); err == nil || !strings.Contains(err.Error(), "colour") {
			t.Errorf("%s with colour: %v", kind, err)
		}
	}
	for _, c := range []struct{ kind, args, want string }{
		{"rr_warner", `{"yes":3,"n":10}`, "p is needed"},
		{"rr_warner", `{"n":10,"p":0.7}`, "yes is needed"},
		{"rr_kuk", `{"red":3,"n":10,"theta1":0.5,"theta2":0.5}`, "does not depend"},
		{"crosswise", `{"same":3.5,"n":10,"p":0.7}`, "number of people"},
		{"crosswise", `{"y":"same","p":0.25}`, "same is needed"},
		{"crosswise", `{"y":"same","p":0.25,"same":1,"anchor":"count"}`, "as if by chance"},
		{"rr_forced", `{"y":"count","p_forced_yes":0.1,"p_truth":0.8}`, "neither 0 nor 1"},
		{"list_experiment", `{"y":"count","J":2}`, "needs y, arm"},
		{"list_experiment", `{"y":"count","J":1,"arm":"arm","control":"c","treatment":"t"}`, "of 1 statements"},
		{"list_experiment", `{"y":"count","J":3,"arm":"arm","control":"c","treatment":"x"}`, "treatment"},
		{"list_experiment", `{"J":2,"values":[0,1],"control":[1,2],"treatment":[3]}`, "counts"},
		{"list_experiment", `{"J":-3,"values":[0],"control":[5],"treatment":[5]}`, "-3 statements"},
		{"list_experiment", `{"y":"count","J":-3,"arm":"arm","control":"c","treatment":"t"}`, "-3 statements"},
		{"indirect_efficiency", `{"pi":0.1,"designs":{"a":{"kind":"guess","p":0.3}}}`, "there are: direct"},
		{"indirect_efficiency", `{"pi":0.1,"designs":{"a":{"kind":"list_experiment"}}}`, "control_variance"},
		{"rr_logistic_design", `{"y":"y","p_forced_yes":0.1,"p_truth":0.8}`, "weights are needed"},
		{"rr_logistic", `{"y":"y","x":[{"term":"w"},{"term":"2*w","label":"twice"}],"p_forced_yes":0,"p_truth":1}`, "no single best"},
		{"multiple_imputation", `{"imputations":{"file":"filled.csv","key":["id"],"item":"item","imputation":"imputation","value":"value"},"estimate":{"stat":"mean","var":"y"}}`, "there is no column nothing"},
		{"multiple_imputation", `{"imputations":{"file":"good.csv","key":["id"],"item":"item","imputation":"imputation","value":"value"},"estimate":{"stat":"median","var":"y"}}`, "mean, difference"},
		{"multiple_imputation", `{"imputations":{"file":"good.csv","key":["group"],"item":"item","imputation":"imputation","value":"value"},"estimate":{"stat":"mean","var":"y"}}`, "group"},
		{"allocation", `{"N":[3,4],"S":[1],"n":3}`, "2 strata in N"},
		{"pps_inclusion_probabilities", `{"size":"size","n":9}`, "draw 9"},
		{"n_two_means", `{"delta":0,"sd":1}`, "difference"},
		{"n_two_proportions", `{"p1":0.2,"p2":0.3,"sides":3}`, "sides"},
		{"sample_size_proportion", `{"p":0.5,"moe":0.05,"N":-4}`, "population"},
	} {
		if got, err := answer(t, s, "few", c.kind, c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, %v; want an error with %q", c.kind, c.args, got, err, c.want)
		}
	}
}

// Imputed values take the place of the raw ones, person by person.
func TestImputedValues(t *testing.T) {
	got, err := answer(t, study(t), "few", "multiple_imputation",
		`{"imputations":{"file":"good.csv","key":["id"],"item":"item","imputation":"imputation","value":"value"},"estimate":{"stat":"mean","var":"y"}}`)
	if err != nil {
		t.Fatal(err)
	}
	// The weights are 1, 2, 1, 3, 3; the first person answers 0, then 1.
	if q := got["qhat"].([]float64); len(q) != 2 || q[0] != 0.1 || q[1] != 0.2 {
		t.Errorf("estimates %v, want 0.1 and 0.2", q)
	}
}
