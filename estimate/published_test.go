package estimate_test

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"adili/estimate"
)

// published is a case with figures printed in a book or a manual.
type published struct {
	ID     string
	Data   json.RawMessage
	Checks []struct {
		What      string
		Published []float64
		Tolerance float64
		RValue    []float64 `json:"r_value"`
	}
}

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
	var file struct{ Cases []published }
	readJSON(t, filepath.Join(folder, "expected", "published.json"), &file)
	run := map[string]func(*printer, published, string){
		"lehtonen_pahkinen_p74":  lehtonen,
		"levy_lemeshow_hospital": hospital,
		"sas_icecream":           iceCream,
		"sas_icecream_missing":   iceCreamMissing,
		"stata_fpc":              stataFPC,
		"api_documentation":      api,
		"levy_lemeshow_p106":     systematic,
	}
	seen := 0
	for _, c := range file.Cases {
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
					if i < 2 {
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
