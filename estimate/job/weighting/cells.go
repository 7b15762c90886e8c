package weighting

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"adili/estimate/data"
	"adili/estimate/job/frame"
	"adili/estimate/weight"
)

// method is how to weight the cells of a table.
type method struct {
	Kind    string     `json:"kind"`
	By      []string   `json:"by"`
	Margins [][]string `json:"margins"`
	frame.Iteration
	X        []frame.Term `json:"x"`
	Distance string       `json:"distance"`
	Bounds   []float64    `json:"bounds"`
}

// byCell weights the people of the cells of a table, each of whom starts with weight 1: a cell is a row that weighs as
// much as the people in it.
func byCell(_ *frame.Case, args struct {
	Cells      []map[string]any `json:"cells"`
	Sample     []float64        `json:"sample"`
	Population []float64        `json:"population"`
	Method     method           `json:"method"`
}) (map[string]any, error) {
	if len(args.Cells) == 0 || len(args.Sample) != len(args.Cells) || len(args.Population) != len(args.Cells) {
		return nil, fmt.Errorf("%d cells with %d sample and %d population counts: as many are needed of each",
			len(args.Cells), len(args.Sample), len(args.Population))
	}
	v, err := cellView(args.Cells)
	if err != nil {
		return nil, err
	}
	cal, err := args.Method.run(v, args.Sample, args.Population)
	if err != nil {
		return nil, err
	}
	w := make([]float64, len(args.Cells))
	for i, total := range cal.Weights() {
		w[i] = total / args.Sample[i] // NaN where nobody is in the cell
	}
	return map[string]any{"w": w}, nil
}

// cellView makes a table of the cells, so that expressions can be evaluated over them.
func cellView(cells []map[string]any) (*frame.View, error) {
	columns := slices.Sorted(maps.Keys(cells[0]))
	var text strings.Builder
	w := csv.NewWriter(&text)
	rows := [][]string{columns}
	for i, cell := range cells {
		if len(cell) != len(columns) {
			return nil, fmt.Errorf("cell %d has other columns than the first", i+1)
		}
		var row []string
		for _, name := range columns {
			value, ok := cell[name]
			if !ok {
				return nil, fmt.Errorf("cell %d has no %s", i+1, name)
			}
			row = append(row, fmt.Sprint(value))
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("cells: %w", err)
	}
	t, err := data.Read("cells", strings.NewReader(text.String()))
	if err != nil {
		return nil, fmt.Errorf("cells: %w", err)
	}
	return frame.NewView(t), nil
}

func (m method) run(v *frame.View, sample, population []float64) (*weight.Calibration, error) {
	switch m.Kind {
	case "poststratify":
		by, err := cellMargin(v, m.By, population)
		if err != nil {
			return nil, err
		}
		return weight.PostStratify(sample, by)
	case "rake":
		if len(m.Margins) == 0 {
			return nil, errors.New("method rake: margins are needed")
		}
		margins := make([]weight.Margin, len(m.Margins))
		for i, columns := range m.Margins {
			var err error
			if margins[i], err = cellMargin(v, columns, population); err != nil {
				return nil, err
			}
		}
		opt, err := m.Options()
		if err != nil {
			return nil, err
		}
		return weight.Rake(sample, margins, opt)
	case "calibrate":
		names, columns, err := v.Matrix(m.X)
		if err != nil {
			return nil, err
		}
		totals := map[string]float64{"(Intercept)": weight.Sum(population)}
		for i, x := range columns {
			products := make([]float64, len(x))
			for r, value := range x {
				products[r] = value * population[r]
			}
			totals[names[i]] = weight.Sum(products)
		}
		return calibration{X: m.X, Totals: totals, Distance: m.Distance, Bounds: m.Bounds}.run(v, sample, true)
	}
	return nil, fmt.Errorf("method %q is not known; there are: poststratify, rake, calibrate", m.Kind)
}

// cellMargin adds the population up to a margin.
func cellMargin(v *frame.View, columns []string, population []float64) (weight.Margin, error) {
	if len(columns) == 0 {
		return weight.Margin{}, errors.New("a margin without columns")
	}
	code, labels, err := v.Labels(columns...)
	if err != nil {
		return weight.Margin{}, err
	}
	total := make([]float64, len(labels))
	for r, k := range code {
		if k >= 0 {
			total[k] += population[r]
		}
	}
	return weight.Margin{Name: strings.Join(columns, " x "), Code: code, Labels: labels, Total: total}, nil
}
