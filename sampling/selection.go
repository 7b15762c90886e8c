package sampling

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Method is how a sample was drawn.
type Method string

// The methods of this package.
const (
	MethodSimple     Method = "simple random"
	MethodSystematic Method = "systematic"
	MethodSize       Method = "systematic, proportional to size"
)

// Selection is a drawn sample and all that is needed to draw it again: method,
// seed and frame. Keep it with the survey.
type Selection struct {
	Method Method
	Seed   [2]uint64
	Frame  int // units in the frame, numbered from 0
	Units  []int
	// Probability is the chance each of Units had to be drawn; the weight of a
	// unit is one over it.
	Probability []float64
	// Certain is the number of units that were so large that they were taken
	// without a draw.
	Certain int
	// Reserve are units kept back, in blocks; see WithReserve.
	Reserve [][]int
}

// SimpleRandom draws n of the units 0 to size-1, every set of n alike; see
// Draw. ErrInput if n is negative or above size.
func SimpleRandom(n, size int, seed [2]uint64) (Selection, error) {
	units, err := Draw(n, size, seed)
	if err != nil {
		return Selection{}, err
	}
	return alike(MethodSimple, units, n, size, seed), nil
}

// Systematic draws every (size/n)th unit after a random start (Cochran,
// 1977): unit k is drawn when one of the n points (r + i size)/n, r a
// random whole number below size, falls into [k, k+1). Every unit has the
// chance n/size exactly, and a frame sorted by region or size is spread over as
// if stratified. Which pairs can come together depends on the order, so that the
// variance can only be approximated. The frame must not have a period.
func Systematic(n, size int, seed [2]uint64) (Selection, error) {
	if n < 0 || n > size {
		return Selection{}, fmt.Errorf("sampling: draw %d of %d: %w", n, size, ErrInput)
	}
	units := make([]int, 0, n)
	if n > 0 {
		start := int(below(rand.NewPCG(seed[0], seed[1]), uint64(size)))
		for i := range n {
			// Whole steps and remainders apart: start + i size could overflow.
			units = append(units, i*(size/n)+(start+i*(size%n))/n)
		}
	}
	return alike(MethodSystematic, units, n, size, seed), nil
}

func alike(m Method, units []int, n, size int, seed [2]uint64) Selection {
	s := Selection{Method: m, Seed: seed, Frame: size, Units: units, Probability: make([]float64, n)}
	for i := range s.Probability {
		s.Probability[i] = float64(n) / float64(size)
	}
	if n == size {
		s.Certain = n
	}
	return s
}

// Inclusion are the chances that make a sample of n proportional to size,
//
//	π_k = n x_k / Σ x
//
// Where that is 1 or more the unit is taken for certain, and the rest of n is
// spread over the others in the same way until no chance exceeds 1 (Särndal,
// Swensson & Wretman, 1992; Tillé, Sampling Algorithms, 2006). The
// answer also says how many units are certain. Units of size 0 are never drawn.
//
// ErrInput for a size that is negative or not finite, or fewer units with a
// size than n.
func Inclusion(n int, sizes []float64) (pi []float64, certain int, err error) {
	positive := 0
	for k, x := range sizes {
		if !(x >= 0) || math.IsInf(x, 1) {
			return nil, 0, fmt.Errorf("sampling: inclusion: unit %d has size %v: %w", k, x, ErrInput)
		}
		if x > 0 {
			positive++
		}
	}
	if n < 0 || n > positive {
		return nil, 0, fmt.Errorf("sampling: inclusion: draw %d of %d units with a size: %w", n, positive, ErrInput)
	}
	pi = make([]float64, len(sizes))
	sure := make([]bool, len(sizes))
	for more := true; more; {
		more = false
		sum := 0.0
		for k, x := range sizes {
			if !sure[k] {
				sum += x
			}
		}
		left := float64(n - certain)
		for k, x := range sizes {
			switch {
			case sure[k]:
			case x == 0 || left == 0:
				pi[k] = 0
			default:
				pi[k] = left * x / sum
			}
			// A chance of 1 but for rounding is certain.
			if !sure[k] && pi[k] >= 1-1e-12 {
				pi[k], sure[k], more = 1, true, true
				certain++
			}
		}
	}
	return pi, certain, nil
}

// ProportionalToSize draws n units with the chances of Inclusion, systematically:
// the chances are added up in the order of the frame, and a unit is drawn when
// one of the points u, u+1, u+2, ..., u a random number below 1, falls into its
// part (Madow, Annals of Mathematical Statistics 20, 1949). Large offices are
// then likelier to come, and with the same number of people from each every
// person has about the same weight. For errors see Inclusion.
func ProportionalToSize(n int, sizes []float64, seed [2]uint64) (Selection, error) {
	pi, certain, err := Inclusion(n, sizes)
	if err != nil {
		return Selection{}, err
	}
	s := Selection{Method: MethodSize, Seed: seed, Frame: len(sizes), Certain: certain}
	// 53 random bits, and half a bit more so that no point falls on a border.
	point := (float64(rand.NewPCG(seed[0], seed[1]).Uint64()>>11) + 0.5) / (1 << 53)
	sum, drawn := 0.0, 0
	for k, p := range pi {
		take := p == 1
		if !take {
			sum += p
			take = sum > point && drawn < n-certain
			if take {
				point++
				drawn++
			}
		}
		if take {
			s.Units = append(s.Units, k)
			s.Probability = append(s.Probability, p)
		}
	}
	// The sum of the chances can miss its whole number by rounding; the last
	// point then belongs to the last unit that is left.
	for k := len(pi) - 1; drawn < n-certain && k >= 0; k-- {
		if i, found := slices.BinarySearch(s.Units, k); !found && pi[k] > 0 {
			s.Units = slices.Insert(s.Units, i, k)
			s.Probability = slices.Insert(s.Probability, i, pi[k])
			drawn++
		}
	}
	return s, nil
}

// WithReserve draws a simple random sample of n units and blocks of units to
// fall back on when too few answer. The blocks are drawn with the sample, in
// random order, so that the sample with any number of whole blocks, taken in
// order, is a simple random sample again. A block is released whole and all its
// units are followed up like the others: taking only as many as are missing, or
// a reserve for each refusal, would prefer those who are easy to reach
// (Valliant, Dever & Kreuter, 2018, on replicates of a sample).
//
// ErrInput if a number is negative or sample and reserve exceed size.
func WithReserve(n, blocks, each, size int, seed [2]uint64) (Selection, error) {
	if n < 0 || blocks < 0 || each < 0 || n > size || blocks > 0 && each > (size-n)/blocks {
		return Selection{}, fmt.Errorf("sampling: draw %d with %d blocks of %d from %d: %w", n, blocks, each, size, ErrInput)
	}
	pcg := rand.NewPCG(seed[0], seed[1])
	frame := make([]int, size)
	for k := range frame {
		frame[k] = k
	}
	// The first places of a random order (Fisher & Yates; Durstenfeld, CACM 7, 1964).
	for i := range n + blocks*each {
		j := i + int(below(pcg, uint64(size-i)))
		frame[i], frame[j] = frame[j], frame[i]
	}
	cut := func(from, to int) []int {
		part := slices.Clone(frame[from:to])
		slices.Sort(part)
		return part
	}
	s := alike(MethodSimple, cut(0, n), n, size, seed)
	for b := range blocks {
		s.Reserve = append(s.Reserve, cut(n+b*each, n+(b+1)*each))
	}
	return s, nil
}

// Released is the sample with its first blocks of reserves: chances and weights
// are those of the larger sample. ErrInput if there are fewer blocks.
func (s Selection) Released(blocks int) (Selection, error) {
	if blocks < 0 || blocks > len(s.Reserve) {
		return Selection{}, fmt.Errorf("sampling: release %d of %d blocks: %w", blocks, len(s.Reserve), ErrInput)
	}
	units := slices.Concat(append([][]int{s.Units}, s.Reserve[:blocks]...)...)
	slices.Sort(units)
	r := alike(s.Method, units, len(units), s.Frame, s.Seed)
	r.Reserve = s.Reserve[blocks:]
	return r, nil
}

// Weights are one over the chances: how many units of the frame each drawn unit
// stands for.
func (s Selection) Weights() []float64 {
	w := make([]float64, len(s.Probability))
	for i, p := range s.Probability {
		w[i] = 1 / p
	}
	return w
}
