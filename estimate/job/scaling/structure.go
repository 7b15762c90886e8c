package scaling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"adili/estimate/scale/factormodel"
)

// factors are the factors of a model in the order the job has them: parameters are answered in that order.
type factors []factormodel.Factor

// UnmarshalJSON reads {name: [items], ..}.
func (f *factors) UnmarshalJSON(text []byte) error {
	*f = nil
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("factors are an object of names with their items")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return fmt.Errorf("factors: %w", err)
		}
		one := factormodel.Factor{Name: fmt.Sprint(name)}
		if err := d.Decode(&one.Items); err != nil {
			return fmt.Errorf("factor %s: a list of items is expected: %w", one.Name, err)
		}
		*f = append(*f, one)
	}
	return nil
}

// structure is a factor model of the grammar.
type structure struct {
	Factors          factors `json:"factors"`
	Identification   string  `json:"identification"`
	Estimator        string  `json:"estimator"`
	Parameterisation string  `json:"parameterisation"`
}

// read checks the model against what its estimator can fit.
func (s structure) read(estimator string) (factormodel.Structure, error) {
	m := factormodel.Structure{Factors: s.Factors}
	switch s.Identification {
	case "", "marker":
	case "std_lv":
		m.Identification = factormodel.Unit
	default:
		return m, fmt.Errorf("identification %q is not known; there are: marker, std_lv", s.Identification)
	}
	if s.Estimator != "" && s.Estimator != estimator {
		return m, fmt.Errorf("model: this kind of case is fitted by %s, not %q", estimator, s.Estimator)
	}
	if s.Parameterisation != "" && s.Parameterisation != "delta" {
		return m, fmt.Errorf("parameterisation %q is not known; there is: delta", s.Parameterisation)
	}
	return m, nil
}

// items are all items of the model, each once.
func (s structure) items() []string {
	var names []string
	for _, f := range s.Factors {
		for _, item := range f.Items {
			if !slices.Contains(names, item) {
				names = append(names, item)
			}
		}
	}
	return names
}

// one gives the items of a model with a single factor; items may be given without a model.
func (s structure) one(items []string) ([]string, error) {
	switch {
	case len(s.Factors) == 0 && len(items) > 0:
		return items, nil
	case len(s.Factors) != 1:
		return nil, fmt.Errorf("model: one factor is expected, not %d", len(s.Factors))
	}
	for _, item := range items {
		if !slices.Contains(s.Factors[0].Items, item) {
			return nil, fmt.Errorf("item %s is not in the model", item)
		}
	}
	return s.Factors[0].Items, nil
}
