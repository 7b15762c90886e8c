package estimate

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"adili/estimate/sum"
)

// batchCase is a seeded sample with items in codes; code 0 is missing.
type batchCase struct {
	sample Sample
	items  []Item
	group  []int32
	groups int
}

type batchKind struct {
	name   string
	rows   int
	groups int
	weight func(r *rand.Rand) float64
	stages func(r *rand.Rand, rows int) []Stage
	value  []float64
	lonely Lonely
}

func rounded(r *rand.Rand) float64 { return math.Round(math.Exp(1+0.4*r.NormFloat64())*1e4) / 1e4 }

// clusters draws units of about ten rows in three strata.
func clusters(r *rand.Rand, rows int) []Stage {
	st := Stage{UnitCode: make([]int32, rows), StratumCode: make([]int32, rows)}
	for i := range rows {
		st.UnitCode[i] = r.Int32N(int32(rows/10 + 2))
		st.StratumCode[i] = st.UnitCode[i] % 3
	}
	return []Stage{st}
}

func withFraction(stages []Stage, rows int) []Stage {
	stages[0].Fraction = slices.Repeat([]float64{0.25}, rows)
	return stages
}

var five = []float64{math.NaN(), 1, 2, 3, 4, 5}

var batchKinds = []batchKind{
	{"clusters", 3000, 7, rounded, clusters, five, LonelyAdjust},
	{"everyone", 500, 1, rounded, clusters, five, LonelyAdjust},
	{"fraction", 1000, 3, rounded, func(r *rand.Rand, n int) []Stage { return withFraction(clusters(r, n), n) }, five, LonelyCertainty},
	{"rows are units", 1000, 4, rounded, func(*rand.Rand, int) []Stage { return nil }, five, LonelyFail},
	{"weights of all sizes", 800, 3, func(r *rand.Rand) float64 { return math.Exp(30 * r.NormFloat64() / 4) }, clusters, five, LonelyAdjust},
	{"weights 0 and 1", 800, 3, func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, clusters, five, LonelyAdjust},
	{"answers not whole", 800, 3, rounded, clusters, []float64{math.NaN(), 0.1, 25, 1. / 3}, LonelyAdjust},
	{"answers of all sizes", 800, 3, rounded, clusters, []float64{math.NaN(), 1e-300, 1e25, -3, 1. / 3}, LonelyAdjust},
	{"negative answers", 800, 3, rounded, clusters, []float64{math.NaN(), -1000, 0, 1, 7}, LonelyAdjust},
	{"means next to 0", 800, 3, rounded, clusters, []float64{math.NaN(), -1024, 1024, -1000, 1001}, LonelyAdjust},
	{"rare ones", 800, 3, rounded, clusters, []float64{math.NaN(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, LonelyAdjust},
	{"constant", 800, 3, rounded, clusters, []float64{math.NaN(), 4, 4, 4}, LonelyAdjust},
	{"many empty groups", 300, 90, rounded, clusters, five, LonelyAdjust},
	{"few large units", 20000, 2, rounded, func(r *rand.Rand, n int) []Stage {
		st := Stage{UnitCode: make([]int32, n)}
		for i := range n {
			st.UnitCode[i] = r.Int32N(4)
		}
		return []Stage{st}
	}, five, LonelyFail},
	{"one lonely stratum adjusted", 300, 3, rounded, lonelyOne, five, LonelyAdjust},
	{"one lonely stratum averaged", 300, 3, rounded, lonelyOne, five, LonelyAverage},
	{"one lonely stratum certain", 300, 3, rounded, lonelyOne, five, LonelyCertainty},
	{"two stages", 600, 3, rounded, func(r *rand.Rand, n int) []Stage {
		return append(withFraction(clusters(r, n), n), Stage{Fraction: slices.Repeat([]float64{0.5}, n)})
	}, five, LonelyAdjust},
}

func lonelyOne(r *rand.Rand, rows int) []Stage {
	st := clusters(r, rows)
	st[0].StratumCode[0], st[0].UnitCode[0] = 9, 9999
	return st
}

func (k batchKind) draw(seed uint64) batchCase {
	r := rand.New(rand.NewPCG(seed, 4))
	c := batchCase{groups: k.groups, group: make([]int32, k.rows)}
	for i := range k.rows {
		c.sample.Weight = append(c.sample.Weight, k.weight(r))
		c.group[i] = r.Int32N(int32(k.groups)+1) - int32(r.IntN(2)) // some beyond either end
	}
	c.sample.Stages, c.sample.Lonely = k.stages(r, k.rows), k.lonely
	for range 5 {
		it := Item{Code: make([]uint8, k.rows), Value: k.value}
		for i := range it.Code {
			it.Code[i] = uint8(r.IntN(len(k.value) + 1)) // the last one has no value
		}
		c.items = append(c.items, it)
	}
	return c
}

func (c batchCase) permuted(r *rand.Rand) batchCase {
	order := r.Perm(len(c.group))
	p := batchCase{groups: c.groups, sample: Sample{Lonely: c.sample.Lonely, Weight: permute(c.sample.Weight, order)}, group: permute(c.group, order)}
	for _, st := range c.sample.Stages {
		p.sample.Stages = append(p.sample.Stages, Stage{
			UnitCode: permute(st.UnitCode, order), StratumCode: permute(st.StratumCode, order), Fraction: permute(st.Fraction, order),
		})
	}
	for _, it := range c.items {
		p.items = append(p.items, Item{permute(it.Code, order), it.Value})
	}
	return p
}

func permute[T any](x []T, order []int) []T {
	if x == nil {
		return nil
	}
	p := make([]T, len(x))
	for i, o := range order {
		p[i] = x[o]
	}
	return p
}

func (c batchCase) means(t *testing.T) *Means {
	t.Helper()
	d, err := Compile(c.sample)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.MeansOf(c.items, c.group, c.groups)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bitsOf writes all numbers with all their digits.
func bitsOf(m *Means) []string {
	var s []string
	for i := range m.Items() {
		for g := range m.Groups() {
			e := m.At(i, g)
			s = append(s, fmt.Sprintf("%d/%d: %x %d %x %d %d %x", i, g, math.Float64bits(e.Value), e.N, e.Population, e.PSUs, e.Strata, math.Float64bits(m.SE(i, g))))
		}
	}
	return s
}

// The fast way and the way of Mean, which Result takes, agree in every bit.
func TestMeansOfIsMean(t *testing.T) {
	for _, k := range batchKinds {
		t.Run(k.name, func(t *testing.T) {
			for seed := range uint64(4) {
				c := k.draw(seed)
				m := c.means(t)
				slow := &Means{design: m.design, items: c.items, group: c.group, groups: c.groups}
				for i := range c.items {
					r, err := m.Result(i)
					if err != nil {
						t.Fatal(err)
					}
					slow.add(r)
				}
				if got, want := bitsOf(m), bitsOf(slow); !slices.Equal(got, want) {
					t.Fatalf("seed %d:\n%v, want\n%v", seed, got, want)
				}
			}
		})
	}
}

func (m *Means) add(r *Result) {
	v := make([]float64, r.Len())
	for g := range v {
		v[g] = r.Variance(g)
	}
	m.est, m.v = append(m.est, r.est), append(m.v, v)
}

// The kinds above take the way that they are meant to test.
func TestMeansOfIsFast(t *testing.T) {
	slow := []string{"weights of all sizes", "one lonely stratum adjusted", "one lonely stratum averaged", "two stages", "answers of all sizes"}
	for _, k := range batchKinds {
		c := k.draw(1)
		m := c.means(t)
		fast := m.cells != nil && newWalk(m.design, m.cells, m.groups).influence(c.items[:1])[0].fit
		if want := !slices.Contains(slow, k.name); fast != want {
			t.Errorf("%s: fast is %v", k.name, fast)
		}
	}
}

// Neither the order of the rows nor the number of processors changes a bit.
func TestMeansOfSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, k := range batchKinds {
		c := k.draw(7)
		want := bitsOf(c.means(t))
		for _, processors := range []int{1, 2, 8} {
			runtime.GOMAXPROCS(processors)
			r := rand.New(rand.NewPCG(uint64(processors), 1))
			if got := bitsOf(c.permuted(r).means(t)); !slices.Equal(got, want) {
				t.Errorf("%s on %d processors:\n%v, want\n%v", k.name, processors, got, want)
			}
		}
	}
}

func TestMeansOfRefuses(t *testing.T) {
	d, err := Compile(Sample{Weight: []float64{1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	good := Item{Code: []uint8{1, 2, 0}, Value: five}
	if _, err := d.MeansOf([]Item{good}, []int32{0}, 1); !errors.Is(err, ErrLength) {
		t.Errorf("groups: %v", err)
	}
	if _, err := d.MeansOf([]Item{good, {Code: []uint8{1}}}, nil, 0); !errors.Is(err, ErrLength) {
		t.Errorf("codes: %v", err)
	}
	if _, err := d.MeansOf([]Item{{Code: good.Code, Value: []float64{math.Inf(1)}}}, nil, 0); !errors.Is(err, ErrValue) {
		t.Errorf("values: %v", err)
	}
}

// A quick sum that claims to be sure is the exact one.
func TestQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	sure := 0
	for range 2000 {
		var q sum.Quick
		var s exact
		n := 1 + r.IntN(200)
		for range n {
			x := r.NormFloat64() * math.Exp(10*r.NormFloat64())
			q.Add(x)
			s.add(x)
		}
		if v, ok := q.Value(n); ok {
			sure++
			if v != s.value() {
				t.Fatalf("%v, want %v", v, s.value())
			}
		}
	}
	if sure < 1900 {
		t.Errorf("sure %d times of 2000", sure)
	}
}
