package resample

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"adili/estimate"
	"adili/estimate/data"
	"adili/estimate/job/frame"
	"adili/estimate/replicate"
	"adili/estimate/weight"
)

// replicates is REPLICATES of the job grammar.
type replicates struct {
	Kind       string         `json:"kind"`
	MSE        bool           `json:"mse"`
	File       string         `json:"file"`
	Rho        float64        `json:"rho"`
	Scale      *float64       `json:"scale"`
	Replicates int            `json:"replicates"` // of a bootstrap without a file
	Key        []string       `json:"key"`
	Columns    span           `json:"columns"`
	Base       *frame.Weights `json:"base"`
	Rerake     []frame.Margin `json:"rerake"`
	frame.Iteration
}

// span are columns prefix<from> to prefix<to>.
type span struct {
	Prefix string `json:"prefix"`
	From   int    `json:"from"`
	To     int    `json:"to"`
}

const (
	// usual is the number of replicates of a bootstrap that a job says nothing of.
	usual = 500
	// most is the greatest number that a job can ask for.
	most = 100_000
	// cells bounds replicates x units, so that a slip in a job does not fill the memory.
	cells = 1_000_000_000
)

// set makes the replicates, not raked.
func (s replicates) set(c *frame.Case) (*replicate.Set, error) {
	sample, err := c.Sample()
	if err != nil {
		return nil, err
	}
	if s.Base != nil {
		if sample.Weight, err = c.Weights(c.View, *s.Base); err != nil {
			return nil, fmt.Errorf("replicates: base: %w", err)
		}
	}
	d, err := estimate.Compile(sample)
	if err != nil {
		return nil, err
	}
	set, err := s.build(c, d, sample.Lonely)
	if err != nil {
		return nil, err
	}
	if s.Scale != nil {
		set = set.Scaled(*s.Scale)
	}
	return set.About(s.MSE), nil
}

func (s replicates) build(c *frame.Case, d *estimate.Design, lonely estimate.Lonely) (*replicate.Set, error) {
	m := replicate.Method{Rho: s.Rho, Seed: c.Seed(), Lonely: lonely, Replicates: s.Replicates}
	if s.Kind == "counts" {
		return s.counted(c, d, m)
	}
	var err error
	if m.Kind, err = replicate.ParseKind(s.Kind); err != nil {
		return nil, fmt.Errorf("%w; or counts", err)
	}
	if s.File != "" {
		return s.read(c, d, m)
	}
	if m.Replicates == 0 {
		m.Replicates = usual
	}
	if m.Replicates < 0 || m.Replicates > most {
		return nil, fmt.Errorf("replicates: %d of them: from 2 to %d can be asked for", m.Replicates, most)
	}
	units, stated := d.PSUs(), "PSUs"
	if m.Kind == replicate.Preston {
		units, stated = 8*d.Rows(), "units" // of 8 bytes each
	}
	if units > cells/m.Replicates {
		return nil, fmt.Errorf("replicates: %d of %d %s do not fit into memory; ask for fewer", m.Replicates, units, stated)
	}
	return replicate.New(d, m)
}

// read takes factors from a file whose rows are those of the data.
func (s replicates) read(c *frame.Case, d *estimate.Design, m replicate.Method) (*replicate.Set, error) {
	factor, err := numbers(c, s.File)
	if err != nil {
		return nil, err
	}
	set, err := replicate.Factors(d, m, factor)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File, err)
	}
	return set, nil
}

// numbers are the columns of a file.
func numbers(c *frame.Case, file string) (columns [][]float64, err error) {
	t, err := c.File(file)
	if err != nil {
		return nil, err
	}
	for _, name := range t.Columns() {
		x, err := t.Number(name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, x)
	}
	return columns, nil
}

// counted takes the numbers of draws of each PSU from a file.
func (s replicates) counted(c *frame.Case, d *estimate.Design, m replicate.Method) (*replicate.Set, error) {
	t, err := c.File(s.File)
	if err != nil {
		return nil, err
	}
	n := s.Columns.To - s.Columns.From + 1
	if len(s.Key) == 0 || n < 2 || n > most {
		return nil, fmt.Errorf("replicates: counts need key, and columns from one number to another, %d at most", most)
	}
	line, err := lines(c.View, t, s.Key, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.File, err)
	}
	count := make([][]uint8, n)
	for r := range count {
		name := fmt.Sprint(s.Columns.Prefix, s.Columns.From+r)
		x, err := t.Number(name)
		if err != nil {
			return nil, err
		}
		count[r] = make([]uint8, len(line))
		for u, at := range line {
			v := x[at]
			if !(v >= 0 && v <= math.MaxUint8) || v != math.Trunc(v) {
				return nil, fmt.Errorf("%s: line %d: column %s is %v: whole numbers from 0 to 255 are draws", s.File, at+2, name, v)
			}
			count[r][u] = uint8(v)
		}
	}
	return replicate.Counts(d, m, count)
}

// lines finds the line of a file for each PSU.
func lines(v *frame.View, t *data.Table, key []string, d *estimate.Design) ([]int, error) {
	theirs, err := frame.NewView(t).Keys(key)
	if err != nil {
		return nil, err
	}
	place := make(map[string]int, len(theirs))
	for i, k := range theirs {
		if _, twice := place[k]; twice {
			return nil, fmt.Errorf("%s has more than one line for %s", strings.Join(key, ", "), frame.ShowKey(k))
		}
		place[k] = i
	}
	ours, err := v.Keys(key)
	if err != nil {
		return nil, err
	}
	stage := d.Stage(0)
	line := make([]int, len(stage.Group))
	for i := range line {
		line[i] = -1
	}
	for r, u := range stage.Unit {
		at, ok := place[ours[r]]
		if !ok {
			return nil, fmt.Errorf("no line for %s %s", strings.Join(key, ", "), frame.ShowKey(ours[r]))
		}
		if line[u] >= 0 && line[u] != at {
			return nil, errors.New("one PSU of the design has several lines: key must name the PSU and nothing below it")
		}
		line[u] = at
	}
	return line, nil
}

// rake is the set with raked weights, if margins are named.
func (s replicates) rake(c *frame.Case, set *replicate.Set) (*replicate.Set, error) {
	if len(s.Rerake) == 0 {
		return set, nil
	}
	after, err := s.raked(c, set)
	if err != nil {
		return nil, fmt.Errorf("rerake: %w", err)
	}
	return after, nil
}

func (s replicates) raked(c *frame.Case, set *replicate.Set) (*replicate.Set, error) {
	margins, err := c.Margins(s.Rerake...)
	if err != nil {
		return nil, err
	}
	cells, err := weight.Cross(margins...)
	if err != nil {
		return nil, err
	}
	options, err := s.Options()
	if err != nil {
		return nil, err
	}
	return set.Raked(cells, options)
}
