package regression

import (
	"fmt"
	"math"

	"adili/estimate"
)

// Regression is a generalised linear model to be fitted, always with an
// intercept.
type Regression struct {
	Family Family
	Link   Link
	Y      []float64   // by row of the sample, NaN where missing
	Names  []string    // of the explanatory variables
	X      [][]float64 // their columns, NaN where missing

	// Stop above 0 ends the iteration when the deviance moves by less than this share of it, and takes A from the round
	// before, as programs do: R's glm with 1e-8, which leaves errors from the ninth digit on with canonical links, from the fifth
	// with others. 0 goes on until the coefficients stand still.
	Stop float64
}

// Fit is a fitted model.
type Fit struct {
	Names      []string         // of the coefficients, "(Intercept)" first
	Aliased    []string         // variables left out because those before them explain them
	Coef       *estimate.Result // the coefficients with their influence values
	Dispersion float64          // n/(n-1) times the weighted variance of the Pearson residuals
	Iterations int
}

// state is where an iteration stands.
type state struct {
	beta     []float64 // intercept, then the standardised variables
	score    []float64 // X'W(y-μ)μ'/V
	inv      []float64 // (X'WX)⁻¹
	deviance float64
	before   *state // the round whose W is in the influence values
}

// maxIterations is far beyond what a model that has a solution needs.
const maxIterations = 200

// Regress fits a model to the people of a domain who have a valid answer to
// every variable, by Fisher scoring: weighted least squares, repeated until the
// coefficients stand still. ErrModel if an answer does not suit the family or
// there is no solution, as when a variable separates 0 from 1.
func Regress(d *estimate.Design, m Regression, in estimate.Domain) (*Fit, error) {
	if len(m.Y) != d.Rows() || len(m.Names) != len(m.X) {
		return nil, fmt.Errorf("regression: %d answers for %d rows, %d names for %d variables: %w", len(m.Y), d.Rows(), len(m.Names), len(m.X), estimate.ErrLength)
	}
	if m.Link == Canonical {
		m.Link = m.Family.canonical()
	}
	t, err := complete(d, in, func(r int) bool { return !math.IsNaN(m.Y[r]) }, m.X)
	if err != nil {
		return nil, err
	}
	for _, r := range t.rows {
		if err := m.Family.check(m.Y[r]); err != nil {
			return nil, fmt.Errorf("regression: row %d: %w", r, err)
		}
	}
	s, rounds, err := m.solve(t)
	if err != nil {
		return nil, err
	}
	f := &Fit{Names: []string{"(Intercept)"}, Iterations: rounds, Dispersion: m.dispersion(t, s)}
	for _, j := range t.kept {
		f.Names = append(f.Names, m.Names[j])
	}
	for _, j := range t.lost {
		f.Aliased = append(f.Aliased, m.Names[j])
	}
	buffer := make([]float64, t.p+1)
	x := make([]float64, t.p+1)
	z := t.influence(d.Rows(), t.p+1, func(i int, to []float64) {
		mu, slope := m.Link.mean(t.predictor(s.beta, i))
		then, rate := m.Link.mean(t.predictor(s.before.beta, i))
		working := (m.Y[t.rows[i]] - mu) / slope * (rate * rate / m.Family.variance(then))
		x[0] = working
		for j, v := range t.row(i) {
			x[j+1] = v * working
		}
		times(buffer, s.before.inv, x)
		t.restore(to, buffer)
	})
	coef := make([]float64, t.p+1)
	t.restore(coef, s.beta)
	if f.Coef, err = d.Linear(coef, z); err != nil {
		return nil, fmt.Errorf("regression: %w", err)
	}
	return f, nil
}

// Residual is the degrees of freedom of the coefficients: df + 1 - p.
func (f *Fit) Residual(df float64) float64 { return df + 1 - float64(len(f.Names)) }

// predictor is the linear predictor of person i.
func (t *table) predictor(beta []float64, i int) float64 {
	eta := beta[0]
	for j, v := range t.row(i) {
		eta += beta[j+1] * v
	}
	return eta
}

// restore turns coefficients of standardised variables into those of the variables.
func (t *table) restore(to, beta []float64) {
	to[0] = beta[0]
	for j := range t.p {
		b := beta[j+1] / t.sd[j]
		to[j+1] = b
		to[0] -= b * t.mean[j]
	}
}

// solve iterates until the coefficients, or the deviance, stand still.
func (m Regression) solve(t *table) (state, int, error) {
	s, last, ok := m.begin(t)
	before := s
	for round := 1; ok && round <= maxIterations; round++ {
		step := make([]float64, t.p+1)
		times(step, s.inv, s.score)
		moving, size := largest(step), largest(s.beta)
		// Where a variable separates the answers the deviance stands still too, but the coefficients run on.
		if m.Stop > 0 && math.Abs(s.deviance-last) < m.Stop*(math.Abs(s.deviance)+0.1) && moving <= 0.01*math.Max(1, size) {
			s.before = &before
			return s, round, nil
		}
		last, before = s.deviance, s
		var whole bool
		if s, whole, ok = m.advance(t, before, step); !ok {
			break
		}
		still := moving <= 1e-13*math.Max(1e-3, size) || round > 50 && moving <= 1e-11*size
		if m.Stop == 0 && still && whole {
			s.before = &before
			return s, round, nil
		}
	}
	return state{}, 0, fmt.Errorf("regression: no solution after %d rounds (does a variable separate the answers, or are there more variables than people?): %w", maxIterations, ErrModel)
}

// largest is the largest size of a number.
func largest(x []float64) float64 {
	var m float64
	for _, v := range x {
		m = math.Max(m, math.Abs(v))
	}
	return m
}

// begin is the first round, from means made of the answers alone, with the deviance there; where the link has no value at one of those,
// the mean of all answers takes their place.
func (m Regression) begin(t *table) (s state, deviance float64, ok bool) {
	n := t.p + 1
	mean := make([]float64, len(t.rows))
	var sum, size float64
	for i, r := range t.rows {
		mean[i] = m.Family.first(m.Y[r], t.weight[i]/t.usual)
		if eta := m.Link.of(mean[i]); math.IsNaN(eta) || math.IsInf(eta, 0) {
			ok = true
		}
		sum += t.weight[i] * m.Y[r]
		size += t.weight[i]
	}
	if ok {
		for i := range mean {
			mean[i] = sum / size
		}
	}
	right, info, x := make([]float64, n), make([]float64, n*n), make([]float64, n)
	x[0] = 1
	for i, r := range t.rows {
		eta := m.Link.of(mean[i])
		mu, slope := m.Link.mean(eta)
		w := t.weight[i] * slope * slope / m.Family.variance(mu)
		copy(x[1:], t.row(i))
		for a, xa := range x {
			right[a] += w * xa * (eta + (m.Y[r]-mu)/slope)
			for b := range a + 1 {
				info[a*n+b] += w * xa * x[b]
			}
		}
		deviance += t.weight[i] / t.usual * m.Family.deviance(m.Y[r], mu)
	}
	inv, ok := inverse(symmetric(info, n))
	if !ok {
		return s, deviance, false
	}
	beta := make([]float64, n)
	times(beta, inv, right)
	s, ok = m.evaluate(t, beta)
	if !ok {
		return s, deviance, false
	}
	return s, deviance, true
}

// advance takes a step, or half of it, until all means are possible, and says whether it took the whole of it.
func (m Regression) advance(t *table, s state, step []float64) (next state, whole, ok bool) {
	beta := make([]float64, len(s.beta))
	for halved := range 20 {
		for j := range beta {
			beta[j] = s.beta[j] + step[j]
			step[j] /= 2
		}
		if next, ok := m.evaluate(t, beta); ok {
			return next, halved == 0, true
		}
	}
	return s, false, false
}

// evaluate is the score and the information at beta, or false where a mean is impossible.
func (m Regression) evaluate(t *table, beta []float64) (state, bool) {
	n := t.p + 1
	s := state{beta: append([]float64(nil), beta...), score: make([]float64, n)}
	info := make([]float64, n*n)
	x := make([]float64, n)
	x[0] = 1
	for i, r := range t.rows {
		mu, slope := m.Link.mean(t.predictor(beta, i))
		if !m.Family.holds(mu) {
			return s, false
		}
		v := m.Family.variance(mu)
		s.deviance += t.weight[i] / t.usual * m.Family.deviance(m.Y[r], mu)
		w := t.weight[i] * slope * slope / v
		u := t.weight[i] * (m.Y[r] - mu) * slope / v
		copy(x[1:], t.row(i))
		for a, xa := range x {
			s.score[a] += u * xa
			row := info[a*n : a*n+a+1]
			for b := range row {
				row[b] += w * xa * x[b]
			}
		}
	}
	var ok bool
	s.inv, ok = inverse(symmetric(info, n))
	return s, ok
}

// dispersion is R's: the weights behind the Pearson residuals have mean 1 over the whole domain, and are taken off again with
// mean 1 over the people in the model.
func (m Regression) dispersion(t *table, s state) float64 {
	var sum, size float64
	residual := make([]float64, len(t.rows))
	for i, r := range t.rows {
		mu, _ := m.Link.mean(t.predictor(s.beta, i))
		residual[i] = (m.Y[r] - mu) / math.Sqrt(m.Family.variance(mu))
		sum += t.weight[i] * residual[i]
		size += t.weight[i]
	}
	mean := sum / size
	var squares float64
	for i, r := range residual {
		squares += t.weight[i] * (r - mean) * (r - mean)
	}
	n := float64(len(t.rows))
	return squares / size * n / (n - 1) * (size / n) / t.usual
}
