package sum

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestNearest compares with arithmetic of 200 bits, ties and numbers next to ties among them.
func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 200_000 {
		high, low := int64(r.Uint64())>>(2+r.IntN(62)), r.Uint64()>>r.IntN(64)
		if r.IntN(2) == 0 {
			low = low>>r.IntN(64)<<r.IntN(64) + uint64(r.IntN(3)) - 1
		}
		whole := new(big.Int).Lsh(big.NewInt(high), 64)
		whole.Add(whole, new(big.Int).SetUint64(low))
		want, _ := new(big.Float).SetPrec(200).SetInt(whole).Float64()
		if got := Nearest(high, low); got != want {
			t.Fatalf("%d 2^64 + %d: %v, want %v", high, low, got, want)
		}
	}
}
