// Package asking lets the library hand its versions to rounds: the two rooms do
// not know each other.
package asking

import (
	"context"

	"adili/form"
	"adili/internal/kernel/people"
	questionnaireui "adili/internal/questionnaire/ui"
	"adili/internal/survey"
)

// Rounds are those of the survey, for the pages of the library.
type Rounds struct{ Survey *survey.Service }

// Planned lists the populations of rounds that are still planned.
func (p Rounds) Planned(ctx context.Context, by people.Person) ([]questionnaireui.Asking, error) {
	rounds, err := p.Survey.Rounds(ctx, by)
	if err != nil {
		return nil, err
	}
	var all []questionnaireui.Asking
	for _, r := range rounds {
		if r.State != survey.DraftState || r.Pilot() {
			continue
		}
		_, populations, err := p.Survey.Round(ctx, by, r.ID)
		if err != nil {
			return nil, err
		}
		for _, one := range populations {
			all = append(all, questionnaireui.Asking{Round: r.ID, Name: r.Name, Population: string(one.Kind)})
		}
	}
	return all, nil
}

// Ask makes a version the questionnaire of a population.
func (p Rounds) Ask(ctx context.Context, by people.Person, where questionnaireui.Asking, name string, text []byte) error {
	return p.Survey.SaveInstrument(ctx, by, where.Round, form.Population(where.Population), name, text)
}
