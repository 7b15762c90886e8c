package scale

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"adili/estimate"

	"gonum.org/v1/gonum/mat"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// likert draws answers 1 to 5 that share a trait; some are missing.
func likert(seed uint64, rows, items int, missing float64) [][]float64 {
	r := rand.New(rand.NewPCG(seed, 7))
	columns := make([][]float64, items)
	for range rows {
		trait := r.NormFloat64()
		for j := range columns {
			x := 3 + 0.9*trait*(1-0.1*float64(j)) + r.NormFloat64()
			v := min(max(math.Round(x), 1), 5)
			if r.Float64() < missing {
				v = math.NaN()
			}
			columns[j] = append(columns[j], v)
		}
	}
	return columns
}

var fiveNames = []string{"a", "b", "c", "d", "e"}

func answers(t *testing.T, columns [][]float64) *Answers {
	t.Helper()
	a, err := NewAnswers(fiveNames[:len(columns)], columns)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Of parallel items alpha is the Spearman-Brown formula.
func TestAlphaOfParallelItems(t *testing.T) {
	for k := 2; k < 8; k++ {
		r := mat.NewSymDense(k, nil)
		for i := range k {
			for j := range i {
				r.SetSym(i, j, 0.4)
			}
			r.SetSym(i, i, 1)
		}
		near(t, "alpha", AlphaOf(r), float64(k)*0.4/(1+float64(k-1)*0.4), 1e-15)
	}
}

// With two items everything has a formula.
func TestAlphaOfTwoItems(t *testing.T) {
	a := answers(t, [][]float64{{1, 2, 3, 4}, {2, 1, 4, 3}})
	r, err := Alpha(a)
	if err != nil {
		t.Fatal(err)
	}
	// Variances 5/3, covariance 1, correlation 0.6.
	near(t, "alpha", r.Alpha, 0.75, 1e-15)
	near(t, "standardised", r.Standardised, 0.75, 1e-15)
	near(t, "mean r", r.MeanR, 0.6, 1e-15)
	near(t, "lambda 6", r.Lambda6, 1-2*(1-0.36)/3.2, 1e-14)
	near(t, "r drop", r.Items[0].RDrop, 0.6, 1e-15)
	near(t, "mean", r.Mean, 2.5, 0)
	if !math.IsNaN(r.Items[1].Dropped.Alpha) {
		t.Errorf("alpha of one item is %v", r.Items[1].Dropped.Alpha)
	}
}

// Leaving an item out must give the alpha of the others.
func TestDroppedIsAlphaOfTheOthers(t *testing.T) {
	columns := likert(1, 300, 5, 0.1)
	all, err := Alpha(answers(t, columns))
	if err != nil {
		t.Fatal(err)
	}
	for j, item := range all.Items {
		rest, err := Alpha(answers(t, slices.Delete(slices.Clone(columns), j, j+1)))
		if err != nil {
			t.Fatal(err)
		}
		near(t, "alpha without "+item.Name, item.Dropped.Alpha, rest.Alpha, 1e-14)
		near(t, "lambda 6 without "+item.Name, item.Dropped.Lambda6, rest.Lambda6, 1e-13)
		near(t, "error without "+item.Name, item.Dropped.SE, rest.SE, 1e-14)
	}
}

func TestRowOrderChangesNoBit(t *testing.T) {
	columns := likert(2, 400, 4, 0.05)
	turned := make([][]float64, len(columns))
	perm := rand.New(rand.NewPCG(3, 3)).Perm(len(columns[0]))
	for j, col := range columns {
		for _, i := range perm {
			turned[j] = append(turned[j], col[i])
		}
	}
	one, err := Alpha(answers(t, columns))
	if err != nil {
		t.Fatal(err)
	}
	two, err := Alpha(answers(t, turned))
	if err != nil {
		t.Fatal(err)
	}
	if one.Coefficients != two.Coefficients || one.Mean != two.Mean || one.SD != two.SD {
		t.Errorf("%v, after turning the rows %v", one, two)
	}
	p, err := NewPolychorics(answers(t, columns))
	if err != nil {
		t.Fatal(err)
	}
	q, err := NewPolychorics(answers(t, turned))
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(p.R, q.R) || p.Covariance(0, 1, 2, 3) != q.Covariance(0, 1, 2, 3) {
		t.Error("polychoric correlations depend on the order of the rows")
	}
}

// Feldt's interval contains alpha, and is the F statistic turned round.
func TestFeldt(t *testing.T) {
	lo, hi, err := Feldt(0.79, 41, 26, 0.90) // checked against alpha.ci of R's psych
	if err != nil {
		t.Fatal(err)
	}
	near(t, "lo", lo, 0.704675961486237, 1e-12)
	near(t, "hi", hi, 0.861614452584858, 1e-12)
	for _, c := range []struct {
		n, k  int
		level float64
		want  error
	}{{1, 3, 0.9, ErrRows}, {10, 1, 0.9, ErrItems}, {10, 3, 1, ErrLevel}, {10, 3, math.NaN(), ErrLevel}} {
		if _, _, err := Feldt(0.5, c.n, c.k, c.level); !errors.Is(err, c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func design(t *testing.T, weight []float64) *estimate.Design {
	t.Helper()
	d, err := estimate.Compile(estimate.Sample{Weight: weight})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// With equal weights the weighted alpha is the alpha of complete rows, and its standard error is about that of the jackknife.
func TestWeightedAlpha(t *testing.T) {
	columns := likert(4, 200, 4, 0.1)
	weight := make([]float64, 200)
	for i := range weight {
		weight[i] = 2.5
	}
	d := design(t, weight)
	r, err := WeightedAlpha(d, columns, d.Everyone())
	if err != nil {
		t.Fatal(err)
	}
	complete := answers(t, columns).Complete()
	plain, err := Alpha(complete)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "alpha", r.At(0).Value, plain.Alpha, 1e-13)
	var jack []float64
	for i := range complete.Rows() {
		left := make([][]float64, complete.Items())
		for j := range left {
			left[j] = append(append(left[j], complete.Item(j)[:i]...), complete.Item(j)[i+1:]...)
		}
		one, err := Alpha(answers(t, left))
		if err != nil {
			t.Fatal(err)
		}
		jack = append(jack, one.Alpha)
	}
	n := float64(len(jack))
	se := deviation(jack) * (n - 1) / math.Sqrt(n)
	near(t, "standard error over that of the jackknife", r.SE(0)/se, 1, 0.03)
	// Doubling the weight of a person is having the person twice.
	weight[3] = 5
	d = design(t, weight)
	if r, err = WeightedAlpha(d, columns, d.Everyone()); err != nil {
		t.Fatal(err)
	}
	for j := range columns {
		columns[j] = append(columns[j], columns[j][3])
	}
	if plain, err = Alpha(answers(t, columns).Complete()); err != nil {
		t.Fatal(err)
	}
	near(t, "with a person twice", r.At(0).Value, plain.Alpha, 1e-13)
}

func TestWeightedAlphaRefuses(t *testing.T) {
	d := design(t, []float64{1, 1, 1})
	other := design(t, []float64{1, 1, 1})
	nan := math.NaN()
	for _, c := range []struct {
		items  [][]float64
		domain estimate.Domain
		want   error
	}{
		{[][]float64{{1, 2, 3}}, d.Everyone(), ErrItems},
		{[][]float64{{1, 2, 3}, {1, 2}}, d.Everyone(), ErrLength},
		{[][]float64{{1, 2, nan}, {nan, nan, 1}}, d.Everyone(), ErrRows},
		{[][]float64{{1, 1, 1}, {2, 2, 2}}, d.Everyone(), ErrConstant},
		{[][]float64{{1, 2, 3}, {2, 1, 2}}, other.Everyone(), estimate.ErrDesign},
	} {
		if _, err := WeightedAlpha(d, c.items, c.domain); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.items, err, c.want)
		}
	}
}

func TestAnswersRefuse(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		names   []string
		columns [][]float64
		want    error
	}{
		{[]string{"a"}, [][]float64{{1, 2}}, ErrItems},
		{nil, nil, ErrItems},
		{[]string{"a"}, [][]float64{{1, 2}, {1, 2}}, ErrLength},
		{[]string{"a", "a"}, [][]float64{{1, 2}, {1, 2}}, ErrItems},
		{[]string{"a", "b"}, [][]float64{{1, 2}, {1}}, ErrLength},
		{[]string{"a", "b"}, [][]float64{{1, 2}, {1, inf}}, ErrValue},
	} {
		if _, err := NewAnswers(c.names, c.columns); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.columns, err, c.want)
		}
	}
	nan := math.NaN()
	for _, c := range []struct {
		columns [][]float64
		want    error
	}{
		{[][]float64{{1, 2, 3}, {2, 2, 2}}, ErrConstant},
		{[][]float64{{1, nan, 3}, {nan, 2, nan}}, ErrRows},
		{[][]float64{{}, {}}, ErrRows},
	} {
		_, err := Alpha(answers(t, c.columns))
		var item *ItemError
		if !errors.Is(err, c.want) || !errors.As(err, &item) {
			t.Errorf("%v: %v, want %v with the item", c.columns, err, c.want)
		}
		if _, err := answers(t, c.columns).Correlation(); !errors.Is(err, c.want) {
			t.Errorf("correlation of %v: %v, want %v", c.columns, err, c.want)
		}
	}
}
