package estimate

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// Codes and labels make the same design, and so do codes that lie far apart.
func TestCompileCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	const rows = 500
	near, far := Stage{}, Stage{}
	labels := Stage{}
	weight, y := make([]float64, rows), make([]float64, rows)
	for i := range rows {
		unit, stratum := 10+r.Int32N(40), 10+r.Int32N(3)
		near.UnitCode, near.StratumCode = append(near.UnitCode, unit), append(near.StratumCode, stratum)
		far.UnitCode, far.StratumCode = append(far.UnitCode, unit*40_000_000), append(far.StratumCode, stratum*100_000_000)
		labels.Unit, labels.Stratum = append(labels.Unit, strconv.Itoa(int(unit))), append(labels.Stratum, strconv.Itoa(int(stratum)))
		weight[i], y[i] = 1+r.Float64(), r.NormFloat64()
	}
	var want Draw
	var se float64
	for i, st := range []Stage{labels, near, far} {
		d, err := Compile(Sample{Weight: weight, Stages: []Stage{st}})
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.Mean(y)
		if err != nil {
			t.Fatal(err)
		}
		got := d.Stage(0)
		if i == 0 {
			want, se = got, m.SE(0)
		}
		if !slices.Equal(got.Unit, want.Unit) || !slices.Equal(got.Group, want.Group) || m.SE(0) != se {
			t.Errorf("design %d differs from that of the labels", i)
		}
	}
}

func TestCompileCodeErrors(t *testing.T) {
	w := []float64{1, 1, 1}
	if _, err := Compile(Sample{Weight: w, Stages: []Stage{{UnitCode: []int32{1, -1, 2}}}}); !errors.Is(err, ErrCode) {
		t.Errorf("a negative code: %v", err)
	}
	if _, err := Compile(Sample{Weight: w, Stages: []Stage{{StratumCode: []int32{1}}}}); !errors.Is(err, ErrLength) {
		t.Errorf("a short column: %v", err)
	}
	var lonely *LonelyError
	_, err := Compile(Sample{Weight: w, Stages: []Stage{{StratumCode: []int32{1, 7, 1}}}})
	if !errors.As(err, &lonely) || lonely.Stratum != "7" {
		t.Errorf("a lonely stratum: %v", err)
	}
}

func BenchmarkMeansOf(b *testing.B) {
	c := batchKind{rows: 100_000, groups: 10, weight: rounded, stages: clusters, value: five}.draw(1)
	d, err := Compile(c.sample)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := d.MeansOf(c.items, c.group, c.groups); err != nil {
			b.Fatal(err)
		}
	}
}
