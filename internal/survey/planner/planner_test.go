package planner

import (
	"math"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"adili/form"
	"adili/internal/survey"
)

func planOf(selection survey.Selection, people ...int) survey.Plan {
	p := survey.Plan{Selection: selection, Stratify: "Region", Margin: 0.05, Response: 0.6, DesignEffect: 2, Frame: survey.Frame{Dimensions: []string{"Region"}}}
	for i, n := range people {
		p.Frame.Cells = append(p.Frame.Cells, survey.Cell{Values: []string{"R" + strconv.Itoa(i)}, People: n})
	}
	return p
}

// The sizes are those of the field notes: 95 %, five points, small population.
func TestForecastSizes(t *testing.T) {
	for people, want := range map[int]int{300: 169, 500: 218, 1000: 278, 5000: 357, 10000: 370} {
		f, err := Predict(planOf(survey.Listed, people), form.Official)
		if err != nil || f.Needed != want || f.Effect != 1 {
			t.Errorf("%d people: %+v, %v; want %d answers", people, f, err, want)
		}
	}
}

func TestForecast(t *testing.T) {
	p := planOf(survey.Listed, 3000, 1500, 500)
	f, err := Predict(p, form.Private)
	if err != nil {
		t.Fatal(err)
	}
	needed, invite := 0, 0
	for i, n := range f.Strata {
		needed += n.Needed
		invite += n.Invite
		if n.Stratum.Number != 101+i {
			t.Errorf("stratum %+v", n.Stratum)
		}
		if n.Margin <= f.Margin {
			t.Errorf("stratum %s alone is as exact as all: %v", n.Stratum.Label, n.Margin)
		}
	}
	if needed != 357 || f.Needed != 357 || invite != f.Invite || f.Invite != 595 || !f.Reached {
		t.Errorf("%+v", f)
	}
	if math.Abs(f.Margin-0.05) > 0.001 || math.Abs(f.Change-0.05*math.Sqrt2*(1.96+0.8416)/1.96) > 0.002 {
		t.Errorf("margin %v, change %v", f.Margin, f.Change)
	}
	p.Selection = survey.Clusters
	c, err := Predict(p, form.Private)
	if err != nil || c.Effect != 2 || c.Needed <= f.Needed || math.Abs(c.Margin-0.05) > 0.001 {
		t.Errorf("offices drawn: %+v, %v", c, err)
	}
	p.Selection = survey.Everyone
	e, err := Predict(p, form.Private)
	if err != nil || e.Invite != 5000 || e.Expected != 3000 || e.Margin >= f.Margin {
		t.Errorf("everyone: %+v, %v", e, err)
	}
	small, err := Predict(planOf(survey.Listed, 60), form.Official)
	if err != nil || small.Reached || small.Invite != 60 || small.Margin <= 0.05 {
		t.Errorf("too few people: %+v, %v", small, err)
	}
	if _, err := Predict(planOf(survey.Listed), form.Official); err == nil {
		t.Error("a forecast without a frame")
	}
}

func TestCombinations(t *testing.T) {
	f := survey.Frame{Dimensions: []string{"Region", "Rank", "Post"}}
	for _, c := range []struct {
		region, rank, post string
		people             int
	}{
		{"North", "staff", "port", 200}, {"North", "senior", "port", 40}, {"South", "staff", "port", 100}, {"South", "senior", "port", 6},
		{"Islands", "staff", "airport", 30}, {"Islands", "senior", "airport", 3}, {"North", "staff", "airport", 12},
	} {
		f.Cells = append(f.Cells, survey.Cell{Values: []string{c.region, c.rank, c.post}, People: c.people})
	}
	rare, advice := Combinations(f)
	want := []Shared{
		{[]string{"Region", "Rank"}, []string{"Islands", "senior"}, 3},
		{[]string{"Rank", "Post"}, []string{"senior", "airport"}, 3},
		{[]string{"Region", "Rank"}, []string{"South", "senior"}, 6},
	}
	if diff := cmp.Diff(want, rare); diff != "" {
		t.Error(diff)
	}
	work := grid(f).copy()
	for _, a := range advice {
		work.merge(a)
	}
	if left := work.rare(); len(left) > 0 || len(advice) == 0 {
		t.Errorf("after %v there is still %v", advice, left)
	}
	if f.Cells[0].Values[0] != "North" {
		t.Error("the frame was changed")
	}
	wide := survey.Frame{Dimensions: []string{"Region", "Rank"}, Cells: []survey.Cell{{Values: []string{"N", "a"}, People: 50}, {Values: []string{"N", "b"}, People: 50}}}
	if rare, advice := Combinations(wide); rare != nil || advice != nil {
		t.Errorf("%v %v", rare, advice)
	}
}
