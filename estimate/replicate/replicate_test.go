package replicate_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"adili/estimate"
	"adili/estimate/replicate"
)

// survey is an artificial sample.
type survey struct {
	estimate.Sample
	y, x []float64
	in   []int // one of three domains
}

// option of artificial.
type shape struct {
	strata     int
	psus       func(h int) int
	fpc        float64 // sampling fraction of the first stage, 0 for with replacement
	second     float64 // of the second, 0 for none
	seed       uint64
	singletons bool // the first stratum has one PSU
}

// artificial makes a clustered sample with missing answers.
func artificial(s shape) survey {
	rng := rand.New(rand.NewPCG(s.seed, 7))
	var v survey
	v.Stages = []estimate.Stage{{}}
	if s.second > 0 {
		v.Stages = append(v.Stages, estimate.Stage{})
	}
	add := func(h, u, k int) {
		v.Stages[0].Stratum = append(v.Stages[0].Stratum, fmt.Sprintf("h%03d", h))
		v.Stages[0].Unit = append(v.Stages[0].Unit, fmt.Sprintf("u%04d", u))
		v.Stages[0].Fraction = append(v.Stages[0].Fraction, s.fpc)
		if s.second > 0 {
			v.Stages[1].Unit = append(v.Stages[1].Unit, fmt.Sprintf("p%04d", k))
			v.Stages[1].Fraction = append(v.Stages[1].Fraction, s.second)
		}
	}
	for h := range s.strata {
		n := s.psus(h)
		if s.singletons && h == 0 {
			n = 1
		}
		for u := range n {
			centre := rng.NormFloat64()
			for k := range 3 + rng.IntN(4) {
				add(h, u, k)
				y := centre + rng.NormFloat64() + float64(h%3)
				if rng.IntN(12) == 0 {
					y = math.NaN()
				}
				v.y, v.x = append(v.y, y), append(v.x, 2+rng.Float64())
				v.in, v.Weight = append(v.in, rng.IntN(3)), append(v.Weight, 1+3*rng.Float64())
			}
		}
	}
	return v
}

func compile(t testing.TB, v survey) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(v.Sample)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func make1(t testing.TB, d *estimate.Design, m replicate.Method) *replicate.Set {
	t.Helper()
	s, err := replicate.New(d, m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func total(t testing.TB, s *replicate.Set, y []float64, domains ...estimate.Domain) *replicate.Result {
	t.Helper()
	r, err := s.Total(y, domains...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b)) || math.IsNaN(a) && math.IsNaN(b)
}

// The jackknife gives the linearised variance of totals, in domains, and of everyone with every rule for lonely strata.
// (In a domain package estimate leaves lonely strata that hold nobody of it out of adjust and average.)
func TestJackknifeIsLinearisationForTotals(t *testing.T) {
	rules := []estimate.Lonely{estimate.LonelyFail, estimate.LonelyCertainty, estimate.LonelyAdjust, estimate.LonelyAverage}
	for seed := range uint64(20) {
		for _, rule := range rules {
			v := artificial(shape{strata: 2 + int(seed%5), psus: func(h int) int { return 2 + h }, fpc: float64(seed%3) / 4, seed: seed, singletons: rule != estimate.LonelyFail})
			v.Lonely = rule
			d := compile(t, v)
			groups, err := d.Groups(v.in, 3)
			if err != nil {
				t.Fatal(err)
			}
			groups = append(groups, d.Everyone())
			want, err := d.Total(v.y, groups...)
			if err != nil {
				t.Fatal(err)
			}
			s := make1(t, d, replicate.Method{Kind: replicate.JKn, Lonely: rule})
			got := total(t, s.About(true), v.y, groups...)
			for i := range groups {
				for j := range groups {
					if rule >= estimate.LonelyAdjust && (i < 3 || j < 3) {
						continue
					}
					if !near(got.Covariance(i, j), want.Covariance(i, j), 1e-11) && math.Abs(got.Covariance(i, j)-want.Covariance(i, j)) > 1e-11*want.Variance(3) {
						t.Fatalf("seed %d, rule %d: covariance %d,%d is %v, linearised %v", seed, rule, i, j, got.Covariance(i, j), want.Covariance(i, j))
					}
				}
			}
			if mean := total(t, s, v.y); rule != estimate.LonelyAdjust && !near(mean.Variance(0), want.Variance(3), 1e-11) {
				t.Fatalf("seed %d, rule %d: about the mean %v, linearised %v", seed, rule, mean.Variance(0), want.Variance(3))
			}
		}
	}
}

// So do half-samples, however many strata the matrix has to balance.
func TestHalfSamplesAreLinearisationForTotals(t *testing.T) {
	for strata := 1; strata < 40; strata++ {
		v := artificial(shape{strata: strata, psus: func(int) int { return 2 }, seed: uint64(strata)})
		d := compile(t, v)
		want, err := d.Total(v.y)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []replicate.Method{{Kind: replicate.BRR}, {Kind: replicate.Fay, Rho: 0.3}} {
			s := make1(t, d, m)
			if got := total(t, s, v.y); !near(got.Variance(0), want.Variance(0), 1e-11) {
				t.Errorf("%s, %d strata: variance %v, linearised %v", m.Kind, strata, got.Variance(0), want.Variance(0))
			}
			if s.Len() > 2*strata+8 {
				t.Errorf("%d strata need no %d replicates", strata, s.Len())
			}
		}
	}
}

// The bootstraps give it on average.
func TestBootstrapsAreLinearisationOnAverage(t *testing.T) {
	unequal := func(h int) int { return []int{2, 3, 12}[h%3] }
	many := func(int) int { return 12 }
	for _, c := range []struct {
		name  string
		shape shape
		kind  replicate.Kind
	}{
		{"Rao-Wu", shape{strata: 6, psus: unequal, seed: 1}, replicate.RaoWu},
		{"Rao-Wu with fpc", shape{strata: 6, psus: unequal, fpc: 0.6, seed: 2}, replicate.RaoWu},
		{"Canty", shape{strata: 6, psus: unequal, seed: 3}, replicate.Canty},
		{"Canty with fpc", shape{strata: 2, psus: many, fpc: 0.5, seed: 4}, replicate.Canty},
		{"Preston, one stage", shape{strata: 6, psus: unequal, fpc: 0.3, seed: 5}, replicate.Preston},
		{"Preston, two stages", shape{strata: 3, psus: many, fpc: 0.8, second: 0.4, seed: 6}, replicate.Preston},
	} {
		v := artificial(c.shape)
		for i := range v.y {
			v.y[i] -= 1 // a total near zero shows the same absolute variance
		}
		d := compile(t, v)
		want, err := d.Total(v.y)
		if err != nil {
			t.Fatal(err)
		}
		got := total(t, make1(t, d, replicate.Method{Kind: c.kind, Replicates: 6000, Seed: [2]uint64{1, 2}}), v.y)
		if ratio := got.Variance(0) / want.Variance(0); !(ratio > 0.93 && ratio < 1.07) {
			t.Errorf("%s: variance is %v times the linearised one", c.name, ratio)
		}
	}
}

// methods are sets of every kind on one sample.
func methods(t testing.TB, d *estimate.Design) map[string]*replicate.Set {
	t.Helper()
	sets := map[string]*replicate.Set{}
	for _, m := range []replicate.Method{
		{Kind: replicate.JKn}, {Kind: replicate.BRR}, {Kind: replicate.Fay, Rho: 0.5}, {Kind: replicate.RaoWu, Replicates: 70},
		{Kind: replicate.Canty, Replicates: 70}, {Kind: replicate.Preston, Replicates: 70},
	} {
		m.Seed = [2]uint64{3, 4}
		sets[m.Kind.String()] = make1(t, d, m)
	}
	return sets
}

// The fast path from sums of units agrees with the weights of each replicate.
func TestSumsAgreeWithWeights(t *testing.T) {
	v := artificial(shape{strata: 150, psus: func(int) int { return 2 }, fpc: 0.4, seed: 11})
	d := compile(t, v)
	groups, err := d.Groups(v.in, 3)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range methods(t, d) {
		adjusted, err := s.Reweighted(func(w []float64) ([]float64, error) { return slices.Clone(w), nil })
		if err != nil {
			t.Fatal(err)
		}
		for what, f := range map[string]func(*replicate.Set) (*replicate.Result, error){
			"total": func(s *replicate.Set) (*replicate.Result, error) { return s.Total(v.y, groups...) },
			"mean":  func(s *replicate.Set) (*replicate.Result, error) { return s.Mean(v.y, groups...) },
			"ratio": func(s *replicate.Set) (*replicate.Result, error) { return s.Ratio(v.y, v.x, groups...) },
			"means": func(s *replicate.Set) (*replicate.Result, error) {
				return s.Means(slices.Values([][]float64{v.x, v.y}), groups...)
			},
		} {
			a, err := f(s)
			if err != nil {
				t.Fatal(err)
			}
			b, err := f(adjusted)
			if err != nil {
				t.Fatal(err)
			}
			for i := range a.Len() {
				if !near(a.Value(i), b.Value(i), 1e-13) || !near(a.SE(i), b.SE(i), 1e-10) {
					t.Errorf("%s, %s %d: %v (%v) from sums, %v (%v) from weights", name, what, i, a.Value(i), a.SE(i), b.Value(i), b.SE(i))
				}
			}
		}
	}
}

// Neither the order of the rows nor the number of processors changes a bit.
func TestSameBits(t *testing.T) {
	v := artificial(shape{strata: 40, psus: func(int) int { return 2 }, fpc: 0.25, seed: 12})
	turned := survey{Sample: estimate.Sample{Stages: []estimate.Stage{{}}}}
	for _, i := range rand.New(rand.NewPCG(5, 6)).Perm(len(v.y)) {
		turned.Weight = append(turned.Weight, v.Weight[i])
		turned.y, turned.in = append(turned.y, v.y[i]), append(turned.in, v.in[i])
		st, from := &turned.Stages[0], v.Stages[0]
		st.Unit, st.Stratum, st.Fraction = append(st.Unit, from.Unit[i]), append(st.Stratum, from.Stratum[i]), append(st.Fraction, from.Fraction[i])
	}
	answer := func(v survey) map[string][]float64 {
		d := compile(t, v)
		groups, err := d.Groups(v.in, 3)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string][]float64{}
		for name, s := range methods(t, d) {
			r, err := s.Mean(v.y, groups...)
			if err != nil {
				t.Fatal(err)
			}
			for i := range groups {
				all[name] = append(all[name], r.Value(i), r.SE(i), r.Covariance(0, i), total(t, s, v.y).SE(0))
			}
		}
		return all
	}
	want := answer(v)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for what, got := range map[string]map[string][]float64{"one processor": answer(v), "other order": answer(turned)} {
		for name, w := range want {
			if !slices.Equal(got[name], w) {
				t.Errorf("%s, %s: %v, want %v", what, name, got[name], w)
			}
		}
	}
}

// A replicate is the same however many are made, and another with another seed.
func TestSeed(t *testing.T) {
	v := artificial(shape{strata: 4, psus: func(int) int { return 9 }, seed: 13})
	d := compile(t, v)
	for _, kind := range []replicate.Kind{replicate.RaoWu, replicate.Canty, replicate.Preston} {
		few := make1(t, d, replicate.Method{Kind: kind, Replicates: 8, Seed: [2]uint64{1, 2}})
		many := make1(t, d, replicate.Method{Kind: kind, Replicates: 80, Seed: [2]uint64{1, 2}})
		other := make1(t, d, replicate.Method{Kind: kind, Replicates: 8, Seed: [2]uint64{1, 3}})
		if many.Method().Seed != [2]uint64{1, 2} {
			t.Errorf("%s: the seed is not recorded", kind)
		}
		weight := func(s *replicate.Set) []float64 {
			w, err := s.Replicate(7)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		if !slices.Equal(weight(few), weight(many)) || slices.Equal(weight(few), weight(other)) {
			t.Errorf("%s: replicates do not follow their seed", kind)
		}
	}
}

func TestDegreesOfFreedom(t *testing.T) {
	v := artificial(shape{strata: 5, psus: func(int) int { return 2 }, seed: 14})
	d := compile(t, v)
	same := func(w []float64) ([]float64, error) { return slices.Clone(w), nil }
	for name, want := range map[string]float64{"JKn": 5, "BRR": 5, "Fay": 5, "RaoWu": 5, "Canty": 5, "Preston": 5} {
		s := methods(t, d)[name]
		adjusted, err := s.Reweighted(same)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*replicate.Set{s, adjusted} {
			if df, err := s.DF(); err != nil || df != want {
				t.Errorf("%s: %v degrees of freedom, %v, want %v", name, df, err, want)
			}
		}
	}
	few := make1(t, d, replicate.Method{Kind: replicate.RaoWu, Replicates: 3})
	if df, err := few.DF(); err != nil || df != 2 {
		t.Errorf("3 replicates have %v degrees of freedom, %v", df, err)
	}
}

// Counts drawn elsewhere are Rao and Wu's replicates.
func TestCountsAndFactors(t *testing.T) {
	v := artificial(shape{strata: 4, psus: func(h int) int { return 3 + h }, seed: 15})
	d := compile(t, v)
	s := make1(t, d, replicate.Method{Kind: replicate.RaoWu, Replicates: 40, Seed: [2]uint64{8, 9}})
	stage := d.Stage(0)
	count, factor := make([][]uint8, s.Len()), make([][]float64, s.Len())
	for r := range count {
		w, err := s.Replicate(r)
		if err != nil {
			t.Fatal(err)
		}
		count[r] = make([]uint8, len(stage.Group))
		for i, u := range stage.Unit {
			n := float64(stage.Units[stage.Group[u]])
			factor[r] = append(factor[r], w[i]/v.Weight[i])
			count[r][u] = uint8(math.Round(w[i] / v.Weight[i] * (n - 1) / n))
		}
	}
	counted, err := replicate.Counts(d, replicate.Method{}, count)
	if err != nil {
		t.Fatal(err)
	}
	given, err := replicate.Factors(d, replicate.Method{Kind: replicate.RaoWu}, factor)
	if err != nil {
		t.Fatal(err)
	}
	want := total(t, s, v.y).SE(0)
	for name, got := range map[string]*replicate.Set{"counts": counted, "factors": given} {
		if se := total(t, got, v.y).SE(0); !near(se, want, 1e-12) {
			t.Errorf("%s: standard error %v, want %v", name, se, want)
		}
	}
}

// A domain inside one PSU: the jackknife has a replicate without it and says so, a bootstrap leaves some out.
func TestLostReplicates(t *testing.T) {
	v := artificial(shape{strata: 3, psus: func(int) int { return 2 }, seed: 16})
	d := compile(t, v)
	one := d.Domain(func(r int) bool { return v.Stages[0].Stratum[r] == "h001" && v.Stages[0].Unit[r] == "u0000" })
	nobody := d.Domain(func(int) bool { return false })
	for name, s := range methods(t, d) {
		r, err := s.Mean(v.y, one, nobody)
		if err != nil {
			t.Fatal(err)
		}
		if name != "Fay" && name != "Preston" && r.Lost(0) == 0 {
			t.Errorf("%s: no replicate without the domain", name)
		}
		if (name == "JKn" || name == "BRR") && !math.IsNaN(r.SE(0)) {
			t.Errorf("%s: standard error %v of a domain in one PSU", name, r.SE(0))
		}
		if (name == "RaoWu" || name == "Canty") && math.IsNaN(r.SE(0)) {
			t.Errorf("%s: no standard error", name)
		}
		sums := total(t, s, v.y, one, nobody)
		if !(sums.SE(0) > 0) || sums.Lost(0) > 0 {
			t.Errorf("%s: total %v (%v), %d lost", name, sums.Value(0), sums.SE(0), sums.Lost(0))
		}
		if !math.IsNaN(r.Value(1)) || !math.IsNaN(sums.Value(1)) || !math.IsNaN(sums.SE(1)) {
			t.Errorf("%s: nobody has mean %v, total %v (%v)", name, r.Value(1), sums.Value(1), sums.SE(1))
		}
	}
}

func TestContrasts(t *testing.T) {
	v := artificial(shape{strata: 4, psus: func(int) int { return 5 }, seed: 17})
	d := compile(t, v)
	groups, err := d.Groups(v.in, 3)
	if err != nil {
		t.Fatal(err)
	}
	r, err := make1(t, d, replicate.Method{Kind: replicate.JKn}).Mean(v.y, groups...)
	if err != nil {
		t.Fatal(err)
	}
	gap, err := r.Contrast(1, -1, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := math.Sqrt(r.Variance(0) + r.Variance(1) - 2*r.Covariance(0, 1))
	if !near(gap.SE, want, 1e-10) || !near(gap.Value, r.Value(0)-r.Value(1), 1e-14) || gap.DF != 16 {
		t.Errorf("gap %+v, want standard error %v", gap, want)
	}
	twice, err := replicate.Join(r, r)
	if err != nil {
		t.Fatal(err)
	}
	if none, err := twice.Contrast(1, 0, 0, -1, 0, 0); err != nil || none.Value != 0 || none.SE != 0 {
		t.Errorf("a domain minus itself: %+v, %v", none, err)
	}
	if _, err := r.Contrast(1); !errors.Is(err, estimate.ErrContrast) {
		t.Errorf("short contrast: %v", err)
	}
}
