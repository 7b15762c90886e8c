package sum

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// In any order the sum has the same bits, and lies within rounding of the exact one.
func TestOf(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		x := make([]float64, 1+r.IntN(2000))
		exact := new(big.Float).SetPrec(2000)
		for i := range x {
			x[i] = math.Ldexp(r.Float64()-0.5, r.IntN(60)-30)
			exact.Add(exact, big.NewFloat(x[i]))
		}
		first := Of(x)
		want, _ := exact.Float64()
		if math.Abs(first-want) > math.Ldexp(Size(x), -90)*float64(len(x))+math.Abs(want)*1e-15 {
			t.Fatalf("%v, want %v", first, want)
		}
		for range 5 {
			r.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
			if again := Of(x); again != first {
				t.Fatalf("in another order %v, not %v", again, first)
			}
		}
	}
	if Of(nil) != 0 || Of([]float64{0, 0}) != 0 {
		t.Error("nothing adds to something")
	}
}
