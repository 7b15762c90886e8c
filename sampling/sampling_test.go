package sampling_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adili/estimate"
	"adili/sampling"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b)) }

// The sizes practitioners know: 95 %, 5 points.
func TestPlanKnownSizes(t *testing.T) {
	for size, want := range map[int]int{300: 169, 500: 218, 1000: 278, 2500: 334, 5000: 357, 10000: 370, 20000: 377} {
		s, err := sampling.Plan(sampling.Goal{Population: size, Margin: 0.05, Share: 0.5, Level: 0.95})
		if err != nil || s.Answers != want {
			t.Errorf("N = %d: %d, %v; want %d", size, s.Answers, err, want)
		}
		if s.Margin > 0.05+1e-12 {
			t.Errorf("N = %d: margin %v", size, s.Margin)
		}
	}
}

// Margins and changes computed for rounds that took place (field notes 3.5).
func TestKnownMargins(t *testing.T) {
	one := func(n int) []sampling.Stratum {
		return []sampling.Stratum{{Population: 100_000_000, Answers: n, Spread: 0.25}}
	}
	for n, want := range map[int]float64{316: 0.055, 75: 0.113, 28: 0.185, 18: 0.23} {
		if got := sampling.MarginOfError(one(n), 0.95); math.Abs(got-want) > 0.0011 {
			t.Errorf("margin for %d: %v, want %v", n, got, want)
		}
	}
	for n, want := range map[int]float64{75: 0.23, 200: 0.14, 300: 0.11, 450: 0.09} {
		if got := sampling.Detectable(one(n), one(n), 0.95, 0.80); math.Abs(got-want) > 0.005 {
			t.Errorf("change for %d: %v, want %v", n, got, want)
		}
	}
}

func TestPlanResponse(t *testing.T) {
	s, err := sampling.Plan(sampling.Goal{Population: 1000, Margin: 0.05, Share: 0.5, Level: 0.95, Response: 0.5})
	if err != nil || s.Answers != 278 || s.Invited != 556 || !s.Reached || s.Expected != 278 {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = sampling.Plan(sampling.Goal{Population: 300, Margin: 0.05, Share: 0.5, Level: 0.95, Response: 0.4})
	if err != nil || s.Answers != 169 || s.Invited != 300 || s.Reached || s.Expected != 120 || s.Margin <= 0.05 {
		t.Errorf("%+v, %v", s, err)
	}
	for _, g := range []sampling.Goal{
		{}, {Population: 10, Share: .5, Level: .95}, {Population: 10, Margin: .1, Level: .95}, {Population: 10, Margin: .1, Share: .5},
		{Population: 10, Margin: .1, Share: .5, Level: .95, Response: 2}, {Population: 10, Margin: .1, Share: .5, Level: .95, Effect: -1},
		{Population: 10, Margin: math.NaN(), Share: .5, Level: .95},
	} {
		if _, err := sampling.Plan(g); !errors.Is(err, sampling.ErrInput) {
			t.Errorf("%+v: %v", g, err)
		}
	}
}

// cases reads a file of reference values, by id.
func cases(t *testing.T, name string) map[string]map[string]any {
	t.Helper()
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "conformance")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "stats", "expected", name))
	if err != nil {
		t.Skipf("no reference values (set ADILI_CONFORMANCE): %v", err)
	}
	var file struct{ Cases []map[string]any }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	byID := map[string]map[string]any{}
	for _, c := range file.Cases {
		byID[c["id"].(string)] = c
	}
	return byID
}

// at walks into decoded JSON.
func at[T any](t *testing.T, v any, path ...string) T {
	t.Helper()
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok || m[p] == nil {
			t.Fatalf("no %v in the reference", path)
		}
		v = m[p]
	}
	x, ok := v.(T)
	if !ok {
		t.Fatalf("%v is %T", path, v)
	}
	return x
}

func list(t *testing.T, v any, path ...string) []float64 {
	t.Helper()
	var x []float64
	for _, e := range at[[]any](t, v, path...) {
		x = append(x, e.(float64))
	}
	return x
}

func TestPlanningReference(t *testing.T) {
	ref := cases(t, "planning.json")
	seen := map[string]int{}
	for id, c := range ref {
		kind := at[string](t, c, "estimator")
		num := func(k string) float64 { return at[float64](t, c, "args", k) }
		switch kind {
		case "sample_size_proportion":
			s, err := sampling.Plan(sampling.Goal{
				Population: int(num("N")), Margin: num("moe"), Share: num("p"), Level: num("level"), Effect: num("deff"),
			})
			if err != nil || !near(s.Unlimited, at[float64](t, c, "expect", "n0"), 1e-12) {
				t.Errorf("%s: %+v, %v", id, s, err)
			}
			if num("deff") == 1 && s.Answers != int(math.Ceil(at[float64](t, c, "expect", "n_cochran_fpc"))) {
				t.Errorf("%s: %d answers", id, s.Answers)
			}
			// With an effect the reference corrects by n0/(1 + n0/N), less than
			// one person away.
			if d := float64(s.Answers) - at[float64](t, c, "expect", "n_deff_before_fpc"); d < 0 || d > 1.5 {
				t.Errorf("%s: %d answers, off by %v", id, s.Answers, d)
			}
		case "n_two_proportions":
			got := sampling.PerRound(num("p1"), num("p2"), 1-num("alpha"), num("power"))
			if !near(got, at[float64](t, c, "expect", "n_per_group"), 1e-9) {
				t.Errorf("%s: %v", id, got)
			}
		case "allocation":
			checkAllocation(t, c)
		case "design_effect":
			m, rho := list(t, c, "args", "m"), list(t, c, "args", "rho")
			for i, want := range list(t, c, "expect", "deff") {
				if got := sampling.ClusterEffect(m[i], rho[i]); !near(got, want, 1e-12) {
					t.Errorf("%s: %v, want %v", id, got, want)
				}
			}
		default:
			continue
		}
		seen[kind]++
	}
	for _, kind := range []string{"sample_size_proportion", "n_two_proportions", "allocation", "design_effect"} {
		if seen[kind] == 0 {
			t.Errorf("no case of kind %s", kind)
		}
	}
}

func checkAllocation(t *testing.T, c map[string]any) {
	var strata []sampling.Stratum
	s := list(t, c, "args", "S")
	for i, n := range list(t, c, "args", "N") {
		strata = append(strata, sampling.Stratum{Population: int(n), Spread: s[i] * s[i]})
	}
	n := at[float64](t, c, "args", "n")
	for name, rule := range map[string]sampling.Allocation{"proportional": sampling.Proportional, "neyman": sampling.Neyman} {
		for i, want := range list(t, c, "expect", name) {
			if got := sampling.Ideal(n, strata, rule)[i]; !near(got, want, 1e-12) {
				t.Errorf("%s %d: %v, want %v", name, i, got, want)
			}
		}
		got, err := sampling.Allocate(int(n), strata, 0, rule)
		if err != nil {
			t.Fatal(err)
		}
		planned := slices.Clone(strata)
		for i, want := range list(t, c, "expect", name+"_rounded") {
			if got[i] != int(want) {
				t.Errorf("%s rounded: %v", name, got)
			}
			planned[i].Answers = got[i]
		}
		// The reference variance is that of the allocation before rounding.
		want := at[float64](t, c, "expect", "var_mean_"+name)
		if v := sampling.Variance(planned); !near(v/want, 1, 1e-3) {
			t.Errorf("%s: variance %v, want %v", name, v, want)
		}
	}
}

func TestPracTools(t *testing.T) {
	ref := cases(t, "practools.json")
	for id, relative := range map[string]float64{"nPropMoe": 1, "nPropMoe_rel": 0.2} {
		c := ref[id]
		if c == nil {
			t.Fatalf("no case %s", id)
		}
		s, err := sampling.Plan(sampling.Goal{
			Population: int(at[float64](t, c, "args", "N")), Margin: at[float64](t, c, "args", "e") * relative,
			Share: at[float64](t, c, "args", "pU"), Level: 1 - at[float64](t, c, "args", "alpha"),
		})
		if want := int(math.Ceil(at[float64](t, c, "value"))); err != nil || s.Answers != want {
			t.Errorf("%s: %d, want %d (%v)", id, s.Answers, want, err)
		}
	}
	for id, rule := range map[string]sampling.Allocation{"strAlloc_prop": sampling.Proportional, "strAlloc_neyman": sampling.Neyman} {
		c := ref[id]
		if c == nil {
			t.Fatalf("no case %s", id)
		}
		var strata []sampling.Stratum
		sd := list(t, c, "args", "Sh")
		for i, n := range list(t, c, "args", "Nh") {
			strata = append(strata, sampling.Stratum{Population: int(n), Spread: sd[i] * sd[i]})
		}
		got := sampling.Ideal(at[float64](t, c, "args", "n.tot"), strata, rule)
		for i, want := range list(t, c, "value", "nh") {
			if !near(got[i], want, 1e-12) {
				t.Errorf("%s %d: %v, want %v", id, i, got[i], want)
			}
		}
	}
}

// TestSameVarianceAsReport holds the planner to the report: for any stratified
// sample the variance predicted for a share is the one package estimate finds.
func TestSameVarianceAsReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var plan []sampling.Stratum
		var s estimate.Sample
		var st estimate.Stage
		var y []float64
		for h := range rapid.IntRange(1, 5).Draw(t, "strata") {
			n := rapid.IntRange(2, 40).Draw(t, "answers")
			size := n + rapid.IntRange(0, 200).Draw(t, "others")
			yes := rapid.IntRange(0, n).Draw(t, "yes")
			plan = append(plan, sampling.Stratum{
				Population: size, Answers: n, Spread: sampling.Spread(float64(yes)/float64(n), n),
			})
			for i := range n {
				v := 0.0
				if i < yes {
					v = 1
				}
				y = append(y, v)
				s.Weight = append(s.Weight, float64(size)/float64(n))
				st.Stratum = append(st.Stratum, fmt.Sprint(h))
				st.Population = append(st.Population, float64(size))
			}
		}
		s.Stages = []estimate.Stage{st}
		d, err := estimate.Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.Proportion(y)
		if err != nil {
			t.Fatal(err)
		}
		if want, got := r.Variance(0), sampling.Variance(plan); math.Abs(got-want) > 1e-12 {
			t.Fatalf("planned %v, reported %v", got, want)
		}
	})
}

// TestPlanKeepsItsPromise feeds the planned size back into the variance.
func TestPlanKeepsItsPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := sampling.Goal{
			Population: rapid.IntRange(2, 100000).Draw(t, "population"),
			Margin:     rapid.Float64Range(0.01, 0.3).Draw(t, "margin"),
			Share:      rapid.Float64Range(0.05, 0.95).Draw(t, "share"),
			Level:      0.95,
			Effect:     rapid.Float64Range(1, 8).Draw(t, "effect"),
			Response:   rapid.Float64Range(0.1, 1).Draw(t, "response"),
		}
		s, err := sampling.Plan(g)
		if err != nil {
			t.Fatal(err)
		}
		if s.Answers > g.Population || s.Invited > g.Population || s.Expected > s.Invited {
			t.Fatalf("%+v", s)
		}
		if s.Reached && s.Margin > g.Margin*(1+1e-6) {
			t.Fatalf("%+v misses the margin %v", s, g.Margin)
		}
	})
}

func TestAllocate(t *testing.T) {
	sizes := func(n ...int) (s []sampling.Stratum) {
		for _, x := range n {
			s = append(s, sampling.Stratum{Population: x, Spread: 0.25})
		}
		return s
	}
	for _, test := range []struct {
		name       string
		n, minimum int
		strata     []sampling.Stratum
		want       []int
	}{
		{"even", 30, 0, sizes(100, 200), []int{10, 20}},
		{"ties to the first", 3, 0, sizes(100, 100), []int{2, 1}},
		{"minimum", 100, 20, sizes(1000, 50, 950), []int{41, 20, 39}},
		{"minimum above the stratum", 60, 20, sizes(500, 12), []int{48, 12}},
		{"everybody", 500, 0, sizes(30, 40), []int{30, 40}},
		{"nobody", 0, 0, sizes(30, 40), []int{0, 0}},
		{"empty stratum", 10, 5, sizes(30, 0), []int{10, 0}},
		{"no strata", 10, 5, nil, []int{}},
	} {
		got, err := sampling.Allocate(test.n, test.strata, test.minimum, sampling.Proportional)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v; want %v", test.name, got, err, test.want)
		}
	}
	if _, err := sampling.Allocate(30, sizes(100, 200), 20, sampling.Proportional); !errors.Is(err, sampling.ErrInput) {
		t.Errorf("minima above the total: %v", err)
	}
	flat := []sampling.Stratum{{Population: 10}, {Population: 10, Spread: 0.25}}
	if got, err := sampling.Allocate(15, flat, 0, sampling.Neyman); err != nil || !slices.Equal(got, []int{5, 10}) {
		t.Errorf("stratum without spread: %v, %v", got, err)
	}
}

func TestAllocateAlwaysFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var strata []sampling.Stratum
		all, floor := 0, 0
		minimum := rapid.IntRange(0, 10).Draw(t, "minimum")
		for range rapid.IntRange(1, 8).Draw(t, "strata") {
			s := sampling.Stratum{Population: rapid.IntRange(0, 500).Draw(t, "N"), Spread: rapid.Float64Range(0, 2).Draw(t, "S2")}
			strata = append(strata, s)
			all += s.Population
			floor += min(minimum, s.Population)
		}
		n := rapid.IntRange(floor, 3000).Draw(t, "n")
		got, err := sampling.Allocate(n, strata, minimum, sampling.Allocation(rapid.IntRange(0, 1).Draw(t, "rule")))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0
		for i, x := range got {
			sum += x
			if x < min(minimum, strata[i].Population) || x > strata[i].Population {
				t.Fatalf("stratum %d of %+v: %v", i, strata, got)
			}
		}
		if sum != min(n, all) {
			t.Fatalf("%v adds to %d, want %d", got, sum, min(n, all))
		}
	})
}

func TestVarianceEdges(t *testing.T) {
	if v := sampling.Variance([]sampling.Stratum{{Population: 10}}); !math.IsInf(v, 1) {
		t.Errorf("no answers: %v", v)
	}
	if v := sampling.Variance([]sampling.Stratum{{Population: 10, Answers: 10, Spread: 0.25}, {}}); v != 0 {
		t.Errorf("everybody: %v", v)
	}
}

func TestDraw(t *testing.T) {
	// Golden: a recorded seed must give the same people for ever.
	got, err := sampling.Draw(6, 100, [2]uint64{1, 2})
	if want := []int{4, 23, 59, 73, 76, 78}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, n := range []int{-1, 5} {
		if _, err := sampling.Draw(n, 4, [2]uint64{}); !errors.Is(err, sampling.ErrInput) {
			t.Errorf("draw %d of 4: %v", n, err)
		}
	}
	// All 10 pairs of 5 come up about equally often: chi-square with 9 degrees
	// of freedom, whose 99.9 % point is 27.9.
	count := map[[2]int]float64{}
	const rounds = 20000
	for i := range uint64(rounds) {
		s, err := sampling.Draw(2, 5, [2]uint64{i, 99})
		if err != nil {
			t.Fatal(err)
		}
		count[[2]int{s[0], s[1]}]++
	}
	chi := 0.0
	for _, c := range count {
		chi += (c - rounds/10) * (c - rounds/10) / (rounds / 10)
	}
	if len(count) != 10 || chi > 27.9 {
		t.Errorf("chi-square %v over %d pairs", chi, len(count))
	}
}

func ExamplePlan() {
	s, err := sampling.Plan(sampling.Goal{
		Population: 1000, Margin: sampling.Margin, Share: 0.5, Level: sampling.Level, Response: 0.7,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d answers, invite %d, margin %.1f points\n", s.Answers, s.Invited, 100*s.Margin)
	// Output:
	// 278 answers, invite 398, margin 5.0 points
}

func ExampleDetectable() {
	round := []sampling.Stratum{{Population: 2000, Answers: 300, Spread: sampling.Spread(0.5, 2000)}}
	fmt.Printf("%.0f points\n", 100*sampling.Detectable(round, round, sampling.Level, sampling.Power))
	// Output:
	// 11 points
}

func FuzzAllocate(f *testing.F) {
	f.Add(10, 20, 30, 5, 1)
	f.Fuzz(func(t *testing.T, n, a, b, minimum, rule int) {
		strata := []sampling.Stratum{{Population: a % 1e6, Spread: 0.25}, {Population: b % 1e6, Spread: 0.1}}
		got, err := sampling.Allocate(n, strata, minimum, sampling.Allocation(rule&1))
		if err != nil {
			return
		}
		if sum := got[0] + got[1]; sum != min(n, max(0, a%1e6)+max(0, b%1e6)) {
			t.Errorf("%v adds to %d", got, sum)
		}
	})
}
