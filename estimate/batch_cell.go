package estimate

import (
	"math"
	"math/bits"
)

// cells are the rows that count, sorted by unit and group: the rows of one
// group in one unit are a cell. Weights are whole numbers in units of
// 2^grid, cut into a high part in units of 2^(grid+split) and a low one.
type cells struct {
	row   []person
	all   []parts // by cell: the weight of its people
	from  []int32 // by cell, and one more: its first place in row
	leaf  []int32 // by cell
	group []int32 // by cell
	first []int32 // by stratum, and one more: its first cell
	grid  int
	split int
}

// person is a row and the parts of its weight: twelve bytes, for time goes by
// how much memory is read.
type person struct {
	low, high uint32
	row       int32
}

// parts is a whole number of up to 126 bits: high 2^split + low.
type parts struct{ low, high int64 }

// highBits are the digits of a weight in its high part, if the grid has room
// for the others: few, so that products with a mean need no rounding.
const highBits, partBits = 27, 32

// cells sorts the rows, or returns nil if the weights do not fit the grid with
// room for the sum of all rows times the largest answer.
func (d *Design) cells(group []int32, groups int, largest float64) *cells {
	low, top := math.MaxInt, math.MinInt // places of the lowest and behind the highest digit of all weights
	for _, w := range d.weight {
		if w > 0 {
			fraction, e := math.Frexp(w)
			digits := uint64(math.Ldexp(fraction, 53))
			low = min(low, e-53+bits.TrailingZeros64(digits))
			top = max(top, e)
		}
	}
	room := min(62-bits.Len(uint(len(d.weight)))-bits.Len(uint(largest)), partBits)
	if low > top || top-low > 2*room {
		return nil
	}
	c := &cells{grid: low, split: min(room, max(top-low-highBits, 1))}
	order := d.sortCells(group, groups)
	c.row = make([]person, 0, len(order))
	unit, high := math.Ldexp(1, -c.grid), math.Ldexp(1, -c.grid-c.split)
	for i, r := range order {
		w := d.weight[r]
		h := math.Floor(w * high)
		p := parts{low: int64((w - h/high) * unit), high: int64(h)}
		if last := len(c.leaf) - 1; i == 0 || d.leaf[r] != c.leaf[last] || group[r] != c.group[last] {
			c.from = append(c.from, int32(i))
			c.leaf = append(c.leaf, d.leaf[r])
			c.group = append(c.group, group[r])
			c.all = append(c.all, parts{})
		}
		c.row = append(c.row, person{uint32(p.low), uint32(p.high), r})
		cell := &c.all[len(c.all)-1]
		cell.low += p.low
		cell.high += p.high
	}
	c.from = append(c.from, int32(len(c.row)))
	next := 0
	for _, g := range d.levels[0].groups {
		c.first = append(c.first, int32(next))
		for next < len(c.leaf) && int(c.leaf[next]) < g.hi {
			next++
		}
	}
	c.first = append(c.first, int32(next))
	return c
}

// sortCells lists the rows with a weight and a group by leaf, then group.
func (d *Design) sortCells(group []int32, groups int) []int32 {
	var rows []int32
	for r, g := range group {
		if g >= 0 && int(g) < groups && d.weight[r] > 0 {
			rows = append(rows, int32(r))
		}
	}
	count(rows, group, groups)
	count(rows, d.leaf, d.levels[0].units)
	return rows
}

// count sorts rows by their codes and keeps the order of equal ones.
func count(rows, code []int32, n int) {
	next := make([]int32, n+1)
	for _, r := range rows {
		next[code[r]+1]++
	}
	for i := range n {
		next[i+1] += next[i]
	}
	to := make([]int32, len(rows))
	for _, r := range rows {
		c := code[r]
		to[next[c]] = r
		next[c]++
	}
	copy(rows, to)
}

// total is what a cell, or a group, has of one item: Σwy and Σw.
type total struct{ y, w parts }

func (t *total) seen() bool { return t.w.low|t.w.high != 0 }

// walk is the way through the cells for one item, with room that the next item
// uses again.
type walk struct {
	d      *Design
	cells  *cells
	groups int
	total  []total   // by cell
	z      []float64 // by cell, NaN where nobody answered
	whole  []total   // by group
	people []int     // by group
	strata []stratum // by group: the one being summed
}

func (w *walk) start(d *Design, c *cells, groups int) {
	w.d, w.cells, w.groups = d, c, groups
	if w.z == nil {
		w.total, w.z = make([]total, len(c.leaf)), make([]float64, len(c.leaf))
		w.whole, w.people = make([]total, groups), make([]int, groups)
		w.strata = make([]stratum, groups)
	}
	clear(w.whole)
	clear(w.people)
}

// sum adds weights and weighted answers inside every cell and every group.
func (w *walk) sum(it Item) {
	var answer [256]int64 // twice the answer, or 1 for a missing one
	for code := range answer {
		answer[code] = 1
		if code < len(it.Value) && !math.IsNaN(it.Value[code]) {
			answer[code] = 2 * int64(it.Value[code])
		}
	}
	c, codes := w.cells, it.Code
	for cell, all := range c.all {
		rows := c.row[c.from[cell]:c.from[cell+1]]
		low, high, some := int64(0), int64(0), int64(0)
		for i := range rows {
			p := &rows[i]
			a := answer[codes[p.row]]
			low += int64(p.low) * (a >> 1)
			high += int64(p.high) * (a >> 1)
			some |= a
		}
		people := len(rows)
		if some&1 != 0 {
			for _, p := range rows {
				gone := answer[codes[p.row]] & 1
				all.low -= int64(p.low) & -gone
				all.high -= int64(p.high) & -gone
				people -= int(gone)
			}
		}
		t := total{parts{low, high}, all}
		w.total[cell] = t
		g := c.group[cell]
		w.whole[g].add(t)
		w.people[g] += people
	}
}

func (t *total) add(u total) {
	t.y.low += u.y.low
	t.y.high += u.y.high
	t.w.low += u.w.low
	t.w.high += u.w.high
}

// put adds the number that parts stand for to a sum.
func (c *cells) put(s *exact, p parts) {
	const half = 1 << 32 // a float64 holds either half of a part
	s.add(math.Ldexp(float64(p.low/half), c.grid+32))
	s.add(math.Ldexp(float64(p.low%half), c.grid))
	s.add(math.Ldexp(float64(p.high/half), c.grid+c.split+32))
	s.add(math.Ldexp(float64(p.high%half), c.grid+c.split))
}

// means are the estimates, PSUs and strata not yet counted.
func (w *walk) means() []Estimate {
	est := make([]Estimate, w.groups)
	for g := range est {
		e := &est[g]
		if e.N = w.people[g]; e.N == 0 {
			e.Value = math.NaN()
			continue
		}
		var top, bottom exact
		w.cells.put(&top, w.whole[g].y)
		w.cells.put(&bottom, w.whole[g].w)
		e.Population = bottom.value()
		e.Value = top.value() / e.Population
	}
	return est
}
