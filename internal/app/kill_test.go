package app

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"adili/form"
	"adili/internal/demo/phone"
	"adili/internal/kernel/clock"
	"adili/internal/kernel/storage"
	"adili/internal/survey"
	"adili/internal/survey/ballot"
	"adili/internal/survey/code"
	"adili/internal/testkit/acmetest"
	"adili/internal/testkit/roundtest"
)

const (
	killClients  = 16 // that send at a time
	formsPerKill = 60
)

// full reports whether the long form of the tests is asked for.
func full() bool { return os.Getenv("ADILI_FULL") != "" }

// The program is killed at random while answers come in, started again, and
// sent again what it had not acknowledged. At the end every answer is there
// exactly once.
func TestKilledDuringIntake(t *testing.T) {
	path := program(t)
	databases(t, func(t *testing.T, url string) {
		kills := map[bool]int{false: 8, true: 50}[full()]
		if url != "" {
			kills = map[bool]int{false: 3, true: 15}[full()]
		}
		data := t.TempDir()
		round, codes := openNow(t, data, url, kills*formsPerKill)
		p := &process{t: t, path: path, arguments: []string{"serve", "--data", data, "--listen", acmetest.FreeAddress(t)}}
		if url != "" {
			p.arguments = append(p.arguments, "--database", url)
		}
		t.Cleanup(p.kill)
		p.start()
		k := &killing{process: p, box: filepath.Join(data, "rounds", round, "answers.box"), forms: walkAll(t, p.base, round, codes)}
		for i := range kills {
			k.round(t, i)
		}
		k.finish(t)
		checkExactlyOnce(t, data, url, round, len(k.forms))
		if !t.Failed() {
			t.Logf("%d kills, %d of them in starting; %d answers: %d acknowledged before a kill, %d sent again after one; none lost, none double",
				kills+k.early, k.early, len(k.forms), k.acknowledged, k.again)
		}
	})
}

// killing is the course of the test.
type killing struct {
	*process
	box   string // the answer file
	forms []phone.Final
	next  int   // forms before it were sent once
	open  []int // sent, but not acknowledged

	acknowledged, again, early int
}

// round sends a batch, kills the program at random meanwhile, and starts it
// again.
func (k *killing) round(t *testing.T, number int) {
	t.Helper()
	k.again += len(k.open)
	batch := k.open
	for range formsPerKill {
		batch = append(batch, k.next)
		k.next++
	}
	rand.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	after := int64(rand.IntN(len(batch)))
	var acknowledged atomic.Int64
	kill := sync.OnceFunc(k.kill)
	k.open = k.send(t, batch, func() {
		if acknowledged.Add(1) == after+1 {
			go func() {
				time.Sleep(rand.N(3 * time.Millisecond))
				kill()
			}()
		}
	})
	kill()
	k.acknowledged += len(batch) - len(k.open)
	k.count(t, k.acknowledged, k.next)
	if number%3 == 2 {
		k.early++
		k.startAndKill()
	}
	k.start()
}

// send sends the forms and gives those that were not acknowledged. The only
// excuse is that the program is gone.
func (k *killing) send(t *testing.T, batch []int, acknowledged func()) (open []int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	for range killClients {
		wg.Go(func() {
			for i := range next {
				err := k.forms[i].Send(t.Context())
				if err == nil {
					acknowledged()
					continue
				}
				if _, answered := errors.AsType[*phone.StatusError](err); answered || errors.Is(err, phone.ErrRefused) {
					t.Errorf("form %d: %v", i, err)
				}
				mu.Lock()
				open = append(open, i)
				mu.Unlock()
			}
		})
	}
	for _, i := range batch {
		next <- i
	}
	close(next)
	wg.Wait()
	return open
}

// count looks into the answer file while nobody writes it: what was
// acknowledged must be there, and nothing that was not sent.
func (k *killing) count(t *testing.T, least, most int) {
	t.Helper()
	b, err := ballot.Open(k.box)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if n := b.Len(); n < least || n > most {
		t.Fatalf("%d answers on the disk, %d were acknowledged and %d sent", n, least, most)
	}
}

// finish sends what is left, then some forms once more, as after a reload, and
// stops the program in peace.
func (k *killing) finish(t *testing.T) {
	t.Helper()
	k.again += len(k.open)
	if open := k.send(t, k.open, func() {}); len(open) > 0 {
		t.Fatalf("%d forms are not acknowledged by a program that nobody killed", len(open))
	}
	k.stop()
	k.count(t, len(k.forms), len(k.forms))
	k.start()
	if open := k.send(t, rand.Perm(len(k.forms))[:40], func() {}); len(open) > 0 {
		t.Errorf("%d forms are not acknowledged a second time", len(open))
	}
	k.stop()
}

// checkExactlyOnce closes the round and looks for the numbers below n in it.
func checkExactlyOnce(t *testing.T, data, url, round string, n int) {
	t.Helper()
	a, err := Open(t.Context(), Config{Data: data, Database: url, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if a.DB.Engine() == storage.SQLite {
		var verdict string
		if err := a.DB.Read().QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("integrity check: %q, %v", verdict, err)
		}
	}
	var used, pending int
	err = a.DB.Read().QueryRowContext(t.Context(), "SELECT COUNT(*) FILTER (WHERE state = 2), COUNT(pending) FROM code").Scan(&used, &pending)
	if err != nil || used != n || pending != 0 {
		t.Errorf("%d codes used and %d pending, want %d and none (%v)", used, pending, n, err)
	}
	if err := a.Survey.CloseRound(t.Context(), roundtest.Manager, round, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	checkNumbers(t, a, round, n)
}

// checkNumbers looks for the numbers below n in a closed round.
func checkNumbers(t *testing.T, a *App, round string, n int) {
	t.Helper()
	numbers := readNumbers(t, a, round)
	if len(numbers) != n {
		t.Errorf("%d answers, want %d", len(numbers), n)
	}
	count := map[int]int{}
	for _, number := range numbers {
		count[number]++
	}
	for number := range n {
		if count[number] != 1 {
			t.Errorf("answer %d is there %d times", number, count[number])
		}
	}
}

// closeAndRead closes the round and gives the numbers of its officials'
// answers.
func closeAndRead(t *testing.T, a *App, round string) (numbers []int) {
	t.Helper()
	if err := a.Survey.CloseRound(t.Context(), roundtest.Manager, round, roundtest.Passphrase); err != nil {
		t.Fatal(err)
	}
	return readNumbers(t, a, round)
}

// readNumbers gives the numbers of the officials' answers of a closed round.
func readNumbers(t *testing.T, a *App, round string) (numbers []int) {
	t.Helper()
	closed, err := a.Survey.Closed(t.Context(), roundtest.Manager, round)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range closed.Groups {
		if g.Kind != form.Official {
			continue
		}
		for _, r := range g.Responses {
			n, place := 0, 1
			for _, it := range g.Questionnaire.Items() {
				if it.Kind == form.Agreement && place < numbered {
					n += (int(r.Answers[it.ID].Code) - 1) * place
					place *= 5
				}
			}
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// numbered is how many answers numberer can tell apart.
const numbered = 5 * 5 * 5 * 5 * 5 * 5

// numberer chooses answers in which the number can be recognised: its base-5
// digits are the answers to the first agreement items.
func numberer(number int) phone.Chooser {
	return func(_ string, options []phone.Option) []string {
		if len(options) < 5 || options[0].Value != "1" {
			return nil
		}
		v := number % 5
		number /= 5
		return []string{options[v].Value}
	}
}

// openNow makes and opens a round that takes answers today, with so many link
// codes for officials.
func openNow(t *testing.T, data, url string, n int, change ...func(*Config)) (round string, codes []code.Code) {
	t.Helper()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if n > numbered {
		t.Fatalf("%d answers cannot be told apart", n)
	}
	config := Config{Data: data, Database: url, Clock: clock.System(), Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&config)
	}
	a, err := Open(t.Context(), config)
	fatal(err)
	defer func() { fatal(a.Close()) }()
	day := func(days int) survey.Day {
		return survey.Day(time.Now().UTC().AddDate(0, 0, days).Format("2006-01-02"))
	}
	basics := roundtest.Basics()
	basics.Opens, basics.Closes, basics.Populations = day(-2), day(30), []form.Population{form.Official}
	r, err := a.Survey.CreateRound(t.Context(), roundtest.Manager, basics)
	fatal(err)
	frame := survey.Frame{Dimensions: []string{"region"}, Cells: []survey.Cell{{Values: []string{"All"}, People: 2*n + 100}}}
	fatal(a.Survey.SaveFrame(t.Context(), roundtest.Manager, r.ID, form.Official, frame))
	batches, err := a.Survey.MakeCodes(t.Context(), roundtest.Manager, r.ID, form.Official, code.ByLink, map[int]int{1: n})
	fatal(err)
	fatal(a.Survey.OpenRound(t.Context(), roundtest.Manager, r.ID, roundtest.Passphrase))
	return r.ID, batches[0].Codes
}

// walkAll fills in a questionnaire for each code up to the last button. The
// answers of each carry its place in the list.
func walkAll(t *testing.T, base, round string, codes []code.Code) []phone.Final {
	t.Helper()
	p := phone.New(phone.NewClient(killClients), base)
	p.Plain = true
	forms := make([]phone.Final, len(codes))
	next := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range next {
				var err error
				if forms[i], err = walk(t.Context(), p, "en", round, codes[i], i); err != nil {
					t.Errorf("form %d: %v", i, err)
				}
			}
		})
	}
	for i := range codes {
		next <- i
	}
	close(next)
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return forms
}

// walk fills in one questionnaire up to the last button.
func walk(ctx context.Context, p *phone.Phone, lang, round string, c code.Code, number int) (phone.Final, error) {
	v, err := p.Open(ctx, lang, round)
	if err != nil {
		return phone.Final{}, err
	}
	if err := v.Enter(ctx, c.String()); err != nil {
		return phone.Final{}, err
	}
	if err := v.WalkToSummary(ctx, numberer(number)); err != nil {
		return phone.Final{}, err
	}
	return v.Final()
}
