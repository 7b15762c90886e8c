package survey

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strconv"

	"adili/form"
	"adili/instrument"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
)

// Defaults of a new population's plan.
const (
	defaultMargin       = 0.05
	defaultResponse     = 0.6
	defaultDesignEffect = 2.0
)

// CreateRound makes a round in draft with the bundled questionnaires.
func (s *Service) CreateRound(ctx context.Context, by people.Person, b Basics) (r Round, err error) {
	if err := may(by, people.RoundPlan); err != nil {
		return r, err
	}
	if err := b.Check(); err != nil {
		return r, err
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return r, err
	}
	r = Round{ID: id.New("r"), State: DraftState}
	r.Seed = binary.LittleEndian.Uint64(seed[:])
	r.Invented = s.mark
	b.Apply(&r)
	return r, s.db.Write(ctx, func(tx storage.Querier) error {
		if err := insertRound(ctx, tx, r); err != nil {
			return err
		}
		if err := s.keepPopulations(ctx, tx, r.ID, b.Populations); err != nil {
			return err
		}
		return s.note(ctx, tx, by, "round.create", r.ID, "name", r.Name, "iteration", strconv.Itoa(r.Iteration))
	})
}

// keepPopulations makes the round's populations be kinds, leaving the plans of
// those that stay.
func (s *Service) keepPopulations(ctx context.Context, tx storage.Querier, round string, kinds []form.Population) error {
	have, err := loadPopulations(ctx, tx, round)
	if err != nil {
		return err
	}
	for _, p := range have {
		if slices.Contains(kinds, p.Kind) {
			continue
		}
		if err := unfixed(&p); err != nil {
			return err
		}
		if err := deletePopulation(ctx, tx, round, p.Kind); err != nil {
			return err
		}
	}
	for _, kind := range kinds {
		if slices.ContainsFunc(have, func(p Population) bool { return p.Kind == kind }) {
			continue
		}
		p := Population{Kind: kind, Instrument: bundled(kind), Plan: Plan{
			Selection: Everyone, Margin: defaultMargin, Response: defaultResponse, DesignEffect: defaultDesignEffect, Breakdown: BreakdownStratum,
		}}
		if err := savePopulation(ctx, tx, round, p); err != nil {
			return err
		}
	}
	return nil
}

func bundled(kind form.Population) []byte {
	if kind == form.Private {
		return instrument.Private()
	}
	return instrument.Official()
}

// SaveBasics changes what CreateRound was given, while the round is a draft.
func (s *Service) SaveBasics(ctx context.Context, by people.Person, round string, b Basics) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	if err := b.Check(); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error {
		return s.db.Write(ctx, func(tx storage.Querier) error {
			r, err := loadRound(ctx, tx, round)
			if err != nil {
				return err
			}
			if r.State != DraftState || r.Pilot() {
				return errs.New(errs.Conflict, "survey.round.not_draft")
			}
			b.Apply(&r)
			if err := updateRound(ctx, tx, r); err != nil {
				return err
			}
			if err := s.keepPopulations(ctx, tx, round, b.Populations); err != nil {
				return err
			}
			return s.note(ctx, tx, by, "round.edit", round, "name", r.Name)
		})
	})
}

// DeleteRound removes a draft with the codes made for it and its trial.
func (s *Service) DeleteRound(ctx context.Context, by people.Person, round string) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error {
		if err := inDraft(ctx, s.db.Read(), round); err != nil {
			return err
		}
		if err := s.endPilot(ctx, by.Actor(), round); err != nil {
			return err
		}
		return s.db.Write(ctx, func(tx storage.Querier) error {
			if err := inDraft(ctx, tx, round); err != nil {
				return err
			}
			if err := deleteRound(ctx, tx, round); err != nil {
				return err
			}
			return s.note(ctx, tx, by, "round.delete", round)
		})
	})
}

// SaveFrame replaces the frame of a population. Merges and the stratifying
// dimension are kept as far as the new frame has them.
func (s *Service) SaveFrame(ctx context.Context, by people.Person, round string, kind form.Population, f Frame) error {
	return s.change(ctx, by, "round.frame", round, kind, func(_ storage.Querier, p *Population) error {
		if err := unfixed(p); err != nil {
			return err
		}
		p.Plan.Frame = f
		if !slices.Contains(f.Dimensions, p.Plan.Stratify) {
			p.Plan.Stratify, p.Plan.Merge = "", nil
			if len(f.Dimensions) > 0 {
				p.Plan.Stratify = f.Dimensions[0]
			}
		}
		return nil
	})
}

// Choices is what a manager decides about a population besides its frame.
type Choices struct {
	Selection    Selection
	Stratify     string
	Merge        map[string]string
	OpenLink     bool
	Margin       float64
	Response     float64
	DesignEffect float64
	Breakdown    string
}

// SaveChoices stores them.
func (s *Service) SaveChoices(ctx context.Context, by people.Person, round string, kind form.Population, c Choices) error {
	e := errs.New(errs.Invalid, "survey.plan.invalid")
	bad := func(field, key string) { e.Details = append(e.Details, errs.Detail{Field: field, Key: key}) }
	if !slices.Contains(Selections, c.Selection) {
		bad("selection", "survey.plan.selection")
	}
	if c.Margin < 0.01 || c.Margin > 0.2 {
		bad("margin", "survey.plan.margin")
	}
	if c.Response < 0.05 || c.Response > 1 {
		bad("response", "survey.plan.response")
	}
	if c.DesignEffect < 1 || c.DesignEffect > 20 {
		bad("design_effect", "survey.plan.design_effect")
	}
	if len(e.Details) > 0 {
		return e
	}
	return s.change(ctx, by, "round.plan", round, kind, func(_ storage.Querier, p *Population) error {
		chosen := &p.Plan
		changed := chosen.Selection != c.Selection || chosen.Stratify != c.Stratify || !maps.Equal(chosen.Merge, c.Merge)
		if changed {
			if err := unfixed(p); err != nil {
				return err
			}
		}
		if c.Stratify != "" && !slices.Contains(chosen.Frame.Dimensions, c.Stratify) {
			return errs.New(errs.Invalid, "survey.plan.no_dimension", "Name", c.Stratify)
		}
		chosen.Selection, chosen.Stratify, chosen.Merge, chosen.OpenLink = c.Selection, c.Stratify, c.Merge, c.OpenLink
		chosen.Margin, chosen.Response, chosen.DesignEffect, chosen.Breakdown = c.Margin, c.Response, c.DesignEffect, c.Breakdown
		return nil
	})
}

// SaveOffices replaces the office groups. None may have under MinOffice people.
func (s *Service) SaveOffices(ctx context.Context, by people.Person, round string, kind form.Population, offices []Office) error {
	if err := plan.CheckOffices(offices); err != nil {
		return err
	}
	return s.change(ctx, by, "round.offices", round, kind, func(_ storage.Querier, p *Population) error {
		p.Plan.Offices = offices
		return nil
	})
}

// SaveInstrument replaces the questionnaire of a population by an uploaded
// file. Faults come as Details with line and field.
func (s *Service) SaveInstrument(ctx context.Context, by people.Person, round string, kind form.Population, name string, data []byte) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	q, err := form.Read(data)
	if faults, ok := errors.AsType[form.Faults](err); ok {
		e := errs.New(errs.Invalid, "survey.instrument.invalid", "Name", name)
		for _, f := range faults {
			e.Details = append(e.Details, errs.Detail{File: name, Row: f.Line, Field: f.Field, Key: f.Key, Args: f.Args})
		}
		return e
	}
	if err != nil {
		return err
	}
	if q.Population != "" && q.Population != kind {
		return errs.New(errs.Invalid, "survey.instrument.population", "Name", name, "Want", string(kind), "Got", string(q.Population))
	}
	if grave := form.Obstacles(q).Grave(); len(grave) > 0 {
		e := errs.New(errs.Invalid, "survey.instrument.invalid", "Name", name)
		for _, f := range grave {
			e.Details = append(e.Details, errs.Detail{File: name, Field: f.Field, Key: f.Key, Args: f.Args})
		}
		return e
	}
	return s.change(ctx, by, "round.questionnaire", round, kind, func(_ storage.Querier, p *Population) error { return ask(p, q, data) })
}

// ask makes q, read from data, the population's questionnaire.
func ask(p *Population, q *form.Questionnaire, data []byte) error {
	if by := p.Plan.Breakdown; by != "" && by != BreakdownStratum {
		if _, ok := q.Item(by); !ok {
			return errs.New(errs.Conflict, "survey.instrument.breakdown")
		}
	}
	p.Instrument = data
	return nil
}

// UseBundled goes back to the bundled questionnaire.
func (s *Service) UseBundled(ctx context.Context, by people.Person, round string, kind form.Population) error {
	data := bundled(kind)
	q, err := form.Read(data)
	if err != nil {
		return err
	}
	return s.change(ctx, by, "round.questionnaire", round, kind, func(_ storage.Querier, p *Population) error { return ask(p, q, data) })
}
