package demo

import (
	"math"
	"slices"
	"strconv"
	"testing"

	"adili/form"
	"adili/instrument"

	"adili/internal/survey/planner"
	"github.com/google/go-cmp/cmp"
)

// bundled reads a bundled questionnaire with the offices of the demonstration.
func bundled(t *testing.T, kind form.Population) *form.Questionnaire {
	t.Helper()
	data := instrument.Official()
	if kind == form.Private {
		data = instrument.Private()
	}
	q, err := form.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	var groups []form.Choice
	for _, o := range offices(kind) {
		groups = append(groups, form.Choice{ID: o.ID, Label: form.Text{"en": o.Label}})
	}
	return q.WithOffices(groups)
}

func TestDrawIsTheSameForASeed(t *testing.T) {
	for _, kind := range kinds() {
		q := bundled(t, kind)
		one := Draw(q, 2, 60, 7)
		if diff := cmp.Diff(one, Draw(q, 2, 60, 7)); diff != "" {
			t.Errorf("%s: the same seed drew others (-first +second):\n%s", kind, diff)
		}
		if cmp.Equal(one, Draw(q, 2, 60, 8)) || cmp.Equal(one, Draw(q, 1, 60, 7)) {
			t.Errorf("%s: another seed or round drew the same", kind)
		}
	}
}

// scoresOf are the mean scores, 0 to 10, of the factors.
func scoresOf(q *form.Questionnaire, drawn []Respondent) [11]float64 {
	var sum, n [11]float64
	for _, r := range drawn {
		for _, it := range q.Items() {
			point, err := strconv.Atoi(first(r.Values[it.ID]))
			if it.Kind != form.Agreement || err != nil {
				continue
			}
			if it.Reverse {
				point = 6 - point
			}
			sum[it.Factor] += 2.5 * float64(point-1)
			n[it.Factor]++
		}
	}
	var mean [11]float64
	for f := range mean {
		mean[f] = sum[f] / n[f]
	}
	return mean
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

func TestScoresComeOutAsMeant(t *testing.T) {
	for _, kind := range kinds() {
		q := bundled(t, kind)
		for iteration := 1; iteration <= 3; iteration++ {
			mean := scoresOf(q, Draw(q, iteration, 3000, Seed))
			for factor := 1; factor <= 10; factor++ {
				if want := target(kind, iteration, factor); math.Abs(mean[factor]-want) > 0.35 {
					t.Errorf("%s, round %d, factor %d: score %.2f, meant %.2f", kind, iteration, factor, mean[factor], want)
				}
			}
		}
	}
}

func TestSharesComeOutAsMeant(t *testing.T) {
	q := bundled(t, form.Private)
	drawn := Draw(q, 1, 4000, Seed)
	count := map[string]map[string]float64{}
	for _, r := range drawn {
		for id, values := range r.Values {
			if count[id] == nil {
				count[id] = map[string]float64{}
			}
			for _, v := range values {
				count[id][v] += 1 / float64(len(drawn))
			}
		}
	}
	for _, test := range []struct {
		item, value string
		low, high   float64
	}{
		{"bribe_asked_12m", "yes", 0.07, 0.13},
		{"bribe_paid_12m", "yes", 0.03, 0.10},
		{"contact_12m", "yes", 0.78, 0.88},
		{"role", "importer", 0.5, 0.6},
		{"lead_example", "dont_know", 0.03, 0.06},
		{"trans_appeal", "dont_know", 0.06, 0.11},
	} {
		if got := count[test.item][test.value]; got < test.low || got > test.high {
			t.Errorf("%s = %s: share %.3f, meant %.2f to %.2f", test.item, test.value, got, test.low, test.high)
		}
	}
	skipped := 0.0
	for _, it := range q.Items() {
		if it.Kind != form.Agreement {
			continue
		}
		given := 0.0
		for _, part := range count[it.ID] {
			given += part
		}
		skipped += 1 - given
	}
	if skipped == 0 {
		t.Error("nobody skips a question")
	}
}

func TestAnswersAreAccepted(t *testing.T) {
	for _, kind := range kinds() {
		q := bundled(t, kind)
		for i, r := range Draw(q, 1, 200, 3) {
			answers := form.Answers{}
			for page := range q.Pages {
				values := map[string][]string{}
				for _, it := range q.AskedOn(page, answers) {
					if given := r.Values[it.ID]; len(given) > 0 {
						values[it.ID] = given
					}
				}
				next, err := q.Accept(page, answers, values)
				if err != nil {
					t.Fatalf("%s, person %d: %v", kind, i, err)
				}
				answers = next
			}
		}
	}
}

func TestFrames(t *testing.T) {
	for kind, want := range map[form.Population]int{form.Official: 1150, form.Private: 600} {
		f := frame(kind)
		if f.People() != want {
			t.Errorf("%s: %d people in the frame, want %d", kind, f.People(), want)
		}
		if rare, _ := planner.Combinations(f); len(rare) > 0 {
			t.Errorf("%s: small combinations %v", kind, rare)
		}
		sum := 0
		for _, o := range offices(kind) {
			sum += o.People
		}
		if sum != want {
			t.Errorf("%s: %d people in the offices, want %d", kind, sum, want)
		}
		var ids []string
		for _, s := range proportional(strataOf(kind), 100) {
			ids = append(ids, s.name)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
			t.Errorf("%s: strata %v", kind, ids)
		}
	}
}

func TestRemarksAreInEveryLanguage(t *testing.T) {
	for item, texts := range remarks {
		for _, lang := range languages {
			if len(texts[lang.value]) == 0 {
				t.Errorf("%s has no remark in %s", item, lang.value)
			}
		}
	}
}
