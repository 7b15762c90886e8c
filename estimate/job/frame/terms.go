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
		x := make([]float64, len(code))
		for r, c := range code {
			switch c {
			case -1:
				x[r] = math.NaN()
			case at:
				x[r] = 1
			}
		}
		names, columns = append(names, label+level), append(columns, x)
	}
	return names, columns, nil
}

// levels are the categories of a factor: those listed, or all. Rows of others are missing.
func (v *View) levels(t Term) ([]int, []string, error) {
	code, labels, err := v.Labels(t.Factor)
	if err != nil || t.Levels == nil {
		return code, labels, err
	}
	place := make([]int, len(labels))
	for i := range place {
		place[i] = -1
	}
	var levels []string
	for _, l := range t.Levels {
		name := fmt.Sprint(l)
		if at := slices.Index(labels, name); at >= 0 {
			place[at] = len(levels)
		}
		levels = append(levels, name)
	}
	for i, c := range code {
		if c >= 0 {
			code[i] = place[c]
		}
	}
	return code, levels, nil
}
