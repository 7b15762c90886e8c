package sampling_test

import (
	"fmt"
	"math"
	"testing"

	"adili/estimate"
	"adili/sampling"
)

// reference is a case of practools.json.
func reference(t *testing.T, ref map[string]map[string]any, id string) func(path ...string) float64 {
	t.Helper()
	c := ref[id]
	if c == nil {
		t.Fatalf("no case %s", id)
	}
	return func(path ...string) float64 { return at[float64](t, c, path...) }
}

func TestPracToolsShares(t *testing.T) {
	ref := cases(t, "practools.json")
	check := func(id string, tolerance float64, size func(p sampling.Precision, arg func(...string) float64) (float64, error)) {
		t.Helper()
		arg := reference(t, ref, id)
		p := sampling.Precision{Share: arg("args", "pU")}
		if _, has := ref[id]["args"].(map[string]any)["N"]; has {
			p.Population = int(arg("args", "N"))
		}
		if _, has := ref[id]["args"].(map[string]any)["alpha"]; has {
			p.Level = 1 - arg("args", "alpha")
		}
		want := 0.0
		if m, ok := ref[id]["value"].(map[string]any); ok {
			want = list(t, m, "n.sam")[0]
		} else {
			want = arg("value")
		}
		if got, err := size(p, arg); err != nil || !near(got/want, 1, tolerance) {
			t.Errorf("%s: %v, %v; want %v", id, got, err, want)
		}
	}
	check("nProp_cv", 1e-12, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		return p.Variation(arg("args", "CV0"))
	})
	check("nPropMoe", 1e-12, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		return p.Margin(arg("args", "e"))
	})
	check("nPropMoe_rel", 1e-12, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		return p.Relative(arg("args", "e"))
	})
	check("nWilson", 1e-12, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		return p.Wilson(arg("args", "e"))
	})
	// PracTools multiplies by N/(N-1) where the spread of a share asks to divide: 183.319 people instead of 183.359.
	check("nLogOdds", 3e-4, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		return p.LogOdds(arg("args", "e"))
	})
	check("nLogOdds", 1e-12, func(p sampling.Precision, arg func(...string) float64) (float64, error) {
		size := float64(p.Population)
		p.Population = 0
		n0, err := p.LogOdds(arg("args", "e"))
		return 1 / (size/(size-1)/n0 + 1/size), err
	})
}

func TestPracToolsRounds(t *testing.T) {
	ref := cases(t, "practools.json")
	v := reference(t, ref, "nProp2sam")
	r, err := sampling.ShareRounds(v("args", "px"), v("args", "py"), v("args", "pxy"), v("args", "g"))
	if err != nil {
		t.Fatal(err)
	}
	r.Ratio = v("args", "r")
	first, second, err := sampling.Test{Alpha: v("args", "alpha"), Power: v("args", "power")}.Rounds(v("args", "px")-v("args", "py"), r)
	if err != nil || math.Ceil(first) != v("value", "n1") || math.Ceil(second) != v("value", "n2") {
		t.Errorf("nProp2sam: %v, %v, %v", first, second, err)
	}
	v = reference(t, ref, "nDep2sam")
	r = sampling.Rounds{
		First: v("args", "S2x"), Second: v("args", "S2y"), Correlation: v("args", "rho"), Overlap: v("args", "g"), Ratio: v("args", "r"),
	}
	first, second, err = sampling.Test{Alpha: v("args", "sig.level"), Power: v("args", "pow")}.Rounds(v("args", "del"), r)
	if err != nil || math.Ceil(first) != v("value", "n1") || math.Ceil(second) != v("value", "n2") {
		t.Errorf("nDep2sam: %v, %v, %v", first, second, err)
	}
}

func TestPracToolsCost(t *testing.T) {
	ref := cases(t, "practools.json")
	for _, id := range []string{"strAlloc_totcost", "strAlloc_totvar"} {
		v := reference(t, ref, id)
		var strata []sampling.Stratum
		sd, cost := list(t, ref[id], "args", "Sh"), list(t, ref[id], "args", "ch")
		for i, n := range list(t, ref[id], "args", "Nh") {
			strata = append(strata, sampling.Stratum{Population: int(n), Spread: sd[i] * sd[i], Cost: cost[i]})
		}
		var got []float64
		var err error
		if id == "strAlloc_totcost" {
			got, err = sampling.IdealForBudget(v("args", "cost"), strata)
		} else {
			got, err = sampling.IdealForVariance(v("args", "V0"), strata)
			if reached := sampling.VarianceAt(strata, got); !near(reached/v("args", "V0"), 1, 1e-12) {
				t.Errorf("%s: variance %v", id, reached)
			}
		}
		for i, want := range list(t, ref[id], "value", "nh") {
			if err != nil || !near(got[i]/want, 1, 1e-12) {
				t.Errorf("%s %d: %v, %v; want %v", id, i, got, err, want)
			}
		}
	}
	v := reference(t, ref, "clusOpt2")
	plan, err := sampling.Offices{
		OfficeCost: v("args", "C1"), PersonCost: v("args", "C2"), Likeness: v("args", "delta"), Relvar: v("args", "unit.rv"), Factor: v("args", "k"),
	}.ForBudget(v("args", "tot.cost"))
	// The reference is printed with one digit, and four for the variation.
	if err != nil || math.Abs(plan.Offices-v("value", "m.opt")) > 0.05 || math.Abs(plan.PerOffice-v("value", "n.opt")) > 0.05 ||
		math.Abs(plan.Variation-v("value", "CV")) > 0.00005 {
		t.Errorf("clusOpt2: %+v, %v", plan, err)
	}
	if got := estimate.Kish(list(t, ref["deffK"], "args", "w")); !near(got, reference(t, ref, "deffK")("value"), 1e-14) {
		t.Errorf("deffK: %v", got)
	}
}

// The two goals of a survey in two stages are each other's inverse.
func TestOffices(t *testing.T) {
	o := sampling.Offices{OfficeCost: 300, PersonCost: 12, Likeness: 0.08, Relvar: 0.4}
	cheap, err := o.ForVariation(0.03)
	if err != nil {
		t.Fatal(err)
	}
	good, err := o.ForBudget(cheap.Cost)
	if err != nil || !near(good.Variation, 0.03, 1e-12) || !near(good.Offices/cheap.Offices, 1, 1e-12) {
		t.Errorf("%+v and %+v, %v", cheap, good, err)
	}
}

// Five points at 95 %: 384 answers in an endless population, the number that
// textbooks print, and 357 of 5,000 people.
func ExamplePrecision_Margin() {
	endless, _ := sampling.Precision{Share: 0.5}.Margin(0.05)
	small, err := sampling.Precision{Share: 0.5, Population: 5000}.Margin(0.05)
	fmt.Printf("%.1f %.0f %v\n", endless, math.Ceil(small), err)
	// Output: 384.1 357 <nil>
}

func ExampleMeanGoal_Size() {
	n, err := sampling.MeanGoal{SD: 0.9, Margin: 0.1, Population: 1000, Effect: 1.5}.Size()
	fmt.Printf("%.0f %v\n", math.Ceil(n), err)
	// Output: 319 <nil>
}

// Offices 300 apart, people 12 each, colleagues alike by 0.05.
func ExampleOffices_ForBudget() {
	plan, err := sampling.Offices{OfficeCost: 300, PersonCost: 12, Likeness: 0.05}.ForBudget(20000)
	fmt.Printf("%.1f offices, %.1f people in each, %v\n", plan.Offices, plan.PerOffice, err)
	// Output: 35.6 offices, 21.8 people in each, <nil>
}
