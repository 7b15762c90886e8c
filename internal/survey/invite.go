package survey

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"math/big"
	"sync"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/code"
)

// MaxBatch is how many codes are made at once: a card costs some milliseconds
// of hashing.
const MaxBatch = 5000

// Spare is the part of a stratum's people for whom more cards may be made once
// the round is open, in place of lost and spoiled ones.
const Spare = 0.10

// MaxCodes is how many codes there may be in all for a stratum of so many
// people once the round is open.
func MaxCodes(people int) int { return people + int(math.Ceil(Spare*float64(people))) }

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
	s.desk.Lock()
	defer s.desk.Unlock()
	r, populations, err := s.codable(ctx, round)
	if err != nil {
		return nil, err
	}
	p, err := fix(populations, kind)
	if err != nil {
		return nil, err
	}
	if err := checkCount(p.Plan, count, r.State == OpenState); err != nil {
		return nil, err
	}
	taken, err := loadSelectors(ctx, s.db.Read(), round)
	if err != nil {
		return nil, err
	}
	table := share(r, populations)
	for _, st := range p.Plan.Strata {
		b := Batch{Kind: kind, Stratum: st}
		for range count[st.Number] {
			c, err := freeCode(&table, kind, st.Number, carrier, taken)
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
	return batches, s.storeCodes(ctx, r.ID, p, stored)
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

// fix fixes the strata of one population, in place and in the result.
func fix(populations []Population, kind form.Population) (Population, error) {
	for i := range populations {
		if populations[i].Kind != kind {
			continue
		}
		if !populations[i].Plan.Coded() {
			return Population{}, errs.New(errs.Invalid, "survey.code.open_link_only")
		}
		plan, err := populations[i].Plan.fixed(kind)
		if err != nil {
			return Population{}, err
		}
		populations[i].Plan = plan
		return populations[i], nil
	}
	return Population{}, errs.New(errs.NotFound, errs.NotFound.Key())
}

func checkCount(plan Plan, count map[int]int, open bool) error {
	total := 0
	for number, n := range count {
		st, ok := plan.Stratum(number)
		most := st.People
		if open {
			most = MaxCodes(st.People)
		}
		switch {
		case !ok || n < 0:
			return errs.New(errs.Invalid, "survey.code.count")
		case n+plan.Invited[number] > most:
			return errs.New(errs.Invalid, "survey.code.too_many", "Label", st.Label, "Max", most, "Made", plan.Invited[number])
		}
		total += n
	}
	if total == 0 {
		return errs.New(errs.Invalid, "survey.code.count")
	}
	if total > MaxBatch {
		return errs.New(errs.Invalid, "survey.code.batch", "Max", MaxBatch)
	}
	return nil
}

func freeCode(table *code.Table, kind form.Population, stratum int, carrier code.Carrier, taken map[string]bool) (code.Code, error) {
	for range 10000 {
		c, err := table.Draw(kind, stratum, carrier)
		if err != nil {
			return "", err
		}
		if !taken[c.Selector()] {
			taken[c.Selector()] = true
			return c, nil
		}
	}
	return "", errors.New("no free card numbers are left")
}

// hashAll hashes the codes on all processors and returns them in an order
// drawn by chance, so that a row's place does not tell its card.
func (s *Service) hashAll(ctx context.Context, batches []Batch) ([]storedCode, error) {
	var all []storedCode
	var codes []code.Code
	for _, b := range batches {
		for _, c := range b.Codes {
			salt := make([]byte, 16)
			if _, err := rand.Read(salt); err != nil {
				return nil, err
			}
			all = append(all, storedCode{selector: c.Selector(), stratum: b.Stratum.Number, salt: salt})
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
	return all, shuffle(all)
}

// shuffle brings a slice into an order drawn by chance.
func shuffle[T any](all []T) error {
	for i := len(all) - 1; i > 0; i-- {
		j, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return err
		}
		all[i], all[j.Int64()] = all[j.Int64()], all[i]
	}
	return nil
}

// storeCodes writes the codes and counts them in the plan, if the plan still
// is what they were made for.
func (s *Service) storeCodes(ctx context.Context, round string, made Population, codes []storedCode) error {
	err := s.db.Write(ctx, func(tx storage.Querier) error {
		p, err := loadPopulation(ctx, tx, round, made.Kind)
		if err != nil {
			return err
		}
		now, err := p.Plan.fixed(made.Kind)
		if err != nil {
			return err
		}
		if !sameStrata(now.Strata, made.Plan.Strata) {
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
		return savePopulation(ctx, tx, round, p)
	})
	if err != nil {
		return err
	}
	return s.refresh(ctx, round)
}

func sameStrata(a, b []Stratum) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Number != b[i].Number || a[i].Label != b[i].Label || a[i].People != b[i].People {
			return false
		}
	}
	return true
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
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, p := range populations {
		in.populations[p.Kind] = p
	}
	in.table = share(in.Round, populations)
	return nil
}

// VoidCodes makes all codes of a population worthless, so that its plan can be
// changed. Only before the round opens.
func (s *Service) VoidCodes(ctx context.Context, by people.Person, round string, kind form.Population) error {
	return s.change(ctx, by, round, kind, func(tx storage.Querier, p *Population) error {
		p.Plan.Strata, p.Plan.Invited = nil, nil
		low := firstStratum(kind)
		return deleteStratumCodes(ctx, tx, round, low, low+MaxStrata)
	})
}
