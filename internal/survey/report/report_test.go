package report

import (
	"math"
	"strings"
	"testing"

	"adili/estimate"
	"adili/form"
	"adili/instrument"
	"adili/internal/survey"
	"adili/internal/survey/report/reporttest"
)

// invented makes rounds with the bundled questionnaires.
var invented = reporttest.Maker{Official: instrument.Official(), Private: instrument.Private()}

func mustMake(t *testing.T, c *survey.Closed) *Report {
	t.Helper()
	r, err := Make(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tiny is an instrument with two items of factor 1, one of them reversed.
const tiny = `{"format":"adili-instrument/1","id":"tiny","version":"1","population":"official","title":{"en":"T"},
"languages":{"en":"draft"},"scales":{"agree":{"points":[{"en":"1"},{"en":"2"},{"en":"3"},{"en":"4"},{"en":"5"}]}},
"missing":{"dont_know":{"en":"?"},"prefer_not":{"en":"-"},"not_applicable":{"en":"n"}},
"pages":[{"id":"p1","title":{"en":"P"},"items":[
{"id":"up","type":"agreement","role":"perception","factor":1,"text":{"en":"Up"},"scale":"agree","reverse":false,"missing":["dont_know"],"sensitivity":"none","action":"a"},
{"id":"down","type":"agreement","role":"perception","factor":1,"text":{"en":"Down"},"scale":"agree","reverse":true,"missing":["dont_know"],"sensitivity":"none","action":"a"},
{"id":"sex","type":"single","role":"profile","text":{"en":"S"},"choices":[{"id":"aa","label":{"en":"A"}},{"id":"bb","label":{"en":"B"}},{"id":"cc","label":{"en":"C"}}],"missing":[],"sensitivity":"personal","action":"a"}]}]}`

func tinyGroup(t *testing.T, strata []survey.Stratum, rows ...[3]int) survey.Group {
	t.Helper()
	q, err := form.Read([]byte(tiny))
	if err != nil {
		t.Fatal(err)
	}
	g := survey.Group{Kind: form.Official, Selection: survey.Everyone, Questionnaire: q, Strata: strata, Invited: map[int]int{}}
	for _, r := range rows {
		g.Responses = append(g.Responses, survey.Response{Stratum: r[0], Answers: form.Answers{
			"up": {Code: form.Code(r[1])}, "down": {Code: form.Code(r[2])}}})
	}
	return g
}

func repeat(n int, row [3]int) [][3]int {
	list := make([][3]int, n)
	for i := range list {
		list[i] = row
	}
	return list
}

// TestByHand: stratum 1 has 60 people, 10 answer, 5 with score 10 and 5 with
// score 5; stratum 2 has 40 people, 20 answer, 10 with score 5 and 10 with 0.
// Mean 0.6·7.5 + 0.4·2.5 = 5.5. s² is 62.5/9 and 125/19;
// V = 0.36·(5/6)·(62.5/9)/10 + 0.16·(1/2)·(125/19)/20 = 0.23465.
func TestByHand(t *testing.T) {
	strata := []survey.Stratum{{Number: 1, Label: "A", People: 60}, {Number: 2, Label: "B", People: 40}}
	var rows [][3]int
	rows = append(rows, repeat(5, [3]int{1, 5, 1})...)
	rows = append(rows, repeat(5, [3]int{1, 5, 5})...)
	rows = append(rows, repeat(10, [3]int{2, 3, 3})...)
	rows = append(rows, repeat(10, [3]int{2, 1, 254})...)
	r := mustMake(t, &survey.Closed{Groups: []survey.Group{tinyGroup(t, strata, rows...)}})
	g := r.Groups[0]
	half := estimate.Quantile(0.975, 28) * math.Sqrt(0.36*5/6*62.5/9/10+0.16*0.5*125/19/20)
	want := Score{N: Count{N: 30}, Items: 2, Value: 5.5, Interval: true, Lower: math.Round((5.5-half)*10) / 10, Upper: math.Round((5.5+half)*10) / 10}
	if g.Factors[0] != want {
		t.Errorf("factor 1 is %+v, want %+v", g.Factors[0], want)
	}
	if g.Factors[1].Absent != NotAsked {
		t.Errorf("factor 2 is %+v, want not asked", g.Factors[1])
	}
	// down: valid for 20 people only, so three categories: 5 people of weight 6
	// disagree, 10 of weight 2 neither, 5 of weight 6 agree.
	down := g.Items[1]
	if down.N.N != 20 || len(down.Shares) != 3 || down.Missing.DontKnow.N != 10 {
		t.Fatalf("down is %+v", down)
	}
	for k, want := range []float64{0.38, 0.25, 0.38} {
		if got := down.Shares[k].Value; math.Abs(got-want) > 1e-9 {
			t.Errorf("down, category %d: %v, want %v", k, got, want)
		}
	}
	if g.Total.People != 100 || g.Total.Answers.N != 30 || g.Strata[1].Coverage != 0.5 {
		t.Errorf("response is %+v, %+v", g.Strata, g.Total)
	}
	if r.Gaps.Why != OnePopulation {
		t.Errorf("gaps of one population: %v", r.Gaps.Why)
	}
}

// plainDesign is the design of persons by stratum, written out once more.
func plainDesign(t *testing.T, g survey.Group) *estimate.Design {
	t.Helper()
	n := map[int]float64{}
	for _, p := range g.Responses {
		n[p.Stratum]++
	}
	s := estimate.Sample{Stages: []estimate.Stage{{}}}
	for _, p := range g.Responses {
		st := g.Strata[p.Stratum-g.Strata[0].Number]
		s.Weight = append(s.Weight, float64(st.People)/n[p.Stratum])
		s.Stages[0].Stratum = append(s.Stages[0].Stratum, st.Label)
		s.Stages[0].Population = append(s.Stages[0].Population, float64(st.People))
	}
	d, err := estimate.Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAgainstEstimate compares each factor score and gap with package estimate.
func TestAgainstEstimate(t *testing.T) {
	c := invented.Closed(1)
	for i := range c.Groups { // nothing is known but the strata
		c.Groups[i].Plan.Offices = nil
	}
	r := mustMake(t, c)
	terms := map[form.Population][Factors]estimate.Term{}
	shared := map[string]bool{}
	for _, id := range form.Matched(c.Groups[0].Questionnaire, c.Groups[1].Questionnaire) {
		shared[id] = true
	}
	for gi, g := range c.Groups {
		d := plainDesign(t, g)
		var own [Factors]estimate.Term
		for f := 1; f <= Factors; f++ {
			all, err := d.Mean((&sample{of: &c.Groups[gi], answers: columns(&c.Groups[gi])}).persons(scoring(g.Questionnaire, f, nil)))
			if err != nil {
				t.Fatal(err)
			}
			got := r.Groups[gi].Factors[f-1]
			if limits := all.Interval(0, 0.95); math.Abs(got.Value-all.At(0).Value) > 0.0501 || math.Abs(got.Lower-limits.Lower) > 0.0501 || math.Abs(got.Upper-limits.Upper) > 0.0501 {
				t.Errorf("%s factor %d: %+v, want %v in %v", g.Kind, f, got, all.At(0).Value, limits)
			}
			match, err := d.Mean((&sample{of: &c.Groups[gi], answers: columns(&c.Groups[gi])}).persons(scoring(g.Questionnaire, f, shared)))
			if err != nil {
				t.Fatal(err)
			}
			own[f-1] = match.Term(1, 0)
		}
		terms[g.Kind] = own
	}
	p := make([]float64, Factors)
	for f := range Factors {
		b := terms[form.Private][f]
		b.Coef = -1
		gap := estimate.Independent(terms[form.Official][f], b)
		p[f] = gap.P()
		if got := r.Gaps.Rows[f]; math.Abs(got.Value-gap.Value) > 0.0501 || got.Items == 0 {
			t.Errorf("gap %d is %+v, want %v", f+1, got, gap)
		}
	}
	some := 0
	for f, adjusted := range estimate.Holm(p) {
		if got := r.Gaps.Rows[f].Distinguishable; got != (adjusted < 0.05) {
			t.Errorf("gap %d: distinguishable %v at adjusted p %v", f+1, got, adjusted)
		}
		if adjusted < 0.05 {
			some++
		}
	}
	if some == 0 || some == Factors || r.Gaps.Family != Factors {
		t.Logf("%d of %d gaps distinguishable", some, r.Gaps.Family)
	}
}

func TestOddStrata(t *testing.T) {
	tests := []struct {
		name           string
		how            survey.Selection
		strata         []reporttest.Stratum
		cells, varying string // strata as joined for weights and for the variance
		enough         bool
	}{
		{"nobody", survey.Everyone, []reporttest.Stratum{{Label: "A", People: 60, Answers: 0}, {Label: "B", People: 70, Answers: 0}}, "", "", false},
		{"one person", survey.Everyone, []reporttest.Stratum{{Label: "A", People: 60, Answers: 1}}, "A", "A", false},
		{"an empty stratum", survey.Everyone, []reporttest.Stratum{{Label: "A", People: 60, Answers: 0}, {Label: "B", People: 70, Answers: 40}}, "B", "B", true},
		{"a lonely one first", survey.Listed, []reporttest.Stratum{{Label: "A", People: 60, Answers: 1}, {Label: "B", People: 70, Answers: 40}}, "AB", "AB", true},
		{"a lonely one last", survey.Listed, []reporttest.Stratum{{Label: "A", People: 60, Answers: 40}, {Label: "B", People: 70, Answers: 1}}, "AB", "AB", true},
		{"more answers than people", survey.Everyone, []reporttest.Stratum{{Label: "A", People: 20, Answers: 40}}, "A", "A", true},
		{"offices", survey.Clusters, []reporttest.Stratum{{Label: "A", People: 600, Answers: 40}, {Label: "B", People: 700, Answers: 60}}, "A B", "A B", true},
		{"a lonely office", survey.Clusters, []reporttest.Stratum{{Label: "A", People: 600, Answers: 1}, {Label: "B", People: 700, Answers: 60}}, "AB", "AB", true},
		{"sites", survey.Sites, []reporttest.Stratum{{Label: "A", People: 60, Answers: 40}, {Label: "B", People: 70, Answers: 0}}, "A", "A", true},
		{"quota", survey.Quota, []reporttest.Stratum{{Label: "A", People: 60, Answers: 40}}, "A", "A", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := invented.Group(3, form.Official, tt.how, tt.strata...)
			g.Plan.Breakdown = survey.BreakdownStratum
			got := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
			weighing := (&sample{of: &g}).cells("office_group")
			varying := join(weighing, func(c *cell) int { return len(c.units) })
			if labels(weighing) != tt.cells || tt.how == survey.Clusters && labels(varying) != tt.varying || got.Enough() != tt.enough {
				t.Errorf("cells %q, varying %q, enough %v", labels(weighing), labels(varying), got.Enough())
			}
			if tt.enough && !got.Factors[0].Interval {
				t.Errorf("factor 1 has no interval: %+v", got.Factors[0])
			}
		})
	}
}

// labels are the strata of each cell, run together where they are joined.
func labels(cells []*cell) string {
	var list []string
	for _, c := range cells {
		name := ""
		for _, st := range c.strata {
			name += st.Label
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// TestOneOfficeIsJoined: stratum A has answers of a single office group, which
// shows no spread between offices; for the weights it stands alone.
func TestOneOfficeIsJoined(t *testing.T) {
	g := invented.Group(3, form.Official, survey.Clusters, reporttest.Stratum{Label: "A", People: 600, Answers: 30}, reporttest.Stratum{Label: "B", People: 700, Answers: 60})
	for _, r := range g.Responses {
		if r.Stratum == g.Strata[0].Number {
			r.Answers["office_group"] = form.Answer{Code: 1}
		}
	}
	weighing := (&sample{of: &g}).cells("office_group")
	varying := join(weighing, func(c *cell) int { return len(c.units) })
	if labels(weighing) != "A B" || labels(varying) != "AB" {
		t.Errorf("cells %q, varying %q", labels(weighing), labels(varying))
	}
}

func TestSitesAndReach(t *testing.T) {
	g := invented.Group(3, form.Official, survey.Sites, reporttest.Stratum{Label: "A", People: 90, Answers: 40}, reporttest.Stratum{Label: "B", People: 70, Answers: 30}, reporttest.Stratum{Label: "C", People: 70})
	g.Strata[0].Values = []string{"a1", "a2", "a3"}
	g.Strata[1].Values = []string{"b1"}
	if got := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]; got.Sites != 5 || got.Partly() || !got.Few {
		t.Errorf("%d sites, partly %v, few %v", got.Sites, got.Partly(), got.Few)
	}
	g.Selection = survey.Everyone
	g.Invited = map[int]int{g.Strata[0].Number: 100, g.Strata[1].Number: 15}
	if got := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]; got.Reached != 105 || !got.Partly() || got.Sites != 0 {
		t.Errorf("reached %d, partly %v, %d sites", got.Reached, got.Partly(), got.Sites)
	}
}

func TestOpinionsTogether(t *testing.T) {
	c := invented.Closed(1)
	c.Groups = append(c.Groups, invented.Opened(8, form.Official, 50))
	r, err := Make(c, map[Question]int{{form.Official, "open_change"}: 41})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Groups[0].Opinions; len(got) == 0 || !got[0].Together {
		t.Errorf("of both links: %+v", got)
	}
	if got := r.Groups[1].Opinions; len(got) == 0 || got[0].Together {
		t.Errorf("of those invited: %+v", got)
	}
	if got := r.Groups[2].Opinions; got != nil {
		t.Errorf("counted twice: %+v", got)
	}
}

func TestBreakdownByNothing(t *testing.T) {
	c := invented.Closed(1)
	c.Groups[0].Plan.Breakdown = "no_such_item"
	c.Groups[1].Plan.Breakdown = ""
	r := mustMake(t, c)
	if !r.Groups[0].NoItem || r.Groups[0].Breakdown != nil || r.Groups[1].NoItem {
		t.Errorf("told of %v and %v", r.Groups[0].NoItem, r.Groups[1].NoItem)
	}
}

func TestClustersWidenIntervals(t *testing.T) {
	g := invented.Group(5, form.Official, survey.Clusters, reporttest.Stratum{Label: "A", People: 5000, Answers: 200})
	for i, r := range g.Responses { // offices that think alike
		o := i % 8
		r.Answers["office_group"] = form.Answer{Code: form.Code(o + 1)}
		r.Answers["lead_priority"] = form.Answer{Code: form.Code(1 + o%5)}
		r.Answers["lead_example"] = form.Answer{Code: form.Code(1 + o%5)}
	}
	a := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
	g.Selection = survey.Listed
	b := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
	if wide, narrow := a.Factors[0].Upper-a.Factors[0].Lower, b.Factors[0].Upper-b.Factors[0].Lower; wide < 1.5*narrow {
		t.Errorf("interval %v wide with offices, %v with persons", wide, narrow)
	}
	if a.Design.DF != 7 || !a.Design.Offices || a.Design.Finite {
		t.Errorf("design is %+v", a.Design)
	}
}

func TestNoGap(t *testing.T) {
	tests := []struct {
		how     survey.Selection
		answers int
		want    NoGap
	}{{survey.Listed, 40, Compared}, {survey.Sites, 40, Compared}, {survey.Quota, 40, NotByChance}, {survey.OpenLink, 40, NotByChance}, {survey.Listed, 9, GroupTooSmall}}
	for _, tt := range tests {
		c := invented.Closed(1)
		c.Groups[1] = invented.Group(9, form.Private, tt.how, reporttest.Stratum{Label: "A", People: 90, Answers: tt.answers})
		if got := mustMake(t, c).Gaps.Why; got != tt.want {
			t.Errorf("%s, %d answers: %v, want %v", tt.how, tt.answers, got, tt.want)
		}
	}
}

func TestOpenLinkApart(t *testing.T) {
	c := invented.Closed(1)
	before := mustMake(t, c)
	c.Groups = append(c.Groups, invented.Opened(8, form.Private, 50))
	after := mustMake(t, c)
	if after.Groups[1].Factors[0] != before.Groups[1].Factors[0] || after.Gaps.Rows[0] != before.Gaps.Rows[0] {
		t.Error("answers by open link changed the invited group")
	}
	if got := after.Groups[2]; got.Total.Answers.N != 50 || got.Design.Weighted || len(got.Strata) != 0 {
		t.Errorf("open link is %+v", got.Design)
	}
}
