package estimate_test

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"adili/estimate"
	"adili/estimate/interval"
)

// TestSurvey runs every case of survey.json this package has an estimator for.
func TestSurvey(t *testing.T) {
	folder := referenceFolder(t)
	var file refFile
	readJSON(t, filepath.Join(folder, "expected", "survey.json"), &file)
	run := map[string]func(*testing.T, refCase, *estimate.Design, table){
		"design": caseDesign, "mean": casePlain, "total": casePlain, "ratio": casePlain,
		"proportions": caseCategories, "category_totals": caseCategories,
		"domain_mean": caseDomain, "domain_total": caseDomain, "domain_ratio": caseDomain, "domain_proportion": caseDomain,
		"proportion_ci": caseInterval, "domain_difference": caseDifference,
		"mean_total": caseLonely,
	}
	count := map[string]int{}
	tables := map[string]table{}
	for _, c := range file.Cases {
		if c.Estimator == "p_adjust" {
			count[c.Estimator]++
			t.Run(c.ID, func(t *testing.T) { caseAdjust(t, c) })
		}
		f := run[c.Estimator]
		if f == nil || c.Args.Lonely == "remove" && c.Estimator != "mean_total" {
			continue
		}
		count[c.Estimator]++
		count[c.Estimator+"/"+c.Design]++
		t.Run(c.ID, func(t *testing.T) { runCase(t, c, file.Designs[c.Design], folder, tables, f) })
	}
	// A renamed file or key must not turn this into a test of nothing.
	for kind := range run {
		if count[kind] == 0 {
			t.Errorf("no case of kind %s", kind)
		}
	}
	for _, must := range []string{
		"mean/srs", "total/srs", "total/strat", "mean/strat", "ratio/strat", "domain_mean/strat", "domain_total/strat",
		"mean/clus1", "mean/clus1_wr", "mean/clus2", "proportion_ci/srs", "proportion_ci/strat", "domain_difference/strat", "p_adjust",
	} {
		if count[must] == 0 {
			t.Errorf("no case %s", must)
		}
	}
	t.Logf("cases: %v", count)
}

// runCase compiles the design of a case and hands it to the estimator.
func runCase(t *testing.T, c refCase, ref refDesign, folder string, tables map[string]table, f func(*testing.T, refCase, *estimate.Design, table)) {
	name := ref.Data.(string)
	tab, ok := tables[name]
	if !ok {
		tab = readTable(t, filepath.Join(folder, "data", name))
		tables[name] = tab
	}
	s := ref.sample(t, tab)
	s.Lonely = map[string]estimate.Lonely{
		"remove": estimate.LonelyCertainty, "certainty": estimate.LonelyCertainty,
		"adjust": estimate.LonelyAdjust, "average": estimate.LonelyAverage,
	}[c.Args.Lonely]
	d, err := estimate.Compile(s)
	if c.Args.Lonely == "fail" || c.Expect["error"] == true {
		var lonely *estimate.LonelyError
		if !errors.As(err, &lonely) {
			t.Fatalf("error %v, want a LonelyError", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	f(t, c, d, tab)
}

func caseDesign(t *testing.T, c refCase, d *estimate.Design, tab table) {
	same(t, "n", float64(d.Rows()), c.Expect["n"], 0)
	same(t, "df", d.DF(), c.Expect["df"], 0)
	same(t, "sum_weights", d.Population(), c.Expect["sum_weights"], 1e-12)
}

func must(t *testing.T, r *estimate.Result, err error) *estimate.Result {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func casePlain(t *testing.T, c refCase, d *estimate.Design, tab table) {
	if c.Estimator == "ratio" {
		r, err := d.Ratio(tab.number(t, c.Args.Num), tab.number(t, c.Args.Den))
		against(t, c, d, must(t, r, err), []string{""})
		return
	}
	if c.Args.Var != "" {
		caseCategories(t, c, d, tab)
		return
	}
	vars := stringsOf(c.Args.Vars)
	var parts []*estimate.Result
	for _, v := range vars {
		y := tab.number(t, v)
		one := d.Mean
		if c.Estimator == "total" {
			one = d.Total
		}
		r, err := one(y)
		parts = append(parts, must(t, r, err))
		effect, err := d.Effect(y, d.Everyone())
		if err != nil {
			t.Fatal(err)
		}
		if want, ok := pick(t, c.Expect, "deff", v); ok && c.Estimator == "mean" {
			same(t, "deff", effect.Deff, want, 1e-9)
			same(t, "deff_replace", effect.Replace, c.Expect["deff_replace"], 1e-9)
		}
	}
	r, err := estimate.Join(parts...)
	against(t, c, d, must(t, r, err), vars)
}

func caseCategories(t *testing.T, c refCase, d *estimate.Design, tab table) {
	levels, code := tab.levels([]string{c.Args.Var})
	var labels []string
	var categories []int
	var totals []*estimate.Result
	for i, l := range levels {
		labels = append(labels, c.Args.Var+l)
		categories = append(categories, i)
		if c.Estimator == "category_totals" {
			r, err := d.Total(tab.is(c.Args.Var, l))
			totals = append(totals, must(t, r, err))
		}
	}
	if totals != nil {
		r, err := estimate.Join(totals...)
		against(t, c, d, must(t, r, err), labels)
		return
	}
	r, err := d.Proportions(code, categories, d.Everyone())
	against(t, c, d, must(t, r, err), labels)
	sum := 0.0
	for i := range r.Len() {
		sum += r.At(i).Value
	}
	same(t, "sum of shares", sum, 1.0, 1e-14)
}

func caseDomain(t *testing.T, c refCase, d *estimate.Design, tab table) {
	by := stringsOf(c.Args.By)
	if strings.HasPrefix(by[0], "cut(") || tab.column[by[0]] == nil {
		t.Skipf("%v is not a column", by)
	}
	levels, code := tab.levels(by)
	groups, err := d.Groups(code, len(levels))
	if err != nil {
		t.Fatal(err)
	}
	var r *estimate.Result
	switch c.Estimator {
	case "domain_mean":
		r, err = d.Mean(tab.number(t, stringsOf(c.Args.Vars)[0]), groups...)
	case "domain_total":
		r, err = d.Total(tab.number(t, stringsOf(c.Args.Vars)[0]), groups...)
	case "domain_proportion":
		r, err = d.Proportion(tab.is(c.Args.Var, fmt.Sprint(c.Args.Value)), groups...)
	case "domain_ratio":
		r, err = d.Ratio(tab.number(t, c.Args.Num), tab.number(t, c.Args.Den), groups...)
	}
	against(t, c, d, must(t, r, err), levels)
	for i, l := range levels {
		if want, ok := pick(t, c.Expect, "deff", l); ok {
			effect, err := d.Effect(tab.number(t, stringsOf(c.Args.Vars)[0]), groups[i])
			if err != nil {
				t.Fatal(err)
			}
			same(t, "deff "+l, effect.Deff, want, 1e-9)
		}
	}
}

func caseInterval(t *testing.T, c refCase, d *estimate.Design, tab table) {
	r, err := d.Proportion(tab.is(c.Args.Var, fmt.Sprint(c.Args.Value)))
	s := must(t, r, err).Share(0)
	same(t, "est", s.Value, c.Expect["est"], 1e-10)
	same(t, "var", s.Variance, c.Expect["var"], 1e-9)
	same(t, "df", s.DF, c.Expect["df"], 0)
	same(t, "n", float64(s.N), c.Expect["n"], 0)
	for _, name := range c.Args.Methods {
		want, ok := c.Expect[name].([]any)
		if !ok {
			t.Errorf("reference lacks method %s", name)
			continue
		}
		got, err := s.By(interval.Method(name), c.Args.Level)
		if err != nil {
			t.Fatal(err)
		}
		if c.Expect["var"] == 0.0 {
			// R gives the share itself, 0.5..0.5 or nothing where no spread is seen; see Share.
			if !got.Assumed || !(got.Lower < s.Value && s.Value < got.Upper) {
				t.Errorf("no spread: %s %+v", name, got)
			}
			continue
		}
		tolerance := 1e-9
		if name == "likelihood" {
			tolerance = 2e-3 // R interpolates
		}
		same(t, name+" lower", got.Lower, want[0], tolerance)
		same(t, name+" upper", got.Upper, want[1], tolerance)
	}
}

func caseDifference(t *testing.T, c refCase, d *estimate.Design, tab table) {
	side := func(m map[string][]any) estimate.Domain {
		return d.Domain(func(row int) bool {
			for column, values := range m {
				if !slices.Contains(stringsOf(values), tab.column[column][row]) {
					return false
				}
			}
			return true
		})
	}
	y := tab.number(t, stringsOf(c.Args.Vars)[0])
	r, err := d.Mean(y, side(c.Args.Contrast.Plus), side(c.Args.Contrast.Minus))
	got, err := must(t, r, err).Difference(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c.Args.DF == "design" { // the domains of this case leave out whole strata
		got.DF = d.DF()
	}
	in := got.Interval(c.Args.Level)
	for key, v := range map[string]float64{
		"est": got.Value, "se": got.SE, "df": got.DF, "t": got.Value / got.SE, "p": got.P(), "lo": in.Lower, "hi": in.Upper,
	} {
		same(t, key, v, c.Expect[key], 1e-9)
	}
}

func caseLonely(t *testing.T, c refCase, d *estimate.Design, tab table) {
	y := tab.number(t, stringsOf(c.Args.Vars)[0])
	mean, err := d.Mean(y)
	must(t, mean, err)
	total, err := d.Total(y)
	must(t, total, err)
	for key, got := range map[string]float64{
		"mean": mean.At(0).Value, "mean_se": mean.SE(0), "total": total.At(0).Value, "total_se": total.SE(0), "df": d.DF(),
	} {
		same(t, key, got, c.Expect[key], 1e-9)
	}
}

func caseAdjust(t *testing.T, c refCase) {
	var p []float64
	for _, v := range c.Args.P {
		if v == nil {
			p = append(p, math.NaN())
			continue
		}
		p = append(p, *v)
	}
	got := estimate.Holm(p)
	for i, want := range c.Expect["holm"].([]any) {
		same(t, fmt.Sprint("holm ", i), got[i], want, 1e-12)
	}
}

// TestQuantile compares Student's quantiles and tails with R's.
func TestQuantile(t *testing.T) {
	folder := referenceFolder(t)
	var file struct {
		Cases []struct {
			ID     string
			Args   struct{ P, T, DF []float64 }
			Expect map[string][]float64
		}
	}
	readJSON(t, filepath.Join(folder, "expected", "distributions.json"), &file)
	seen := 0
	for _, c := range file.Cases {
		switch c.ID {
		case "qt":
			for i, want := range c.Expect["q"] {
				same(t, fmt.Sprintf("quantile %g, %g", c.Args.P[i], c.Args.DF[i]), estimate.Quantile(c.Args.P[i], c.Args.DF[i]), want, 1e-9)
				seen++
			}
		case "pt":
			for i, want := range c.Expect["lower"] {
				got := estimate.PValue(c.Args.T[i], c.Args.DF[i]) / 2
				if c.Args.T[i] > 0 {
					got = 1 - got
				}
				same(t, fmt.Sprintf("tail %g, %g", c.Args.T[i], c.Args.DF[i]), got, want, 1e-9)
				seen++
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d values compared", seen)
	}
}
