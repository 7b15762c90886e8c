package crosstab

import (
	"fmt"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mat"

	"adili/estimate"
	"adili/estimate/distribution"
)

// Statistic is a way to turn a table into a p-value.
type Statistic uint8

// The statistics, as the package documentation describes them.
const (
	F Statistic = iota
	Chisq
	Wald
	AdjustedWald
	Lincom
	Saddlepoint
)

// Test is the outcome of a test.
type Test struct {
	Value float64   // the statistic
	DF    []float64 // its degrees of freedom, none where they do not apply
	P     float64   // the chance of a larger one if there is nothing to be found
}

// Test is a test of independence of rows and columns, at nu degrees of freedom
// of the variance: t.DF, or those of the design. Value of Chisq, Lincom and
// Saddlepoint is X² itself, n times [Table.Pearson].
func (t *Table) Test(s Statistic, nu float64) (Test, error) {
	if !(nu > 0) {
		return Test{}, fmt.Errorf("crosstab: %v degrees of freedom: one PSU a stratum says nothing of variance: %w", nu, ErrTable)
	}
	if s == Wald || s == AdjustedWald {
		return t.wald(s == AdjustedWald, nu)
	}
	effects, err := t.Effects()
	if err != nil {
		return Test{}, err
	}
	x := t.Pearson() * float64(t.N)
	q := distribution.Mixture{Weight: effects}
	_, df := q.Scale()
	var sum float64
	for _, e := range effects {
		sum += e
	}
	q.Den = df * nu
	switch s {
	case F:
		return Test{x / sum, []float64{df, df * nu}, distribution.F{Num: df, Den: df * nu}.Upper(x / sum)}, nil
	case Chisq:
		m := float64(len(effects))
		return Test{x, []float64{m}, distribution.ChiSquare{DF: m}.Upper(x / (sum / m))}, nil
	case Lincom:
		return Test{x, nil, q.Exact(x)}, nil
	case Saddlepoint:
		return Test{x, nil, q.Saddlepoint(x)}, nil
	}
	return Test{}, fmt.Errorf("crosstab: statistic %d is not known: %w", s, ErrTable)
}

// wald tests whether the residuals Y_ij = N_ij - N_i N_j / N are zero, leaving out the first row and column. Their influence
// values depend on the cell alone.
func (t *Table) wald(adjusted bool, nu float64) (Test, error) {
	row, col := t.margins()
	r := len(row)
	var y []float64
	var score [][]float64
	for c, p := range t.Share {
		i, j := c%r, c/r
		if i == 0 || j == 0 {
			continue
		}
		y = append(y, t.size*(p-row[i]*col[j]))
		z := make([]float64, len(t.Share))
		for k := range z {
			z[k] = row[i] * col[j]
			if k%r == i {
				z[k] -= col[j]
			}
			if k/r == j {
				z[k] -= row[i]
			}
			if k == c {
				z[k]++
			}
		}
		score = append(score, z)
	}
	v, err := t.spread.covariance(len(t.Share), score)
	if err != nil {
		return Test{}, err
	}
	var root mat.Cholesky
	var x mat.VecDense
	if !root.Factorize(v) || root.SolveVecTo(&x, mat.NewVecDense(len(y), y)) != nil {
		return Test{}, fmt.Errorf("crosstab: Wald: the covariance matrix of %d residuals is singular; merge answers or use F: %w", len(y), ErrTable)
	}
	m := float64(len(y))
	w, den := mat.Dot(&x, mat.NewVecDense(len(y), y))/m, nu
	if adjusted {
		den = nu - m + 1
		w *= den / nu
	}
	return Test{w, []float64{m, den}, distribution.F{Num: m, Den: den}.Upper(w)}, nil
}

// Batch tests many questions against one, such as 50 items against gender, in
// one domain; every test has its own people, those with both answers, and their
// degrees of freedom. The order of the tests is that of the questions. The
// work is shared by all processors and comes out the same on any number.
func Batch(d *estimate.Design, questions [][]int, group []int, in estimate.Domain, s Statistic) ([]Test, error) {
	people, err := arrange(d, in, true)
	if err != nil {
		return nil, err
	}
	by, err := people.levels("columns", group)
	if err != nil {
		return nil, err
	}
	tests, faults := make([]Test, len(questions)), make([]error, len(questions))
	one := func(i int) error {
		of, err := people.levels("rows", questions[i])
		if err != nil {
			return err
		}
		t, err := people.table(of, by)
		if err != nil {
			return err
		}
		tests[i], err = t.Test(s, t.DF)
		return err
	}
	var wait sync.WaitGroup
	workers := max(1, min(runtime.GOMAXPROCS(0), len(questions)))
	for w := range workers {
		wait.Go(func() {
			for i := w; i < len(questions); i += workers {
				faults[i] = one(i)
			}
		})
	}
	wait.Wait()
	for i, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("crosstab: question %d: %w", i, err)
		}
	}
	return tests, nil
}
