package report

import (
	"math"
	"reflect"
	"testing"

	"adili/estimate"
	"adili/form"
	"adili/internal/survey"
)

// sexes is a group of one stratum whose frame knows how many people are A, B and C.
func sexes(t *testing.T, people map[string]int, rows ...[4]int) survey.Group {
	t.Helper()
	all := 0
	var plain [][3]int
	for _, r := range rows {
		plain = append(plain, [3]int{r[0], r[1], r[2]})
	}
	frame := survey.Frame{Dimensions: []string{"Sex"}}
	for _, v := range []string{"A", "B", "C"} {
		if n := people[v]; n > 0 {
			frame.Cells = append(frame.Cells, survey.Cell{Values: []string{" " + v}, People: n})
			all += n
		}
	}
	g := tinyGroup(t, []survey.Stratum{{Number: 1, Label: "One", People: all}}, plain...)
	g.Plan.Frame = frame
	for i, r := range rows {
		if r[3] > 0 {
			g.Responses[i].Answers["sex"] = form.Answer{Code: form.Code(r[3])}
		}
	}
	return g
}

func times(n int, row [4]int) (list [][4]int) {
	for range n {
		list = append(list, row)
	}
	return list
}

// TestRaked: 120 people are A, 80 are B. Of A 40 answer, half with score 10, half with 5; of B 30, half with 5, half with 0.
// Mean 0.6·7.5 + 0.4·2.5 = 5.5. Residuals from the mean of one's sex are ±2.5, weights 3 and 8/3;
// V = (1 − 70/200)·70/69·(40·(3·2.5)² + 30·(8/3·2.5)²)/200² = 0.0590733. Without weights the mean is 375/70.
func TestRaked(t *testing.T) {
	var rows [][4]int
	rows = append(rows, times(20, [4]int{1, 5, 1, 1})...)
	rows = append(rows, times(20, [4]int{1, 5, 5, 1})...)
	rows = append(rows, times(15, [4]int{1, 3, 3, 2})...)
	rows = append(rows, times(15, [4]int{1, 1, 5, 2})...)
	g := mustMake(t, &survey.Closed{Groups: []survey.Group{sexes(t, map[string]int{"A": 120, "B": 80}, rows...)}}).Groups[0]
	half := estimate.Quantile(0.975, 69) * math.Sqrt(0.0590733)
	want := Score{N: Count{N: 70}, Items: 2, Value: 5.5, Interval: true, Lower: math.Round((5.5-half)*10) / 10, Upper: math.Round((5.5+half)*10) / 10}
	if g.Factors[0] != want {
		t.Errorf("factor 1 is %+v, want %+v", g.Factors[0], want)
	}
	if p := g.Plain[0]; p.Value != 5.4 || p.Interval {
		t.Errorf("without weights %+v, want 5.4 and no interval", p)
	}
	d := g.Design
	if len(d.Margins) != 1 || d.Margins[0].Item.ID != "sex" || d.Margins[0].Dropped || d.Margins[0].Merged != nil || d.Apart || d.Kish != 1 {
		t.Errorf("the design is %+v", d)
	}
}

// A choice that too few made is joined with another, or the question is not used at all, and those who did not say keep
// their weight.
func TestThinMargins(t *testing.T) {
	mixed := func(a, b, c, silent int) (rows [][4]int) {
		for i, n := range []int{silent, a, b, c} {
			for k := range n {
				rows = append(rows, [4]int{1, 1 + k%5, 3, i})
			}
		}
		return rows
	}
	for _, c := range []struct {
		name            string
		a, b, c, silent int
		want            []Margin
		rakes           bool
	}{
		{"enough", 40, 40, 40, 0, []Margin{{}}, true},
		{"one thin", 70, 10, 30, 0, []Margin{{Merged: [][]int{{1, 2}}}}, true},
		{"all but one thin", 60, 5, 5, 0, []Margin{{Dropped: true}}, false},
		{"some silent", 40, 40, 40, 20, []Margin{{}}, true},
	} {
		g := sexes(t, map[string]int{"A": 200, "B": 50, "C": 150}, mixed(c.a, c.b, c.c, c.silent)...)
		s, err := draw(&g)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for i := range s.weighing.Margins {
			m := &s.weighing.Margins[i]
			m.Item = form.Item{}
			if m.Dropped {
				m.Merged = nil
			}
		}
		if !reflect.DeepEqual(s.weighing.Margins, c.want) {
			t.Errorf("%s: margins %+v, want %+v", c.name, s.weighing.Margins, c.want)
		}
		if (s.weighing.Kish > 1) != c.rakes {
			t.Errorf("%s: Kish's effect %v", c.name, s.weighing.Kish)
		}
		sum, silent := 0.0, 0.0
		for i := range g.Responses {
			sum += s.design.Weight(i)
			if i < c.silent {
				silent += s.design.Weight(i)
			}
		}
		n := float64(c.a + c.b + c.c + c.silent)
		if math.Abs(sum-400) > 1e-8 || math.Abs(silent-400*float64(c.silent)/n) > 1e-8 {
			t.Errorf("%s: weights add to %v, of the silent to %v", c.name, sum, silent)
		}
	}
}

// What is known of the frame is used where the question has the same values, and office groups where they were not drawn.
func TestKnown(t *testing.T) {
	g := sexes(t, map[string]int{"A": 120, "B": 80}, times(40, [4]int{1, 3, 3, 1})...)
	s := &sample{of: &g}
	if k := s.known(); len(k) != 1 || !reflect.DeepEqual(k[0].people, []float64{120, 80, 0}) {
		t.Errorf("known: %+v", k)
	}
	g.Plan.Stratify = "Sex"
	if k := s.known(); k != nil {
		t.Errorf("the strata once more: %+v", k)
	}
	g.Plan.Stratify = ""
	g.Plan.Frame.Cells[0].Values[0] = "Another"
	if k := s.known(); k != nil {
		t.Errorf("a value that is no choice: %+v", k)
	}
	listed := invented.Group(1, form.Official, survey.Listed)
	if k := (&sample{of: &listed}).known(); len(k) != 1 || k[0].Item.ChoicesFrom != form.OfficeGroups || len(k[0].people) != 8 {
		t.Errorf("office groups: %+v", k)
	}
	drawn := invented.Group(1, form.Official, survey.Clusters)
	if k := (&sample{of: &drawn}).known(); k != nil {
		t.Errorf("offices that were drawn: %+v", k)
	}
}
