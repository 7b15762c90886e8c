package scale_test

import (
	"math"
	"testing"

	"adili/estimate/job/frame/frametest"
	"adili/estimate/scale"
)

// The printed alphas of the attitude data of Chatterjee & Price, on the help page of psych, and all the digits behind them.
func TestPublishedAlpha(t *testing.T) {
	rel := attitude(t)
	got := map[string]float64{"raw alpha": rel.Alpha, "standardised alpha": rel.Standardised}
	found := 0
	for _, check := range frametest.PublishedCase(t, "psych_alpha_attitude").Checks {
		value, ok := got[check.What]
		if !ok {
			t.Errorf("nothing computes %s", check.What)
			continue
		}
		found++
		if math.Abs(value-check.Published[0]) > check.Tolerance || math.Abs(value-check.RValue[0]) > 1e-12 {
			t.Errorf("%s is %v, printed %v, in full %v", check.What, value, check.Published[0], check.RValue[0])
		}
	}
	if found != 2 {
		t.Errorf("%d values are compared, not 2", found)
	}
}

func attitude(t *testing.T) *scale.Reliability {
	t.Helper()
	table, err := frametest.Open(frametest.Folder(t))("attitude.csv")
	if err != nil {
		t.Fatal(err)
	}
	var columns [][]float64
	for _, name := range table.Columns() {
		x, err := table.Number(name)
		if err != nil {
			t.Fatal(err)
		}
		columns = append(columns, x)
	}
	answers, err := scale.NewAnswers(table.Columns(), columns)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := scale.Alpha(answers)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}
