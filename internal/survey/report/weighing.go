package report

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"adili/disclosure"
	"adili/estimate"
	"adili/estimate/weight"
	"adili/form"
	"adili/internal/survey"
)

// MinMargin is the number of respondents a category needs for the weights to be fitted to it.
const MinMargin = 30

// Weighing says what the weights were fitted to beside the collection strata.
type Weighing struct {
	Margins []Margin
	Apart   bool    // what is known contradicts itself, so that nothing was fitted
	Kish    float64 // by what unequal weights alone multiply a variance, to 0.1
}

// Margin is a distribution of the frame that the answers to a question were held against.
type Margin struct {
	Item    form.Item
	Merged  [][]int // choices joined because of too few respondents, by position
	Dropped bool    // fewer than two categories had enough
}

// known is a Margin with what raking needs: the choice of each respondent, -1 for none, and the people of each choice.
type known struct {
	Margin
	choice []int
	people []float64
}

// rake fits the base weights to what is known of the frame. It gives nil where that is no more than the strata.
func (s *sample) rake(base []float64, stratum []int) (*weight.Calibration, error) {
	var used []weight.Margin
	for _, k := range s.known() {
		m := weight.Margin{Name: k.Item.ID, Code: k.choice, Total: k.people}
		for i := range k.people {
			m.Labels = append(m.Labels, strconv.Itoa(i))
		}
		thin, done := weight.Thin(m, base, false, MinMargin)
		k.Dropped = done.Dropped
		for _, j := range done.Merged {
			from, err := positions(j.From)
			if err != nil {
				return nil, err
			}
			k.Merged = append(k.Merged, from)
		}
		s.weighing.Margins = append(s.weighing.Margins, k.Margin)
		if !k.Dropped {
			used = append(used, silent(thin, base))
		}
	}
	if len(used) == 0 {
		return nil, nil
	}
	c, err := weight.Rake(base, append(used, strataMargin(base, stratum)), weight.Options{})
	if _, apart := errors.AsType[*weight.NotConvergedError](err); apart {
		s.weighing.Apart = true
		return nil, nil
	}
	return c, err
}

func positions(labels []string) ([]int, error) {
	var list []int
	for _, l := range labels {
		n, err := strconv.Atoi(l)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

// silent gives those who did not say a category of their own, with the weight they have, and the rest of the people to the
// others.
func silent(m weight.Margin, base []float64) weight.Margin {
	var said, quiet []float64
	for i, c := range m.Code {
		if c < 0 {
			quiet = append(quiet, base[i])
		} else {
			said = append(said, base[i])
		}
	}
	scale := weight.Sum(said) / weight.Sum(m.Total)
	total := make([]float64, len(m.Total))
	for i, n := range m.Total {
		total[i] = n * scale
	}
	m.Total = total
	if len(quiet) == 0 {
		return m
	}
	code := make([]int, len(m.Code))
	for i, c := range m.Code {
		code[i] = c
		if c < 0 {
			code[i] = len(m.Labels)
		}
	}
	m.Code = code
	m.Labels = append(m.Labels[:len(m.Labels):len(m.Labels)], "-")
	m.Total = append(m.Total, weight.Sum(quiet))
	return m
}

// strataMargin keeps the strata at the people they have.
func strataMargin(base []float64, stratum []int) weight.Margin {
	m := weight.Margin{Name: "stratum", Code: make([]int, len(base))}
	place := map[int]int{}
	var sums [][]float64
	for i, st := range stratum {
		at, ok := place[st]
		if !ok {
			at = len(sums)
			place[st] = at
			sums = append(sums, nil)
			m.Labels = append(m.Labels, strconv.Itoa(st))
		}
		m.Code[i] = at
		sums[at] = append(sums[at], base[i])
	}
	for _, w := range sums {
		m.Total = append(m.Total, weight.Sum(w))
	}
	return m
}

// known lists the questions whose answers can be held against the frame: on the office group, unless offices were drawn, and
// those whose choices are the values of another dimension of the frame, in any language.
func (s *sample) known() []known {
	g := s.of
	var list []known
	for _, it := range g.Questionnaire.Items() {
		var people []float64
		switch {
		case it.Role != form.Profile || it.Kind != form.Single:
		case it.ChoicesFrom == form.OfficeGroups && g.Selection != survey.Clusters:
			people = offices(g.Plan.Offices, len(it.Choices))
		case it.ChoicesFrom == "":
			people = framed(it, g.Plan)
		}
		if people == nil {
			continue
		}
		k := known{Margin: Margin{Item: it}, people: people}
		for _, r := range g.Responses {
			choice := -1
			if code := r.Answers[it.ID].Code; code.Valid() && int(code) <= len(people) {
				choice = int(code) - 1
			}
			k.choice = append(k.choice, choice)
		}
		list = append(list, k)
	}
	return list
}

// offices are the people of each office group, nil if they are not known of all.
func offices(all []survey.Office, choices int) []float64 {
	if len(all) != choices {
		return nil
	}
	var people []float64
	for _, o := range all {
		if o.People <= 0 {
			return nil
		}
		people = append(people, float64(o.People))
	}
	return people
}

// framed are the people of each choice, nil unless every value of a dimension of the frame is one of the choices.
func framed(it form.Item, p survey.Plan) []float64 {
	for _, dimension := range p.Frame.Dimensions {
		if dimension == p.Stratify {
			continue
		}
		values, count := p.Frame.Values(dimension)
		people := make([]float64, len(it.Choices))
		found := 0
		for _, v := range values {
			for i, c := range it.Choices {
				if says(c.Label, v) {
					people[i] += float64(count[v])
					found++
					break
				}
			}
		}
		if found == len(values) && found > 1 {
			return people
		}
	}
	return nil
}

func says(t form.Text, value string) bool {
	for _, text := range t {
		if strings.EqualFold(strings.TrimSpace(text), strings.TrimSpace(value)) {
			return true
		}
	}
	return false
}

// plain is the mean score without weights, as it may be published beside the weighted one.
func plain(y []float64, items int) Score {
	sum, n := 0.0, 0
	for _, x := range y {
		if !math.IsNaN(x) {
			sum += x
			n++
		}
	}
	return placed(sum/float64(n), n, items, alike(y, everybody))
}

// kish is the effect of unequal weights, rounded as a score is.
func kish(weight []float64) float64 { return disclosure.Score(estimate.Kish(weight)) }
