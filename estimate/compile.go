package estimate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
)

// Compile checks a sample and prepares it for estimation.
//
// It returns ErrEmpty, ErrLength, ErrWeight, ErrCode, ErrPopulation, or a *LonelyError when a stratum has a single unit
// and the sample has no rule for that.
func Compile(s Sample) (*Design, error) {
	if err := check(s); err != nil {
		return nil, fmt.Errorf("estimate: compile: %w", err)
	}
	stages := s.Stages
	if len(stages) == 0 {
		stages = []Stage{{}}
	}
	d := &Design{weight: slices.Clone(s.Weight), lonely: s.Lonely}
	keys := make([]key, 0, 2*len(stages))
	for _, st := range stages {
		keys = append(keys, rank(st.Stratum, st.StratumCode, d.Rows(), false), rank(st.Unit, st.UnitCode, d.Rows(), true))
	}
	d.order = sorted(keys, d.Rows())
	var above []int32 // by position in order: group of the level above
	var ups [][]int32 // by level, by position: unit
	for i := range stages {
		lv, group, unit := d.level(keys[:2*i+2], above)
		if err := lv.rate(stages[i], d.order, group); err != nil {
			return nil, fmt.Errorf("estimate: compile: stage %d: %w", i+1, err)
		}
		if i > 0 {
			lv.inherit(d.levels[i-1])
		}
		if err := d.refuseLonely(lv, stages[i], i+1, group); err != nil {
			return nil, err
		}
		d.levels = append(d.levels, lv)
		ups = append(ups, unit)
		if !lv.matters() {
			break
		}
		above = group
	}
	d.link(ups)
	return d, nil
}

// check looks at lengths and weights.
func check(s Sample) error {
	n := len(s.Weight)
	if n == 0 {
		return ErrEmpty
	}
	for i, w := range s.Weight {
		if !(w >= 0) || !usable(w) || w > 0 && w < 1/limit {
			return fmt.Errorf("row %d: %w", i, ErrWeight)
		}
	}
	for i, st := range s.Stages {
		for _, l := range []int{len(st.Unit), len(st.Stratum), len(st.UnitCode), len(st.StratumCode), len(st.Population), len(st.Fraction)} {
			if l != 0 && l != n {
				return fmt.Errorf("stage %d: %d values for %d rows: %w", i+1, l, n, ErrLength)
			}
		}
		for _, codes := range [][]int32{st.UnitCode, st.StratumCode} {
			if r := slices.IndexFunc(codes, func(c int32) bool { return c < 0 }); r >= 0 {
				return fmt.Errorf("stage %d: row %d: %w", i+1, r, ErrCode)
			}
		}
	}
	return nil
}

// key is one number a row to sort by, from 0 to below n; nil numbers are 0.
type key struct {
	of []int32
	n  int
}

func (k key) differs(a, b int32) bool { return k.of != nil && k.of[a] != k.of[b] }

// rank numbers labels or codes in their order. Without either, rows are all alike, or each its own.
func rank(labels []string, codes []int32, n int, own bool) key {
	switch {
	case labels != nil:
		return rankLabels(labels)
	case codes != nil:
		return rankCodes(codes)
	case !own:
		return key{n: 1}
	}
	r := make([]int32, n)
	for i := range r {
		r[i] = int32(i)
	}
	return key{r, n}
}

func rankLabels(labels []string) key {
	index := make(map[string]int32)
	var distinct []string
	r := make([]int32, len(labels)) // by row: place in distinct
	for i, l := range labels {
		if i > 0 && l == labels[i-1] {
			r[i] = r[i-1]
			continue
		}
		k, ok := index[l]
		if !ok {
			k = int32(len(distinct))
			index[l] = k
			distinct = append(distinct, l)
		}
		r[i] = k
	}
	place := make([]int32, len(distinct))
	for i, l := range slices.Sorted(slices.Values(distinct)) {
		place[index[l]] = int32(i)
	}
	for i, k := range r {
		r[i] = place[k]
	}
	return key{r, len(distinct)}
}

// rankCodes takes codes as they are unless they lie far apart.
func rankCodes(codes []int32) key {
	top := int(slices.Max(codes))
	if top < 4*len(codes)+1000 {
		return key{codes, top + 1}
	}
	values := slices.Clone(codes)
	slices.Sort(values)
	values = slices.Compact(values)
	r := make([]int32, len(codes))
	for i, c := range codes {
		k, _ := slices.BinarySearch(values, c)
		r[i] = int32(k)
	}
	return key{r, len(values)}
}

// sorted lists the rows by their keys, then by their place in the sample: a counting sort by each key, the last one
// first.
func sorted(keys []key, n int) []int32 {
	order, spare := make([]int32, n), make([]int32, n)
	for i := range order {
		order[i] = int32(i)
	}
	for _, k := range slices.Backward(keys) {
		if k.of == nil || slices.IsSortedFunc(order, func(a, b int32) int { return cmp.Compare(k.of[a], k.of[b]) }) {
			continue
		}
		next := make([]int32, k.n+1)
		for _, c := range k.of {
			next[c+1]++
		}
		for i := range k.n {
			next[i+1] += next[i]
		}
		for _, r := range order {
			c := k.of[r]
			spare[next[c]] = r
			next[c]++
		}
		order, spare = spare, order
	}
	return order
}

// level finds the groups and units of a stage; the last two of keys are its own. It also returns the group and the unit
// of each position of the order.
func (d *Design) level(keys []key, above []int32) (level, []int32, []int32) {
	var lv level
	last := len(keys) - 1
	group, unit := make([]int32, d.Rows()), make([]int32, d.Rows())
	for p, r := range d.order {
		fresh, anew := p == 0, p == 0
		if p > 0 {
			before := d.order[p-1]
			for i, k := range keys {
				if k.differs(r, before) {
					anew = true
					fresh = fresh || i < last
				}
			}
		}
		if fresh {
			g := newGroup(lv.units)
			if above != nil {
				g.parent = int(above[p])
			}
			lv.groups = append(lv.groups, g)
		}
		if anew {
			lv.units++
		}
		lv.groups[len(lv.groups)-1].hi = lv.units
		group[p], unit[p] = int32(len(lv.groups)-1), int32(lv.units-1)
	}
	return lv, group, unit
}

// newGroup starts a group at a unit; without stages above its share is 1.
func newGroup(lo int) group { return group{lo: lo, share: 1} }

// rate sets the sampling fraction of every group, and checks that its rows agree on it.
func (lv *level) rate(st Stage, order, group []int32) error {
	if st.Population != nil && st.Fraction != nil {
		return fmt.Errorf("population and fraction both given: %w", ErrPopulation)
	}
	column := st.Population
	if column == nil {
		column = st.Fraction
	}
	if column == nil {
		return nil
	}
	seen := -1
	for p, r := range order {
		g := &lv.groups[group[p]]
		x := column[r]
		if int(group[p]) == seen {
			if x != column[order[p-1]] {
				return fmt.Errorf("row %d differs from others of its stratum: %w", r, ErrPopulation)
			}
			continue
		}
		seen = int(group[p])
		n := float64(g.hi - g.lo)
		switch {
		case x == 0:
		case st.Fraction != nil && x > 0 && x <= 1:
			g.rate = x
		case st.Population != nil && x >= n && usable(x):
			g.rate = n / x
		default:
			return fmt.Errorf("row %d: %v for %v units: %w", r, x, n, ErrPopulation)
		}
	}
	return nil
}

// inherit multiplies the rates of the groups above.
func (lv *level) inherit(above level) {
	for i := range lv.groups {
		p := above.groups[lv.groups[i].parent]
		lv.groups[i].share = p.share * p.rate
	}
}

// matters reports whether stages below this one can add to a variance.
func (lv *level) matters() bool {
	return slices.ContainsFunc(lv.groups, func(g group) bool { return g.share*g.rate > 0 })
}

// alone reports whether a group is a lonely one that counts.
func (g group) alone() bool { return g.hi-g.lo == 1 && g.rate < 1 && g.share > 0 }

// refuseLonely looks for lonely groups where there is no rule for them.
func (d *Design) refuseLonely(lv level, st Stage, stage int, group []int32) error {
	if d.lonely != LonelyFail {
		return nil
	}
	for i, g := range lv.groups {
		if !g.alone() {
			continue
		}
		label := ""
		p, _ := slices.BinarySearch(group, int32(i))
		switch r := d.order[p]; {
		case st.Stratum != nil:
			label = st.Stratum[r]
		case st.StratumCode != nil:
			label = strconv.Itoa(int(st.StratumCode[r]))
		}
		return &LonelyError{Stage: stage, Stratum: label}
	}
	return nil
}

// link numbers the leaves and ties every level to them.
func (d *Design) link(ups [][]int32) {
	last := len(ups) - 1
	d.leaf = make([]int32, d.Rows())
	for p, r := range d.order {
		d.leaf[r] = ups[last][p]
	}
	for i := range last {
		up := make([]int32, d.levels[last].units)
		for p := range d.order {
			up[ups[last][p]] = ups[i][p]
		}
		d.levels[i].up = up
	}
}
