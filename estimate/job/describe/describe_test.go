package describe

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/data"
	"adili/estimate/interval"
	"adili/estimate/job/frame"
	"adili/estimate/job/frame/frametest"
)

func TestConformance(t *testing.T) { frametest.Run(t, Estimators()) }

// run answers a case over a small table.
func run(t *testing.T, estimator, args string) (map[string]any, error) {
	t.Helper()
	const table = "office,sex,score,share,w\n" +
		"a,F,4,1,2\na,M,3,0,2\na,F,,1,2\nb,F,5,0,3\nb,M,2,1,3\nb,M,1,0,3\nc,F,2,0,1\nc,M,4,1,1\n"
	var spec frame.DesignSpec
	if err := json.Unmarshal([]byte(`{"data":"t.csv","ids":["office"],"weights":"w"}`), &spec); err != nil {
		t.Fatal(err)
	}
	open := func(name string) (*data.Table, error) { return data.Read(name, strings.NewReader(table)) }
	study := frame.NewStudy(map[string]frame.DesignSpec{"d": spec}, open, [2]uint64{})
	c, err := study.Case(frame.Spec{ID: "x", Design: "d", Estimator: estimator, Args: json.RawMessage(args)})
	if err != nil {
		t.Fatal(err)
	}
	return Estimators()[estimator](c)
}

// TestRefuses has the faults a job can have, and the word each error must name.
func TestRefuses(t *testing.T) {
	for _, c := range []struct{ estimator, args, word string }{
		{"design", `{"vars":"score"}`, "vars"},
		{"mean", `{"vars":"score","lonly_psu":"fail"}`, "lonely_psu"},
		{"mean", `{"vars":"scor"}`, "score"},
		{"mean", `{"vars":"score","df":"desing"}`, "design-1"},
		{"mean_total", `{"vars":["score","share"]}`, "one is expected"},
		{"variance", `{"vars":"sex"}`, "number"},
		{"covariance_matrix", `{"vars":[]}`, "vars"},
		{"domain_mean", `{"vars":"score","by":[]}`, "by"},
		{"domain_proportion", `{"var":"sex","value":"X","by":["office"]}`, "F M"},
		{"domain_difference", `{"vars":"score","contrast":{"terms":[]}}`, "contrast"},
		{"nonlinear_contrast", `{"vars":"score","by":["sex"],"exprs":{"r":{"expr":"F/X"}}}`, "X"},
		{"nonlinear_contrast", `{"vars":"score","by":["sex"],"exprs":{"r":{"expr":"log(F-F)"}}}`, "r:"},
		{"proportion_ci", `{"var":"sex","value":"F","methods":["exact"]}`, "wilson"},
		{"quantile", `{"vars":"score","p":[0.5],"rule":"hf10"}`, "hf9"},
		{"quantile", `{"vars":"score","p":[0.5],"rule":"hf9","ties":"far"}`, "near"},
		{"quantile", `{"vars":"score","p":[2],"rule":"hf9"}`, "0 to 1"},
		{"quantile_ci", `{"vars":"score","p":[0.5],"rule":"math","interval":"score"}`, "xlogit"},
		{"p_adjust", `{"p":[0.1],"methods":["hommel"]}`, "bonferroni"},
		{"direct_standardisation", `{"var":"score","by":"sex","population":[1,2,3]}`, "2 levels"},
		{"direct_standardisation", `{"var":"score","by":"sex","levels":["F","W"],"population":[1,2]}`, "W"},
		{"domain_lonely", `{"vars":"score","lonely_psu":"ignore"}`, "adjust"},
	} {
		_, err := run(t, c.estimator, c.args)
		if err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s %s: error %v, want one with %q", c.estimator, c.args, err, c.word)
		}
	}
}

func TestLonelyStratumIsNamed(t *testing.T) {
	var spec frame.DesignSpec
	if err := json.Unmarshal([]byte(`{"data":"t.csv","strata":["office"],"weights":"w"}`), &spec); err != nil {
		t.Fatal(err)
	}
	open := func(name string) (*data.Table, error) {
		return data.Read(name, strings.NewReader("office,score,w\nport,1,1\nport,2,1\nhill,3,1\n"))
	}
	study := frame.NewStudy(map[string]frame.DesignSpec{"d": spec}, open, [2]uint64{})
	c, err := study.Case(frame.Spec{ID: "x", Design: "d", Args: json.RawMessage(`{"vars":"score","lonely_psu":"fail"}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Estimators()["mean_total"](c)
	var lonely *estimate.LonelyError
	if !errors.As(err, &lonely) || lonely.Stratum != "hill" {
		t.Errorf("error %v", err)
	}
}

// TestLimitsNearExact holds what follows R against what does not.
func TestLimitsNearExact(t *testing.T) {
	y := make([]float64, 300)
	weight := make([]float64, len(y))
	for i := range y {
		weight[i] = 1 + float64(i%4)
		if i%7 == 0 {
			y[i] = 1
		}
	}
	d, err := estimate.Compile(estimate.Sample{Weight: weight})
	if err != nil {
		t.Fatal(err)
	}
	r, err := d.Proportion(y)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, exact interval.Method
		off           float64
	}{{"logit", "xlogit", 1e-7}, {"likelihood", "likelihood_exact", 1e-3}} {
		got, err := Limits(y, r.Share(0), d.Everyone(), c.method, 0.95)
		want, err2 := Limits(y, r.Share(0), d.Everyone(), c.exact, 0.95)
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Lower-want.Lower) > c.off || math.Abs(got.Upper-want.Upper) > c.off || got == want {
			t.Errorf("%s: %v, exact %v", c.method, got, want)
		}
	}
	nobody, err := Limits(make([]float64, len(y)), interval.Share{N: 300, DF: 299}, d.Everyone(), "likelihood", 0.95)
	if err != nil || nobody.Lower != 0 || !(nobody.Upper > 0.005 && nobody.Upper < 0.03) {
		t.Errorf("nobody of 300: %v, %v", nobody, err)
	}
}

// TestSpline has a cubic, which a spline with such ends gives back.
func TestSpline(t *testing.T) {
	cubic := func(x float64) float64 { return 2 - x + 3*x*x - 0.5*x*x*x }
	x := []float64{-2, -1.5, 0, 0.25, 2, 3}
	y := make([]float64, len(x))
	for i := range x {
		y[i] = cubic(x[i])
	}
	s, ok := newSpline(x, y)
	if !ok {
		t.Fatal("no spline")
	}
	for at := -2.0; at <= 3; at += 0.1 {
		if math.Abs(s.value(at)-cubic(at)) > 1e-12 {
			t.Errorf("at %v: %v, want %v", at, s.value(at), cubic(at))
		}
	}
	if _, ok := newSpline(x[:3], y[:3]); ok {
		t.Error("a spline through three points")
	}
}
