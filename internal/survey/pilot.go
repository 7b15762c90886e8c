package survey

import (
	"context"
	"slices"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/id"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
)

// Pilot finds the trial of a round that is being planned.
func (s *Service) Pilot(ctx context.Context, by people.Person, round string) (pilot Round, there bool, err error) {
	if err := may(by, people.RoundView); err != nil {
		return pilot, false, err
	}
	all, err := s.pilots(ctx, round)
	if err != nil || len(all) == 0 {
		return pilot, false, err
	}
	return all[0], true, nil
}

func (s *Service) pilots(ctx context.Context, round string) ([]Round, error) {
	if round == "" { // what every round that is no trial is a trial of
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	all, err := loadRounds(ctx, s.db.Read())
	return slices.DeleteFunc(all, func(r Round) bool { return r.PilotOf != round }), err
}

// StartPilot opens a trial of a round that is being planned: a round of its
// own with the same questionnaires, languages and notice, which anybody with
// its address can answer. It is closed and reported like any other, but its
// pages say that it is a trial, and all of it is deleted when the round itself
// is opened.
func (s *Service) StartPilot(ctx context.Context, by people.Person, round, passphrase string) (pilot Round, err error) {
	defer errs.Wrap(&err, "start a trial of round %s", round)
	if err := may(by, people.RoundOpen); err != nil {
		return pilot, err
	}
	if err := checkPassphrase(passphrase); err != nil {
		return pilot, err
	}
	err = s.atDesk(ctx, func(ctx context.Context) error {
		r, populations, err := s.Round(ctx, by, round)
		if err != nil {
			return err
		}
		if r.State != DraftState || r.Pilot() {
			return errs.New(errs.Conflict, "survey.round.not_draft")
		}
		old, err := s.pilots(ctx, round)
		if err != nil {
			return err
		}
		for _, p := range old {
			if p.State != DraftState {
				return errs.New(errs.Conflict, "survey.pilot.there")
			}
			if err := s.discard(ctx, p, func(tx storage.Querier) error { return deleteRound(ctx, tx, p.ID) }); err != nil {
				return err // what was left of a start that was interrupted
			}
		}
		pilot, populations = plan.Trial(id.New("r"), r, populations, s.clock.Now())
		return s.openPilot(ctx, by, pilot, populations, passphrase)
	})
	return pilot, err
}

func (s *Service) openPilot(ctx context.Context, by people.Person, pilot Round, populations []Population, passphrase string) error {
	if obstacles := Obstacles(pilot, populations); len(obstacles) > 0 {
		e := errs.New(errs.Invalid, "survey.open.obstacles")
		e.Details = obstacles
		return e
	}
	err := s.db.Write(ctx, func(tx storage.Querier) error {
		if err := insertRound(ctx, tx, pilot); err != nil {
			return err
		}
		for _, p := range populations {
			if err := savePopulation(ctx, tx, pilot.ID, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.open(ctx, pilot, populations, passphrase, func(tx storage.Querier) error {
		return s.note(ctx, tx, by, "pilot.start", pilot.PilotOf, "pilot", pilot.ID)
	})
}

// EndPilot deletes the trial of a round with all its answers.
func (s *Service) EndPilot(ctx context.Context, by people.Person, round string) error {
	if err := may(by, people.RoundOpen); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error { return s.endPilot(ctx, by.Actor(), round) })
}

// endPilot does it for who is at the desk already.
func (s *Service) endPilot(ctx context.Context, by audit.Actor, round string) error {
	all, err := s.pilots(ctx, round)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := s.discard(ctx, p, func(tx storage.Querier) error { return s.dropPilot(ctx, tx, by, p) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) dropPilot(ctx context.Context, tx storage.Querier, by audit.Actor, pilot Round) error {
	if err := deleteRound(ctx, tx, pilot.ID); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.clock.Now(), by, "pilot.end", pilot.PilotOf, "pilot", pilot.ID)
}
