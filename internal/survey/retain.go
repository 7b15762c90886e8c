package survey

import (
	"context"
	"errors"

	"adili/internal/kernel/audit"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
)

// Expire deletes the results of every round that is not to be kept any longer,
// with its plan and frame. The round stays in the list with the day on which
// that was done. A round that nobody closed goes too: respondents were promised
// it. Called once a day; calling it again does no harm.
func (s *Service) Expire(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "delete results that are not to be kept")
	return s.atDesk(ctx, func(ctx context.Context) error {
		rounds, err := loadRounds(ctx, s.db.Read())
		if err != nil {
			return err
		}
		var trouble []error // one round's must not keep the others
		for _, r := range rounds {
			if !r.Due(s.clock.Now()) {
				continue
			}
			if r.Pilot() {
				trouble = append(trouble, s.discard(ctx, r, func(tx storage.Querier) error { return s.dropPilot(ctx, tx, audit.System, r) }))
				continue
			}
			trouble = append(trouble, s.discard(ctx, r, func(tx storage.Querier) error { return s.entomb(ctx, tx, r.ID) }))
		}
		return errors.Join(trouble...)
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
	r.State, r.Expired = ClosedState, r.Today(s.clock.Now())
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
	return s.db.Scrub(ctx, "code", "fieldwork", "tally", "population", "round")
}
