package factormodel

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// implied are the moments that the parameters imply for a group.
type implied struct {
	loading   *mat.Dense // items x factors
	psi       *mat.SymDense
	alpha     []float64
	sigma     *mat.SymDense
	mean      []float64
	inverse   *mat.SymDense
	logDet    float64
	crossed   *mat.Dense // ΛΨ
	deviation []float64  // x̄ - μ
}

// imply returns false when the covariance matrix is not positive definite.
func (m *fitting) imply(g int) (*implied, bool) {
	p, k := len(m.items), len(m.structure.Factors)
	im := &implied{
		loading: mat.NewDense(p, k, nil), psi: mat.NewSymDense(k, nil), alpha: make([]float64, k),
		mean: make([]float64, p), deviation: make([]float64, p), crossed: mat.NewDense(p, k, nil),
		sigma: mat.NewSymDense(p, nil), inverse: mat.NewSymDense(p, nil),
	}
	theta := make([]float64, p)
	for _, q := range m.param {
		if q.Group != g {
			continue
		}
		switch q.kind {
		case loading:
			im.loading.Set(q.i, q.j, q.Estimate)
		case residual:
			theta[q.i] = q.Estimate
		case variance, covariance:
			im.psi.SetSym(q.i, q.j, q.Estimate)
		case intercept:
			im.mean[q.i] = q.Estimate
		case mean:
			im.alpha[q.i] = q.Estimate
		}
	}
	im.crossed.Mul(im.loading, im.psi)
	for i := range p {
		for j := range i + 1 {
			var v float64
			for f := range k {
				v += im.crossed.At(i, f) * im.loading.At(j, f)
			}
			if i == j {
				v += theta[i]
			}
			im.sigma.SetSym(i, j, v)
		}
		for f := range k {
			im.mean[i] += im.loading.At(i, f) * im.alpha[f]
		}
		if m.means {
			im.deviation[i] = m.moments[g].mean[i] - im.mean[i]
		}
	}
	var chol mat.Cholesky
	if !chol.Factorize(im.sigma) || chol.InverseTo(im.inverse) != nil {
		return nil, false
	}
	im.logDet = chol.LogDet()
	return im, true
}

// discrepancy is F of one group.
func (m *fitting) discrepancy(g int, im *implied) float64 {
	mo := m.moments[g]
	p := len(m.items)
	f := im.logDet - mo.logS - float64(p)
	for i := range p {
		for j := range p {
			f += im.inverse.At(i, j) * (mo.s.At(i, j) + im.deviation[i]*im.deviation[j])
		}
	}
	return f
}

// value is F over all groups, infinite where the model is not defined.
func (m *fitting) value() float64 {
	var f float64
	for g, mo := range m.moments {
		im, ok := m.imply(g)
		if !ok {
			return math.Inf(1)
		}
		f += mo.share * m.discrepancy(g, im)
	}
	return f
}

// change is the derivative of the moments of a group by one of its parameters, made ready for the information.
type change struct {
	free    int
	weighed *mat.Dense // Σ⁻¹ dΣ
	mean    []float64  // dμ
	solved  []float64  // Σ⁻¹ dμ
}

// change differentiates: dΣ = e ψΛ' + Λψ e' for a loading, and so on.
func (im *implied) change(q Parameter) change {
	p, _ := im.loading.Dims()
	d := mat.NewDense(p, p, nil)
	c := change{free: q.free, weighed: mat.NewDense(p, p, nil), mean: make([]float64, p), solved: make([]float64, p)}
	switch q.kind {
	case loading:
		for i := range p {
			d.Set(q.i, i, d.At(q.i, i)+im.crossed.At(i, q.j))
			d.Set(i, q.i, d.At(i, q.i)+im.crossed.At(i, q.j))
		}
		c.mean[q.i] = im.alpha[q.j]
	case residual:
		d.Set(q.i, q.i, 1)
	case variance, covariance:
		for i := range p {
			for j := range p {
				v := im.loading.At(i, q.i) * im.loading.At(j, q.j)
				if q.i != q.j {
					v += im.loading.At(i, q.j) * im.loading.At(j, q.i)
				}
				d.Set(i, j, v)
			}
		}
	case intercept:
		c.mean[q.i] = 1
	case mean:
		for i := range p {
			c.mean[i] = im.loading.At(i, q.i)
		}
	}
	c.weighed.Mul(im.inverse, d)
	for i := range p {
		for j := range p {
			c.solved[i] += im.inverse.At(i, j) * c.mean[j]
		}
	}
	return c
}

// information is the expected information of the free parameters, and score the gradient of the log-likelihood.
func (m *fitting) information() (*mat.SymDense, *mat.VecDense, bool) {
	info, score := mat.NewSymDense(m.free, nil), mat.NewVecDense(m.free, nil)
	for g, mo := range m.moments {
		im, ok := m.imply(g)
		if !ok {
			return nil, nil, false
		}
		excess := m.excess(mo, im)
		var changes []change
		for _, q := range m.param {
			if q.Group == g && q.free >= 0 {
				changes = append(changes, im.change(q))
			}
		}
		for a, c := range changes {
			gradient := traceProduct(c.weighed, excess) / 2
			for i, v := range c.solved {
				gradient += v * im.deviation[i]
			}
			score.SetVec(c.free, score.AtVec(c.free)+mo.n*gradient)
			for b := range a + 1 {
				v := traceProduct(c.weighed, changes[b].weighed) / 2
				for i, x := range c.mean {
					v += x * changes[b].solved[i]
				}
				info.SetSym(c.free, changes[b].free, info.At(c.free, changes[b].free)+mo.n*v)
			}
		}
	}
	return info, score, true
}

// excess is Σ⁻¹(S + dd' - Σ) with d = x̄ - μ, transposed.
func (m *fitting) excess(mo moments, im *implied) *mat.Dense {
	p := len(m.items)
	d := mat.NewDense(p, p, nil)
	for i := range p {
		for j := range p {
			d.Set(i, j, mo.s.At(i, j)+im.deviation[i]*im.deviation[j]-im.sigma.At(i, j))
		}
	}
	e := mat.NewDense(p, p, nil)
	e.Mul(im.inverse, d)
	return e
}

// traceProduct is tr AB.
func traceProduct(a, b *mat.Dense) float64 {
	n, _ := a.Dims()
	x, y := a.RawMatrix(), b.RawMatrix()
	var s float64
	for i := range n {
		for j := range n {
			s += x.Data[i*x.Stride+j] * y.Data[j*y.Stride+i]
		}
	}
	return s
}

// unit is the information in units of the parameters: with a diagonal of ones, and what it was divided by.
type unit struct {
	chol mat.Cholesky
	root []float64 // of the diagonal
}

// scaled returns false when the information is singular.
func scaled(info *mat.SymDense) (*unit, bool) {
	n := info.SymmetricDim()
	u := &unit{root: make([]float64, n)}
	for i := range u.root {
		u.root[i] = math.Sqrt(info.At(i, i))
		if !(u.root[i] > 0) {
			return nil, false
		}
	}
	r := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			r.SetSym(i, j, info.At(i, j)/(u.root[i]*u.root[j]))
		}
	}
	const singular = 1e13
	return u, u.chol.Factorize(r) && u.chol.Cond() < singular
}

// step solves the information for the score.
func (u *unit) step(score *mat.VecDense) ([]float64, bool) {
	x := mat.NewVecDense(score.Len(), nil)
	for i, r := range u.root {
		x.SetVec(i, score.AtVec(i)/r)
	}
	if err := u.chol.SolveVecTo(x, x); err != nil {
		return nil, false
	}
	s := make([]float64, x.Len())
	for i, r := range u.root {
		s[i] = x.AtVec(i) / r
	}
	return s, true
}

// fit runs Fisher scoring with steps halved until F falls.
func (m *fitting) fit() (int, error) {
	const limit = 1000
	f, before := m.value(), math.Inf(1)
	if math.IsInf(f, 1) {
		return 0, ErrConverge
	}
	for iteration := 1; iteration <= limit; iteration++ {
		info, score, ok := m.information()
		if !ok {
			return 0, ErrConverge
		}
		u, ok := scaled(info)
		if !ok {
			return 0, ErrIdentify
		}
		step, ok := u.step(score)
		if !ok {
			return 0, ErrIdentify
		}
		size := m.size(step, u)
		if f, ok = m.move(step, f); !ok {
			return 0, fmt.Errorf("after %d steps: %w", iteration, ErrConverge)
		}
		if settled(size, before) {
			return iteration, nil
		}
		before = size
	}
	return 0, fmt.Errorf("after %d steps: %w", limit, ErrConverge)
}

// settled says that steps have become as small as rounding lets them.
func settled(size, before float64) bool { return size < 1e-13 || size < 1e-10 && size >= before }

// size of a step, relative to the parameters or to what one row knows of them, whichever is larger.
func (m *fitting) size(step []float64, u *unit) float64 {
	var size float64
	for _, p := range m.param {
		if p.free >= 0 {
			size = max(size, math.Abs(step[p.free])/(math.Abs(p.Estimate)+math.Sqrt(m.total)/u.root[p.free]))
		}
	}
	return size
}

// move goes along the step, or half of it, and so on until F does not rise by more than rounding makes it. It returns F.
func (m *fitting) move(step []float64, f float64) (float64, bool) {
	from := make([]float64, len(m.param))
	for i, p := range m.param {
		from[i] = p.Estimate
	}
	slack := 1e-13 * (1 + math.Abs(f))
	for t := 1.0; t > 1e-9; t /= 2 {
		for i := range m.param {
			if p := &m.param[i]; p.free >= 0 {
				p.Estimate = from[i] + t*step[p.free]
			}
		}
		if next := m.value(); next <= f+slack {
			return next, true
		}
	}
	return f, false
}

// result collects what was fitted.
func (m *fitting) result(iterations int) (*Result, error) {
	info, _, ok := m.information()
	if !ok {
		return nil, fmt.Errorf("factormodel: %w", ErrConverge)
	}
	u, ok := scaled(info)
	if !ok {
		return nil, fmt.Errorf("factormodel: %w", ErrIdentify)
	}
	var inverse mat.SymDense
	if err := u.chol.InverseTo(&inverse); err != nil {
		return nil, fmt.Errorf("factormodel: %w", ErrIdentify)
	}
	r := &Result{Items: m.items, Parameters: m.param, Iterations: iterations}
	for i := range r.Parameters {
		if p := &r.Parameters[i]; p.free >= 0 {
			p.SE = math.Sqrt(inverse.At(p.free, p.free)) / u.root[p.free]
		}
	}
	for g, mo := range m.moments {
		im, _ := m.imply(g)
		r.N = append(r.N, int(mo.n))
		r.Implied = append(r.Implied, im.sigma)
		r.Sample = append(r.Sample, mo.s)
	}
	r.Fit = m.judge()
	return r, nil
}
