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
	for seed := range uint64(30) {
		strata := []reporttest.Stratum{{Label: "A", People: 90, Answers: int(seed % 13)}, {Label: "B", People: 90, Answers: int(seed * 7 % 23)}, {Label: "C", People: 90, Answers: int(seed * 5 % 37)}, {Label: "D", People: 90, Answers: 30}}
		g := invented.Group(seed, form.Official, survey.Everyone, strata...)
		g.Plan.Breakdown = "years_service"
		out := mustMake(t, &survey.Closed{Groups: []survey.Group{g}}).Groups[0]
		hidden := 0
		for i, s := range out.Strata {
			if s.Answers.Shown() && strata[i].Answers > 0 && strata[i].Answers < disclosure.MinGroup {
				t.Errorf("seed %d: %d answers of %s shown", seed, strata[i].Answers, s.Label)
			}
			if !s.Answers.Shown() {
				hidden += strata[i].Answers
			}
		}
		if hidden > 0 && hidden < disclosure.MinGroup {
			t.Errorf("seed %d: %d answers can be worked out", seed, hidden)
		}
		checkParts(t, seed, &g, out)
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
		scores := persons(g, scoring(g.Questionnaire, f+1, nil))
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
			}
		}
		if hidden > 0 && hidden < disclosure.MinGroup {
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
