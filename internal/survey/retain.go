package survey

import (
	"context"
	"errors"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
)

// Expire deletes the results of every round that is not to be kept any longer,
// with its plan and frame. The round stays in the list with the day on which
// that was done. A round that nobody closed goes too: respondents were promised
// it. Called once a day. Since a clock can be wrong, a round is first found due
// on several days, which its page says; a clock that is put back withdraws it.
func (s *Service) Expire(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "delete results that are not to be kept")
	return s.atDesk(ctx, func(ctx context.Context) error {
		rounds, err := loadRounds(ctx, s.db.Read())
		if err != nil {
			return err
		}
		var trouble []error // one round's must not keep the others
		for _, r := range rounds {
			switch seen, sure := r.Look(s.clock.Now()); {
			case sure && r.Pilot():
				trouble = append(trouble, s.discard(ctx, r, func(tx storage.Querier) error { return s.dropPilot(ctx, tx, audit.System, r) }))
			case sure:
				trouble = append(trouble, s.discard(ctx, r, func(tx storage.Querier) error { return s.entomb(ctx, tx, r.ID) }))
			case seen != r.Overdue:
				trouble = append(trouble, s.remember(ctx, r, seen))
			}
		}
		return errors.Join(trouble...)
	})
}

// remember notes on how many days a round was found due.
func (s *Service) remember(ctx context.Context, r Round, seen plan.Overdue) error {
	r.Overdue = seen
	s.log.Warn("when a round is to be deleted has changed: is the clock right?", "round", r.ID, "day", r.Deletion(s.clock.Now()))
	return s.db.Write(ctx, func(tx storage.Querier) error {
		r, err := loadRound(ctx, tx, r.ID)
		if err != nil {
			return err
		}
		r.Overdue = seen
		return updateRound(ctx, tx, r)
	})
}

// entomb leaves of a round the line that says that there was one.
func (s *Service) entomb(ctx context.Context, tx storage.Querier, id string) error {
	r, err := loadRound(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := emptyRound(ctx, tx, id); err != nil {
		return err
	}
	r.State, r.Expired, r.Overdue = ClosedState, r.Today(s.clock.Now()), plan.Overdue{}
	if err := updateRound(ctx, tx, r); err != nil {
		return err
	}
	return audit.Append(ctx, tx, s.clock.Now(), audit.System, "round.expired", id, "keep", string(r.Keep))
}

// discard destroys every file of a round, here and, with their next look, on
// the other nodes; rows deletes or changes what the database has of it. The
// files go first: while the database knows the round, it can be done again.
func (s *Service) discard(ctx context.Context, r Round, rows func(tx storage.Querier) error) (err error) {
	defer errs.Wrap(&err, "delete round %s", r.ID)
	s.loading.Lock()
	s.stopIntake(r.ID)
	err = s.files.DiscardFiles(ctx, r.ID)
	s.loading.Unlock()
	if err != nil {
		return err
	}
	if err := s.files.OweScrub(); err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if err := s.files.Discard(ctx, tx, r.ID); err != nil {
			return err
		}
		return rows(tx)
	})
	if err != nil {
		return err
	}
	s.cacheMu.Lock()
	delete(s.cache, r.ID)
	s.cacheMu.Unlock()
	s.later(r.ID, s.files.PayScrub(ctx, s.scrub))
	return nil
}

// scrub rewrites the tables that held a round.
func (s *Service) scrub(ctx context.Context) error {
	return s.db.Scrub(ctx, "code", "fieldwork", "tally", "population", "round")
}

// clearAway finishes what could not be cleared away of closed and deleted
// rounds, as on SQLite while a backup reads the database.
func (s *Service) clearAway(ctx context.Context) error {
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return err
	}
	for _, r := range rounds {
		if r.State == ClosedState && !s.files.Cleared(r.ID) {
			s.loading.Lock()
			err = errors.Join(err, s.destroy(ctx, r.ID))
			s.loading.Unlock()
		}
	}
	return errors.Join(err, s.files.PayScrub(ctx, s.scrub))
}

// later logs what Watch will do again.
func (s *Service) later(round string, err error) {
	if err != nil {
		s.log.Warn("clearing away is not finished, and will be tried again", "round", round, "error", err)
	}
}
