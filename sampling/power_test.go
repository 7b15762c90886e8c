package sampling_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"adili/sampling"
)

// Values of R 4.2.2, power.prop.test and power.t.test with tol = 1e-12.
func TestSizesAgainstR(t *testing.T) {
	means := func(test sampling.Test, delta, sd float64) func() (float64, error) {
		return func() (float64, error) { return test.TwoMeans(delta, sd) }
	}
	shares := func(test sampling.Test, p1, p2 float64) func() (float64, error) {
		return func() (float64, error) { return test.TwoProportions(p1, p2) }
	}
	one, strict := sampling.Test{Sides: 1}, sampling.Test{Strict: true}
	weak := sampling.Test{Power: 0.07}
	weakStrict := sampling.Test{Power: 0.07, Strict: true}
	for name, c := range map[string]struct {
		size func() (float64, error)
		want float64
	}{
		"shares":              {shares(sampling.Test{}, 0.3, 0.36), 962.92428286442112},
		"shares, either way":  {shares(sampling.Test{}, 0.36, 0.3), 962.92428286442112},
		"shares, strict":      {shares(strict, 0.3, 0.36), 962.92201930035606},
		"shares, one side":    {shares(one, 0.3, 0.36), 758.37707249500215},
		"shares, weak":        {shares(weak, 0.5, 0.52), 293.26951662744455},
		"shares, weak strict": {shares(weakStrict, 0.5, 0.52), 216.21831975448387},
		"means":               {means(sampling.Test{}, 0.1, 1), 1570.736888011786},
		"means, strict":       {means(strict, 0.2, 0.9), 318.84206046124069},
		"means, one side":     {means(one, -0.2, 0.9), 251.07269780546034},
		"means, few":          {means(sampling.Test{}, 2, 0.9), 4.3824373209992977},
		"means, weak strict":  {means(weakStrict, 0.5, 1), 2.5568279249983101},
		"means, many":         {means(sampling.Test{Power: 0.9}, 0.01, 1), 210149.42159818529},
		"one mean": {func() (float64, error) { return sampling.Test{Power: 0.9}.OneMean(0.3, 1) },
			118.68654568603412},
	} {
		if got, err := c.size(); err != nil || !near(got/c.want, 1, 1e-11) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestPowerAgainstR(t *testing.T) {
	for name, c := range map[string]struct {
		power func() (float64, error)
		want  float64
	}{
		"means":           {func() (float64, error) { return sampling.Test{}.TwoMeansPower(20, 1, 1) }, 0.86895280169249778},
		"means, strict":   {func() (float64, error) { return sampling.Test{Strict: true, Alpha: 0.1}.TwoMeansPower(20, 1, 1) }, 0.92790347751348845},
		"means, two each": {func() (float64, error) { return sampling.Test{}.TwoMeansPower(2, 3, 1) }, 0.38738935020081078},
		"one mean":        {func() (float64, error) { return sampling.Test{Sides: 1}.OneMeanPower(30, 0.4, 1) }, 0.68951276629700997},
		"shares":          {func() (float64, error) { return sampling.Test{}.TwoProportionsPower(50, 0.5, 0.75) }, 0.74016590133138793},
		"shares, strict":  {func() (float64, error) { return sampling.Test{Strict: true}.TwoProportionsPower(10, 0.5, 0.55) }, 0.055468926631493762},
	} {
		if got, err := c.power(); err != nil || !near(got/c.want, 1, 1e-11) {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

// A size, put back into its power function, gives the power asked for.
func TestSizeHasItsPower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		test := sampling.Test{
			Alpha: rapid.Float64Range(0.001, 0.2).Draw(t, "alpha"), Power: rapid.Float64Range(0.3, 0.99).Draw(t, "power"),
			Sides: rapid.IntRange(1, 2).Draw(t, "sides"), Strict: rapid.Bool().Draw(t, "strict"),
		}
		p1, step := rapid.Float64Range(0.05, 0.6).Draw(t, "p1"), rapid.Float64Range(0.01, 0.3).Draw(t, "step")
		n, err := test.TwoProportions(p1, p1+step)
		if err != nil {
			t.Fatal(err)
		}
		if n >= 1 {
			if got, err := test.TwoProportionsPower(n, p1, p1+step); err != nil || !near(got, test.Power, 1e-10) {
				t.Fatalf("%v people: power %v, %v", n, got, err)
			}
		}
		if n, err = test.OneProportion(p1, p1+step); err != nil {
			t.Fatal(err)
		}
		if n >= 1 {
			if got, err := test.OneProportionPower(n, p1, p1+step); err != nil || !near(got, test.Power, 1e-10) {
				t.Fatalf("%v people: power %v, %v", n, got, err)
			}
		}
		if n, err = test.TwoMeans(step, 1); err != nil {
			t.Fatal(err)
		}
		if got, err := test.TwoMeansPower(n, step, 1); err != nil || got < test.Power-1e-10 || n > 2 && !near(got, test.Power, 1e-10) {
			t.Fatalf("%v people: power %v, %v", n, got, err)
		}
		r := sampling.Rounds{First: 1, Second: 0.8, Correlation: 0.4, Overlap: 0.5, Effect: 1.3, Population: 1e7}
		first, _, err := test.Rounds(step, r)
		if err != nil {
			t.Fatal(err)
		}
		if first >= 1 {
			got, err := test.RoundsPower(first, step, r)
			if err != nil || !near(got, test.Power, 1e-9) {
				t.Fatalf("rounds of %v: power %v, %v", first, got, err)
			}
			if least, err := test.RoundsDetectable(first, r); err != nil || !near(least, step, 1e-9) {
				t.Fatalf("rounds of %v: detectable %v, want %v, %v", first, least, step, err)
			}
		}
	})
}

// With everybody asked in both rounds nothing is left to chance, and the two
// ways to write independent rounds agree.
func TestRounds(t *testing.T) {
	all := sampling.Rounds{First: 0.25, Second: 0.25, Correlation: 0.3, Overlap: 1, Population: 400}
	if v, err := all.Variance(400); err != nil || v > 1e-18 {
		t.Errorf("everybody: %v, %v", v, err)
	}
	if _, _, err := (sampling.Test{}).Rounds(1e-9, sampling.Rounds{First: 1, Second: 1, Correlation: 0.9, Population: 50}); !errors.Is(err, sampling.ErrInput) {
		t.Errorf("more people than there are: %v", err)
	}
	plan := []sampling.Stratum{{Population: 2000, Answers: 300, Spread: 0.25, Effect: 1.5}}
	want := sampling.Detectable(plan, plan, 0.95, 0.8)
	got, err := sampling.Test{}.RoundsDetectable(300, sampling.Rounds{First: 0.25, Second: 0.25, Effect: 1.5, Population: 2000})
	if err != nil || !near(got, want, 1e-12) {
		t.Errorf("independent rounds: %v, want %v (%v)", got, want, err)
	}
	// Asking the same people again helps, the more alike their answers are.
	last := math.Inf(1)
	for _, g := range []float64{0, 0.5, 1} {
		v, err := sampling.Rounds{First: 1, Second: 1, Correlation: 0.6, Overlap: g}.Variance(500)
		if err != nil || v >= last {
			t.Errorf("overlap %v: %v, %v", g, v, err)
		}
		last = v
	}
}

func TestPowerRefuses(t *testing.T) {
	errs := map[string]error{}
	_, errs["same shares"] = sampling.Test{}.TwoProportions(0.4, 0.4)
	_, errs["share 0"] = sampling.Test{}.TwoProportions(0, 0.4)
	_, errs["share NaN"] = sampling.Test{}.OneProportion(0.3, math.NaN())
	_, errs["no difference"] = sampling.Test{}.TwoMeans(0, 1)
	_, errs["hardly a difference"] = sampling.Test{}.TwoMeans(1e-200, 1)
	_, errs["no spread"] = sampling.Test{}.OneMean(1, 0)
	_, errs["power below alpha"] = sampling.Test{Power: 0.01}.TwoMeans(1, 1)
	_, errs["power 1"] = sampling.Test{Power: 1}.TwoMeans(1, 1)
	_, errs["three sides"] = sampling.Test{Sides: 3}.TwoMeans(1, 1)
	_, errs["alpha"] = sampling.Test{Alpha: -1}.TwoMeansPower(10, 1, 1)
	_, errs["one person"] = sampling.Test{}.TwoMeansPower(1, 1, 1)
	_, errs["nobody"] = sampling.Test{}.TwoProportionsPower(0, 0.2, 0.3)
	_, errs["overlap"] = sampling.Rounds{First: 1, Second: 1, Overlap: 2}.Variance(10)
	_, errs["more again than there are"] = sampling.Rounds{First: 1, Second: 1, Overlap: 1, Ratio: 2}.Variance(10)
	_, errs["both"] = sampling.ShareRounds(0.5, 0.6, 0.05, 0.5)
	_, errs["mean, no margin"] = sampling.MeanGoal{SD: 1}.Size()
	_, errs["mean, population"] = sampling.MeanGoal{SD: 1, Margin: 0.1, Population: -1}.Size()
	_, errs["share, level"] = sampling.Precision{Share: 0.5, Level: 2}.Margin(0.1)
	_, errs["share, effect"] = sampling.Precision{Share: 0.5, Effect: -2}.Variation(0.1)
	_, errs["Wilson"] = sampling.Precision{Share: 0.5}.Wilson(0.6)
	_, errs["log-odds"] = sampling.Precision{Share: 0.5}.LogOdds(0.5)
	_, errs["budget"] = sampling.Offices{OfficeCost: 1, PersonCost: 1, Likeness: 0.1}.ForBudget(-5)
	_, errs["likeness"] = sampling.Offices{OfficeCost: 1, PersonCost: 1}.ForVariation(0.1)
	_, errs["negative spread"] = sampling.IdealForBudget(10, []sampling.Stratum{{Population: 5, Spread: -1}})
	_, errs["variance"] = sampling.IdealForVariance(0, []sampling.Stratum{{Population: 5, Spread: 1}})
	for name, err := range errs {
		if !errors.Is(err, sampling.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Cohen, Statistical Power Analysis (1988): a medium effect, d =
// 0.5, is found with 80 % power by 64 people in each group.
func ExampleTest_TwoMeans() {
	n, err := sampling.Test{Alpha: 0.05, Power: 0.80}.TwoMeans(0.5, 1)
	fmt.Printf("%.0f %v\n", math.Ceil(n), err)
	// Output: 64 <nil>
}

// A share that goes from 30 to 36 %, as R's power.prop.test has it.
func ExampleTest_TwoProportions() {
	n, err := sampling.Test{}.TwoProportions(0.30, 0.36)
	fmt.Printf("%.0f %v\n", math.Ceil(n), err)
	// Output: 963 <nil>
}

// Valliant, Dever & Kreuter's function nDep2sam: three quarters of the people
// are asked again, and their answers correlate by 0.6.
func ExampleTest_Rounds() {
	first, second, err := sampling.Test{}.Rounds(0.1, sampling.Rounds{First: 1, Second: 1, Correlation: 0.6, Overlap: 0.75})
	fmt.Printf("%.0f %.0f %v\n", math.Ceil(first), math.Ceil(second), err)
	// Output: 864 864 <nil>
}
