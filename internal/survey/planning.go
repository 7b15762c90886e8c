package survey

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"adili/form"
	"adili/instrument"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/id"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

// Defaults of a new population's plan.
const (
	defaultMargin       = 0.05
	defaultResponse     = 0.6
	defaultDesignEffect = 2.0
)

// Basics is what a manager states about a round on its first page.
type Basics struct {
	Name        string
	Iteration   int
	Zone        string
	Opens       Day
	Closes      Day
	Languages   []string
	Title       map[string]string
	Populations []form.Population
	Notice      Notice
	Channels    []Channel
}

// check says everything that is wrong with the basics, field by field.
func (b Basics) check() error {
	e := errs.New(errs.Invalid, "survey.basics.invalid")
	bad := func(field, key string, args ...any) {
		e.Details = append(e.Details, errs.Detail{Field: field, Key: key, Args: args})
	}
	if strings.TrimSpace(b.Name) == "" || len(b.Name) > 200 {
		bad("name", "survey.basics.name")
	}
	if b.Iteration < 1 || b.Iteration > 1000 {
		bad("iteration", "survey.basics.iteration")
	}
	if _, err := time.LoadLocation(b.Zone); err != nil || b.Zone == "" || b.Zone == "Local" {
		bad("zone", "survey.basics.zone", "Value", b.Zone)
	}
	_, oerr := time.Parse(dayFormat, string(b.Opens))
	_, cerr := time.Parse(dayFormat, string(b.Closes))
	if oerr != nil {
		bad("opens", "survey.basics.day")
	}
	if cerr != nil {
		bad("closes", "survey.basics.day")
	}
	if oerr == nil && cerr == nil && b.Closes < b.Opens {
		bad("closes", "survey.basics.closes_before")
	}
	if len(b.Languages) == 0 || slices.ContainsFunc(b.Languages, func(l string) bool { return !i18n.Known(l) }) {
		bad("languages", "survey.basics.languages")
	}
	if len(b.Populations) == 0 {
		bad("populations", "survey.basics.populations")
	}
	if strings.TrimSpace(b.Notice.Controller) == "" {
		bad("controller", "survey.basics.controller")
	}
	if strings.TrimSpace(b.Notice.LegalBasis) == "" {
		bad("legal_basis", "survey.basics.legal_basis")
	}
	if strings.TrimSpace(b.Notice.Retention) == "" {
		bad("retention", "survey.basics.retention")
	}
	if len(e.Details) > 0 {
		return e
	}
	return nil
}

func (b Basics) apply(r *Round) {
	r.Name, r.Iteration = strings.TrimSpace(b.Name), b.Iteration
	r.Zone, r.Opens, r.Closes = b.Zone, b.Opens, b.Closes
	r.Languages, r.Title, r.Notice, r.Channels = b.Languages, b.Title, b.Notice, b.Channels
}

// CreateRound makes a round in draft with the bundled questionnaires.
func (s *Service) CreateRound(ctx context.Context, by people.Person, b Basics) (r Round, err error) {
	if err := may(by, people.RoundPlan); err != nil {
		return r, err
	}
	if err := b.check(); err != nil {
		return r, err
	}
	var seed [8]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return r, err
	}
	r = Round{ID: id.New("r"), State: DraftState}
	r.Seed = binary.LittleEndian.Uint64(seed[:])
	r.Invented = s.mark
	b.apply(&r)
	return r, s.db.Write(ctx, func(tx storage.Querier) error {
		if err := insertRound(ctx, tx, r); err != nil {
			return err
		}
		return s.keepPopulations(ctx, tx, r.ID, b.Populations)
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
	if err := b.check(); err != nil {
		return err
	}
	s.desk.Lock()
	defer s.desk.Unlock()
	return s.db.Write(ctx, func(tx storage.Querier) error {
		r, err := loadRound(ctx, tx, round)
		if err != nil {
			return err
		}
		if r.State != DraftState {
			return errs.New(errs.Conflict, "survey.round.not_draft")
		}
		b.apply(&r)
		if err := updateRound(ctx, tx, r); err != nil {
			return err
		}
		return s.keepPopulations(ctx, tx, round, b.Populations)
	})
}

// DeleteRound removes a draft and the codes made for it.
func (s *Service) DeleteRound(ctx context.Context, by people.Person, round string) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	s.desk.Lock()
	defer s.desk.Unlock()
	return s.db.Write(ctx, func(tx storage.Querier) error {
		if err := inDraft(ctx, tx, round); err != nil {
			return err
		}
		return deleteRound(ctx, tx, round)
	})
}

// SaveFrame replaces the frame of a population. Merges and the stratifying
// dimension are kept as far as the new frame has them.
func (s *Service) SaveFrame(ctx context.Context, by people.Person, round string, kind form.Population, f Frame) error {
	return s.change(ctx, by, round, kind, func(_ storage.Querier, p *Population) error {
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
	return s.change(ctx, by, round, kind, func(_ storage.Querier, p *Population) error {
		plan := &p.Plan
		changed := plan.Selection != c.Selection || plan.Stratify != c.Stratify || !sameMerge(plan.Merge, c.Merge)
		if changed {
			if err := unfixed(p); err != nil {
				return err
			}
		}
		if c.Stratify != "" && !slices.Contains(plan.Frame.Dimensions, c.Stratify) {
			return errs.New(errs.Invalid, "survey.plan.no_dimension", "Name", c.Stratify)
		}
		plan.Selection, plan.Stratify, plan.Merge, plan.OpenLink = c.Selection, c.Stratify, c.Merge, c.OpenLink
		plan.Margin, plan.Response, plan.DesignEffect, plan.Breakdown = c.Margin, c.Response, c.DesignEffect, c.Breakdown
		return nil
	})
}

func sameMerge(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return true
}

// SaveOffices replaces the office groups. None may have under MinOffice people.
func (s *Service) SaveOffices(ctx context.Context, by people.Person, round string, kind form.Population, offices []Office) error {
	e := errs.New(errs.Invalid, "survey.office.invalid")
	for i := range offices {
		o := &offices[i]
		o.Label = strings.TrimSpace(o.Label)
		if o.Label == "" {
			e.Details = append(e.Details, errs.Detail{Row: i + 1, Field: "label", Key: "survey.office.label"})
		}
		if o.People < MinOffice {
			e.Details = append(e.Details, errs.Detail{Row: i + 1, Field: o.Label, Key: "survey.office.too_small", Args: []any{"Min", MinOffice, "People", o.People}})
		}
		if o.ID == "" {
			o.ID = freeOfficeID(offices)
		}
	}
	if len(offices) > 250 {
		e.Details = append(e.Details, errs.Detail{Field: "offices", Key: "survey.office.too_many", Args: []any{"Max", 250}})
	}
	if len(e.Details) > 0 {
		return e
	}
	return s.change(ctx, by, round, kind, func(_ storage.Querier, p *Population) error {
		p.Plan.Offices = offices
		return nil
	})
}

// freeOfficeID is the first id of the form g1, g2 … that no office has.
func freeOfficeID(offices []Office) string {
	for n := 1; ; n++ {
		next := "g" + strconv.Itoa(n)
		if !slices.ContainsFunc(offices, func(o Office) bool { return o.ID == next }) {
			return next
		}
	}
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
	if q.Population != kind {
		return errs.New(errs.Invalid, "survey.instrument.population", "Name", name, "Want", string(kind), "Got", string(q.Population))
	}
	return s.change(ctx, by, round, kind, func(_ storage.Querier, p *Population) error { return p.ask(q, data) })
}

// ask makes q, read from data, the population's questionnaire.
func (p *Population) ask(q *form.Questionnaire, data []byte) error {
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
	return s.change(ctx, by, round, kind, func(_ storage.Querier, p *Population) error { return p.ask(q, data) })
}
