package survey

import (
	"context"
	"errors"
	"io"

	"adili/internal/kernel/errs"
	"adili/internal/survey/intake"
	"adili/internal/survey/plan"
	"adili/internal/survey/vault"
)

// Copy hands the files of all rounds over to a backup, under the names
// "rounds/ID/round.key", "form.key", "answers.box", "opinions.box",
// "answers.closed" and "opinions.json". The answers are in a new order, those
// of several nodes in one file.
//
// snapshot begins the backup's snapshot of the database. While it runs no node
// takes answers, so that no answer is in the backup whose code is unspent in
// it, and no code is spent in it whose answer is missing. What cannot be had of
// that is the answers of nodes that are out of reach: missing names them.
func (s *Service) Copy(ctx context.Context, put func(name string, size int64, r io.Reader) error, snapshot func() error) (missing []string, err error) {
	defer errs.Wrap(&err, "copy the files of rounds")
	staged, err := s.files.Stage()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, staged.Discard()) }()
	err = s.atDesk(ctx, func(ctx context.Context) (err error) { // nothing is opened or closed meanwhile
		missing, err = s.stage(ctx, staged, snapshot)
		return err
	})
	if err != nil {
		return nil, err
	}
	return missing, staged.Each(put)
}

func (s *Service) stage(ctx context.Context, to *vault.Staged, snapshot func() error) (missing []string, err error) {
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return nil, err
	}
	asked, err := s.files.Ask(ctx, s.pace.ask)
	if err != nil {
		return nil, err
	}
	sealed, err := s.standStill(ctx, rounds, snapshot)
	missing, ferr := s.files.Finish(ctx, asked) // also after an error: the others wait
	if err := errors.Join(err, ferr); err != nil {
		return nil, err
	}
	for _, r := range rounds {
		switch {
		case sealed[r.ID] != nil:
			err = s.stageOpen(ctx, to, asked, r, sealed[r.ID])
		case r.State == ClosedState && r.Expired == "":
			err = s.files.StageClosed(ctx, to, r.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	return missing, s.files.DropCopies(ctx, asked)
}

// standStill takes the snapshot, and reads this machine's sealed answers,
// while no answer is put away.
func (s *Service) standStill(ctx context.Context, rounds []Round, snapshot func() error) (map[string]*vault.Sealed, error) {
	release := s.holdStill()
	defer release(true)
	sealed := map[string]*vault.Sealed{}
	for _, r := range rounds {
		if r.State != OpenState && r.State != ClosingState {
			continue
		}
		own, err := s.files.CollectOwn(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		sealed[r.ID] = own
	}
	return sealed, snapshot()
}

func (s *Service) stageOpen(ctx context.Context, to *vault.Staged, asked *vault.Asked, r Round, sealed *vault.Sealed) error {
	populations, err := loadPopulations(ctx, s.db.Read(), r.ID)
	if err != nil {
		return err
	}
	all, err := plan.Questionnaires(populations)
	if err != nil {
		return err
	}
	return s.files.StageOpen(ctx, to, asked, r.ID, sealed, intake.Shape(populations, all))
}
