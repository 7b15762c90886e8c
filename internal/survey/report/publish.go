package report

import (
	"math"

	"adili/disclosure"
	"adili/estimate"
)

// MinSensitive is the number of people behind an answer of high sensitivity;
// behind any other number it is disclosure.MinGroup.
const MinSensitive = 20

// Confidence is the two-sided level of all intervals.
const Confidence = 0.95

// Absence says why there is no result. Whether a group was too small or left out
// for the sake of a smaller one is not told apart.
type Absence uint8

// The reasons. Present is none.
const (
	Present  Absence = iota
	NotAsked         // no such question was put to this group
	Hidden           // too few people, left out for the sake of others, or all alike
)

// Count is a number of people as it may be published.
type Count struct {
	N      int // to the nearest five; 0 when not shown
	Absent Absence
}

// Shown reports whether N may be printed.
func (c Count) Shown() bool { return c.Absent == Present }

// count publishes n if it reaches the threshold.
func count(n, least int) Count {
	if !disclosure.Shown(n, least) {
		return Count{Absent: Hidden}
	}
	return Count{N: disclosure.Count(n)}
}

// Edge marks a score so near the end of the scale that only that is said.
type Edge int8

// The ends.
const (
	Low    Edge = -1 // under 0.5
	Within Edge = 0
	High   Edge = 1 // over 9.5
)

// Share is a share of people as it may be published.
type Share struct {
	disclosure.Share
	Interval bool // From and To are given
	From, To float64
}

// Score is a factor score from 0 to 10 as it may be published, to 0.1.
type Score struct {
	Absent   Absence
	N        Count
	Items    int // questions it is made of
	Value    float64
	Edge     Edge
	Interval bool
	Lower    float64
	Upper    float64
}

const lowScore, highScore = 0.5, 9.5

// share publishes estimate i of r. deff is the design effect to assume where
// the answers show no spread.
func share(r *estimate.Result, i int, deff float64) Share {
	e := r.At(i)
	s := r.Share(i)
	s.Deff = deff
	limits := estimate.KornGraubard(s, Confidence, true)
	out := Share{Share: disclosure.Of(e.Value, e.Hits, e.N)}
	if s.DF > 0 || s.Complete {
		out.From, out.To, out.Interval = out.Share.Interval(limits.Lower, limits.Upper)
	}
	return out
}

// score publishes a mean score. alike says that everybody scored the same.
func score(r *estimate.Result, i, items int, alike bool) Score {
	s := placed(r.At(i).Value, r.At(i).N, items, alike)
	if s.Absent != Present || s.Edge != Within {
		return s
	}
	if limits := r.Interval(i, Confidence); !math.IsNaN(limits.Lower) && !math.IsNaN(limits.Upper) {
		s.Interval = true
		s.Lower, s.Upper = disclosure.Score(max(0, limits.Lower)), disclosure.Score(min(10, limits.Upper))
	}
	return s
}

// placed is the mean score of n people without its interval.
func placed(value float64, n, items int, alike bool) Score {
	s := Score{N: count(n, disclosure.MinGroup), Items: items}
	switch {
	case items == 0:
		s.Absent = NotAsked
	case !s.N.Shown() || alike:
		s.Absent = Hidden
	case value < lowScore:
		s.Value, s.Edge = lowScore/2, Low
	case value > highScore:
		s.Value, s.Edge = 10-lowScore/2, High
	default:
		s.Value = disclosure.Score(value)
	}
	return s
}

// alike reports whether all people with a score have the same one.
func alike(scores []float64, in func(row int) bool) bool {
	first := math.NaN()
	for i, v := range scores {
		switch {
		case math.IsNaN(v) || !in(i):
		case math.IsNaN(first):
			first = v
		case v != first:
			return false
		}
	}
	return true
}

// suppress says which parts of a group to hide, so that neither a part under
// disclosure.MinGroup people can be read nor worked out from the rest; pattern
// is hidden already. A part of which nobody answered is hidden like any other
// small one: that all of an office declined is told of each of them.
func suppress(counts []int, pattern []bool) []bool {
	parts := make([]disclosure.Group, len(counts))
	for i, n := range counts {
		parts[i].N = n
	}
	return disclosure.Refine(pattern, parts, disclosure.MinGroup)
}
