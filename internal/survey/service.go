package survey

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"adili/form"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
)

//go:embed migration/*.sql
var migrations embed.FS

// Migrate brings the survey's tables up to date.
func Migrate(ctx context.Context, db *storage.DB) error {
	files, err := fs.Sub(migrations, "migration")
	if err != nil {
		return err
	}
	return storage.Migrate(ctx, db, "survey", files)
}

// Service is the survey room. Its methods that take a person ask the
// permission table whether that person may.
type Service struct {
	db     *storage.DB
	clock  clock.Clock
	dir    string // folder with one folder a round
	log    *slog.Logger
	claims *claims
	mark   bool          // rounds made here are of invented data
	hashes chan struct{} // bounds the memory of code hashing

	desk sync.Mutex // held while a plan is changed, codes are made, a round is opened or closed

	mu      sync.RWMutex
	intakes map[string]*Intake // of open rounds

	cacheMu sync.Mutex
	cache   map[string]*Closed // of closed rounds, which never change
}

// New returns the survey room. Answers are kept in folder dir.
func New(db *storage.DB, clk clock.Clock, dir string, log *slog.Logger) *Service {
	return &Service{
		db: db, clock: clk, dir: dir, log: log, claims: newClaims(db),
		hashes:  make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		intakes: map[string]*Intake{}, cache: map[string]*Closed{},
	}
}

// MarkInvented makes every round made from now on say that its data are
// invented.
func (s *Service) MarkInvented() { s.mark = true }

// Start opens the answer files of the rounds that are open and clears away
// what an interrupted closing left behind.
func (s *Service) Start(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "start the survey room")
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return err
	}
	for _, r := range rounds {
		switch r.State {
		case OpenState:
			if err := s.startIntake(ctx, r); err != nil {
				// One broken round must not keep the others, and the staff pages, from working.
				s.log.Error("a round takes no answers", "round", r.ID, "error", err)
			}
		case ClosedState:
			if err := s.forget(ctx, r.ID); err != nil {
				return err
			}
		}
	}
	return s.Snapshot(ctx)
}

// Close waits for answers under way and closes the answer files.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, in := range s.intakes {
		in.stop()
		delete(s.intakes, id)
	}
	s.claims.close()
	return nil
}

func (s *Service) folder(round string) string { return filepath.Join(s.dir, round) }

func may(by people.Person, action people.Action) error {
	if !by.May(action) {
		return errs.New(errs.Forbidden, errs.Forbidden.Key())
	}
	return nil
}

// Rounds lists the rounds, the newest iteration first.
func (s *Service) Rounds(ctx context.Context, by people.Person) ([]Round, error) {
	if err := may(by, people.RoundView); err != nil {
		return nil, err
	}
	return loadRounds(ctx, s.db.Read())
}

// Round finds a round with its populations.
func (s *Service) Round(ctx context.Context, by people.Person, id string) (Round, []Population, error) {
	if err := may(by, people.RoundView); err != nil {
		return Round{}, nil, err
	}
	r, err := loadRound(ctx, s.db.Read(), id)
	if err != nil {
		return Round{}, nil, err
	}
	populations, err := loadPopulations(ctx, s.db.Read(), id)
	return r, populations, err
}

// change loads a round that is still being planned and its population, lets f
// change the population, and stores it. Once codes are made or the round is
// open, the plan stands.
func (s *Service) change(ctx context.Context, by people.Person, id string, kind form.Population, f func(tx storage.Querier, p *Population) error) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	s.desk.Lock()
	defer s.desk.Unlock()
	return s.db.Write(ctx, func(tx storage.Querier) error {
		if err := inDraft(ctx, tx, id); err != nil {
			return err
		}
		p, err := loadPopulation(ctx, tx, id, kind)
		if err != nil {
			return err
		}
		if err := f(tx, &p); err != nil {
			return err
		}
		return savePopulation(ctx, tx, id, p)
	})
}

// inDraft refuses what may only be done while a round is being planned.
func inDraft(ctx context.Context, tx storage.Querier, id string) error {
	r, err := loadRound(ctx, tx, id)
	if err == nil && r.State != DraftState {
		err = errs.New(errs.Conflict, "survey.round.not_draft")
	}
	return err
}

// unfixed refuses a change of what the codes were made for.
func unfixed(p *Population) error {
	if len(p.Plan.Invited) > 0 {
		return errs.New(errs.Conflict, "survey.plan.codes_made")
	}
	return nil
}

// questionnaires reads the instruments of a round.
func questionnaires(populations []Population) (map[form.Population]*form.Questionnaire, error) {
	all := make(map[form.Population]*form.Questionnaire, len(populations))
	for _, p := range populations {
		q, err := p.Questionnaire()
		if err != nil {
			return nil, fmt.Errorf("read the questionnaire for %s: %w", p.Kind, err)
		}
		all[p.Kind] = q
	}
	return all, nil
}
