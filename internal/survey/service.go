package survey

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"adili/form"
	"adili/internal/kernel/audit"
	"adili/internal/kernel/blob"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/vault"
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
	log    *slog.Logger
	files  *vault.Vault
	claims *storage.Batch
	mark   bool          // rounds made here are of invented data
	hashes chan struct{} // bounds the memory of code hashing
	pace   pace

	loading sync.Mutex // held while an intake is made or stopped
	mu      sync.RWMutex
	intakes map[string]*Intake   // of open rounds
	refused map[string]time.Time // when answer files could last not be opened

	cacheMu sync.Mutex
	cache   map[string]*Closed // of closed rounds, which never change
}

// New returns the survey room. Answers are kept in folder dir.
func New(db *storage.DB, clk clock.Clock, dir string, log *slog.Logger) *Service {
	return &Service{
		db: db, clock: clk, log: log, files: vault.New(db, dir), claims: storage.NewBatch(db),
		hashes:  make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		intakes: map[string]*Intake{}, refused: map[string]time.Time{}, cache: map[string]*Closed{}, pace: usualPace,
	}
}

// Join makes the service one of several nodes that work on one PostgreSQL
// database. Each has a name and a folder of its own, which it keeps; shared is
// where all of them find the keys of rounds and the results. Call it before
// Start. See decision 12.
func (s *Service) Join(node string, shared blob.Store) error { return s.files.Join(node, shared) }

// atDesk runs f while nobody else, on no node, changes a plan, makes codes,
// opens or closes a round, or makes a backup.
func (s *Service) atDesk(ctx context.Context, f func(ctx context.Context) error) error {
	return s.db.Exclusive(ctx, "survey desk", f)
}

// MarkInvented makes every round made from now on say that its data are
// invented.
func (s *Service) MarkInvented() { s.mark = true }

// Start opens the answer files of the rounds that are open and clears away
// what an interrupted closing left behind.
func (s *Service) Start(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "start the survey room")
	if err := s.files.Sweep(); err != nil {
		return err
	}
	if err := s.files.Resume(ctx); err != nil {
		return err
	}
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return err
	}
	for _, r := range rounds {
		if r.State == DraftState {
			continue
		}
		if err := s.files.Adopt(ctx, r.ID, r.State == ClosedState); err != nil {
			s.log.Error("the files of a round were not taken over", "round", r.ID, "error", err)
		}
		switch r.State {
		case OpenState:
			if err := s.startIntake(ctx, r); err != nil {
				// One broken round must not keep the others, and the staff pages, from working.
				s.log.Error("a round takes no answers", "round", r.ID, "error", err)
			}
		case ClosedState:
			if s.files.Cleared(r.ID) && !s.files.Abandoned(ctx, r.ID) {
				continue
			}
			s.later(r.ID, s.destroy(ctx, r.ID))
		}
	}
	return s.Snapshot(ctx)
}

// Close waits for answers under way and closes the answer files.
func (s *Service) Close() error {
	s.loading.Lock()
	defer s.loading.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, in := range s.intakes {
		in.Stop()
		delete(s.intakes, id)
	}
	s.claims.Close()
	return nil
}

func may(by people.Person, action people.Action) error {
	if !by.May(action) {
		return errs.New(errs.Forbidden, errs.Forbidden.Key())
	}
	return nil
}

// Rounds lists the rounds, the newest iteration first. Trials are not among
// them: see Pilot.
func (s *Service) Rounds(ctx context.Context, by people.Person) ([]Round, error) {
	if err := may(by, people.RoundView); err != nil {
		return nil, err
	}
	all, err := loadRounds(ctx, s.db.Read())
	return slices.DeleteFunc(all, Round.Pilot), err
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
// change the population, stores it and notes what was done. Once codes are made
// or the round is open, the plan stands.
func (s *Service) change(ctx context.Context, by people.Person, done, id string, kind form.Population, f func(tx storage.Querier, p *Population) error) error {
	if err := may(by, people.RoundPlan); err != nil {
		return err
	}
	return s.atDesk(ctx, func(ctx context.Context) error {
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
			if err := savePopulation(ctx, tx, id, p); err != nil {
				return err
			}
			return s.note(ctx, tx, by, done, id, "population", string(kind))
		})
	})
}

// note adds what a person has done to the trail, in the same transaction.
func (s *Service) note(ctx context.Context, tx storage.Querier, by people.Person, action, round string, detail ...string) error {
	return audit.Append(ctx, tx, s.clock.Now(), by.Actor(), action, round, detail...)
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
