package report

import (
	"testing"

	"adili/form"
	"adili/instrument"
	"adili/internal/survey"
	"adili/internal/survey/report/reporttest"
)

// Of numbers, dates, ticks and notes the report has no tables; what stands
// beside them is reported as ever.
func TestOtherKindsAreLeftOut(t *testing.T) {
	q, err := form.Read(instrument.Official())
	if err != nil {
		t.Fatal(err)
	}
	words := form.Text{"en": "?"}
	q.Pages[1].Items = append(q.Pages[1].Items,
		form.Item{ID: "visits", Kind: form.Integer, Role: form.Experience, Text: words},
		form.Item{ID: "day", Kind: form.Date, Text: words},
		form.Item{ID: "seen", Kind: form.Acknowledge, Text: words},
		form.Item{ID: "thanks", Kind: form.Note, Text: words})
	maker := reporttest.Maker{Official: form.Write(q), Private: instrument.Private()}
	everyone := reporttest.Stratum{Label: "A", People: 600, Answers: 80}
	got := mustMake(t, &survey.Closed{Groups: []survey.Group{maker.Group(3, form.Official, survey.Everyone, everyone)}}).Groups[0]
	want := mustMake(t, &survey.Closed{Groups: []survey.Group{invented.Group(3, form.Official, survey.Everyone, everyone)}}).Groups[0]
	if len(got.Items) != len(want.Items) || len(got.Choices) != len(want.Choices) {
		t.Errorf("%d statements and %d questions, want %d and %d", len(got.Items), len(got.Choices), len(want.Items), len(want.Choices))
	}
}
