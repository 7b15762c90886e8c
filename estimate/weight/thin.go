package weight

import (
	"fmt"
	"slices"
	"strings"
)

// LeastRespondents is the number of respondents below which a category is too thin to weight by: its factor would be more
// chance than correction.
const LeastRespondents = 30

// Merged is a category made of several, because some of them were too thin.
type Merged struct {
	Label       string   // of the new category
	From        []string // the categories it is made of, in their order
	Respondents int
}

// Thinning is what Thin did to a margin, to be told where the weights are used.
type Thinning struct {
	Margin  string
	Least   int
	Merged  []Merged
	Dropped bool // nothing is left to weight by: fewer than two categories are thick enough
}

// Changed says whether anything was merged or dropped.
func (t Thinning) Changed() bool { return t.Dropped || len(t.Merged) > 0 }

// String tells it in a sentence.
func (t Thinning) String() string {
	if t.Dropped {
		return fmt.Sprintf("%s: dropped, because fewer than two categories have %d respondents", t.Margin, t.Least)
	}
	if len(t.Merged) == 0 {
		return fmt.Sprintf("%s: every category has %d respondents", t.Margin, t.Least)
	}
	var all []string
	for _, m := range t.Merged {
		all = append(all, fmt.Sprintf("%s (%d respondents)", strings.Join(m.From, " + "), m.Respondents))
	}
	return fmt.Sprintf("%s: merged %s, because categories had fewer than %d respondents", t.Margin, strings.Join(all, ", "), t.Least)
}

// Thin merges the categories of a margin that have too few respondents, until none is left: the factor of a thin category
// would be more chance than correction. The thinnest goes first, of equals the first in order. It joins the thinner of the
// two categories beside it where categories are ordered (age, size), else the thinnest of all others. A margin with fewer
// than two categories left is dropped, because it says nothing that the others do not.
//
// In Go, weight are the base weights; rows without weight, and missing codes, are no respondents. A nil weight counts every
// row. A category with neither respondents nor people in the population is left out without a word. Labels of merged
// categories are joined with " + ".
func Thin(m Margin, weight []float64, ordered bool, least int) (Margin, Thinning) {
	told := Thinning{Margin: m.Name, Least: least}
	bins := makeBins(m, weight)
	for len(bins) > 1 {
		thin := 0
		for i, b := range bins {
			if b.people < bins[thin].people {
				thin = i
			}
		}
		if bins[thin].people >= least {
			break
		}
		bins = join(bins, thin, partner(bins, thin, ordered))
	}
	if len(bins) < 2 {
		told.Dropped = true
		return Margin{}, told
	}
	n := Margin{Name: m.Name, Code: make([]int, len(m.Code))}
	place := slices.Repeat([]int{-1}, len(m.Labels))
	for i, b := range bins {
		var from []string
		for _, k := range b.from {
			place[k] = i
			from = append(from, m.Labels[k])
		}
		label := strings.Join(from, " + ")
		n.Labels, n.Total = append(n.Labels, label), append(n.Total, b.total)
		if len(from) > 1 {
			told.Merged = append(told.Merged, Merged{label, from, b.people})
		}
	}
	for r, k := range m.Code {
		n.Code[r] = -1
		if k >= 0 && k < len(place) {
			n.Code[r] = place[k]
		}
	}
	return n, told
}

// bin is one category to be, made of some.
type bin struct {
	from   []int
	people int
	total  float64
}

func makeBins(m Margin, weight []float64) []bin {
	people := make([]int, len(m.Labels))
	for r, k := range m.Code {
		if k >= 0 && k < len(people) && (weight == nil || weight[r] > 0) {
			people[k]++
		}
	}
	var bins []bin
	for k := range m.Labels {
		if people[k] > 0 || m.Total[k] > 0 {
			bins = append(bins, bin{[]int{k}, people[k], m.Total[k]})
		}
	}
	return bins
}

// partner is the bin that a thin one joins.
func partner(bins []bin, thin int, ordered bool) int {
	best := -1
	for i, b := range bins {
		if i == thin || ordered && i != thin-1 && i != thin+1 {
			continue
		}
		if best < 0 || b.people < bins[best].people {
			best = i
		}
	}
	return best
}

// join puts two bins together, in the place of the first of them.
func join(bins []bin, a, b int) []bin {
	a, b = min(a, b), max(a, b)
	bins[a].from = append(bins[a].from, bins[b].from...)
	slices.Sort(bins[a].from)
	bins[a].people += bins[b].people
	bins[a].total += bins[b].total
	return slices.Delete(bins, b, b+1)
}
