package survey

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/paper"
	"adili/internal/survey/result"
	"adili/internal/survey/vault"
)

// Closed reads what a closed round left. Before closing there is nothing to
// read, for anybody: the error's kind is Conflict.
func (s *Service) Closed(ctx context.Context, by people.Person, id string) (*Closed, error) {
	if err := may(by, people.ReportView); err != nil {
		return nil, err
	}
	r, populations, err := s.Round(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if r.State != ClosedState {
		return nil, errs.New(errs.Conflict, "survey.report.not_closed")
	}
	s.cacheMu.Lock()
	defer s.cacheMu.Unlock()
	if r.Expired != "" { // maybe on another node
		delete(s.cache, id)
		return nil, errs.New(errs.Gone, "survey.round.expired", "Name", r.Name)
	}
	if c := s.cache[id]; c != nil {
		return c, nil
	}
	c, err := s.readClosed(ctx, r, populations)
	if err != nil {
		return nil, fmt.Errorf("read the answers of round %s: %w", id, err)
	}
	s.cache[id] = c
	return c, nil
}

func (s *Service) readClosed(ctx context.Context, r Round, populations []Population) (*Closed, error) {
	data, err := s.files.ReadClosed(ctx, r.ID, vault.ClosedFile)
	if err != nil {
		return nil, err
	}
	tally, err := loadTally(ctx, s.db.Read(), r.ID)
	if err != nil {
		return nil, err
	}
	return result.Read(r, populations, made(tally), data)
}

// made is how many codes were made, by stratum.
func made(tally []codeCount) map[int]int {
	count := make(map[int]int, len(tally))
	for _, c := range tally {
		count[c.stratum] = c.made
	}
	return count
}

// MinOpinions is the fewest open answers to one question that are handed out
// together.
const MinOpinions = 20

// Opinions returns the open answers of a closed round, sorted by content, and
// only of questions that at least MinOpinions people answered.
func (s *Service) Opinions(ctx context.Context, by people.Person, id string) ([]paper.Opinion, error) {
	if _, err := s.Closed(ctx, by, id); err != nil {
		return nil, err
	}
	data, err := s.files.ReadClosed(ctx, id, vault.OpinionsFile)
	if err != nil {
		return nil, fmt.Errorf("read the open answers of round %s: %w", id, err)
	}
	var all []paper.Opinion
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("read the open answers of round %s: %w", id, err)
	}
	type question struct {
		kind form.Population
		item string
	}
	count := map[question]int{}
	for _, o := range all {
		count[question{o.Kind, o.Item}]++
	}
	return slices.DeleteFunc(all, func(o paper.Opinion) bool { return count[question{o.Kind, o.Item}] < MinOpinions }), nil
}

// Taken notes in the trail that a person took results out of the system: what
// is "report.exported" or "opinions.exported".
func (s *Service) Taken(ctx context.Context, by people.Person, round, what, table string) error {
	if err := may(by, people.ReportView); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx storage.Querier) error { return s.note(ctx, tx, by, what, round, "table", table) })
}
