package sensitive

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
)

// ErrModel means a model without a single best answer: a coefficient that runs
// away because the prevalence of its group is estimated as 0 or 1, or explanatory
// variables that say the same. Drop the term or merge the group with another.
var ErrModel = errors.New("the model has no single best answer; drop the term or merge its group with another")

// ModelError is ErrModel with the coefficient that went farthest.
type ModelError struct {
	Coef int // 0 for the intercept, j for columns[j-1]
}

// Error names the coefficient by its number.
func (e *ModelError) Error() string { return fmt.Sprintf("coefficient %d: %v", e.Coef, ErrModel) }

// Unwrap is ErrModel.
func (e *ModelError) Unwrap() error { return ErrModel }

// Fit is a fitted logistic model of a sensitive trait.
type Fit struct {
	Coef   []float64 // intercept first, then the columns
	N      int       // rows that took part
	LogLik float64   // weighted, where weights were given

	inverse *mat.SymDense // of the observed information
	z       [][]float64   // influence, by coefficient and row
}

// Logistic fits logit π(x) = β0 + x'β inside λ = c + dπ(x), by maximising
//
//	Σ w (y log λ + (1-y) log(1-λ))
//
// with Newton's method on the observed information; where that is not positive
// definite far from the maximum, on the expected one (Blair, Imai & Zhou 2015;
// Fahrmeir & Tutz, Multivariate Statistical Modelling, 2001, for a link with
// fixed limits). y is 1 for the recorded answer, 0 for the other; columns[j] is
// explanatory variable j; weight nil means 1 for all. Rows with a NaN take no
// part. Iteration ends when no coefficient moves by 1e-12 of its size.
//
// ErrAnswer for other answers, ErrLength, ErrEmpty, ErrModel.
func (t Technique) Logistic(y []float64, columns [][]float64, weight []float64) (*Fit, error) {
	p, err := t.problem(y, columns, weight)
	if err != nil {
		return nil, fmt.Errorf("sensitive: %s: logistic: %w", t.Name, err)
	}
	beta, info, err := p.maximise()
	if err != nil {
		return nil, fmt.Errorf("sensitive: %s: logistic: %w", t.Name, err)
	}
	f := &Fit{Coef: beta, N: len(p.rows), LogLik: p.logLik(beta), inverse: mat.NewSymDense(len(beta), nil)}
	if err := info.InverseTo(f.inverse); err != nil {
		return nil, fmt.Errorf("sensitive: %s: logistic: %w", t.Name, farthest(beta))
	}
	f.z = make([][]float64, len(beta))
	for j := range f.z {
		f.z[j] = make([]float64, len(y))
		for k := range f.z[j] {
			f.z[j][k] = math.NaN()
		}
	}
	for i, row := range p.rows {
		score, _, _ := p.slopes(p.eta(beta, i), p.y[i])
		for j := range f.z {
			s := 0.0
			for l, x := range p.x[i] {
				s += f.inverse.At(j, l) * x
			}
			f.z[j][row] = s * score
		}
	}
	return f, nil
}

// SE is the standard error of coefficient j for people drawn singly, from the
// observed information. For survey data use Survey.
func (f *Fit) SE(j int) float64 { return math.Sqrt(f.inverse.At(j, j)) }

// Covariance is the inverse of the observed information.
func (f *Fit) Covariance() [][]float64 {
	c := make([][]float64, len(f.Coef))
	for i := range c {
		c[i] = make([]float64, len(f.Coef))
		for j := range c[i] {
			c[i][j] = f.inverse.At(i, j)
		}
	}
	return c
}

// Survey gives the coefficients the covariance of a design: the sandwich
// A⁻¹ V(Σ w u) A⁻¹ with u the scores and A the observed information (Binder,
// International Statistical Review 51, 1983). The model must have been fitted
// with the weights of the design.
func (f *Fit) Survey(d *estimate.Design) (*estimate.Result, error) { return d.Linear(f.Coef, f.z) }

// problem is the likelihood of the rows that take part.
type problem struct {
	t    Technique
	rows []int
	y, w []float64
	x    [][]float64
}

func (t Technique) problem(y []float64, columns [][]float64, weight []float64) (*problem, error) {
	if lo, hi := t.Intercept, t.Intercept+t.Slope; math.Min(lo, hi) < -1e-12 || math.Max(lo, hi) > 1+1e-12 {
		return nil, fmt.Errorf("chances %v and %v: %w", lo, hi, ErrParameter)
	}
	for j, c := range columns {
		if len(c) != len(y) {
			return nil, fmt.Errorf("variable %d has %d rows, not %d: %w", j+1, len(c), len(y), ErrLength)
		}
	}
	if weight != nil && len(weight) != len(y) {
		return nil, fmt.Errorf("%d weights for %d rows: %w", len(weight), len(y), ErrLength)
	}
	p := &problem{t: t}
	for row, v := range y {
		w := 1.0
		if weight != nil {
			w = weight[row]
		}
		x := []float64{1}
		missing := math.IsNaN(v) || w == 0
		for _, c := range columns {
			missing = missing || math.IsNaN(c[row])
			x = append(x, c[row])
		}
		switch {
		case missing:
			continue
		case v != 0 && v != 1:
			return nil, fmt.Errorf("row %d: answer %v is neither 0 nor 1: %w", row+1, v, ErrAnswer)
		case !(w > 0) || math.IsInf(w, 1):
			return nil, fmt.Errorf("row %d: weight %v: %w", row+1, w, ErrParameter)
		}
		p.rows, p.y, p.w, p.x = append(p.rows, row), append(p.y, v), append(p.w, w), append(p.x, x)
	}
	if len(p.rows) == 0 {
		return nil, ErrEmpty
	}
	return p, nil
}

func (p *problem) eta(beta []float64, i int) float64 {
	s := 0.0
	for j, x := range p.x[i] {
		s += beta[j] * x
	}
	return s
}

// slopes are, for one person, the first derivative of the log-likelihood by η,
// minus the second, and minus the expected second.
func (p *problem) slopes(eta, y float64) (score, observed, expected float64) {
	pi := expit(eta)
	l := p.t.Chance(pi)
	first := p.t.Slope * pi * expit(-eta)
	second := first * (1 - 2*pi)
	if y == 1 {
		score, observed = first/l, first*first/(l*l)-second/l
	} else {
		score, observed = -first/(1-l), first*first/((1-l)*(1-l))+second/(1-l)
	}
	return score, observed, first * first / (l * (1 - l))
}

func (p *problem) logLik(beta []float64) float64 {
	sum := 0.0
	for i, y := range p.y {
		l := p.t.Chance(expit(p.eta(beta, i)))
		if y == 1 {
			sum += p.w[i] * math.Log(l)
		} else {
			sum += p.w[i] * math.Log1p(-l)
		}
	}
	return sum
}

// start is the prevalence of all, kept off its limits, as intercept.
func (p *problem) start() []float64 {
	yes, all := 0.0, 0.0
	for i, y := range p.y {
		yes += p.w[i] * y
		all += p.w[i]
	}
	pi := math.Max(0.05, math.Min(0.95, p.t.Prevalence(yes/all)))
	beta := make([]float64, len(p.x[0]))
	beta[0] = math.Log(pi / (1 - pi))
	return beta
}

// maximise returns the coefficients and the factored observed information.
func (p *problem) maximise() ([]float64, *mat.Cholesky, error) {
	beta := p.start()
	best, before := p.logLik(beta), math.Inf(1)
	for range 200 {
		score, observed, expected := p.totals(beta)
		var info mat.Cholesky
		definite := info.Factorize(observed)
		if !definite && !info.Factorize(expected) {
			return nil, nil, farthest(beta)
		}
		var step mat.VecDense
		if err := info.SolveVecTo(&step, score); err != nil {
			return nil, nil, farthest(beta)
		}
		moved := 0.0
		for j := range beta {
			moved = math.Max(moved, math.Abs(step.AtVec(j))/(1+math.Abs(beta[j])))
		}
		// Newton's steps shrink with their square until only rounding is left, which a flat likelihood magnifies.
		if definite && (moved <= 1e-12 || moved <= 1e-9 && moved >= before/2) {
			return beta, &info, p.inside(beta)
		}
		beta, best = p.search(beta, &step, best)
		before = moved
	}
	return nil, nil, farthest(beta)
}

// farthest blames the largest coefficient.
func farthest(beta []float64) error {
	worst := 0
	for j, b := range beta {
		if math.Abs(b) > math.Abs(beta[worst]) {
			worst = j
		}
	}
	return &ModelError{worst}
}

// search goes along a step, halved until the likelihood does not fall beyond
// rounding.
func (p *problem) search(beta []float64, step *mat.VecDense, best float64) ([]float64, float64) {
	next := make([]float64, len(beta))
	for scale := 1.0; scale > 1e-10; scale /= 2 {
		for j := range next {
			next[j] = beta[j] + scale*step.AtVec(j)
		}
		if l := p.logLik(next); l >= best-1e-12*math.Abs(best) {
			return next, l
		}
	}
	return beta, best
}

// totals are the weighted score and both informations.
func (p *problem) totals(beta []float64) (score *mat.VecDense, observed, expected *mat.SymDense) {
	k := len(beta)
	score, observed, expected = mat.NewVecDense(k, nil), mat.NewSymDense(k, nil), mat.NewSymDense(k, nil)
	for i, x := range p.x {
		s, o, e := p.slopes(p.eta(beta, i), p.y[i])
		for a := range k {
			score.SetVec(a, score.AtVec(a)+p.w[i]*s*x[a])
			for b := a; b < k; b++ {
				observed.SetSym(a, b, observed.At(a, b)+p.w[i]*o*x[a]*x[b])
				expected.SetSym(a, b, expected.At(a, b)+p.w[i]*e*x[a]*x[b])
			}
		}
	}
	return score, observed, expected
}

// inside refuses a maximum that lies at infinity: a group whose prevalence is
// estimated as 0 or 1.
func (p *problem) inside(beta []float64) error {
	for i := range p.x {
		if eta := p.eta(beta, i); math.Abs(eta) > 30 {
			return fmt.Errorf("row %d: prevalence estimated as %.0f: %w", p.rows[i]+1, expit(eta), farthest(beta))
		}
	}
	return nil
}

func expit(eta float64) float64 { return 1 / (1 + math.Exp(-eta)) }
