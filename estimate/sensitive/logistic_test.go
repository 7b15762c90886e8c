package sensitive_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"adili/estimate"
	"adili/estimate/sensitive"
)

// Without explanatory variables the model is the moment estimate on the scale
// of the log-odds.
func TestInterceptIsMoment(t *testing.T) {
	for _, q := range []sensitive.Technique{
		sensitive.Direct(), must(sensitive.Forced(1.0/6, 4.0/6)), must(sensitive.Warner(0.7)), must(sensitive.Kuk(0.9, 0.3)),
	} {
		y := make([]float64, 1000)
		for k := range 420 {
			y[k] = 1
		}
		f, err := q.Logistic(y, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := q.Count(420, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if got := 1 / (1 + math.Exp(-f.Coef[0])); !near(got, c.Value, 1e-12) {
			t.Errorf("%s: %v, want %v", q.Name, got, c.Value)
		}
		if want := math.Sqrt(c.VarianceN) / (c.Value * (1 - c.Value)); !near(f.SE(0), want, 1e-10) {
			t.Errorf("%s: standard error %v, want %v", q.Name, f.SE(0), want)
		}
	}
}

// A direct question is ordinary logistic regression: for two groups the log
// odds ratio, with the standard error of Woolf (1955).
func TestDirectIsLogisticRegression(t *testing.T) {
	var y, x []float64
	for group, hits := range []int{30, 12} {
		for i := range 50 {
			x, y = append(x, float64(group)), append(y, 0)
			if i < hits {
				y[len(y)-1] = 1
			}
		}
	}
	f, err := sensitive.Direct().Logistic(y, [][]float64{x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Log(12.0 / 38 / (30.0 / 20)); !near(f.Coef[1], want, 1e-12) {
		t.Errorf("log odds ratio %v, want %v", f.Coef[1], want)
	}
	if want := math.Sqrt(1.0/30 + 1.0/20 + 1.0/12 + 1.0/38); !near(f.SE(1), want, 1e-12) || !near(math.Sqrt(f.Covariance()[1][1]), want, 1e-12) {
		t.Errorf("standard error %v, want %v", f.SE(1), want)
	}
}

// The sandwich of the design, by differences of the weights; a weight of two is
// two people; the order of rows does not matter.
func TestLogisticSurvey(t *testing.T) {
	s := makeSurvey(21, 200)
	die := must(sensitive.Forced(0.2, 0.7))
	fit := func(d *estimate.Design) *sensitive.Fit {
		w := make([]float64, d.Rows())
		for k := range w {
			w[k] = d.Weight(k)
		}
		f, err := die.Logistic(s.y, [][]float64{s.x, s.z}, w)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	d := s.compile(t)
	f := fit(d)
	r, err := f.Survey(d)
	if err != nil {
		t.Fatal(err)
	}
	for j := range f.Coef {
		want := s.numeric(t, func(d *estimate.Design) float64 { return fit(d).Coef[j] })
		if got := r.SE(j); !near(got/want, 1, 1e-5) || r.At(j).Value != f.Coef[j] {
			t.Errorf("coefficient %d: standard error %v, by differences %v", j, got, want)
		}
	}
	weight := make([]float64, len(s.y))
	y, x := append([]float64(nil), s.y...), append([]float64(nil), s.x...)
	for k := range weight {
		weight[k] = 1
		if k < 50 {
			weight[k] = 2
			y, x = append([]float64{s.y[k]}, y...), append([]float64{s.x[k]}, x...)
		}
	}
	a, err := die.Logistic(s.y, [][]float64{s.x}, weight)
	if err != nil {
		t.Fatal(err)
	}
	b, err := die.Logistic(y, [][]float64{x}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for j := range a.Coef {
		if !near(a.Coef[j], b.Coef[j], 1e-12) || !near(a.SE(j), b.SE(j), 1e-11) {
			t.Errorf("coefficient %d: %v and %v", j, a.Coef[j], b.Coef[j])
		}
	}
	if !near(a.LogLik, b.LogLik, 1e-12) {
		t.Errorf("log-likelihoods %v and %v", a.LogLik, b.LogLik)
	}
}

func TestLogisticRefuses(t *testing.T) {
	y := []float64{1, 0, 1, 0, 1, 0, 0, 0}
	x := []float64{1, 1, 1, 1, 0, 0, 0, 0}
	die := must(sensitive.Forced(1.0/6, 4.0/6))
	fails := func(name string, want, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := die.Logistic(y, [][]float64{x, x}, nil)
	fails("the same twice", sensitive.ErrModel, err)
	_, err = die.Logistic(y, [][]float64{x[1:]}, nil)
	fails("length", sensitive.ErrLength, err)
	_, err = die.Logistic(y, nil, []float64{1})
	fails("weights", sensitive.ErrLength, err)
	_, err = die.Logistic(nil, nil, nil)
	fails("nobody", sensitive.ErrEmpty, err)
	_, err = die.Logistic([]float64{1, 2}, nil, nil)
	fails("answer", sensitive.ErrAnswer, err)
	_, err = die.Logistic([]float64{1, 0}, nil, []float64{1, -1})
	fails("weight", sensitive.ErrParameter, err)
	// Nobody in the second group said yes: with a die that is fewer than chance
	// alone gives, and the coefficient runs away. The error names it.
	_, err = sensitive.Direct().Logistic([]float64{1, 0, 1, 0, 0, 0, 0, 0}, [][]float64{x}, nil)
	fails("no maximum", sensitive.ErrModel, err)
	var model *sensitive.ModelError
	if errors.As(err, &model); model == nil || model.Coef != 1 && model.Coef != 0 {
		t.Errorf("the error names %+v", model)
	}
}

// A forced answer whose prevalence doubles, in odds, from one group to another.
func ExampleTechnique_Logistic() {
	die, err := sensitive.Forced(1.0/6, 4.0/6)
	if err != nil {
		fmt.Println(err)
		return
	}
	var y, officers []float64
	for group, yes := range []int{120, 156} {
		for i := range 400 {
			officers, y = append(officers, float64(group)), append(y, 0)
			if i < yes {
				y[len(y)-1] = 1
			}
		}
	}
	f, err := die.Logistic(y, [][]float64{officers}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("odds ratio %.2f, log odds ratio %.2f (se %.2f)\n", math.Exp(f.Coef[1]), f.Coef[1], f.SE(1))
	// Output: odds ratio 2.02, log odds ratio 0.70 (se 0.27)
}
