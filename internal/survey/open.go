package survey

import (
	"context"
	"crypto/rand"
	"unicode/utf8"

	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/intake"
	"adili/internal/survey/plan"
)

// MinPassphrase is the fewest characters of the passphrase that locks a round.
const MinPassphrase = 15

// OpenRound makes the round's key and answer files and lets answers in from
// the opening day on. The passphrase is needed again to close the round;
// without it nobody can ever read the answers.
func (s *Service) OpenRound(ctx context.Context, by people.Person, id, passphrase string) (err error) {
	defer errs.Wrap(&err, "open round %s", id)
	if err := may(by, people.RoundOpen); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error {
		r, populations, err := s.Round(ctx, by, id)
		if err != nil {
			return err
		}
		if r.State != DraftState || r.Pilot() {
			return errs.New(errs.Conflict, "survey.round.not_draft")
		}
		if err := checkPassphrase(passphrase); err != nil {
			return err
		}
		if obstacles := Obstacles(r, populations); len(obstacles) > 0 {
			e := errs.New(errs.Invalid, "survey.open.obstacles")
			e.Details = obstacles
			return e
		}
		if err := s.endPilot(ctx, by.Actor(), id); err != nil {
			return err
		}
		return s.open(ctx, r, populations, passphrase, func(tx storage.Querier) error {
			return s.note(ctx, tx, by, "round.open", id, "opens", string(r.Opens), "closes", string(r.Closes))
		})
	})
}

func checkPassphrase(passphrase string) error {
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return errs.New(errs.Invalid, "survey.open.passphrase", "Min", MinPassphrase)
	}
	return nil
}

// open makes the files of a draft and makes it open; note says so in the same
// transaction.
func (s *Service) open(ctx context.Context, r Round, populations []Population, passphrase string, note func(tx storage.Querier) error) error {
	box, err := s.makeFiles(ctx, r, populations, passphrase)
	if err != nil {
		return errs.New(errs.Unavailable, "survey.open.files").Because(err)
	}
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if err := moveState(ctx, tx, r.ID, OpenState, DraftState); err != nil {
			return err
		}
		if err := s.files.Register(ctx, tx, r.ID, box); err != nil {
			return err
		}
		return note(tx)
	})
	if err != nil {
		return err
	}
	r.State = OpenState
	return s.startIntake(ctx, r)
}

// makeFiles makes the keys and answer files of a round.
func (s *Service) makeFiles(ctx context.Context, r Round, populations []Population, passphrase string) (box string, err error) {
	questionnaires, err := plan.Questionnaires(populations)
	if err != nil {
		return "", err
	}
	key, err := ballot.NewKey(passphrase)
	if err != nil {
		return "", err
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return "", err
	}
	return s.files.Make(ctx, r.ID, key, secret, intake.Shape(populations, questionnaires))
}
