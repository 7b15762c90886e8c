package regression

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
)

// Ordinal is a cumulative model of an ordered answer,
//
//	P(y <= j) = F(ζ_j - x'β)    j = 1..k-1,
//
// with F the logistic (Logit), normal (Probit) or Cauchy distribution
// function, or exp(-exp(-x)) (Cloglog). A positive β means higher answers.
type Ordinal struct {
	Link  Link
	Y     []int // codes of the answers in their order, negative where missing
	Names []string
	X     [][]float64

	// Step above 0 takes the second derivatives by central differences of this width in the parameters (β, ζ_1,
	// log(ζ_2-ζ_1), ..). R's svyolr does so with 0.001, which moves standard errors in the fourth digit; 0 is exact.
	Step float64
}

// OrdinalFit is a fitted cumulative model. Coef holds β, then ζ.
type OrdinalFit struct {
	Names      []string // of β
	Levels     []int    // the codes seen; ζ_j stands between level j and the next
	Aliased    []string
	Coef       *estimate.Result
	Iterations int
}

// curve is a distribution function with its density and the derivative of that.
type curve func(x float64) (lower, upper, density, slope float64)

func (l Link) curve() (curve, error) {
	switch l {
	case Canonical, Logit:
		return func(x float64) (float64, float64, float64, float64) {
			lower, f := Logit.mean(x)
			upper, _ := Logit.mean(-x)
			return lower, upper, f, f * (upper - lower)
		}, nil
	case Probit:
		return func(x float64) (float64, float64, float64, float64) {
			lower, f := Probit.mean(x)
			upper, _ := Probit.mean(-x)
			return lower, upper, f, -x * f
		}, nil
	case Cauchit:
		return func(x float64) (float64, float64, float64, float64) {
			lower, f := Cauchit.mean(x)
			upper, _ := Cauchit.mean(-x)
			return lower, upper, f, -2 * x / (1 + x*x) * f
		}, nil
	case Cloglog:
		return func(x float64) (float64, float64, float64, float64) {
			e := math.Exp(-x)
			lower := math.Exp(-e)
			if math.IsInf(e, 1) {
				return 0, 1, 0, 0
			}
			return lower, -math.Expm1(-e), e * lower, e * lower * (e - 1)
		}, nil
	}
	return nil, fmt.Errorf("regression: an ordinal model has the links logit, probit, cloglog and cauchit: %w", ErrModel)
}

// ordinal is the work of one fit.
type ordinal struct {
	*table
	y []int // level of each person
	k int   // number of levels
	f curve
}

// climb is where the search stands.
type climb struct {
	at    []float64 // β of the standardised variables, then ζ
	value float64   // log-likelihood
	score []float64
	info  *mat.SymDense // minus the second derivatives
}

// FitOrdinal fits a cumulative model to the people of a domain who have a valid
// answer to every variable, by Newton's method on the weighted log-likelihood;
// influence values are H⁻¹ times the scores, H the second derivatives (T.
// Lumley, Complex Surveys, 2010). ErrModel with fewer than three levels or
// without a solution.
func FitOrdinal(d *estimate.Design, m Ordinal, in estimate.Domain) (*OrdinalFit, error) {
	if len(m.Y) != d.Rows() || len(m.Names) != len(m.X) {
		return nil, fmt.Errorf("regression: %d answers for %d rows, %d names for %d variables: %w", len(m.Y), d.Rows(), len(m.Names), len(m.X), estimate.ErrLength)
	}
	f, err := m.Link.curve()
	if err != nil {
		return nil, err
	}
	t, err := complete(d, in, func(r int) bool { return m.Y[r] >= 0 }, m.X)
	if err != nil {
		return nil, err
	}
	o := &ordinal{table: t, f: f}
	fit := &OrdinalFit{}
	if fit.Levels, err = o.levels(m.Y); err != nil {
		return nil, err
	}
	s, rounds, err := o.solve(m.Link)
	if err != nil {
		return nil, err
	}
	for _, j := range t.kept {
		fit.Names = append(fit.Names, m.Names[j])
	}
	for _, j := range t.lost {
		fit.Aliased = append(fit.Aliased, m.Names[j])
	}
	fit.Iterations = rounds
	coef := make([]float64, len(s.at))
	o.restore(coef, s.at)
	z, err := o.influences(d.Rows(), s, coef, m.Step)
	if err != nil {
		return nil, err
	}
	if fit.Coef, err = d.Linear(coef, z); err != nil {
		return nil, fmt.Errorf("regression: %w", err)
	}
	return fit, nil
}

// influences are the scores of each person times the inverse of the second derivatives.
func (o *ordinal) influences(rows int, s climb, coef []float64, step float64) ([][]float64, error) {
	n := len(coef)
	inv, ok := inverse(s.info)
	if step > 0 {
		inv, ok = o.inverseByDifferences(coef, step)
	}
	if !ok {
		return nil, fmt.Errorf("regression: the second derivatives are singular at the solution: %w", ErrModel)
	}
	score, buffer := make([]float64, n), make([]float64, n)
	return o.influence(rows, n, func(i int, to []float64) {
		clear(score)
		o.person(i, s.at, func(_, a, b float64) { o.spread(i, a, b, score) })
		if step > 0 {
			o.raw(score)
			times(to, inv, score)
			return
		}
		times(buffer, inv, score)
		o.restore(to, buffer)
	}), nil
}

// maxLevels bounds an ordered answer: beyond it is a measurement.
const maxLevels = 100

// levels numbers the answers seen.
func (o *ordinal) levels(y []int) ([]int, error) {
	place := map[int]int{}
	top := -1
	for _, r := range o.rows {
		place[y[r]] = 0
		top = max(top, y[r])
	}
	var levels []int
	for c := 0; c <= top && len(levels) < len(place); c++ {
		if _, seen := place[c]; seen {
			place[c] = len(levels)
			levels = append(levels, c)
		}
	}
	if len(levels) < 3 {
		return nil, fmt.Errorf("regression: an ordinal model with %d different answers, and 3 are needed (for 2 there is the binomial family): %w", len(levels), ErrModel)
	}
	if len(levels) > maxLevels {
		return nil, fmt.Errorf("regression: an ordinal model with %d different answers, more than %d; group them or use a linear model: %w", len(levels), maxLevels, ErrModel)
	}
	for _, r := range o.rows {
		o.y = append(o.y, place[y[r]])
	}
	o.k = len(levels)
	return levels, nil
}

// restore turns the parameters of standardised variables into those of the variables.
func (o *ordinal) restore(to, at []float64) {
	shift := 0.0
	for j := range o.p {
		to[j] = at[j] / o.sd[j]
		shift += to[j] * o.mean[j]
	}
	for j := o.p; j < len(at); j++ {
		to[j] = at[j] + shift
	}
}

// person hands on the log-probability of the answer of person i and its derivatives by the upper and lower threshold, and
// gives those of second order: by the upper, the lower, and both.
func (o *ordinal) person(i int, at []float64, first func(l, a, b float64)) (aa, bb, ab float64) {
	eta := 0.0
	for j, v := range o.row(i) {
		eta += at[j] * v
	}
	la, ua, fa, sa := 1.0, 0.0, 0.0, 0.0
	lb, ub, fb, sb := 0.0, 1.0, 0.0, 0.0
	y := o.y[i]
	if y < o.k-1 {
		la, ua, fa, sa = o.f(at[o.p+y] - eta)
	}
	if y > 0 {
		lb, ub, fb, sb = o.f(at[o.p+y-1] - eta)
	}
	p := la - lb
	if lb > 0.5 {
		p = ub - ua
	}
	a, b := fa/p, -fb/p
	first(math.Log(p), a, b)
	return sa/p - a*a, -sb/p - b*b, -a * b
}

// spread adds the derivatives by the thresholds of person i to those by all parameters.
func (o *ordinal) spread(i int, a, b float64, to []float64) {
	for j, v := range o.row(i) {
		to[j] -= v * (a + b)
	}
	if y := o.y[i]; y < o.k-1 {
		to[o.p+y] += a
	}
	if y := o.y[i]; y > 0 {
		to[o.p+y-1] += b
	}
}

// evaluate is the log-likelihood with its derivatives.
func (o *ordinal) evaluate(at []float64) climb {
	n := len(at)
	s := climb{at: append([]float64(nil), at...), score: make([]float64, n)}
	info := make([]float64, n*n)
	up, down, own := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, w := range o.weight {
		clear(up)
		clear(down)
		clear(own)
		aa, bb, ab := o.person(i, at, func(l, a, b float64) {
			s.value += w * l
			o.spread(i, a, b, own)
		})
		o.spread(i, 1, 0, up)
		o.spread(i, 0, 1, down)
		for a := range n {
			s.score[a] += w * own[a]
			for b := range a + 1 {
				info[a*n+b] -= w * (aa*up[a]*up[b] + bb*down[a]*down[b] + ab*(up[a]*down[b]+down[a]*up[b]))
			}
		}
	}
	s.info = symmetric(info, n)
	return s
}

// solve climbs from the model without variables, whose thresholds are the quantiles of the cumulated shares.
func (o *ordinal) solve(link Link) (climb, int, error) {
	if link == Canonical {
		link = Logit
	}
	total := make([]float64, o.k)
	var size float64
	for i, w := range o.weight {
		total[o.y[i]] += w
		size += w
	}
	at := make([]float64, o.p+o.k-1)
	var below float64
	for j := range o.k - 1 {
		below += total[j]
		at[o.p+j] = link.of(below / size)
		if link == Cloglog {
			at[o.p+j] = -math.Log(-math.Log(below / size))
		}
	}
	s := o.evaluate(at)
	for round := 1; round <= maxIterations; round++ {
		next, ok := o.advance(s)
		if !ok {
			break
		}
		var moved, reach float64
		for j, v := range next.at {
			moved = math.Max(moved, math.Abs(v-s.at[j]))
			reach = math.Max(reach, math.Abs(v))
		}
		s = next
		if moved <= 1e-12*math.Max(1, reach) {
			return s, round, nil
		}
	}
	return climb{}, 0, fmt.Errorf("regression: no ordinal solution (does a variable separate the answers?): %w", ErrModel)
}

// advance takes a Newton step, shortened until the likelihood does not fall by more than rounding.
func (o *ordinal) advance(s climb) (climb, bool) {
	n := len(s.at)
	var root mat.Cholesky
	var x mat.VecDense
	info := mat.NewSymDense(n, nil)
	info.CopySym(s.info)
	for ridge := 1e-4; !root.Factorize(info); ridge *= 10 {
		if !(ridge < 1e8) {
			return s, false
		}
		for j := range n {
			info.SetSym(j, j, s.info.At(j, j)+ridge*(1+math.Abs(s.info.At(j, j))))
		}
	}
	if root.SolveVecTo(&x, mat.NewVecDense(n, s.score)) != nil {
		return s, false
	}
	at := make([]float64, n)
	for length := 1.0; length > 1e-12; length /= 2 {
		for j := range at {
			at[j] = s.at[j] + length*x.AtVec(j)
		}
		if next := o.evaluate(at); next.value >= s.value-1e-12*math.Abs(s.value) {
			return next, true
		}
	}
	return s, false
}
