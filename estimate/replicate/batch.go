package replicate

import (
	"math"

	"adili/estimate/sum"
)

// batch gathers ratios until there are enough for one pass over the replicates.
type batch struct {
	set    *Set
	total  bool
	result *Result
	ask    []pair
	none   []bool                 // by ratio asked for since the last pass: nobody answered
	copied map[*float64][]float64 // columns kept for an adjusted set, by their first element
	sums   [][]float64            // of units: numerator and denominator of each ratio in turn
	room   *room
}

// pair is a ratio: numerator, denominator (nil: 1) and the rows it is over.
type pair struct {
	num, den []float64
	rows     []int32
}

// room is the working space of the sums of units.
type room struct{ hi, lo, over, under []float64 }

func newBatch(s *Set, total bool) *batch {
	b := &batch{set: s, total: total, result: &Result{set: s}}
	if s.adjust == nil {
		b.room = &room{make([]float64, s.units), make([]float64, s.units), make([]float64, s.units), make([]float64, s.units)}
	}
	return b
}

// add asks for one ratio. Of sets without an adjustment only the sums of units are kept; weights that are adjusted differ
// within units.
func (b *batch) add(num, den []float64, rows []int32) {
	if b.set.adjust == nil {
		top, bottom := b.room.sums(b.set.base, b.set.unit, pair{num, den, rows})
		b.sums = append(b.sums, top)
		if !b.total {
			b.sums = append(b.sums, bottom)
		}
		b.none = append(b.none, sum.Size(bottom) == 0)
		return
	}
	p := pair{b.keep(num), den, rows}
	_, bottom := p.totals(b.set.base)
	b.ask, b.none = append(b.ask, p), append(b.none, bottom == 0)
}

// keep copies a column once, however many domains it is asked for in.
func (b *batch) keep(num []float64) []float64 {
	if len(num) == 0 {
		return nil
	}
	if c, ok := b.copied[&num[0]]; ok {
		return c
	}
	if b.copied == nil {
		b.copied = map[*float64][]float64{}
	}
	c := append([]float64(nil), num...)
	b.copied[&num[0]] = c
	return c
}

// full says whether there is enough for a pass: a hundred columns, or 64 MiB of them.
func (b *batch) full() bool {
	if b.set.adjust != nil {
		b.copied = nil // the next item may use the same slice
		return len(b.ask) >= 100 || len(b.ask)*b.set.design.Rows() >= 1<<23
	}
	return len(b.sums) >= 100 || len(b.sums)*b.set.units >= 1<<23
}

// flush answers what was asked for.
func (b *batch) flush() error {
	s, before := b.set, len(b.result.value)
	if len(b.none) == 0 {
		return nil
	}
	if s.adjust == nil {
		b.flushSums()
	} else if err := b.flushAdjusted(); err != nil {
		return err
	}
	for i, none := range b.none {
		if none {
			b.result.value[before+i] = math.NaN()
		}
	}
	b.none = nil
	return nil
}

// flushSums answers from the sums of units.
func (b *batch) flushSums() {
	s, k := b.set, len(b.sums)
	sums, full := make([]float64, s.units*k), make([]float64, k)
	for j, column := range b.sums {
		full[j] = sum.Of(column)
		for u, x := range column {
			sums[u*k+j] = x
		}
	}
	b.sums = nil
	to := make([]float64, s.Len()*k)
	share(s.Len(), func(first, last int) { s.table.totals(sums, k, to, first, last) })
	b.put(full, func(r, j int) float64 { return to[r*k+j] })
}

// put turns sums into estimates.
func (b *batch) put(full []float64, at func(r, j int) float64) {
	step := 2
	if b.total {
		step = 1
	}
	quotient := func(of func(j int) float64, j int) float64 {
		switch {
		case b.total:
			return of(j)
		case of(j+1) == 0:
			return math.NaN()
		}
		return of(j) / of(j+1)
	}
	for j := 0; j < len(full); j += step {
		rep := make([]float64, b.set.Len())
		for r := range rep {
			rep[r] = quotient(func(j int) float64 { return at(r, j) }, j)
		}
		b.result.value = append(b.result.value, quotient(func(j int) float64 { return full[j] }, j))
		b.result.rep = append(b.result.rep, rep)
	}
}

// flushAdjusted answers from the weights of each replicate.
func (b *batch) flushAdjusted() error {
	ask := b.ask
	b.ask = nil
	r, err := b.set.Estimate(func(w []float64) ([]float64, error) {
		values := make([]float64, len(ask))
		for i, p := range ask {
			top, bottom := p.totals(w)
			switch {
			case b.total:
				values[i] = top
			case bottom == 0:
				values[i] = math.NaN()
			default:
				values[i] = top / bottom
			}
		}
		return values, nil
	})
	if err != nil {
		return err
	}
	b.result.value = append(b.result.value, r.value...)
	b.result.rep = append(b.result.rep, r.rep...)
	return nil
}

// grids finds the greatest terms of both sums.
func (p pair) grids(w []float64) (top, bottom sum.Grid) {
	most, heaviest := 0.0, 0.0
	for _, r := range p.rows {
		y, x := p.num[r], 1.0
		if p.den != nil {
			x = p.den[r]
		}
		if y-y != 0 || x-x != 0 {
			continue
		}
		most = math.Max(most, math.Abs(w[r]*y))
		heaviest = math.Max(heaviest, math.Abs(w[r]*x))
	}
	return sum.NewGrid(most, len(p.rows)), sum.NewGrid(heaviest, len(p.rows))
}

// totals are the weighted sums over all rows of the pair.
func (p pair) totals(w []float64) (top, bottom float64) {
	a, b := p.grids(w)
	var hi, lo, over, under float64
	for _, r := range p.rows {
		y, x := p.num[r], 1.0
		if p.den != nil {
			x = p.den[r]
		}
		if y-y != 0 || x-x != 0 {
			continue // missing
		}
		a.Add(&hi, &lo, float64(w[r]*y))
		b.Add(&over, &under, float64(w[r]*x))
	}
	return hi + lo, over + under
}

// sums are the weighted sums of the pair in every unit.
func (m *room) sums(w []float64, unit []int32, p pair) (top, bottom []float64) {
	a, b := p.grids(w)
	for u := range m.hi {
		m.hi[u], m.lo[u], m.over[u], m.under[u] = 0, 0, 0, 0
	}
	for _, r := range p.rows {
		y, x := p.num[r], 1.0
		if p.den != nil {
			x = p.den[r]
		}
		if y-y != 0 || x-x != 0 {
			continue // missing
		}
		u := unit[r]
		a.Add(&m.hi[u], &m.lo[u], float64(w[r]*y))
		b.Add(&m.over[u], &m.under[u], float64(w[r]*x))
	}
	top, bottom = make([]float64, len(m.hi)), make([]float64, len(m.hi))
	for u := range top {
		top[u], bottom[u] = m.hi[u]+m.lo[u], m.over[u]+m.under[u]
	}
	return top, bottom
}
