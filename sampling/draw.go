package sampling

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// Draw chooses n of the numbers 0 to size-1 by chance, each set of n as likely
// as any other, and returns them in ascending order. The same seed and sizes
// give the same choice on every machine and in every version, so that a draw
// can be checked by whoever knows the seed and the frame; record both.
//
// The generator is PCG-DXSM with the two halves of the seed (Go's math/rand/v2
// PCG), bounded numbers are made by Lemire's method, and the sample by Floyd's
// algorithm (Bentley & Floyd, Communications of the ACM 30, 1987). ErrInput if
// n is negative or above size.
func Draw(n, size int, seed [2]uint64) ([]int, error) {
	if n < 0 || n > size {
		return nil, fmt.Errorf("sampling: draw %d of %d: %w", n, size, ErrInput)
	}
	pcg := rand.NewPCG(seed[0], seed[1])
	chosen := make(map[int]bool, n)
	sample := make([]int, 0, n)
	for j := size - n; j < size; j++ {
		k := int(below(pcg, uint64(j)+1))
		if chosen[k] {
			k = j
		}
		chosen[k] = true
		sample = append(sample, k)
	}
	slices.Sort(sample)
	return sample, nil
}

// below is a number from 0 to n-1, all equally likely (Lemire, ACM Transactions
// on Modeling and Computer Simulation 29, 2019). It is written out here because
// the library does not promise to keep its own.
func below(pcg *rand.PCG, n uint64) uint64 {
	hi, lo := bits.Mul64(pcg.Uint64(), n)
	if lo < n {
		for floor := -n % n; lo < floor; {
			hi, lo = bits.Mul64(pcg.Uint64(), n)
		}
	}
	return hi
}
