package frame

import (
	"encoding/json"
	"errors"
	"fmt"

	"adili/estimate"
	"adili/estimate/data"
)

// Estimator answers a case with the keys of its result. Values are numbers, booleans, texts, nil, Matrix, and slices and
// maps of them; NaN is written as null.
type Estimator func(c *Case) (map[string]any, error)

// Matrix is a matrix with names.
type Matrix struct {
	Rows   []string    `json:"rows"`
	Cols   []string    `json:"cols"`
	Values [][]float64 `json:"values"`
}

// NewMatrix is a square matrix with the same names on both sides.
func NewMatrix(names []string, values [][]float64) Matrix { return Matrix{names, names, values} }

// Spec is a case as a job file has it.
type Spec struct {
	ID        string            `json:"id"`
	Design    string            `json:"design"`
	Estimator string            `json:"estimator"`
	Derive    map[string]string `json:"derive"`
	Args      json.RawMessage   `json:"args"`
	Expect    json.RawMessage   `json:"expect"`
	Tolerance json.RawMessage   `json:"tolerance"`
	Note      string            `json:"note"`
}

// Study is the data behind the designs of a job; what was read, matched and compiled is kept for the next case.
type Study struct {
	open    Open
	designs map[string]DesignSpec
	tables  map[string]*data.Table
	views   map[string]*View
	seed    [2]uint64
	kept    map[string]*estimate.Design
	raked   map[string]*estimate.Design
}

// NewStudy is a study over data files. The seed is for estimators that draw.
func NewStudy(designs map[string]DesignSpec, open Open, seed [2]uint64) *Study {
	return &Study{
		open: open, designs: designs, tables: map[string]*data.Table{}, views: map[string]*View{}, seed: seed,
		kept: map[string]*estimate.Design{}, raked: map[string]*estimate.Design{},
	}
}

// File gives a data file, read once.
func (s *Study) File(name string) (*data.Table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	t, err := s.open(name)
	if err == nil {
		s.tables[name] = t
	}
	return t, err
}

// Case is a case made ready for its estimator.
type Case struct {
	ID        string
	Estimator string
	Args      json.RawMessage
	View      *View // rows of the design; for a design without data it has none

	study *Study
	spec  DesignSpec
	name  string // of the design; "" when its columns are the case's own
}

// Case makes a case ready.
func (s *Study) Case(c Spec) (*Case, error) {
	spec, ok := s.designs[c.Design]
	if !ok && c.Design != "" {
		return nil, fmt.Errorf("the job has no design %q", c.Design)
	}
	view := s.views[c.Design]
	if view == nil {
		var err error
		if view, err = spec.view(s.File); err != nil {
			return nil, fmt.Errorf("design %s: %w", c.Design, err)
		}
		s.views[c.Design] = view
	}
	ready := &Case{ID: c.ID, Estimator: c.Estimator, Args: c.Args, View: view, study: s, spec: spec, name: c.Design}
	if len(c.Derive) > 0 {
		ready.View, ready.name = view.Derive(c.Derive), ""
	}
	return ready, nil
}

// Decode reads the arguments; one that the estimator does not know is an error that lists those it does.
func (c *Case) Decode(args any) error {
	if len(c.Args) == 0 {
		return nil
	}
	if err := strict(c.Args, args); err != nil {
		return fmt.Errorf("args: %w", err)
	}
	return nil
}

// File gives another data file.
func (c *Case) File(name string) (*data.Table, error) { return c.study.File(name) }

// Seed is the seed for draws.
func (c *Case) Seed() [2]uint64 { return c.study.seed }

// Sample is the sample of the design, for what estimate.Compile does not do.
func (c *Case) Sample() (estimate.Sample, error) { return c.sample(c.View, nil, "") }

// Design is the design of the case, compiled once.
func (c *Case) Design() (*estimate.Design, error) {
	if d := c.study.kept[c.name]; d != nil && c.name != "" {
		return d, nil
	}
	d, err := c.Compile(c.View, nil, "")
	if err == nil && c.name != "" {
		c.study.kept[c.name] = d
	}
	return d, err
}

// Compile is the design on other rows, with other weights (nil: its own) or another rule for lonely strata ("": its own).
func (c *Case) Compile(v *View, weight []float64, rule string) (*estimate.Design, error) {
	if v.Rows() == 0 {
		return nil, errors.New("the design has no rows")
	}
	sample, err := c.sample(v, weight, rule)
	if err != nil {
		return nil, fmt.Errorf("design: %w", err)
	}
	return estimate.Compile(sample)
}
