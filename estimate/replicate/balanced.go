package replicate

import (
	"fmt"
	"math/bits"

	"adili/estimate"
)

// halves makes balanced half-samples: in replicate r stratum h keeps the PSU that column h of a Hadamard matrix says.
func halves(d *estimate.Design, m Method) (*Set, error) {
	if m.Kind == BRR && m.Rho != 0 || !(m.Rho >= 0 && m.Rho < 1) {
		return nil, fmt.Errorf("replicate: %s with rho %v: it lies in 0 <= rho < 1, and is 0 for BRR: %w", m.Kind, m.Rho, ErrMethod)
	}
	stage := d.Stage(0)
	alone, err := m.lonely(stage, estimate.LonelyCertainty)
	if err != nil {
		return nil, err
	}
	column := make([]int, len(stage.Units)) // of the matrix, by stratum; column 0, all alike, is left out
	used := 0
	for g, n := range stage.Units {
		switch {
		case n == 1 && (alone[g] || stage.Rate[g] >= 1):
		case n != 2:
			return nil, &StratumError{Kind: m.Kind, Row: firstRow(stage)[g], Units: n}
		default:
			used++
			column[g] = used
		}
	}
	h := hadamard(used + 1)
	s := start(d, m, stage)
	t := &counts{count: make([][]uint8, len(h)), offset: make([]float64, s.units), slope: make([]float64, s.units)}
	seen := make([]bool, len(stage.Units))
	second := make([]bool, s.units)
	for u, g := range stage.Group {
		second[u], seen[g] = seen[g], true
		t.offset[u] = 1
		if column[g] > 0 {
			t.offset[u], t.slope[u] = m.Rho, 2-2*m.Rho
		}
	}
	for r := range h {
		t.count[r] = make([]uint8, s.units)
		for u, g := range stage.Group {
			if h[r][column[g]] != second[u] {
				t.count[r][u] = 1
			}
		}
	}
	return s.hold(t, balancedScale(len(h), m.Rho)), nil
}

func balancedScale(replicates int, rho float64) float64 {
	return 1 / (float64(replicates) * (1 - rho) * (1 - rho))
}

// hadamard is a square matrix of at least n orthogonal columns of signs, true for plus, the first all plus. It is the
// smallest that comes from Paley's first construction (a prime p = 3 mod 4 gives p + 1) by doubling.
func hadamard(n int) [][]bool {
	best, core := 1<<bits.Len(uint(max(n, 1)-1)), 1
	for p := 3; p+1 < best; p += 4 {
		if !prime(p) {
			continue
		}
		order := p + 1
		for order < n {
			order *= 2
		}
		if order < best {
			best, core = order, p+1
		}
	}
	h := paley(core)
	for len(h) < best {
		h = doubled(h)
	}
	return h
}

func prime(p int) bool {
	for d := 2; d*d <= p; d++ {
		if p%d == 0 {
			return false
		}
	}
	return p > 1
}

// paley is the matrix of order p + 1 from the squares modulo p (R. E. A. C. Paley, On Orthogonal Matrices, 1933), its
// rows turned so that the first column is all plus; order 1 is a single plus.
func paley(order int) [][]bool {
	p := order - 1
	square := make([]bool, max(p, 1))
	for x := 1; x < p; x++ {
		square[x*x%p] = true
	}
	h := make([][]bool, order)
	for i := range h {
		h[i] = make([]bool, order)
		for j := range h[i] {
			switch {
			case i == 0 || j == 0:
				h[i][j] = true
			default:
				h[i][j] = i != j && square[(j-i+p)%p]
			}
		}
	}
	return h
}

// doubled is Sylvester's construction: the matrix beside itself, and beside its negative below.
func doubled(h [][]bool) [][]bool {
	n := len(h)
	twice := make([][]bool, 2*n)
	for i := range twice {
		twice[i] = make([]bool, 2*n)
		for j := range twice[i] {
			twice[i][j] = h[i%n][j%n] != (i >= n && j >= n)
		}
	}
	return twice
}
