package report

import (
	"testing"

	"adili/form"
	"adili/internal/survey"
	"adili/internal/survey/report/reporttest"
)

// BenchmarkMake makes the report of a round of 5,000 people in two populations.
func BenchmarkMake(b *testing.B) {
	official := invented.Group(1, form.Official, survey.Listed, reporttest.Stratum{Label: "A", People: 2000, Answers: 1200}, reporttest.Stratum{Label: "B", People: 2400, Answers: 1300})
	private := invented.Group(2, form.Private, survey.Listed, reporttest.Stratum{Label: "C", People: 9000, Answers: 1500}, reporttest.Stratum{Label: "D", People: 8000, Answers: 1000})
	official.Plan.Breakdown, private.Plan.Breakdown = survey.BreakdownStratum, survey.BreakdownStratum
	closed := &survey.Closed{Groups: []survey.Group{official, private}}
	for b.Loop() {
		if _, err := Make(closed, nil); err != nil {
			b.Fatal(err)
		}
	}
}
