package survey

import (
	"context"
	"errors"
	"flag"
	"os"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"adili/form"
	"adili/internal/survey/code"
	"adili/internal/testkit/dbtest"
)

func full() bool { return os.Getenv("ADILI_FULL") != "" }

// numbered answers with a number below 625 in base 5.
func numbered(q *form.Questionnaire, number int) form.Answers {
	answers := form.Answers{}
	for _, it := range q.Items() {
		if it.Kind == form.Agreement && len(answers) < 4 {
			answers[it.ID] = form.Answer{Code: form.Code(number%5 + 1)}
			number /= 5
		}
	}
	return answers
}

// numberOf reads it.
func numberOf(q *form.Questionnaire, answers form.Answers) int {
	n, place := 0, 1
	for _, it := range q.Items() {
		if it.Kind == form.Agreement && place < 625 {
			n += (int(answers[it.ID].Code) - 1) * place
			place *= 5
		}
	}
	return n
}

// sentForm is a form in somebody's hands. Its place in the list is the number
// it answers with.
type sentForm struct {
	sealed       string
	invitation   code.Code // empty: by the open link
	acknowledged bool
}

// world is one round on two nodes, and everybody who answers.
type world struct {
	*cluster
	rt    *rapid.T
	round string
	codes []code.Code
	forms []*sentForm
}

func (w *world) someNode() *Service {
	return w.nodes[rapid.SampledFrom([]string{"a", "b"}).Draw(w.rt, "node")].Service
}

// fill makes a new form, maybe with a code somebody else has already used.
func (w *world) fill() *sentForm {
	in := takes(w.t, w.someNode(), w.round)
	f := &sentForm{}
	d, err := in.BeginOpen(form.Private)
	if n := rapid.IntRange(0, len(w.codes)).Draw(w.rt, "code"); n > 0 {
		f.invitation = w.codes[n-1]
		d, err = in.Begin(f.invitation.String())
	}
	if err != nil {
		w.rt.Fatal(err)
	}
	d.Answers = numbered(in.Questionnaire(d.Kind), len(w.forms))
	if f.sealed, err = in.Seal(d); err != nil {
		w.rt.Fatal(err)
	}
	w.forms = append(w.forms, f)
	return f
}

// send sends a form to a node that may be killed on the way.
func (w *world) send(s *Service, f *sentForm, killed string) {
	in := takes(w.t, s, w.round)
	d, err := in.Open(f.sealed)
	if err != nil {
		w.rt.Fatal(err)
	}
	mark := d.Mark("code")
	if killed == "after the promise" || killed == "after the answer" {
		if f.invitation != "" && !in.Sent(d) {
			if err := s.claim(w.round, f.invitation.Selector(), mark[:]); err != nil {
				if !errors.Is(err, ErrCode) {
					w.rt.Fatal(err)
				}
				return
			}
		}
		if killed == "after the answer" {
			if err := in.Put(d, d.Stratum); err != nil {
				w.rt.Fatal(err)
			}
		}
		return
	}
	err = s.Submit(context.Background(), in, d)
	switch {
	case err != nil && !errors.Is(err, ErrCode):
		w.rt.Fatal(err)
	case err != nil && f.acknowledged:
		w.rt.Fatalf("a form that was thanked for is refused: %v", err)
	case err == nil && killed == "":
		f.acknowledged = true
	}
}

func (w *world) step(rt *rapid.T) {
	kill := rapid.SampledFrom([]string{"", "", "after the promise", "after the answer", "before the thanks"}).Draw(rt, "killed")
	switch what := rapid.IntRange(0, 9).Draw(rt, "what"); {
	case what == 0:
		name := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "restarted")
		w.stop(name)
		w.start(name)
	case what == 1 && len(w.forms) > 0: // a double click that two nodes get
		f := rapid.SampledFrom(w.forms).Draw(rt, "form")
		var both sync.WaitGroup
		for _, name := range []string{"a", "b"} {
			s := w.nodes[name].Service
			both.Go(func() { w.send(s, f, "before the thanks") })
		}
		both.Wait()
	case what < 5 && len(w.forms) > 0:
		w.send(w.someNode(), rapid.SampledFrom(w.forms).Draw(rt, "form"), kill)
	default:
		w.send(w.someNode(), w.fill(), kill)
	}
}

// finish closes the round and counts.
func (w *world) finish() {
	counted := map[int]int{}
	by := map[code.Code]int{}
	s := w.someNode()
	if err := s.CloseRound(context.Background(), testManager, w.round, testPassphrase); err != nil {
		w.rt.Fatal(err)
	}
	closed, err := s.Closed(context.Background(), testManager, w.round)
	if err != nil {
		w.rt.Fatal(err)
	}
	for _, g := range closed.Groups {
		for _, r := range g.Responses {
			counted[numberOf(g.Questionnaire, r.Answers)]++
		}
	}
	for number, n := range counted {
		if number >= len(w.forms) || n > 1 {
			w.rt.Fatalf("answer %d is counted %d times", number, n)
		}
		if c := w.forms[number].invitation; c != "" {
			if by[c]++; by[c] > 1 {
				w.rt.Fatalf("a code counts twice")
			}
		}
	}
	for number, f := range w.forms {
		if f.acknowledged && counted[number] != 1 {
			w.rt.Fatalf("answer %d was thanked for and is counted %d times", number, counted[number])
		}
	}
}

// Whatever is sent to which node, again and again, and wherever a node is
// killed: at closing an answer that was acknowledged is counted exactly once,
// any other at most once, and no code counts twice.
func TestAcknowledgedIsCountedExactlyOnce(t *testing.T) {
	checks := "4"
	if full() {
		checks = "80"
	}
	if err := flag.Set("rapid.checks", checks); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t, dbtest.Postgres(t, migrateAll), "a", "b")
	rapid.Check(t, func(rt *rapid.T) {
		r, codes := openRoundWith(t, c.nodes["a"].Service, 6, true)
		w := &world{cluster: c, rt: rt, round: r.ID, codes: append(codes[form.Official], codes[form.Private]...)}
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			w.step(rt)
		}
		w.finish()
	})
}
