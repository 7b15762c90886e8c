package replicate

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"adili/estimate"
)

// stream is the generator of one replicate: ChaCha8 keyed by the seed, the kind and the number of the replicate, so that
// replicates can be drawn in any order and by any number of goroutines.
func (m Method) stream(replicate int) *rand.Rand {
	var key [32]byte
	for i, x := range []uint64{m.Seed[0], m.Seed[1], uint64(m.Kind), uint64(replicate)} {
		binary.LittleEndian.PutUint64(key[8*i:], x)
	}
	return rand.New(rand.NewChaCha8(key))
}

// draws refuses a bootstrap without replicates.
func (m Method) draws() error {
	if m.Replicates < 2 {
		return fmt.Errorf("replicate: %s with %d replicates: ask for at least two, and 500 for a report: %w", m.Kind, m.Replicates, ErrMethod)
	}
	return nil
}

// bootstrap makes the replicates of Rao and Wu or of Canty and Davison.
func bootstrap(d *estimate.Design, m Method) (*Set, error) {
	if err := m.draws(); err != nil {
		return nil, err
	}
	stage := d.Stage(0)
	if _, err := m.lonely(stage, estimate.LonelyCertainty); err != nil {
		return nil, err
	}
	s := start(d, m, stage)
	t := &counts{count: make([][]uint8, m.Replicates), offset: make([]float64, s.units), slope: make([]float64, s.units)}
	draw, scale := t.raoWu(stage, d.Stages() == 1), 1/float64(m.Replicates-1)
	if m.Kind == Canty {
		least := smallest(stage)
		draw, scale = t.canty(stage, least), cantyScale(least, m.Replicates)
	}
	s.hold(t, scale)
	return s, parallel(m.Replicates, func(r int) error {
		t.count[r] = make([]uint8, s.units)
		rng := m.stream(r)
		for g, lo := 0, 0; g < len(stage.Units); g++ {
			hi := lo + stage.Units[g]
			if hi-lo > 1 {
				draw(rng, g, t.count[r][lo:hi])
			}
			lo = hi
		}
		return nil
	})
}

// raoWu sets the factors 1 - λ + λ n/(n-1) count, λ = sqrt(1-f), for n-1 units drawn with replacement out of n. With
// stages below the first f counts as 0: their part of the variance would be missing otherwise.
func (t *counts) raoWu(stage estimate.Draw, correct bool) func(rng *rand.Rand, g int, count []uint8) {
	for u, g := range stage.Group {
		n, f := float64(stage.Units[g]), 0.0
		if correct {
			f = stage.Rate[g]
		}
		lambda := math.Sqrt(1 - f)
		t.offset[u] = 1
		if n > 1 {
			t.offset[u], t.slope[u] = 1-lambda, lambda*n/(n-1)
		}
	}
	return func(rng *rand.Rand, _ int, count []uint8) {
		for range len(count) - 1 {
			raise(count, rng.IntN(len(count)))
		}
	}
}

// canty sets the factors of n units drawn out of n, with replacement, or without from copies of the sample that fill the
// population. The single scale of all replicates is that of the smallest stratum; the factors of larger ones come nearer
// to 1 to make up for it, and none is negative.
func (t *counts) canty(stage estimate.Draw, least float64) func(rng *rand.Rand, g int, count []uint8) {
	for u, g := range stage.Group {
		n := float64(stage.Units[g])
		t.offset[u] = 1
		if n > 1 {
			k := min(1, math.Sqrt(n/(n-1)*(least-1)/least))
			t.offset[u], t.slope[u] = 1-k, k
		}
	}
	return func(rng *rand.Rand, g int, count []uint8) {
		n := len(count)
		if stage.Rate[g] == 0 {
			for range n {
				raise(count, rng.IntN(n))
			}
			return
		}
		population := max(n, int(math.Round(float64(n)/stage.Rate[g])))
		taken := make(map[int]bool, n)
		for len(taken) < n {
			if i := rng.IntN(population); !taken[i] {
				taken[i] = true
				raise(count, i%n)
			}
		}
	}
}

// raise counts a draw. A count of 255 has a probability below 1e-500 and stays where it is.
func raise(count []uint8, unit int) {
	if count[unit] < math.MaxUint8 {
		count[unit]++
	}
}

// smallest is the least number of units of a stratum that has more than one, 0 if none has.
func smallest(stage estimate.Draw) float64 {
	least := 0
	for _, n := range stage.Units {
		if n > 1 && (least == 0 || n < least) {
			least = n
		}
	}
	return float64(least)
}

// harmonic is the harmonic mean of the numbers of units in the strata that have more than one, 0 if none has.
func harmonic(stage estimate.Draw) float64 {
	strata, inverse := 0.0, 0.0
	for _, n := range stage.Units {
		if n > 1 {
			strata++
			inverse += 1 / float64(n)
		}
	}
	if strata == 0 {
		return 0
	}
	return strata / inverse
}

// cantyScale is n/((n-1)(R-1)); with no stratum that could vary it does not matter.
func cantyScale(n float64, replicates int) float64 {
	if n == 0 {
		return 0
	}
	return n / ((n - 1) * float64(replicates-1))
}
