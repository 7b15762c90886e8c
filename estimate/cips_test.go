package estimate_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"adili/estimate"
)

// cips is the synthetic survey of the reference data: scores by the rule of
// Score, on the scale 1 to 5 there.
type cips struct {
	tab    table
	design *estimate.Design
	items  map[string][]int // factor: index of its items
	flip   []bool
	asked  map[string][]bool // population: item asked
}

func readCips(t *testing.T, folder string, stages func(table) estimate.Stage, files ...string) cips {
	t.Helper()
	c := cips{items: map[string][]int{}, asked: map[string][]bool{}}
	for _, f := range files {
		tab := readTable(t, filepath.Join(folder, "data", f))
		if c.tab.column == nil {
			c.tab = tab
			continue
		}
		c.tab.n += tab.n
		for name := range tab.column {
			c.tab.column[name] = append(c.tab.column[name], tab.column[name]...)
		}
	}
	weights := readTable(t, filepath.Join(folder, "data", "cips_weights_expected.csv"))
	rake := map[string]float64{}
	for i, w := range weights.number(t, "w_rake") {
		rake[weights.column["wave"][i]+"/"+weights.column["rid"][i]] = w
	}
	s := estimate.Sample{Lonely: estimate.LonelyAdjust, Stages: []estimate.Stage{stages(c.tab)}}
	for i := range c.tab.n {
		s.Weight = append(s.Weight, rake[c.tab.column["wave"][i]+"/"+c.tab.column["rid"][i]])
	}
	var err error
	if c.design, err = estimate.Compile(s); err != nil {
		t.Fatal(err)
	}
	items := readTable(t, filepath.Join(folder, "data", "cips_items.csv"))
	for i, f := range items.column["factor"] {
		c.items[f] = append(c.items[f], i)
		c.flip = append(c.flip, items.column["reverse"][i] == "1")
		for _, pop := range []string{"official", "private"} {
			c.asked[pop] = append(c.asked[pop], items.column["asked_"+pop][i] == "1")
		}
	}
	return c
}

// score is the factor's score of every row on 0 to 10.
func (c cips) score(factor string) []float64 {
	y := make([]float64, c.tab.n)
	for row := range y {
		var answers []uint8
		var reverse []bool
		for _, item := range c.items[factor] {
			a := uint8(estimate.NoAnswer)
			cell := c.tab.column[fmt.Sprintf("q%02d", item+1)][row]
			switch {
			case !c.asked[c.tab.column["population"][row]][item]:
				a = estimate.NotAsked
			case cell != "":
				a = cell[0] - '0'
			}
			answers = append(answers, a)
			reverse = append(reverse, c.flip[item])
		}
		y[row] = estimate.Score(answers, reverse)
	}
	return y
}

// part is a domain of rows whose columns hold the values.
func (c cips) part(values map[string]string) estimate.Domain {
	return c.design.Domain(func(row int) bool {
		for column, v := range values {
			if c.tab.column[column][row] != v {
				return false
			}
		}
		return true
	})
}

func byPSU(tab table) estimate.Stage {
	return estimate.Stage{Unit: tab.column["psu"], Stratum: tab.column["stratum"]}
}

func TestCipsScores(t *testing.T) {
	folder := referenceFolder(t)
	var file refFile
	readJSON(t, filepath.Join(folder, "expected", "cips.json"), &file)
	c := readCips(t, folder, byPSU, "cips_w1.csv")
	seen := map[string]int{}
	for _, ref := range file.Cases {
		name := strings.Split(ref.ID, "/")
		if ref.Design != "w1" || len(name) != 4 {
			continue
		}
		switch ref.Estimator {
		case "factor_score":
			seen["score"]++
			people := c.part(map[string]string{"population": name[2]})
			r, err := c.design.Mean(c.score(name[3]), people)
			must(t, r, err)
			same(t, ref.ID+" n", float64(r.At(0).N), ref.Expect["n"], 0)
			same(t, ref.ID+" df", r.DF(0), ref.Expect["df"], 0)
			same(t, ref.ID, r.At(0).Value*0.4+1, ref.Expect["est"], 1e-10)
			same(t, ref.ID+" se", r.SE(0)*0.4, ref.Expect["se"], 1e-9)
			e, err := c.design.Effect(c.score(name[3]), people)
			if err != nil {
				t.Fatal(err)
			}
			same(t, ref.ID+" deff", e.Deff, ref.Expect["deff"], 1e-9)
		case "gap":
			if name[0] != "gap_gender" {
				continue
			}
			seen["gap"]++
			r, err := c.design.Mean(c.score(name[3]),
				c.part(map[string]string{"population": name[2], "gender": "F"}),
				c.part(map[string]string{"population": name[2], "gender": "M"}))
			gap, err := must(t, r, err).Difference(0, 1)
			if err != nil {
				t.Fatal(err)
			}
			same(t, ref.ID, gap.Value*0.4, ref.Expect["est"], 1e-9)
			same(t, ref.ID+" se", gap.SE*0.4, ref.Expect["se"], 1e-9)
			same(t, ref.ID+" df", gap.DF, ref.Expect["df"], 0)
			same(t, ref.ID+" p", gap.P(), ref.Expect["p"], 1e-8)
			same(t, ref.ID+" cov", r.Covariance(0, 1)*0.16, ref.Expect["cov"], 1e-9)
		}
	}
	if seen["score"] < 5 || seen["gap"] < 5 {
		t.Errorf("too few cases: %v", seen)
	}
}

// TestCipsFamilies compares the ten gaps between populations and the ten
// changes between waves, Holm included, and the change in the gap.
func TestCipsFamilies(t *testing.T) {
	folder := referenceFolder(t)
	var file refFile
	readJSON(t, filepath.Join(folder, "expected", "cips.json"), &file)
	byWave := func(tab table) estimate.Stage {
		s := byPSU(tab)
		st, u := make([]string, tab.n), make([]string, tab.n)
		for i := range st {
			st[i], u[i] = tab.column["wave"][i]+s.Stratum[i], tab.column["wave"][i]+s.Unit[i]
		}
		return estimate.Stage{Unit: u, Stratum: st}
	}
	official, private := map[string]string{"population": "official"}, map[string]string{"population": "private"}
	waves := []map[string]string{
		{"population": "official", "wave": "2"}, {"population": "official", "wave": "1"},
		{"population": "private", "wave": "2"}, {"population": "private", "wave": "1"},
	}
	for _, family := range []struct {
		id    string
		data  cips
		parts []map[string]string
		coef  []float64
	}{
		{"gap_population/w1", readCips(t, folder, byPSU, "cips_w1.csv"), []map[string]string{official, private}, []float64{1, -1}},
		{"change/official/stacked_indep", readCips(t, folder, byWave, "cips_w1.csv", "cips_w2.csv"), waves[:2], []float64{1, -1}},
		{"change_in_gap/stacked", readCips(t, folder, byPSU, "cips_w1.csv", "cips_w2.csv"), waves, []float64{1, -1, -1, 1}},
	} {
		found := false
		for _, ref := range file.Cases {
			if ref.ID != family.id {
				continue
			}
			found = true
			got := ten(t, family.data, family.parts, family.coef)
			for key, values := range got {
				want, ok := ref.Expect[key].([]any)
				for i := range want {
					same(t, fmt.Sprint(family.id, " ", key, " ", i+1), values[i], want[i], 1e-8)
				}
				if !ok && (key == "est" || key == "se") {
					t.Errorf("%s lacks %s", family.id, key)
				}
			}
		}
		if !found {
			t.Errorf("no case %s", family.id)
		}
	}
}

// ten is one contrast for each of the ten factors, with Holm's p-values.
func ten(t *testing.T, c cips, parts []map[string]string, coef []float64) map[string][]float64 {
	t.Helper()
	got := map[string][]float64{}
	for i := range 10 {
		var domains []estimate.Domain
		for _, p := range parts {
			domains = append(domains, c.part(p))
		}
		r, err := c.design.Mean(c.score(fmt.Sprintf("F%d", i+1)), domains...)
		x, err := must(t, r, err).Contrast(coef...)
		if err != nil {
			t.Fatal(err)
		}
		for key, v := range map[string]float64{"est": x.Value * 0.4, "se": x.SE * 0.4, "df": x.DF, "p": x.P()} {
			got[key] = append(got[key], v)
		}
	}
	got["p_holm"] = estimate.Holm(got["p"])
	return got
}

// answer is one item's valid answers after reversal, NaN otherwise.
func (c cips) answer(item int) []float64 {
	y := make([]float64, c.tab.n)
	for row, cell := range c.tab.column[fmt.Sprintf("q%02d", item+1)] {
		y[row] = math.NaN()
		if cell >= "1" && cell <= "5" {
			y[row] = float64(cell[0] - '0')
			if c.flip[item] {
				y[row] = 6 - y[row]
			}
		}
	}
	return y
}

// TestCipsAgreement compares shares of agreeing answers, by item with their
// intervals and by factor as ratios of counts.
func TestCipsAgreement(t *testing.T) {
	folder := referenceFolder(t)
	var file refFile
	readJSON(t, filepath.Join(folder, "expected", "cips.json"), &file)
	c := readCips(t, folder, byPSU, "cips_w1.csv")
	items, factors := 0, 0
	for _, ref := range file.Cases {
		name := strings.Split(ref.ID, "/")
		if ref.Design != "w1" || len(name) != 4 {
			continue
		}
		people := c.part(map[string]string{"population": name[2]})
		switch ref.Estimator {
		case "item_agree":
			items++
			var item int
			if _, err := fmt.Sscanf(name[3], "q%d", &item); err != nil {
				t.Fatal(err)
			}
			y := c.answer(item - 1)
			for i, v := range y {
				if !math.IsNaN(v) {
					y[i] = float64(int(v) / 4)
				}
			}
			r, err := c.design.Proportion(y, people)
			s := must(t, r, err).Share(0)
			same(t, ref.ID, s.Value, ref.Expect["est"], 1e-10)
			same(t, ref.ID+" se", r.SE(0), ref.Expect["se"], 1e-9)
			same(t, ref.ID+" df", s.DF, ref.Expect["df"], 0)
			for method, got := range map[string]estimate.Interval{
				"wilson": estimate.Wilson(s, 0.95).Interval, "beta": estimate.KornGraubard(s, 0.95, false).Interval,
				"mean": r.Interval(0, 0.95),
			} {
				if want, ok := ref.Expect[method].([]any); ok {
					same(t, ref.ID+" "+method, got.Lower, want[0], 1e-9)
					same(t, ref.ID+" "+method, got.Upper, want[1], 1e-9)
				}
			}
		case "factor_agree_ratio":
			factors++
			agree, valid := make([]float64, c.tab.n), make([]float64, c.tab.n)
			for _, item := range c.items[name[3]] {
				for row, v := range c.answer(item) {
					if !math.IsNaN(v) {
						valid[row]++
						agree[row] += float64(int(v) / 4)
					}
				}
			}
			r, err := c.design.Ratio(agree, valid, people)
			same(t, ref.ID, must(t, r, err).At(0).Value, ref.Expect["est"], 1e-10)
			same(t, ref.ID+" se", r.SE(0), ref.Expect["se"], 1e-9)
		}
	}
	if items < 20 || factors < 3 {
		t.Errorf("too few cases: %d items, %d factors", items, factors)
	}
}
