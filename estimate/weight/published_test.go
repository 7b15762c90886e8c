package weight_test

import (
	"fmt"
	"math"
	"testing"

	"adili/estimate"
	"adili/estimate/job/frame/frametest"
	"adili/estimate/weight"
)

// compare holds results against what is printed, in the order of the checks.
func compare(t *testing.T, s frametest.Printed, got map[string][]float64) {
	t.Helper()
	for _, c := range s.Checks {
		values := got[c.What]
		if len(values) != len(c.Published) {
			t.Errorf("%s: %d values, want %d", c.What, len(values), len(c.Published))
			continue
		}
		for i, want := range c.Published {
			if math.Abs(values[i]-want) > c.Tolerance {
				t.Errorf("%s: %v, printed %v", c.What, values[i], want)
			}
		}
	}
}

// Lehtonen & Pahkinen, Practical Methods for Design and Analysis of Complex Surveys: eight of 32 municipalities, in two
// post-strata of 7 and 25.
func TestPostStratifiedMunicipalities(t *testing.T) {
	s := frametest.PublishedCase(t, "lehtonen_pahkinen_poststrat")
	var rows []struct {
		Wt, Ue91, N float64
		Poststr     int
	}
	s.Read(t, &rows)
	by := weight.Margin{Name: "size", Labels: []string{"1", "2"}, Total: []float64{7, 25}}
	var stage estimate.Stage
	var base, unemployed []float64
	for i, r := range rows {
		stage.Unit, stage.Population = append(stage.Unit, fmt.Sprint(i)), append(stage.Population, r.N)
		base, unemployed = append(base, r.Wt), append(unemployed, r.Ue91)
		by.Code = append(by.Code, r.Poststr-1)
	}
	c, err := weight.PostStratify(base, by)
	if err != nil {
		t.Fatal(err)
	}
	d, err := estimate.Compile(estimate.Sample{Weight: c.Weights(), Stages: []estimate.Stage{stage}})
	if err != nil {
		t.Fatal(err)
	}
	d = d.Calibrated(c)
	groups, err := d.Groups(by.Code, 2)
	if err != nil {
		t.Fatal(err)
	}
	mean, err := d.Mean(unemployed, d.Everyone(), groups[0], groups[1])
	if err != nil {
		t.Fatal(err)
	}
	total, err := d.Total(unemployed)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, s, map[string][]float64{
		"mean": {mean.At(0).Value}, "se mean": {mean.SE(0)}, "total": {total.At(0).Value}, "se total": {total.SE(0)},
		"mean by poststratum": {mean.At(1).Value, mean.At(2).Value}, "se by poststratum": {mean.SE(1), mean.SE(2)},
	})
}

// G. Kalton and I. Flores-Cervantes, Weighting methods, Journal of Official Statistics 19, 2003: twelve cells raked on both
// their margins.
func TestKaltonFloresCervantes(t *testing.T) {
	s := frametest.PublishedCase(t, "kalton_flores_cervantes")
	var cells struct{ Sample, Population []float64 }
	s.Read(t, &cells)
	a := weight.Margin{Name: "a", Labels: []string{"1", "2", "3", "4"}, Total: make([]float64, 4)}
	b := weight.Margin{Name: "b", Labels: []string{"1", "2", "3"}, Total: make([]float64, 3)}
	for i, n := range cells.Population {
		a.Code, b.Code = append(a.Code, i%4), append(b.Code, i/4)
		a.Total[i%4] += n
		b.Total[i/4] += n
	}
	c, err := weight.Rake(cells.Sample, []weight.Margin{a, b}, weight.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var each []float64
	for i, w := range c.Weights() {
		each = append(each, w/cells.Sample[i])
	}
	compare(t, s, map[string][]float64{"cell weights, two decimals": each})
}
