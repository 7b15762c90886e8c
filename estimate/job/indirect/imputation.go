package indirect

import (
	"fmt"
	"math"
	"slices"

	"adili/estimate"
	"adili/estimate/impute"
	"adili/estimate/job/frame"
)

// imputationArgs are those of multiply imputed data.
type imputationArgs struct {
	Domain      frame.Domain `json:"domain"`
	DF          string       `json:"df"`
	Level       float64      `json:"level"`
	Imputations struct {
		File       string   `json:"file"`
		Key        []string `json:"key"`
		Item       string   `json:"item"`
		Imputation string   `json:"imputation"`
		Value      string   `json:"value"`
	} `json:"imputations"`
	Estimate struct {
		Stat     string         `json:"stat"`
		Var      string         `json:"var"`
		Contrast frame.Contrast `json:"contrast"`
	} `json:"estimate"`
}

// imputation analyses each imputed version of the data and combines the results.
func imputation(c *frame.Case) (map[string]any, error) {
	var args imputationArgs
	if err := c.Decode(&args); err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	versions, err := versions(c, args)
	if err != nil {
		return nil, fmt.Errorf("imputations: %w", err)
	}
	var value, variance []float64
	complete := math.NaN()
	for i, v := range versions {
		r, err := args.result(v, d)
		if err != nil {
			return nil, fmt.Errorf("imputation %d: %w", i+1, err)
		}
		value, variance = append(value, r.At(0).Value), append(variance, r.Variance(0))
		if i == 0 {
			if complete, err = c.DF(args.DF, r); err != nil {
				return nil, err
			}
		}
	}
	p, err := impute.Pool(value, variance, complete)
	if err != nil {
		return nil, err
	}
	limits := p.Interval(frame.Level(args.Level))
	return map[string]any{
		"qhat": p.Values, "uhat": p.Variances, "est": p.Value, "within": p.Within, "between": p.Between, "total": p.Total, "se": p.SE,
		"riv": p.Increase, "lambda": p.Lambda, "df_rubin": p.RubinDF, "df_complete": p.CompleteDF, "df_barnard_rubin": p.DF, "fmi": p.Missing,
		"lo": limits.Lower, "hi": limits.Upper, "mitools_est": p.Value, "mitools_se": p.SE, "mitools_df": p.RubinDF,
	}, nil
}

// result is the estimate on one version of the data.
func (a imputationArgs) result(v *frame.View, d *estimate.Design) (*estimate.Result, error) {
	y, err := v.Number(a.Estimate.Var)
	if err != nil {
		return nil, err
	}
	in, err := v.Match(a.Domain)
	if err != nil {
		return nil, fmt.Errorf("domain: %w", err)
	}
	var terms []frame.ContrastTerm
	switch a.Estimate.Stat {
	case "mean":
		terms = []frame.ContrastTerm{{Coef: 1}}
	case "difference":
		terms = a.Estimate.Contrast.Terms
	default:
		return nil, fmt.Errorf("stat %q is not known; there are: mean, difference", a.Estimate.Stat)
	}
	var domains []estimate.Domain
	var coef []float64
	for _, t := range terms {
		part, err := v.Match(t.Domain)
		if err != nil {
			return nil, fmt.Errorf("contrast: %w", err)
		}
		domains = append(domains, d.Domain(func(row int) bool { return in[row] && part[row] }))
		coef = append(coef, t.Coef)
	}
	if len(domains) == 0 {
		return nil, fmt.Errorf("a %s needs a contrast", a.Estimate.Stat)
	}
	r, err := d.Mean(y, domains...)
	if err != nil {
		return nil, err
	}
	return r.Combine(coef...)
}

// versions are the data with their gaps filled, one for each imputation.
func versions(c *frame.Case, args imputationArgs) ([]*frame.View, error) {
	table, err := c.File(args.Imputations.File)
	if err != nil {
		return nil, err
	}
	source := frame.NewView(table)
	number, err := source.Number(args.Imputations.Imputation)
	if err != nil {
		return nil, err
	}
	item, err := source.Text(args.Imputations.Item)
	if err != nil {
		return nil, err
	}
	value, err := source.Number(args.Imputations.Value)
	if err != nil {
		return nil, err
	}
	row, err := places(c.View, source, args.Imputations.Key)
	if err != nil {
		return nil, err
	}
	order := slices.Clone(number)
	slices.Sort(order)
	order = slices.Compact(order)
	var all []*frame.View
	for _, m := range order {
		filled := map[string][]float64{}
		for i, r := range row {
			if number[i] != m || r < 0 {
				continue
			}
			if filled[item[i]] == nil {
				x, err := c.View.Number(item[i])
				if err != nil {
					return nil, err
				}
				filled[item[i]] = slices.Clone(x)
			}
			filled[item[i]][r] = value[i]
		}
		all = append(all, c.View.With(filled))
	}
	return all, nil
}

// places are the rows of the data that lines of another file are about; -1 for
// a line about a row that is not in the data.
func places(v, lines *frame.View, key []string) ([]int, error) {
	mine, err := labels(v, key)
	if err != nil {
		return nil, err
	}
	theirs, err := labels(lines, key)
	if err != nil {
		return nil, err
	}
	if len(key) == 0 {
		return nil, fmt.Errorf("key: columns are needed")
	}
	at := make(map[string]int, len(mine))
	for r, k := range mine {
		if _, twice := at[k]; twice {
			return nil, fmt.Errorf("row %d: the key %v is not unique", r+1, key)
		}
		at[k] = r
	}
	row := make([]int, len(theirs))
	for i, k := range theirs {
		r, ok := at[k]
		if !ok {
			r = -1
		}
		row[i] = r
	}
	return row, nil
}
