package frame

import (
	"fmt"
	"math"
	"slices"
)

// Matrix gives the explanatory variables of a model by column, NaN where a value is missing, with their names; the
// intercept is not among them.
func (v *View) Matrix(terms []Term) (names []string, columns [][]float64, err error) {
	for _, t := range terms {
		n, c, err := v.term(t)
		if err != nil {
			return nil, nil, err
		}
		names, columns = append(names, n...), append(columns, c...)
	}
	return names, columns, nil
}

func (v *View) term(t Term) ([]string, [][]float64, error) {
	label := t.Label
	if t.Factor == "" {
		if label == "" {
			label = t.Term
		}
		x, err := v.Number(t.Term)
		if err != nil {
			return nil, nil, fmt.Errorf("term %s: %w", label, err)
		}
		return []string{label}, [][]float64{x}, nil
	}
	if label == "" {
		label = t.Factor
	}
	code, levels, err := v.levels(t)
	if err != nil {
		return nil, nil, fmt.Errorf("factor %s: %w", label, err)
	}
	if !slices.Contains(levels, string(t.Ref)) {
		return nil, nil, fmt.Errorf("factor %s has no level %q for its reference; there are: %v", label, t.Ref, levels)
	}
	var names []string
	var columns [][]float64
	for at, level := range levels {
		if level == string(t.Ref) {
			continue
		}
		names, columns = append(names, label+level), append(columns, Indicator(code, at))
	}
	return names, columns, nil
}

// levels are the categories of a factor: those listed, or all. Rows of others are missing.
func (v *View) levels(t Term) ([]int, []string, error) {
	code, labels, err := v.Labels(t.Factor)
	if err != nil || t.Levels == nil {
		return code, labels, err
	}
	var levels []string
	for _, l := range t.Levels {
		levels = append(levels, fmt.Sprint(l))
	}
	return Recode(code, labels, levels), levels, nil
}

// LevelNames are the levels that are wanted, or all there are if none are named.
func LevelNames(wanted []Label, all []string) []string {
	if len(wanted) == 0 {
		return all
	}
	names := make([]string, len(wanted))
	for i, l := range wanted {
		names[i] = string(l)
	}
	return names
}

// Recode numbers categories by the place of their label among others; -1 is missing, or not among them.
func Recode(code []int, labels, among []string) []int {
	place := make(map[string]int, len(among))
	for i, l := range slices.Backward(among) { // of two that are alike the first counts
		place[l] = i
	}
	other := make([]int, len(code))
	for row, c := range code {
		other[row] = -1
		if c < 0 {
			continue
		}
		if at, ok := place[labels[c]]; ok {
			other[row] = at
		}
	}
	return other
}

// Indicator has 1 where a code is at, NaN where it is missing, and 0 elsewhere.
func Indicator(code []int, at int) []float64 {
	y := make([]float64, len(code))
	for row, c := range code {
		switch c {
		case -1:
			y[row] = math.NaN()
		case at:
			y[row] = 1
		}
	}
	return y
}
