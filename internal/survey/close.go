package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/intake"
	"adili/internal/survey/paper"
	"adili/internal/survey/vault"
)

// CloseRound ends the intake, opens the answers with the passphrase, writes
// them sorted by content, and destroys the key, the codes and everything by
// which a form could be recognised. A closing that was interrupted is finished
// by closing again; what only is to be cleared away then, by Watch. Where there are several nodes it waits until each has
// delivered its sealed answers; the error names those that have not.
func (s *Service) CloseRound(ctx context.Context, by people.Person, id, passphrase string) (err error) {
	defer errs.Wrap(&err, "close round %s", id)
	if err := may(by, people.RoundClose); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error {
		r, err := loadRound(ctx, s.db.Read(), id)
		if err != nil {
			return err
		}
		if r.State != OpenState && r.State != ClosingState {
			return errs.New(errs.Conflict, "survey.round.not_open")
		}
		// The passphrase is tried before anything is stopped.
		opener, err := s.unlock(ctx, id, passphrase)
		if err != nil {
			return err
		}
		if err := s.setState(ctx, id, ClosingState, OpenState, ClosingState); err != nil {
			return err
		}
		if err := s.deliver(ctx, id); err != nil {
			// Of several nodes this one is then among those that are waited for.
			s.log.Error("the answers of this node were not delivered", "round", id, "error", err)
		}
		if err := s.await(ctx, id); err != nil {
			return err
		}
		if err := s.count(ctx, by, id, opener); err != nil {
			return err
		}
		s.loading.Lock()
		defer s.loading.Unlock()
		s.later(id, s.destroy(ctx, id)) // the round is closed
		return nil
	})
}

// unlock returns what opens the answers of a round.
func (s *Service) unlock(ctx context.Context, round, passphrase string) (*ballot.Opener, error) {
	key, err := s.files.Key(ctx, round)
	if err != nil {
		return nil, err
	}
	opener, err := key.Unlock(passphrase)
	if errors.Is(err, ballot.ErrPassphrase) {
		return nil, errs.New(errs.Invalid, "survey.close.passphrase")
	}
	return opener, err
}

// setState brings a round into a state, if it is in one of those it can come
// from.
func (s *Service) setState(ctx context.Context, id string, state State, from ...State) error {
	return s.db.Write(ctx, func(tx storage.Querier) error { return moveState(ctx, tx, id, state, from...) })
}

func moveState(ctx context.Context, tx storage.Querier, id string, state State, from ...State) error {
	r, err := loadRound(ctx, tx, id)
	if err != nil {
		return err
	}
	if !slices.Contains(from, r.State) {
		return errs.New(errs.Conflict, "survey.round.not_open")
	}
	r.State = state
	return updateRound(ctx, tx, r)
}

// deliver stops the intake of a round that is being closed, and gives this
// node's sealed answers out where there are several nodes. No intake can be
// made in between.
func (s *Service) deliver(ctx context.Context, id string) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	s.stopIntake(id)
	return s.files.Deliver(ctx, id, func(tx storage.Querier) error { return inState(ctx, tx, id, ClosingState) })
}

// stopIntake refuses further answers of a round and waits for those under way.
// The caller holds s.loading.
func (s *Service) stopIntake(id string) {
	s.mu.Lock()
	in := s.intakes[id]
	delete(s.intakes, id)
	s.mu.Unlock()
	if in != nil {
		in.Stop()
	}
}

// await waits until every node has delivered, or was given up for lost.
func (s *Service) await(ctx context.Context, id string) error {
	for end := time.Now().Add(s.pace.patience); ; {
		nodes, err := s.files.Nodes(ctx, s.db.Read(), id)
		if err != nil {
			return err
		}
		var names []string
		for _, n := range nodes {
			if !n.Delivered() && !n.Forgotten() {
				names = append(names, n.Name)
			}
		}
		switch {
		case len(names) == 0:
			return nil
		case !time.Now().Before(end):
			return errs.New(errs.Unavailable, "survey.close.nodes", "Names", strings.Join(names, ", "))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(s.pace.look):
		}
	}
}

// count writes the answers and makes the round closed. A node that was given
// up for lost and delivered meanwhile is counted after all.
func (s *Service) count(ctx context.Context, by people.Person, id string, opener *ballot.Opener) error {
	for {
		sealed, err := s.files.Collect(ctx, id)
		if err != nil {
			return errs.New(errs.Unavailable, "survey.close.files").Because(err)
		}
		answered, err := s.writeClosed(ctx, id, sealed, opener)
		if err != nil {
			return errs.New(errs.Unavailable, "survey.close.files").Because(err)
		}
		settled, err := s.settle(ctx, by, id, sealed.Nodes, answered)
		if err != nil || settled {
			return err
		}
		if err := s.await(ctx, id); err != nil {
			return err
		}
	}
}

// writeClosed opens the sealed answers and writes them sorted by content. It
// gives the number of answers by stratum.
func (s *Service) writeClosed(ctx context.Context, round string, sealed *vault.Sealed, opener *ballot.Opener) (map[int]int, error) {
	records, err := sealed.Answers.OpenAll(opener, intake.SealInfo(intake.Answers, round))
	if err != nil {
		return nil, err
	}
	texts, err := sealed.Opinions.OpenAll(opener, intake.SealInfo(intake.Opinions, round))
	if err != nil {
		return nil, err
	}
	opinions := make([]paper.Opinion, 0, len(texts))
	for _, record := range texts {
		o, err := paper.UnpackOpinion(record)
		if err != nil {
			return nil, err
		}
		opinions = append(opinions, o)
	}
	list, err := json.Marshal(opinions)
	if err != nil {
		return nil, err
	}
	if err := s.files.WriteClosed(ctx, round, vault.OpinionsFile, list); err != nil {
		return nil, err
	}
	answered := map[int]int{}
	for _, record := range records {
		answered[paper.AnswerStratum(record)]++
	}
	return answered, s.files.WriteClosed(ctx, round, vault.ClosedFile, bytes.Join(records, nil))
}

// settle counts the codes, deletes them and makes the round closed, if these
// are the nodes whose answers were written.
func (s *Service) settle(ctx context.Context, by people.Person, id string, nodes []string, answered map[int]int) (settled bool, err error) {
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if err := inState(ctx, tx, id, ClosingState); err != nil {
			return err
		}
		var gone int
		if settled, gone, err = s.files.Settled(ctx, tx, id, nodes); err != nil || !settled {
			return err
		}
		counts, err := countCodes(ctx, tx, id)
		if err != nil {
			return err
		}
		lost := 0
		for _, c := range counts {
			if err := saveTally(ctx, tx, id, c); err != nil {
				return err
			}
			lost += max(0, c.used-answered[c.stratum])
		}
		if err := deleteCodes(ctx, tx, id); err != nil {
			return err
		}
		if err := deleteFieldwork(ctx, tx, id); err != nil {
			return err
		}
		r, err := loadRound(ctx, tx, id)
		if err != nil {
			return err
		}
		r.State = ClosedState
		r.Closes = min(r.Closes, r.Today(s.clock.Now())) // the day answers were taken until
		if gone > 0 {
			r.LostNodes, r.Lost = gone, lost
		}
		if err := updateRound(ctx, tx, r); err != nil {
			return err
		}
		return s.note(ctx, tx, by, "round.close", id, "lost_nodes", strconv.Itoa(gone))
	})
	return settled, err
}

// destroy destroys the key of a closed round and every hash by which a form
// could be recognised, as far as this machine has them or shares them. The
// caller holds s.loading.
func (s *Service) destroy(ctx context.Context, round string) error {
	return s.files.Destroy(ctx, round, func(ctx context.Context) error { return s.db.Scrub(ctx, "code", "fieldwork") })
}
