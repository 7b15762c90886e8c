package cips

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"adili/estimate/interval"
	"adili/estimate/job/describe"
	"adili/estimate/job/frame"
	"adili/estimate/perception"
)

// itemAgree is the share that agrees with an item, with intervals by several methods.
func itemAgree(c *frame.Case, args struct {
	Item string `json:"item"`
	frame.Scope
	Agree   []float64         `json:"agree"`
	Methods []interval.Method `json:"methods"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	points := g.Answer(args.Item)
	if g.Err != nil {
		return nil, g.Err
	}
	share, answer, err := describe.Share(g.Domain, perception.Agrees(points, args.Agree...), args.Inference, args.Methods)
	if err != nil {
		return nil, err
	}
	answer["n"], answer["est"], answer["se"], answer["df"] = share.N, share.Value, math.Sqrt(share.Variance), share.DF
	return answer, nil
}

// itemDistribution is how the codes of an item divide up among those who have one of the categories.
func itemDistribution(c *frame.Case, args struct {
	Item       string               `json:"item"`
	Domain     frame.Domain         `json:"domain"`
	Categories map[string][]float64 `json:"categories"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	codes := g.Number(args.Item)
	if g.Err != nil {
		return nil, g.Err
	}
	labels := slices.SortedFunc(maps.Keys(args.Categories), order)
	category, index := make([]int, len(codes)), make([]int, len(labels))
	for row, x := range codes {
		category[row] = slices.IndexFunc(labels, func(l string) bool { return slices.Contains(args.Categories[l], x) })
	}
	for i := range index {
		index[i] = i
	}
	r, err := g.Design.Proportions(category, index, g.Domain)
	if err != nil {
		return nil, err
	}
	return frame.Several(labels, r), nil
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
func factorAgreeRatio(c *frame.Case, args struct {
	Factor string       `json:"factor"`
	Domain frame.Domain `json:"domain"`
	Agree  []float64    `json:"agree"`
}) (map[string]any, error) {
	g := c.Ground(args.Domain)
	points := g.Answers(args.Factor)
	if g.Err != nil {
		return nil, g.Err
	}
	agreeing, given, err := perception.Agreeing(points, args.Agree...)
	if err != nil {
		return nil, err
	}
	return frame.Single(g.Design.Ratio(agreeing, given, g.Domain))
}
