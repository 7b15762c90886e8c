package disclosure

import (
	"cmp"
	"slices"
)

// Combination is people who would give the same answers about themselves, one
// value for each profile question.
type Combination struct {
	Values []string
	N      int
}

// Combine adds up rows of the frame that share all values. Rows may stand for
// one person or for many; the answer is sorted by value, and without empty
// combinations.
func Combine(rows []Combination) []Combination {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Combination) int { return slices.Compare(a.Values, b.Values) })
	var all []Combination
	for _, r := range sorted {
		if r.N <= 0 {
			continue
		}
		if last := len(all) - 1; last >= 0 && slices.Equal(all[last].Values, r.Values) {
			all[last].N += r.N
			continue
		}
		all = append(all, Combination{Values: slices.Clone(r.Values), N: r.N})
	}
	return all
}

// Rare is the combinations that fewer people share than the minimum (at least
// MinGroup), in the order given. Somebody who knows the frame could recognise
// an answer by them.
func Rare(combinations []Combination, minimum int) []Combination {
	minimum = max(minimum, MinGroup)
	var rare []Combination
	for _, c := range combinations {
		if c.N > 0 && c.N < minimum {
			rare = append(rare, c)
		}
	}
	return rare
}

// Advice is an answer that takes part in rare combinations, a candidate for
// being merged with another.
type Advice struct {
	Column int    // place of the profile question
	Value  string // the answer
	Rare   int    // rare combinations it takes part in
	Of     int    // combinations it takes part in at all
	People int    // people in the rare ones
}

// Advise lists the answers worth merging: those of which the largest part of
// combinations is rare come first, then those that take part in more rare ones,
// then by question and answer. Answers in no rare combination are left out.
func Advise(combinations []Combination, minimum int) []Advice {
	type answer struct {
		column int
		value  string
	}
	found := make(map[answer]*Advice)
	var list []*Advice
	minimum = max(minimum, MinGroup)
	for _, c := range combinations {
		for i, v := range c.Values {
			a := found[answer{i, v}]
			if a == nil {
				a = &Advice{Column: i, Value: v}
				found[answer{i, v}] = a
				list = append(list, a)
			}
			if c.N <= 0 {
				continue
			}
			a.Of++
			if c.N < minimum {
				a.Rare++
				a.People += c.N
			}
		}
	}
	var advice []Advice
	for _, a := range list {
		if a.Rare > 0 {
			advice = append(advice, *a)
		}
	}
	slices.SortFunc(advice, func(a, b Advice) int {
		return cmp.Or(
			cmp.Compare(b.Rare*a.Of, a.Rare*b.Of), cmp.Compare(b.Rare, a.Rare),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Value, b.Value))
	})
	return advice
}
