package disclosure

// Group is one row of a breakdown.
type Group struct {
	Name string
	N    int // people, not weighted
}

// Suppress says which groups of a breakdown to hide. The groups, among them one
// for those whose group is not known, have to add up to the population whose
// result is published as a total, so that the total less the shown groups is
// what all hidden groups have in common.
//
// Groups under the minimum are hidden (below MinGroup the minimum is MinGroup).
// Then the smallest shown group is hidden too, the first of equals, while
//
//   - a single group is hidden: subtraction would give its number and result;
//   - the hidden ones together have fewer people than the minimum: subtraction
//     would give a result on fewer people than may be shown;
//   - the hidden ones are all small, and so many that each has to be close to
//     the minimum: three groups known to be under 10 with 27 people in all have
//     9 each. Half the minimum has to be left open.
//
// Where the whole population is under the minimum all are hidden, and the total
// must not be published either.
//
// Decide the pattern once for a questionnaire, on those who answered it, and
// refine it by item with Refine. Never tell which groups were hidden for their
// size and which for the sake of others.
func Suppress(groups []Group, minimum int) []bool {
	return Refine(make([]bool, len(groups)), groups, minimum)
}

// Refine is Suppress for one item, of which some people gave no valid answer:
// what the pattern hides stays hidden, and groups whose own number of answers
// is too small are hidden in addition, with their complement. The pattern is
// not changed.
func Refine(pattern []bool, groups []Group, minimum int) []bool {
	minimum = max(minimum, MinGroup)
	hidden := make([]bool, len(groups))
	count, people, room := 0, 0, 0
	for i, g := range groups {
		if i < len(pattern) && pattern[i] || g.N < minimum {
			hidden[i] = true
			count++
			people += max(0, g.N)
			room += max(minimum-1, g.N)
		}
	}
	for count == 1 || count > 0 && (people < minimum || room == count*(minimum-1) && room-people < minimum/2) {
		next := -1
		for i, g := range groups {
			if !hidden[i] && (next < 0 || g.N < groups[next].N) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		hidden[next] = true
		count++
		people += groups[next].N
		room += groups[next].N
	}
	return hidden
}

// Filter is a published set of people: who of the respondents is in it.
type Filter struct {
	Name string
	In   []bool
}

// Pair is two published sets of which one contains the other, with too few
// people in between.
type Pair struct {
	Larger, Smaller string
	Difference      int
}

// Nested finds the pairs of sets that may each be published but not both: the
// difference of their results would be a result on fewer people than the
// minimum. Equal sets are no risk. The answer has the order of the filters,
// larger first.
func Nested(filters []Filter, minimum int) []Pair {
	minimum = max(minimum, MinGroup)
	size := make([]int, len(filters))
	for i, f := range filters {
		for _, in := range f.In {
			if in {
				size[i]++
			}
		}
	}
	var pairs []Pair
	for i, a := range filters {
		for j, b := range filters {
			d := size[i] - size[j]
			if size[j] >= minimum && d > 0 && d < minimum && contains(a.In, b.In) {
				pairs = append(pairs, Pair{Larger: a.Name, Smaller: b.Name, Difference: d})
			}
		}
	}
	return pairs
}

// contains reports whether everyone of b is in a.
func contains(a, b []bool) bool {
	for i, in := range b {
		if in && (i >= len(a) || !a[i]) {
			return false
		}
	}
	return true
}
