package survey

import (
	"context"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/plan"
)

// Fieldwork counts are coarse on purpose: whoever watches them must not see
// single answers arrive.
const (
	fieldworkStep = 10 // counts are rounded down to this
	fieldworkMin  = 30 // and hidden under this
)

// Progress is how fieldwork stands in one collection stratum.
type Progress struct {
	Kind    form.Population
	Stratum Stratum
	Invited int
	Target  int  // answers expected: invited times expected response
	Used    int  // rounded down to ten, as of the end of Day
	Hidden  bool // fewer than 30 so far
	Day     Day  // empty before the first day is over
}

// Fieldwork is how the round stands by collection stratum, as of yesterday.
func (s *Service) Fieldwork(ctx context.Context, by people.Person, id string) ([]Progress, error) {
	if err := may(by, people.FieldworkView); err != nil {
		return nil, err
	}
	r, populations, err := s.Round(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if r.State != OpenState {
		return nil, errs.New(errs.Conflict, "survey.round.not_open")
	}
	rows, err := loadFieldwork(ctx, s.db.Read(), id)
	if err != nil {
		return nil, err
	}
	counted := map[int]fieldworkRow{}
	for _, f := range rows {
		counted[f.stratum] = f
	}
	var all []Progress
	for _, p := range populations {
		for _, st := range p.Plan.Strata {
			f := counted[st.Number]
			if f.day >= r.Today(s.clock.Now()) { // counted while the clock was ahead: that day is not over
				f = fieldworkRow{}
			}
			all = append(all, Progress{
				Kind: p.Kind, Stratum: st, Invited: p.Plan.Invited[st.Number],
				Target: int(float64(p.Plan.Invited[st.Number])*p.Plan.Response + 0.5),
				Used:   f.used, Hidden: f.used < fieldworkMin, Day: f.day,
			})
		}
	}
	return all, nil
}

// Snapshot stores the counts of every open round whose day has changed since
// the last time, as of the day that ended. Called at start and every minute,
// it is the only place where answers are counted before closing.
func (s *Service) Snapshot(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "count fieldwork")
	now := s.clock.Now()
	rounds, err := loadRounds(ctx, s.db.Read())
	if err != nil {
		return err
	}
	for _, r := range rounds {
		yesterday := Day(now.In(r.Location()).AddDate(0, 0, -1).Format(plan.DayFormat))
		if r.State != OpenState || yesterday < r.Opens {
			continue
		}
		rows, err := loadFieldwork(ctx, s.db.Read(), r.ID)
		if err != nil {
			return err
		}
		if today := r.Today(now); len(rows) > 0 && rows[0].day > today { // counted while the clock was ahead
			if err := s.unsay(ctx, rows, r.ID, today); err != nil {
				return err
			}
			continue
		}
		if len(rows) > 0 && rows[0].day >= yesterday {
			continue
		}
		if err := s.snapshot(ctx, r.ID, yesterday); err != nil {
			return err
		}
	}
	return nil
}

// unsay takes back counts that were made while the clock was ahead. The next
// are made when a whole day is over: today is not to be told from it.
func (s *Service) unsay(ctx context.Context, rows []fieldworkRow, round string, day Day) error {
	return s.db.Write(ctx, func(tx storage.Querier) error {
		for _, row := range rows {
			if err := saveFieldwork(ctx, tx, round, row.stratum, day, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// snapshot stores the counts of a day, unless another node was quicker: its
// counts must not be told apart from these.
func (s *Service) snapshot(ctx context.Context, round string, day Day) error {
	return s.db.Write(ctx, func(tx storage.Querier) error {
		rows, err := loadFieldwork(ctx, tx, round)
		if err != nil || len(rows) > 0 && rows[0].day >= day {
			return err
		}
		counts, err := countCodes(ctx, tx, round)
		if err != nil {
			return err
		}
		for _, c := range counts {
			shown := c.used / fieldworkStep * fieldworkStep
			if shown < fieldworkMin {
				shown = 0
			}
			if err := saveFieldwork(ctx, tx, round, c.stratum, day, shown); err != nil {
				return err
			}
		}
		return nil
	})
}
