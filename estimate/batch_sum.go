package estimate

import "math"

// quick adds like exact in most cases and says when it does not: it keeps what
// rounding took away in a second sum (Neumaier, ZAMM 54, 1974), and the size of
// all terms, from which a bound on the remaining error follows (Ogita, Rump &
// Oishi, SIAM J. Sci. Comput. 26, 2005: (n 2^-53)² Σ|x|).
type quick struct{ high, low, size float64 }

func (s *quick) add(x float64) {
	t := s.high + x
	b := t - s.high
	s.low += (s.high - (t - b)) + (x - b)
	s.high = t
	s.size += math.Abs(x)
}

// value is the sum of n terms, and whether it is surely the exact sum rounded.
func (s *quick) value(n int) (float64, bool) {
	c := float64(n + 4)
	bound := c * c * 0x1p-104 * s.size
	least, most := s.high+(s.low-bound), s.high+(s.low+bound)
	return least, least == most
}

// twice is x + y and what rounding took away (Knuth, TAOCP 2, 4.2.2).
func twice(x, y float64) (sum, rest float64) {
	sum = x + y
	b := sum - x
	return sum, (x - (sum - b)) + (y - b)
}

// mean is m = head + tail, head of 20 digits, and what influence values need.
type mean struct{ m, head, tail, scale float64 }

func newMean(e Estimate) mean {
	head := math.Float64frombits(math.Float64bits(e.Value) &^ (1<<33 - 1))
	return mean{e.Value, head, e.Value - head, 1 / e.Population}
}

// deviation is Σwy - m Σw of a cell in units of the grid, rounded once. With y
// and w in two parts each and m cut into head and tail, it is
//
//	(y.high - head w.high) 2^split + y.low - tail w.high 2^split - m w.low
//
// whose first difference two floats hold without error. The rest is small, and
// so is what rounding does to it: where that could change the last digit of the
// result, exact sums decide.
func (c *cells) deviation(t *total, m *mean, high float64) float64 {
	const (
		mostHigh = 1 << 33 // times 20 digits of the head
		mostLow  = 1 << 53
	)
	if t.w.high >= mostHigh || max(t.w.low, t.y.low, -t.y.low, t.y.high, -t.y.high) >= mostLow {
		return c.surely(t, m.m)
	}
	wh, wl, yl := float64(t.w.high), float64(t.w.low), float64(t.y.low)
	first, rest := twice(float64(t.y.high), float64(-m.head*wh))
	rest *= high
	first *= high
	middle, last := float64(m.tail*wh*high), float64(m.m*wl)
	small := (rest - middle) + (yl - last)
	bound := 0x1p-50 * (math.Abs(rest) + math.Abs(middle) + math.Abs(yl) + math.Abs(last))
	least, most := first+(small-bound), first+(small+bound)
	if least == most {
		return least
	}
	return c.surely(t, m.m)
}

// surely is the deviation by exact sums.
func (c *cells) surely(t *total, m float64) float64 {
	var s, people exact
	c.put(&s, t.y)
	c.put(&people, t.w)
	s.less(m, &people)
	return math.Ldexp(s.value(), -c.grid)
}

// deviations computes the influence values of all cells.
func (w *walk) deviations(est []Estimate) {
	means := make([]mean, len(est))
	for g, e := range est {
		means[g] = newMean(e)
	}
	c := w.cells
	high, unit := math.Ldexp(1, c.split), math.Ldexp(1, c.grid)
	for cell := range w.total {
		z := math.NaN()
		if t := &w.total[cell]; t.seen() {
			m := &means[c.group[cell]]
			z = float64(c.deviation(t, m, high) * unit * m.scale)
		}
		w.z[cell] = z
	}
}

// stratum sums the influence values of one group of people in one stratum.
type stratum struct {
	sum, square quick
	mean        float64
	units       int // with an answer
}

// variances adds up the strata as level.add does for one column, and counts
// their units.
func (w *walk) variances(est []Estimate, v []float64) {
	c := w.cells
	all := make([]exact, len(v))
	for h, g := range w.d.levels[0].groups {
		clear(w.strata)
		from, to := int(c.first[h]), int(c.first[h+1])
		zs, groups := w.z[from:to], c.group[from:to]
		for i, z := range zs {
			if z == z { // not NaN
				s := &w.strata[groups[i]]
				s.sum.add(z)
				s.units++
			}
		}
		n := float64(g.hi - g.lo)
		counts := g.rate < 1 && g.share > 0 && !g.alone()
		for q := range w.strata {
			s := &w.strata[q]
			if s.units > 0 {
				est[q].PSUs += s.units
				est[q].Strata++
				s.mean = w.settle(s.sum, s.units, from, to, q, func(z float64) float64 { return z }, 0) / n
			}
		}
		if !counts {
			continue
		}
		for i, z := range zs {
			if z == z {
				s := &w.strata[groups[i]]
				s.square.add(float64((z - s.mean) * (z - s.mean)))
			}
		}
		for q := range w.strata {
			s := &w.strata[q]
			if s.units == 0 {
				continue
			}
			others := float64((n - float64(s.units)) * (s.mean * s.mean))
			s.square.add(others)
			scatter := w.settle(s.square, s.units+1, from, to, q, func(z float64) float64 { return float64((z - s.mean) * (z - s.mean)) }, others)
			all[q].add(g.share * (1 - g.rate) * n / (n - 1) * scatter)
		}
	}
	for q := range v {
		v[q] = all[q].value()
		if est[q].N == 0 {
			v[q] = math.NaN()
		}
	}
}

// settle is a quick sum over some cells of a group, or where that is not sure
// the exact one, with one more term.
func (w *walk) settle(quick quick, n, from, to, group int, term func(z float64) float64, more float64) float64 {
	if v, sure := quick.value(n); sure {
		return v
	}
	var s exact
	for cell := from; cell < to; cell++ {
		if z := w.z[cell]; z == z && int(w.cells.group[cell]) == group {
			s.add(term(z))
		}
	}
	s.add(more)
	return s.value()
}
