package graded

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"adili/estimate/scale"
)

var names = []string{"a", "b", "c", "d"}

var (
	slopes       = []float64{2, 1.5, 1, 0.7}
	difficulties = []float64{-1, 0, 1.2}
)

// draw makes answers 1 to 4 by the model itself.
func draw(rows int, missing float64) [][]float64 {
	r := rand.New(rand.NewPCG(11, 12))
	columns := make([][]float64, len(slopes))
	for range rows {
		theta := r.NormFloat64()
		for j, a := range slopes {
			u, answer := r.Float64(), 1.0
			for _, b := range difficulties {
				if u < logistic(a*(theta-b)) {
					answer++
				}
			}
			if r.Float64() < missing {
				answer = math.NaN()
			}
			columns[j] = append(columns[j], answer)
		}
	}
	return columns
}

func TestFitRecoversTheModel(t *testing.T) {
	for _, missing := range []float64{0, 0.2} {
		r, err := Fit(names, draw(4000, missing), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for j, item := range r.Items {
			if d := item.Discrimination/slopes[j] - 1; math.Abs(d) > 0.2 {
				t.Errorf("discrimination of %s is %v, not %v", item.Name, item.Discrimination, slopes[j])
			}
			for k, b := range item.Difficulty {
				if math.Abs(b-difficulties[k]) > 0.25 {
					t.Errorf("difficulty %d of %s is %v, not %v", k, item.Name, b, difficulties[k])
				}
			}
		}
	}
}

// At the end no change of a parameter raises the likelihood of the answers.
func TestFitEndsAtTheMaximum(t *testing.T) {
	columns := draw(300, 0.1)
	r, err := Fit(names, columns, Options{Quadrature: Quadrature{41, -5, 5}})
	if err != nil {
		t.Fatal(err)
	}
	theta, weight, err := Quadrature{41, -5, 5}.grid()
	if err != nil {
		t.Fatal(err)
	}
	f := &fitting{theta: theta, weight: weight, d: 1}
	for j, item := range r.Items {
		it, err := newItem(item.Name, columns[j])
		if err != nil {
			t.Fatal(err)
		}
		it.param = append([]float64{item.Discrimination}, item.Intercept...)
		f.items = append(f.items, it)
	}
	f.collect(columns)
	_, best := f.expect()
	if math.Abs(best-r.LogLikelihood) > 1e-9 {
		t.Errorf("the likelihood is %v, said to be %v", best, r.LogLikelihood)
	}
	for j := range f.items {
		for k := range f.items[j].param {
			for _, h := range []float64{-1e-4, 1e-4} {
				f.items[j].param[k] += h
				if _, l := f.expect(); l > best {
					t.Errorf("parameter %d of %s moved by %v raises the likelihood by %v", k, f.items[j].name, h, l-best)
				}
				f.items[j].param[k] -= h
			}
		}
	}
}

func TestOptions(t *testing.T) {
	columns := draw(500, 0)
	full, err := Fit(names, columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	early, err := Fit(names, columns, Options{Stop: 1e-6})
	if err != nil {
		t.Fatal(err)
	}
	if early.Iterations >= full.Iterations || early.LogLikelihood >= full.LogLikelihood {
		t.Errorf("stopped early after %d steps at %v, in full %d at %v", early.Iterations, early.LogLikelihood, full.Iterations, full.LogLikelihood)
	}
	normal, err := Fit(names, columns, Options{Scale: 1.702})
	if err != nil {
		t.Fatal(err)
	}
	if d := normal.Items[0].Discrimination*1.702/full.Items[0].Discrimination - 1; math.Abs(d) > 1e-9 {
		t.Errorf("the scaling constant changes the model by %v", d)
	}
	fine, err := Fit(names, columns, Options{Quadrature: Quadrature{241, -7, 7}})
	if err != nil {
		t.Fatal(err)
	}
	if d := fine.Items[0].Discrimination/full.Items[0].Discrimination - 1; math.Abs(d) > 1e-6 {
		t.Errorf("a finer quadrature changes the discrimination by %v", d)
	}
}

func TestRowOrderChangesNoBit(t *testing.T) {
	columns := draw(200, 0.1)
	one, err := Fit(names, columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, col := range columns {
		slices.Reverse(col)
	}
	other, err := Fit(names, columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(other.Trait)
	if one.LogLikelihood != other.LogLikelihood || !slices.Equal(one.Items[0].Difficulty, other.Items[0].Difficulty) || !slices.Equal(one.Trait, other.Trait) {
		t.Error("the fit depends on the order of the rows")
	}
}

// Items that are all worded the other way have the same model with the trait turned.
func TestTraitPointsWithTheItems(t *testing.T) {
	columns := draw(300, 0)
	one, err := Fit(names, columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, col := range columns {
		for i := range col {
			col[i] = 5 - col[i]
		}
	}
	other, err := Fit(names, columns, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(one.Items[0].Difficulty[0]+other.Items[0].Difficulty[2]) > 1e-9 || math.Abs(one.Trait[0]+other.Trait[0]) > 1e-9 {
		t.Errorf("%v and %v", one.Items[0], other.Items[0])
	}
}

func TestFitRefuses(t *testing.T) {
	good := draw(50, 0)
	nan := math.NaN()
	many := [][]float64{make([]float64, 60), make([]float64, 60)}
	for i := range many[0] {
		many[0][i], many[1][i] = float64(i), float64(i%2)
	}
	for _, c := range []struct {
		name    string
		columns [][]float64
		o       Options
		want    error
	}{
		{"points", good, Options{Quadrature: Quadrature{2, -1, 1}}, ErrQuadrature},
		{"ends", good, Options{Quadrature: Quadrature{20, 1, 1}}, ErrQuadrature},
		{"scale", good, Options{Scale: -1}, ErrScale},
		{"one item", good[:1], Options{}, scale.ErrItems},
		{"constant", [][]float64{{1, 1, 1}, {1, 2, 3}}, Options{}, scale.ErrConstant},
		{"no answers", [][]float64{{nan, nan}, {nan, nan}}, Options{}, scale.ErrConstant},
		{"no categories", many, Options{}, scale.ErrCategories},
	} {
		if _, err := Fit(names[:len(c.columns)], c.columns, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}
