package survey

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/kernel/storage"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
)

// Names of the files in a round's folder.
const (
	keyFile      = "round.key"      // public key, and the private one under the passphrase
	formKeyFile  = "form.key"       // seals drafts
	answerFile   = "answers.box"    // sealed closed answers
	opinionFile  = "opinions.box"   // sealed open answers
	closedFile   = "answers.closed" // after closing: answer records sorted by content
	opinionsFile = "opinions.json"  // after closing: open answers sorted by content
)

// Intake takes the answers of one open round.
type Intake struct {
	Round Round

	populations    map[form.Population]Population
	questionnaires map[form.Population]*form.Questionnaire
	table          code.Table
	drafts         *paper.Key
	answers        *ballot.Box
	opinions       *ballot.Box
	answerSealer   *ballot.Sealer
	opinionSealer  *ballot.Sealer
	answerSize     int
	opinionSize    int

	mu      sync.RWMutex // held for reading while an answer is put away
	stopped bool
}

// ErrCode says that a code cannot be used. Whether it is unknown or has served
// is not told, to anybody.
var ErrCode = errors.New("the code cannot be used")

func sealInfo(what, round string) string { return "adili " + what + " of round " + round }

func (s *Service) startIntake(ctx context.Context, r Round) (err error) {
	defer errs.Wrap(&err, "open the answer files of round %s", r.ID)
	populations, err := loadPopulations(ctx, s.db.Read(), r.ID)
	if err != nil {
		return err
	}
	in, err := openIntake(r, populations, s.folder(r.ID))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intakes[r.ID] = in
	return nil
}

func openIntake(r Round, populations []Population, dir string) (*Intake, error) {
	in := &Intake{Round: r, populations: map[form.Population]Population{}, table: share(r, populations)}
	var err error
	if in.questionnaires, err = questionnaires(populations); err != nil {
		return nil, err
	}
	for _, p := range populations {
		in.populations[p.Kind] = p
	}
	in.answerSize, in.opinionSize = paper.AnswerSize(in.questionnaires), paper.OpinionSize(in.questionnaires)
	key, err := readKey(dir)
	if err != nil {
		return nil, err
	}
	if in.answerSealer, err = key.Sealer(sealInfo("answers", r.ID)); err != nil {
		return nil, err
	}
	if in.opinionSealer, err = key.Sealer(sealInfo("open answers", r.ID)); err != nil {
		return nil, err
	}
	secret, err := os.ReadFile(filepath.Join(dir, formKeyFile))
	if err != nil {
		return nil, err
	}
	if in.drafts, err = paper.NewKey(secret, r.ID); err != nil {
		return nil, err
	}
	if in.answers, err = ballot.Open(filepath.Join(dir, answerFile)); err != nil {
		return nil, err
	}
	if in.opinions, err = ballot.Open(filepath.Join(dir, opinionFile)); err != nil {
		in.answers.Close()
		return nil, err
	}
	return in, nil
}

func readKey(dir string) (*ballot.Key, error) {
	data, err := os.ReadFile(filepath.Join(dir, keyFile))
	if err != nil {
		return nil, err
	}
	return ballot.ParseKey(data)
}

// stop refuses further answers and closes the files.
func (in *Intake) stop() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.stopped = true
	in.answers.Close()
	in.opinions.Close()
}

// Intake finds the open round that takes answers now. Otherwise the error's
// kind is NotFound for no such round, and Gone with a key that says whether it
// has not begun or is over.
func (s *Service) Intake(ctx context.Context, round string) (*Intake, error) {
	s.mu.RLock()
	in := s.intakes[round]
	s.mu.RUnlock()
	if in != nil && in.Round.Accepting(s.clock.Now()) {
		return in, nil
	}
	r, err := loadRound(ctx, s.db.Read(), round)
	if err != nil {
		return nil, err
	}
	if r.Accepting(s.clock.Now()) { // its files could not be opened: the operator's log says why
		return nil, errs.New(errs.Unavailable, errs.Unavailable.Key())
	}
	if r.State == DraftState || r.State == OpenState && r.today(s.clock.Now()) < r.Opens {
		return nil, errs.New(errs.Gone, "survey.intake.not_yet", "Name", r.Name)
	}
	return nil, errs.New(errs.Gone, "survey.intake.over", "Name", r.Name)
}

// Questionnaire is the questionnaire of a population, nil if it is not asked.
func (in *Intake) Questionnaire(kind form.Population) *form.Questionnaire {
	return in.questionnaires[kind]
}

// Coded reports whether anybody is invited by code.
func (in *Intake) Coded() bool {
	for _, p := range in.populations {
		if p.Plan.Coded() {
			return true
		}
	}
	return false
}

// OpenLinks lists the populations that have an open link.
func (in *Intake) OpenLinks() []form.Population {
	var kinds []form.Population
	for _, kind := range []form.Population{form.Official, form.Private} {
		if p, ok := in.populations[kind]; ok && p.Plan.Linked() {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Begin starts a draft for a code. Whether the code can be used is not looked
// at before the answers are sent; only a mistyped one is refused here.
func (in *Intake) Begin(typed string) (*paper.Draft, error) {
	c, err := code.Parse(typed)
	if err != nil {
		return nil, err
	}
	if !in.Coded() {
		return nil, code.ErrMistyped
	}
	stratum := in.table.Stratum(c)
	return in.begin(&paper.Draft{Kind: StratumKind(stratum), Stratum: stratum, Code: c})
}

// BeginOpen starts a draft for somebody who followed the open link.
func (in *Intake) BeginOpen(kind form.Population) (*paper.Draft, error) {
	if p, ok := in.populations[kind]; !ok || !p.Plan.Linked() {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return in.begin(&paper.Draft{Kind: kind, Stratum: OpenStratum(kind)})
}

func (in *Intake) begin(d *paper.Draft) (*paper.Draft, error) {
	if _, err := rand.Read(d.Number[:]); err != nil {
		return nil, fmt.Errorf("begin a form: %w", err)
	}
	d.Page, d.Answers = -1, form.Answers{}
	return d, nil
}

// Crowd is how many people share the draft's collection stratum: the cards or
// links made for it, and its label. Zero for an open link.
func (in *Intake) Crowd(d *paper.Draft) (people int, label string) {
	plan := in.populations[d.Kind].Plan
	st, ok := plan.Stratum(d.Stratum)
	if !ok {
		return 0, ""
	}
	return plan.Invited[st.Number], st.Label
}

// Seal is the draft as the text of a hidden field.
func (in *Intake) Seal(d *paper.Draft) (string, error) {
	return in.drafts.Seal(d, in.questionnaires[d.Kind])
}

// Open reads a sealed draft. What was altered, or is from another round, is an
// error of kind Invalid.
func (in *Intake) Open(sealed string) (*paper.Draft, error) {
	d, err := in.drafts.Open(sealed, in.Questionnaire)
	if err != nil {
		return nil, errs.New(errs.Invalid, "survey.intake.altered").Because(err)
	}
	return d, nil
}

// Sent reports whether the draft's answers are on the disk already.
func (in *Intake) Sent(d *paper.Draft) bool { return in.answers.Has(d.Mark("answer")) }

// Submit puts the answers away. When it returns nil they are on the disk and
// count once, however often the same draft is sent. A code that is unknown or
// has served gives ErrCode, after the same work and without a difference.
//
// The order makes a crash at any point harmless: the code is promised to this
// draft before the answer is written, and spent after. Sending the same draft
// again completes whatever is missing.
func (s *Service) Submit(ctx context.Context, in *Intake, d *paper.Draft) (err error) {
	defer errs.Wrap(&err, "take an answer")
	in.mu.RLock()
	defer in.mu.RUnlock()
	if in.stopped {
		return errs.New(errs.Gone, "survey.intake.over", "Name", in.Round.Name)
	}
	stratum := d.Stratum
	claimMark := d.Mark("code")
	selector := ""
	if d.Code != "" {
		known, err := s.check(ctx, in.Round.ID, d.Code)
		if err != nil {
			return err
		}
		if known.selector != "" && StratumKind(known.stratum) == d.Kind {
			selector, stratum = known.selector, known.stratum
		}
		if !in.Sent(d) {
			if err := s.claim(in.Round.ID, selector, claimMark[:]); err != nil {
				return err
			}
		}
	}
	if err := in.put(d, stratum); err != nil {
		return errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(err)
	}
	if selector == "" {
		return nil
	}
	return s.claims.do(func(ctx context.Context, tx storage.Querier) error {
		return spendCode(ctx, tx, in.Round.ID, selector, claimMark[:])
	})
}

// dummySalt keeps the work for a code that was never made the same.
var dummySalt = [16]byte{}

// check looks a code up. An unknown code comes back with an empty selector.
func (s *Service) check(ctx context.Context, round string, invitation code.Code) (storedCode, error) {
	c, err := loadCode(ctx, s.db.Read(), round, invitation.Selector())
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return storedCode{}, err
	}
	found := err == nil
	if !found {
		c.salt, c.hash = dummySalt[:], nil
	}
	select {
	case s.hashes <- struct{}{}:
		defer func() { <-s.hashes }()
	case <-ctx.Done():
		return storedCode{}, errs.New(errs.Unavailable, errs.Unavailable.Key()).Because(ctx.Err())
	}
	if !invitation.Matches(c.salt, c.hash) || !found {
		return storedCode{}, nil
	}
	return c, nil
}

// claim promises the code to the draft with this mark. For a code that was
// never made the statement runs all the same and finds nothing.
func (s *Service) claim(round, selector string, mark []byte) error {
	var ok bool
	err := s.claims.do(func(ctx context.Context, tx storage.Querier) (err error) {
		ok, err = claimCode(ctx, tx, round, selector, mark)
		return err
	})
	if err == nil && !ok {
		return ErrCode
	}
	return err
}

// put seals the answers and puts them away, the open ones first, so that an
// answer that is there is there whole.
func (in *Intake) put(d *paper.Draft, stratum int) error {
	q := in.questionnaires[d.Kind]
	for _, o := range paper.PackOpinions(d, q, in.opinionSize) {
		sealed, err := in.opinionSealer.Seal(o.Record)
		if err != nil {
			return err
		}
		if err := in.opinions.Put(o.Mark, sealed); err != nil {
			return err
		}
	}
	sealed, err := in.answerSealer.Seal(paper.PackAnswers(d, stratum, q, in.answerSize))
	if err != nil {
		return err
	}
	return in.answers.Put(d.Mark("answer"), sealed)
}
