package estimate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"adili/estimate"
	"adili/estimate/family"
	"adili/estimate/job/frame/frametest"
	"adili/estimate/standard"
)

// published is a case with figures printed in a book or a manual.
type published = frametest.Printed

// inline turns rows written in the case into a table.
func inline(t *testing.T, raw json.RawMessage) table {
	t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	tab := table{n: len(rows), column: map[string][]string{}}
	for name := range rows[0] {
		for _, r := range rows {
			s := ""
			if r[name] != nil {
				s = fmt.Sprint(r[name])
			}
			tab.column[name] = append(tab.column[name], s)
		}
	}
	return tab
}

func design(t *testing.T, tab table, unit, stratum, weight, population string) *estimate.Design {
	t.Helper()
	st := estimate.Stage{Unit: tab.column[unit], Stratum: tab.column[stratum]}
	if population != "" {
		st.Population = tab.number(t, population)
	}
	d, err := estimate.Compile(estimate.Sample{Weight: tab.number(t, weight), Stages: []estimate.Stage{st}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// printer collects the answers to the checks of a case, in their order.
type printer struct {
	t   *testing.T
	got [][]float64
}

func (p *printer) add(x ...float64) { p.got = append(p.got, x) }

func (p *printer) pair(r *estimate.Result, err error) *estimate.Result {
	p.t.Helper()
	must(p.t, r, err)
	var est, se []float64
	for i := range r.Len() {
		est = append(est, r.At(i).Value)
		se = append(se, r.SE(i))
	}
	p.add(est...)
	p.add(se...)
	return r
}

func TestPublished(t *testing.T) {
	folder := referenceFolder(t)
	run := map[string]func(*printer, published, string){
		"lehtonen_pahkinen_p74":  lehtonen,
		"levy_lemeshow_hospital": hospital,
		"sas_icecream":           iceCream,
		"sas_icecream_missing":   iceCreamMissing,
		"stata_fpc":              stataFPC,
		"api_documentation":      api,
		"levy_lemeshow_p106":     systematic,

		"lehtonen_pahkinen_p46":           effects,
		"lehtonen_pahkinen_p60_split":     split,
		"lehtonen_pahkinen_p60_certainty": certain,
		"lehtonen_pahkinen_p29":           clusters,
		"nchs_data_brief_92":              ageAdjusted,
		"mu284_two_stage":                 twoStages,
		"levy_lemeshow_scd":               cardiacArrest,
		"deff_small":                      tenFirms,
		"benjamini_hochberg_1995":         discoveries,
	}
	seen := 0
	for _, c := range frametest.Published(t) {
		f := run[c.ID]
		if f == nil {
			continue
		}
		seen++
		t.Run(c.ID, func(t *testing.T) {
			p := &printer{t: t}
			f(p, c, filepath.Join(folder, "data"))
			for i, check := range c.Checks {
				if i >= len(p.got) || p.got[i] == nil {
					if i == 0 { // others are replicates, or what not to do
						t.Errorf("%s was not compared", check.What)
					}
					continue
				}
				for j, want := range check.Published {
					if d := math.Abs(p.got[i][j] - want); !(d <= check.Tolerance) {
						t.Errorf("%s = %v, printed %v", check.What, p.got[i][j], want)
					}
					same(t, check.What, p.got[i][j], check.RValue[j], 1e-9)
				}
			}
		})
	}
	if seen != len(run) {
		t.Errorf("%d of %d published cases found", seen, len(run))
	}
}

func lehtonen(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d := design(p.t, tab, "clu", "str", "wt", "fpc")
	p.pair(d.Mean(tab.number(p.t, "ue91")))
	p.pair(d.Ratio(tab.number(p.t, "ue91"), tab.number(p.t, "lab91")))
}

func hospital(p *printer, _ published, data string) {
	tab := readTable(p.t, filepath.Join(data, "hospital.csv"))
	d := design(p.t, tab, "", "oblevel", "weighta", "tothosp")
	y := tab.number(p.t, "births")
	levels, code := tab.levels([]string{"oblevel"})
	groups, err := d.Groups(code, len(levels))
	if err != nil {
		p.t.Fatal(err)
	}
	p.pair(d.Mean(y))
	p.pair(d.Total(y))
	p.pair(d.Mean(y, groups...))
	p.pair(d.Total(y, groups...))
}

func iceCream(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d := design(p.t, tab, "", "grade", "w", "N")
	r := p.pair(d.Mean(tab.number(p.t, "y")))
	in := r.Interval(0, 0.95)
	p.add(in.Lower, in.Upper)
	p.pair(d.Proportion(tab.number(p.t, "less")))
}

func iceCreamMissing(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d := design(p.t, tab, "", "grade", "w", "N")
	p.pair(d.Mean(tab.number(p.t, "y"))) // the two other figures are what not to do
}

func stataFPC(p *printer, _ published, data string) {
	tab := readTable(p.t, filepath.Join(data, "fpc.csv"))
	y := tab.number(p.t, "x")
	p.pair(design(p.t, tab, "psuid", "stratid", "weight", "").Mean(y))
	r, err := design(p.t, tab, "psuid", "stratid", "weight", "Nh").Mean(y)
	p.add(must(p.t, r, err).SE(0))
}

func systematic(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d := design(p.t, tab, "", "", "wt", "M")
	for _, name := range []string{"xibar", "xi"} {
		one := d.Mean
		if name == "xi" {
			one = d.Total
		}
		r := p.pair(one(tab.number(p.t, name)))
		in := r.Interval(0, 0.95)
		p.add(in.Lower, in.Upper)
	}
}

func api(p *printer, _ published, data string) {
	strat := readTable(p.t, filepath.Join(data, "apistrat.csv"))
	clus1 := readTable(p.t, filepath.Join(data, "apiclus1.csv"))
	clus2 := readTable(p.t, filepath.Join(data, "apiclus2.csv"))
	two := refDesign{IDs: []string{"dnum", "snum"}, FPC: []string{"fpc1", "fpc2"}}
	d2, err := estimate.Compile(two.sample(p.t, clus2))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, x := range []struct {
		tab table
		d   *estimate.Design
	}{
		{strat, design(p.t, strat, "", "stype", "pw", "fpc")},
		{clus1, design(p.t, clus1, "dnum", "", "pw", "fpc")},
		{clus2, d2},
	} {
		p.pair(x.d.Mean(x.tab.number(p.t, "api00")))
		p.pair(x.d.Total(x.tab.number(p.t, "enroll")))
	}
}

func effects(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d, err := estimate.Compile(estimate.Sample{
		Weight: tab.number(p.t, "wt"),
		Stages: []estimate.Stage{{Unit: tab.column["clu"], Stratum: tab.column["str"], Fraction: tab.number(p.t, "fpc")}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	y := tab.number(p.t, "ue91")
	r := p.pair(d.Total(y))
	in := r.Interval(0, 0.95)
	p.add(in.Lower, in.Upper)
	p.add(100 * r.SE(0) / r.At(0).Value)
	effect, err := d.TotalEffect(y, d.Everyone())
	if err != nil {
		p.t.Fatal(err)
	}
	p.add(effect.Deff)
	p.add(effect.Deft())
}

func split(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d := design(p.t, tab, "id", "str", "wt", "")
	y := tab.number(p.t, "ue91")
	p.add(d.Population())
	p.pair(d.Total(y))
	p.pair(d.Mean(y))
}

func certain(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	y := tab.number(p.t, "ue91")
	d, err := estimate.Compile(estimate.Sample{
		Weight: tab.number(p.t, "wt"), Lonely: estimate.LonelyCertainty,
		Stages: []estimate.Stage{{Unit: tab.column["clu"], Stratum: tab.column["str"]}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	total, err := d.Total(y)
	p.add(must(p.t, total, err).SE(0))
	known := design(p.t, tab, "clu", "str", "wt", "fpc") // the certain unit has N = 1: it is not lonely
	total, err = known.Total(y)
	p.add(must(p.t, total, err).SE(0))
	mean, err := known.Mean(y)
	p.add(must(p.t, mean, err).SE(0))
}

func clusters(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	d, err := estimate.Compile(estimate.Sample{
		Weight: tab.number(p.t, "wt"),
		Stages: []estimate.Stage{{Unit: tab.column["clu"], Population: tab.number(p.t, "N")}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	ue, lab := tab.number(p.t, "ue91"), tab.number(p.t, "lab91")
	var parts []*estimate.Result
	for _, y := range [][]float64{ue, lab} {
		r, err := d.Total(y)
		parts = append(parts, must(p.t, r, err))
	}
	both, err := estimate.Join(parts...)
	p.pair(both, err)
	p.pair(d.Ratio(ue, lab))
}

func ageAdjusted(p *printer, _ published, data string) {
	tab := readTable(p.t, filepath.Join(data, "nhanes.csv"))
	d := design(p.t, tab, "SDMVPSU", "SDMVSTRA", "WTMEC2YR", "")
	levels, code := tab.levels([]string{"agecat"})
	if len(levels) != 4 || levels[0] != "(0,19]" {
		p.t.Fatalf("levels %q", levels)
	}
	r, err := standard.Means(d, tab.number(p.t, "HI_CHOL"), code, []float64{0, 77670, 72816, 45364})
	p.add(must(p.t, r, err).At(0).Value)
}

func twoStages(p *printer, _ published, data string) {
	tab := readTable(p.t, filepath.Join(data, "mu284.csv"))
	two := refDesign{IDs: []string{"id1", "id2"}, FPC: []string{"n1", "n2"}}
	d, err := estimate.Compile(two.sample(p.t, tab))
	if err != nil {
		p.t.Fatal(err)
	}
	p.pair(d.Total(tab.number(p.t, "y1")))
}

func cardiacArrest(p *printer, _ published, data string) {
	tab := readTable(p.t, filepath.Join(data, "scd.csv"))
	tab.column["one"] = slices.Repeat([]string{"1"}, tab.n)
	d := design(p.t, tab, "ambulance", "ESA", "one", "")
	r, err := d.Ratio(tab.number(p.t, "alive"), tab.number(p.t, "arrests"))
	p.add(must(p.t, r, err).At(0).Value)
}

func tenFirms(p *printer, c published, _ string) {
	tab := inline(p.t, c.Data)
	y := tab.number(p.t, "y")
	for i, weights := range []string{"srs", "pps", "pps"} {
		d := design(p.t, tab, "", "", weights, "")
		of, effect := d.Mean, d.Effect
		if i == 2 {
			of, effect = d.Total, d.TotalEffect
		}
		r, err := of(y)
		must(p.t, r, err)
		e, err := effect(y, d.Everyone())
		if err != nil {
			p.t.Fatal(err)
		}
		against := e.Deff
		if i > 0 {
			against = e.Replace
		}
		p.add(r.At(0).Value, r.SE(0), against)
	}
}

func discoveries(p *printer, c published, _ string) {
	var data struct{ P []float64 }
	if err := json.Unmarshal(c.Data, &data); err != nil {
		p.t.Fatal(err)
	}
	for _, adjusted := range [][]float64{estimate.BenjaminiHochberg(data.P), family.Bonferroni(data.P)} {
		claims := 0.0
		for _, v := range adjusted {
			if v <= 0.05 {
				claims++
			}
		}
		p.add(claims)
	}
}
