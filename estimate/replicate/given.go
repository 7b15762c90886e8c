package replicate

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"adili/estimate"
)

// Factors makes a set of replicates that were made elsewhere: factor[r] are the factors of replicate r on the weights of
// the design, one a row. Rows with the same factors in all replicates are kept once. The kind fixes the scale, as New
// does; for JKn the stratum of a replicate is that of a row whose factor is 0.
//
// It returns ErrFactor or ErrMethod.
func Factors(d *estimate.Design, m Method, factor [][]float64) (*Set, error) {
	if len(factor) < 2 {
		return nil, fmt.Errorf("replicate: %d columns of factors: %w", len(factor), ErrFactor)
	}
	for r, f := range factor {
		if len(f) != d.Rows() {
			return nil, fmt.Errorf("replicate: replicate %d: %d factors for %d rows: %w", r+1, len(f), d.Rows(), ErrFactor)
		}
		for i, x := range f {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("replicate: replicate %d, row %d: factor is %v: %w", r+1, i, x, ErrFactor)
			}
		}
	}
	m.Replicates = len(factor)
	s := start(d, m, d.Stage(0))
	t := &dense{factor: make([][]float64, len(factor))}
	s.unit, t.units = patterns(factor, d.Rows())
	s.units = t.units
	for r, f := range factor {
		t.factor[r] = make([]float64, t.units)
		for i, u := range s.unit {
			t.factor[r][u] = f[i]
		}
	}
	s.hold(t, 1)
	return s, s.rescale(factor)
}

// patterns numbers the rows by their factors, in an order that does not depend on that of the rows.
func patterns(factor [][]float64, rows int) (unit []int32, units int) {
	key := make([]string, rows)
	number := map[string]int32{}
	text := make([]byte, 8*len(factor))
	for i := range key {
		for r, f := range factor {
			binary.BigEndian.PutUint64(text[8*r:], math.Float64bits(f[i]+0)) // + 0 makes one zero of the two
		}
		key[i] = string(text)
		number[key[i]] = 0
	}
	for i, k := range slices.Sorted(maps.Keys(number)) {
		number[k] = int32(i)
	}
	unit = make([]int32, rows)
	for i, k := range key {
		unit[i] = number[k]
	}
	return unit, len(number)
}

// rescale sets the scales of replicates made elsewhere.
func (s *Set) rescale(factor [][]float64) error {
	stage, m, n := s.design.Stage(0), s.method, float64(s.Len())
	switch m.Kind {
	case JK1:
		if len(stage.Units) > 1 {
			return fmt.Errorf("replicate: JK1 of a design with %d strata: use JKn: %w", len(stage.Units), ErrMethod)
		}
		psus := float64(stage.Units[0])
		s.scale, s.df = (psus-1)/psus*(1-stage.Rate[0]), s.design.DF()
	case JKn:
		s.df = s.design.DF()
		for r, f := range factor {
			row := slices.Index(f, 0)
			if row < 0 {
				return fmt.Errorf("replicate: JKn: replicate %d drops nobody, so that its stratum is not known: %w", r+1, ErrFactor)
			}
			g := stage.Group[stage.Unit[row]]
			psus := float64(stage.Units[g])
			s.each[r] = (psus - 1) / psus * (1 - stage.Rate[g])
		}
	case BRR, Fay:
		if m.Kind == BRR && m.Rho != 0 || !(m.Rho >= 0 && m.Rho < 1) {
			return fmt.Errorf("replicate: %s with rho %v: it lies in 0 <= rho < 1, and is 0 for BRR: %w", m.Kind, m.Rho, ErrMethod)
		}
		s.scale = balancedScale(s.Len(), m.Rho)
	case RaoWu:
		s.scale = 1 / (n - 1)
	case Canty:
		s.scale = cantyScale(harmonic(stage), s.Len())
	case Preston:
		for r := range s.each {
			s.each[r] = 1 / (n - 1)
		}
	default:
		return fmt.Errorf("replicate: %s: %w", m.Kind, ErrMethod)
	}
	return nil
}

// Counts makes a set of Rao and Wu's replicates that were drawn elsewhere: count[r][u] says how often PSU u, as
// design.Stage(0) numbers them, was drawn in replicate r. The factor is count x n/(n-1) with the n PSUs of the stratum in
// the sample, the scale 1/(R-1). The counts are kept, not copied. The method's kind and number of replicates do not matter.
//
// It returns ErrFactor or a *StratumError.
func Counts(d *estimate.Design, m Method, count [][]uint8) (*Set, error) {
	if len(count) < 2 {
		return nil, fmt.Errorf("replicate: %d columns of counts: %w", len(count), ErrFactor)
	}
	m.Kind, m.Replicates = RaoWu, len(count)
	stage := d.Stage(0)
	if _, err := m.lonely(stage, estimate.LonelyCertainty); err != nil {
		return nil, err
	}
	s := start(d, m, stage)
	t := &counts{count: count, offset: make([]float64, s.units), slope: make([]float64, s.units)}
	for r, c := range count {
		if len(c) != s.units {
			return nil, fmt.Errorf("replicate: replicate %d: %d counts for %d PSUs: %w", r+1, len(c), s.units, ErrFactor)
		}
	}
	for u, g := range stage.Group {
		if n := float64(stage.Units[g]); n > 1 {
			t.slope[u] = n / (n - 1)
		} else {
			t.offset[u] = 1
		}
	}
	return s.hold(t, 1/float64(len(count)-1)), nil
}
