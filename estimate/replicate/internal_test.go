package replicate

import (
	"math"
	"math/rand/v2"
	"testing"

	"adili/estimate/sum"
)

func TestHadamard(t *testing.T) {
	for n := 1; n < 130; n++ {
		h := hadamard(n)
		if len(h) < n || len(h) > 2*n && n > 2 {
			t.Fatalf("order %d for %d", len(h), n)
		}
		for a := range h {
			if !h[a][0] {
				t.Fatalf("order %d: the first column is not all plus", len(h))
			}
			for b := range a {
				agree := 0
				for r := range h {
					if h[r][a] == h[r][b] {
						agree++
					}
				}
				if 2*agree != len(h) {
					t.Fatalf("order %d: columns %d and %d are not orthogonal", len(h), a, b)
				}
			}
		}
	}
}

func TestSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float64, 1000)
	for i := range x {
		x[i] = math.Ldexp(rng.NormFloat64(), rng.IntN(60)-30)
	}
	want := sum.Of(x)
	for range 50 {
		rng.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
		if got := sum.Of(x); got != want {
			t.Fatalf("another order gives %v instead of %v", got, want)
		}
	}
	if got := sum.Of([]float64{1e16, 1, -1e16, 1e-3}); math.Abs(got-1.001) > 1e-12 {
		t.Errorf("sum is %v, want 1.001", got)
	}
	if got := sum.Of(nil); got != 0 {
		t.Errorf("nothing adds to %v", got)
	}
}

// The jackknife without a table has the factors of one with a table.
func TestJackknifeTotals(t *testing.T) {
	j := &jackknife{group: []int32{0, 0, 1, 2, 2, 2}, units: []int{2, 1, 3}, drop: []int32{0, 1, 2, 3, 4, 5}, alone: []bool{false, false, true, false, false, false}}
	sums := []float64{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8}
	fast, slow := make([]float64, 12), make([]float64, 12)
	j.totals(sums, 2, fast, 0, 6)
	multiply(j, 6, sums, 2, slow, 0, 6)
	for i := range fast {
		if math.Abs(fast[i]-slow[i]) > 1e-12 {
			t.Errorf("total %d is %v, from factors %v", i, fast[i], slow[i])
		}
	}
}
