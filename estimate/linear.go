package estimate

import (
	"fmt"
	"math"
	"slices"
)

// Residuals is what calibration leaves of influence values. When the weights w were calibrated to known totals of x, an
// estimate varies only by what x does not explain: z gives way to its residual from the weighted regression on x
// (Deville & Särndal, JASA 87, 1992). Package weight has one for each of its methods.
type Residuals interface {
	// Residuals replaces weighted influence values w_k z_k, one a row, by weighted residuals w_k e_k.
	Residuals(wz []float64)
}

// Calibrated is the design with variances from calibration residuals. The weights of the design must be the calibrated
// ones; domains of the one design are no domains of the other.
func (d *Design) Calibrated(by Residuals) *Design {
	c := *d
	c.residual = by
	c.leaves = make([]int32, d.levels[len(d.levels)-1].units)
	for i := range c.leaves {
		c.leaves[i] = int32(i)
	}
	return &c
}

// Linear makes a Result of estimates that were computed elsewhere: value[i] has the influence values z[i], one a row,
// not yet weighted, and NaN where the person takes no part in the estimate. All that this package does with its own
// estimates it does with these.
func (d *Design) Linear(value []float64, z [][]float64) (*Result, error) {
	if len(value) != len(z) {
		return nil, fmt.Errorf("estimate: linear: %d values with %d influences: %w", len(value), len(z), ErrLength)
	}
	r := &Result{design: d}
	for i, v := range value {
		if err := d.answers(z[i]); err != nil {
			return nil, fmt.Errorf("estimate: linear: influence %d: %w", i, err)
		}
		r.add(d.linear(v, z[i]))
	}
	return r, nil
}

func (d *Design) linear(value float64, z []float64) (Estimate, column, []int32) {
	e := Estimate{Value: value}
	var weight exact
	for i, w := range d.weight {
		if w > 0 && !math.IsNaN(z[i]) {
			e.N++
			weight.add(w)
		}
	}
	e.Population = weight.value()
	c := d.influence(z, nil, 0, 1, d.order)
	seen := c.unit
	e.PSUs, e.Strata = d.spread(seen)
	if d.residual != nil {
		c = d.calibrated(func(r int32) float64 { return z[r] }, d.order)
	}
	return e, c, seen
}

// calibrated adds the calibration residuals of the influence values of some rows inside each leaf unit.
func (d *Design) calibrated(z func(row int32) float64, rows []int32) column {
	wz := make([]float64, d.Rows())
	for _, r := range rows {
		if w := d.weight[r]; w > 0 {
			if x := z(r); !math.IsNaN(x) {
				wz[r] = w * x
			}
		}
	}
	d.residual.Residuals(wz)
	c := column{d.leaves, make([]float64, len(d.leaves))}
	var s exact
	alone := true
	for p, r := range d.order {
		last := p+1 == len(d.order) || d.leaf[d.order[p+1]] != d.leaf[r]
		if last && alone {
			c.z[d.leaf[r]] = wz[r] // a unit of one person needs no sum
			continue
		}
		s.add(wz[r])
		alone = false
		if last {
			c.z[d.leaf[r]] = s.value()
			s.reset()
			alone = true
		}
	}
	return c
}

// Draw is one stage of a design: its units, and the groups (strata within units of the stage before) they were drawn
// from, numbered from 0.
type Draw struct {
	Unit  []int32   // by row
	Group []int32   // by unit
	Units []int     // by group: n
	Rate  []float64 // by group: f = n/N, 0 for with replacement
}

// Stages is the number of stages that matter to the variance.
func (d *Design) Stages() int { return len(d.levels) }

// Stage describes stage i, 0 for the PSUs. Replicates and joint probabilities are made from it.
func (d *Design) Stage(i int) Draw {
	lv := d.levels[i]
	s := Draw{Unit: slices.Clone(d.leaf), Group: make([]int32, lv.units)}
	if lv.up != nil {
		for r, leaf := range d.leaf {
			s.Unit[r] = lv.up[leaf]
		}
	}
	for g, group := range lv.groups {
		for u := group.lo; u < group.hi; u++ {
			s.Group[u] = int32(g)
		}
		s.Units = append(s.Units, group.hi-group.lo)
		s.Rate = append(s.Rate, group.rate)
	}
	return s
}

// Weight is the weight of a row.
func (d *Design) Weight(row int) float64 { return d.weight[row] }

// Design is the design a domain is part of.
func (m Domain) Design() *Design { return m.design }

// Has says of each row whether it is in the domain.
func (m Domain) Has() []bool {
	in := make([]bool, m.design.Rows())
	for _, r := range m.rows {
		in[r] = true
	}
	return in
}

// Rows are the rows in the domain, in the order of the design.
func (m Domain) Rows() []int32 { return m.rows }
