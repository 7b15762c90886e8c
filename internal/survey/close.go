package survey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/paper"
)

// CloseRound ends the intake, opens the answers with the passphrase, writes
// them sorted by content, and destroys the key, the codes and everything by
// which a form could be recognised. A closing that was interrupted is finished
// by closing again.
func (s *Service) CloseRound(ctx context.Context, by people.Person, id, passphrase string) (err error) {
	defer errs.Wrap(&err, "close round %s", id)
	if err := may(by, people.RoundClose); err != nil {
		return err
	}
	s.desk.Lock()
	defer s.desk.Unlock()
	r, err := loadRound(ctx, s.db.Read(), id)
	if err != nil {
		return err
	}
	if r.State != OpenState && r.State != ClosingState {
		return errs.New(errs.Conflict, "survey.round.not_open")
	}
	// The passphrase is tried before anything is stopped.
	opener, err := s.unlock(id, passphrase)
	if err != nil {
		return err
	}
	if _, err := s.setState(ctx, id, ClosingState, OpenState, ClosingState); err != nil {
		return err
	}
	s.stopIntake(id)
	if err := s.writeClosed(id, opener); err != nil {
		return errs.New(errs.Unavailable, "survey.close.files").Because(err)
	}
	if err := s.settle(ctx, id); err != nil {
		return err
	}
	return s.forget(ctx, id)
}

// unlock returns what opens the answers of a round.
func (s *Service) unlock(round, passphrase string) (*ballot.Opener, error) {
	key, err := readKey(s.folder(round))
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
func (s *Service) setState(ctx context.Context, id string, state State, from ...State) (r Round, err error) {
	err = s.db.Write(ctx, func(tx storage.Querier) error {
		if r, err = loadRound(ctx, tx, id); err != nil {
			return err
		}
		if !slices.Contains(from, r.State) {
			return errs.New(errs.Conflict, "survey.round.not_open")
		}
		r.State = state
		return updateRound(ctx, tx, r)
	})
	return r, err
}

func (s *Service) stopIntake(id string) {
	s.mu.Lock()
	in := s.intakes[id]
	delete(s.intakes, id)
	s.mu.Unlock()
	if in != nil {
		in.stop()
	}
}

// writeClosed opens the sealed answers and writes them sorted by content.
func (s *Service) writeClosed(round string, opener *ballot.Opener) error {
	dir := s.folder(round)
	records, err := openAll(filepath.Join(dir, answerFile), opener, sealInfo("answers", round))
	if err != nil {
		return err
	}
	slices.SortFunc(records, bytes.Compare)
	texts, err := openAll(filepath.Join(dir, opinionFile), opener, sealInfo("open answers", round))
	if err != nil {
		return err
	}
	slices.SortFunc(texts, bytes.Compare)
	opinions := make([]paper.Opinion, 0, len(texts))
	for _, record := range texts {
		o, err := paper.UnpackOpinion(record)
		if err != nil {
			return err
		}
		opinions = append(opinions, o)
	}
	list, err := json.Marshal(opinions)
	if err != nil {
		return err
	}
	if err := ballot.WriteFile(filepath.Join(dir, opinionsFile), list); err != nil {
		return err
	}
	return ballot.WriteFile(filepath.Join(dir, closedFile), bytes.Join(records, nil))
}

func openAll(path string, opener *ballot.Opener, info string) ([][]byte, error) {
	box, err := ballot.Open(path)
	if err != nil {
		return nil, err
	}
	if err := box.Close(); err != nil {
		return nil, err
	}
	var plain [][]byte
	err = box.Each(func(sealed []byte) error {
		record, err := opener.Open(info, sealed)
		plain = append(plain, record)
		return err
	})
	return plain, err
}

// settle counts the codes, deletes them and makes the round closed.
func (s *Service) settle(ctx context.Context, id string) error {
	return s.db.Write(ctx, func(tx storage.Querier) error {
		counts, err := countCodes(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, c := range counts {
			if err := saveTally(ctx, tx, id, c); err != nil {
				return err
			}
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
		r.Closes = min(r.Closes, r.today(s.clock.Now())) // the day answers were taken until
		return updateRound(ctx, tx, r)
	})
}

// forget destroys the key of a closed round and every hash by which a form
// could be recognised. The answer file goes last: while it is there the work
// is not done, and starting again does it over.
func (s *Service) forget(ctx context.Context, round string) error {
	dir := s.folder(round)
	last := filepath.Join(dir, answerFile)
	if _, err := os.Stat(last); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, name := range []string{keyFile, formKeyFile, opinionFile} {
		if err := ballot.Destroy(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := s.db.Scrub(ctx, "code", "fieldwork"); err != nil {
		return err
	}
	return ballot.Destroy(last)
}

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
	questionnaires, err := questionnaires(populations)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(s.folder(r.ID), closedFile))
	if err != nil {
		return nil, err
	}
	tally, err := loadTally(ctx, s.db.Read(), r.ID)
	if err != nil {
		return nil, err
	}
	c := &Closed{Round: r, Groups: groups(populations, questionnaires, tally)}
	size := paper.AnswerSize(questionnaires)
	for ; len(data) >= size; data = data[size:] {
		kind, stratum, answers, err := paper.UnpackAnswers(data[:size], questionnaires)
		if err != nil {
			return nil, err
		}
		open := stratum == OpenStratum(kind)
		for i := range c.Groups {
			if g := &c.Groups[i]; g.Kind == kind && g.Open == open {
				g.Responses = append(g.Responses, Response{Stratum: stratum, Answers: answers})
			}
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many in %s", len(data), closedFile)
	}
	return c, nil
}

// groups are the columns of the report without their answers: for each
// population those invited by code, then those who followed its open link.
func groups(populations []Population, questionnaires map[form.Population]*form.Questionnaire, tally []codeCount) []Group {
	var all []Group
	for _, p := range populations {
		if p.Plan.Coded() {
			g := Group{Kind: p.Kind, Selection: p.Plan.Selection, Plan: p.Plan, Questionnaire: questionnaires[p.Kind],
				Strata: p.Plan.Strata, Invited: map[int]int{}}
			for _, c := range tally {
				if StratumKind(c.stratum) == p.Kind {
					g.Invited[c.stratum] = c.made
				}
			}
			all = append(all, g)
		}
		if p.Plan.Linked() {
			all = append(all, Group{Kind: p.Kind, Open: true, Selection: OpenLink, Plan: p.Plan, Questionnaire: questionnaires[p.Kind],
				Strata: []Stratum{{Number: OpenStratum(p.Kind)}}})
		}
	}
	return all
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
	data, err := os.ReadFile(filepath.Join(s.folder(id), opinionsFile))
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
