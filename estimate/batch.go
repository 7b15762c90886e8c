package estimate

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Item is a column of answers of which few are different, as questionnaires
// give them: a code a row, and the value of each code. NaN, or a code beyond
// the end of Value, is a missing answer. The answers of package data come in
// this form.
type Item struct {
	Code  []uint8
	Value []float64
}

// Means are the means of many items in many groups, with their variances.
type Means struct {
	design *Design
	items  []Item
	group  []int32
	groups int
	cells  *cells // nil where rows are taken one by one
	est    [][]Estimate
	v      [][]float64
}

// MeansOf estimates the mean of each item in each group of people, with a
// variance, as Mean does item by item in the domains of Groups, bit for bit:
//
//	m_g = Σ w y / Σ w over people of group g who answered the item
//	z_i = Σ w (y - m_g) / Σ w over those of them in PSU i
//
// The first difference is time. Rows are sorted by PSU and group once; every
// item then costs two walks over its codes, and its answers are never written
// out as numbers. Sums stay exact all the same: weights, and the differences
// of answers from their mean, become whole numbers on binary grids, whose
// products add up in 128 bits. What does not fit the grids (weights or answers of
// very different sizes, means next to 0), designs of several stages and
// calibrated ones take the way of Mean. The second difference is room: influence
// values are not kept. Result makes them again for one item.
//
// group has one number a row, from 0 to below groups; other numbers belong to
// no group. nil puts everyone in group 0. The items and the groups must not
// change as long as the Means are used. ErrLength, ErrValue.
func (d *Design) MeansOf(items []Item, group []int32, groups int) (*Means, error) {
	if group == nil {
		group, groups = make([]int32, d.Rows()), 1
	}
	if len(group) != d.Rows() {
		return nil, fmt.Errorf("estimate: means: %d groups for %d rows: %w", len(group), d.Rows(), ErrLength)
	}
	for i, it := range items {
		if len(it.Code) != d.Rows() {
			return nil, fmt.Errorf("estimate: means: item %d: %d codes for %d rows: %w", i, len(it.Code), d.Rows(), ErrLength)
		}
		for _, y := range it.Value {
			if !usable(y) && !math.IsNaN(y) {
				return nil, fmt.Errorf("estimate: means: item %d has an answer %v: %w", i, y, ErrValue)
			}
		}
	}
	m := &Means{
		design: d, items: items, group: group, groups: groups,
		est: make([][]Estimate, len(items)), v: make([][]float64, len(items)),
	}
	if d.plain() {
		m.cells = d.cells(group, groups, items)
	}
	return m, m.run()
}

// plain reports whether variances need no more than the units of one stage.
func (d *Design) plain() bool {
	return len(d.levels) == 1 && d.residual == nil && !d.strict &&
		(d.lonely == LonelyFail || d.lonely == LonelyCertainty || !slices.ContainsFunc(d.levels[0].groups, group.alone))
}

// run does a handful of items at a time, on all processors.
func (m *Means) run() error {
	var next atomic.Int32
	var wg sync.WaitGroup
	errs := make([]error, len(m.items))
	for range min(runtime.GOMAXPROCS(0), (len(m.items)+handful-1)/handful) {
		wg.Go(func() {
			var w *walk
			if m.cells != nil {
				w = newWalk(m.design, m.cells, m.groups)
			}
			for {
				first := int(next.Add(handful)) - handful
				if first >= len(m.items) {
					return
				}
				m.some(w, first, min(first+handful, len(m.items)), errs)
			}
		})
	}
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return fmt.Errorf("estimate: means: item %d: %w", i, err)
		}
	}
	return nil
}

// some does the items from first to below end.
func (m *Means) some(w *walk, first, end int, errs []error) {
	var tallies []tally
	if w != nil {
		tallies = w.influence(m.items[first:end])
	}
	for i := first; i < end; i++ {
		m.v[i] = make([]float64, m.groups)
		if w != nil && tallies[i-first].fit {
			t := &tallies[i-first]
			w.variances(t, m.v[i])
			m.est[i] = t.est
			continue
		}
		var r *Result
		if r, errs[i] = m.Result(i); errs[i] != nil {
			continue
		}
		m.est[i] = r.est
		for g := range m.groups {
			m.v[i][g] = r.Variance(g)
		}
	}
}

// Items is the number of items.
func (m *Means) Items() int { return len(m.items) }

// Groups is the number of groups.
func (m *Means) Groups() int { return m.groups }

// At is the mean of an item in a group.
func (m *Means) At(item, group int) Estimate { return m.est[item][group] }

// Variance is the variance of a mean, NaN without a valid answer.
func (m *Means) Variance(item, group int) float64 { return m.v[item][group] }

// SE is the standard error of a mean.
func (m *Means) SE(item, group int) float64 { return math.Sqrt(m.v[item][group]) }

// DF is the degrees of freedom of a mean: PSUs less strata with a valid answer.
func (m *Means) DF(item, group int) float64 {
	return float64(m.est[item][group].PSUs - m.est[item][group].Strata)
}

// Result is the means of one item in all groups with their influence values,
// for covariances and contrasts: what Mean says.
func (m *Means) Result(item int) (*Result, error) {
	code := make([]int, len(m.group))
	for r, g := range m.group {
		code[r] = int(g)
	}
	domains, err := m.design.Groups(code, m.groups)
	if err != nil {
		return nil, err
	}
	it := m.items[item]
	y := make([]float64, len(it.Code))
	for r, c := range it.Code {
		y[r] = math.NaN()
		if int(c) < len(it.Value) {
			y[r] = it.Value[c]
		}
	}
	return m.design.Mean(y, domains...)
}
