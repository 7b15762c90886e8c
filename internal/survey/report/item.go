package report

import (
	"math"

	"adili/disclosure"
	"adili/form"
)

// items fills in the questions of a group.
func (s *sample) items(out *Group, shared map[string]bool) error {
	q := s.of.Questionnaire
	var points, choices []form.Item
	for _, it := range q.Items() {
		switch {
		case it.Role == form.Profile || it.Kind != form.Agreement && it.Kind != form.Single && it.Kind != form.Multi:
			// Of numbers, dates and open answers the tables say nothing.
		case fivePoint(q, it):
			points = append(points, it)
		default:
			choices = append(choices, asChoices(q, it))
		}
	}
	out.Items, out.Choices = make([]Item, len(points)), make([]Choice, len(choices))
	return each(len(points)+len(choices), func(i int) (err error) {
		if i < len(points) {
			out.Items[i], err = s.item(points[i])
			out.Items[i].Matched = shared[points[i].ID]
			return err
		}
		i -= len(points)
		out.Choices[i], err = s.choice(choices[i])
		return err
	})
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
	var n [256]int // by code
	for _, a := range s.answers[it.ID] {
		if a.Code.Valid() {
			valid++
			continue
		}
		n[a.Code]++
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
	for i, a := range s.answers[it.ID] {
		if a.Code.Valid() {
			codes[i] = class(int(a.Code))
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
		for i, a := range s.answers[it.ID] {
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
