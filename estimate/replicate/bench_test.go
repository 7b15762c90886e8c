package replicate_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"adili/estimate"
	"adili/estimate/replicate"
)

// BenchmarkMeans is 500 Rao-Wu replicates of 50 means, 100,000 people in offices of 25: R's survey takes 40 s.
func BenchmarkMeans(b *testing.B) { means(b, 100_000) }

// BenchmarkMeansMillion is the same for 1,000,000 people: 451 s and 15 GiB.
func BenchmarkMeansMillion(b *testing.B) { means(b, 1_000_000) }

func means(b *testing.B, n int) {
	const items = 50
	rng := rand.New(rand.NewPCG(1, 2))
	var s estimate.Sample
	st := estimate.Stage{}
	for i := range n {
		s.Weight = append(s.Weight, 1+rng.Float64())
		st.Stratum = append(st.Stratum, fmt.Sprint(i*12/n))
		st.Unit = append(st.Unit, fmt.Sprint(i/25))
	}
	s.Stages = []estimate.Stage{st}
	code := make([][]uint8, items)
	for j := range code {
		code[j] = make([]uint8, n)
		for i := range code[j] {
			code[j][i] = uint8(1 + rng.IntN(5))
		}
	}
	d, err := estimate.Compile(s)
	if err != nil {
		b.Fatal(err)
	}
	var columns iter.Seq[[]float64] = func(yield func([]float64) bool) {
		y := make([]float64, n)
		for _, c := range code {
			for i, x := range c {
				y[i] = float64(x)
			}
			if !yield(y) {
				return
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		set, err := replicate.New(d, replicate.Method{Kind: replicate.RaoWu, Replicates: 500, Seed: [2]uint64{1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		r, err := set.Means(columns)
		if err != nil {
			b.Fatal(err)
		}
		for i := range items {
			if !(r.SE(i) > 0) {
				b.Fatal("no standard error")
			}
		}
	}
}
