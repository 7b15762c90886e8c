package describe

import (
	"fmt"
	"slices"

	"adili/estimate"
	"adili/estimate/association"
	"adili/estimate/job/frame"
	"adili/estimate/standard"
)

// crosstab is the estimated sizes of the cells of two columns.
func crosstab(c *frame.Case) (map[string]any, error) {
	var args struct {
		Rows string `json:"rows"`
		Cols string `json:"cols"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	row, rows, err := c.View.Labels(args.Rows)
	if err != nil {
		return nil, err
	}
	col, cols, err := c.View.Labels(args.Cols)
	if err != nil {
		return nil, err
	}
	cell := make([]int, len(row))
	people := make([]float64, len(row))
	for i := range cell {
		cell[i], people[i] = -1, 1
		if row[i] >= 0 && col[i] >= 0 {
			cell[i] = row[i]*len(cols) + col[i]
		}
	}
	cells, err := d.Groups(cell, len(rows)*len(cols))
	if err != nil {
		return nil, err
	}
	r, err := d.Total(people, cells...)
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
func kappa(c *frame.Case) (map[string]any, error) {
	var args struct {
		A string `json:"a"`
		B string `json:"b"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	a, labels, err := c.View.Labels(args.A)
	if err != nil {
		return nil, err
	}
	b, others, err := c.View.Labels(args.B)
	if err != nil {
		return nil, err
	}
	at := make([]int, len(others)) // the second column's labels among those of both
	for i, l := range others {
		if at[i] = slices.Index(labels, l); at[i] < 0 {
			at[i] = len(labels)
			labels = append(labels, l)
		}
	}
	second := make([]int, len(b))
	for row, code := range b {
		second[row] = -1
		if code >= 0 {
			second[row] = at[code]
		}
	}
	r, err := association.Kappa(d, a, second, len(labels), d.Everyone())
	if err != nil {
		return nil, err
	}
	return map[string]any{"est": r.At(0).Value, "se": r.SE(0)}, nil
}

// twoStage are estimates in a domain.
func twoStage(c *frame.Case) (map[string]any, error) {
	var args struct {
		Domain    frame.Domain     `json:"domain"`
		Estimates []frame.Estimate `json:"estimates"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	domain, err := c.Domain(d, args.Domain)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{}
	return answer, c.Estimates(d, args.Estimates, domain, answer)
}

// directStandardisation is the mean of a column at a fixed composition.
func directStandardisation(c *frame.Case) (map[string]any, error) {
	var args struct {
		Var        string        `json:"var"`
		By         string        `json:"by"`
		Over       frame.Names   `json:"over"`
		Levels     []frame.Label `json:"levels"`
		Population []float64     `json:"population"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	y, err := c.View.Number(args.Var)
	if err != nil {
		return nil, err
	}
	level, err := levels(c.View, args.By, args.Levels, len(args.Population))
	if err != nil {
		return nil, err
	}
	var labels []string
	var domains []estimate.Domain
	if len(args.Over) > 0 {
		var code []int
		if code, labels, err = c.View.Labels(args.Over...); err != nil {
			return nil, err
		}
		if domains, err = d.Groups(code, len(labels)); err != nil {
			return nil, err
		}
	}
	r, err := standard.Means(d, y, level, args.Population, domains...)
	if err != nil {
		return nil, err
	}
	if labels == nil {
		return map[string]any{"est": r.At(0).Value, "se": r.SE(0)}, nil
	}
	e := estimates{labels, r}
	answer := e.values()
	answer["vcov"] = frame.NewMatrix(labels, r.Matrix())
	return answer, nil
}

// levels numbers the rows by the place of their level among those wanted, all
// of the column if none are named.
func levels(v *frame.View, by string, wanted []frame.Label, n int) ([]int, error) {
	code, labels, err := v.Labels(by)
	if err != nil {
		return nil, err
	}
	if len(wanted) == 0 {
		for _, l := range labels {
			wanted = append(wanted, frame.Label(l))
		}
	}
	if len(wanted) != n {
		return nil, fmt.Errorf("%d levels of %s with a population of %d numbers", len(wanted), by, n)
	}
	place := make([]int, len(labels))
	for i, l := range labels {
		place[i] = slices.Index(wanted, frame.Label(l))
	}
	for _, w := range wanted {
		if !slices.Contains(labels, string(w)) {
			return nil, fmt.Errorf("%s has no level %q; it has %v", by, w, labels)
		}
	}
	level := make([]int, len(code))
	for row, c := range code {
		level[row] = -1
		if c >= 0 {
			level[row] = place[c]
		}
	}
	return level, nil
}
