package weight

import (
	"math"
	"slices"

	"adili/estimate/sum"
)

// Options say when raking may stop.
type Options struct {
	// Relative: when no cell of the cross of all margins changed by this share of the sum of the base weights in a sweep.
	Relative float64
	// Absolute: when no cell changed by this many people. With both, the larger counts; with neither, it is 1e-12 of the
	// population.
	Absolute float64
	// MaxIterations is the most sweeps over all margins; 0 is 500.
	MaxIterations int
	// Sweeps, if not 0, is how many sweeps to make, settled or not. Replicates raked as often as the full sample vary as it
	// would.
	Sweeps int
}

// Rake finds weights close to the base weights that meet every margin: each margin in turn is post-stratified, over and
// over, until nothing moves.
//
//	w ← w N_c/N̂_c   for the categories c of margin 1, of margin 2, ...
//
// with N_c the people of the population in category c and N̂_c the sum of the weights of those who answered. Of all weights
// that meet the margins the limit has the least Σ (w log(w/d) - w + d), with d the base weights.
//
// What the margins explain of an answer no longer varies. In variances the weighted influence values x = wz give way to
// what is left of them after the mean of each category was taken off, over the people n_c of category c and for one margin
// after the other, ten times over:
//
//	x ← x - w/n_c Σ_c x/w
//
// Here w are the weights after that margin in the last turn, and each person counts once. This is the rule of R's survey
// package. The regression of Deville and Särndal would weight people with d; both leave nothing of what the margins
// explain.
//
// Sources: W. E. Deming & F. F. Stephan, On a Least Squares Adjustment of a Sampled Frequency Table When the Expected
// Marginal Totals Are Known, Annals of Mathematical Statistics 11, 1940; J.-C. Deville & C.-E. Särndal, Calibration
// Estimators in Survey Sampling, Journal of the American Statistical Association 87, 1992; J.-C. Deville, C.-E. Särndal &
// O. Sautory, Generalized Raking Procedures in Survey Sampling, Journal of the American Statistical Association 88, 1993.
//
// In Go, totals are in people. A row with base weight 0 keeps it. Multiplying all base weights by a number changes no raked
// weight.
//
// Errors: EmptyCellError, UnknownLevelError, MissingCodeError, MarginTotalsError, NotConvergedError; ErrLength, ErrWeight
// and ErrTotal for input that does not fit.
func Rake(base []float64, margins []Margin, opt Options) (*Calibration, error) {
	cells, err := Cross(margins...)
	if err != nil {
		return nil, err
	}
	return cells.Rake(base, opt)
}

// Rake is the function Rake with the cells made before: for many sets of base weights of the same people.
func (c *Cells) Rake(base []float64, opt Options) (*Calibration, error) {
	sums, err := c.Sums(base)
	if err != nil {
		return nil, err
	}
	people := c.people(base)
	f, err := c.Factors(sums, people, opt)
	if err != nil {
		return nil, err
	}
	last := f.After[len(f.After)-1]
	weight := make([]float64, len(base))
	for r, w := range base {
		if w > 0 {
			weight[r] = w * last[c.of[r]]
		}
	}
	return &Calibration{
		weight: weight, base: base, iterations: f.Sweeps,
		residual: newRakingResiduals(c, base, people, f.After),
	}, nil
}

// Factors are what raking multiplies the base weights of each cell by.
type Factors struct {
	// After holds the factors by cell after each margin of the last sweep; the last are the result.
	After  [][]float64
	Sweeps int
}

// Factors rakes the sums of the base weights by cell. people are the respondents by cell, for messages and to find empty
// categories; nil counts each cell with weight as one.
func (c *Cells) Factors(sums []float64, people []int, opt Options) (*Factors, error) {
	if err := c.covered(sums, people); err != nil {
		return nil, err
	}
	stop := max(opt.Absolute, opt.Relative*total(sums))
	if opt.Absolute <= 0 && opt.Relative <= 0 {
		stop = 1e-12 * sum.Of(c.margin[0].Total)
	}
	most := opt.MaxIterations
	if most <= 0 {
		most = 500
	}
	if opt.Sweeps > 0 {
		most = opt.Sweeps
	}
	now, before := slices.Clone(sums), make([]float64, len(sums))
	after := make([][]float64, len(c.margin))
	for m := range after {
		after[m] = make([]float64, len(sums))
	}
	change := math.Inf(1)
	for sweep := 1; sweep <= most; sweep++ {
		copy(before, now)
		for m := range c.margin {
			c.fit(m, now)
			for i, t := range now {
				if sums[i] > 0 {
					after[m][i] = t / sums[i]
				}
			}
		}
		change = 0
		for i, t := range now {
			change = math.Max(change, math.Abs(t-before[i]))
		}
		if sweep == opt.Sweeps {
			return &Factors{after, sweep}, nil
		}
		if opt.Sweeps == 0 && change < stop {
			if err := c.met(now, sweep, stop); err != nil {
				return nil, err
			}
			return &Factors{after, sweep}, nil
		}
	}
	e := c.worst(now)
	e.Iterations, e.Change, e.Limit = most, change, stop
	return nil, e
}

// met checks that weights which no longer change meet the margins: margins that contradict each other, as far as there are
// respondents, settle on meeting the last of them.
func (c *Cells) met(now []float64, sweeps int, stop float64) error {
	e := c.worst(now)
	limit := max(agree*e.Wanted, 10*float64(len(now))*stop)
	if off := math.Abs(e.Reached - e.Wanted); !(off <= limit) {
		e.Iterations, e.Change, e.Limit = sweeps, off, limit
		return e
	}
	return nil
}

// fit post-stratifies the cells by margin m.
func (c *Cells) fit(m int, now []float64) {
	code, wanted := c.code[m], c.margin[m].Total
	ratio := c.reached(m, now)
	for k, have := range ratio {
		if have > 0 { // nobody's category keeps its 0
			ratio[k] = wanted[k] / have
		}
	}
	for i, k := range code {
		now[i] *= ratio[k]
	}
}

// reached is how many people the cells make in each category of margin m.
func (c *Cells) reached(m int, now []float64) []float64 {
	have := make([]float64, len(c.margin[m].Total))
	for i, k := range c.code[m] {
		have[k] += now[i]
	}
	return have
}

// covered checks that respondents and population are in the same categories.
func (c *Cells) covered(sums []float64, people []int) error {
	for m, margin := range c.margin {
		have := c.reached(m, sums)
		count := make([]int, len(have))
		for i, k := range c.code[m] {
			if people != nil {
				count[k] += people[i]
			} else if sums[i] > 0 {
				count[k]++
			}
		}
		for k, total := range margin.Total {
			if total > 0 && !(have[k] > 0) {
				e := &EmptyCellError{Margin: margin.Name, Level: margin.Labels[k], Total: total}
				if n := neighbour(count, k); n >= 0 {
					e.Neighbour, e.Respondents = margin.Labels[n], count[n]
				}
				return e
			}
			if total == 0 && have[k] > 0 {
				return &UnknownLevelError{margin.Name, margin.Labels[k], count[k]}
			}
		}
	}
	return nil
}

// neighbour is the category to merge category k with: the nearest on either side that has respondents, of two the one
// with fewer; -1 if there is none.
func neighbour(count []int, k int) int {
	left, right := k-1, k+1
	for left >= 0 && count[left] == 0 {
		left--
	}
	for right < len(count) && count[right] == 0 {
		right++
	}
	switch {
	case left < 0 && right == len(count):
		return -1
	case left < 0:
		return right
	case right == len(count):
		return left
	case count[right] < count[left]:
		return right
	}
	return left
}

// worst is the category furthest from its total.
func (c *Cells) worst(now []float64) *NotConvergedError {
	e := &NotConvergedError{Method: "raking"}
	off := -1.0
	for m, margin := range c.margin {
		for k, have := range c.reached(m, now) {
			if d := math.Abs(have - margin.Total[k]); d > off {
				off = d
				e.Margin, e.Level, e.Reached, e.Wanted = margin.Name, margin.Labels[k], have, margin.Total[k]
			}
		}
	}
	return e
}

// total adds in the order given, for numbers whose order is settled.
func total(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}
