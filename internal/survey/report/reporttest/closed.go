// Package reporttest makes an invented closed round for tests of the report:
// questionnaires answered by people drawn from a seeded generator.
package reporttest

import (
	"fmt"
	"math/rand/v2"

	"adili/form"
	"adili/internal/survey"
)

// Maker makes rounds with the questionnaires of the two populations, given as
// files.
type Maker struct{ Official, Private []byte }

// Stratum says how many people of a collection stratum are in the frame and
// how many answered.
type Stratum struct {
	Label           string
	People, Answers int
}

// Strata of the usual round: 300 officials and 80 private sector answers.
var (
	officials = []Stratum{{"Headquarters", 180, 60}, {"Northern ports", 212, 90}, {"Airports", 150, 70}, {"Land borders", 130, 48}, {"Inland", 90, 32}}
	private   = []Stratum{{"Importers and exporters", 400, 40}, {"Brokers", 120, 28}, {"Carriers", 80, 12}}
)

// Closed is the usual round: everybody invited among officials, private sector
// drawn from a list. The same seed gives the same answers.
func (m Maker) Closed(seed uint64) *survey.Closed {
	c := &survey.Closed{Round: survey.Round{
		ID: "round_1", Name: "Integrity survey", Iteration: 2, State: survey.ClosedState,
		RoundDetail: survey.RoundDetail{Zone: "UTC", Opens: "2026-09-01", Closes: "2026-09-30", Invented: true},
	}}
	c.Groups = []survey.Group{
		m.Group(seed, form.Official, survey.Everyone, officials...),
		m.Group(seed+1, form.Private, survey.Listed, private...),
	}
	c.Groups[0].Plan.Breakdown = "post_kind"
	c.Groups[1].Plan.Breakdown = survey.BreakdownStratum
	return c
}

// Opened adds the open link of a population, with so many answers.
func (m Maker) Opened(seed uint64, kind form.Population, answers int) survey.Group {
	g := m.Group(seed, kind, survey.OpenLink, Stratum{Answers: answers})
	g.Open = true
	g.Plan.OpenLink = true
	g.Strata[0].Number = survey.OpenStratum(kind)
	for i := range g.Responses {
		g.Responses[i].Stratum = g.Strata[0].Number
	}
	return g
}

// Group is a population with its answers.
func (m Maker) Group(seed uint64, kind form.Population, how survey.Selection, strata ...Stratum) survey.Group {
	text, first := m.Official, 1
	if kind == form.Private {
		text, first = m.Private, 101
	}
	q, err := form.Read(text)
	if err != nil {
		panic(err) // a test that brings a broken questionnaire
	}
	g := survey.Group{Kind: kind, Selection: how, Invited: map[int]int{}}
	g.Plan.Selection = how
	for i := range 8 {
		g.Plan.Offices = append(g.Plan.Offices, survey.Office{ID: fmt.Sprintf("o%d", i), Label: fmt.Sprintf("Office group %d", i+1), People: 40, Drawn: true})
	}
	g.Questionnaire = q.Paged().WithOffices(g.Plan.OfficeChoices())
	r := rand.New(rand.NewPCG(seed, 7))
	for i, s := range strata {
		st := survey.Stratum{Number: first + i, Label: s.Label, People: s.People}
		g.Strata = append(g.Strata, st)
		g.Invited[st.Number] = s.People
		for range s.Answers {
			g.Responses = append(g.Responses, survey.Response{Stratum: st.Number, Answers: answer(r, g.Questionnaire, kind)})
		}
	}
	g.Plan.Strata = g.Strata
	return g
}

// answer is one person's answers, as they come back from storage.
func answer(r *rand.Rand, q *form.Questionnaire, kind form.Population) form.Answers {
	lean := r.NormFloat64() * 0.6
	if kind == form.Private {
		lean -= 0.5
	}
	a := form.Answers{}
	for k, it := range q.Items() {
		if it.Kind == form.OpenAnswer || !it.Kind.Answered() || !q.Asked(it, a) || r.Float64() < 0.02 {
			continue
		}
		if len(it.Missing) > 0 && r.Float64() < 0.07 {
			a[it.ID] = form.Answer{Code: it.Missing[r.IntN(len(it.Missing))]}
			continue
		}
		switch it.Kind {
		case form.Agreement:
			x := 3.2 + lean + 0.9*r.NormFloat64() + 0.25*float64(k%5-2)
			if it.Reverse {
				x = 6 - x
			}
			a[it.ID] = form.Answer{Code: form.Code(min(5, max(1, int(x+0.5))))}
		case form.Multi:
			set := uint64(1 << r.IntN(len(it.Choices)-1))
			set |= uint64(1 << r.IntN(len(it.Choices)-1))
			a[it.ID] = form.Answer{Code: 1, Set: set}
		case form.Integer, form.Decimal, form.Range, form.Date:
			a[it.ID] = form.Answer{Code: 1, Number: float64(r.IntN(40))}
		case form.Acknowledge:
			a[it.ID] = form.Answer{Code: 1}
		default:
			x := int(r.ExpFloat64() * float64(len(it.Choices)) / 2.5)
			a[it.ID] = form.Answer{Code: form.Code(1 + min(x, len(it.Choices)-1))}
		}
	}
	stored, err := q.Unpack(q.Pack(a))
	if err != nil {
		panic(err) // what Pack wrote can be read
	}
	return stored
}
