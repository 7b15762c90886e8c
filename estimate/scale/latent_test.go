package scale

import (
	"errors"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestBinormal(t *testing.T) {
	for _, r := range []float64{-1, -0.999, -0.5, 0, 0.3, 0.9, 0.9999, 1} {
		near(t, "at the origin", Binormal(0, 0, r), 0.25+math.Asin(r)/(2*math.Pi), 1e-15)
		for _, h := range []float64{-2.5, -0.3, 0, 1.1, 4} {
			for _, k := range []float64{-3, -0.3, 0.7, 2} {
				p := Binormal(h, k, r)
				near(t, "the other way round", Binormal(k, h, r), p, 1e-15)
				near(t, "turned", p+Binormal(h, -k, -r), standard.Lower(h), 2e-15)
			}
		}
	}
	near(t, "one-sided", Binormal(0.4, math.Inf(1), 0.3), standard.Lower(0.4), 0)
	near(t, "nobody", Binormal(math.Inf(-1), 1, 0.3), 0, 0)
	if p := Binormal(0, 0, 1.5); !math.IsNaN(p) {
		t.Errorf("correlation 1.5 gives %v", p)
	}
}

// people makes columns from a table of counts.
func people(table [][]int) (x, y []float64) {
	for a, row := range table {
		for b, n := range row {
			for range n {
				x, y = append(x, float64(a)), append(y, float64(b))
			}
		}
	}
	return x, y
}

// Cut at the medians, the tetrachoric correlation is sin(2π(p - 1/4)) with p the share of the first cell.
func TestTetrachoricAtTheMedians(t *testing.T) {
	for _, n := range []int{5, 20, 25, 30, 49} {
		l, err := Polychoric(people([][]int{{n, 50 - n}, {50 - n, n}}))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "rho", l.Rho, math.Sin(2*math.Pi*(float64(n)/100-0.25)), 1e-13)
		near(t, "threshold", l.X.Threshold[0], 0, 1e-15)
	}
}

// Printed values: Drasgow, Polychoric and polyserial correlations, Encyclopedia of Statistical Sciences 7 (1986), and a sparse
// table for which Mplus prints 0.35.
func TestPublishedPolychorics(t *testing.T) {
	l, err := Polychoric(people([][]int{{58, 26, 8}, {52, 58, 12}, {1, 3, 9}}))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "rho", l.Rho, 0.42, 0.0005)
	near(t, "standard error", l.SE, 0.0747, 0.0001)
	near(t, "differenced standard error", l.DifferencedSE()/l.SE, 1, 1e-4)
	near(t, "robust standard error", l.RobustSE/l.SE, 1, 0.2)
	if l, err = Polychoric(people([][]int{{61661, 85}, {1610, 20}})); err != nil {
		t.Fatal(err)
	}
	near(t, "tetrachoric", l.Rho, 0.35, 0.005)
}

func TestPolychoricRefuses(t *testing.T) {
	many := make([]float64, 60)
	two := make([]float64, 60)
	for i := range many {
		many[i], two[i] = float64(i), float64(i%2)
	}
	x, y := people([][]int{{10, 0}, {0, 10}})
	for _, c := range []struct {
		x, y []float64
		want error
	}{
		{x, y, ErrBoundary},
		{many, two, ErrCategories},
		{[]float64{1, 1, 1}, []float64{1, 2, 3}, ErrConstant},
		{[]float64{1, math.NaN()}, []float64{math.NaN(), 2}, ErrRows},
		{[]float64{1, 2}, []float64{1}, ErrLength},
	} {
		if _, err := Polychoric(c.x, c.y); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
}

func TestSuitable(t *testing.T) {
	// Equal correlations r among three items: partial correlations are r/(1+r).
	const r, n = 0.5, 100
	m := mat.NewSymDense(3, []float64{1, r, r, r, 1, r, r, r, 1})
	a, err := Suitable(m, n)
	if err != nil {
		t.Fatal(err)
	}
	partial := r / (1 + r)
	near(t, "KMO", a.KMO, r*r/(r*r+partial*partial), 1e-14)
	near(t, "chi-square", a.ChiSquare, -(n-1-11.0/6)*math.Log(0.5), 1e-14)
	near(t, "degrees of freedom", a.DF, 3, 0)
	values, err := Eigenvalues(m)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2, 0.5, 0.5} {
		near(t, "eigenvalue", values[i], want, 1e-14)
	}
	if _, err := Suitable(mat.NewSymDense(2, []float64{1, 1, 1, 1}), n); !errors.Is(err, ErrSingular) {
		t.Errorf("singular: %v", err)
	}
}
