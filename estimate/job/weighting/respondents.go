package weighting

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"adili/estimate/job/frame"
	"adili/estimate/weight"
)

// issued says where the people asked are listed.
type issued struct {
	Data      string       `json:"data"`
	Filter    frame.Domain `json:"filter"`
	Responded string       `json:"responded"`
}

// respondents goes the whole way: base weights, adjusted for those who did not answer, raked.
func respondents(c *frame.Case, args struct {
	Issued     issued   `json:"issued"`
	BaseWeight string   `json:"base_weight"`
	Classes    []string `json:"classes"`
	frame.Raking
}) (map[string]any, error) {
	base, err := c.View.Number(args.BaseWeight)
	if err != nil {
		return nil, fmt.Errorf("base_weight: %w", err)
	}
	outcome, labels, err := args.Issued.respond(c, args.BaseWeight, args.Classes)
	if err != nil {
		return nil, err
	}
	class, err := classes(c.View, args.Classes, labels)
	if err != nil {
		return nil, err
	}
	adjusted, err := outcome.Weights(base, class)
	if err != nil {
		return nil, err
	}
	cal, err := c.Rake(adjusted, args.Raking)
	if err != nil {
		return nil, err
	}
	least, greatest := cal.Range()
	return map[string]any{
		"n": len(base), "sum_base": weight.Sum(base), "sum_nr": weight.Sum(adjusted), "sum_rake": weight.Sum(cal.Weights()),
		"kish_deff_base": weight.Kish(base), "kish_deff_nr": weight.Kish(adjusted), "kish_deff_rake": weight.Kish(cal.Weights()),
		"g_min": least, "g_max": greatest,
		"response_rate_unweighted": outcome.Rate(), "response_rate_weighted": outcome.WeightedRate(),
		"w_nr": adjusted, "w_rake": cal.Weights(),
	}, nil
}

// respond reads who was asked and who answered. The labels are those of the classes.
func (i issued) respond(c *frame.Case, baseWeight string, columns []string) (*weight.Response, []string, error) {
	if len(columns) == 0 {
		return nil, nil, errors.New("classes: columns are needed")
	}
	t, err := c.File(i.Data)
	if err != nil {
		return nil, nil, fmt.Errorf("issued: %w", err)
	}
	v := frame.NewView(t)
	in, err := v.Match(i.Filter)
	if err != nil {
		return nil, nil, fmt.Errorf("issued: filter: %w", err)
	}
	v = v.Keep(in)
	r := v.Reader()
	base, answered := r.Number(baseWeight), r.Number(i.Responded, "responded")
	if r.Err != nil {
		return nil, nil, fmt.Errorf("issued: %w", r.Err)
	}
	code, labels, err := v.Labels(columns...)
	if err != nil {
		return nil, nil, fmt.Errorf("issued: %w", err)
	}
	responded := make([]bool, len(answered))
	for row, a := range answered {
		if math.IsNaN(a) {
			return nil, nil, fmt.Errorf("issued: row %d: column %s is empty", row+1, i.Responded)
		}
		responded[row] = a != 0
	}
	outcome, err := weight.Respond(strings.Join(columns, " x "), base, responded, code, labels)
	return outcome, labels, err
}

// classes finds the class of each row among those of the people asked.
func classes(v *frame.View, columns, labels []string) ([]int, error) {
	code, own, err := v.Labels(columns...)
	if err != nil {
		return nil, err
	}
	class := frame.Recode(code, own, labels)
	for r, k := range code {
		switch {
		case k < 0:
			return nil, fmt.Errorf("row %d has no class: one of %s is empty", r+1, strings.Join(columns, ", "))
		case class[r] < 0:
			return nil, fmt.Errorf("row %d: nobody was asked in class %s", r+1, own[k])
		}
	}
	return class, nil
}
