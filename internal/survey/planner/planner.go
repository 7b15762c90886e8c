package planner

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"adili/disclosure"
	"adili/form"
	"adili/internal/survey"
	"adili/sampling"
)

// MinShared is the fewest people of the frame who should share a combination of
// broad answers: whoever is one of fewer might be recognised. It is the size
// under which the report shows no group.
const MinShared = disclosure.MinGroup

// Forecast is what a plan needs and what it may expect.
type Forecast struct {
	Strata   []Need
	Frame    int     // people
	Needed   int     // answers for the wanted margin
	Invite   int     // people to invite
	Expected int     // answers to expect from them
	Reached  bool    // the expected answers suffice
	Margin   float64 // half width for a share of one half, with the expected answers
	Change   float64 // smallest change of a share between two such rounds that would be noticed, in four of five cases
	Effect   float64 // design effect used
}

// Need is the part of one collection stratum.
type Need struct {
	Stratum  survey.Stratum
	Needed   int
	Invite   int
	Expected int
	Margin   float64 // of the stratum alone
}

// Strata are the plan's collection strata: as they were fixed, or as they would
// be if they were fixed now.
func Strata(p survey.Plan, kind form.Population) []survey.Stratum {
	if len(p.Strata) > 0 {
		return p.Strata
	}
	strata, _ := p.Split(kind)
	return strata
}

// Predict computes what the plan needs: with the variance of package sampling,
// which is that of the report, at 95 %, for a share of one half. Persons drawn
// from a list have the design effect 1; where offices are drawn it is the
// plan's. It fails where there is no frame, as for an open link.
func Predict(p survey.Plan, kind form.Population) (Forecast, error) {
	f := Forecast{Frame: p.Frame.People(), Effect: 1}
	if p.Selection == survey.Clusters && p.DesignEffect > 1 {
		f.Effect = p.DesignEffect
	}
	strata := Strata(p, kind)
	size, err := sampling.Plan(sampling.Goal{
		Population: f.Frame, Margin: p.Margin, Share: 0.5, Level: sampling.Level, Effect: f.Effect, Response: p.Response,
	})
	if err != nil {
		return f, fmt.Errorf("plan the sample: %w", err)
	}
	f.Needed, f.Invite = size.Answers, size.Invited
	if p.Selection == survey.Everyone || p.Selection == survey.Sites {
		f.Invite = f.Frame // everybody there is asked
	}
	planned := make([]sampling.Stratum, len(strata))
	for i, st := range strata {
		planned[i] = sampling.Stratum{Population: st.People, Spread: sampling.Spread(0.5, st.People), Effect: f.Effect}
	}
	needed, err := sampling.Allocate(f.Needed, planned, 0, sampling.Proportional)
	if err != nil {
		return f, fmt.Errorf("share the sample out: %w", err)
	}
	invite, err := sampling.Allocate(f.Invite, planned, 0, sampling.Proportional)
	if err != nil {
		return f, fmt.Errorf("share the invitations out: %w", err)
	}
	for i, st := range strata {
		n := Need{Stratum: st, Needed: needed[i], Invite: invite[i]}
		n.Expected = int(math.Floor(float64(n.Invite)*p.Response + 1e-9))
		planned[i].Answers = n.Expected
		n.Margin = sampling.MarginOfError(planned[i:i+1], sampling.Level)
		f.Expected += n.Expected
		f.Strata = append(f.Strata, n)
	}
	f.Reached = f.Expected >= f.Needed-len(strata) // rounding costs less than one answer a stratum
	f.Margin = sampling.MarginOfError(planned, sampling.Level)
	f.Change = sampling.Detectable(planned, planned, sampling.Level, sampling.Power)
	return f, nil
}

// Shared is a combination of frame values that few people share.
type Shared struct {
	Dimensions []string
	Values     []string
	People     int
}

// MergeAdvice says which values of a dimension to offer as one answer, so that
// no combination stays too small. An empty With means that the dimension should
// not be asked at all.
type MergeAdvice struct {
	Dimension string
	Value     string
	With      string
}

// Combinations finds the combinations of two or more dimensions that fewer than
// MinShared people share, the smaller first, and which values to merge so that
// none is left. Combinations nobody has are no danger.
func Combinations(f survey.Frame) (rare []Shared, advice []MergeAdvice) {
	rare = grid(f).rare()
	work := grid(f).copy()
	left := rare
	for len(left) > 0 && len(advice) < maxAdvice {
		next := work.advise(left)
		if next == (MergeAdvice{}) {
			break
		}
		advice = append(advice, next)
		work.merge(next)
		left = work.rare()
	}
	slices.SortStableFunc(rare, func(a, b Shared) int { return a.People - b.People })
	return rare, advice
}

const maxAdvice = 40

// grid is a frame whose values are being merged.
type grid survey.Frame

func (f grid) copy() grid {
	c := grid{Dimensions: slices.Clone(f.Dimensions)}
	for _, cell := range f.Cells {
		c.Cells = append(c.Cells, survey.Cell{Values: slices.Clone(cell.Values), People: cell.People})
	}
	return c
}

// rare lists the small combinations of every set of two or more dimensions, in
// frame order, the sets of fewest dimensions first. What is already small in a
// part of the set is not listed again.
func (f grid) rare() []Shared {
	var all []Shared
	n := len(f.Dimensions)
	small := map[string]bool{}
	for size := 2; size <= n; size++ {
		for set := 1; set < 1<<n; set++ {
			columns := bitsOf(set, n)
			if len(columns) != size {
				continue
			}
			for _, s := range f.count(columns) {
				if s.People >= MinShared || s.People == 0 {
					continue
				}
				if !hasSmallPart(small, columns, s.Values) {
					all = append(all, s)
				}
				small[sharedKey(columns, s.Values)] = true
			}
		}
	}
	return all
}

func bitsOf(set, n int) []int {
	var columns []int
	for i := range n {
		if set&(1<<i) != 0 {
			columns = append(columns, i)
		}
	}
	return columns
}

func sharedKey(columns []int, values []string) string {
	return fmt.Sprint(columns) + strings.Join(values, "\x00")
}

// hasSmallPart reports whether leaving out one of the columns gives a
// combination that is known to be small.
func hasSmallPart(small map[string]bool, columns []int, values []string) bool {
	if len(columns) < 3 {
		return false
	}
	for i := range columns {
		c := slices.Delete(slices.Clone(columns), i, i+1)
		v := slices.Delete(slices.Clone(values), i, i+1)
		if small[sharedKey(c, v)] {
			return true
		}
	}
	return false
}

// count counts the people of each combination of the columns, in frame order.
func (f grid) count(columns []int) []Shared {
	var list []Shared
	index := map[string]int{}
	for _, cell := range f.Cells {
		s := Shared{People: cell.People}
		for _, c := range columns {
			s.Dimensions = append(s.Dimensions, f.Dimensions[c])
			s.Values = append(s.Values, cell.Values[c])
		}
		key := strings.Join(s.Values, "\x00")
		if i, ok := index[key]; ok {
			list[i].People += s.People
			continue
		}
		index[key] = len(list)
		list = append(list, s)
	}
	return list
}

// advise picks the value that stands in most small combinations, the one with
// fewest people if several do, and the smallest other value of its dimension to
// join it with.
func (f grid) advise(left []Shared) MergeAdvice {
	type place struct{ dimension, value string }
	count := map[place]int{}
	for _, s := range left {
		for i, d := range s.Dimensions {
			count[place{d, s.Values[i]}]++
		}
	}
	var best MergeAdvice
	most, fewest := 0, 0
	for _, d := range f.Dimensions {
		values, people := survey.Frame(f).Values(d)
		if len(values) < 2 {
			continue
		}
		for _, v := range values {
			n := count[place{d, v}]
			if n == 0 || n < most || n == most && people[v] >= fewest {
				continue
			}
			most, fewest = n, people[v]
			best = MergeAdvice{Dimension: d, Value: v, With: smallestOther(values, people, v)}
			if len(values) == 2 {
				best = MergeAdvice{Dimension: d}
			}
		}
	}
	return best
}

func smallestOther(values []string, people map[string]int, v string) string {
	with := ""
	for _, other := range values {
		if other != v && (with == "" || people[other] < people[with]) {
			with = other
		}
	}
	return with
}

// merge carries the advice out.
func (f grid) merge(a MergeAdvice) {
	column := slices.Index(f.Dimensions, a.Dimension)
	joined := a.Value + " + " + a.With
	for _, cell := range f.Cells {
		switch {
		case a.With == "":
			cell.Values[column] = ""
		case cell.Values[column] == a.Value || cell.Values[column] == a.With:
			cell.Values[column] = joined
		}
	}
}
