// Package intake is what the answering pages of one open round need while they
// are filled in, and the way of a finished one into the answer files. It knows
// no database: which code has served is the business of package survey.
package intake

import (
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"

	"adili/form"
	"adili/internal/kernel/errs"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/survey/paper"
	"adili/internal/survey/plan"
	"adili/internal/survey/vault"
)

// spareSlots is the room an answer file has beyond the codes made; it grows
// when that is not enough.
const (
	spareSlots = 256
	openSlots  = 4096 // for an open link
)

// Intake takes the answers of one open round.
type Intake struct {
	Round plan.Round

	planned        atomic.Pointer[planned]
	questionnaires map[form.Population]*form.Questionnaire
	drafts         *paper.Key
	boxes          vault.Boxes
	answerSealer   *ballot.Sealer
	opinionSealer  *ballot.Sealer
	shape          vault.Shape

	mu      sync.RWMutex // held for reading while an answer is put away
	stopped bool
}

// planned is what changes in an open round: how many codes there are.
type planned struct {
	populations map[form.Population]plan.Population
	table       code.Table
}

// Plan lets the intake know of codes made since.
func (in *Intake) Plan(populations []plan.Population) {
	p := &planned{populations: map[form.Population]plan.Population{}, table: plan.Table(in.Round, populations)}
	for _, one := range populations {
		p.populations[one.Kind] = one
	}
	in.planned.Store(p)
}

// SealInfo names a round's answers, or its open answers, to the sealing, so that
// one cannot be passed off as another.
func SealInfo(what, round string) string { return "adili " + what + " of round " + round }

// What is sealed.
const (
	Answers  = "answers"
	Opinions = "open answers"
)

// New makes the intake of a round from its keys. It takes answers once it has
// boxes.
func New(r plan.Round, populations []plan.Population, key *ballot.Key, secret []byte) (*Intake, error) {
	in := &Intake{Round: r}
	in.Plan(populations)
	var err error
	if in.questionnaires, err = plan.Questionnaires(populations); err != nil {
		return nil, err
	}
	in.shape = Shape(populations, in.questionnaires)
	if in.answerSealer, err = key.Sealer(SealInfo(Answers, r.ID)); err != nil {
		return nil, err
	}
	if in.opinionSealer, err = key.Sealer(SealInfo(Opinions, r.ID)); err != nil {
		return nil, err
	}
	in.drafts, err = paper.NewKey(secret, r.ID)
	return in, err
}

// Shape is how large its answer files are made.
func (in *Intake) Shape() vault.Shape { return in.shape }

// Fill lets the intake put answers into boxes.
func (in *Intake) Fill(boxes vault.Boxes) { in.boxes = boxes }

// Enter lets one answer be put away; leave says that it is. It reports false
// once the intake is stopped.
func (in *Intake) Enter() (leave func(), ok bool) {
	in.mu.RLock()
	if in.stopped {
		in.mu.RUnlock()
		return nil, false
	}
	return in.mu.RUnlock, true
}

// Hold waits for answers under way and lets no further one in until release is
// called, nor after it was called with false.
func (in *Intake) Hold() (release func(goOn bool)) {
	in.mu.Lock()
	return func(goOn bool) {
		in.stopped = in.stopped || !goOn
		in.mu.Unlock()
	}
}

// Stop refuses further answers and closes the files.
func (in *Intake) Stop() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.stopped = true
	in.boxes.Close()
}

// Questionnaire is the questionnaire of a population, nil if it is not asked.
func (in *Intake) Questionnaire(kind form.Population) *form.Questionnaire {
	return in.questionnaires[kind]
}

// Coded reports whether anybody is invited by code.
func (in *Intake) Coded() bool {
	for _, p := range in.planned.Load().populations {
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
		if p, ok := in.planned.Load().populations[kind]; ok && p.Plan.Linked() {
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
	stratum := in.planned.Load().table.Stratum(c)
	return in.begin(&paper.Draft{Kind: plan.StratumKind(stratum), Stratum: stratum, Code: c})
}

// BeginOpen starts a draft for somebody who followed the open link.
func (in *Intake) BeginOpen(kind form.Population) (*paper.Draft, error) {
	if p, ok := in.planned.Load().populations[kind]; !ok || !p.Plan.Linked() {
		return nil, errs.New(errs.NotFound, errs.NotFound.Key())
	}
	return in.begin(&paper.Draft{Kind: kind, Stratum: plan.OpenStratum(kind)})
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
	p := in.planned.Load().populations[d.Kind].Plan
	st, ok := p.Stratum(d.Stratum)
	if !ok {
		return 0, ""
	}
	return p.Invited[st.Number], st.Label
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
func (in *Intake) Sent(d *paper.Draft) bool { return in.boxes.Answers.Has(d.Mark("answer")) }

// Taken is how many answers are in this machine's file.
func (in *Intake) Taken() int { return in.boxes.Answers.Len() }

// Put seals the answers and puts them away, the open ones first, so that an
// answer that is there is there whole.
func (in *Intake) Put(d *paper.Draft, stratum int) error {
	q := in.questionnaires[d.Kind]
	for _, o := range paper.PackOpinions(d, q, in.shape.Opinion-ballot.Overhead) {
		sealed, err := in.opinionSealer.Seal(o.Record)
		if err != nil {
			return err
		}
		if err := in.boxes.Opinions.Put(o.Mark, sealed); err != nil {
			return err
		}
	}
	sealed, err := in.answerSealer.Seal(paper.PackAnswers(d, stratum, q, in.shape.Answer-ballot.Overhead))
	if err != nil {
		return err
	}
	return in.boxes.Answers.Put(d.Mark("answer"), sealed)
}

// Shape is how large the answer files of a round are made.
func Shape(populations []plan.Population, questionnaires map[form.Population]*form.Questionnaire) vault.Shape {
	slots := spareSlots
	for _, p := range populations {
		for _, n := range p.Plan.Invited {
			slots += n
		}
		if p.Plan.Linked() {
			slots += openSlots
		}
	}
	return vault.Shape{
		Answer:  paper.AnswerSize(questionnaires) + ballot.Overhead,
		Opinion: paper.OpinionSize(questionnaires) + ballot.Overhead,
		Slots:   slots,
	}
}
