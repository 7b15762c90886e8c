package survey

import (
	"context"
	"errors"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/code"
	"adili/internal/survey/intake"
	"adili/internal/survey/paper"
)

// ErrCode says that a code cannot be used. Whether it is unknown or has served
// is not told, to anybody.
var ErrCode = errors.New("the code cannot be used")

// startIntake lets answers in, if this machine has or may make answer files of
// the round.
func (s *Service) startIntake(ctx context.Context, r Round) (err error) {
	defer errs.Wrap(&err, "open the answer files of round %s", r.ID)
	s.loading.Lock()
	defer s.loading.Unlock()
	s.mu.RLock()
	_, there := s.intakes[r.ID]
	s.mu.RUnlock()
	if there {
		return nil
	}
	if err := inState(ctx, s.db.Read(), r.ID, OpenState); err != nil { // it may have been closed since
		return err
	}
	populations, err := loadPopulations(ctx, s.db.Read(), r.ID)
	if err != nil {
		return err
	}
	in, err := s.openIntake(ctx, r, populations)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.refused[r.ID] = time.Now()
		return err
	}
	delete(s.refused, r.ID)
	s.intakes[r.ID] = in
	return nil
}

func (s *Service) openIntake(ctx context.Context, r Round, populations []Population) (*Intake, error) {
	key, secret, err := s.files.Keys(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	in, err := intake.New(r, populations, key, secret)
	if err != nil {
		return nil, err
	}
	boxes, err := s.files.Open(ctx, r.ID, in.Shape(), func(tx storage.Querier) error { return inState(ctx, tx, r.ID, OpenState) })
	if err != nil {
		return nil, err
	}
	in.Fill(boxes)
	return in, nil
}

// inState refuses what can be done in one state of a round only.
func inState(ctx context.Context, tx storage.Querier, round string, state State) error {
	r, err := loadRound(ctx, tx, round)
	if err == nil && r.State != state {
		err = errs.New(errs.Conflict, "survey.round.not_open")
	}
	return err
}

// Now is the time on the clock of a round's place.
func (s *Service) Now(r Round) time.Time { return s.clock.Now().In(r.Location()) }

// Intake finds the open round that takes answers now. Otherwise the error's
// kind is NotFound for no such round, and Gone with a key that says whether it
// has not begun or is over.
func (s *Service) Intake(ctx context.Context, round string) (*Intake, error) {
	s.mu.RLock()
	in := s.intakes[round]
	s.mu.RUnlock()
	if in != nil && in.Round.Accepting(s.clock.Now()) {
		return in, nil
	}
	r, err := loadRound(ctx, s.db.Read(), round)
	if err != nil {
		return nil, err
	}
	if r.Accepting(s.clock.Now()) {
		return s.lateIntake(ctx, r)
	}
	if r.State == DraftState || r.State == OpenState && r.Today(s.clock.Now()) < r.Opens {
		return nil, errs.New(errs.Gone, "survey.intake.not_yet", "Name", r.Name)
	}
	return nil, errs.New(errs.Gone, "survey.intake.over", "Name", r.Name)
}

// lateIntake makes the intake of a round that was opened on another node a
// moment ago. Where files cannot be opened the operator's log says why.
func (s *Service) lateIntake(ctx context.Context, r Round) (*Intake, error) {
	s.mu.RLock()
	last := s.refused[r.ID]
	s.mu.RUnlock()
	if s.files.Joined() && time.Since(last) > s.pace.again {
		if err := s.startIntake(ctx, r); err != nil {
			s.log.Error("a round takes no answers", "round", r.ID, "error", err)
		}
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if in := s.intakes[r.ID]; in != nil {
		return in, nil
	}
	return nil, errs.New(errs.Unavailable, errs.Unavailable.Key())
}

// Submit puts the answers away. When it returns nil they are on the disk and
// count once, however often the same draft is sent, and to however many nodes.
// A code that is unknown or has served gives ErrCode, after the same work and
// without a difference.
//
// The order makes a crash at any point harmless: the code is promised to this
// draft before the answer is written, and spent after. Sending the same draft
// again completes whatever is missing. Where there are several nodes the code
// stays promised to the draft after it is spent, so that another node takes it
// again, and closing counts each draft once; and nothing is acknowledged by a
// node that was given up for lost.
func (s *Service) Submit(ctx context.Context, in *Intake, d *paper.Draft) (err error) {
	defer errs.Wrap(&err, "take an answer")
	leave, ok := in.Enter()
	if !ok {
		return errs.New(errs.Gone, "survey.intake.over", "Name", in.Round.Name)
	}
	defer leave()
	stratum := d.Stratum
	claimMark := d.Mark("code")
	selector := ""
	if d.Code != "" {
		known, err := s.check(ctx, in.Round.ID, d.Code)
		if err != nil {
			return err
		}
		if known.selector != "" && StratumKind(known.stratum) == d.Kind {
			selector, stratum = known.selector, known.stratum
		}
		if !in.Sent(d) {
			if err := s.claim(in.Round.ID, selector, claimMark[:]); err != nil {
				return err
			}
		}
	}
	if err := in.Put(d, stratum); err != nil {
		return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(err)
	}
	return s.spend(in.Round, selector, claimMark[:])
}

// spend makes the code used, if there is one.
func (s *Service) spend(r Round, selector string, mark []byte) error {
	joined := s.files.Joined()
	if selector == "" && !joined {
		return nil
	}
	var counted bool
	err := s.claims.Do(func(ctx context.Context, tx storage.Querier) (err error) {
		if counted, err = s.files.Counted(ctx, tx, r.ID); err != nil || !counted || selector == "" {
			return err
		}
		if !joined {
			return spendCode(ctx, tx, r.ID, selector, mark, nil)
		}
		return spendCode(ctx, tx, r.ID, selector, mark, mark)
	})
	if err == nil && !counted {
		err = errs.New(errs.Gone, "survey.intake.over", "Name", r.Name)
	}
	return err
}

// dummySalt keeps the work for a code that was never made the same.
var dummySalt = [16]byte{}

// check looks a code up. An unknown code comes back with an empty selector.
func (s *Service) check(ctx context.Context, round string, invitation code.Code) (storedCode, error) {
	c, err := loadCode(ctx, s.db.Read(), round, invitation.Selector())
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return storedCode{}, err
	}
	found := err == nil
	if !found {
		c.salt, c.hash = dummySalt[:], nil
	}
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
	case <-ctx.Done():
		return storedCode{}, errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(ctx.Err())
	}
	if !invitation.Matches(c.salt, c.hash) || !found {
		return storedCode{}, nil
	}
	return c, nil
}

// claim promises the code to the draft with this mark. For a code that was
// never made the statement runs all the same and finds nothing.
func (s *Service) claim(round, selector string, mark []byte) error {
	var ok bool
	err := s.claims.Do(func(ctx context.Context, tx storage.Querier) (err error) {
		ok, err = claimCode(ctx, tx, round, selector, mark)
		return err
	})
	if err == nil && !ok {
		return ErrCode
	}
	return err
}
