package scaling

import (
	"encoding/json"
	"strings"
	"testing"

	"adili/estimate/data"
	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, Estimators()) }

const table = `a,b,c,g,text
1,2,1,x,u
2,1,2,y,v
3,3,2,x,u
4,5,4,y,u
5,4,,x,v
2,2,3,y,u
`

func study(t *testing.T) *frame.Study {
	t.Helper()
	open := func(name string) (*data.Table, error) { return data.Read(name, strings.NewReader(table)) }
	return frame.NewStudy(map[string]frame.DesignSpec{"d": {Data: frame.Source{Files: []string{"t.csv"}}}}, open, [2]uint64{})
}

// What a case asks wrongly is an error that says what there is.
func TestRefusals(t *testing.T) {
	for _, c := range []struct{ estimator, args, want string }{
		{"alpha", `{"items":["a","b"],"colour":1}`, "reverse_sum"},
		{"alpha", `{}`, "none are named"},
		{"alpha", `{"items":["a"]}`, "at least two items"},
		{"alpha", `{"items":["a","q"]}`, "q"},
		{"alpha", `{"items":["a","text"]}`, "text"},
		{"alpha", `{"items":["a","b"],"reverse":["c"]}`, "not among the items"},
		{"alpha", `{"items":["a","b"],"reverse":["b"]}`, "reverse_sum is needed"},
		{"alpha", `{"items":["a","b"],"missing":"some"}`, "listwise, pairwise"},
		{"alpha", `{"factor":"F1"}`, "no instrument"},
		{"alpha", `{"factor":"F1","items":["a"]}`, "not both"},
		{"alpha", `{"factor":"F1","reverse":["a"]}`, "does not go with"},
		{"alpha_listwise", `{"items":["a","b"],"missing":"pairwise"}`, "complete rows only"},
		{"alpha_listwise", `{"items":["a","b"],"level":95}`, "between 0 and 1"},
		{"omega_one_factor", `{"model":{"factors":{"f":["a","b","c"],"h":["a"]}}}`, "one factor is expected"},
		{"omega_one_factor", `{"model":{"factors":{"f":["a","b","c"]},"estimator":"DWLS"}}`, "fitted by ML"},
		{"ordinal_one_factor", `{"model":{"factors":{"f":["a","b","c"]},"parameterisation":"theta"}}`, "there is: delta"},
		{"cfa", `{"model":{"factors":["a"]}}`, "object of names"},
		{"cfa", `{"model":{"factors":{"f":"a"}}}`, "list of items"},
		{"cfa", `{"model":{"factors":{"f":["a","b","c"]},"identification":"mark"}}`, "marker, std_lv"},
		{"cfa", `{"items":["z"],"model":{"factors":{"f":["a","b","c"]}}}`, "not in the model"},
		{"cfa", `{"factor":"F","model":{"factors":{"f":["a","b","c"]}}}`, "the model says"},
		{"invariance", `{"model":{"factors":{"f":["a","b","c"]}},"group":"g","steps":{"s":["slopes"]}}`, "loadings, intercepts"},
		{"invariance", `{"model":{"factors":{"f":["a","b","c"]}},"group":"g","steps":{"s":[]}}`, "more complete rows"},
		{"invariance", `{"model":{"factors":{"f":["a","b","c"]}},"group":"h","steps":{}}`, "h"},
		{"polychoric", `{"vars":["a"]}`, "two are expected"},
		{"polychoric", `{"vars":["a","b"],"method":"ml"}`, "two_step"},
		{"polychoric", `{"vars":["a","b"],"complete_on":["z"]}`, "complete_on"},
		{"graded_response", `{"items":["a","b"],"link":"probit"}`, "there is: logistic"},
		{"graded_response", `{"items":["a","b"],"scale":0}`, "scaling constant"},
		{"graded_response", `{"items":["a","b"],"rows":{"first":-1}}`, "number of rows"},
		{"graded_response", `{"items":["a","b"],"quadrature":{"points":1000000000,"lo":-1,"hi":1}}`, "points"},
		{"graded_response", `{"items":["a","b"],"quadrature":{"points":9,"lo":-1,"hi":1,"density":"flat"}}`, "there is: normal"},
	} {
		ready, err := study(t).Case(frame.Spec{ID: "x", Design: "d", Estimator: c.estimator, Args: json.RawMessage(c.args)})
		if err == nil {
			_, err = Estimators()[c.estimator](ready)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: error %v, want one with %q", c.estimator, c.args, err, c.want)
		}
	}
}

// A domain leaves rows out, and reversal twice is none.
func TestDomainAndReversal(t *testing.T) {
	run := func(args string) map[string]any {
		t.Helper()
		ready, err := study(t).Case(frame.Spec{ID: "x", Design: "d", Estimator: "alpha", Args: json.RawMessage(args)})
		if err != nil {
			t.Fatal(err)
		}
		out, err := Estimators()["alpha"](ready)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := run(`{"items":["a","b"]}`)
	if n := run(`{"items":["a","b"],"domain":{"g":["x"]}}`)["n"]; n != 3 {
		t.Errorf("%v rows in the domain", n)
	}
	if turned := run(`{"items":["a","b"],"reverse":["a","b"],"reverse_sum":6}`); turned["alpha"] != all["alpha"] {
		t.Errorf("alpha %v with both reversed, %v without", turned["alpha"], all["alpha"])
	}
}
