package survey

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/people"
	"adili/internal/survey/ballot"
	"adili/internal/survey/paper"
)

// MinPassphrase is the fewest characters of the passphrase that locks a round.
const MinPassphrase = 15

// spareSlots is the room an answer file has beyond the codes made; it grows
// when that is not enough.
const (
	spareSlots = 256
	openSlots  = 4096 // for an open link
)

// Obstacles says what stands between a draft and its opening, as message keys
// with arguments; none means it can be opened.
func Obstacles(r Round, populations []Population) []errs.Detail {
	var all []errs.Detail
	add := func(kind form.Population, key string, args ...any) {
		all = append(all, errs.Detail{Field: string(kind), Key: key, Args: args})
	}
	if len(r.Channels) == 0 {
		all = append(all, errs.Detail{Key: "survey.open.no_channel"})
	}
	for _, p := range populations {
		if p.Plan.Coded() {
			if _, err := p.Plan.fixed(p.Kind); err != nil {
				e, _ := errs.Find(err)
				add(p.Kind, e.Key, e.Args...)
			} else if len(p.Plan.Invited) == 0 {
				add(p.Kind, "survey.open.no_codes")
			} else if none := p.Plan.uninvited(); none != "" {
				add(p.Kind, "survey.code.no_codes_in", "Names", none)
			}
		}
		if p.Plan.Selection == Clusters && !slices.ContainsFunc(p.Plan.Offices, func(o Office) bool { return o.Drawn }) {
			add(p.Kind, "survey.open.no_offices")
		}
		q, err := p.Questionnaire()
		if err != nil {
			add(p.Kind, "survey.open.instrument")
			continue
		}
		for _, lang := range r.Languages {
			if _, ok := q.Languages[lang]; !ok {
				add(p.Kind, "survey.open.language", "Language", lang)
			}
		}
	}
	return all
}

// uninvited names the strata for which no code was made.
func (p Plan) uninvited() string {
	var names []string
	for _, st := range p.Strata {
		if p.Invited[st.Number] == 0 {
			names = append(names, st.Label)
		}
	}
	return strings.Join(names, ", ")
}

// OpenRound makes the round's key and answer files and lets answers in from
// the opening day on. The passphrase is needed again to close the round;
// without it nobody can ever read the answers.
func (s *Service) OpenRound(ctx context.Context, by people.Person, id, passphrase string) (err error) {
	defer errs.Wrap(&err, "open round %s", id)
	if err := may(by, people.RoundOpen); err != nil {
		return err
	}
	s.desk.Lock()
	defer s.desk.Unlock()
	r, populations, err := s.Round(ctx, by, id)
	if err != nil {
		return err
	}
	if r.State != DraftState {
		return errs.New(errs.Conflict, "survey.round.not_draft")
	}
	if utf8.RuneCountInString(passphrase) < MinPassphrase {
		return errs.New(errs.Invalid, "survey.open.passphrase", "Min", MinPassphrase)
	}
	if obstacles := Obstacles(r, populations); len(obstacles) > 0 {
		e := errs.New(errs.Invalid, "survey.open.obstacles")
		e.Details = obstacles
		return e
	}
	if err := s.makeFiles(r, populations, passphrase); err != nil {
		return errs.New(errs.Unavailable, "survey.open.files").Because(err)
	}
	if r, err = s.setState(ctx, id, OpenState, DraftState); err != nil {
		return err
	}
	return s.startIntake(ctx, r)
}

// makeFiles makes the folder of a round anew; what an interrupted opening left
// there was never used.
func (s *Service) makeFiles(r Round, populations []Population, passphrase string) error {
	dir := s.folder(r.ID)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	questionnaires, err := questionnaires(populations)
	if err != nil {
		return err
	}
	key, err := ballot.NewKey(passphrase)
	if err != nil {
		return err
	}
	data, err := key.Marshal()
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	slots := spareSlots
	for _, p := range populations {
		for _, n := range p.Plan.Invited {
			slots += n
		}
		if p.Plan.Linked() {
			slots += openSlots
		}
	}
	for _, file := range []struct {
		name  string
		write func(path string) error
	}{
		{keyFile, func(path string) error { return ballot.WriteFile(path, data) }},
		{formKeyFile, func(path string) error { return ballot.WriteFile(path, secret) }},
		{answerFile, func(path string) error {
			return ballot.Create(path, paper.AnswerSize(questionnaires)+ballot.Overhead, slots)
		}},
		{opinionFile, func(path string) error {
			return ballot.Create(path, paper.OpinionSize(questionnaires)+ballot.Overhead, slots)
		}},
	} {
		if err := file.write(filepath.Join(dir, file.name)); err != nil {
			return fmt.Errorf("make %s: %w", file.name, err)
		}
	}
	return nil
}
