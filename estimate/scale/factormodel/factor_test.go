package factormodel

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"adili/estimate/scale"

	"gonum.org/v1/gonum/mat"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var names = []string{"x1", "x2", "x3", "x4", "x5", "x6"}

// draw makes items of two correlated factors, three each; unit stretches the items.
func draw(seed uint64, rows int, unit float64) [][]float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	columns := make([][]float64, 6)
	for range rows {
		f := r.NormFloat64()
		g := 0.5*f + r.NormFloat64()
		for j := range columns {
			trait := f
			if j > 2 {
				trait = g
			}
			columns[j] = append(columns[j], unit*((1-0.1*float64(j%3))*trait+r.NormFloat64()))
		}
	}
	return columns
}

func answers(t *testing.T, names []string, columns [][]float64) *scale.Answers {
	t.Helper()
	a, err := scale.NewAnswers(names, columns)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func two(by Identification) Structure {
	return Structure{Factors: []Factor{{"f", names[:3]}, {"g", names[3:]}}, Identification: by}
}

// Three items of one factor are fitted exactly: λ₁² = s₁₂ s₁₃ / s₂₃.
func TestThreeItemsAreFittedExactly(t *testing.T) {
	a := answers(t, names[:3], draw(1, 300, 1)[:3])
	o, err := OneFactor(a)
	if err != nil {
		t.Fatal(err)
	}
	s := o.Sample[0]
	near(t, "loading", o.Loadings[0], math.Sqrt(s.At(0, 1)*s.At(0, 2)/s.At(1, 2)), 1e-12)
	near(t, "chi-square", o.Fit.ChiSquare, 0, 1e-10)
	near(t, "degrees of freedom", o.Fit.DF, 0, 0)
	near(t, "SRMR", o.Fit.SRMR, 0, 1e-12)
	sum := o.Loadings[0] + o.Loadings[1] + o.Loadings[2]
	near(t, "omega", o.Omega, sum*sum/mat.Sum(s), 1e-12)
	if o.Omega < o.Alpha {
		t.Errorf("omega %v is below alpha %v", o.Omega, o.Alpha)
	}
}

// Both ways to fix the unit of a factor fit equally well, and so do items in other units.
func TestUnitsDoNotMatter(t *testing.T) {
	columns := draw(2, 400, 1)
	marker, err := Confirm(two(Marker), Equal{}, Group{Answers: answers(t, names, columns)})
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []Identification{Marker, Unit} {
		for _, unit := range []float64{1e-4, 1, 1e5} {
			r, err := Confirm(two(by), Equal{}, Group{Answers: answers(t, names, draw(2, 400, unit))})
			if err != nil {
				t.Fatalf("unit %v: %v", unit, err)
			}
			near(t, "chi-square", r.Fit.ChiSquare, marker.Fit.ChiSquare, 1e-9)
			near(t, "degrees of freedom", r.Fit.DF, 8, 0)
			p := r.Estimates("=~", 0)
			first := marker.Estimates("=~", 0)
			near(t, "ratio of loadings", p[4].Estimate/p[3].Estimate, first[4].Estimate, 1e-10)
			if by == Marker {
				near(t, "standard error", p[4].SE, first[4].SE, 1e-9)
			}
		}
	}
}

// At the maximum no small change of a parameter raises the likelihood.
func TestEstimatesAreAtTheMaximum(t *testing.T) {
	m, err := newFitting(two(Marker), Equal{Loadings: true, Intercepts: true}, []Group{
		{"a", answers(t, names, draw(3, 200, 1))}, {"b", answers(t, names, draw(4, 150, 1))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.fit(); err != nil {
		t.Fatal(err)
	}
	best := m.value()
	for k := range m.free {
		for _, h := range []float64{-1e-3, 1e-3} {
			saved := slices.Clone(m.param)
			for i := range m.param {
				if m.param[i].free == k {
					m.param[i].Estimate += h
				}
			}
			if v := m.value(); v <= best {
				t.Errorf("parameter %d moved by %v lowers the discrepancy by %v", k, h, best-v)
			}
			m.param = saved
		}
	}
}

// Two groups with the same answers are as invariant as can be; moved means are the factors'.
func TestInvariance(t *testing.T) {
	columns := draw(5, 250, 1)
	one := answers(t, names, columns)
	moved := make([][]float64, len(columns))
	for j, col := range columns {
		loading := 1 - 0.1*float64(j%3)
		for _, x := range col {
			moved[j] = append(moved[j], x+0.7*loading)
		}
	}
	steps, err := Invariance(two(Marker), Group{"a", one}, Group{"b", answers(t, names, moved)})
	if err != nil {
		t.Fatal(err)
	}
	for i, df := range []float64{16, 20, 24} {
		near(t, steps[i].Name+" degrees of freedom", steps[i].Fit.DF, df, 0)
	}
	near(t, "metric test", steps[1].ChiSquare, 0, 1e-9)
	near(t, "metric p", steps[1].P, 1, 1e-9)
	if steps[2].P < 0.5 {
		t.Errorf("scalar invariance is refused: p = %v", steps[2].P)
	}
	means := steps[2].Estimates("~1", 1)
	near(t, "mean of f", means[6].Estimate, 0.7, 0.05)
	// Without equal intercepts the means of the factors are not there to be estimated.
	if p := steps[1].Estimates("~1", 1)[6]; p.Estimate != 0 || p.SE != 0 {
		t.Errorf("the metric model has a mean %v", p)
	}
	for i := range moved[1] {
		moved[1][i]++ // one item is easier to agree to there
	}
	steps, err = Invariance(two(Marker), Group{"a", one}, Group{"b", answers(t, names, moved)})
	if err != nil {
		t.Fatal(err)
	}
	if steps[2].P > 1e-3 || steps[2].LossOfCFI < 0.01 {
		t.Errorf("a moved item is not noticed: p = %v, CFI falls by %v", steps[2].P, steps[2].LossOfCFI)
	}
}

func TestRowOrderChangesNoBit(t *testing.T) {
	columns := draw(6, 100, 1)
	turned := make([][]float64, len(columns))
	for j, col := range columns {
		turned[j] = slices.Clone(col)
		slices.Reverse(turned[j])
	}
	one, err := Confirm(two(Unit), Equal{}, Group{Answers: answers(t, names, columns)})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Confirm(two(Unit), Equal{}, Group{Answers: answers(t, names, turned)})
	if err != nil {
		t.Fatal(err)
	}
	if one.Fit != other.Fit || !slices.Equal(one.Parameters, other.Parameters) {
		t.Error("the fit depends on the order of the rows")
	}
}

// Checked against pchisq of R.
func TestNoncentral(t *testing.T) {
	near(t, "chi-square", noncentral(85.3, 24, 36.8), 0.950317737218544, 1e-13)
	near(t, "no noncentrality", noncentral(3, 2, 0), 1-math.Exp(-1.5), 1e-15)
	near(t, "inverse", noncentral(85.3, 24, noncentrality(85.3, 24, 0.3)), 0.3, 1e-13)
	near(t, "none", noncentrality(10, 24, 0.95), 0, 0)
}

func ordered(columns [][]float64) [][]float64 {
	out := make([][]float64, len(columns))
	for j, col := range columns {
		for _, x := range col {
			out[j] = append(out[j], min(max(math.Round(x), -2), 2))
		}
	}
	return out
}

func TestThreeOrderedItemsAreFittedExactly(t *testing.T) {
	o, err := OrdinalOneFactor(answers(t, names[:3], ordered(draw(7, 500, 1)[:3])))
	if err != nil {
		t.Fatal(err)
	}
	r := o.Polychorics.R
	l := math.Sqrt(r.At(0, 1) * r.At(0, 2) / r.At(1, 2))
	near(t, "loading", o.Loadings[0], l, 1e-12)
	near(t, "discrimination", o.Discrimination[0], l/math.Sqrt(1-l*l), 1e-11)
	near(t, "difficulty", o.Difficulty[0][1]*l, o.Polychorics.Items[0].Threshold[1], 1e-12)
	if !(o.Omega > 0 && o.Omega < o.Alpha) {
		t.Errorf("categorical omega %v, ordinal alpha %v", o.Omega, o.Alpha)
	}
}

// The robust standard errors are those that samples show.
func TestOrdinalStandardErrors(t *testing.T) {
	if testing.Short() {
		t.Skip("60 samples")
	}
	const samples = 60
	var sum, square, se float64
	for i := range uint64(samples) {
		o, err := OrdinalOneFactor(answers(t, names[:4], ordered(draw(100+i, 400, 1)[:4])))
		if err != nil {
			t.Fatal(err)
		}
		sum += o.Loadings[1]
		square += o.Loadings[1] * o.Loadings[1]
		se += o.SE[1] / samples
	}
	spread := math.Sqrt((square - sum*sum/samples) / (samples - 1))
	near(t, "standard error over the spread of the estimates", se/spread, 1, 0.3)
}

func TestConfirmRefuses(t *testing.T) {
	good := answers(t, names, draw(8, 50, 1))
	few := answers(t, names, draw(8, 6, 1))
	for _, c := range []struct {
		name      string
		structure Structure
		groups    []Group
		want      error
	}{
		{"no groups", two(Unit), nil, ErrStructure},
		{"no answers", two(Unit), []Group{{}}, ErrStructure},
		{"no factors", Structure{}, []Group{{"", good}}, ErrStructure},
		{"empty factor", Structure{Factors: []Factor{{"f", nil}}}, []Group{{"", good}}, ErrStructure},
		{"item twice", Structure{Factors: []Factor{{"f", []string{"x1", "x1"}}}}, []Group{{"", good}}, ErrStructure},
		{"unknown item", Structure{Factors: []Factor{{"f", []string{"x1", "y"}}}}, []Group{{"", good}}, ErrStructure},
		{"two items", Structure{Factors: []Factor{{"f", names[:2]}}}, []Group{{"", good}}, ErrIdentify},
		{"few rows", two(Unit), []Group{{"", few}}, ErrRows},
	} {
		if _, err := Confirm(c.structure, Equal{}, c.groups...); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := OrdinalOneFactor(answers(t, names[:2], ordered(draw(9, 50, 1)[:2]))); !errors.Is(err, ErrIdentify) {
		t.Errorf("two ordered items: %v", err)
	}
}
