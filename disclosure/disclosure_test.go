package disclosure_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"adili/disclosure"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]int{0: 0, 10: 10, 12: 10, 13: 15, 17: 15, 18: 20, 316: 315, 318: 320, -3: 0} {
		if got := disclosure.Count(n); got != want {
			t.Errorf("%d shown as %d, want %d", n, got, want)
		}
	}
}

func TestScore(t *testing.T) {
	for x, want := range map[float64]float64{6.849: 6.8, 6.85: 6.9, 0: 0, 10: 10, -0.26: -0.3} {
		if got := disclosure.Score(x); got != want {
			t.Errorf("%v shown as %v, want %v", x, got, want)
		}
	}
	if !math.IsNaN(disclosure.Score(math.NaN())) {
		t.Error("no score is shown as a number")
	}
}

func TestOf(t *testing.T) {
	hidden := disclosure.Share{Hidden: true}
	exact := func(v float64, digits int) disclosure.Share {
		return disclosure.Share{Exact: true, Value: v, Lower: v, Upper: v, Digits: digits}
	}
	below := func(b float64, digits int) disclosure.Share { return disclosure.Share{Upper: b, Digits: digits} }
	above := func(b float64, digits int) disclosure.Share {
		return disclosure.Share{Lower: b, Upper: 1, Digits: digits}
	}
	for _, test := range []struct {
		name    string
		value   float64
		hits, n int
		want    disclosure.Share
	}{
		{"small group", 0.5, 4, 9, hidden},
		{"nobody asked", math.NaN(), 0, 0, hidden},
		{"no value", math.NaN(), 5, 20, hidden},
		{"impossible", 0.5, 21, 20, hidden},
		{"whole percent", 0.0769, 1 * 4, 52, exact(0.08, 0)},
		{"99 people", 0.3333, 33, 99, exact(0.33, 0)},
		{"100 people", 0.3333, 33, 100, exact(0.333, 1)},
		{"0 %", 0, 0, 60, below(0.05, 0)},
		{"100 %", 1, 60, 60, above(0.95, 0)},
		{"0 % of many", 0, 0, 1000, below(0.05, 1)},
		{"100 % of many", 1, 1000, 1000, above(0.95, 1)},
		{"two of many", 0.002, 2, 1000, below(0.05, 1)},
		{"three of many", 0.003, 3, 1000, exact(0.003, 1)},
		{"rounds to 0", 0.0004, 4, 10000, below(0.05, 1)},
		{"rounds to 100", 0.9996, 9996, 10000, above(0.95, 1)},
		{"under 5 % of few", 0.04, 3, 75, below(0.05, 0)},
		{"over 95 % of few", 0.96, 72, 75, above(0.95, 0)},
		{"nobody of 20", 0, 0, 20, below(0.15, 0)},
		{"one of 20", 0.05, 1, 20, below(0.15, 0)},
		{"two of 20", 0.10, 2, 20, below(0.15, 0)},
		{"three of 20", 0.15, 3, 20, exact(0.15, 0)},
		{"all of 14", 1, 14, 14, above(0.80, 0)},
		{"two of 10", 0.2, 2, 10, below(0.25, 0)},
		{"two people with all the weight", 1, 2, 20, hidden},
		{"two heavy people", 0.27, 2, 20, below(0.30, 0)},
	} {
		got := disclosure.Of(test.value, test.hits, test.n)
		near := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
		if got.Hidden != test.want.Hidden || got.Exact != test.want.Exact || got.Digits != test.want.Digits ||
			!near(got.Value, test.want.Value) || !near(got.Lower, test.want.Lower) || !near(got.Upper, test.want.Upper) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// TestUnanimityCannotBeTold: for every size shown alike and every share, what
// is printed for 0 people is printed for 1 and 2 as well, it is true, and no
// 0 % or 100 % is ever printed.
func TestUnanimityCannotBeTold(t *testing.T) {
	for n := disclosure.MinGroup; n <= 400; n++ {
		none := disclosure.Of(0, 0, n)
		all := disclosure.Of(1, n, n)
		for hits := 0; hits <= n; hits++ {
			p := float64(hits) / float64(n)
			s := disclosure.Of(p, hits, n)
			if s.Hidden || s.Exact && (s.Value == 0 || s.Value == 1) {
				t.Fatalf("%d of %d: %+v", hits, n, s)
			}
			if s.Below() == s.Exact && s.Above() == s.Exact {
				t.Fatalf("%d of %d is neither exact nor a bound: %+v", hits, n, s)
			}
			if !s.Exact && !(s.Lower <= p && p <= s.Upper) || s.Below() && p >= s.Upper || s.Above() && p <= s.Lower {
				t.Fatalf("%d of %d: %+v is not true", hits, n, s)
			}
			if hits < disclosure.Few && s != none || n-hits < disclosure.Few && s != all {
				t.Fatalf("%d of %d: %+v differs from none %+v, all %+v", hits, n, s, none, all)
			}
		}
		if other := n - n%5; other >= disclosure.MinGroup && disclosure.Count(other) == disclosure.Count(n) &&
			disclosure.Of(0, 0, other).Upper != none.Upper {
			t.Fatalf("the bound for %d differs from that for %d, shown alike", n, other)
		}
	}
}

func TestInterval(t *testing.T) {
	lo, hi, ok := disclosure.Of(0.333, 40, 120).Interval(0.2501, 0.4199)
	if !ok || lo != 0.25 || hi != 0.42 {
		t.Errorf("%v %v %v", lo, hi, ok)
	}
	lo, hi, ok = disclosure.Of(0.333, 20, 60).Interval(0.2501, 0.4199)
	if !ok || lo != 0.25 || hi != 0.42 {
		t.Errorf("%v %v %v", lo, hi, ok)
	}
	for _, s := range []disclosure.Share{disclosure.Of(0, 0, 60), disclosure.Of(0.5, 4, 8)} {
		if _, _, ok := s.Interval(0, 0.1); ok {
			t.Errorf("%+v has an interval", s)
		}
	}
	if _, _, ok := disclosure.Of(0.333, 20, 60).Interval(math.NaN(), 1); ok {
		t.Error("an interval of NaN is shown")
	}
}

func TestCategories(t *testing.T) {
	for n, want := range map[int]int{9: 0, 10: 3, 29: 3, 30: 5} {
		if got := disclosure.Categories(n); got != want {
			t.Errorf("%d people: %d categories, want %d", n, got, want)
		}
	}
	if got := disclosure.Collapse([5]int{1, 2, 3, 4, 5}); got != [3]int{3, 3, 9} {
		t.Errorf("%v", got)
	}
}

func groups(n ...int) (g []disclosure.Group) {
	for i, x := range n {
		g = append(g, disclosure.Group{Name: fmt.Sprint("g", i), N: x})
	}
	return g
}

func TestSuppress(t *testing.T) {
	for _, test := range []struct {
		name string
		n    []int
		want string
	}{
		{"all large", []int{30, 40, 50}, "---"},
		{"one small takes the next smallest", []int{30, 4, 50, 20}, "-x-x"},
		{"two small, together enough", []int{6, 4, 50, 20}, "xx--"},
		{"two small, together too few", []int{3, 4, 50, 20}, "xx-x"},
		{"three that must have nine", []int{9, 9, 9, 40, 30}, "xxx-x"},
		{"two that may have eight", []int{8, 5, 30}, "xx-"},
		{"first of equals", []int{20, 4, 20}, "xx-"},
		{"empty group", []int{0, 40, 12}, "x-x"},
		{"one group", []int{40}, "-"},
		{"two groups", []int{40, 3}, "xx"},
		{"everyone too few", []int{4, 3}, "xx"},
		{"nothing", nil, ""},
		{"exactly ten", []int{10, 10}, "--"},
	} {
		if got := pattern(disclosure.Suppress(groups(test.n...), 0)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if got := pattern(disclosure.Suppress(groups(19, 30, 40), 20)); got != "xx-" {
		t.Errorf("threshold of 20: %s", got)
	}
	base := disclosure.Suppress(groups(12, 30, 40), 0)
	if got := pattern(disclosure.Refine(base, groups(9, 29, 40), 0)); got != "xx-" || pattern(base) != "---" {
		t.Errorf("refined: %s from %s", got, pattern(base))
	}
	if got := pattern(disclosure.Refine([]bool{true, true, false}, groups(50, 50, 50), 0)); got != "xx-" {
		t.Errorf("a pattern does not move: %s", got)
	}
}

func pattern(hidden []bool) string {
	s := ""
	for _, h := range hidden {
		if h {
			s += "x"
		} else {
			s += "-"
		}
	}
	return s
}

// TestAttack plays the reader who knows the rules. It makes every table of four
// groups of up to 22 people, publishes each as a report does, and looks at all
// tables that would have been published alike: if all of them agree on a hidden
// number, that number is disclosed. Four values at least have to be possible.
func TestAttack(t *testing.T) {
	const most, k = 22, 4 // 22 is the last number shown as 20
	type seen struct{ min, max [k]int }
	published := map[string]*seen{}
	var n [k]int
	var enumerate func(int)
	enumerate = func(i int) {
		if i < k {
			for n[i] = 0; n[i] <= most; n[i]++ {
				enumerate(i + 1)
			}
			return
		}
		total := 0
		for _, x := range n {
			total += x
		}
		if total < disclosure.MinGroup {
			return // nothing at all is published
		}
		hidden := disclosure.Suppress(groups(n[:]...), 0)
		key := make([]byte, 0, k+1)
		key = append(key, byte(disclosure.Count(total)))
		for j, h := range hidden {
			shown := byte(255)
			if !h {
				shown = byte(disclosure.Count(n[j]))
			}
			key = append(key, shown)
		}
		s := published[string(key)]
		if s == nil {
			s = &seen{min: n, max: n}
			published[string(key)] = s
		}
		for j, x := range n {
			s.min[j], s.max[j] = min(s.min[j], x), max(s.max[j], x)
		}
	}
	enumerate(0)
	for key, s := range published {
		for j := range k {
			if key[j+1] == 255 && s.max[j]-s.min[j] < 3 {
				t.Errorf("published %v: hidden group %d has %d to %d people", []byte(key), j, s.min[j], s.max[j])
			}
		}
	}
	if len(published) < 100 {
		t.Errorf("only %d publications tried", len(published))
	}
}

// TestAttackBySubtraction gives the reader exact numbers of the total and all
// shown groups: the hidden rest is never a single group nor too few people.
func TestAttackBySubtraction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SliceOfN(rapid.IntRange(0, 40), 1, 9).Draw(t, "n")
		minimum := rapid.IntRange(0, 25).Draw(t, "minimum")
		hidden := disclosure.Suppress(groups(n...), minimum)
		count, rest, shown := 0, 0, 0
		for i, h := range hidden {
			if h {
				count++
				rest += n[i]
			} else {
				shown++
				if !disclosure.Shown(n[i], minimum) {
					t.Fatalf("%v: %s shows %d", n, pattern(hidden), n[i])
				}
			}
		}
		if shown > 0 && count > 0 && (count < 2 || rest < max(minimum, disclosure.MinGroup)) {
			t.Fatalf("%v: %s", n, pattern(hidden))
		}
	})
}

// TestReference compares with the tables computed in R on the synthetic survey.
func TestReference(t *testing.T) {
	folder := os.Getenv("ADILI_CONFORMANCE")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "conformance")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "stats", "expected", "disclosure.json"))
	if err != nil {
		t.Skipf("no reference values (set ADILI_CONFORMANCE): %v", err)
	}
	var file struct {
		Cases []struct {
			ID     string
			Expect struct {
				Counts map[string]int
				Pairs  []disclosure.Pair `json:"unsafe_pairs"`
			}
		}
	}
	// Cases of other kinds have other shapes under the same names.
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	people := officials(t, filepath.Join(folder, "stats", "data", "cips_w1.csv"))
	for _, c := range file.Cases {
		if c.ID != "differencing/officials" {
			continue
		}
		filters := somePublished(t, people, c.Expect.Counts)
		if got := disclosure.Nested(filters, 0); cmp.Diff(c.Expect.Pairs, got) != "" {
			t.Error(cmp.Diff(c.Expect.Pairs, got))
		}
		return
	}
	t.Error("no case differencing/officials")
}

// somePublished makes sets of officials and checks their sizes.
func somePublished(t *testing.T, people []map[string]string, counts map[string]int) []disclosure.Filter {
	t.Helper()
	is := func(column string, values ...string) func(map[string]string) bool {
		return func(p map[string]string) bool { return slices.Contains(values, p[column]) }
	}
	not := func(f func(map[string]string) bool) func(map[string]string) bool {
		return func(p map[string]string) bool { return !f(p) }
	}
	both := func(f, g func(map[string]string) bool) func(map[string]string) bool {
		return func(p map[string]string) bool { return f(p) && g(p) }
	}
	senior := is("class", "senior")
	var filters []disclosure.Filter
	for _, f := range []struct {
		name string
		in   func(map[string]string) bool
	}{
		{"all", is("population", "official")}, {"East", is("region", "East")}, {"F", is("gender", "F")}, {"FM", is("gender", "F", "M")},
		{"not_senior", not(senior)}, {"East_not_senior", both(is("region", "East"), not(senior))},
		{"East_FM", both(is("region", "East"), is("gender", "F", "M"))}, {"North_FM", both(is("region", "North"), is("gender", "F", "M"))},
		{"North", is("region", "North")}, {"East_M", both(is("region", "East"), is("gender", "M"))},
	} {
		set, n := disclosure.Filter{Name: f.name}, 0
		for _, p := range people {
			in := f.in(p)
			set.In = append(set.In, in)
			if in {
				n++
			}
		}
		if n != counts[f.name] {
			t.Errorf("%s: %d people, want %d", f.name, n, counts[f.name])
		}
		filters = append(filters, set)
	}
	return filters
}

// officials reads the officials of the synthetic survey.
func officials(t *testing.T, path string) (people []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		p := map[string]string{}
		for i, name := range rows[0] {
			p[name] = r[i]
		}
		if p["population"] == "official" {
			people = append(people, p)
		}
	}
	return people
}

func FuzzOf(f *testing.F) {
	f.Add(0.5, 5, 10)
	f.Fuzz(func(t *testing.T, value float64, hits, n int) {
		s := disclosure.Of(value, hits, n)
		if s.Hidden {
			return
		}
		if !(0 <= s.Lower && s.Lower <= s.Upper && s.Upper <= 1) || s.Exact && (s.Value == 0 || s.Value == 1) {
			t.Errorf("%v, %d of %d: %+v", value, hits, n, s)
		}
	})
}

func ExampleOf() {
	show := func(s disclosure.Share) {
		switch {
		case s.Hidden:
			fmt.Println("not shown")
		case s.Below():
			fmt.Printf("< %.0f %%\n", 100*s.Upper)
		case s.Above():
			fmt.Printf("> %.0f %%\n", 100*s.Lower)
		default:
			fmt.Printf("%.*f %%\n", s.Digits, 100*s.Value)
		}
	}
	show(disclosure.Of(0.0769, 5, 65))
	show(disclosure.Of(0.6234, 190, 305))
	show(disclosure.Of(1, 80, 80))
	show(disclosure.Of(0, 0, 120))
	show(disclosure.Of(0.5, 4, 8))
	// Output:
	// 8 %
	// 62.3 %
	// > 95 %
	// < 5 %
	// not shown
}

func ExampleSuppress() {
	offices := []disclosure.Group{{"Headquarters", 120}, {"Ports", 64}, {"Airports", 7}, {"Land borders", 31}}
	for i, hidden := range disclosure.Suppress(offices, disclosure.MinGroup) {
		if hidden {
			fmt.Println(offices[i].Name, "is not shown")
		} else {
			fmt.Println(offices[i].Name, disclosure.Count(offices[i].N))
		}
	}
	// Output:
	// Headquarters 120
	// Ports 65
	// Airports is not shown
	// Land borders is not shown
}
