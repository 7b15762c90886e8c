package scaling

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"adili/estimate/job/frame"
	"adili/estimate/scale"
)

// itemArgs are the arguments that name answers.
type itemArgs struct {
	Items      []string     `json:"items"`
	Factor     string       `json:"factor"`
	Reverse    []string     `json:"reverse"`
	ReverseSum *float64     `json:"reverse_sum"`
	Missing    string       `json:"missing"`
	Domain     frame.Domain `json:"domain"`
}

// answers are columns of answers after reversal, NaN outside the domain.
type answers struct {
	names   []string
	columns [][]float64
	in      []bool // rows of the domain
}

// read evaluates the items, or the items of a factor of the instrument that somebody in the domain answered.
func (a itemArgs) read(c *frame.Case) (answers, error) {
	in, err := c.View.Match(a.Domain)
	if err != nil {
		return answers{}, fmt.Errorf("domain: %w", err)
	}
	if a.Factor != "" {
		return a.factor(c, in)
	}
	if len(a.Items) == 0 {
		return answers{}, errors.New("items: none are named")
	}
	for _, item := range a.Reverse {
		if !slices.Contains(a.Items, item) {
			return answers{}, fmt.Errorf("reverse: %s is not among the items", item)
		}
	}
	if len(a.Reverse) > 0 && a.ReverseSum == nil {
		return answers{}, errors.New("reverse_sum is needed to reverse items: lowest plus highest answer")
	}
	out := answers{names: a.Items, in: in}
	for _, item := range a.Items {
		x, err := c.View.Number(item)
		if err != nil {
			return answers{}, fmt.Errorf("item %s: %w", item, err)
		}
		x = slices.Clone(x)
		if slices.Contains(a.Reverse, item) {
			for i := range x {
				x[i] = *a.ReverseSum - x[i]
			}
		}
		out.columns = append(out.columns, restrict(x, in))
	}
	return out, nil
}

func (a itemArgs) factor(c *frame.Case, in []bool) (answers, error) {
	switch {
	case len(a.Items) > 0:
		return answers{}, errors.New("either items or a factor is expected, not both")
	case len(a.Reverse) > 0 || a.ReverseSum != nil:
		return answers{}, errors.New("the instrument says which items of a factor are reversed: reverse does not go with factor")
	case c.View.Instrument() == nil:
		return answers{}, fmt.Errorf("factor %s: the design has no instrument", a.Factor)
	}
	out := answers{in: in}
	for _, item := range c.View.Instrument().Items(a.Factor) {
		x, err := c.View.Answer(item.Name)
		if err != nil {
			return answers{}, fmt.Errorf("item %s: %w", item.Name, err)
		}
		x = restrict(slices.Clone(x), in)
		if slices.ContainsFunc(x, func(v float64) bool { return !math.IsNaN(v) }) {
			out.names = append(out.names, item.Name)
			out.columns = append(out.columns, x)
		}
	}
	if len(out.names) == 0 {
		return answers{}, fmt.Errorf("factor %s has no item with an answer", a.Factor)
	}
	return out, nil
}

// answers reads the items, and makes a scale of the rows in the domain. Without a word on missing answers, other holds.
func (a itemArgs) answers(c *frame.Case, other string) (answers, *scale.Answers, error) {
	x, err := a.read(c)
	if err != nil {
		return x, nil, err
	}
	s, err := x.scale(a.Missing, other)
	return x, s, err
}

// restrict blanks the rows outside the domain.
func restrict(x []float64, in []bool) []float64 {
	for i := range x {
		if !in[i] {
			x[i] = math.NaN()
		}
	}
	return x
}

// scale gives the answers of the rows in the domain. Only "pairwise" and "listwise" are known; other is the default.
func (a answers) scale(missing, other string) (*scale.Answers, error) {
	listwise, err := listwise(missing, other)
	if err != nil {
		return nil, err
	}
	columns := make([][]float64, len(a.columns))
	for j, col := range a.columns {
		for i, v := range col {
			if a.in[i] {
				columns[j] = append(columns[j], v)
			}
		}
	}
	s, err := scale.NewAnswers(a.names, columns)
	if err != nil {
		return nil, err
	}
	if listwise {
		s = s.Complete()
	}
	return s, nil
}

func listwise(missing, other string) (bool, error) {
	if missing == "" {
		missing = other
	}
	switch missing {
	case "listwise":
		return true, nil
	case "pairwise":
		return false, nil
	}
	return false, fmt.Errorf("missing %q is not known; there are: listwise, pairwise", missing)
}

// only is for estimators of complete rows.
func only(missing string) error {
	ok, err := listwise(missing, "listwise")
	if err == nil && !ok {
		err = errors.New("missing: this estimator takes complete rows only: listwise")
	}
	return err
}

// byName makes an object of values by item.
func byName[T any](names []string, value func(i int) T) map[string]any {
	m := make(map[string]any, len(names))
	for i, name := range names {
		m[name] = value(i)
	}
	return m
}
