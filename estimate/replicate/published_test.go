package replicate_test

import (
	"fmt"
	"math"
	"testing"

	"adili/estimate"
	"adili/estimate/job/frame/frametest"
	"adili/estimate/replicate"
)

// printed finds figures printed in a book among the reference values.
func printed(t *testing.T, id, what string) (rows []map[string]float64, value, tolerance float64) {
	t.Helper()
	s := frametest.PublishedCase(t, id)
	for _, check := range s.Checks {
		if check.What != what {
			continue
		}
		if s.Data[0] == '[' {
			s.Read(t, &rows)
		}
		return rows, check.Published[0], check.Tolerance
	}
	t.Fatalf("no figure %q of %s", what, id)
	return nil, 0, 0
}

// Lehtonen & Pahkinen, Practical Methods for Design and Analysis of Complex Surveys, p. 29: unemployed over labour force in
// two of eight clusters, by the jackknife of WesVar.
func TestLehtonenPahkinen(t *testing.T) {
	rows, want, tolerance := printed(t, "lehtonen_pahkinen_p29", "se ratio JK1 (centred on replicate mean)")
	var s estimate.Sample
	var st estimate.Stage
	var unemployed, labour []float64
	for _, r := range rows {
		s.Weight = append(s.Weight, r["wt"])
		st.Unit, st.Population = append(st.Unit, fmt.Sprint(r["clu"])), append(st.Population, r["N"])
		unemployed, labour = append(unemployed, r["ue91"]), append(labour, r["lab91"])
	}
	s.Stages = []estimate.Stage{st}
	d, err := estimate.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := make1(t, d, replicate.Method{Kind: replicate.JK1}).Ratio(unemployed, labour)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.SE(0)-want) > tolerance {
		t.Errorf("standard error %v, printed %v", r.SE(0), want)
	}
}

// P. S. Levy and S. Lemeshow, Sampling of Populations: survivors of cardiac arrest, two ambulance districts in each of three
// areas, by balanced half-samples.
func TestCardiacArrest(t *testing.T) {
	_, want, tolerance := printed(t, "levy_lemeshow_scd", "se BRR")
	area := []string{"1", "1", "2", "2", "3", "3"}
	arrests, alive := []float64{120, 78, 185, 228, 670, 530}, []float64{25, 24, 30, 49, 80, 70}
	stage := estimate.Stage{Stratum: area, Unit: []string{"1", "2", "1", "2", "1", "2"}}
	d, err := estimate.Compile(estimate.Sample{Weight: []float64{1, 1, 1, 1, 1, 1}, Stages: []estimate.Stage{stage}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := make1(t, d, replicate.Method{Kind: replicate.BRR}).Ratio(alive, arrests)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(r.SE(0)-want) > tolerance {
		t.Errorf("standard error %v, printed %v", r.SE(0), want)
	}
}
