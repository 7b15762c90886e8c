package indirect

import (
	"errors"
	"fmt"
	"math"

	"adili/estimate"
	"adili/estimate/job/frame"
	"adili/sampling"
)

// sizeProportion is the sample size for a share. Packages place the corrections
// differently; the one that package sampling plans with is n_deff_before_fpc
// with the spread of a finite population.
func sizeProportion(_ *frame.Case, args struct {
	P     float64 `json:"p"`
	Moe   float64 `json:"moe"`
	N     int     `json:"N"`
	Deff  float64 `json:"deff"`
	Level float64 `json:"level"`
}) (map[string]any, error) {
	if args.Deff == 0 {
		args.Deff = 1
	}
	goal := sampling.Precision{Share: args.P, Level: args.Level}
	n0, err := goal.Margin(args.Moe)
	if err != nil {
		return nil, err
	}
	goal.Population, goal.Effect = args.N, args.Deff
	planned, err := goal.Margin(args.Moe)
	if err != nil {
		return nil, err
	}
	cochran := sampling.FiniteShare(n0, args.N)
	return map[string]any{
		"n0": n0, "n_cochran_fpc": cochran, "n_simple_fpc": sampling.Finite(n0, args.N),
		"n_final_ceiling":   math.Ceil(cochran * args.Deff),
		"n_deff_before_fpc": sampling.Finite(args.Deff*n0, args.N), "n_planned": planned,
	}, nil
}

// testArgs are how a difference will be judged.
type testArgs struct {
	Power  float64 `json:"power"`
	Alpha  float64 `json:"alpha"`
	Sides  int     `json:"sides"`
	Strict bool    `json:"strict"`
}

func (a testArgs) test() sampling.Test {
	return sampling.Test{Alpha: a.Alpha, Power: a.Power, Sides: a.Sides, Strict: a.Strict}
}

func twoProportions(_ *frame.Case, args struct {
	P1 float64 `json:"p1"`
	P2 float64 `json:"p2"`
	testArgs
}) (map[string]any, error) {
	n, err := args.test().TwoProportions(args.P1, args.P2)
	return map[string]any{"n_per_group": n}, err
}

func twoMeans(_ *frame.Case, args struct {
	Delta float64 `json:"delta"`
	SD    float64 `json:"sd"`
	testArgs
}) (map[string]any, error) {
	n, err := args.test().TwoMeans(args.Delta, args.SD)
	return map[string]any{"n_per_group": n}, err
}

// allocation spreads a sample over strata, by each rule.
func allocation(_ *frame.Case, args struct {
	N     []int     `json:"N"`
	S     []float64 `json:"S"`
	Total int       `json:"n"`
}) (map[string]any, error) {
	if len(args.N) != len(args.S) {
		return nil, fmt.Errorf("args: %d strata in N, %d in S", len(args.N), len(args.S))
	}
	strata := make([]sampling.Stratum, len(args.N))
	for i := range strata {
		strata[i] = sampling.Stratum{Population: args.N[i], Spread: args.S[i] * args.S[i]}
	}
	answer := map[string]any{}
	for _, rule := range []struct {
		name string
		rule sampling.Allocation
	}{{"proportional", sampling.Proportional}, {"neyman", sampling.Neyman}, {"square_root", sampling.SquareRoot}} {
		ideal := sampling.Ideal(float64(args.Total), strata, rule.rule)
		whole, err := sampling.Allocate(args.Total, strata, 0, rule.rule)
		if err != nil {
			return nil, err
		}
		rounded := make([]float64, len(whole))
		for i, n := range whole {
			rounded[i] = float64(n)
		}
		answer[rule.name], answer[rule.name+"_rounded"] = ideal, rounded
		answer["var_mean_"+rule.name] = sampling.VarianceAt(strata, ideal)
	}
	return answer, nil
}

// inclusion are the chances of a sample proportional to size.
func inclusion(c *frame.Case, args struct {
	Size string `json:"size"`
	N    int    `json:"n"`
}) (map[string]any, error) {
	size, err := c.View.Number(args.Size)
	if err != nil {
		return nil, err
	}
	pi, certain, err := sampling.Inclusion(args.N, size)
	return map[string]any{"pi": pi, "certainties": certain}, err
}

// designEffect is what likeness within offices and unequal weights cost.
func designEffect(_ *frame.Case, args struct {
	M       []float64 `json:"m"`
	Rho     []float64 `json:"rho"`
	Weights []float64 `json:"weights"`
}) (map[string]any, error) {
	if len(args.M) != len(args.Rho) {
		return nil, errors.New("args: m and rho differ in length")
	}
	answer := map[string]any{}
	effect := make([]float64, len(args.M))
	for i, m := range args.M {
		effect[i] = sampling.ClusterEffect(m, args.Rho[i])
	}
	answer["deff"] = effect
	if len(args.Weights) > 0 {
		answer[kishKey(args.Weights)] = estimate.Kish(args.Weights)
	}
	return answer, nil
}

// kishKey is what the reference values call Kish's effect: after the weights
// where these are consecutive whole numbers.
func kishKey(w []float64) string {
	for i, x := range w {
		if x != math.Trunc(x) || x != w[0]+float64(i) {
			return "kish_weights"
		}
	}
	return fmt.Sprintf("kish_weights_%v_to_%v", w[0], w[len(w)-1])
}
