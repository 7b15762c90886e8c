package crosstab

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
)

// sample is the people of a domain sorted by PSU, so that a pass over them adds up each PSU in one go.
type sample struct {
	design *estimate.Design
	rows   []int32   // in the domain, with a weight, by PSU
	weight []float64 // of these
	start  []int     // by PSU seen: where its rows begin; one more at the end
	unit   []int32   // by PSU seen
	draw   estimate.Draw
	plain  bool // the variance is the formula of one stage
}

// arrange sorts the people of a domain by PSU. Only for a batch is it worth finding out whether the short way to the
// variance is open.
func arrange(d *estimate.Design, in estimate.Domain, batch bool) (*sample, error) {
	if in.Design() != d {
		return nil, fmt.Errorf("crosstab: the domain: %w", estimate.ErrDesign)
	}
	s := &sample{design: d, draw: d.Stage(0)}
	for _, r := range in.Rows() {
		if d.Weight(int(r)) > 0 {
			s.rows = append(s.rows, r)
		}
	}
	if len(s.rows) == 0 {
		return nil, fmt.Errorf("crosstab: the domain: %w", estimate.ErrEmpty)
	}
	slices.SortStableFunc(s.rows, func(a, b int32) int { return int(s.draw.Unit[a] - s.draw.Unit[b]) })
	for i, r := range s.rows {
		s.weight = append(s.weight, d.Weight(int(r)))
		if u := s.draw.Unit[r]; i == 0 || u != s.unit[len(s.unit)-1] {
			s.start, s.unit = append(s.start, i), append(s.unit, u)
		}
	}
	s.start = append(s.start, len(s.rows))
	if batch {
		var err error
		if s.plain, err = s.simple(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// units is the number of PSUs seen.
func (s *sample) units() int { return len(s.unit) }

// sums adds the weights by PSU and cell.
func (s *sample) sums(cell []int32, cells int) []float64 {
	sums := make([]float64, s.units()*cells)
	for u := range s.units() {
		at := sums[u*cells : (u+1)*cells]
		for i := s.start[u]; i < s.start[u+1]; i++ {
			if c := cell[i]; c >= 0 {
				at[c] += s.weight[i]
			}
		}
	}
	return sums
}

// df is PSUs less strata, counting those with somebody in a cell.
func (s *sample) df(sums []float64, cells int) float64 {
	units, groups, last := 0, 0, int32(-1)
	for u, unit := range s.unit {
		if slices.Max(sums[u*cells:(u+1)*cells]) == 0 {
			continue
		}
		units++
		if g := s.draw.Group[unit]; g != last {
			groups++
			last = g
		}
	}
	return float64(units - groups)
}

// simple reports whether the variance of the design is the formula for one stage without lonely strata. What else there
// may be, calibration residuals above all, the design is asked itself: by the variance of a number it can have no opinion
// of, the size of the first PSU.
func (s *sample) simple() (bool, error) {
	if s.design.Stages() > 1 {
		return false, nil
	}
	for g, n := range s.draw.Units {
		if n < 2 && s.draw.Rate[g] < 1 {
			return false, nil
		}
	}
	z := slices.Repeat([]float64{math.NaN()}, s.design.Rows())
	cell := slices.Repeat([]int32{-1}, len(s.rows))
	for i := range s.start[1] {
		cell[i], z[s.rows[i]] = 0, 1
	}
	r, err := s.design.Linear([]float64{0}, [][]float64{z})
	if err != nil {
		return false, fmt.Errorf("crosstab: %w", err)
	}
	own := s.stage(s.sums(cell, 1), 1, [][]float64{{1}}).At(0, 0)
	return math.Abs(own-r.Variance(0)) <= 1e-9*own, nil
}

// stage is the covariance matrix of scores by cell in a design of one stage:
// Σ_h (1-f_h) n_h/(n_h-1) Σ_i (t_hi - t̄_h)(t_hi - t̄_h)', over all n_h PSUs drawn.
func (s *sample) stage(sums []float64, cells int, score [][]float64) *mat.SymDense {
	m := len(score)
	v := make([]float64, m*m)
	t := make([]float64, s.units()*m)
	for u := range s.units() {
		at := sums[u*cells : (u+1)*cells]
		for a, by := range score {
			var x float64
			for c, w := range at {
				x += w * by[c]
			}
			t[u*m+a] = x
		}
	}
	for lo := 0; lo < s.units(); {
		g := s.draw.Group[s.unit[lo]]
		hi := lo
		for hi < s.units() && s.draw.Group[s.unit[hi]] == g {
			hi++
		}
		if n := float64(s.draw.Units[g]); n > 1 {
			scatter(v, t[lo*m:hi*m], m, n, (1-s.draw.Rate[g])*n/(n-1))
		}
		lo = hi
	}
	sym := mat.NewSymDense(m, nil)
	for a := range m {
		for b := range a + 1 {
			sym.SetSym(a, b, v[a*m+b])
		}
	}
	return sym
}

// scatter adds the products of deviations of n units in m columns, of which those not written are zero.
func scatter(v, t []float64, m int, n, factor float64) {
	mean := make([]float64, m)
	for i, x := range t {
		mean[i%m] += x
	}
	for a := range mean {
		mean[a] /= n
	}
	zeros := n - float64(len(t)/m)
	for a := range m {
		for b := range a + 1 {
			sum := zeros * mean[a] * mean[b]
			for i := 0; i < len(t); i += m {
				sum += (t[i+a] - mean[a]) * (t[i+b] - mean[b])
			}
			v[a*m+b] += factor * sum
		}
	}
}

// spread gives covariances of scores that depend on the cell alone.
type spread struct {
	sample *sample
	cell   []int32
	sums   []float64
}

func (p spread) covariance(cells int, score [][]float64) (*mat.SymDense, error) {
	if p.sample.plain {
		return p.sample.stage(p.sums, cells, score), nil
	}
	d := p.sample.design
	z := make([][]float64, len(score))
	for a, by := range score {
		z[a] = slices.Repeat([]float64{math.NaN()}, d.Rows())
		for i, r := range p.sample.rows {
			if c := p.cell[i]; c >= 0 {
				z[a][r] = by[c]
			}
		}
	}
	r, err := d.Linear(make([]float64, len(z)), z)
	if err != nil {
		return nil, fmt.Errorf("crosstab: %w", err)
	}
	v := mat.NewSymDense(len(z), nil)
	for a := range z {
		for b := range a + 1 {
			v.SetSym(a, b, r.Covariance(a, b))
		}
	}
	return v, nil
}
