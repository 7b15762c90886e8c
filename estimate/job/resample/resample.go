// Package resample answers the cases of a job that replicate a sample or treat it as drawn with unequal probabilities
// without replacement: replicate, replicate_raked and pps_total. The arguments are those of the job grammar; what they mean is
// told by packages replicate and pps.
package resample

import (
	"fmt"

	"adili/estimate/job/frame"
	"adili/estimate/replicate"
)

// Estimators are the kinds of cases this package answers.
func Estimators() map[string]frame.Estimator {
	return map[string]frame.Estimator{
		"replicate":       frame.Decoded(replicated),
		"replicate_raked": frame.Decoded(raked),
		"pps_total":       frame.Decoded(ppsTotal),
	}
}

// replicated answers estimates with standard errors from replicates.
func replicated(c *frame.Case, args struct {
	Replicates replicates       `json:"replicates"`
	Estimates  []frame.Estimate `json:"estimates"`
	Domain     frame.Domain     `json:"domain"`
}) (map[string]any, error) {
	set, err := args.Replicates.set(c)
	if err != nil {
		return nil, err
	}
	if set, err = args.Replicates.rake(c, set); err != nil {
		return nil, err
	}
	df, err := set.DF()
	if err != nil {
		return nil, err
	}
	g := c.On(set.Design(), nil).Within(args.Domain)
	if g.Err != nil {
		return nil, g.Err
	}
	answer := map[string]any{"replicates": set.Len(), "scale": set.Scale(), "rscales": distinct(set), "df": df}
	for _, e := range args.Estimates {
		q, err := g.Question(e)
		if err != nil {
			return nil, err
		}
		r, err := ask(set, q)
		if err != nil {
			return nil, fmt.Errorf("estimate %s: %w", e.Key, err)
		}
		est, se := values(r)
		q.Put(answer, est, se, r.Matrix)
	}
	return answer, nil
}

// distinct are the different factors of the squares of replicates; those of a jackknife in the order in which the data
// first have their strata.
func distinct(set *replicate.Set) []float64 {
	list := []float64{}
	known := map[float64]bool{}
	take := func(r int) {
		if x := set.Each(r); !known[x] {
			known[x] = true
			list = append(list, x)
		}
	}
	if _, ok := set.Dropped(0); !ok {
		for r := range set.Len() {
			take(r)
		}
		return list
	}
	stage := set.Design().Stage(0)
	of := make([]int, len(stage.Units)) // one replicate of each stratum, -1 for none
	for g := range of {
		of[g] = -1
	}
	for r := range set.Len() {
		psu, _ := set.Dropped(r)
		of[stage.Group[psu]] = r
	}
	for _, u := range stage.Unit {
		if r := of[stage.Group[u]]; r >= 0 {
			take(r)
		}
	}
	return list
}

// raked answers the mean score of a factor from replicates before and after raking.
func raked(c *frame.Case, args struct {
	Domain     frame.Domain `json:"domain"`
	Factor     string       `json:"factor"`
	Replicates replicates   `json:"replicates"`
}) (map[string]any, error) {
	score, err := c.View.Score(args.Factor)
	if err != nil {
		return nil, err
	}
	before, err := args.Replicates.set(c)
	if err != nil {
		return nil, err
	}
	after, err := args.Replicates.rake(c, before)
	if err != nil {
		return nil, err
	}
	g := c.On(before.Design(), nil).Within(args.Domain)
	if g.Err != nil {
		return nil, g.Err
	}
	answer := map[string]any{"replicates": before.Len(), "scale": before.Scale()}
	for i, set := range []*replicate.Set{before, after} {
		r, err := set.Mean(score, g.Domain)
		if err != nil {
			return nil, fmt.Errorf("factor %s: %w", args.Factor, err)
		}
		name := []string{"nr", "raked"}[i]
		answer["est_"+name], answer["se_"+name] = r.Value(0), r.SE(0)
	}
	return answer, nil
}
