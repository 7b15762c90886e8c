package crosstab

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate"
	"adili/estimate/distribution"
)

// people is a clustered sample with a group and an item that are related through the office.
type people struct {
	sample      estimate.Sample
	item, group []int
}

func draw(n int, seed uint64) people {
	r := rand.New(rand.NewPCG(seed, 7))
	p := people{sample: estimate.Sample{Stages: []estimate.Stage{{}}}}
	for i := range n {
		office := i / 8
		lean := float64(office%5) - 2
		p.sample.Weight = append(p.sample.Weight, 1+3*r.Float64())
		p.sample.Stages[0].Unit = append(p.sample.Stages[0].Unit, fmt.Sprint(office))
		p.sample.Stages[0].Stratum = append(p.sample.Stages[0].Stratum, fmt.Sprint(office%3))
		p.item = append(p.item, min(4, max(0, int(2.5+0.5*lean+r.NormFloat64()))))
		p.group = append(p.group, r.IntN(3))
		if r.IntN(10) == 0 {
			p.item[i] = -1
		}
	}
	return p
}

func (p people) design(t *testing.T) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(p.sample)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (p people) table(t *testing.T) *Table {
	t.Helper()
	d := p.design(t)
	table, err := New(d, p.item, p.group, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func must(t *testing.T, table *Table, s Statistic) Test {
	t.Helper()
	test, err := table.Test(s, table.DF)
	if err != nil {
		t.Fatal(err)
	}
	return test
}

func close(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))
}

var all = []Statistic{F, Chisq, Wald, AdjustedWald, Lincom, Saddlepoint}

// With people as units and equal weights the design effects are all n/(n-1) times 1, nearly, and Rao-Scott is Pearson.
func TestWithoutDesignEffectItIsPearson(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	p := people{}
	for range 4000 {
		p.sample.Weight = append(p.sample.Weight, 2.5)
		p.item, p.group = append(p.item, r.IntN(4)), append(p.group, r.IntN(2))
	}
	table := p.table(t)
	effects, err := table.Effects()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range effects {
		if !close(e, 1, 0.05) {
			t.Errorf("effect %v", e)
		}
	}
	x := table.Pearson() * float64(table.N)
	want := distribution.ChiSquare{DF: 3}.Upper(x)
	for _, s := range all {
		if got := must(t, table, s).P; !close(got, want, 0.06) {
			t.Errorf("statistic %d: p = %v, Pearson %v", s, got, want)
		}
	}
}

func TestNothingChangesWithScaleOrderOrLabels(t *testing.T) {
	a := draw(800, 1)
	table := a.table(t)
	sum := 0.0
	for _, p := range table.Share {
		sum += p
	}
	if !close(sum, 1, 1e-14) {
		t.Errorf("shares sum to %v", sum)
	}
	b := draw(800, 1)
	n := len(b.item)
	perm := rand.New(rand.NewPCG(5, 6)).Perm(n)
	for i, j := range perm {
		b.sample.Weight[i] = a.sample.Weight[j] * 1000
		b.sample.Stages[0].Unit[i], b.sample.Stages[0].Stratum[i] = a.sample.Stages[0].Unit[j], a.sample.Stages[0].Stratum[j]
		b.item[i], b.group[i] = a.item[j], 2-a.group[j]
		if b.item[i] >= 0 {
			b.item[i] = 3 * b.item[i]
		}
	}
	other := b.table(t)
	for _, s := range all {
		x, y := must(t, table, s), must(t, other, s)
		if !close(x.Value, y.Value, 1e-9) || !close(x.P, y.P, 1e-8) {
			t.Errorf("statistic %d: %v and %v", s, x, y)
		}
	}
}

// Rows and columns may change places.
func TestTransposed(t *testing.T) {
	p := draw(600, 2)
	q := p
	q.item, q.group = p.group, p.item
	for _, s := range all {
		x, y := must(t, p.table(t), s), must(t, q.table(t), s)
		if !close(x.P, y.P, 1e-8) {
			t.Errorf("statistic %d: %v and %v", s, x, y)
		}
	}
}

// half is a calibration that leaves half of every influence value.
type half struct{}

func (half) Residuals(wz []float64) {
	for i := range wz {
		wz[i] /= 2
	}
}

// The short way of a batch and the long way of a table are the same, and a design with more to it takes the long way.
func TestBatchAgreesWithTables(t *testing.T) {
	p, q := draw(900, 3), draw(900, 4)
	plain := p.design(t)
	certain := p.sample
	certain.Stages = []estimate.Stage{{Unit: p.sample.Stages[0].Unit, Stratum: p.sample.Stages[0].Stratum, Fraction: make([]float64, 900)}}
	for i := range 900 {
		certain.Stages[0].Fraction[i] = 0.3
	}
	finite, err := estimate.Compile(certain)
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*estimate.Design{"plain": plain, "finite": finite, "calibrated": plain.Calibrated(half{})} {
		in := d.Domain(func(r int) bool { return r%7 != 0 })
		tests, err := Batch(d, [][]int{p.item, q.item}, p.group, in, F)
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range [][]int{p.item, q.item} {
			table, err := New(d, item, p.group, in)
			if err != nil {
				t.Fatal(err)
			}
			want := must(t, table, F)
			if !close(tests[i].Value, want.Value, 1e-10) || !close(tests[i].P, want.P, 1e-9) || !close(tests[i].DF[1], want.DF[1], 1e-9) {
				t.Errorf("%s, item %d: batch %v, table %v", name, i, tests[i], want)
			}
		}
	}
	a, _ := Batch(plain, [][]int{p.item}, p.group, plain.Everyone(), F)
	b, _ := Batch(plain.Calibrated(half{}), [][]int{p.item}, p.group, plain.Calibrated(half{}).Everyone(), F)
	if len(b) == 1 && close(a[0].Value, b[0].Value, 0.01) {
		t.Error("calibration residuals were passed over")
	}
}

func TestGoodnessOfFit(t *testing.T) {
	p := draw(500, 9)
	d := p.design(t)
	r, err := d.Proportions(p.item, []int{0, 1, 2, 3, 4}, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	var share []float64
	for i := range r.Len() {
		share = append(share, r.At(i).Value)
	}
	g, err := GoodnessOfFit(d, p.item, share, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	if g.Value > 1e-15*d.Population() || !close(g.P, 1, 1e-9) {
		t.Errorf("the estimated shares do not fit themselves: %+v", g)
	}
	share[0], share[1] = share[0]*3, share[1]/3
	if g, err = GoodnessOfFit(d, p.item, share, d.Everyone()); err != nil || g.P > 0.01 || !(g.P > 0) {
		t.Errorf("%+v, %v", g, err)
	}
}

func TestRefusals(t *testing.T) {
	p := draw(80, 5)
	d := p.design(t)
	one := make([]int, 80)
	if _, err := New(d, p.item, one, d.Everyone()); !errors.Is(err, ErrTable) {
		t.Errorf("one answer: %v", err)
	}
	if _, err := New(d, p.item[:3], p.group, d.Everyone()); !errors.Is(err, estimate.ErrLength) {
		t.Errorf("length: %v", err)
	}
	if _, err := New(d, p.item, p.group, d.Domain(func(int) bool { return false })); !errors.Is(err, estimate.ErrEmpty) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := New(d, p.item, p.group, p.design(t).Everyone()); !errors.Is(err, estimate.ErrDesign) {
		t.Errorf("another design: %v", err)
	}
	if _, err := p.table(t).Test(F, 0); !errors.Is(err, ErrTable) {
		t.Errorf("no degrees of freedom: %v", err)
	}
	if _, err := p.table(t).Test(Statistic(99), 5); !errors.Is(err, ErrTable) {
		t.Errorf("unknown: %v", err)
	}
	many := make([]int, 80)
	for i := range many {
		many[i] = i
	}
	if _, err := New(d, many, many, d.Everyone()); !errors.Is(err, ErrTable) {
		t.Errorf("6,400 cells: %v", err)
	}
	if _, err := GoodnessOfFit(d, p.item, []float64{1, 0}, d.Everyone()); !errors.Is(err, ErrTable) {
		t.Errorf("share 0: %v", err)
	}
	if _, err := Batch(d, [][]int{p.item, one}, p.group, d.Everyone(), F); !errors.Is(err, ErrTable) {
		t.Errorf("batch: %v", err)
	}
}

func BenchmarkBatch(b *testing.B) {
	p := draw(100_000, 11)
	d, err := estimate.Compile(p.sample)
	if err != nil {
		b.Fatal(err)
	}
	questions := make([][]int, 50)
	for i := range questions {
		questions[i] = p.item
	}
	for b.Loop() {
		if _, err := Batch(d, questions, p.group, d.Everyone(), F); err != nil {
			b.Fatal(err)
		}
	}
}
