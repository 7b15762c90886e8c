package replicate

import (
	"gonum.org/v1/gonum/floats"

	"adili/estimate/sum"
)

// table holds the factors by which replicates multiply the weights of units. It is the small thing that is kept instead of
// people x replicates weights.
type table interface {
	// replicates is how many there are.
	replicates() int
	// factors writes those of replicate r for the units from lo on.
	factors(r, lo int, to []float64)
	// totals adds factor x sum over the units: sums has units x k numbers, to has replicates x k. Only the replicates from
	// first to last-1 are worked on, always over the units in their order.
	totals(sums []float64, k int, to []float64, first, last int)
}

// counts are factors offset + slope x count.
type counts struct {
	count         [][]uint8 // by replicate, by unit
	offset, slope []float64 // by unit
}

func (t *counts) replicates() int { return len(t.count) }

func (t *counts) factors(r, lo int, to []float64) {
	for i, c := range t.count[r][lo : lo+len(to)] {
		to[i] = t.offset[lo+i] + float64(t.slope[lo+i]*float64(c))
	}
}

func (t *counts) totals(sums []float64, k int, to []float64, first, last int) {
	multiply(t, len(t.offset), sums, k, to, first, last)
}

// dense are factors as they are.
type dense struct {
	units  int
	factor [][]float64 // by replicate, by unit
}

func (t *dense) replicates() int { return len(t.factor) }

func (t *dense) factors(r, lo int, to []float64) { copy(to, t.factor[r][lo:]) }

func (t *dense) totals(sums []float64, k int, to []float64, first, last int) {
	multiply(t, t.units, sums, k, to, first, last)
}

// block is how many units multiply works on at a time, so that their sums stay near the processor while all replicates
// pass over them.
const block = 256

// multiply is the product of the factors with the sums of the units.
func multiply(t table, units int, sums []float64, k int, to []float64, first, last int) {
	factor := make([]float64, block)
	for lo := 0; lo < units; lo += block {
		part := factor[:min(block, units-lo)]
		for r := first; r < last; r++ {
			t.factors(r, lo, part)
			total := to[r*k : (r+1)*k]
			for i, f := range part {
				if f != 0 {
					floats.AddScaled(total, f, sums[(lo+i)*k:(lo+i+1)*k])
				}
			}
		}
	}
}

// jackknife drops one unit a replicate, so that its factors need no table at all.
type jackknife struct {
	group []int32 // by unit
	units []int   // by group
	drop  []int32 // by replicate: the unit
	alone []bool  // by replicate: the unit is the only one of its group
}

func (t *jackknife) replicates() int { return len(t.drop) }

func (t *jackknife) factors(r, lo int, to []float64) {
	dropped := t.drop[r]
	g := t.group[dropped]
	n, all := float64(t.units[g]), float64(len(t.group))
	for i := range to {
		u := int32(lo + i)
		switch {
		case t.alone[r]:
			to[i] = 1 + 1/all
			if u == dropped {
				to[i] = 1 / all
			}
		case u == dropped:
			to[i] = 0
		case t.group[u] == g:
			to[i] = n / (n - 1)
		default:
			to[i] = 1
		}
	}
}

// totals needs the sum of the dropped unit, of its group and of all only: T + (T_h - n_h T_u)/(n_h - 1).
func (t *jackknife) totals(sums []float64, k int, to []float64, first, last int) {
	column := make([]float64, len(t.group))
	for j := range k {
		for u := range column {
			column[u] = sums[u*k+j]
		}
		all := sum.Of(column)
		of := make([]float64, len(t.units))
		lo := 0
		for g, n := range t.units {
			of[g] = sum.Of(column[lo : lo+n])
			lo += n
		}
		for r := first; r < last; r++ {
			u := t.drop[r]
			g := t.group[u]
			n := float64(t.units[g])
			if t.alone[r] {
				to[r*k+j] = all + all/float64(len(t.group)) - of[g]
				continue
			}
			to[r*k+j] = all + (of[g]-float64(n*column[u]))/(n-1)
		}
	}
}
