package factormodel

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"adili/estimate/scale"

	"gonum.org/v1/gonum/mat"
)

// Errors that the functions of this package wrap.
var (
	ErrStructure = errors.New("every factor needs items, and every item of the answers a factor")
	ErrRows      = errors.New("more complete rows than items are needed")
	ErrIdentify  = errors.New("the answers do not identify the model: a factor alone needs three items, one beside others two")
	ErrConverge  = errors.New("the fit does not converge: look for items that are worded against their factor, or that hardly correlate")
)

// Identification is how the unit of a factor is fixed.
type Identification uint8

const (
	Marker Identification = iota // the first item of each factor has the loading 1
	Unit                         // each factor has the variance 1
)

// Factor is a latent variable and the items that measure it.
type Factor struct {
	Name  string
	Items []string
}

// Structure says which items measure which factors. Factors correlate freely, residuals do not.
type Structure struct {
	Factors        []Factor
	Identification Identification
}

// Equal says what groups have in common.
type Equal struct {
	Loadings, Intercepts, Residuals, Variances, Covariances, Means bool
}

// Group is one population: complete answers are used, others left out.
type Group struct {
	Name    string
	Answers *scale.Answers
}

// Parameter is a parameter of the model in the notation of lavaan: "f =~ x" is the loading of item x on factor f, "a ~~ b"
// a variance or covariance, "x ~1" an intercept or mean.
type Parameter struct {
	Left, Op, Right string
	Group           int // from 0
	Estimate        float64
	SE              float64 // 0 for a fixed parameter

	free int // number of the free parameter, -1 for a fixed one
	kind kind
	i, j int
}

type kind uint8

const (
	loading kind = iota
	residual
	variance
	covariance
	intercept
	mean
)

// Result is a fitted model.
type Result struct {
	Items      []string
	Parameters []Parameter
	Fit        Fit
	N          []int           // complete rows by group
	Implied    []*mat.SymDense // covariance matrix by group, with divisor N
	Sample     []*mat.SymDense
	Iterations int
}

// Confirm fits a confirmatory factor model by maximum likelihood. In each group, answers x have
//
//	mean ν + Λα    covariance Σ = ΛΨΛ' + Θ    Θ diagonal
//
// and the estimates minimise, with S the sample covariances with divisor n and x̄ the sample means of the p items,
//
//	F = Σ_g n_g/N (ln det Σ + tr SΣ⁻¹ - ln det S - p + (x̄-μ)'Σ⁻¹(x̄-μ))
//
// by Fisher scoring: Newton's method with the expected information, whose inverse also has the standard errors. The fit
// ends when no parameter moves by more than 1e-13 of its size, or rounding stops it. Residual variances may become negative (a Heywood case):
// that is a message about the model and is not hidden.
//
// Where Identification is Unit, a factor points the way its first item does.
//
// With several groups, equal parameters share one value. Where intercepts are equal, the means of the factors are free in
// all groups but the first, unless they are equal too; where loadings are equal and Identification is Unit, so are their
// variances. [Invariance] has the usual sequence.
//
// Means are only part of the model with more than one group; the likelihood of one group has the sample means.
//
// Source: Jöreskog, Psychometrika 34 (1969); Bollen, Structural Equations with Latent Variables (1989).
// The results are those of package lavaan of R with likelihood "normal" and expected information, its defaults.
// Errors: ErrStructure, ErrRows, ErrIdentify, ErrConverge, and those of package scale.
func Confirm(s Structure, equal Equal, groups ...Group) (*Result, error) {
	m, err := newFitting(s, equal, groups)
	if err != nil {
		return nil, fmt.Errorf("factormodel: %w", err)
	}
	iterations, err := m.fit()
	if err != nil {
		return nil, fmt.Errorf("factormodel: %w", err)
	}
	return m.result(iterations)
}

// Estimates has the estimates of all parameters with an operator, in their order, for one group.
func (r *Result) Estimates(op string, group int) []Parameter {
	var p []Parameter
	for _, x := range r.Parameters {
		if x.Op == op && x.Group == group {
			p = append(p, x)
		}
	}
	return p
}

// fitting is a model while it is fitted.
type fitting struct {
	structure Structure
	equal     Equal
	items     []string
	moments   []moments
	total     float64 // rows
	means     bool    // part of the model
	param     []Parameter
	free      int
}

// moments are the sample moments of a group.
type moments struct {
	name  string
	n     float64
	s     *mat.SymDense // divisor n
	mean  []float64
	logS  float64 // ln det S
	share float64 // n/N
}

func newFitting(s Structure, equal Equal, groups []Group) (*fitting, error) {
	m := &fitting{structure: s, equal: equal, means: len(groups) > 1}
	if len(groups) == 0 || len(s.Factors) == 0 {
		return nil, ErrStructure
	}
	for _, f := range s.Factors {
		if f.Name == "" || len(f.Items) == 0 {
			return nil, fmt.Errorf("factor %q: %w", f.Name, ErrStructure)
		}
		for i, item := range f.Items {
			if slices.Contains(f.Items[:i], item) {
				return nil, fmt.Errorf("factor %s has item %s twice: %w", f.Name, item, ErrStructure)
			}
			if !slices.Contains(m.items, item) {
				m.items = append(m.items, item)
			}
		}
	}
	for _, g := range groups {
		if g.Answers == nil {
			return nil, fmt.Errorf("group %q has no answers: %w", g.Name, ErrStructure)
		}
		mo, err := m.sample(g)
		if err != nil {
			return nil, fmt.Errorf("group %q: %w", g.Name, err)
		}
		m.total += mo.n
		m.moments = append(m.moments, mo)
	}
	for i := range m.moments {
		m.moments[i].share = m.moments[i].n / m.total
	}
	m.list()
	for f := range s.Factors {
		if err := m.start(f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// sample takes the moments of the items of the model.
func (m *fitting) sample(g Group) (moments, error) {
	names := g.Answers.Names()
	columns := make([][]float64, len(m.items))
	for i, item := range m.items {
		j := slices.Index(names, item)
		if j < 0 {
			return moments{}, fmt.Errorf("there are no answers to item %s: %w", item, ErrStructure)
		}
		columns[i] = g.Answers.Item(j)
	}
	chosen, err := scale.NewAnswers(m.items, columns)
	if err != nil {
		return moments{}, err
	}
	complete := chosen.Complete()
	if complete.Rows() <= len(m.items) {
		return moments{}, fmt.Errorf("%d complete rows for %d items: %w", complete.Rows(), len(m.items), ErrRows)
	}
	c, err := complete.Covariance()
	if err != nil {
		return moments{}, err
	}
	mo := moments{name: g.Name, n: float64(complete.Rows()), mean: complete.Means(), s: mat.NewSymDense(len(m.items), nil)}
	mo.s.ScaleSym((mo.n-1)/mo.n, c)
	var chol mat.Cholesky
	if !chol.Factorize(mo.s) || chol.Cond() > 1e14 {
		return moments{}, scale.ErrSingular
	}
	mo.logS = chol.LogDet()
	return mo, nil
}

// list numbers the parameters in the order of lavaan: loadings, residual variances, factor variances, factor covariances,
// intercepts and means, group by group.
func (m *fitting) list() {
	s := m.structure
	var first []Parameter
	for g := range m.moments {
		at := len(m.param)
		for f, factor := range s.Factors {
			for i, item := range factor.Items {
				fixed := s.Identification == Marker && i == 0
				m.add(first, at, Parameter{Left: factor.Name, Op: "=~", Right: item, Group: g, Estimate: 1, kind: loading, i: slices.Index(m.items, item), j: f}, fixed, m.equal.Loadings)
			}
		}
		for i, item := range m.items {
			m.add(first, at, Parameter{Left: item, Op: "~~", Right: item, Group: g, Estimate: m.moments[g].s.At(i, i) / 2, kind: residual, i: i}, false, m.equal.Residuals)
		}
		for f, factor := range s.Factors {
			fixed := s.Identification == Unit && (g == 0 || !m.equal.Loadings)
			m.add(first, at, Parameter{Left: factor.Name, Op: "~~", Right: factor.Name, Group: g, Estimate: 1, kind: variance, i: f, j: f}, fixed, m.equal.Variances)
		}
		for f, factor := range s.Factors {
			for h := f + 1; h < len(s.Factors); h++ {
				m.add(first, at, Parameter{Left: factor.Name, Op: "~~", Right: s.Factors[h].Name, Group: g, kind: covariance, i: f, j: h}, false, m.equal.Covariances)
			}
		}
		if m.means {
			m.listMeans(first, at, g)
		}
		if g == 0 {
			first = slices.Clone(m.param)
		}
	}
}

func (m *fitting) listMeans(first []Parameter, at, g int) {
	for i, item := range m.items {
		m.add(first, at, Parameter{Left: item, Op: "~1", Group: g, Estimate: m.moments[g].mean[i], kind: intercept, i: i}, false, m.equal.Intercepts)
	}
	for f, factor := range m.structure.Factors {
		fixed := g == 0 || !m.equal.Intercepts || m.equal.Means
		m.add(first, at, Parameter{Left: factor.Name, Op: "~1", Group: g, kind: mean, i: f}, fixed, false)
	}
}

// add lists a parameter; a shared one has the number it has in the first group.
func (m *fitting) add(first []Parameter, at int, p Parameter, fixed, shared bool) {
	switch {
	case fixed:
		p.free = -1
	case shared && p.Group > 0:
		p.free = first[len(m.param)-at].free
		p.Estimate = first[len(m.param)-at].Estimate
	default:
		p.free = m.free
		m.free++
	}
	m.param = append(m.param, p)
}

// start puts the loadings of a factor on the first principal component of its items in the first group, turned so that the
// first item loads positively.
func (m *fitting) start(f int) error {
	items := m.structure.Factors[f].Items
	if len(items) == 1 {
		return nil
	}
	s := m.moments[0].s
	r := mat.NewSymDense(len(items), nil)
	at := make([]int, len(items))
	for i, item := range items {
		at[i] = slices.Index(m.items, item)
		for j := range i + 1 {
			r.SetSym(i, j, s.At(at[i], at[j])/math.Sqrt(s.At(at[i], at[i])*s.At(at[j], at[j])))
		}
	}
	var e mat.EigenSym
	if !e.Factorize(r, true) {
		return ErrConverge
	}
	var v mat.Dense
	e.VectorsTo(&v)
	l := make([]float64, len(items))
	length := math.Copysign(0.8*math.Sqrt(e.Values(nil)[len(items)-1]), v.At(0, len(items)-1))
	for i := range l {
		l[i] = length * v.At(i, len(items)-1) * math.Sqrt(s.At(at[i], at[i]))
	}
	m.scaleStart(f, at, l)
	return nil
}

func (m *fitting) scaleStart(f int, at []int, l []float64) {
	unit := 1.0
	if m.structure.Identification == Marker {
		unit = l[0]
	}
	for k := range m.param {
		p := &m.param[k]
		switch {
		case p.kind == loading && p.j == f && p.free >= 0:
			p.Estimate = l[slices.Index(at, p.i)] / unit
		case p.kind == variance && p.i == f && p.free >= 0:
			p.Estimate = unit * unit
		}
	}
}
