package scaling

import (
	"fmt"

	"adili/estimate"
	"adili/estimate/job/frame"
	"adili/estimate/scale"
)

// alpha is the reliability of a scale. Listwise, it has the weighted alpha of the design beside it.
func alpha(c *frame.Case, args itemArgs) (map[string]any, error) {
	a, s, err := args.answers(c, "pairwise")
	if err != nil {
		return nil, err
	}
	rel, err := scale.Alpha(s)
	if err != nil {
		return nil, err
	}
	out := describe(rel)
	if args.Missing != "listwise" {
		return out, nil
	}
	d, err := c.Design()
	return out, weighted(out, d, err, a)
}

// describe answers in the words of the grammar.
func describe(r *scale.Reliability) map[string]any {
	names := make([]string, len(r.Items))
	for i, item := range r.Items {
		names[i] = item.Name
	}
	by := func(value func(scale.ItemReliability) float64) map[string]any {
		return byName(names, func(i int) float64 { return value(r.Items[i]) })
	}
	return map[string]any{
		"n": r.N, "alpha": r.Alpha, "raw_alpha": r.Alpha, "std_alpha": r.Standardised, "lambda6": r.Lambda6,
		"mean_r": r.MeanR, "median_r": r.MedianR, "signal_noise": r.SignalToNoise, "ase": r.SE, "mean": r.Mean, "sd": r.SD,
		"drop_alpha":     by(func(i scale.ItemReliability) float64 { return i.Dropped.Alpha }),
		"drop_std_alpha": by(func(i scale.ItemReliability) float64 { return i.Dropped.Standardised }),
		"drop_lambda6":   by(func(i scale.ItemReliability) float64 { return i.Dropped.Lambda6 }),
		"drop_mean_r":    by(func(i scale.ItemReliability) float64 { return i.Dropped.MeanR }),
		"r_drop":         by(func(i scale.ItemReliability) float64 { return i.RDrop }),
		"r_cor":          by(func(i scale.ItemReliability) float64 { return i.Corrected }),
		"item_n":         by(func(i scale.ItemReliability) float64 { return float64(i.N) }),
		"item_mean":      by(func(i scale.ItemReliability) float64 { return i.Mean }),
		"item_sd":        by(func(i scale.ItemReliability) float64 { return i.SD }),
	}
}

// weighted adds the alpha of the population and its standard error.
func weighted(out map[string]any, d *estimate.Design, err error, a answers) error {
	if err != nil {
		return err
	}
	r, err := scale.WeightedAlpha(d, a.columns, d.Everyone())
	if err != nil {
		return err
	}
	out["alpha_weighted"], out["alpha_svycralpha"], out["se_weighted"] = r.At(0).Value, r.At(0).Value, r.SE(0)
	return nil
}

// alphaListwise is alpha of complete rows with Feldt's interval, and with weights.
func alphaListwise(c *frame.Case, args struct {
	itemArgs
	Weights *frame.Weights `json:"weights"`
	Level   float64        `json:"level"`
}) (map[string]any, error) {
	if err := only(args.Missing); err != nil {
		return nil, err
	}
	a, s, err := args.answers(c, "listwise")
	if err != nil {
		return nil, err
	}
	rel, err := scale.Alpha(s)
	if err != nil {
		return nil, err
	}
	lo, hi, err := scale.Feldt(rel.Alpha, s.Rows(), s.Items(), frame.Level(args.Level))
	if err != nil {
		return nil, err
	}
	out := describe(rel)
	out["feldt_lo"], out["feldt_hi"] = lo, hi
	d, err := design(c, args.Weights)
	return out, weighted(out, d, err, a)
}

// design is that of the case, with other weights if some are given.
func design(c *frame.Case, w *frame.Weights) (*estimate.Design, error) {
	if w == nil {
		return c.Design()
	}
	weights, err := c.Weights(c.View, *w)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return c.Compile(c.View, weights, "")
}

// weightedAlpha is alpha with the weights of the design.
func weightedAlpha(c *frame.Case, args itemArgs) (map[string]any, error) {
	if err := only(args.Missing); err != nil {
		return nil, err
	}
	a, err := args.read(c)
	if err != nil {
		return nil, err
	}
	d, err := c.Design()
	if err != nil {
		return nil, err
	}
	r, err := scale.WeightedAlpha(d, a.columns, d.Everyone())
	if err != nil {
		return nil, err
	}
	return map[string]any{"alpha": r.At(0).Value, "se": r.SE(0), "n": r.At(0).N}, nil
}
