package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"adili/estimate"
	"adili/estimate/data"
	"adili/estimate/weight"
)

// DesignSpec is a design in a job file.
type DesignSpec struct {
	Data        Source            `json:"data"`
	Filter      Domain            `json:"filter"`
	Derive      map[string]string `json:"derive"`
	IDs         []Names           `json:"ids"`
	Strata      []Names           `json:"strata"`
	Weights     Weights           `json:"weights"`
	FPC         []string          `json:"fpc"`
	Nest        bool              `json:"nest"` // units are always nested in their stratum here
	Lonely      string            `json:"lonely_psu"`
	Instrument  *instrumentSpec   `json:"instrument"`
	Calibration *Calibration      `json:"calibration"`
	Note        string            `json:"note"`
}

// Calibration says how the weights of a design arose.
type Calibration struct {
	Base Weights `json:"base"`
	Raking
}

// Source is a data file, or several stacked.
type Source struct {
	Files []string
	Add   string // column that gets the number of the file
}

// UnmarshalJSON reads a file name or {"stack","add"}.
func (s *Source) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		s.Files = []string{one}
		return nil
	}
	var x struct {
		Stack []string `json:"stack"`
		Add   string   `json:"add"`
	}
	if err := strict(text, &x); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	if len(x.Stack) == 0 {
		return errors.New("data: a file, or a list of files in stack")
	}
	s.Files, s.Add = x.Stack, x.Add
	return nil
}

// Open gives data files by name; each call for a name gives the same table.
type Open func(name string) (*data.Table, error)

// view opens the rows of a design.
func (s *DesignSpec) view(open Open) (*View, error) {
	v := NewView(nil)
	if len(s.Data.Files) > 0 {
		var tables []*data.Table
		for _, name := range s.Data.Files {
			t, err := open(name)
			if err != nil {
				return nil, err
			}
			tables = append(tables, t)
		}
		t := tables[0]
		if len(tables) > 1 || s.Data.Add != "" {
			var err error
			if t, err = data.Stack(s.Data.Add, tables...); err != nil {
				return nil, err
			}
		}
		v = NewView(t)
	}
	v = v.Derive(s.Derive)
	if !s.Filter.Everyone() {
		in, err := v.Match(s.Filter)
		if err != nil {
			return nil, fmt.Errorf("filter: %w", err)
		}
		v = v.Keep(in)
	}
	if s.Instrument != nil {
		t, err := open(s.Instrument.File)
		if err != nil {
			return nil, err
		}
		if v.instrument, err = s.Instrument.build(t); err != nil {
			return nil, fmt.Errorf("instrument: %w", err)
		}
	}
	return v, nil
}

// lonely is the rule of a job file for strata with one unit.
func lonely(name string) (estimate.Lonely, error) {
	switch name {
	case "", "fail":
		return estimate.LonelyFail, nil
	case "remove", "certainty":
		return estimate.LonelyCertainty, nil
	case "adjust":
		return estimate.LonelyAdjust, nil
	case "average":
		return estimate.LonelyAverage, nil
	}
	return 0, fmt.Errorf("lonely_psu %q is not known; there are: fail, remove, certainty, adjust, average", name)
}

// sample builds what estimate.Compile needs.
func (c *Case) sample(v *View, weight []float64, rule string) (estimate.Sample, error) {
	s := c.spec
	if rule == "" {
		rule = s.Lonely
	}
	var sample estimate.Sample
	var err error
	if sample.Lonely, err = lonely(rule); err != nil {
		return sample, err
	}
	for i := range max(1, len(s.IDs), len(s.Strata), len(s.FPC)) {
		st := estimate.Stage{}
		if i < len(s.IDs) && len(s.IDs[i]) > 0 {
			if st.Unit, err = combined(v, s.IDs[i]); err != nil {
				return sample, fmt.Errorf("ids: %w", err)
			}
		}
		if i < len(s.Strata) && len(s.Strata[i]) > 0 {
			if st.Stratum, err = combined(v, s.Strata[i]); err != nil {
				return sample, fmt.Errorf("strata: %w", err)
			}
		}
		if i < len(s.FPC) {
			if err := population(v, s.FPC[i], &st); err != nil {
				return sample, fmt.Errorf("fpc: %w", err)
			}
		}
		sample.Stages = append(sample.Stages, st)
	}
	sample.Weight = weight
	if weight == nil {
		sample.Weight, err = c.weights(v, sample.Stages)
	}
	return sample, err
}

// weights are those that the design names, or the product over stages of population over sample size.
func (c *Case) weights(v *View, stages []estimate.Stage) ([]float64, error) {
	if c.spec.Weights.Given() {
		return c.Weights(v, c.spec.Weights)
	}
	w := fill(v.Rows(), 1.0)
	prefix := make([]string, v.Rows())
	for _, st := range stages {
		for i := range prefix {
			if st.Stratum != nil {
				prefix[i] += "\x00" + st.Stratum[i]
			}
		}
		units := map[string]map[string]bool{}
		own := make([]string, len(prefix))
		for i, p := range prefix {
			own[i] = strconv.Itoa(i)
			if st.Unit != nil {
				own[i] = st.Unit[i]
			}
			if units[p] == nil {
				units[p] = map[string]bool{}
			}
			units[p][own[i]] = true
		}
		for i, p := range prefix {
			switch {
			case st.Population != nil && st.Population[i] > 0:
				w[i] *= st.Population[i] / float64(len(units[p]))
			case st.Fraction != nil && st.Fraction[i] > 0:
				w[i] /= st.Fraction[i]
			}
			prefix[i] += "\x00" + own[i]
		}
	}
	return w, nil
}

// Keys are columns joined to one text a row, by which rows of two files are matched.
func (v *View) Keys(columns []string) ([]string, error) { return v.keys(columns, true) }

// combined is Keys of columns that must not be empty.
func combined(v *View, columns []string) ([]string, error) { return v.keys(columns, false) }

func (v *View) keys(columns []string, empty bool) ([]string, error) {
	all := make([]string, v.Rows())
	for i, name := range columns {
		text, err := v.Text(name)
		if err != nil {
			return nil, err
		}
		for r, t := range text {
			if t == "" && !empty {
				return nil, fmt.Errorf("row %d: column %s is empty", v.origin(r)+1, name)
			}
			if i > 0 {
				all[r] += "\x00"
			}
			all[r] += t
		}
	}
	return all, nil
}

// ShowKey is a joined key as a reader would write it.
func ShowKey(key string) string { return strings.ReplaceAll(key, "\x00", ", ") }

// population reads a column of population sizes, or of sampling fractions when one is below 1.
func population(v *View, name string, st *estimate.Stage) error {
	x, err := v.Number(name)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(x, func(y float64) bool { return y > 0 && y < 1 }) {
		st.Fraction = x
	} else {
		st.Population = x
	}
	for r, y := range x {
		if math.IsNaN(y) {
			return fmt.Errorf("row %d: column %s is empty", v.origin(r)+1, name)
		}
	}
	return nil
}

// Weights gives a column, or looks it up in another file.
func (c *Case) Weights(v *View, w Weights) ([]float64, error) {
	if !w.Given() {
		return nil, errors.New("no weights are named")
	}
	if w.File == "" {
		return v.Number(w.Column)
	}
	t, err := c.File(w.File)
	if err != nil {
		return nil, err
	}
	x, err := t.Number(w.Column)
	if err != nil {
		return nil, err
	}
	keys, err := combined(NewView(t), w.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.File, err)
	}
	place := make(map[string]int, len(keys))
	for i, k := range keys {
		place[k] = i
	}
	mine, err := combined(v, w.Key)
	if err != nil {
		return nil, err
	}
	found := make([]float64, len(mine))
	for i, k := range mine {
		at, ok := place[k]
		if !ok {
			return nil, fmt.Errorf("row %d: %s has no line for %s %s", v.origin(i)+1, w.File, strings.Join(w.Key, ", "), ShowKey(k))
		}
		found[i] = x[at]
	}
	return found, nil
}

// margin is a margin with the category of each row; -1 is a missing one.
func (c *Case) margin(m Margin) (weight.Margin, error) {
	w := weight.Margin{Name: strings.Join(m.By, " x "), Code: make([]int, c.View.Rows())}
	known, separator := m.Totals.Level, "."
	if m.Totals.File != "" {
		var err error
		if known, err = c.totals(m); err != nil {
			return w, err
		}
		separator = "\x00"
	}
	keys := slices.Sorted(maps.Keys(known))
	place := map[string]int{}
	for i, key := range keys {
		place[key] = i
		w.Total = append(w.Total, known[key])
		w.Labels = append(w.Labels, strings.ReplaceAll(key, "\x00", "."))
	}
	columns := make([][]string, len(m.By))
	for i, name := range m.By {
		var err error
		if columns[i], err = c.View.Text(name); err != nil {
			return w, err
		}
	}
	own := make([]string, len(columns))
	for r := range w.Code {
		for i := range columns {
			own[i] = columns[i][r]
		}
		w.Code[r] = -1
		if slices.Contains(own, "") {
			continue
		}
		at, ok := place[strings.Join(own, separator)]
		if !ok {
			return w, fmt.Errorf("row %d: margin %s has no total for %s", c.View.origin(r)+1, w.Name, strings.Join(own, " x "))
		}
		w.Code[r] = at
	}
	return w, nil
}

// totals reads the totals of a margin from a file.
func (c *Case) totals(m Margin) (map[string]float64, error) {
	t, err := c.File(m.Totals.File)
	if err != nil {
		return nil, err
	}
	v := NewView(t)
	in, err := v.Match(m.Totals.Filter)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Totals.File, err)
	}
	x, err := v.Number(m.Totals.Column)
	if err != nil {
		return nil, err
	}
	keys, err := combined(v.Keep(in), m.Totals.Key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.Totals.File, err)
	}
	known := map[string]float64{}
	at := 0
	for i, y := range x {
		if in[i] {
			known[keys[at]] += y
			at++
		}
	}
	return known, nil
}
