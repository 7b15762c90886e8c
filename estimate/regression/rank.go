package regression

import (
	"fmt"
	"math"
	"slices"

	"adili/estimate"
	"adili/estimate/distribution"
)

// Rank is a score of the rank of an answer, from 0 to 1.
type Rank uint8

const (
	// Wilcoxon is the rank itself; with more than two groups the test of
	// Kruskal and Wallis.
	Wilcoxon Rank = iota
	// VanDerWaerden is the normal quantile of the rank.
	VanDerWaerden
	// Median is whether the rank is above one half (Mood's test).
	Median
)

// RankTest is the outcome of a rank test. With two groups Value is t and Shift
// the difference of mean scores, the second group less the first; with more,
// Value is Wald's chi-square.
type RankTest struct {
	Value  float64
	Shift  float64 // NaN with more than two groups
	Groups int
	Den    float64 // degrees of freedom of the variance: df - (groups - 1)
	P      float64
}

// RankScores are the scores of estimated population ranks (T. Lumley & A. J.
// Scott, Biometrika 100, 2013),
//
//	r_k = (Σ_{y_l < y_k} w_l + w_k/2) / Σ w,
//
// by row, NaN for people outside. Tied people get the mean of what they would
// get one after the other in the order of the rows; that mean depends on this
// order when their weights differ, by less than the weight of one of them. The
// reference implementation does so, and its p-values are in print, so this
// package does too.
func RankScores(d *estimate.Design, y []float64, in estimate.Domain, kind Rank) ([]float64, error) {
	if len(y) != d.Rows() {
		return nil, fmt.Errorf("regression: ranks: %d answers for %d rows: %w", len(y), d.Rows(), estimate.ErrLength)
	}
	if in.Design() != d {
		return nil, fmt.Errorf("regression: ranks: the domain: %w", estimate.ErrDesign)
	}
	var rows []int32
	var size float64
	for _, r := range in.Rows() {
		if d.Weight(int(r)) > 0 && !math.IsNaN(y[r]) {
			rows = append(rows, r)
			size += d.Weight(int(r))
		}
	}
	slices.SortFunc(rows, func(a, b int32) int {
		switch {
		case y[a] < y[b]:
			return -1
		case y[a] > y[b]:
			return 1
		}
		return int(a - b)
	})
	score := slices.Repeat([]float64{math.NaN()}, d.Rows())
	below := 0.0
	for lo := 0; lo < len(rows); {
		hi, sum := lo, 0.0
		for ; hi < len(rows) && y[rows[hi]] == y[rows[lo]]; hi++ {
			w := d.Weight(int(rows[hi]))
			below += w
			sum += below - w/2
		}
		rank := sum / float64(hi-lo) / size
		for _, r := range rows[lo:hi] {
			score[r] = kind.score(rank)
		}
		lo = hi
	}
	return score, nil
}

func (k Rank) score(rank float64) float64 {
	switch k {
	case VanDerWaerden:
		return distribution.Normal{}.Quantile(rank)
	case Median:
		if rank > 0.5 {
			return 1
		}
		return 0
	}
	return rank
}

// CompareRanks compares the ranks of groups, coded from 0 and negative where
// missing: the scores of the people with an answer and a group are regressed on
// the groups. df is PSUs minus strata. Influence values take the scores as
// given, which Lumley and Scott show to be right under the hypothesis.
func CompareRanks(d *estimate.Design, y []float64, group []int, in estimate.Domain, kind Rank, df float64) (RankTest, error) {
	if len(group) != d.Rows() || len(y) != d.Rows() {
		return RankTest{}, fmt.Errorf("regression: rank test: %d answers and %d groups for %d rows: %w", len(y), len(group), d.Rows(), estimate.ErrLength)
	}
	has := in.Has()
	both := d.Domain(func(r int) bool { return has[r] && group[r] >= 0 && !math.IsNaN(y[r]) })
	score, err := RankScores(d, y, both, kind)
	if err != nil {
		return RankTest{}, err
	}
	var seen []int
	for _, r := range both.Rows() {
		if c := group[r]; d.Weight(int(r)) > 0 && !slices.Contains(seen, c) {
			seen = append(seen, c)
		}
	}
	slices.Sort(seen)
	if len(seen) < 2 || len(seen) > maxVariables {
		return RankTest{}, fmt.Errorf("regression: rank test with %d groups, and 2 to %d can be compared: %w", len(seen), maxVariables, ErrModel)
	}
	m := Regression{Y: score}
	var index []int
	for i, g := range seen[1:] {
		x := make([]float64, d.Rows())
		for r, c := range group {
			if c == g {
				x[r] = 1
			}
		}
		m.Names, m.X = append(m.Names, fmt.Sprint(g)), append(m.X, x)
		index = append(index, i+1)
	}
	fit, err := Regress(d, m, both)
	if err != nil {
		return RankTest{}, fmt.Errorf("rank test: %w", err)
	}
	t := RankTest{Shift: math.NaN(), Groups: len(seen), Den: df - float64(len(index))}
	if len(index) == 1 {
		t.Shift = fit.Coef.At(1).Value
		t.Value = t.Shift / fit.Coef.SE(1)
		t.P = distribution.Student{DF: t.Den}.TwoSided(t.Value)
		return t, nil
	}
	w, err := Wald(fit.Coef, t.Den, index...)
	if err != nil {
		return RankTest{}, fmt.Errorf("rank test: %w", err)
	}
	t.Value, t.P = w.ChiSquare, w.P
	return t, nil
}
