package sampling_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"adili/sampling"
)

// Golden: a recorded seed must give the same units for ever.
func TestSelectionsStay(t *testing.T) {
	seed := [2]uint64{20240917, 7}
	sizes := []float64{5, 0, 30, 2, 8, 100, 1, 4, 9, 6}
	simple, err := sampling.SimpleRandom(4, 30, seed)
	if err != nil || fmt.Sprint(simple.Units) != "[4 13 15 29]" {
		t.Errorf("simple: %v, %v", simple.Units, err)
	}
	systematic, err := sampling.Systematic(4, 30, seed)
	if err != nil || fmt.Sprint(systematic.Units) != "[3 11 18 26]" {
		t.Errorf("systematic: %v, %v", systematic.Units, err)
	}
	size, err := sampling.ProportionalToSize(4, sizes, seed)
	if err != nil || fmt.Sprint(size.Units) != "[2 4 5 8]" || size.Certain != 2 {
		t.Errorf("size: %+v, %v", size, err)
	}
	reserve, err := sampling.WithReserve(3, 2, 2, 30, seed)
	if err != nil || fmt.Sprint(reserve.Units, reserve.Reserve) != "[6 14 17] [[8 16] [26 27]]" {
		t.Errorf("reserve: %v %v, %v", reserve.Units, reserve.Reserve, err)
	}
	for _, s := range []sampling.Selection{simple, systematic, size, reserve} {
		if s.Seed != seed || s.Method == "" || len(s.Probability) != len(s.Units) {
			t.Errorf("%+v does not say how it was drawn", s)
		}
	}
}

// A systematic sample has its size, and steps that differ by one at most.
func TestSystematicSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 60).Draw(t, "size")
		n := rapid.IntRange(0, size).Draw(t, "n")
		s, err := sampling.Systematic(n, size, [2]uint64{rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")})
		if err != nil || len(s.Units) != n {
			t.Fatalf("%v, %v", s.Units, err)
		}
		for i, k := range s.Units {
			if k < 0 || k >= size || i > 0 && (k-s.Units[i-1] < size/n || k-s.Units[i-1] > (size+n-1)/n) {
				t.Fatalf("%v of %d", s.Units, size)
			}
		}
	})
}

// frequencies compares how often units come with the chances they should have;
// the largest distance in standard errors is returned.
func frequencies(t *testing.T, rounds int, chance []float64, draw func(seed [2]uint64) []int) float64 {
	t.Helper()
	count := make([]float64, len(chance))
	for i := range rounds {
		for _, k := range draw([2]uint64{uint64(i), 4711}) {
			count[k]++
		}
	}
	worst := 0.0
	for k, p := range chance {
		se := math.Sqrt(p*(1-p)/float64(rounds)) + 1e-9
		worst = math.Max(worst, math.Abs(count[k]/float64(rounds)-p)/se)
	}
	return worst
}

func TestChances(t *testing.T) {
	sizes := []float64{5, 0, 30, 2, 8, 100, 1, 4, 9, 6, 3, 3}
	pi, certain, err := sampling.Inclusion(5, sizes)
	if err != nil || certain != 2 || pi[1] != 0 || pi[5] != 1 {
		t.Fatalf("%v, %d, %v", pi, certain, err)
	}
	const rounds = 20000
	if worst := frequencies(t, rounds, pi, func(seed [2]uint64) []int {
		s, err := sampling.ProportionalToSize(5, sizes, seed)
		if err != nil || len(s.Units) != 5 {
			t.Fatalf("%+v, %v", s, err)
		}
		for i, k := range s.Units {
			if s.Probability[i] != pi[k] || s.Weights()[i] != 1/pi[k] {
				t.Fatalf("%+v", s)
			}
		}
		return s.Units
	}); worst > 4.5 {
		t.Errorf("proportional to size: %.1f standard errors off", worst)
	}
	even := slices.Repeat([]float64{3.0 / 11}, 11)
	if worst := frequencies(t, rounds, even, func(seed [2]uint64) []int {
		s, err := sampling.Systematic(3, 11, seed)
		if err != nil {
			t.Fatal(err)
		}
		return s.Units
	}); worst > 4.5 {
		t.Errorf("systematic: %.1f standard errors off", worst)
	}
	block := slices.Repeat([]float64{2.0 / 11}, 11)
	if worst := frequencies(t, rounds, block, func(seed [2]uint64) []int {
		s, err := sampling.WithReserve(3, 3, 2, 11, seed)
		if err != nil {
			t.Fatal(err)
		}
		return s.Reserve[1]
	}); worst > 4.5 {
		t.Errorf("second block: %.1f standard errors off", worst)
	}
}

func TestInclusionAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.Float64Range(0.001, 1000), 1, 60).Draw(t, "sizes")
		n := rapid.IntRange(0, len(sizes)).Draw(t, "n")
		pi, certain, err := sampling.Inclusion(n, sizes)
		if err != nil {
			t.Fatal(err)
		}
		sum, ones := 0.0, 0
		for k, p := range pi {
			sum += p
			if p == 1 {
				ones++
			}
			if p < 0 || p > 1 {
				t.Fatalf("unit %d: %v", k, p)
			}
			for l, q := range pi {
				if p < 1 && q < 1 && !near(p*sizes[l], q*sizes[k], 1e-9) {
					t.Fatalf("%v and %v are not proportional to %v and %v", p, q, sizes[k], sizes[l])
				}
			}
		}
		if !near(sum, float64(n), 1e-9) || ones != certain {
			t.Fatalf("chances %v add to %v, not %d; %d certain of %d", pi, sum, n, certain, ones)
		}
		s, err := sampling.ProportionalToSize(n, sizes, [2]uint64{1, rapid.Uint64().Draw(t, "seed")})
		if err != nil || len(s.Units) != n || !slices.IsSorted(s.Units) || len(slices.Compact(slices.Clone(s.Units))) != n {
			t.Fatalf("%v, %v", s.Units, err)
		}
	})
}

func TestReleased(t *testing.T) {
	s, err := sampling.WithReserve(10, 3, 5, 100, [2]uint64{3, 4})
	if err != nil {
		t.Fatal(err)
	}
	two, err := s.Released(2)
	if err != nil || len(two.Units) != 20 || len(two.Reserve) != 1 || two.Weights()[0] != 5 {
		t.Fatalf("%+v, %v", two, err)
	}
	for _, k := range slices.Concat(s.Units, s.Reserve[0], s.Reserve[1]) {
		if _, found := slices.BinarySearch(two.Units, k); !found {
			t.Errorf("unit %d is lost", k)
		}
	}
	if _, err := s.Released(4); !errors.Is(err, sampling.ErrInput) {
		t.Errorf("four of three blocks: %v", err)
	}
}

func TestSelectionRefuses(t *testing.T) {
	seed := [2]uint64{}
	errs := map[string]error{}
	_, errs["simple"] = sampling.SimpleRandom(5, 4, seed)
	_, errs["systematic"] = sampling.Systematic(-1, 4, seed)
	_, errs["reserve"] = sampling.WithReserve(5, 2, 3, 10, seed)
	_, errs["blocks"] = sampling.WithReserve(5, -1, 3, 10, seed)
	_, errs["huge blocks"] = sampling.WithReserve(5, math.MaxInt, math.MaxInt, 10, seed)
	_, errs["size"] = sampling.ProportionalToSize(1, []float64{1, math.NaN()}, seed)
	_, errs["negative size"] = sampling.ProportionalToSize(1, []float64{1, -1}, seed)
	_, _, errs["too many"] = sampling.Inclusion(2, []float64{1, 0})
	for name, err := range errs {
		if !errors.Is(err, sampling.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := sampling.Systematic(0, 0, seed); err != nil || len(s.Units) != 0 {
		t.Errorf("nobody: %v, %v", s, err)
	}
}

func TestAllocationReference(t *testing.T) {
	ref := cases(t, "planning.json")
	c := ref["allocation/six_strata"]
	if c == nil {
		t.Fatal("no case allocation/six_strata")
	}
	var strata []sampling.Stratum
	sd := list(t, c, "args", "S")
	for i, n := range list(t, c, "args", "N") {
		strata = append(strata, sampling.Stratum{Population: int(n), Spread: sd[i] * sd[i]})
	}
	for name, rule := range map[string]sampling.Allocation{
		"proportional": sampling.Proportional, "neyman": sampling.Neyman, "square_root": sampling.SquareRoot,
	} {
		ideal := sampling.Ideal(at[float64](t, c, "args", "n"), strata, rule)
		for i, want := range list(t, c, "expect", name) {
			if !near(ideal[i]/want, 1, 1e-12) {
				t.Errorf("%s: %v", name, ideal)
			}
		}
		if rule == sampling.SquareRoot {
			continue
		}
		if got, want := sampling.VarianceAt(strata, ideal), at[float64](t, c, "expect", "var_mean_"+name); !near(got/want, 1, 1e-12) {
			t.Errorf("%s: variance %v, want %v", name, got, want)
		}
	}
}

// The allocation for a cost is more precise than Neyman's for the same money.
func TestCostOptimal(t *testing.T) {
	strata := []sampling.Stratum{{Population: 5000, Spread: 1, Cost: 4}, {Population: 3000, Spread: 2, Cost: 25}, {Population: 800, Spread: 4}}
	best, err := sampling.IdealForBudget(3000, strata)
	if err != nil {
		t.Fatal(err)
	}
	paid := func(n []float64) float64 { return 4*n[0] + 25*n[1] + n[2] }
	if !near(paid(best), 3000, 1e-12) {
		t.Errorf("the budget buys %v", paid(best))
	}
	other := sampling.Ideal(1, strata, sampling.Neyman)
	scale := 3000 / paid(other)
	for i := range other {
		other[i] *= scale
	}
	if a, b := sampling.VarianceAt(strata, best), sampling.VarianceAt(strata, other); a >= b {
		t.Errorf("variance %v is not below %v", a, b)
	}
	whole, err := sampling.Allocate(300, strata, 50, sampling.CostOptimal)
	if err != nil || whole[0]+whole[1]+whole[2] != 300 || slices.Min(whole) < 50 {
		t.Errorf("%v, %v", whole, err)
	}
}

// Offices with many people are likelier to come; the two largest are certain.
func ExampleProportionalToSize() {
	people := []float64{12, 400, 35, 60, 25, 310, 18, 40}
	s, err := sampling.ProportionalToSize(4, people, [2]uint64{2026, 1})
	fmt.Println(s.Units, s.Certain, err)
	// Output: [1 2 5 6] 2 <nil>
}

func ExampleWithReserve() {
	s, err := sampling.WithReserve(6, 2, 3, 40, [2]uint64{2026, 1})
	fmt.Println(s.Units, s.Reserve, err)
	more, err := s.Released(1)
	fmt.Println(more.Units, err)
	// Output:
	// [2 8 9 17 18 35] [[5 6 33] [1 16 26]] <nil>
	// [2 5 6 8 9 17 18 33 35] <nil>
}
