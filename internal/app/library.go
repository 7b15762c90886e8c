package app

import (
	"context"

	"adili/form"
	"adili/internal/kernel/people"
	questionnaireui "adili/internal/questionnaire/ui"
	"adili/internal/survey"
)

// planning lets the library hand its versions to rounds: the two rooms do not
// know each other.
type planning struct{ survey *survey.Service }

func (p planning) Planned(ctx context.Context, by people.Person) ([]questionnaireui.Asking, error) {
	rounds, err := p.survey.Rounds(ctx, by)
	if err != nil {
		return nil, err
	}
	var all []questionnaireui.Asking
	for _, r := range rounds {
		if r.State != survey.DraftState || r.Pilot() {
			continue
		}
		_, populations, err := p.survey.Round(ctx, by, r.ID)
		if err != nil {
			return nil, err
		}
		for _, one := range populations {
			all = append(all, questionnaireui.Asking{Round: r.ID, Name: r.Name, Population: string(one.Kind)})
		}
	}
	return all, nil
}

func (p planning) Ask(ctx context.Context, by people.Person, where questionnaireui.Asking, name string, text []byte) error {
	return p.survey.SaveInstrument(ctx, by, where.Round, form.Population(where.Population), name, text)
}
