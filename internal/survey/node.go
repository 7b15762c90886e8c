package survey

import (
	"context"
	"errors"
	"time"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/vault"
)

// pace is how long things take where there are several nodes.
type pace struct {
	minute   time.Duration // between two rounds of what is done without haste, also alone
	tend     time.Duration // between two looks at what the others did
	again    time.Duration // before answer files that cannot be opened are tried again
	look     time.Duration // between two looks at who has delivered
	patience time.Duration // of closing with nodes that have not delivered
	ask      time.Duration // of a backup with nodes that do not answer
	hold     time.Duration // that a node takes no answers for a backup
}

var usualPace = pace{
	minute: time.Minute, tend: time.Second, again: 10 * time.Second, look: 200 * time.Millisecond, patience: 30 * time.Second,
	ask: 8 * time.Second, hold: 15 * time.Second,
}

// Node is a node that has answers of a round.
type Node = vault.Node

// Nodes lists the nodes that have answers of a round which is open or being
// closed. There are none where one machine works alone.
func (s *Service) Nodes(ctx context.Context, by people.Person, round string) ([]Node, error) {
	if err := may(by, people.RoundView); err != nil {
		return nil, err
	}
	return s.files.Nodes(ctx, s.db.Read(), round)
}

// ForgetNode gives a node up for lost, so that a round can be closed without
// the answers it took and did not deliver. Those answers are lost, and their
// codes stay used. Should the node come back before the round is closed, its
// answers count after all.
func (s *Service) ForgetNode(ctx context.Context, by people.Person, round, node string) (err error) {
	defer errs.Wrap(&err, "forget node %s of round %s", node, round)
	if err := may(by, people.RoundClose); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error {
		if err := inState(ctx, tx, round, ClosingState); err != nil {
			return err
		}
		known, err := s.files.Forget(ctx, tx, round, node)
		if err != nil {
			return err
		}
		if !known {
			return errs.New(errs.Conflict, "survey.node.not_waited_for", "Name", node)
		}
		return s.note(ctx, tx, by, "node.forget", round, "node", node)
	})
}

// Watch counts fieldwork once a day, finishes clearing away and, where there
// are several nodes, keeps up with what the others do, until ctx ends.
func (s *Service) Watch(ctx context.Context) {
	minute := time.NewTicker(s.pace.minute)
	defer minute.Stop()
	second := time.NewTicker(s.pace.tend)
	defer second.Stop()
	var told time.Time // when trouble was last logged: not every second
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-minute.C:
			err = errors.Join(s.Snapshot(ctx), s.refreshAll(ctx), s.clearAway(ctx))
		case <-second.C:
			err = s.tend(ctx)
		}
		if err != nil && ctx.Err() == nil && time.Since(told) > time.Minute {
			told = time.Now()
			s.log.Error("the survey room did not keep up", "error", err)
		}
	}
}

// refreshAll lets the intakes know of codes made on other nodes.
func (s *Service) refreshAll(ctx context.Context) error {
	if !s.files.Joined() {
		return nil
	}
	for _, id := range s.taking() {
		if err := s.refresh(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// taking lists the rounds that take answers here.
func (s *Service) taking() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := make([]string, 0, len(s.intakes))
	for id := range s.intakes {
		ids = append(ids, id)
	}
	return ids
}

// tend does this node's part of what was decided on another: it takes answers
// of rounds that were opened, delivers those of rounds being closed, and clears
// away after rounds that are closed or gone. Alone there is nothing to do.
func (s *Service) tend(ctx context.Context) (err error) {
	if !s.files.Joined() {
		return nil
	}
	defer errs.Wrap(&err, "keep up with the other nodes")
	own, err := s.files.Own(ctx)
	if err != nil {
		return err
	}
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return err
	}
	states := map[string]State{}
	for _, r := range rounds {
		states[r.ID] = r.State
		if own[r.ID] != vault.ToDiscard {
			err = errors.Join(err, s.tendRound(ctx, r, own[r.ID]))
		}
	}
	s.loading.Lock()
	for _, id := range s.taking() {
		if states[id] == "" {
			s.stopIntake(id)
		}
	}
	for id, state := range own {
		if state == vault.ToDiscard {
			s.stopIntake(id)
			err = errors.Join(err, s.files.DiscardFiles(ctx, id))
		}
	}
	s.loading.Unlock()
	return errors.Join(err, s.files.Answer(ctx, s.pace.hold, s.holdStill))
}

// tendRound is tend for one round; own is the state of this node's files of it.
func (s *Service) tendRound(ctx context.Context, r Round, own string) error {
	s.mu.RLock()
	_, taking := s.intakes[r.ID]
	refused := s.refused[r.ID]
	s.mu.RUnlock()
	switch {
	case r.State == OpenState && !taking && time.Since(refused) > s.pace.again:
		return s.startIntake(ctx, r)
	case r.State == ClosingState && (taking || own == vault.Taking || own == vault.GivenUp):
		return s.deliver(ctx, r.ID)
	case r.State == ClosedState && (taking || own != ""):
		s.loading.Lock()
		defer s.loading.Unlock()
		s.stopIntake(r.ID)
		return s.destroy(ctx, r.ID)
	}
	return nil
}

// holdStill keeps every answer from being put away until release is called, and
// for good where that is with false. Answers under way are finished first.
func (s *Service) holdStill() (release func(goOn bool)) {
	s.loading.Lock() // no intake comes or goes
	s.mu.RLock()
	var held []func(bool)
	for _, in := range s.intakes {
		held = append(held, in.Hold())
	}
	s.mu.RUnlock()
	return func(goOn bool) {
		for _, release := range held {
			release(goOn)
		}
		s.loading.Unlock()
	}
}
