package weight

import (
	"fmt"
	"math"

	"adili/estimate/sum"
)

// Variable is something known of every respondent whose total over the population is known too. An indicator of a
// category has the people of the category as its total, the constant 1 the size of the population.
type Variable struct {
	Name  string
	X     []float64 // one a row
	Total float64
}

// Intercept is the constant, whose total is the size of the population.
func Intercept(rows int, population float64) Variable {
	one := make([]float64, rows)
	for r := range one {
		one[r] = 1
	}
	return Variable{Name: "(Intercept)", X: one, Total: population}
}

// Calibrate finds the weights closest to the base weights d that estimate the totals of the variables without error:
//
//	w = d F(x'λ)   Σ w x = X
//
// where F is that of the distance (J.-C. Deville & C.-E. Särndal, Calibration Estimators in Survey Sampling, JASA 87,
// 1992; Särndal, Swensson & Wretman, Model Assisted Survey Sampling, 1992). λ is found by Newton's method with steps
// halved until the misfit falls. In variances an influence value gives way to its residual from the regression on x
// with weights d, times w.
//
// The constant is a variable like any other: leave it out and the size of the population is not met. Bounds are bounds of
// w/d as given here. (R rescales base weights whose sums are less than a twentieth of all totals, and takes the bounds
// to be of the rescaled ones; and it stops at a misfit of 1e-7.) A variable that is 0 for all, with a total of 0, is left
// out. A row with base weight 0 keeps it.
//
// Errors: CollinearError, EmptyCellError for a variable that is 0 for all and has a total, NotConvergedError where no weights
// within the bounds meet the totals, NegativeWeightError; ErrBounds, ErrLength, ErrWeight, ErrValue and ErrTotal for input
// that does not fit.
func Calibrate(base []float64, x []Variable, method Method) (*Calibration, error) {
	if err := method.check(); err != nil {
		return nil, err
	}
	x, err := usedVariables(base, x)
	if err != nil {
		return nil, err
	}
	p, err := newPatterns(base, x)
	if err != nil {
		return nil, err
	}
	q, err := newBasis(p.base, p.x)
	if err != nil {
		return nil, err
	}
	f := &fit{method: method, base: p.base, x: p.x, q: q}
	if err := f.run(); err != nil {
		return nil, err
	}
	weight := make([]float64, len(base))
	var negative *NegativeWeightError
	for r, d := range base {
		if d == 0 {
			continue
		}
		weight[r] = d * f.g[p.of[r]]
		if weight[r] < 0 {
			if negative == nil {
				negative = &NegativeWeightError{Row: r, Weight: weight[r]}
			}
			negative.Count++
		}
	}
	if negative != nil && !method.AllowNegative {
		return nil, negative
	}
	return &Calibration{
		weight: weight, base: base, iterations: f.steps,
		residual: &regressionResiduals{of: p.of, q: q, g: f.g, weight: weight},
	}, nil
}

// usedVariables checks the input and leaves out variables that say nothing.
func usedVariables(base []float64, x []Variable) ([]Variable, error) {
	if len(base) == 0 || len(x) == 0 {
		return nil, fmt.Errorf("weight: calibration: %w", ErrEmpty)
	}
	for r, d := range base {
		if !(d >= 0 && d <= limit) {
			return nil, fmt.Errorf("weight: row %d is %v: %w", r+1, d, ErrWeight)
		}
	}
	var used []Variable
	for _, v := range x {
		if len(v.X) != len(base) {
			return nil, fmt.Errorf("weight: variable %s: %d values for %d rows: %w", v.Name, len(v.X), len(base), ErrLength)
		}
		if !(math.Abs(v.Total) <= limit) {
			return nil, fmt.Errorf("weight: variable %s: total %v: %w", v.Name, v.Total, ErrTotal)
		}
		empty := true
		for r, value := range v.X {
			if base[r] == 0 {
				continue
			}
			if !(math.Abs(value) <= limit) {
				return nil, fmt.Errorf("weight: variable %s: row %d is %v: %w", v.Name, r+1, value, ErrValue)
			}
			empty = empty && value == 0
		}
		if empty && v.Total != 0 {
			return nil, &EmptyCellError{Margin: "calibration", Level: v.Name, Total: v.Total}
		}
		if !empty {
			used = append(used, v)
		}
	}
	if len(used) == 0 {
		return nil, fmt.Errorf("weight: calibration: all variables are 0: %w", ErrEmpty)
	}
	return used, nil
}

// fit is a calibration on its way, by patterns.
type fit struct {
	method   Method
	base     []float64
	x        []Variable
	q        *basis
	g, slope []float64
	steps    int
}

// evaluate sets g at λ and gives the misfit of the totals, as is and turned into the basis.
func (f *fit) evaluate(lambda []float64) (misfit, turned []float64) {
	u := f.q.at(lambda)
	f.g, f.slope = u, make([]float64, len(u))
	for r, v := range u {
		f.g[r], f.slope[r] = f.method.ratio(v)
	}
	misfit = make([]float64, len(f.x))
	for j, v := range f.x {
		misfit[j] = v.Total - f.total(j)
	}
	return misfit, f.q.turn(misfit)
}

// total is what the present weights make of the total of a variable.
func (f *fit) total(j int) float64 {
	terms := make([]float64, len(f.g))
	for r, d := range f.base {
		if d > 0 {
			terms[r] = float64(d*f.g[r]) * f.x[j].X[r]
		}
	}
	return sum.Of(terms)
}

func (f *fit) run() error {
	tolerance, most := f.method.Tolerance, f.method.MaxIterations
	if tolerance == 0 {
		tolerance = 1e-12
	}
	if most == 0 {
		most = 100
	}
	scale := make([]float64, len(f.x))
	for j, v := range f.x {
		scale[j] = max(math.Abs(v.Total), math.Sqrt(f.q.dot(v.X, v.X)))
	}
	lambda := make([]float64, len(f.x))
	misfit, turned := f.evaluate(lambda)
	for {
		j, off := worstOf(misfit, scale)
		if off <= tolerance {
			return nil
		}
		if f.steps < most {
			f.steps++
			next := f.step(lambda, turned)
			if next != nil {
				lambda = next
				misfit, turned = f.evaluate(lambda)
				continue
			}
		}
		return &NotConvergedError{
			Method: f.method.Distance.String(), Iterations: f.steps, Change: off, Limit: tolerance,
			Margin: f.x[j].Name, Reached: f.x[j].Total - misfit[j], Wanted: f.x[j].Total,
		}
	}
}

// step is λ after a Newton step, as much of it as lowers the misfit; nil if none does.
func (f *fit) step(lambda, turned []float64) []float64 {
	whole := f.q.solve(f.slope, turned)
	if whole == nil {
		return nil
	}
	before := length(turned)
	next := make([]float64, len(lambda))
	for part := 1.0; part > 1e-9; part /= 2 {
		for j := range next {
			next[j] = lambda[j] + float64(part*whole[j])
		}
		if _, after := f.evaluate(next); length(after) < before {
			return next
		}
	}
	return nil
}

// worstOf is the greatest misfit relative to its scale; one that is no number is the worst.
func worstOf(misfit, scale []float64) (at int, off float64) {
	for j, m := range misfit {
		o := math.Abs(m) / scale[j]
		if math.IsNaN(o) {
			return j, math.Inf(1)
		}
		if o > off {
			at, off = j, o
		}
	}
	return at, off
}

func length(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v * v)
	}
	return math.Sqrt(s)
}
