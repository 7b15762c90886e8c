package describe

import (
	"fmt"
	"slices"

	"adili/estimate/association"
	"adili/estimate/job/frame"
	"adili/estimate/standard"
)

// crosstab is the estimated sizes of the cells of two columns.
func crosstab(c *frame.Case, args struct {
	Rows string `json:"rows"`
	Cols string `json:"cols"`
}) (map[string]any, error) {
	g := ground(c, "")
	row, rows := g.Labels(args.Rows)
	col, cols := g.Labels(args.Cols)
	if g.Err != nil {
		return nil, g.Err
	}
	cell := make([]int, len(row))
	people := make([]float64, len(row))
	for i := range cell {
		cell[i], people[i] = -1, 1
		if row[i] >= 0 && col[i] >= 0 {
			cell[i] = row[i]*len(cols) + col[i]
		}
	}
	cells, err := g.Design.Groups(cell, len(rows)*len(cols))
	if err != nil {
		return nil, err
	}
	r, err := g.Design.Total(people, cells...)
	if err != nil {
		return nil, err
	}
	counts, se := make([][]float64, len(rows)), make([][]float64, len(rows))
	for i := range cells {
		count, e := 0.0, 0.0 // a cell without people
		if r.At(i).N > 0 {
			count, e = r.At(i).Value, r.SE(i)
		}
		counts[i/len(cols)], se[i/len(cols)] = append(counts[i/len(cols)], count), append(se[i/len(cols)], e)
	}
	return map[string]any{
		"counts": frame.Matrix{Rows: rows, Cols: cols, Values: counts},
		"se":     frame.Matrix{Rows: rows, Cols: cols, Values: se},
	}, nil
}

// kappa is the agreement of two columns.
func kappa(c *frame.Case, args struct {
	A string `json:"a"`
	B string `json:"b"`
}) (map[string]any, error) {
	g := ground(c, "")
	a, labels := g.Labels(args.A)
	b, others := g.Labels(args.B)
	if g.Err != nil {
		return nil, g.Err
	}
	for _, l := range others {
		if !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	second := frame.Recode(b, others, labels)
	return frame.Single(association.Kappa(g.Design, a, second, len(labels), g.Domain))
}

// twoStage are estimates in a domain.
func twoStage(c *frame.Case, args struct {
	Domain    frame.Domain     `json:"domain"`
	Estimates []frame.Estimate `json:"estimates"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	if g.Err != nil {
		return nil, g.Err
	}
	answer := map[string]any{}
	return answer, g.Estimates(args.Estimates, answer)
}

// directStandardisation is the mean of a column at a fixed composition.
func directStandardisation(c *frame.Case, args struct {
	Var        string        `json:"var"`
	By         string        `json:"by"`
	Over       frame.Names   `json:"over"`
	Levels     []frame.Label `json:"levels"`
	Population []float64     `json:"population"`
}) (map[string]any, error) {
	g := ground(c, "")
	y := g.Number(args.Var)
	level := levels(g, args.By, args.Levels, len(args.Population))
	if len(args.Over) == 0 {
		if g.Err != nil {
			return nil, g.Err
		}
		return frame.Single(standard.Means(g.Design, y, level, args.Population))
	}
	cells, labels := g.Groups(args.Over)
	if g.Err != nil {
		return nil, g.Err
	}
	r, err := standard.Means(g.Design, y, level, args.Population, cells...)
	if err != nil {
		return nil, err
	}
	return estimates{labels, r}.answer(), nil
}

// levels numbers the rows by the place of their level among those wanted, all
// of the column if none are named.
func levels(g *frame.Ground, by string, wanted []frame.Label, n int) []int {
	code, labels := g.Labels(by)
	if g.Err != nil {
		return nil
	}
	names := frame.LevelNames(wanted, labels)
	if len(names) != n {
		g.Err = fmt.Errorf("%d levels of %s with a population of %d numbers", len(names), by, n)
	}
	for _, name := range names {
		if g.Err == nil && !slices.Contains(labels, name) {
			g.Err = fmt.Errorf("%s has no level %q; it has %v", by, name, labels)
		}
	}
	return frame.Recode(code, labels, names)
}
