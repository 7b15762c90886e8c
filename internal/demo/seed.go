package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/i18n"
	"adili/internal/kernel/people"
	"adili/internal/survey"
	"adili/internal/survey/code"
)

// Size is how large a demonstration is.
type Size struct {
	Officials, Firms         int // answers in each closed round
	OpenOfficials, OpenFirms int // answers so far in the open round
	Followers                int // answers so far by the open link for firms
	Cards                    int // unused card codes a population in the open round
	Links                    int // unused link codes a population in the open round
}

// Full is the size of the demonstration people see.
func Full() Size {
	return Size{Officials: 320, Firms: 80, OpenOfficials: 150, OpenFirms: 60, Followers: 12, Cards: 220, Links: 60}
}

// more are the answers a closed round has beyond the round before.
const moreOfficials, moreFirms = 6, 4

// answers is how many answers seeding sends in all.
func (s Size) answers() int {
	return 2*(s.Officials+s.Firms) + moreOfficials + moreFirms + s.OpenOfficials + s.OpenFirms + s.Followers
}

// Shares of the invited who answer in a closed round.
const (
	officialResponse = 0.76
	firmResponse     = 0.32
)

// Seed is the seed of the demonstration people see.
const Seed = 20_201_209

// workers is how many phones answer at a time.
const workers = 8

// Stage is where the demonstration is set up: the rooms of a program that
// answers at Base and goes by Clock.
type Stage struct {
	People   *people.Service
	Survey   *survey.Service
	Clock    *clock.Manual
	Base     string    // address the pages answer at while seeding
	Now      time.Time // the present
	Seed     uint64
	Size     Size
	Progress *Progress                 // nil: none
	Report   func(round string) string // path of the report of a round
}

// seeding is a Stage at work.
type seeding struct {
	Stage
	phone   *phone.Phone
	manager people.Person
	file    *File
}

// Run makes the accounts and the rounds, has them answered, and leaves the
// clock at Now. The database must be empty.
func (s Stage) Run(ctx context.Context) (f *File, err error) {
	defer errs.Wrap(&err, "make the demonstration")
	w := &seeding{Stage: s, phone: phone.New(phone.NewClient(workers), s.Base), file: newFile()}
	w.phone.Plain = true
	s.Clock.Set(s.Now.AddDate(-4, 0, -20))
	if err := w.accounts(ctx); err != nil {
		return nil, err
	}
	for iteration, opened := range []time.Time{s.Now.AddDate(-4, 0, -14), s.Now.AddDate(-2, 0, -9)} {
		if err := w.closed(ctx, iteration+1, opened); err != nil {
			return nil, fmt.Errorf("round %d: %w", iteration+1, err)
		}
	}
	if err := w.open(ctx, 3); err != nil {
		return nil, fmt.Errorf("round 3: %w", err)
	}
	s.Progress.done()
	return w.file, nil
}

// accounts makes one account for each role.
func (w *seeding) accounts(ctx context.Context) error {
	for _, a := range []struct {
		role people.Role
		name string
		into *Account
	}{
		{people.Operator, "Operator (invented)", &w.file.Operator},
		{people.Manager, "Survey manager (invented)", &w.file.Staff},
		{people.Analyst, "Analyst (invented)", &w.file.Analyst},
	} {
		*a.into = Account{Email: string(a.role) + "@customs.example", Password: rand.Text()}
		person, _, err := w.People.Create(ctx, people.NewPerson{Email: a.into.Email, Name: a.name, Role: a.role, Password: a.into.Password})
		if err != nil {
			return err
		}
		if a.role == people.Manager {
			w.manager = person
		}
	}
	return nil
}

// kinds are the populations of every round.
func kinds() []form.Population { return []form.Population{form.Official, form.Private} }

// plan makes a round that takes answers for days from its opening day on, with
// frames, offices and choices, but without codes.
func (w *seeding) plan(ctx context.Context, iteration int, opened time.Time, days int, link bool) (survey.Round, error) {
	const format = "2006-01-02"
	r, err := w.Survey.CreateRound(ctx, w.manager, survey.Basics{
		Name:      fmt.Sprintf("Integrity perception survey %d", opened.Year()),
		Iteration: iteration, Zone: zone,
		Opens: survey.Day(opened.Format(format)), Closes: survey.Day(opened.AddDate(0, 0, days).Format(format)),
		Languages: i18n.Languages, Populations: kinds(), Notice: notice(), Channels: channels(),
	})
	if err != nil {
		return r, err
	}
	for _, kind := range kinds() {
		if err := w.Survey.SaveFrame(ctx, w.manager, r.ID, kind, frame(kind)); err != nil {
			return r, err
		}
		if err := w.Survey.SaveChoices(ctx, w.manager, r.ID, kind, choices(kind, link && kind == form.Private)); err != nil {
			return r, err
		}
		if err := w.Survey.SaveOffices(ctx, w.manager, r.ID, kind, offices(kind)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// codes are codes by the label of their stratum.
type codes map[string][]code.Code

// take removes a code of the stratum.
func (c codes) take(stratum string) (code.Code, error) {
	all := c[stratum]
	if len(all) == 0 {
		return "", fmt.Errorf("no code is left for %s", stratum)
	}
	c[stratum] = all[1:]
	return all[0], nil
}

// list is all that is left, as text.
func (c codes) list(kind form.Population) []string {
	var all []string
	for _, s := range strataOf(kind) {
		for _, invitation := range c[s.name] {
			all = append(all, invitation.String())
		}
	}
	return all
}

// invite makes n codes, shared out by the size of the strata.
func (w *seeding) invite(ctx context.Context, round string, kind form.Population, carrier code.Carrier, n int) (codes, error) {
	_, populations, err := w.Survey.Round(ctx, w.manager, round)
	if err != nil {
		return nil, err
	}
	count := map[int]int{}
	for _, p := range populations {
		if p.Kind != kind {
			continue
		}
		strata, _ := p.Plan.Split(kind)
		for i, share := range proportional(strataOf(kind), n) {
			count[strata[i].Number] = share.n
		}
	}
	batches, err := w.Survey.MakeCodes(ctx, w.manager, round, kind, carrier, count)
	if err != nil {
		return nil, err
	}
	made := codes{}
	for _, b := range batches {
		made[b.Stratum.Label] = b.Codes
	}
	return made, nil
}

// closed makes a round of the past, has it answered and closes it.
func (w *seeding) closed(ctx context.Context, iteration int, opened time.Time) error {
	const days = 21
	r, err := w.plan(ctx, iteration, opened, days, false)
	if err != nil {
		return err
	}
	asked := map[form.Population]int{
		form.Official: w.Size.Officials + moreOfficials*(iteration-1),
		form.Private:  w.Size.Firms + moreFirms*(iteration-1),
	}
	made := map[form.Population]codes{}
	for kind, rate := range map[form.Population]float64{form.Official: officialResponse, form.Private: firmResponse} {
		if made[kind], err = w.invite(ctx, r.ID, kind, code.ByLink, int(float64(asked[kind])/rate)+5); err != nil {
			return err
		}
	}
	passphrase := rand.Text()
	w.Clock.Set(opened)
	if err := w.Survey.OpenRound(ctx, w.manager, r.ID, passphrase); err != nil {
		return err
	}
	w.Clock.Set(opened.AddDate(0, 0, days/2))
	for _, kind := range kinds() {
		if err := w.answer(ctx, r, kind, asked[kind], made[kind]); err != nil {
			return err
		}
	}
	w.Clock.Set(opened.AddDate(0, 0, days+1))
	if err := w.Survey.CloseRound(ctx, w.manager, r.ID, passphrase); err != nil {
		return err
	}
	w.file.Reports[strconv.Itoa(iteration)] = w.Report(r.ID)
	return nil
}

// open makes the round under way: it opened six days ago, and what was
// answered so far was answered by the day before yesterday.
func (w *seeding) open(ctx context.Context, iteration int) error {
	opened := w.Now.AddDate(0, 0, -6)
	r, err := w.plan(ctx, iteration, opened, 28, true)
	if err != nil {
		return err
	}
	o := &w.file.OpenRound
	o.ID, o.Passphrase = r.ID, rand.Text()
	so := map[form.Population]int{form.Official: w.Size.OpenOfficials, form.Private: w.Size.OpenFirms}
	made := map[form.Population]codes{}
	for _, kind := range kinds() {
		if made[kind], err = w.invite(ctx, r.ID, kind, code.ByLink, so[kind]+w.Size.Links+5); err != nil {
			return err
		}
		cards, err := w.invite(ctx, r.ID, kind, code.ByCard, w.Size.Cards)
		if err != nil {
			return err
		}
		o.Codes[kind] = cards.list(kind)
	}
	w.Clock.Set(opened)
	if err := w.Survey.OpenRound(ctx, w.manager, r.ID, o.Passphrase); err != nil {
		return err
	}
	w.Clock.Set(w.Now.AddDate(0, 0, -2))
	for _, kind := range kinds() {
		if err := w.answer(ctx, r, kind, so[kind], made[kind]); err != nil {
			return err
		}
		o.LinkCodes[kind] = made[kind].list(kind)
	}
	if err := w.follow(ctx, r); err != nil {
		return err
	}
	w.Clock.Set(w.Now)
	return w.Survey.Snapshot(ctx)
}

// questionnaire is the round's questionnaire for a population.
func (w *seeding) questionnaire(ctx context.Context, round string, kind form.Population) (*form.Questionnaire, error) {
	_, populations, err := w.Survey.Round(ctx, w.manager, round)
	if err != nil {
		return nil, err
	}
	for _, p := range populations {
		if p.Kind == kind {
			return p.Questionnaire()
		}
	}
	return nil, fmt.Errorf("the round does not ask %s", kind)
}

// answer has n people answer, each with a code of their stratum.
func (w *seeding) answer(ctx context.Context, r survey.Round, kind form.Population, n int, made codes) error {
	q, err := w.questionnaire(ctx, r.ID, kind)
	if err != nil {
		return err
	}
	drawn := Draw(q, r.Iteration, n, w.Seed)
	used := make([]string, len(drawn))
	for i, person := range drawn {
		invitation, err := made.take(person.Stratum)
		if err != nil {
			return err
		}
		used[i] = invitation.String()
	}
	return w.send(ctx, r.ID, drawn, used)
}

// follow has firms answer by the open link.
func (w *seeding) follow(ctx context.Context, r survey.Round) error {
	q, err := w.questionnaire(ctx, r.ID, form.Private)
	if err != nil {
		return err
	}
	drawn := Draw(q, r.Iteration, w.Size.Followers, w.Seed+1)
	return w.send(ctx, r.ID, drawn, make([]string, len(drawn)))
}

// send answers over HTTP, several people at a time.
func (w *seeding) send(ctx context.Context, round string, drawn []Respondent, used []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i, person := range drawn {
		group.Go(func() error {
			if err := w.phone.Answer(ctx, person.Lang, round, string(person.Kind), used[i], person.Choose); err != nil {
				return fmt.Errorf("answer %d of %s: %w", i+1, person.Kind, err)
			}
			w.Progress.add()
			return nil
		})
	}
	return group.Wait()
}
