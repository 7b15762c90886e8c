package survey

import (
	"context"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
	"adili/internal/survey/vault"
)

// Condition is what can be said of a round that is no draft without looking at
// its answers.
type Condition struct {
	Round
	Fault  error    // why an open round takes no answers on this machine; nil when it does
	Untold []string // languages it offers that a questionnaire lacks
	Needed uint64   // bytes its answer files may still take on this machine
}

// Conditions lists the rounds that are no drafts. What it says does not change
// when an answer comes in.
func (s *Service) Conditions(ctx context.Context) ([]Condition, error) {
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	var all []Condition
	for _, r := range rounds {
		if r.State == DraftState {
			continue
		}
		c := Condition{Round: r}
		if r.State == OpenState {
			if err := s.look(ctx, &c); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	return all, nil
}

func (s *Service) look(ctx context.Context, c *Condition) error {
	if _, err := s.Intake(ctx, c.ID); errs.KindOf(err) == errs.Unavailable {
		c.Fault = err
	}
	populations, err := loadPopulations(ctx, s.db.Read(), c.ID)
	if err != nil {
		return err
	}
	if c.Untold, err = plan.Untold(c.Languages, populations); err != nil {
		c.Fault = err
	}
	c.Needed = s.files.Needed(c.ID)
	return nil
}

// Accepted is how far a round has come, for whoever restores a backup.
type Accepted struct {
	Round   Round
	Answers int // in the answer files of this machine, while the round is open
}

// CountAccepted counts the answers of every round in the folder dir of rounds,
// by the database that q reads. No program may be at work on the folder.
func CountAccepted(ctx context.Context, q storage.Querier, dir string) ([]Accepted, error) {
	rounds, err := loadRounds(ctx, q)
	if err != nil {
		return nil, err
	}
	all := make([]Accepted, len(rounds))
	for i, r := range rounds {
		all[i].Round = r
		if all[i].Answers, err = vault.Count(dir, r.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Names gives the names of all rounds by their id, trials among them.
func Names(ctx context.Context, q storage.Querier) (map[string]string, error) {
	rounds, err := loadRounds(ctx, q)
	names := make(map[string]string, len(rounds))
	for _, r := range rounds {
		names[r.ID] = r.Name
	}
	return names, err
}
