package estimate

import (
	"math"
	"slices"

	"adili/estimate/sum"
)

// cells are the rows that count, sorted by unit and group: the rows of one
// group in one unit are a cell. Units stand in the order of their first rows, so
// that columns are read from one end to the other. Weights are whole numbers in
// units of 2^grid.
type cells struct {
	row    []int32
	sorted []person // these rows
	person []person // by row of the sample, of no weight where they do not count
	width  int      // places a group
	grid   int
	digits int     // of the greatest weight
	from   []int32 // by cell, and one more: its first place in row
	group  []int32 // by cell
	to     []int32 // by cell: its place among all cells, sorted by stratum
	of     []int32 // by that place: the group
	first  []int32 // by stratum, and one more: the first place of its cells
	most   int     // rows of the largest cell
}

// person is a weight and the first place of a group.
type person struct {
	weight uint64
	place  int32
}

// mostDigits are those of a weight that leave room for its product with the
// deviation of an answer in 128 bits.
const mostDigits = 62

// cells sorts the rows, or returns nil if the weights do not fit a grid.
func (d *Design) cells(group []int32, groups int, items []Item) *cells {
	width := 1
	for _, it := range items {
		width = max(width, len(it.Value)+1)
	}
	grid, top := math.MaxInt, math.MinInt // places of the lowest and behind the highest digit of all weights
	for _, w := range d.weight {
		if w > 0 {
			low, high := sum.Digits(w)
			grid, top = min(grid, low), max(top, high)
		}
	}
	if grid > top || top-grid > mostDigits || groups*width > len(d.weight)+1<<16 {
		return nil
	}
	c := &cells{grid: grid, digits: top - grid, width: width, row: d.sortCells(group, groups)}
	c.sorted, c.person = make([]person, len(c.row)), make([]person, len(group))
	unit := math.Ldexp(1, -grid)
	leaf := int32(-1)
	for i, r := range c.row {
		c.person[r] = person{uint64(d.weight[r] * unit), group[r] * int32(width)}
		c.sorted[i] = c.person[r]
		if d.leaf[r] != leaf || group[r] != c.group[len(c.group)-1] {
			leaf = d.leaf[r]
			c.from = append(c.from, int32(i))
			c.group = append(c.group, group[r])
		}
	}
	c.from = append(c.from, int32(len(c.row)))
	c.byStratum(d)
	return c
}

// byStratum sorts the cells by their strata.
func (c *cells) byStratum(d *Design) {
	stratum, cell := make([]int32, d.levels[0].units), make([]int32, len(c.group))
	for h, g := range d.levels[0].groups {
		for u := g.lo; u < g.hi; u++ {
			stratum[u] = int32(h)
		}
	}
	c.first, c.to, c.of = make([]int32, len(d.levels[0].groups)+1), make([]int32, len(cell)), make([]int32, len(cell))
	for i := range cell {
		cell[i] = stratum[d.leaf[c.row[c.from[i]]]]
		c.first[cell[i]+1]++
		c.most = max(c.most, int(c.from[i+1]-c.from[i]))
	}
	for h := range d.levels[0].groups {
		c.first[h+1] += c.first[h]
	}
	next := slices.Clone(c.first)
	for i, h := range cell {
		c.to[i] = next[h]
		c.of[next[h]] = c.group[i]
		next[h]++
	}
}

// sortCells lists the rows with a weight and a group by leaf, in the order of
// their first rows, then group.
func (d *Design) sortCells(group []int32, groups int) []int32 {
	rows := make([]int32, 0, len(group))
	for r, g := range group {
		if g >= 0 && int(g) < groups && d.weight[r] > 0 {
			rows = append(rows, int32(r))
		}
	}
	turn, leaves := make([]int32, d.levels[0].units), int32(0) // by leaf, from 1: when it first came
	leaf := make([]int32, len(group))
	for _, r := range rows {
		if u := d.leaf[r]; turn[u] == 0 {
			leaves++
			turn[u] = leaves
		}
		leaf[r] = turn[d.leaf[r]] - 1
	}
	spare := make([]int32, len(rows))
	count(rows, spare, group, groups)
	count(spare, rows, leaf, int(leaves))
	return rows
}

// count sorts rows by their codes and keeps the order of equal ones.
func count(rows, to, code []int32, n int) {
	next := make([]int32, n+1)
	for _, r := range rows {
		next[code[r]+1]++
	}
	for i := range n {
		next[i+1] += next[i]
	}
	for _, r := range rows {
		c := code[r]
		to[next[c]] = r
		next[c]++
	}
}

// walk is the way through the cells for a handful of items, with room that the
// next ones use again. Rows are taken in blocks, each for all items: time goes by
// how much memory is read.
type walk struct {
	d      *Design
	cells  *cells
	tally  [handful]tally
	sums   []deviations
	strata []stratum // by group: the one being summed
}

// tally is what a walk keeps of one item.
type tally struct {
	item    Item
	weights []whole     // by group and code: the weight of who answered so
	answers []deviation // by group and code
	est     []Estimate
	scale   []float64 // by group: from weighted deviations to influence values
	fit     bool      // whether sums fit
	z       []float64 // by place of the cell, NaN where nobody answered
}

const (
	handful   = 3
	blockRows = 512
)

// whole is high 2^32 + low.
type whole struct{ low, high uint64 }

// deviation is y - m in whole units of its group, times 2, plus 1; 0 stands for
// a missing answer.
type deviation int64

// deviations is the sum of weighted deviations of rows, of 128 bits, and how
// many of them have an answer.
type deviations struct {
	low, high uint64
	people    int
}

func newWalk(d *Design, c *cells, groups int) *walk {
	w := &walk{d: d, cells: c, sums: make([]deviations, 1+max(blockRows, c.most)), strata: make([]stratum, groups)}
	for i := range w.tally {
		w.tally[i] = tally{
			z: make([]float64, len(c.group)), scale: make([]float64, groups),
			weights: make([]whole, groups*c.width), answers: make([]deviation, groups*c.width),
		}
	}
	return w
}

// influence computes the means of some items and the influence values of all
// cells.
func (w *walk) influence(items []Item) []tally {
	tallies := w.tally[:len(items)]
	for i, it := range items {
		tallies[i].item = it
		clear(tallies[i].weights)
	}
	for start := 0; start < len(w.cells.person); start += blockRows {
		end := min(start+blockRows, len(w.cells.person))
		for i := range tallies {
			tallies[i].weigh(w.cells, start, end)
		}
	}
	for i := range tallies {
		t := &tallies[i]
		t.est = t.means(w.cells, len(w.strata))
		t.fit = t.deviate(w.cells)
	}
	w.deviations(tallies)
	return tallies
}

// weigh adds the weights of the people of every group by their answer.
func (t *tally) weigh(c *cells, start, end int) {
	people, codes, last, sums := c.person[start:end], t.item.Code[start:end], len(t.item.Value), t.weights
	for i, code := range codes {
		p := &people[i]
		s := &sums[int(p.place)+min(int(code), last)]
		s.low += p.weight & (1<<32 - 1)
		s.high += p.weight >> 32
	}
}

// put adds a whole number times an answer to a sum.
func (c *cells) put(s *exact, n whole, y float64) {
	const half = 1 << 32
	s.product(y, math.Ldexp(float64(n.low%half), c.grid))
	s.product(y, math.Ldexp(float64(n.low/half+n.high%half), c.grid+32))
	s.product(y, math.Ldexp(float64(n.high/half), c.grid+64))
}

// means are the estimates, people, PSUs and strata not yet counted.
func (t *tally) means(c *cells, groups int) []Estimate {
	est := make([]Estimate, groups)
	for g := range est {
		var top, bottom exact
		for code, y := range t.item.Value {
			if n := t.weights[g*c.width+code]; !math.IsNaN(y) {
				c.put(&top, n, y)
				c.put(&bottom, n, 1)
			}
		}
		est[g].Value = math.NaN()
		if est[g].Population = bottom.value(); est[g].Population > 0 {
			est[g].Value = top.value() / est[g].Population
		}
	}
	return est
}
