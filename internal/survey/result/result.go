// Package result is what a closed round leaves: the plan and the answers.
package result

import (
	"fmt"

	"adili/form"
	"adili/internal/survey/paper"
	"adili/internal/survey/plan"
)

// Closed is what a closed round leaves: the plan and the answers, without any
// order and without any trace of who gave them.
type Closed struct {
	Round  plan.Round
	Groups []Group
}

// Group is a population reached in one way. Answers by open link are a group
// of their own.
type Group struct {
	Kind          form.Population
	Open          bool // by open link
	Selection     plan.Selection
	Plan          plan.Plan
	Questionnaire *form.Questionnaire // with the office groups filled in
	Strata        []plan.Stratum
	Invited       map[int]int // codes made, by stratum number; empty for an open link
	Responses     []Response
}

// Response is the closed answers of one person.
type Response struct {
	Stratum int // number of the collection stratum
	Answers form.Answers
}

// Read reads the records that closing left. made is how many codes there were,
// by stratum.
func Read(r plan.Round, populations []plan.Population, made map[int]int, data []byte) (*Closed, error) {
	questionnaires, err := plan.Questionnaires(populations)
	if err != nil {
		return nil, err
	}
	c := &Closed{Round: r, Groups: groups(populations, questionnaires, made)}
	size := paper.AnswerSize(questionnaires)
	for ; len(data) >= size; data = data[size:] {
		kind, stratum, answers, err := paper.UnpackAnswers(data[:size], questionnaires)
		if err != nil {
			return nil, err
		}
		open := stratum == plan.OpenStratum(kind)
		for i := range c.Groups {
			if g := &c.Groups[i]; g.Kind == kind && g.Open == open {
				g.Responses = append(g.Responses, Response{Stratum: stratum, Answers: answers})
			}
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(data))
	}
	return c, nil
}

// groups are the columns of the report without their answers: for each
// population those invited by code, then those who followed its open link.
func groups(populations []plan.Population, questionnaires map[form.Population]*form.Questionnaire, made map[int]int) []Group {
	var all []Group
	for _, p := range populations {
		if p.Plan.Coded() {
			g := Group{Kind: p.Kind, Selection: p.Plan.Selection, Plan: p.Plan, Questionnaire: questionnaires[p.Kind],
				Strata: p.Plan.Strata, Invited: map[int]int{}}
			for stratum, n := range made {
				if plan.StratumKind(stratum) == p.Kind {
					g.Invited[stratum] = n
				}
			}
			all = append(all, g)
		}
		if p.Plan.Linked() {
			all = append(all, Group{Kind: p.Kind, Open: true, Selection: plan.OpenLink, Plan: p.Plan, Questionnaire: questionnaires[p.Kind],
				Strata: []plan.Stratum{{Number: plan.OpenStratum(p.Kind)}}})
		}
	}
	return all
}
