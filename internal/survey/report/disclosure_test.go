package report

import (
	"testing"

	"adili/disclosure"
	"adili/form"
	"adili/internal/survey"
	"adili/internal/survey/report/reporttest"
)

// TestSuppressionHolds looks at every table with a total over many rounds: what
// is hidden together is nobody or at least MinGroup people.
func TestSuppressionHolds(t *testing.T) {
	for seed := range uint64(39) {
		strata := []reporttest.Stratum{{Label: "A", People: 90, Answers: int(seed % 13)}, {Label: "B", People: 90, Answers: int(seed * 7 % 23)}, {Label: "C", People: 90, Answers: int(seed * 5 % 37)}, {Label: "D", People: 90, Answers: 30}}
		g := invented.Group(seed, form.Official, survey.Everyone, strata...)
		g.Plan.Breakdown = "years_service"
		out := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
		hidden, absent := 0, 0
		for i, s := range out.Strata {
			if s.Answers.Shown() && strata[i].Answers < disclosure.MinGroup {
				t.Errorf("seed %d: %d answers of %s shown", seed, strata[i].Answers, s.Label)
			}
			if !s.Answers.Shown() {
				hidden += strata[i].Answers
				absent++
			}
		}
		if absent == 1 || absent > 0 && hidden < disclosure.MinGroup {
			t.Errorf("seed %d: %d answers of %d strata can be worked out", seed, hidden, absent)
		}
		checkParts(t, seed, &g, out)
		g.Plan.Breakdown = survey.BreakdownStratum
		for i, row := range mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0].Breakdown.Rows {
			if row.N != out.Strata[i].Answers || row.Scores != nil && strata[i].Answers < disclosure.MinGroup {
				t.Errorf("seed %d: %s of the breakdown has %+v", seed, row.Label, row.N)
			}
		}
	}
}

// TestAttackOnStrata plays the reader who knows the rules: of all response
// tables of three strata that are published alike, where a hidden stratum has
// no answers in one it has some in others. (Package disclosure looks at other
// numbers than none.)
func TestAttackOnStrata(t *testing.T) {
	const most, k = 22, 3 // 22 is the last number shown as 20
	type seen struct{ min, max [k]int }
	published := map[[k + 1]Count]*seen{}
	g := &survey.Group{Strata: make([]survey.Stratum, k)}
	for i := range g.Strata {
		g.Strata[i] = survey.Stratum{Number: i, People: 60}
	}
	size := (most + 1) * (most + 1) * (most + 1)
	for table := range size {
		n := [k]int{table % (most + 1), table / (most + 1) % (most + 1), table / (most + 1) / (most + 1)}
		g.Responses = g.Responses[:0]
		for i, x := range n {
			for range x {
				g.Responses = append(g.Responses, survey.Response{Stratum: i})
			}
		}
		list, total := response(g)
		if !total.Answers.Shown() {
			continue
		}
		key := [k + 1]Count{total.Answers, list[0].Answers, list[1].Answers, list[2].Answers}
		if published[key] == nil {
			published[key] = &seen{n, n}
		}
		s := published[key]
		for i, x := range n {
			s.min[i], s.max[i] = min(s.min[i], x), max(s.max[i], x)
		}
	}
	for key, s := range published {
		for i := range k {
			if !key[i+1].Shown() && s.min[i] == 0 && s.max[i] < 3 {
				t.Errorf("published %v: stratum %d has %d to %d answers", key, i, s.min[i], s.max[i])
			}
			if key[i+1].Shown() && s.min[i] < disclosure.MinGroup {
				t.Errorf("published %v: %d answers", key, s.min[i])
			}
		}
	}
}

// checkParts looks at the rows of a breakdown and at each factor in it.
func checkParts(t *testing.T, seed uint64, g *survey.Group, out Group) {
	t.Helper()
	it := out.Breakdown.Item
	part := func(r survey.Response) int {
		if code := r.Answers[it.ID].Code; code.Valid() {
			return int(code) - 1
		}
		return len(it.Choices)
	}
	for f := range Factors {
		absent := 0
		scores := (&sample{of: g, answers: columns(g)}).persons(scoring(g.Questionnaire, f+1, nil))
		n := make([]int, len(out.Breakdown.Rows))
		for i, r := range g.Responses {
			if scores[i] == scores[i] {
				n[part(r)]++
			}
		}
		hidden := 0
		for i, row := range out.Breakdown.Rows {
			shown := row.Scores != nil && row.Scores[f].Absent == Present
			if shown && n[i] < disclosure.MinGroup {
				t.Errorf("seed %d, factor %d: score of %d people shown", seed, f+1, n[i])
			}
			if !shown {
				hidden += n[i]
				absent++
			}
		}
		if absent == 1 || absent > 0 && hidden < disclosure.MinGroup {
			t.Errorf("seed %d, factor %d: score of %d people can be worked out", seed, f+1, hidden)
		}
	}
}

func TestUnanimity(t *testing.T) {
	g := invented.Group(3, form.Official, survey.Everyone, reporttest.Stratum{Label: "A", People: 90, Answers: 40})
	for _, r := range g.Responses {
		for _, it := range g.Questionnaire.Items() {
			if it.Kind == form.Agreement {
				r.Answers[it.ID] = form.Answer{Code: 4}
			}
		}
	}
	out := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
	for f, s := range out.Factors {
		if s.Absent != Hidden {
			t.Errorf("factor %d is shown though all are alike: %+v", f+1, s)
		}
	}
	for _, it := range out.Items {
		for k, s := range it.Shares {
			if s.Exact || s.Interval {
				t.Errorf("%s, category %d tells what everybody said: %+v", it.ID, k, s)
			}
		}
	}
}

func TestEdges(t *testing.T) {
	strata := []survey.Stratum{{Number: 1, Label: "A", People: 60}}
	rows := append(repeat(29, [3]int{1, 5, 1}), [3]int{1, 4, 1})
	out := mustMake(t, &survey.Closed{Groups: []survey.Group{tinyGroup(t, strata, rows...)}}).Groups[0]
	if s := out.Factors[0]; s.Edge != High || s.Interval {
		t.Errorf("score near the end is %+v", s)
	}
}

func TestSensitiveNeedsTwenty(t *testing.T) {
	for answers, want := range map[int]Absence{20: Present, 19: Hidden, 9: Hidden} {
		g := invented.Group(3, form.Official, survey.Everyone, reporttest.Stratum{Label: "A", People: 90, Answers: 40})
		for i, r := range g.Responses {
			r.Answers["pressured_12m"] = form.Answer{Code: form.Code(1 + i%3)}
			if i >= answers {
				r.Answers["pressured_12m"] = form.Answer{Code: form.PreferNot}
			}
		}
		out := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
		for _, c := range out.Choices {
			if c.ID == "pressured_12m" && c.Absent != want {
				t.Errorf("%d answers: %v, want %v", answers, c.Absent, want)
			}
		}
	}
}

func TestExperienceBase(t *testing.T) {
	g := invented.Group(3, form.Private, survey.Everyone, reporttest.Stratum{Label: "A", People: 500, Answers: 200})
	base := 0
	for _, r := range g.Responses {
		if r.Answers["contact_12m"].Code == 1 && r.Answers["bribe_asked_12m"].Code.Valid() {
			base++
		}
	}
	out := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
	for _, c := range out.Choices {
		if c.ID == "bribe_asked_12m" && (c.N.N != disclosure.Count(base) || base >= 190) {
			t.Errorf("shares are of %d people, want those with contact, %d", c.N.N, base)
		}
	}
}
