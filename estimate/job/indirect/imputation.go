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
	frame.Scope
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
func imputation(c *frame.Case, args imputationArgs) (map[string]any, error) {
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
			if complete, err = frame.Degrees(args.DF, r); err != nil {
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
	g := v.On(d, nil).Within(a.Domain)
	y := g.Number(a.Estimate.Var)
	contrast := a.Estimate.Contrast
	switch a.Estimate.Stat {
	case "mean":
		contrast = frame.Contrast{Terms: []frame.ContrastTerm{{Coef: 1}}}
	case "difference":
	default:
		return nil, fmt.Errorf("stat %q is not known; there are: mean, difference", a.Estimate.Stat)
	}
	parts, coef := g.Parts(contrast)
	if g.Err != nil {
		return nil, g.Err
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("a %s needs a contrast", a.Estimate.Stat)
	}
	r, err := d.Mean(y, parts...)
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
	r := source.Reader()
	number := r.Number(args.Imputations.Imputation)
	item := r.Text(args.Imputations.Item)
	value := r.Number(args.Imputations.Value)
	if r.Err != nil {
		return nil, r.Err
	}
	row, err := places(c.View, source, args.Imputations.Key)
	if err != nil {
		return nil, err
	}
	var all []*frame.View
	for _, m := range slices.Compact(slices.Sorted(slices.Values(number))) {
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
	if len(key) == 0 {
		return nil, fmt.Errorf("key: columns are needed")
	}
	mine, err := v.Keys(key)
	if err != nil {
		return nil, err
	}
	theirs, err := lines.Keys(key)
	if err != nil {
		return nil, err
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
		row[i] = -1
		if r, ok := at[k]; ok {
			row[i] = r
		}
	}
	return row, nil
}
