package report

import (
	"math"

	"adili/disclosure"
	"adili/form"
)

// items fills in the questions of a group.
func (s *sample) items(out *Group, shared map[string]bool) error {
	q := s.of.Questionnaire
	for _, it := range q.Items() {
		switch {
		case it.Role == form.Profile || it.Kind == form.OpenAnswer:
		case fivePoint(q, it):
			item, err := s.item(it)
			if err != nil {
				return err
			}
			item.Matched = shared[it.ID]
			out.Items = append(out.Items, item)
		default:
			choice, err := s.choice(asChoices(q, it))
			if err != nil {
				return err
			}
			out.Choices = append(out.Choices, choice)
		}
	}
	return nil
}

// asChoices turns an item on a scale of other than five points into choices;
// it enters no score.
func asChoices(q *form.Questionnaire, it form.Item) form.Item {
	if it.Kind == form.Agreement {
		for _, point := range q.Scales[it.Scale].Points {
			it.Choices = append(it.Choices, form.Choice{Label: point})
		}
	}
	return it
}

// tally counts valid and missing answers to an item.
func (s *sample) tally(it form.Item) (valid int, missing Missing) {
	n := map[form.Code]int{}
	for _, r := range s.of.Responses {
		code := r.Answers[it.ID].Code
		if code.Valid() {
			valid++
			continue
		}
		n[code]++
	}
	return valid, Missing{
		DontKnow: count(n[form.DontKnow], disclosure.MinGroup), PreferNot: count(n[form.PreferNot], disclosure.MinGroup),
		NotApplicable: count(n[form.NotApplicable], disclosure.MinGroup), Unanswered: count(n[form.Unanswered], disclosure.MinGroup),
	}
}

// least is the number of people an answer to the item must rest on.
func least(it form.Item) int {
	if it.Sensitivity == form.HighSensitive {
		return MinSensitive
	}
	return disclosure.MinGroup
}

func (s *sample) item(it form.Item) (Item, error) {
	valid, missing := s.tally(it)
	out := Item{Item: it, N: count(valid, least(it)), Missing: missing}
	if !out.N.Shown() {
		out.Absent = Hidden
		return out, nil
	}
	categories := []int{1, 2, 3, 4, 5}
	class := func(code int) int { return code }
	if disclosure.Categories(valid) == 3 {
		categories = categories[:3]
		class = third
	}
	codes := make([]int, len(s.of.Responses))
	for i, r := range s.of.Responses {
		if code := r.Answers[it.ID].Code; code.Valid() {
			codes[i] = class(int(code))
		}
	}
	r, err := s.design.Proportions(codes, categories, s.design.Everyone())
	if err != nil {
		return out, err
	}
	for i := range categories {
		out.Shares = append(out.Shares, share(r, i, s.deff))
	}
	return out, nil
}

// third joins the two points on either side of the middle one.
func third(point int) int {
	switch {
	case point < 3:
		return 1
	case point == 3:
		return 2
	}
	return 3
}

func (s *sample) choice(it form.Item) (Choice, error) {
	valid, missing := s.tally(it)
	out := Choice{Item: it, Least: least(it), N: count(valid, least(it)), Missing: missing}
	if !out.N.Shown() {
		out.Absent = Hidden
		return out, nil
	}
	for k := range it.Choices {
		y := make([]float64, len(s.of.Responses))
		for i, r := range s.of.Responses {
			a := r.Answers[it.ID]
			switch {
			case !a.Code.Valid():
				y[i] = math.NaN()
			case it.Kind == form.Multi && a.Set&(1<<k) != 0, it.Kind != form.Multi && int(a.Code) == k+1:
				y[i] = 1
			}
		}
		r, err := s.design.Proportion(y)
		if err != nil {
			return out, err
		}
		out.Shares = append(out.Shares, share(r, 0, s.deff))
	}
	return out, nil
}
