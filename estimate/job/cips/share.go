package cips

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"adili/estimate/interval"
	"adili/estimate/job/describe"
	"adili/estimate/job/frame"
	"adili/estimate/perception"
)

// itemAgree is the share that agrees with an item, with intervals by several methods.
func itemAgree(c *frame.Case) (map[string]any, error) {
	var args struct {
		Item    string            `json:"item"`
		Domain  frame.Domain      `json:"domain"`
		Agree   []float64         `json:"agree"`
		Methods []interval.Method `json:"methods"`
		Level   float64           `json:"level"`
		DF      string            `json:"df"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domain, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	points, err := c.View.Answer(args.Item)
	if err != nil {
		return nil, err
	}
	agrees := perception.Agrees(points, args.Agree...)
	r, err := d.Proportion(agrees, domain)
	if err != nil {
		return nil, err
	}
	share := r.Share(0)
	if share.DF, err = c.DF(args.DF, r); err != nil {
		return nil, err
	}
	answer := map[string]any{"n": share.N, "est": share.Value, "se": r.SE(0), "df": share.DF}
	for _, method := range args.Methods {
		i, err := describe.Limits(agrees, share, domain, method, frame.Level(args.Level))
		if err != nil {
			return nil, err
		}
		answer[string(method)] = []float64{i.Lower, i.Upper}
	}
	return answer, nil
}

// itemDistribution is how the codes of an item divide up among those who have one of the categories.
func itemDistribution(c *frame.Case) (map[string]any, error) {
	var args struct {
		Item       string               `json:"item"`
		Domain     frame.Domain         `json:"domain"`
		Categories map[string][]float64 `json:"categories"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domain, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	codes, err := c.View.Number(args.Item)
	if err != nil {
		return nil, err
	}
	labels := make([]string, 0, len(args.Categories))
	for label := range args.Categories {
		labels = append(labels, label)
	}
	slices.SortFunc(labels, order)
	category, index := make([]int, len(codes)), make([]int, len(labels))
	for row, x := range codes {
		category[row] = slices.IndexFunc(labels, func(l string) bool { return slices.Contains(args.Categories[l], x) })
	}
	for i := range index {
		index[i] = i
	}
	r, err := d.Proportions(category, index, domain)
	if err != nil {
		return nil, err
	}
	est, se := frame.Values(r)
	return map[string]any{"est": frame.Keyed(labels, est), "se": frame.Keyed(labels, se)}, nil
}

// order puts labels that are numbers first.
func order(a, b string) int {
	x, errx := strconv.ParseFloat(a, 64)
	y, erry := strconv.ParseFloat(b, 64)
	switch {
	case errx == nil && erry == nil:
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	case errx == nil:
		return -1
	case erry == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

// factorAgreeRatio is the share of agreeing answers among all valid answers to the items of a factor.
func factorAgreeRatio(c *frame.Case) (map[string]any, error) {
	var args struct {
		Factor string       `json:"factor"`
		Domain frame.Domain `json:"domain"`
		Agree  []float64    `json:"agree"`
	}
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, domain, err := ground(c, args.Domain)
	if err != nil {
		return nil, err
	}
	points, err := answers(c, args.Factor)
	if err != nil {
		return nil, err
	}
	agreeing, given, err := perception.Agreeing(points, args.Agree...)
	if err != nil {
		return nil, err
	}
	r, err := d.Ratio(agreeing, given, domain)
	if err != nil {
		return nil, err
	}
	return map[string]any{"est": r.At(0).Value, "se": r.SE(0)}, nil
}

// answers are the valid answers to the items of a factor, after reversal.
func answers(c *frame.Case, factor string) ([][]float64, error) {
	instrument := c.View.Instrument()
	if instrument == nil {
		return nil, fmt.Errorf("factor %s: the design has no instrument", factor)
	}
	var points [][]float64
	for _, item := range instrument.Items(factor) {
		x, err := c.View.Answer(item.Name)
		if err != nil {
			return nil, err
		}
		points = append(points, x)
	}
	if len(points) == 0 {
		return nil, fmt.Errorf("the instrument has no factor %s", factor)
	}
	return points, nil
}
