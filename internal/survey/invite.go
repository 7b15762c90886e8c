package survey

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/plan"
)

// Batch is the codes made for one collection stratum, in an order drawn by
// chance. They exist in clear only here: what is stored are hashes.
type Batch struct {
	Kind    form.Population
	Stratum Stratum
	Codes   []code.Code
}

// MakeCodes makes single-use codes for a population, count[n] for stratum n.
// It fixes the population's strata.
func (s *Service) MakeCodes(ctx context.Context, by people.Person, round string, kind form.Population, carrier code.Carrier, count map[int]int) (batches []Batch, err error) {
	defer errs.Wrap(&err, "make codes for %s of round %s", kind, round)
	if err := may(by, people.InvitationMake); err != nil {
		return nil, err
	}
	err = s.atDesk(ctx, func(ctx context.Context) (err error) {
		batches, err = s.makeCodes(ctx, by, round, kind, carrier, count)
		return err
	})
	return batches, err
}

func (s *Service) makeCodes(ctx context.Context, by people.Person, round string, kind form.Population, carrier code.Carrier, count map[int]int) (batches []Batch, err error) {
	r, populations, err := s.codable(ctx, round)
	if err != nil {
		return nil, err
	}
	p, err := plan.Fix(populations, kind)
	if err != nil {
		return nil, err
	}
	if err := plan.CheckCount(p.Plan, count, r.State == OpenState); err != nil {
		return nil, err
	}
	taken, err := loadSelectors(ctx, s.db.Read(), round)
	if err != nil {
		return nil, err
	}
	table := plan.Table(r, populations)
	for _, st := range p.Plan.Strata {
		b := Batch{Kind: kind, Stratum: st}
		for range count[st.Number] {
			c, err := table.Free(kind, st.Number, carrier, taken)
			if err != nil {
				return nil, err
			}
			b.Codes = append(b.Codes, c)
		}
		if len(b.Codes) > 0 {
			batches = append(batches, b)
		}
	}
	stored, err := s.hashAll(ctx, batches)
	if err != nil {
		return nil, err
	}
	return batches, s.storeCodes(ctx, r.ID, p, stored, func(tx storage.Querier) error {
		return s.note(ctx, tx, by, "codes.made", r.ID, "population", string(kind), "for", string(carrier), "codes", strconv.Itoa(len(stored)))
	})
}

// codable finds a round for which codes may be made: a draft, or an open one
// that needs more cards.
func (s *Service) codable(ctx context.Context, round string) (Round, []Population, error) {
	r, err := loadRound(ctx, s.db.Read(), round)
	if err != nil {
		return r, nil, err
	}
	if r.State != DraftState && r.State != OpenState {
		return r, nil, errs.New(errs.Conflict, "survey.round.closed")
	}
	populations, err := loadPopulations(ctx, s.db.Read(), round)
	return r, populations, err
}

// hashAll hashes the codes on all processors and returns them in an order
// drawn by chance, so that a row's place does not tell its card.
func (s *Service) hashAll(ctx context.Context, batches []Batch) ([]storedCode, error) {
	var all []storedCode
	var codes []code.Code
	for _, b := range batches {
		for _, c := range b.Codes {
			chance := make([]byte, 16+len(ballot.Mark{}))
			if _, err := rand.Read(chance); err != nil {
				return nil, err
			}
			one := storedCode{selector: c.Selector(), stratum: b.Stratum.Number, salt: chance[:16]}
			if s.files.Joined() {
				one.filler = chance[16:]
			}
			all = append(all, one)
			codes = append(codes, c)
		}
	}
	var wg sync.WaitGroup
	for i := range all {
		select {
		case s.hashes <- struct{}{}:
		case <-ctx.Done():
			wg.Wait()
			return nil, ctx.Err()
		}
		wg.Go(func() {
			all[i].hash = codes[i].Hash(all[i].salt)
			<-s.hashes
		})
	}
	wg.Wait()
	return all, code.Shuffle(all)
}

// storeCodes writes the codes, counts them in the plan, if the plan still is
// what they were made for, and lets note say so in the same transaction.
func (s *Service) storeCodes(ctx context.Context, round string, made Population, codes []storedCode, note func(tx storage.Querier) error) error {
	err := s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := loadPopulation(ctx, tx, round, made.Kind)
		if err != nil {
			return err
		}
		now, err := p.Plan.Fixed(made.Kind)
		if err != nil {
			return err
		}
		if !plan.SameStrata(now.Strata, made.Plan.Strata) {
			return errs.New(errs.Conflict, "survey.plan.changed")
		}
		invited := map[int]int{}
		for k, v := range now.Invited {
			invited[k] = v
		}
		for _, c := range codes {
			if err := insertCode(ctx, tx, round, c); err != nil {
				return err
			}
			invited[c.stratum]++
		}
		now.Invited = invited
		p.Plan = now
		if err := savePopulation(ctx, tx, round, p); err != nil {
			return err
		}
		return note(tx)
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx, round)
}

// refresh lets an open round's intake know of codes made since.
func (s *Service) refresh(ctx context.Context, round string) error {
	s.mu.RLock()
	in := s.intakes[round]
	s.mu.RUnlock()
	if in == nil {
		return nil
	}
	populations, err := loadPopulations(ctx, s.db.Read(), round)
	if err != nil {
		return err
	}
	in.Plan(populations)
	return nil
}

// VoidCodes makes all codes of a population worthless, so that its plan can be
// changed. Only before the round opens.
func (s *Service) VoidCodes(ctx context.Context, by people.Person, round string, kind form.Population) error {
	return s.change(ctx, by, "codes.voided", round, kind, func(tx storage.Querier, p *Population) error {
		p.Plan.Strata, p.Plan.Invited = nil, nil
		low := plan.FirstStratum(kind)
		return deleteStratumCodes(ctx, tx, round, low, low+MaxStrata)
	})
}

// HandOut is a way codes leave the system.
type HandOut string

// The ways codes leave the system, as the trail names them.
const (
	CardsPrinted        HandOut = "cards.printed"
	InvitationsExported HandOut = "invitations.exported"
)

// HandedOut notes that codes were given to a person, which they are once only.
func (s *Service) HandedOut(ctx context.Context, by people.Person, round string, kind form.Population, way HandOut, codes int) error {
	if err := may(by, people.InvitationMake); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		return s.note(ctx, tx, by, string(way), round, "population", string(kind), "codes", strconv.Itoa(codes))
	})
}
